package strict

import (
	"reflect"
	"strings"
	"testing"
)

type inner struct {
	Name string            `toml:"name"`
	Size int64             `toml:"size"`
	Rate float64           `toml:"rate"`
	On   bool              `toml:"on"`
	List []string          `toml:"list"`
	Map  map[string]string `toml:"map"`
	Any  any               `toml:"any"`
}

type outer struct {
	One  inner   `toml:"one"`
	Many []inner `toml:"many"`
	Skip string
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"good":              {"[one]\nname='x'\nsize=1\nrate=1.5\non=true\nlist=['a']\n[one.map]\nk='v'\n[[many]]\nname='y'\n[[many]]\nany=3\n", ""},
		"number for a rate": {"one.rate = 2", ""},
		"empty":             {"", ""},
		"unknown key":       {"[one]\nname = 'x'\nsiez = 3", `f.toml:3: one.siez: unknown key; did you mean "size"? Known here: name size rate on list map any`},
		"unknown table":     {"\n[two]\nx = 1\ny = 2", "f.toml:2: two: unknown key; take it out, or use one of: one many"},
		"in the second":     {"[[many]]\nname='a'\n[[many]]\nnaem='b'", `f.toml:4: many[2].naem: unknown key; did you mean "name"? Known here: name size rate on list map any`},
		"inline":            {"one = { name = 'x', no = 1 }", `f.toml:1: one.no: unknown key; did you mean "on"? Known here: name size rate on list map any`},
		"string for number": {"[one]\nsize = 'big'", "f.toml:2: one.size: the value is a string; write a whole number"},
		"number for string": {"[one]\nname = 3", "f.toml:2: one.name: the value is a number; write a string in quotes"},
		"string for list":   {"[one]\nlist = 'a'", `f.toml:2: one.list: the value is a string; write a list of strings: ["..."]`},
		"table for list":    {"[many]\nname = 'a'", "f.toml:1: many: the value is a table; write a [[table]] for each"},
		"list for table":    {"[[one]]\nname = 'a'", "f.toml:1: one: the value is a list of tables; write a table"},
		"value for table":   {"one = 1", "f.toml:1: one: the value is a number; write a table"},
		"date":              {"[one]\nname = 2026-11-23", "f.toml:2: one.name: the value is a date or time; write a string in quotes"},
		"key of a map":      {"[one.map]\nk = 1", "f.toml:2: one.map.k: the value is a number; write a string in quotes"},
		"member of a list":  {"[one]\nlist = ['a', 1]", "f.toml:2: one.list[2]: the value is a number; write a string in quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, err := range Check("f.toml", []byte(c.text), reflect.TypeFor[outer]()) {
				got = append(got, err.Error())
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("\n got %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestNoValueIsQuoted(t *testing.T) {
	secret := "ghp_" + "FAKEabcdefghij"
	for _, text := range []string{"token = " + secret, "token = '" + secret, "[one]\nsize = '" + secret + "'", "one = '" + secret + "'", "x = \"" + secret + "\"\nx = 1", "'" + secret} {
		for _, err := range Check("f.toml", []byte(text), reflect.TypeFor[outer]()) {
			if strings.Contains(err.Error(), secret[4:9]) {
				t.Errorf("%q shows the value: %v", text, err)
			}
		}
		if len(Check("f.toml", []byte(text), reflect.TypeFor[outer]())) == 0 {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestSyntaxNamesTheLine(t *testing.T) {
	err := Syntax("f.toml", []byte("a = 1\nb = = 2\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "f.toml:2: ") {
		t.Errorf("%v", err)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "a=1", "[one]\nname='x'", "[[many]]\n[[many]]\n[many.map]\na='b'", "one.map.a.b = 1", "[[one]]\n[one]", "\"\" = 1", "[a.b]\n[[a.b.c]]", "x = [[1],[2,{a=1}]]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, err := range Check("f", []byte(s), reflect.TypeFor[outer]()) {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("no file in %q", err)
			}
		}
	})
}
