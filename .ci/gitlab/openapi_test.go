package contract

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// document is GitLab's OpenAPI 3 document, where the environment names it. It is not in the repository: it is large, and
// under a licence of its own (CC BY-SA 4.0). GitLab publishes it as doc/api/openapi/openapi_v3.yaml; the answers of its
// lists are typed as single objects there, and the test reads a list item by item.
func document(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	file := os.Getenv("NHITOP_TEST_GITLAB_OPENAPI")
	if file == "" {
		t.Skip("set NHITOP_TEST_GITLAB_OPENAPI to GitLab's doc/api/openapi/openapi_v3.yaml to check against it")
	}
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, router
}

// unlisted are requests that the document leaves out.
func unlisted(x exchange) bool {
	return strings.HasPrefix(x.path, "/admin/token") // hidden in lib/api/admin/token.rb
}

// Every request, of the client and of ours, is one of the document, and every answer has the types that it says.
func TestTheDocument(t *testing.T) {
	doc, router := document(t)
	var all []exchange
	for _, list := range [][]op{reads, kills} {
		for _, o := range list {
			s, p, w := sim(company())
			_ = o.call(client(t, s, p), w)
			all = append(all, p.all...)
		}
	}
	checked := map[string]bool{}
	for _, x := range append(all, ours(t)...) {
		if unlisted(x) {
			continue
		}
		r := x.req.Clone(t.Context())
		r.Body = io.NopCloser(bytes.NewReader(x.sent))
		route, params, err := router.FindRoute(r)
		if err != nil {
			t.Errorf("%s: the document has no such request (%v)", x.shape(), err)
			continue
		}
		in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil && !gap(x, err) {
			t.Errorf("%s: %v", x.shape(), short(err))
		}
		for key := range x.query {
			if route.Operation.Parameters.GetByInAndName("query", key) == nil && !paging[key] {
				t.Errorf("%s: no parameter %q in the document", x.shape(), key)
			}
		}
		if answer(t, doc, route, x) {
			checked[x.shape()] = true
		}
	}
	if len(checked) < 40 {
		t.Errorf("only %d kinds of answers were compared", len(checked))
	}
}

// gap reports an error that is the document's own: an id in a path to which it gives no type, and a body that it types as a
// form because a picture may be in it, and which GitLab takes as JSON too (its own client sends it so).
func gap(x exchange, err error) bool {
	return strings.Contains(err.Error(), "empty value is not allowed") && strings.Contains(err.Error(), "in path") ||
		x.shape() == "PUT /groups/{}" && strings.Contains(err.Error(), `unexpected value "application/json"`)
}

// richer are the answers for which the document names the entity that a stranger gets, and GitLab gives more to who is
// signed in (projects) or an administrator (users). Source: the pages of the Projects, Users and Deploy keys API.
var richer = map[string]string{
	"GET /projects": "APIEntitiesProject", "GET /users": "APIEntitiesUserWithAdmin", "GET /users/{}": "APIEntitiesUserWithAdmin", "GET /user": "APIEntitiesUserWithAdmin",
	"PUT /projects/{}/deploy_keys/{}": "APIEntitiesDeployKeysProject",
}

// undescribed are answers that the document describes as something else altogether: this one as a token. Source: the page
// of the personal access tokens API.
var undescribed = map[string]bool{"GET /personal_access_tokens/self/associations": true}

// paging are parameters that the document leaves out of some lists.
var paging = map[string]bool{"page": true, "per_page": true, "pagination": true, "id_after": true}

// answer compares the fields of an answer with the document; it reports whether there was something to compare.
func answer(t *testing.T, doc *openapi3.T, route *routers.Route, x exchange) bool {
	t.Helper()
	ref := route.Operation.Responses.Status(x.status)
	if x.status != http.StatusOK && x.status != http.StatusCreated || ref == nil || ref.Value == nil {
		return false
	}
	media := ref.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil || media.Schema.Value == nil || len(x.got) == 0 {
		return false
	}
	schema := media.Schema.Value
	if schema.Type.Is("array") && schema.Items != nil {
		schema = schema.Items.Value
	}
	if other := richer[x.shape()]; other != "" {
		if doc.Components.Schemas[other] == nil {
			t.Errorf("the document has no %s", other)
			return false
		}
		schema = doc.Components.Schemas[other].Value
	}
	if len(schema.Properties) == 0 || undescribed[x.shape()] {
		return false
	}
	for _, item := range items(x.got) {
		for name, v := range item {
			p := schema.Properties[name]
			if p == nil || p.Value == nil {
				t.Errorf("%s: the document has no field %q", x.shape(), name)
				continue
			}
			if !fits(p.Value, v) {
				t.Errorf("%s: %q is %T, the document says %v", x.shape(), name, v, p.Value.Type)
			}
		}
	}
	return true
}

func short(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
