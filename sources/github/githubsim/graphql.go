package githubsim

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

var graphRoutes = []route{
	{pattern: "POST /graphql", do: (*call).graphql, resource: "graphql"},
}

// graph answers one query. Values of the types of GitHub's schema are gobj and conn; everything else is a scalar or a list
// of scalars as it stands.
type graph struct {
	*call
	doc    *ast.QueryDocument
	vars   map[string]any
	errors []any
	nodes  int
	costs  int
}

// gobj is an object of a type of the schema.
type gobj struct {
	kind string
	v    any
}

// gerr is an error of a field. With fatal the field cannot be null, so that the object that holds it is.
type gerr struct {
	kind    string
	message string
	fatal   bool
	more    obj
}

func (e *gerr) Error() string { return e.message }

// field works out a field of a value; args are its arguments with the variables put in.
type field func(g *graph, v any, args map[string]any) (any, error)

func (c *call) graphql() answer {
	var in struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
		Operation string         `json:"operationName"`
	}
	if !c.read(&in) || in.Query == "" {
		return *c.refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: in.Query})
	if err != nil {
		return ok(obj{"errors": []any{obj{"message": "Parse error: " + err.Error()}}})
	}
	op := doc.Operations.ForName(in.Operation)
	if op == nil || op.Operation != ast.Query {
		return ok(obj{"errors": []any{obj{"message": "No such query; the simulator knows no mutations"}}})
	}
	if circular(doc) {
		return ok(obj{"errors": []any{obj{"message": "A fragment spreads itself"}}})
	}
	g := &graph{call: c, doc: doc, vars: map[string]any{}}
	for _, d := range op.VariableDefinitions {
		if d.DefaultValue != nil {
			g.vars[d.Variable], _ = d.DefaultValue.Value(nil)
		}
		if v, given := in.Variables[d.Variable]; given {
			g.vars[d.Variable] = v
		} else if d.DefaultValue == nil && d.Type.NonNull {
			return ok(obj{"errors": []any{obj{"message": "Variable $" + d.Variable + " of type " + d.Type.String() + " was provided invalid value"}}})
		}
	}
	if a := g.weigh(op.SelectionSet); a != nil {
		return *a
	}
	data := g.object(gobj{"Query", nil}, op.SelectionSet, nil)
	out := obj{"data": data}
	if len(g.errors) > 0 {
		out["errors"] = g.errors
	}
	return ok(out)
}

func (g *graph) args(f *ast.Field) map[string]any {
	out := map[string]any{}
	for _, a := range f.Arguments {
		if v, err := a.Value.Value(g.vars); err == nil && v != nil {
			out[a.Name] = v
		}
	}
	return out
}

// fields are what a selection comes to on an object of a kind; "" takes the fields of every kind.
func (g *graph) fields(set ast.SelectionSet, kind string) []*ast.Field {
	var out []*ast.Field
	for _, s := range set {
		switch x := s.(type) {
		case *ast.Field:
			if g.wanted(x.Directives) {
				out = append(out, x)
			}
		case *ast.InlineFragment:
			if g.wanted(x.Directives) && isA(kind, x.TypeCondition) {
				out = append(out, g.fields(x.SelectionSet, kind)...)
			}
		case *ast.FragmentSpread:
			if def := g.doc.Fragments.ForName(x.Name); def != nil && g.wanted(x.Directives) && isA(kind, def.TypeCondition) {
				out = append(out, g.fields(def.SelectionSet, kind)...)
			}
		}
	}
	return out
}

func (g *graph) wanted(d ast.DirectiveList) bool {
	for _, x := range d {
		v, err := x.Arguments.ForName("if").Value.Value(g.vars)
		if on, isBool := v.(bool); err == nil && isBool && (x.Name == "include" && !on || x.Name == "skip" && on) {
			return false
		}
	}
	return true
}

// isA reports whether a kind is named, or is one of an interface or union that is.
func isA(kind, name string) bool {
	return kind == "" || name == "" || kind == name || interfaces[kind+" "+name]
}

// object works out a selection; nil when one of its fields must not be null and is.
func (g *graph) object(o gobj, set ast.SelectionSet, path []any) any {
	out := obj{}
	for _, f := range g.fields(set, o.kind) {
		key := orText(f.Alias, f.Name)
		here := append(path[:len(path):len(path)], key)
		if f.Name == "__typename" {
			out[key] = o.kind
			continue
		}
		how := types[o.kind][f.Name]
		if how == nil {
			g.fail(&gerr{message: "Field '" + f.Name + "' doesn't exist on type '" + o.kind + "'", more: obj{"extensions": obj{"code": "undefinedField", "typeName": o.kind, "fieldName": f.Name}}}, here)
			continue
		}
		v, err := how(g, o.v, g.args(f))
		if err != nil {
			e, isG := err.(*gerr) //nolint:errorlint // resolvers return it bare
			if !isG {
				e = &gerr{message: err.Error()}
			}
			g.fail(e, here)
			if e.fatal {
				return nil
			}
			out[key] = nil
			continue
		}
		out[key] = g.value(v, f, here)
	}
	return out
}

func (g *graph) fail(e *gerr, path []any) {
	o := obj{"message": e.message, "path": path}
	if e.kind != "" {
		o["type"] = e.kind
	}
	for k, v := range e.more {
		o[k] = v
	}
	g.errors = append(g.errors, o)
}

func (g *graph) value(v any, f *ast.Field, path []any) any {
	switch x := v.(type) {
	case gobj:
		return g.object(x, f.SelectionSet, path)
	case conn:
		return g.connection(x, f, path)
	case []gobj:
		out := make([]any, len(x))
		for i := range x {
			out[i] = g.object(x[i], f.SelectionSet, append(path[:len(path):len(path)], i))
		}
		return out
	}
	return v
}
