package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"nhitop/inventory/revoke"
	"nhitop/inventory/strict"
	"nhitop/sources"
	"nhitop/sources/managers"
)

// kindOf finds the kind that a table [places.NAME] says.
func kindOf(table any) (managers.Kind, bool) {
	t, _ := table.(map[string]any)
	name, _ := t["kind"].(string)
	i := slices.IndexFunc(managers.Kinds(), func(k managers.Kind) bool { return k.Name == name })
	if i < 0 {
		return managers.Kind{}, false
	}
	return managers.Kinds()[i], true
}

// placesShape is the type of the table [places]: each with the options of its kind. One whose kind is not known takes every key;
// it is told by [Config.checkPlaces].
func placesShape(present map[string]any) reflect.Type {
	var fields []reflect.StructField
	for _, name := range slices.Sorted(maps.Keys(present)) {
		table, t := present[name], reflect.TypeFor[map[string]any]()
		if k, ok := kindOf(table); ok {
			t = reflect.TypeOf(k.Options()).Elem()
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("P%d", len(fields)), Type: t, Tag: reflect.StructTag("toml:" + strconv.Quote(name))})
	}
	return reflect.StructOf(fields)
}

var placeName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// checkPlaces checks what the options of a kind do not say: the name and the kind.
func (c *Config) checkPlaces(tables map[string]toml.Primitive, lines strict.Lines) []error {
	var errs []error
	var kinds []string
	for _, k := range managers.Kinds() {
		kinds = append(kinds, k.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		var table map[string]any
		at := strict.Path{"places", name}
		switch err := c.md.PrimitiveDecode(tables[name], &table); {
		case err != nil:
			errs = append(errs, lines.Error(c.File, at, "cannot be read"))
		case !placeName.MatchString(name):
			errs = append(errs, lines.Error(c.File, at, "a name of letters, digits, - _ and ., at most 40"))
		default:
			if _, ok := kindOf(table); !ok {
				errs = append(errs, lines.Error(c.File, at.With("kind"), "must be one of: "+strings.Join(kinds, ", ")))
			}
		}
	}
	c.places = tables
	return errs
}

// BuildPlaces makes every place of the tables [places.NAME]. Nothing is sent. An error names the file, the line and the key.
func (c *Config) BuildPlaces(env sources.Env) (map[string]revoke.Manager, error) {
	out := map[string]revoke.Manager{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(c.places)) {
		var table map[string]any
		p := c.places[name]
		if err := c.md.PrimitiveDecode(p, &table); err != nil {
			errs = append(errs, c.wrong(strict.Path{"places", name}, "cannot be read"))
			continue
		}
		k, _ := kindOf(table) // checked when the file was read
		m, err := k.New(&c.md, p, env)
		if err != nil {
			errs = append(errs, c.wrongAt(strict.Path{"places", name}, err.Error()))
			continue
		}
		out[name] = m
	}
	return out, errors.Join(errs...)
}
