package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory/strict"
)

// Fault is what is wrong with one field of a record.
type Fault struct {
	Line  int    // 1-based, in the file
	Field string // "locations[2].scope"; "" for the record as a whole
	Text  string // what is wrong and what to do; without the value
	// Extra marks a field that is not known. The record holds without it: it may be of a newer version.
	Extra bool
}

// String is the fault as one line.
func (f Fault) String() string {
	if f.Field == "" {
		return fmt.Sprintf("line %d: %s", f.Line, f.Text)
	}
	return fmt.Sprintf("line %d: %s: %s", f.Line, f.Field, f.Text)
}

// Refused reports whether a record with these faults cannot be taken.
func Refused(faults []Fault) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return !f.Extra })
}

const (
	maxDepth  = 32 // of values inside values
	maxFaults = 20 // told of one record
)

// Decode reads one JSON object into the struct that into points to. line is the one on which the object begins. Names
// are told apart by case; a field that is given twice is a fault. Fields named in ignore are passed over.
func Decode(data []byte, line int, into any, ignore ...string) []Fault {
	v := reflect.ValueOf(into).Elem()
	d := &decoder{data: data, line: max(line, 1), ignore: ignore}
	d.dec = json.NewDecoder(bytes.NewReader(data))
	d.dec.UseNumber()
	d.value(v, v.Type(), nil, 0)
	if !d.broken {
		if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
			d.fault(nil, "something stands after the end of the object")
		}
	}
	return d.faults
}

type decoder struct {
	data   []byte
	dec    *json.Decoder
	line   int // at offset at
	at     int
	faults []Fault
	broken bool // not JSON from here on
	ignore []string
}

func (d *decoder) fault(path []string, text string) { d.add(Fault{Field: join(path), Text: text}) }

func (d *decoder) add(f Fault) {
	if len(d.faults) >= maxFaults {
		return
	}
	to := min(int(d.dec.InputOffset()), len(d.data))
	if to > d.at {
		d.line += bytes.Count(d.data[d.at:to], []byte{'\n'})
		d.at = to
	}
	f.Line = d.line
	d.faults = append(d.faults, f)
}

func join(path []string) string {
	var b strings.Builder
	for _, p := range path {
		if b.Len() > 0 && !strings.HasPrefix(p, "[") {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}

func with(path []string, e string) []string { return append(path[:len(path):len(path)], e) }

// next returns the next token; ok is false where there is none.
func (d *decoder) next(path []string) (json.Token, bool) {
	if d.broken {
		return nil, false
	}
	t, err := d.dec.Token()
	if err != nil {
		d.broken = true
		d.fault(path, "not JSON: "+syntax(err))
		return nil, false
	}
	return t, true
}

// syntax says in few words what is wrong with a text, without quoting it.
func syntax(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return "a sign that cannot stand there"
}

// value reads one value into v, which is invalid where it is only passed over; t is nil then.
func (d *decoder) value(v reflect.Value, t reflect.Type, path []string, depth int) {
	if depth > maxDepth {
		d.fault(path, "nested too deep")
		d.broken = true
		return
	}
	tok, ok := d.next(path)
	if !ok {
		return
	}
	if t != nil && t.Kind() == reflect.Pointer && tok != nil {
		v.Set(reflect.New(t.Elem()))
		v, t = v.Elem(), t.Elem()
	}
	if delim, ok := tok.(json.Delim); ok {
		d.inside(delim, v, t, path, depth)
		return
	}
	if t != nil && tok != nil {
		if text := set(v, t, tok); text != "" {
			d.fault(path, text)
		}
	}
}

// inside reads an object or a list whose first sign was read.
func (d *decoder) inside(delim json.Delim, v reflect.Value, t reflect.Type, path []string, depth int) {
	var into func(int, string)
	switch {
	case t == nil:
	case delim == '{' && t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]():
		d.object(v, t, path, depth)
		return
	case delim == '{' && t.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(t))
		into = func(_ int, key string) { d.member(v, t, key, path, depth) }
	case delim == '[' && t.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(t, 0, 0))
		into = func(i int, _ string) {
			e := reflect.New(t.Elem()).Elem()
			d.value(e, t.Elem(), with(path, "["+strconv.Itoa(i)+"]"), depth+1)
			v.Set(reflect.Append(v, e))
		}
	default:
		d.fault(path, "is "+map[json.Delim]string{'{': "an object", '[': "a list"}[delim]+"; give "+wants(t))
	}
	if into == nil {
		into = func(int, string) { d.value(reflect.Value{}, nil, path, depth+1) }
	}
	for i := 0; !d.broken && d.dec.More(); i++ {
		key := ""
		if delim == '{' {
			tok, ok := d.next(path)
			if !ok {
				return
			}
			key, _ = tok.(string)
		}
		into(i, key)
	}
	d.next(path)
}

// member reads one value of a map.
func (d *decoder) member(v reflect.Value, t reflect.Type, key string, path []string, depth int) {
	at := with(path, shown(key))
	e := reflect.New(t.Elem()).Elem()
	before := len(d.faults)
	d.value(e, t.Elem(), at, depth+1)
	if w, ok := mapWords[t]; ok {
		if !slices.Contains(w[0], key) {
			d.fault(at, "unknown name; "+strict.Advise(shown(key), w[0]))
		} else if e.Kind() == reflect.String && !slices.Contains(w[1], e.String()) && len(d.faults) == before {
			d.fault(at, "give one of: "+strings.Join(w[1], " "))
		}
	}
	v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), e)
}

// object reads the members of a record.
func (d *decoder) object(v reflect.Value, t reflect.Type, path []string, depth int) {
	known := fields(t)
	seen := map[string]bool{}
	r := rules[t]
	for !d.broken && d.dec.More() {
		tok, ok := d.next(path)
		if !ok {
			return
		}
		key, _ := tok.(string)
		i := slices.IndexFunc(known, func(f field) bool { return f.name == key })
		if i < 0 {
			if depth > 0 || !slices.Contains(d.ignore, key) {
				d.add(Fault{Field: join(with(path, shown(key))), Text: "unknown field; " + strict.Advise(shown(key), names(known)), Extra: true})
			}
			d.value(reflect.Value{}, nil, path, depth+1)
			continue
		}
		at := with(path, key)
		if seen[key] {
			d.fault(at, "is given twice")
		}
		seen[key] = true
		before := len(d.faults)
		f := v.FieldByIndex(known[i].index)
		d.value(f, known[i].typ, at, depth+1)
		if w := r.words[key]; w != nil && len(d.faults) == before && f.Kind() == reflect.String && f.String() != "" && !slices.Contains(w, f.String()) {
			d.fault(at, "unknown word; "+strict.Advise(shown(f.String()), w))
		}
	}
	if _, ok := d.next(path); !ok {
		return
	}
	for _, name := range r.required {
		i := slices.IndexFunc(known, func(f field) bool { return f.name == name })
		if v.FieldByIndex(known[i].index).IsZero() {
			d.fault(with(path, name), "is missing, and the record is no use without it")
		}
	}
}

func names(fs []field) []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.name
	}
	return out
}

// shown is a name from outside as it may stand in a message. Only what could be a name of ours is told: the rest may be
// anything.
func shown(key string) string {
	for _, r := range key {
		if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return "…"
		}
	}
	const most = 24 // longer than every name of ours, shorter than most tokens
	if len(key) > most {
		return "…"
	}
	return key
}

func wants(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "a time as RFC 3339 writes it: 2026-11-27T12:00:00Z"
	case t.Kind() == reflect.Slice:
		return "a list of " + strings.TrimPrefix(strings.TrimPrefix(wants(t.Elem()), "a "), "an ")
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	}
	return "a text"
}

// set puts a text, a number or a truth into v; it returns what is wrong, or "".
func set(v reflect.Value, t reflect.Type, tok json.Token) string {
	switch x := tok.(type) {
	case string:
		if t == reflect.TypeFor[time.Time]() {
			at, err := time.Parse(time.RFC3339, x)
			if err != nil {
				return "is no time; give " + wants(t)
			}
			v.Set(reflect.ValueOf(at.UTC()))
			return ""
		}
		if t.Kind() == reflect.String {
			v.SetString(x)
			return ""
		}
	case bool:
		if t.Kind() == reflect.Bool {
			v.SetBool(x)
			return ""
		}
	case json.Number:
		switch t.Kind() {
		case reflect.Int, reflect.Int64:
			if n, err := x.Int64(); err == nil && !v.OverflowInt(n) {
				v.SetInt(n)
				return ""
			}
			return "is no whole number"
		case reflect.Float64:
			if n, err := x.Float64(); err == nil {
				v.SetFloat(n)
				return ""
			}
		}
	}
	return "is of the wrong type; give " + wants(t)
}
