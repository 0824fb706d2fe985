package schema

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// object is a JSON Schema or a part of one. Keys come out in alphabetical order.
type object map[string]any

// Draft is the dialect of what [Write] writes.
const Draft = "https://json-schema.org/draft/2020-12/schema"

// Write prints the JSON Schema of the interface: a document, or one line of a stream. Fields that it does not name are
// allowed: adding one is free.
func Write(w io.Writer) error {
	g := &generator{defs: object{}}
	lists := object{
		"schema": object{"const": inventory.Schema}, "complete": object{"type": "boolean"},
		"collected_at": object{"type": "string", "format": "date-time"},
		"posture":      object{"type": "object", "description": "a summary that nhitop makes itself"},
	}
	var lines []any
	for _, n := range append(Nouns(), Derived()...) {
		ref := g.of(n.Type)
		lists[n.List] = object{"type": "array", "items": ref}
		lines = append(lines, object{"allOf": []any{ref}, "required": []string{"type"}, "properties": object{"type": object{"const": n.Line}}})
	}
	lines = append(lines, object{
		"type": "object", "required": []string{"type", "complete"},
		"description": "ends a stream; without it, or with complete false, what is missing is not taken for deleted",
		"properties":  object{"type": object{"const": "done"}, "schema": object{"const": inventory.Schema}, "complete": object{"type": "boolean"}},
	})
	g.defs["document"] = object{"type": "object", "required": []string{"schema"}, "properties": lists}
	g.defs["line"] = object{"oneOf": lines}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object{
		"$schema": Draft, "$id": "urn:nhitop:schema:v1", "title": inventory.Schema,
		"description": "The records of nhitop. A document is what `nhitop scan --format json` prints; #/$defs/line is one line of `--format jsonl`.",
		"$ref":        "#/$defs/document", "$defs": g.defs,
	})
}

type generator struct{ defs object }

// of returns the schema of a type; a struct becomes one of $defs.
func (g *generator) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[inventory.ID]():
		return object{"type": "string", "description": "names a record; your own ids are free texts"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Struct:
		name := strings.ToLower(t.Name())
		if _, ok := g.defs[name]; !ok {
			g.defs[name] = object{} // a type that holds itself
			g.defs[name] = g.record(t)
		}
		return object{"$ref": "#/$defs/" + name}
	case reflect.Slice:
		return object{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		s := object{"type": "object", "additionalProperties": g.of(t.Elem())}
		if w, ok := mapWords[t]; ok {
			s["propertyNames"], s["additionalProperties"] = object{"enum": w[0]}, object{"enum": w[1]}
		}
		return s
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		return object{"type": "string"}
	}
	return object{}
}

func (g *generator) record(t reflect.Type) object {
	r := rules[t]
	props := object{}
	for _, f := range fields(t) {
		s := g.of(f.typ)
		if w := r.words[f.name]; w != nil {
			s = object{"enum": append(slices.Clone(w), "")}
		}
		if slices.Contains(r.required, f.name) && f.typ.Kind() == reflect.String {
			if e, ok := s["enum"].([]string); ok {
				s = object{"enum": e[:len(e)-1]}
			} else {
				s["minLength"] = 1
			}
		}
		props[f.name] = s
	}
	s := object{"type": "object", "properties": props}
	if len(r.required) > 0 {
		s["required"] = r.required
	}
	return s
}
