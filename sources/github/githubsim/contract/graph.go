package contract

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

func decode(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	return nil
}

// checkGraph holds a query and its answer to the schema.
func (c *Contract) checkGraph(body []byte, rec *httptest.ResponseRecorder) []string {
	if rec.Code != 200 {
		if !general[rec.Code] {
			return []string{fmt.Sprintf("GraphQL answers 200 or an error of the service, not %d", rec.Code)}
		}
		return nil
	}
	var in struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
		Operation string         `json:"operationName"`
	}
	if err := decode(body, &in); err != nil {
		return []string{"request: " + err.Error()}
	}
	doc, errs := gqlparser.LoadQueryWithRules(c.graph, in.Query, nil)
	if errs != nil {
		return []string{"query: " + errs.Error()}
	}
	op := doc.Operations.ForName(in.Operation)
	if op == nil {
		return []string{"query: no such operation"}
	}
	if _, err := validator.VariableValues(c.graph, op, in.Variables); err != nil {
		return []string{"variables: " + err.Error()}
	}
	var out struct {
		Data   map[string]any `json:"data"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := decode(rec.Body.Bytes(), &out); err != nil {
		return []string{"answer: " + err.Error()}
	}
	if out.Data == nil {
		if len(out.Errors) == 0 || out.Errors[0].Message == "" {
			return []string{"answer: neither data nor errors"}
		}
		return nil
	}
	k := &graphCheck{schema: c.graph}
	k.object(c.graph.Query, op.SelectionSet, out.Data, "data")
	return k.wrong
}

// graphCheck compares an answer with what was selected.
type graphCheck struct {
	schema *ast.Schema
	wrong  []string
}

func (k *graphCheck) bad(path, format string, args ...any) {
	k.wrong = append(k.wrong, "answer: "+path+": "+fmt.Sprintf(format, args...))
}

// object checks that exactly what was selected is there. A type that has fragments on others is told by the fields.
func (k *graphCheck) object(def *ast.Definition, set ast.SelectionSet, data map[string]any, path string) {
	want := map[string]*ast.Field{}
	must := map[string]bool{}
	k.collect(def, set, want, must, true)
	for name, v := range data {
		f := want[name]
		if f == nil {
			k.bad(path+"."+name, "was not asked for")
			continue
		}
		if f.Name != "__typename" {
			k.value(f.Definition.Type, f, v, path+"."+name)
		}
	}
	for name := range must {
		if _, given := data[name]; !given {
			k.bad(path+"."+name, "is missing")
		}
	}
}

// collect gathers the fields of a selection; those below a fragment on another type need not be there.
func (k *graphCheck) collect(def *ast.Definition, set ast.SelectionSet, want map[string]*ast.Field, must map[string]bool, sure bool) {
	for _, s := range set {
		switch x := s.(type) {
		case *ast.Field:
			want[x.Alias] = x
			must[x.Alias] = must[x.Alias] || sure && len(x.Directives) == 0
		case *ast.InlineFragment:
			k.collect(def, x.SelectionSet, want, must, sure && (x.TypeCondition == "" || x.TypeCondition == def.Name))
		case *ast.FragmentSpread:
			k.collect(def, x.Definition.SelectionSet, want, must, sure && x.Definition.TypeCondition == def.Name)
		}
	}
	for name := range must {
		if !must[name] {
			delete(must, name)
		}
	}
}

func (k *graphCheck) value(t *ast.Type, f *ast.Field, v any, path string) {
	if v == nil {
		if t.NonNull {
			k.bad(path, "is null and its type is %s", t)
		}
		return
	}
	if t.Elem != nil {
		list, isList := v.([]any)
		if !isList {
			k.bad(path, "is no list")
			return
		}
		for i, e := range list {
			k.value(t.Elem, f, e, fmt.Sprintf("%s.%d", path, i))
		}
		return
	}
	def := k.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Object, ast.Interface, ast.Union:
		m, isMap := v.(map[string]any)
		if !isMap {
			k.bad(path, "is no object")
			return
		}
		k.object(def, f.SelectionSet, m, path)
	case ast.Enum:
		if s, isText := v.(string); !isText || def.EnumValues.ForName(s) == nil {
			k.bad(path, "%v is not of %s", v, def.Name)
		}
	case ast.Scalar:
		k.scalar(def.Name, v, path)
	}
}

func (k *graphCheck) scalar(name string, v any, path string) {
	good := false
	switch name {
	case "Int":
		n, isNumber := v.(float64)
		good = isNumber && n == float64(int64(n)) && n < 1<<31 && n >= -1<<31
	case "Float":
		_, good = v.(float64)
	case "Boolean":
		_, good = v.(bool)
	default: // ID, String, URI, DateTime, GitObjectID: texts
		_, good = v.(string)
	}
	if !good {
		k.bad(path, "%v is no %s", strings.TrimSpace(fmt.Sprint(v)), name)
	}
}
