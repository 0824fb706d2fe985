// Package sourcetest runs the suite of what every source must keep as a test, and fails a source's service in every way.
//
// It is not: a test of what a source finds. That is the source's own.
package sourcetest

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/sourcetest/suite"
)

// Case is one surrounding in which a source must keep the rules.
type Case struct {
	Name    string
	Env     sources.Env
	Table   string            // the source's table as TOML; "" for the defaults
	Planted []string          // secret values that stand where the source reads; each must be found, and none may come out
	Who     []inventory.Owner // whom a directory is asked about
}

// asked is a directory that is asked about people.
type asked struct {
	sources.Directory
	who []inventory.Owner
}

func (a asked) Collect(ctx context.Context, sink inventory.Sink) error {
	return a.Resolve(ctx, a.who, sink)
}

// about makes of a directory a source that asks about people. Others stay as they are.
func about(s sources.Source, who []inventory.Owner) sources.Source {
	if d, ok := s.(sources.Directory); ok {
		return asked{d, who}
	}
	return s
}

// Run checks a source in each surrounding.
func Run(t *testing.T, f sources.Factory, cases ...Case) {
	t.Helper()
	t.Run("sample", func(t *testing.T) { sample(t, f) })
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			s := suite.Case{New: func() (sources.Source, error) { return make1(f, c) }, Kind: f.Kind, Planted: c.Planted}
			suite.Run(t.Context(), s, func(check string, faults []string) {
				for _, text := range faults {
					t.Errorf("%s: %s", check, text)
				}
			})
		})
	}
}

func make1(f sources.Factory, c Case) (sources.Source, error) {
	if c.Env.Now == nil {
		c.Env.Now = func() time.Time { return suite.At }
	}
	var table struct{ T toml.Primitive }
	md, err := toml.Decode("[T]\n"+c.Table, &table)
	if err != nil {
		return nil, err
	}
	s, err := f.New(&md, &table.T, c.Env)
	if err != nil {
		return nil, err
	}
	return about(s, c.Who), nil
}

// sample checks that what the configuration shows, with its comment signs taken off, is a table of the source.
func sample(t *testing.T, f sources.Factory) {
	if f.Kind == "" || strings.TrimSpace(f.Sample) == "" {
		t.Fatal("a factory needs a kind and a sample")
	}
	var b strings.Builder
	for line := range strings.Lines(f.Sample) {
		if !strings.HasPrefix(line, "##") {
			b.WriteString(strings.TrimPrefix(line, "# "))
		}
	}
	md, err := toml.Decode(b.String(), f.Options())
	if err != nil {
		t.Fatalf("the sample is not a table of %s: %v", f.Kind, err)
	}
	if left := md.Undecoded(); len(left) > 0 {
		t.Errorf("the sample shows what is no option: %v", left)
	}
	for _, key := range keysOf(reflect.TypeOf(f.Options())) {
		if !md.IsDefined(key) {
			t.Errorf("the sample does not show the option %s", key)
		}
	}
}

// keysOf are the keys of an option struct, or of the one that a pointer leads to.
func keysOf(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			out = append(out, keysOf(f.Type)...)
		} else if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}
