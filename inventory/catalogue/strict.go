package catalogue

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// file is one file while it is checked.
type file struct {
	name    string
	builder *builder
	lines   lines
	off     bool // do not check
}

// bad reports a key at its line: what is wrong; what to do.
func (f *file) bad(path keyPath, wrong, do string) {
	key := path.String()
	if key == "" {
		key = "file"
	}
	f.builder.fail(fmt.Errorf("%s:%d: %s: %s; %s", f.name, f.lines.of(path), key, wrong, do))
}

// keys reports each key that v has no field for, and each value of the wrong type. It returns how many there were.
func (f *file) keys(v any) int {
	root := reflect.TypeOf(v).Elem()
	bad := 0
	var skip string
	for _, p := range f.lines.list {
		id := p.path.id()
		if skip != "" && (id == skip || strings.HasPrefix(id, skip+"\x1f")) {
			continue
		}
		t, known := typeAt(root, p.path)
		switch {
		case t == nil:
			f.bad(p.path, "unknown key", advise(p.path[len(p.path)-1], known))
		case !fits(p.kind, t):
			f.bad(p.path, "the value is "+said(p.kind), "write "+wanted(t))
		default:
			continue
		}
		bad++
		skip = id
	}
	return bad
}

// badType explains why a file that is TOML could not be decoded.
func (f *file) badType(data []byte, v any, err error) {
	f.off = false
	f.lines = positions(data)
	if f.keys(v) == 0 {
		f.bad(nil, strings.TrimPrefix(err.Error(), "toml: "), "give the key the type that the entry's own documentation names")
	}
}

// typeAt follows a path through a struct type. It returns nil and the known keys where the path leaves it.
func typeAt(t reflect.Type, path keyPath) (reflect.Type, []string) {
	for _, e := range path {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case strings.HasPrefix(e, "#") && t.Kind() == reflect.Slice:
			t = t.Elem()
		case t.Kind() == reflect.Map:
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			f, known := field(t, e)
			if f == nil {
				return nil, known
			}
			t = f
		default:
			return nil, nil
		}
	}
	return t, nil
}

func field(t reflect.Type, key string) (reflect.Type, []string) {
	known := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("toml")
		if tag == key {
			return t.Field(i).Type, nil
		}
		known = append(known, tag)
	}
	return nil, known
}

// fits reports whether a value of that kind can be decoded into the type.
func fits(k unstable.Kind, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return k == unstable.String
	case reflect.Bool:
		return k == unstable.Bool
	case reflect.Int:
		return k == unstable.Integer
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return k == unstable.ArrayTable || k == unstable.Array
		}
		return k == unstable.Array
	case reflect.Struct, reflect.Map:
		return k == unstable.Table || k == unstable.InlineTable
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

func wanted(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "a [[table]] for each"
		}
		return `a list of strings: ["..."]`
	}
	return "a table"
}

// advise says what to do about a word that is not known.
func advise(word string, known []string) string {
	if len(known) == 0 {
		return "take it out"
	}
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q? Known here: %s", near, strings.Join(known, " "))
	}
	return "take it out, or use one of: " + strings.Join(known, " ")
}

// nearest returns the known word that differs least, if it differs little.
func nearest(word string, known []string) string {
	best, at := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if d := distance(word, k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with a neighbour.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// oneOf reports a value that is not in the list.
func (f *file) oneOf(path keyPath, value string, known []string) {
	if value != "" && !slices.Contains(known, value) {
		f.bad(path, fmt.Sprintf("%q is not known", value), advise(value, known))
	}
}
