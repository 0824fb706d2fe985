package giteatest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed api.txt
var table string

// Contract is what Gitea publishes of the requests that nhitop sends: the table of api.txt.
type Contract struct {
	calls []callShape
	types map[string]map[string]shape // type -> field -> shape
}

// callShape is one request of the table.
type callShape struct {
	method, path string
	query, body  []string
	answer       shape
}

// shape is a type as the table writes it: integer, []User, {data []User}. fields are those of the last form.
type shape struct {
	name   string
	list   bool
	null   bool
	fields map[string]shape
}

// Published reads the table.
func Published() *Contract {
	c := &Contract{types: map[string]map[string]shape{}}
	in := ""
	for line := range strings.Lines(table) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimRight(line, "\n ")
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "type "):
			in = strings.TrimPrefix(line, "type ")
			c.types[in] = map[string]shape{}
		case strings.HasPrefix(line, "\t"):
			name, kind, _ := strings.Cut(line[1:], " ")
			c.types[in][name] = shapeOf(kind)
		default:
			c.calls = append(c.calls, callOf(line))
		}
	}
	return c
}

func callOf(line string) callShape {
	line, answer, _ := strings.Cut(line, " -> ")
	x := callShape{answer: shapeOf(answer)}
	if head, body, ok := strings.Cut(line, " {"); ok {
		line, x.body = head, strings.Fields(strings.TrimSuffix(body, "}"))
	}
	line, query, _ := strings.Cut(line, " ? ")
	x.method, x.path, _ = strings.Cut(line, " ")
	x.query = strings.Fields(query)
	return x
}

func shapeOf(s string) shape {
	x := shape{}
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		words := strings.Fields(strings.TrimSuffix(inner, "}"))
		x.fields = map[string]shape{}
		for i := 0; i+1 < len(words); i += 2 {
			x.fields[words[i]] = shapeOf(words[i+1])
		}
		return x
	}
	s, x.null = strings.CutSuffix(s, "?")
	x.name, x.list = strings.CutPrefix(s, "[]")
	return x
}

// find returns the row of a request; path is below /api/v1.
func (c *Contract) find(method, path string) *callShape {
	var best *callShape
	for i := range c.calls {
		if x := &c.calls[i]; x.method == method && fits(x.path, path) && (best == nil || strings.Count(x.path, "{") < strings.Count(best.path, "{")) {
			best = x
		}
	}
	return best
}

func fits(pattern, path string) bool {
	ps, xs := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, p := range ps {
		switch {
		case p == "{filepath}" || p == "{branch}":
			return i < len(xs)
		case i >= len(xs) || p != xs[i] && !strings.HasPrefix(p, "{"):
			return false
		}
	}
	return len(ps) == len(xs)
}

// Request checks that Gitea knows a request, its query and the fields of its body.
func (c *Contract) Request(method, path string, query url.Values, body []byte) error {
	x := c.find(method, path)
	if x == nil {
		return fmt.Errorf("%s %s is nothing that Gitea publishes", method, path)
	}
	for k := range query {
		if !slices.Contains(x.query, k) && !slices.Contains(x.query, k+"!") {
			return fmt.Errorf("%s %s is asked with %q", method, x.path, k)
		}
	}
	if len(body) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("%s %s: the body is no object: %w", method, x.path, err)
	}
	for k := range fields {
		if !slices.Contains(x.body, k) {
			return fmt.Errorf("%s %s is sent %q", method, x.path, k)
		}
	}
	return nil
}

// Answer checks that an answer of 200 or 201 is what Gitea publishes: no field that it does not know, every field that it
// does, of its type.
func (c *Contract) Answer(method, path string, body []byte) error {
	x := c.find(method, path)
	if x == nil {
		return fmt.Errorf("%s %s is nothing that Gitea publishes", method, path)
	}
	if x.answer.name == "" && x.answer.fields == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s %s: %w", method, x.path, err)
	}
	want := x.answer
	if _, many := v.([]any); many && want.name == "ContentsResponse" { // a folder is a list of them
		want.list = true
	}
	if err := c.check(want, v, method+" "+x.path); err != nil {
		return err
	}
	return nil
}

func (c *Contract) check(want shape, v any, at string) error {
	switch {
	case v == nil && want.null:
		return nil
	case want.list:
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s: %T, not a list", at, v)
		}
		want.list = false
		for _, e := range list {
			if err := c.check(want, e, at+"[]"); err != nil {
				return err
			}
		}
		return nil
	case want.fields != nil:
		return c.object(want.fields, v, at, false)
	case c.types[want.name] != nil:
		return c.object(c.types[want.name], v, at, true)
	}
	ok := false
	switch want.name {
	case "integer":
		_, ok = v.(float64)
	case "boolean":
		_, ok = v.(bool)
	case "string":
		_, ok = v.(string)
	case "time":
		s, _ := v.(string)
		_, err := time.Parse(time.RFC3339, s)
		ok = err == nil
	case "object", "map":
		_, ok = v.(map[string]any)
	}
	if !ok {
		return fmt.Errorf("%s: %v is no %s", at, v, want.name)
	}
	return nil
}

func (c *Contract) object(fields map[string]shape, v any, at string, closed bool) error {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %T, not an object", at, v)
	}
	for k, f := range fields {
		x, there := m[k]
		if !there && f.null {
			continue
		}
		if !there {
			return fmt.Errorf("%s has no %s", at, k)
		}
		if err := c.check(f, x, at+"."+k); err != nil {
			return err
		}
	}
	for k := range m {
		if _, known := fields[k]; closed && !known {
			return fmt.Errorf("%s has a %s, which Gitea does not publish", at, k)
		}
	}
	return nil
}

// Known reports whether a type of the table has a field.
func (c *Contract) Known(typ, field string) bool {
	_, ok := c.types[typ][field]
	return ok
}
