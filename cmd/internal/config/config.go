package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"nhitop/inventory/charter"
	"nhitop/inventory/customrule"
	"nhitop/inventory/posture"
	"nhitop/inventory/strict"
	"nhitop/sources"
)

const maxSize = 1 << 20 // bytes of a configuration; far above any real one

// Config is a configuration that was read and checked.
type Config struct {
	File     string // "" if there is none
	Profile  string
	ReadOnly bool
	Policy   Policy
	Revoke   Revoke
	Audit    Audit
	Owner    Ownership
	Screen   Screen
	Charters charter.Set
	Sources  []Source

	places map[string]toml.Primitive // of the tables [places.NAME]

	md   toml.MetaData
	text []byte
}

// Source is one table of a source.
type Source struct {
	Factory sources.Factory
	Table   *toml.Primitive // nil: the defaults
	Revoke  bool            // what its key revoke says, or its default
	path    strict.Path
}

// Revoke is the table [revoke].
type Revoke struct {
	Protected    []string `toml:"protected"`
	MaxSteps     int      `toml:"max_steps"`
	ArmMinutes   int      `toml:"arm_minutes"`
	SecondPerson []string `toml:"second_person"`
}

// file is the whole configuration as it is decoded.
type file struct {
	Profile  string                    `toml:"profile"`
	ReadOnly bool                      `toml:"read_only"`
	Policy   Policy                    `toml:"policy"`
	Revoke   Revoke                    `toml:"revoke"`
	Audit    Audit                     `toml:"audit"`
	Owner    Ownership                 `toml:"ownership"`
	Screen   Screen                    `toml:"screen"`
	Charter  []charter.Table           `toml:"charter"`
	Resource []Resource                `toml:"resource"`
	Rule     []customrule.Table        `toml:"rule"`
	Places   map[string]toml.Primitive `toml:"places"`
	Sources  map[string]toml.Primitive `toml:"sources"`
}

// Load reads a configuration. path "" gives the defaults. Without a table of its own, a source that is on by default runs
// on its defaults.
func Load(path string, factories []sources.Factory) (*Config, error) {
	if path == "" {
		return parse("", nil, factories)
	}
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	return parse(path, data, factories)
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: the configuration cannot be read: %w", path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: the configuration cannot be read: %w", path, err)
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("%s: larger than %d KiB; is this the configuration?", path, maxSize>>10)
	}
	return data, nil
}

func parse(name string, data []byte, factories []sources.Factory) (*Config, error) {
	if err := strict.Syntax(name, data); err != nil {
		return nil, err
	}
	if errs := strict.Check(name, data, shape(data, factories)); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	f := file{Policy: defaultPolicy()}
	md, err := toml.Decode(string(data), &f)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read as a configuration", name) // Check has passed: no more is known of it
	}
	c := &Config{File: name, Profile: f.Profile, ReadOnly: f.ReadOnly, Policy: f.Policy, Revoke: f.Revoke, Audit: f.Audit, Owner: f.Owner, Screen: f.Screen, md: md, text: data}
	lines := strict.Positions(data)
	errs := c.rules(f.Rule, lines)
	errs = append(errs, c.Policy.check(name, lines)...)
	errs = append(errs, f.Revoke.check(name, lines)...)
	errs = append(errs, f.Audit.check(name, lines)...)
	errs = append(errs, f.Owner.check(name, lines)...)
	errs = append(errs, f.Screen.check(name, lines)...)
	errs = append(errs, c.charters(f.Charter, lines)...)
	errs = append(errs, c.resources(f.Resource, lines)...)
	errs = append(errs, c.checkPlaces(f.Places, lines)...)
	errs = append(errs, c.tables(f.Sources, factories)...)
	return c, errors.Join(errs...)
}

func (r Revoke) check(name string, lines strict.Lines) []error {
	var errs []error
	if r.MaxSteps < 0 {
		errs = append(errs, lines.Error(name, strict.Path{"revoke", "max_steps"}, "must be 1 or more"))
	}
	if r.ArmMinutes < 0 || r.ArmMinutes > 60 {
		errs = append(errs, lines.Error(name, strict.Path{"revoke", "arm_minutes"}, "must be from 1 to 60"))
	}
	for _, w := range r.SecondPerson {
		if !slices.Contains(posture.SecondPersons(), w) {
			errs = append(errs, lines.Error(name, strict.Path{"revoke", "second_person"}, "must be a list of: "+strings.Join(posture.SecondPersons(), ", ")))
		}
	}
	if slices.Contains(r.Protected, "") {
		errs = append(errs, lines.Error(name, strict.Path{"revoke", "protected"}, "an empty name protects nothing; take it out"))
	}
	return errs
}

// tables makes the list of sources: those of the file in the order of the factories, and those that run by default.
func (c *Config) tables(tables map[string]toml.Primitive, factories []sources.Factory) []error {
	var errs []error
	for _, f := range factories {
		table, named := tables[f.Kind]
		switch {
		case !named && f.Default:
			errs = append(errs, c.add(Source{Factory: f}))
		case !named:
		case c.md.Type("sources", f.Kind) == "Hash":
			errs = append(errs, c.add(Source{Factory: f, Table: &table, path: strict.Path{"sources", f.Kind}}))
		default:
			var many []toml.Primitive
			if err := c.md.PrimitiveDecode(table, &many); err != nil {
				errs = append(errs, c.wrong(strict.Path{"sources", f.Kind}, "must be a table"))
				continue
			}
			for i := range many {
				errs = append(errs, c.add(Source{Factory: f, Table: &many[i], path: strict.Path{"sources", f.Kind, fmt.Sprintf("#%d", i)}}))
			}
		}
	}
	return errs
}

// add reads what the program itself must know of a source's table: revoke.
func (c *Config) add(s Source) error {
	options := reflect.ValueOf(s.Factory.Options())
	if s.Table != nil {
		if err := c.md.PrimitiveDecode(*s.Table, options.Interface()); err != nil {
			return c.wrong(s.path, "cannot be read")
		}
	}
	o := options.Elem()
	if o.Kind() == reflect.Struct {
		for i := range o.NumField() {
			if o.Type().Field(i).Tag.Get("toml") == "revoke" && o.Field(i).Kind() == reflect.Bool {
				s.Revoke = o.Field(i).Bool()
			}
		}
	}
	c.Sources = append(c.Sources, s)
	return nil
}

func (c *Config) wrong(path strict.Path, text string) error {
	if c.File == "" {
		return fmt.Errorf("%s: %s", path, text)
	}
	return strict.Positions(c.text).Error(c.File, path, text)
}

// Build makes a source of its table. The error names the file and the line of the table or, where the source's error
// begins with one of its keys, of the key.
func (c *Config) Build(s Source, env sources.Env) (sources.Source, error) {
	src, err := s.Factory.New(&c.md, s.Table, env)
	if err == nil {
		return src, nil
	}
	return nil, c.Wrong(s, "", err.Error())
}

// Wrong is an error about a source's table, or about a key of it. Where no key is given, a text that begins with one is
// about that.
func (c *Config) Wrong(s Source, key, text string) error {
	if s.path == nil {
		return fmt.Errorf("source %s: %s", s.Factory.Kind, text)
	}
	if key != "" {
		text = key + ": " + text
	}
	return c.wrongAt(s.path, text)
}

// wrongAt is an error about a table, or about the key of it that the text begins with.
func (c *Config) wrongAt(table strict.Path, text string) error {
	lines := strict.Positions(c.text)
	key, rest, _ := strings.Cut(text, ":")
	if at := table.With(strings.Split(key, ".")...); lines.Has(at) {
		return lines.Error(c.File, at, strings.TrimSpace(rest))
	}
	return lines.Error(c.File, table, text)
}

// shape is the type of the whole file: that of file, with each source's own options below sources.
func shape(data []byte, factories []sources.Factory) reflect.Type {
	var present struct {
		Sources map[string]any `toml:"sources"`
		Places  map[string]any `toml:"places"`
	}
	_, _ = toml.Decode(string(data), &present) // a wrong type is told by the check
	var kinds []reflect.StructField
	for i, f := range factories {
		t := reflect.TypeOf(f.Options()).Elem()
		if _, table := present.Sources[f.Kind].(map[string]any); !table && present.Sources[f.Kind] != nil {
			t = reflect.SliceOf(t)
		}
		kinds = append(kinds, reflect.StructField{Name: fmt.Sprintf("S%d", i), Type: t, Tag: reflect.StructTag(`toml:"` + f.Kind + `"`)})
	}
	own := reflect.TypeFor[file]()
	fields := make([]reflect.StructField, 0, own.NumField())
	for i := range own.NumField() {
		f := own.Field(i)
		switch f.Name {
		case "Sources":
			f.Type = reflect.StructOf(kinds)
		case "Places":
			f.Type = placesShape(present.Places)
		}
		fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
	}
	return reflect.StructOf(fields)
}
