package contract

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Known fails the test for every field that the Go type of v reads and that the answer of an operation does not have, or
// has with another type. op is the operation's id ("orgs/list-app-installations"), at a path into its answer of property
// names with slashes between them, "" for the whole. Where the answer is a list there and v is none, v is one of the list.
func Known(t T, op, at string, v any) {
	t.Helper()
	c := Load(t)
	schemas, err := c.answers(op, at)
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	typ := deref(reflect.TypeOf(v))
	if typ.Kind() != reflect.Slice {
		schemas = items(schemas)
	}
	for _, wrong := range (&reader{}).compare(typ, schemas, op+" "+at) {
		t.Errorf("%s", wrong)
	}
}

// answers are the schemas of an operation's good answers at a path.
func (c *Contract) answers(op, at string) ([]*openapi3.Schema, error) {
	o := c.byID[op]
	if o == nil {
		return nil, fmt.Errorf("no operation %q; the cut has %v", op, slices.Sorted(maps.Keys(c.byID)))
	}
	var out []*openapi3.Schema
	for code, r := range o.Responses.Map() {
		if !strings.HasPrefix(code, "2") {
			continue
		}
		if m := r.Value.Content.Get("application/json"); m != nil && m.Schema != nil {
			out = append(out, m.Schema.Value)
		}
	}
	for _, name := range strings.Split(at, "/") {
		if name == "" {
			continue
		}
		if out = property(items(out), name); len(out) == 0 {
			return nil, fmt.Errorf("%s: no %q in the answer", op, name)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no answer in JSON", op)
	}
	return out, nil
}

// flat are the schemas that one may be, itself included.
func flat(s *openapi3.Schema) []*openapi3.Schema {
	out := []*openapi3.Schema{s}
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, x := range list {
			out = append(out, flat(x.Value)...)
		}
	}
	return out
}

func items(in []*openapi3.Schema) []*openapi3.Schema {
	var out []*openapi3.Schema
	for _, s := range in {
		for _, x := range flat(s) {
			if x.Items != nil {
				out = append(out, x.Items.Value)
			}
		}
	}
	if len(out) == 0 {
		return in
	}
	return out
}

func property(in []*openapi3.Schema, name string) []*openapi3.Schema {
	var out []*openapi3.Schema
	for _, s := range in {
		for _, x := range flat(s) {
			if p := x.Properties[name]; p != nil {
				out = append(out, p.Value)
			}
		}
	}
	return out
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// reader compares Go types with schemas.
type reader struct{ wrong []string }

var (
	textType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonType = reflect.TypeFor[json.Unmarshaler]()
)

func (r *reader) compare(t reflect.Type, in []*openapi3.Schema, path string) []string {
	t = deref(t)
	switch {
	case t.Kind() == reflect.Interface || t == reflect.TypeFor[json.RawMessage]():
	case reflect.PointerTo(t).Implements(textType):
		r.typed(in, path, "string")
	case reflect.PointerTo(t).Implements(jsonType):
	default:
		r.kind(t, in, path)
	}
	return r.wrong
}

func (r *reader) kind(t reflect.Type, in []*openapi3.Schema, path string) {
	switch t.Kind() {
	case reflect.Struct:
		r.structure(t, in, path)
	case reflect.Slice:
		if r.typed(in, path, "array") {
			r.compare(t.Elem(), items(in), path+"/[]")
		}
	case reflect.Map:
		r.typed(in, path, "object")
	case reflect.String:
		r.typed(in, path, "string")
	case reflect.Bool:
		r.typed(in, path, "boolean")
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		r.typed(in, path, "integer")
	case reflect.Float64, reflect.Float32:
		r.typed(in, path, "number", "integer")
	default:
		r.wrong = append(r.wrong, fmt.Sprintf("%s: the Go type %s", path, t))
	}
}

// typed reports whether a schema has one of the types; one without a type has every one.
func (r *reader) typed(in []*openapi3.Schema, path string, names ...string) bool {
	var have []string
	for _, s := range in {
		for _, x := range flat(s) {
			if x.Type == nil || len(*x.Type) == 0 {
				if len(x.AllOf)+len(x.AnyOf)+len(x.OneOf) == 0 {
					return true
				}
				continue
			}
			for _, n := range names {
				if x.Type.Is(n) {
					return true
				}
			}
			have = append(have, *x.Type...)
		}
	}
	r.wrong = append(r.wrong, fmt.Sprintf("%s: is %v, and the Go type is for %v", path, have, names))
	return false
}

func (r *reader) structure(t reflect.Type, in []*openapi3.Schema, path string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "":
			r.structure(deref(f.Type), in, path)
			continue
		case name == "":
			r.wrong = append(r.wrong, fmt.Sprintf("%s: field %s has no name in JSON", path, f.Name))
			continue
		}
		found := property(in, name)
		if len(found) == 0 {
			r.wrong = append(r.wrong, fmt.Sprintf("%s/%s: the schema has no such field", path, name))
			continue
		}
		r.compare(f.Type, found, path+"/"+name)
	}
}

// KnownGraph fails the test if the schema refuses a query, or if the Go type of v, the "data" of the answer, reads a field
// that the query does not ask for.
func KnownGraph(t T, query string, v any) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(Load(t).graph, query, nil)
	if errs != nil {
		t.Errorf("query: %v", errs)
		return
	}
	for _, op := range doc.Operations {
		for _, wrong := range selected(deref(reflect.TypeOf(v)), op.SelectionSet, "data") {
			t.Errorf("%s", wrong)
		}
	}
}

func selected(t reflect.Type, set ast.SelectionSet, path string) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(textType) || reflect.PointerTo(t).Implements(jsonType) {
		return nil
	}
	fields := map[string]*ast.Field{}
	spread(set, fields)
	var wrong []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			wrong = append(wrong, selected(f.Type, set, path)...)
			continue
		}
		if name == "-" || !f.IsExported() {
			continue
		}
		q := fields[name]
		if q == nil {
			wrong = append(wrong, fmt.Sprintf("%s.%s is read and not asked for", path, name))
			continue
		}
		wrong = append(wrong, selected(f.Type, q.SelectionSet, path+"."+name)...)
	}
	return wrong
}

func spread(set ast.SelectionSet, out map[string]*ast.Field) {
	for _, s := range set {
		switch x := s.(type) {
		case *ast.Field:
			if have := out[x.Alias]; have != nil {
				both := *have
				both.SelectionSet = append(append(ast.SelectionSet{}, have.SelectionSet...), x.SelectionSet...)
				out[x.Alias] = &both
				continue
			}
			out[x.Alias] = x
		case *ast.InlineFragment:
			spread(x.SelectionSet, out)
		case *ast.FragmentSpread:
			spread(x.Definition.SelectionSet, out)
		}
	}
}
