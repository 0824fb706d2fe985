package giteatest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Compare checks every row of the table against the description that a server publishes of itself (/swagger.v1.json).
func (c *Contract) Compare(swagger []byte) error {
	var d document
	if err := json.Unmarshal(swagger, &d); err != nil {
		return err
	}
	var errs []error
	for _, x := range c.calls {
		errs = append(errs, d.call(x))
	}
	for name, fields := range c.types {
		def, ok := d.Definitions[name]
		if !ok {
			errs = append(errs, fmt.Errorf("no type %s", name))
			continue
		}
		for f, want := range fields {
			p, ok := def.Properties[f]
			if !ok && !(name == "User" && f == "username") { // told beside login, and left out of the description
				errs = append(errs, fmt.Errorf("%s has no %s", name, f))
			} else if ok && !p.is(want) {
				errs = append(errs, fmt.Errorf("%s.%s is %+v, not %+v", name, f, p, want))
			}
		}
	}
	return errors.Join(errs...)
}

// document is the part of a Swagger 2.0 description that is looked at.
type document struct {
	Paths       map[string]map[string]operation
	Definitions map[string]schema
	Responses   map[string]struct{ Schema *schema }
}

type operation struct {
	Parameters []struct {
		Name, In string
		Schema   *schema
	}
	Responses map[string]struct {
		Ref    string `json:"$ref"`
		Schema *schema
	}
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	Items      *schema
	Properties map[string]schema
}

func (s schema) is(want shape) bool {
	if want.list {
		want.list = false
		return s.Type == "array" && s.Items != nil && s.Items.is(want)
	}
	switch want.name {
	case "time":
		return s.Type == "string" && s.Format == "date-time"
	case "map":
		return s.Type == "object"
	case "object":
		return s.Type == "object" || s.Ref != ""
	case "integer", "boolean", "string":
		return s.Type == want.name
	}
	return strings.TrimPrefix(s.Ref, "#/definitions/") == want.name
}

func (d document) call(x callShape) error {
	op, ok := d.Paths[x.path][strings.ToLower(x.method)]
	if !ok {
		return fmt.Errorf("no %s %s", x.method, x.path)
	}
	body := map[string]schema{}
	var query []string
	for _, p := range op.Parameters {
		switch p.In {
		case "query":
			query = append(query, p.Name)
		case "body":
			body = d.Definitions[strings.TrimPrefix(p.Schema.Ref, "#/definitions/")].Properties
		}
	}
	for _, q := range x.query {
		if !slices.Contains(query, q) && !strings.HasSuffix(q, "!") {
			return fmt.Errorf("%s %s is not asked with %s", x.method, x.path, q)
		}
	}
	for _, f := range x.body {
		if _, ok := body[f]; !ok {
			return fmt.Errorf("%s %s takes no %s", x.method, x.path, f)
		}
	}
	if x.answer.name == "" && x.answer.fields == nil {
		return nil
	}
	got, ok := d.answer(op)
	if !ok {
		return fmt.Errorf("%s %s says nothing of its answer", x.method, x.path)
	}
	if x.answer.fields == nil {
		if !got.is(x.answer) {
			return fmt.Errorf("%s %s answers %+v, not %+v", x.method, x.path, got, x.answer)
		}
		return nil
	}
	if got.Ref != "" {
		got = d.Definitions[strings.TrimPrefix(got.Ref, "#/definitions/")]
	}
	for f, want := range x.answer.fields {
		if p, ok := got.Properties[f]; !ok || !p.is(want) {
			return fmt.Errorf("%s %s answers no %s of that type", x.method, x.path, f)
		}
	}
	return nil
}

func (d document) answer(op operation) (schema, bool) {
	for _, status := range []string{"200", "201"} {
		r, ok := op.Responses[status]
		if !ok {
			continue
		}
		s := r.Schema
		switch {
		case strings.HasPrefix(r.Ref, "#/responses/"):
			s = d.Responses[strings.TrimPrefix(r.Ref, "#/responses/")].Schema
		case r.Ref != "":
			s = &schema{Ref: r.Ref}
		}
		if s != nil {
			return *s, true
		}
	}
	return schema{}, false
}

// Description fetches what the real server publishes of itself.
func (s *Server) Description() ([]byte, error) {
	resp, err := http.Get(s.Base + "/swagger.v1.json") //nolint:noctx // a test, on loopback
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var all json.RawMessage
	err = json.NewDecoder(resp.Body).Decode(&all)
	return all, err
}
