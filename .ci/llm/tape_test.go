package contract

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exchange is a request.
type exchange struct {
	method, path string
	keys         []string // of query and body
	status       int
}

// tape keeps what passes.
type tape struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []exchange
}

func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, exchange{r.Method, r.URL.Path, keysOf(r.URL.Query(), sent), resp.StatusCode})
	return resp, nil
}

func keysOf(q url.Values, body []byte) []string {
	var out []string
	for k := range q {
		out = append(out, k)
	}
	var m map[string]any
	if json.Unmarshal(body, &m) == nil {
		for k := range m {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// ids are the parts of a path that name one thing.
var ids = regexp.MustCompile(`/(?:apikey|user|wrkspc|svac|fdis|fdrl|proj|key|svcacct|wip|wifr)[_-][^/]+`)

func (x exchange) shape() string { return x.method + " " + ids.ReplaceAllString(x.path, "/{}") }

// shapes are the requests by their shape, with all keys that were seen.
func (t *tape) shapes() map[string][]string {
	out := map[string][]string{}
	for _, x := range t.all {
		out[x.shape()] = append(out[x.shape()], x.keys...)
	}
	return out
}

// within fails the test for requests, or keys of requests, that the SDK does not make. more are those of the documentation.
func within(t *testing.T, ours, sdk *tape, more ...string) {
	t.Helper()
	known := sdk.shapes()
	n := 0
	for shape, keys := range ours.shapes() {
		if slices.Contains(more, shape) {
			continue
		}
		n++
		have, ok := known[shape]
		if !ok {
			t.Errorf("the SDK knows no %s", shape)
		}
		for _, k := range keys {
			if !slices.Contains(have, k) {
				t.Errorf("%s: the SDK sends no %q, only %v", shape, k, have)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d requests were compared", n)
	}
}

// whole fails the test where an answer of the simulator has a field that the SDK does not know, or lacks one that it does.
// except are fields that it may lack, as Type.Field.
func whole(t *testing.T, x any, except ...string) {
	t.Helper()
	look(t, reflect.ValueOf(x), except)
}

type raw interface{ Raw() string }

func look(t *testing.T, v reflect.Value, except []string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			look(t, v.Elem(), except)
		}
	case reflect.Slice:
		for i := range v.Len() {
			look(t, v.Index(i), except)
		}
	case reflect.Struct:
		meta := v.FieldByName("JSON")
		if !meta.IsValid() || meta.Kind() != reflect.Struct {
			return
		}
		if strings.Contains(v.Type().Name(), "Union") {
			return // has the fields of all its kinds
		}
		fields(t, v, meta, except)
	}
}

func fields(t *testing.T, v, meta reflect.Value, except []string) {
	t.Helper()
	for i := range meta.NumField() {
		name := meta.Type().Field(i).Name
		if !meta.Type().Field(i).IsExported() {
			continue
		}
		if name == "ExtraFields" && strings.Contains(v.Type().Name(), "Page[") {
			continue // what else stands around a list the SDK does not read
		}
		if name == "ExtraFields" {
			for _, k := range meta.Field(i).MapKeys() {
				t.Errorf("%s: the SDK knows no field %q", v.Type().Name(), k)
			}
			continue
		}
		f, ok := meta.Field(i).Interface().(raw)
		if ok && f.Raw() == "" && !slices.Contains(except, v.Type().Name()+"."+name) {
			t.Errorf("%s: %s is missing", v.Type().Name(), name)
		}
		if ok && f.Raw() != "" && f.Raw() != "null" {
			if sub := v.FieldByName(name); sub.IsValid() {
				look(t, sub, except)
			}
		}
	}
}
