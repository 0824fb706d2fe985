package githubsim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object. Its keys are written in order.
type obj = map[string]any

// answer is what a route says.
type answer struct {
	status int
	body   any // nil: none
	header http.Header
	bytes  []byte
}

const maxBody = 1 << 20

func readAll(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func status(code int, body any) answer { return answer{status: code, body: body} }

var noContent = answer{status: http.StatusNoContent}

func (a answer) with(key, value string) answer {
	h := a.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set(key, value)
	a.header = h
	return a
}

// refuse is an answer in GitHub's form of errors.
func (c *call) refuse(code int, message string) *answer {
	return &answer{status: code, body: obj{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(code)}}
}

func (c *call) notFound() *answer { return c.refuse(http.StatusNotFound, "Not Found") }

// invalid is the answer to a body or parameter that cannot be used; field may be empty.
func (c *call) invalid(message, resource, field string) answer {
	a := answer{status: http.StatusUnprocessableEntity, body: obj{"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest",
		"errors": []any{obj{"resource": resource, "field": field, "code": "invalid", "message": message}}}}
	return a
}

// read decodes the request's body; false if it is no such JSON.
func (c *call) read(into any) bool { return json.Unmarshal(c.body, into) == nil }

const (
	perPage    = 30
	mostOnPage = 100
)

// pageOf is the asked page of n things, and sets the Link header.
func (c *call) pageOf(n int) (from, to int, link string) {
	size, page := atoi(c.query.Get("per_page"), perPage), atoi(c.query.Get("page"), 1)
	size = min(size, mostOnPage)
	last := max((n+size-1)/size, 1)
	from = min((page-1)*size, n)
	to = min(from+size, n)
	var links []string
	add := func(p int, rel string) { links = append(links, c.link(rel, "page", strconv.Itoa(p))) }
	if page > 1 {
		add(min(page-1, last), "prev")
	}
	if page < last {
		add(page+1, "next")
		add(last, "last")
	}
	if page > 1 {
		add(1, "first")
	}
	return from, to, strings.Join(links, ", ")
}

func (c *call) link(rel, key, value string) string {
	q := url.Values{}
	for k, v := range c.query {
		q[k] = v
	}
	q.Set(key, value)
	return fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.api, c.r.URL.EscapedPath(), q.Encode(), rel)
}

// atoi reads a positive number, as GitHub does: what is none counts as not given.
func atoi(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// list answers a page of n things.
func (c *call) list(n int, at func(i int) any) answer {
	items, link := c.items(n, at)
	return linked(ok(items), link)
}

// keyed answers a page of n things below a key, with their number.
func (c *call) keyed(key string, n int, at func(i int) any) answer {
	items, link := c.items(n, at)
	return linked(ok(obj{"total_count": n, key: items}), link)
}

func (c *call) items(n int, at func(i int) any) ([]any, string) {
	from, to, link := c.pageOf(n)
	items := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		items = append(items, at(i))
	}
	return items, link
}

func linked(a answer, link string) answer {
	if link == "" {
		return a
	}
	return a.with("Link", link)
}

// dress adds what every answer carries, and turns an unchanged one into a 304.
func (c *call) dress(a *answer) {
	if a.header == nil {
		a.header = http.Header{}
	} else {
		a.header = a.header.Clone()
	}
	h := a.header
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("51A0:%06X", c.requests))
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	if v := c.r.Header.Get("X-GitHub-Api-Version"); v != "" {
		h.Set("X-GitHub-Api-Version-Selected", v)
	}
	if c.server != "" {
		h.Set("X-GitHub-Enterprise-Version", c.server)
	}
	c.tellScopes(h)
	if a.body != nil {
		a.bytes = mustJSON(a.body)
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.status == http.StatusOK && c.r.Method == http.MethodGet {
		sum := sha256.Sum256(a.bytes)
		tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
		h.Set("ETag", tag)
		if c.r.Header.Get("If-None-Match") == tag {
			a.status, a.bytes = http.StatusNotModified, nil
			h.Del("Content-Type")
			c.free()
		}
	}
	c.tellLimits(h)
}

// mustJSON panics for a value that JSON cannot hold: that is a fault of this package.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("githubsim: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(a.bytes)))
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.bytes) // who asked has gone: nobody to tell
	}
}

// when writes a time as the API does; nil for none.
func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// text is nil for an empty text.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
