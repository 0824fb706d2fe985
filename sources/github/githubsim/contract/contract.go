package contract

import (
	"bytes"
	"context"
	_ "embed" // the cuts
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed testdata/openapi.json
var openapi []byte

//go:embed testdata/schema.graphql
var schema string

// Contract is what GitHub publishes, as far as it was kept.
type Contract struct {
	doc    *openapi3.T
	router routers.Router
	byID   map[string]*openapi3.Operation
	graph  *ast.Schema
}

// T is what a contract reports to: a *testing.T or *testing.B.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var load = sync.OnceValues(read)

// Load reads the contract, once for all tests.
func Load(t T) *Contract {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatalf("the cut of GitHub's documents: %v", err)
	}
	return c
}

func read() (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		return nil, err
	}
	c := &Contract{doc: doc, byID: map[string]*openapi3.Operation{}}
	// The path of a file is one parameter over several segments (x-multi-segment in the published document).
	const file = "/repos/{owner}/{repo}/contents/{path}"
	if item := doc.Paths.Value(file); item != nil {
		doc.Paths.Delete(file)
		doc.Paths.Set(strings.Replace(file, "{path}", "{path:.+}", 1), item)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			c.byID[op.OperationID] = op
		}
	}
	if err := c.grow(); err != nil {
		return nil, err
	}
	(&closer{seen: map[*openapi3.Schema]bool{}}).document(doc)
	if c.router, err = gorillamux.NewRouter(doc); err != nil {
		return nil, err
	}
	graph, gerr := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: schema})
	if gerr != nil {
		return nil, gerr
	}
	c.graph = graph
	return c, nil
}

// Service is a simulator that lets a handler be put inside of it: githubsim.Sim is one.
type Service interface {
	Within(func(http.Handler) http.Handler)
}

// Hold makes every request that a simulator is asked, and every answer that it gives by itself, stand to the contract:
// what does not fails the test. Answers that a test makes wrong on purpose are not looked at.
func Hold(t T, s Service) {
	t.Helper()
	c := Load(t)
	s.Within(func(h http.Handler) http.Handler { return c.Wrap(t, h) })
}

// Wrap checks the requests to a handler and its answers.
func (c *Contract) Wrap(t T, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%s %s: body: %v", r.Method, r.URL, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for _, wrong := range c.check(r, body, rec) {
			t.Errorf("%s %s -> %d: %s", r.Method, r.URL, rec.Code, wrong)
		}
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

// check says what is wrong with a request and its answer.
func (c *Contract) check(r *http.Request, body []byte, rec *httptest.ResponseRecorder) []string {
	path := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3"), "/api")
	if path == "/graphql" {
		return c.checkGraph(body, rec)
	}
	probe := r.Clone(context.Background())
	probe.URL.Path, probe.URL.RawPath, probe.URL.Host, probe.Host = path, "", "", ""
	if i := strings.IndexByte(path, '%'); i >= 0 {
		probe.URL.RawPath = path
		probe.URL.Path = strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/v3"), "/api")
	}
	probe.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(probe)
	if err != nil {
		return []string{"no such operation: " + err.Error()}
	}
	in := &openapi3filter.RequestValidationInput{Request: probe, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}}
	var wrong []string
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		wrong = append(wrong, "request: "+short(err))
	}
	wrong = append(wrong, unknownQuery(route, probe)...)
	if err := c.answer(in, rec); err != nil {
		wrong = append(wrong, "answer: "+short(err))
	}
	return wrong
}

// unknownQuery names the query parameters that the operation does not have.
func unknownQuery(route *routers.Route, r *http.Request) []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil && route.PathItem.Parameters.GetByInAndName("query", name) == nil {
			wrong = append(wrong, "request: no query parameter "+strconv.Quote(name))
		}
	}
	return wrong
}

// general are answers that GitHub documents for all operations and lists with few of them.
var general = map[int]bool{http.StatusBadRequest: true, http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusNotFound: true,
	http.StatusUnprocessableEntity: true, http.StatusTooManyRequests: true}

func (c *Contract) answer(in *openapi3filter.RequestValidationInput, rec *httptest.ResponseRecorder) error {
	switch {
	case in.Route.Operation.Responses.Value(strconv.Itoa(rec.Code)) != nil:
	case rec.Code == http.StatusNotModified && rec.Body.Len() == 0:
		return nil
	case general[rec.Code]:
		var v any
		if err := decode(rec.Body.Bytes(), &v); err != nil {
			return err
		}
		return c.doc.Components.Schemas["basic-error"].Value.VisitJSON(v, openapi3.MultiErrors())
	default:
		return fmt.Errorf("the operation has no answer %d", rec.Code)
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.Body.Bytes())), Options: in.Options})
}

// Properties are the names of the properties of a schema, in order; "app-permissions" are the permissions that there are.
func (c *Contract) Properties(schema string) []string {
	ref := c.doc.Components.Schemas[schema]
	if ref == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(ref.Value.Properties))
}

// short is an error of the validator without the schemas and values that it prints.
func short(err error) string {
	text := err.Error()
	for _, cut := range []string{"\nSchema:", "\n\nValue:"} {
		for {
			i := strings.Index(text, cut)
			if i < 0 {
				break
			}
			j := strings.Index(text[i+1:], " | ")
			if j < 0 {
				text = text[:i]
				break
			}
			text = text[:i] + text[i+1+j:]
		}
	}
	return text
}
