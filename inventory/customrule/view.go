package customrule

import (
	"cmp"
	"reflect"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
)

// Time is a point in time in an expression. It has no operators: comparing an unknown one would say something of it.
type Time struct{ at time.Time }

// view is how a type of the inventory is seen in an expression: fields by their names in JSON, plain texts for named ones,
// values for pointers.
type view struct {
	typ  reflect.Type
	from reflect.Type
	fill func(to, from reflect.Value, names map[string]bool)
}

var views sync.Map // reflect.Type -> *view

var (
	timeType    = reflect.TypeFor[time.Time]()
	ownTimeType = reflect.TypeFor[Time]()
	answersType = reflect.TypeFor[map[inventory.Capability]inventory.Answer]()
)

func viewOf(t reflect.Type) *view {
	if v, ok := views.Load(t); ok {
		return v.(*view)
	}
	v := newView(t)
	v.from = t
	got, _ := views.LoadOrStore(t, v)
	return got.(*view)
}

func newView(t reflect.Type) *view {
	switch {
	case t == timeType:
		return &view{typ: ownTimeType, fill: func(to, from reflect.Value, _ map[string]bool) {
			if at, ok := from.Interface().(time.Time); ok {
				to.Set(reflect.ValueOf(Time{at}))
			}
		}}
	case t == answersType:
		return &view{typ: reflect.TypeFor[map[string]string](), fill: fillAnswers}
	}
	switch t.Kind() {
	case reflect.String:
		return &view{typ: reflect.TypeFor[string](), fill: func(to, from reflect.Value, _ map[string]bool) { to.SetString(from.String()) }}
	case reflect.Pointer:
		in := viewOf(t.Elem())
		return &view{typ: in.typ, fill: func(to, from reflect.Value, names map[string]bool) {
			if !from.IsNil() {
				in.fill(to, from.Elem(), names)
			}
		}}
	case reflect.Slice:
		in := viewOf(t.Elem())
		typ := reflect.SliceOf(in.typ)
		return &view{typ: typ, fill: func(to, from reflect.Value, names map[string]bool) {
			to.Set(reflect.MakeSlice(typ, from.Len(), from.Len()))
			for i := range from.Len() {
				in.fill(to.Index(i), from.Index(i), names)
			}
		}}
	case reflect.Map:
		in := viewOf(t.Elem())
		typ := reflect.MapOf(reflect.TypeFor[string](), in.typ)
		return &view{typ: typ, fill: func(to, from reflect.Value, names map[string]bool) {
			to.Set(reflect.MakeMapWithSize(typ, from.Len()))
			for it := from.MapRange(); it.Next(); {
				x := reflect.New(in.typ).Elem()
				in.fill(x, it.Value(), names)
				to.SetMapIndex(reflect.ValueOf(it.Key().String()), x)
			}
		}}
	case reflect.Struct:
		return structView(t)
	}
	return &view{typ: t, fill: func(to, from reflect.Value, _ map[string]bool) { to.Set(from) }}
}

// fillAnswers gives every capability an answer.
func fillAnswers(to, from reflect.Value, _ map[string]bool) {
	answers, _ := from.Interface().(map[inventory.Capability]inventory.Answer)
	m := make(map[string]string, len(answers))
	for _, c := range inventory.Capabilities() {
		m[string(c)] = string(cmp.Or(answers[c], inventory.Unknown))
	}
	to.Set(reflect.ValueOf(m))
}

// field is one field of a record, by its name in JSON.
type field struct {
	name string
	at   int
	in   *view
}

func fieldsOf(t reflect.Type) []field {
	var fs []field
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fs = append(fs, field{name, i, viewOf(t.Field(i).Type)})
		}
	}
	return fs
}

func structView(t reflect.Type) *view {
	fs := fieldsOf(t)
	var sf []reflect.StructField
	for _, f := range fs {
		sf = append(sf, structField(f.name, f.in.typ))
	}
	return &view{typ: reflect.StructOf(sf), fill: func(to, from reflect.Value, names map[string]bool) {
		for i, f := range fs {
			if names[f.name] {
				f.in.fill(to.Field(i), from.Field(f.at), names)
			}
		}
	}}
}

// structField is a field that expressions know by its name in JSON.
func structField(name string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: "F_" + name, Type: t, Tag: reflect.StructTag(`expr:"` + name + `"`)}
}
