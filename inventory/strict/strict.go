package strict

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Check returns what is wrong with the text of a TOML file that is to be decoded into values of type t, as one error for
// each thing, or nothing. name is what the file is called in the errors.
func Check(name string, data []byte, t reflect.Type) []error {
	if err := Syntax(name, data); err != nil {
		return []error{err}
	}
	lines := Positions(data)
	var errs []error
	skip := ""
	for _, p := range lines.list {
		id := p.path.id()
		if skip != "" && (id == skip || strings.HasPrefix(id, skip+"\x1f")) {
			continue
		}
		at, known := typeAt(t, p.path)
		switch {
		case at == nil:
			errs = append(errs, lines.Error(name, p.path, "unknown key; "+Advise(p.path[len(p.path)-1], known)))
		case !fits(p.kind, at):
			errs = append(errs, lines.Error(name, p.path, "the value is "+said(p.kind)+"; "+advice(at, p.path)))
		default:
			continue
		}
		skip = id
	}
	return errs
}

// Error is an error about a key: file, line, key, what is wrong and what to do.
func (l Lines) Error(name string, path Path, text string) error {
	return fmt.Errorf("%s:%d: %s: %s", name, l.Of(path), path, text)
}

var quoted = regexp.MustCompile("'[^']*'|\"[^\"]*\"|`[^`]*`")

// Syntax returns what keeps a file from being TOML, without what stands there.
func Syntax(name string, data []byte) error {
	var any map[string]any
	_, err := toml.Decode(string(data), &any)
	var pe toml.ParseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe):
		key := Path{pe.LastKey}.String()
		if pe.LastKey == "" {
			key = "file"
		}
		return fmt.Errorf("%s:%d: %s: not TOML: %s", name, pe.Position.Line, key, quoted.ReplaceAllString(pe.Message, "…"))
	}
	return fmt.Errorf("%s: not TOML", name)
}

// typeAt follows a path through a type. It returns nil and the known keys where the path leaves it.
func typeAt(t reflect.Type, path Path) (reflect.Type, []string) {
	for _, e := range path {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case strings.HasPrefix(e, "#") && t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			f, known := field(t, e)
			if f == nil {
				return nil, known
			}
			t = f
		case t.Kind() == reflect.Interface:
			return t, nil
		default:
			return nil, nil
		}
	}
	return t, nil
}

func field(t reflect.Type, key string) (reflect.Type, []string) {
	known := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ",")
		if tag == key {
			return t.Field(i).Type, nil
		}
		if tag != "" && tag != "-" {
			known = append(known, tag)
		}
	}
	return nil, known
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// fits reports whether a value of that kind can be decoded into the type.
func fits(k unstable.Kind, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textType) {
		return k == unstable.String
	}
	switch t.Kind() {
	case reflect.String:
		return k == unstable.String
	case reflect.Bool:
		return k == unstable.Bool
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint, reflect.Uint64, reflect.Uint32:
		return k == unstable.Integer
	case reflect.Float64, reflect.Float32:
		return k == unstable.Integer || k == unstable.Float
	case reflect.Slice:
		if e := t.Elem(); e.Kind() == reflect.Struct || e.Kind() == reflect.Map {
			return k == unstable.ArrayTable || k == unstable.Array
		}
		return k == unstable.Array
	case reflect.Struct, reflect.Map:
		return k == unstable.Table || k == unstable.InlineTable
	case reflect.Interface:
		return true
	}
	return false
}

func said(k unstable.Kind) string {
	switch k {
	case unstable.String:
		return "a string"
	case unstable.Bool:
		return "true or false"
	case unstable.Integer, unstable.Float:
		return "a number"
	case unstable.Array:
		return "a list"
	case unstable.ArrayTable:
		return "a list of tables"
	case unstable.Table, unstable.InlineTable:
		return "a table"
	}
	return "a date or time"
}

// Wanter is a type that says itself how a value of it is written, to whoever wrote something else. key is the key's name.
type Wanter interface{ WantTOML(key string) string }

func advice(t reflect.Type, path Path) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if w, ok := reflect.Zero(t).Interface().(Wanter); ok {
		return w.WantTOML(path[len(path)-1:].String())
	}
	return "write " + wanted(t)
}

func wanted(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint, reflect.Uint64, reflect.Uint32:
		return "a whole number"
	case reflect.Float64, reflect.Float32:
		return "a number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "a [[table]] for each"
		}
		return `a list of strings: ["..."]`
	}
	return "a table"
}
