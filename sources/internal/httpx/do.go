package httpx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"nhitop/inventory"
)

// Request is one request.
type Request struct {
	Method string // "": GET
	// Path is appended to the base; see [Path]. It may also be an absolute address of the same host (a page link).
	Path   string
	Query  url.Values
	Header http.Header
	Body   any        // sent as JSON; nil: none
	Form   url.Values // sent as a form, in place of Body
	Into   any        // what the answer is decoded into: a *[]byte gets it as it is; nil: the answer is not looked at
	Failed *[]byte    // gets the answer as it is where its status is 300 or above, for what is not JSON; it may repeat what was sent
	// Secret takes the place of {secret} in Path (once) and in the strings of Body when the request is sent, and nowhere else.
	Secret     inventory.Value
	Anonymous  bool // no credential is added
	As         Auth // another credential for this one request
	Idempotent bool // sending it twice is the same as once: it may be repeated although it changes something
}

// Response is an answer.
type Response struct {
	Status    int
	Header    http.Header
	FromCache bool // the service says that nothing changed since it was read
}

// flight is one request on its way.
type flight struct {
	c          *Client
	req        Request
	ctx        context.Context // the caller's
	repeatable bool
	body       []byte
	path       string // for logs and errors
	tries      int    // failures so far
	waits      int    // limits waited for so far
	wait       time.Duration
	why        string
	passed     time.Time // the gate that was waited for last

	mu   sync.Mutex
	sent []inventory.Value

	seen  bool // an answer to a conditional request: what was kept
	entry Entry
}

type flightKey struct{}

func flightOf(ctx context.Context) *flight {
	f, _ := ctx.Value(flightKey{}).(*flight)
	return f
}

const maxRedirects = 5

var errSecretPath = errors.New("the credential cannot stand in a path")

// Get reads a path into into, as JSON.
func (c *Client) Get(ctx context.Context, path string, q url.Values, into any) (*Response, error) {
	return c.Do(ctx, Request{Path: path, Query: q, Into: into})
}

// Do sends a request and reads its answer. An answer of 400 or above gives the response and a [StatusError]. Every other
// error gives none; it names service, method and path.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	f := &flight{c: c, req: r, ctx: ctx, path: r.Path}
	u, err := c.resolve(r.Path, r.Query)
	if err != nil {
		f.path = "(an address of another host)"
		return nil, f.fail(err)
	}
	f.path = strings.ReplaceAll(u.EscapedPath(), url.PathEscape(placeholder), placeholder)
	reads := safe(r.Method) || r.Method == http.MethodPost && slices.Contains(c.c.ReadPosts, r.Path)
	if _, ok := armedBy(ctx); !ok && !reads {
		return nil, f.fail(ErrUnarmed)
	}
	f.repeatable = reads || r.Idempotent
	if r.Body != nil {
		if f.body, err = json.Marshal(r.Body); err != nil {
			return nil, f.fail(errors.New("the body cannot be written as JSON"))
		}
	}
	if r.Form != nil {
		f.body = []byte(r.Form.Encode())
	}
	for range maxRedirects {
		resp, data, err := f.once(u)
		if err != nil {
			return nil, f.fail(err)
		}
		to := resp.Header.Get("Location")
		if !redirects(resp.StatusCode) || to == "" {
			return f.finish(resp, data)
		}
		if u, err = f.follow(u, to); err != nil {
			return nil, f.fail(err)
		}
	}
	return nil, f.fail(fmt.Errorf("%w: more than %d times", ErrRedirect, maxRedirects))
}

func (r *Request) contentType() string {
	if r.Form != nil {
		return "application/x-www-form-urlencoded"
	}
	return "application/json"
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// once sends the request to one address, as often as is needed.
func (f *flight) once(u *url.URL) (*http.Response, []byte, error) {
	f.seen = false
	ctx := context.WithValue(f.ctx, flightKey{}, f)
	var body any
	if f.body != nil {
		body = retryablehttp.ReaderFunc(func() (io.Reader, error) { return bytes.NewReader(f.bodyWithSecret()), nil })
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, f.req.Method, u.String(), body)
	if err != nil {
		return nil, nil, errors.New("cannot be written as a request")
	}
	for _, h := range []http.Header{{"Accept": {"application/json"}}, f.c.c.Header, f.req.Header} {
		for k, v := range h {
			req.Header[http.CanonicalHeaderKey(k)] = slices.Clone(v)
		}
	}
	if f.c.c.UserAgent != "" {
		req.Header.Set("User-Agent", f.c.c.UserAgent)
	}
	if f.body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", f.req.contentType())
	}
	resp, err := f.c.retry.Do(req)
	if err != nil {
		return nil, nil, f.told(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body) // it is in memory already
	return resp, data, err
}

// told takes the address, in which a credential may stand, out of an error of the standard library.
func (f *flight) told(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if f.ctx.Err() != nil {
		return f.ctx.Err()
	}
	return err
}

func (f *flight) fail(err error) error {
	return &callError{f.c.c.Service, f.req.Method, f.path, err}
}

// finish turns the last answer into what the caller gets.
func (f *flight) finish(resp *http.Response, data []byte) (*Response, error) {
	out := &Response{Status: resp.StatusCode, Header: resp.Header, FromCache: f.seen && resp.StatusCode == http.StatusNotModified}
	if out.FromCache {
		out.Status, data = http.StatusOK, f.entry.Body
		for k, v := range f.entry.Header {
			if _, ok := out.Header[k]; !ok {
				out.Header[k] = v
			}
		}
	}
	if out.Status >= 300 || out.Status < 200 {
		after, _ := f.c.retryAfter(resp.Header)
		if f.req.Failed != nil {
			*f.req.Failed = data
		}
		return out, &StatusError{
			Service: f.c.c.Service, Method: f.req.Method, Path: f.path, Status: out.Status, Message: message(data, f.texts()), RetryAfter: after,
		}
	}
	if err := f.decode(data); err != nil {
		return nil, f.fail(err)
	}
	return out, nil
}

// decode reads the answer into what the caller wants. Its errors do not quote the answer.
func (f *flight) decode(data []byte) error {
	if raw, ok := f.req.Into.(*[]byte); ok {
		*raw = data
		return nil
	}
	if f.req.Into == nil {
		return nil
	}
	return decode(data, f.req.Into, f.c.c.MaxDepth)
}
