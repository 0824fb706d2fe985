package httpxtest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a way in which a service fails.
type Fault string

// The faults.
const (
	Unauthorized  Fault = "401"
	Forbidden     Fault = "403"
	NotFound      Fault = "404"
	Conflict      Fault = "409"
	Unprocessable Fault = "422"
	TooMany       Fault = "429" // with a Retry-After of two hours
	Broken        Fault = "500"
	Unavailable   Fault = "503"
	Hang          Fault = "hang"               // no answer until the request's context ends
	Cut           Fault = "cut"                // the connection ends in the middle of the answer
	WrongJSON     Fault = "wrong JSON"         // of another type than any interface says
	NotJSON       Fault = "not JSON"           // a page for people, with status 200
	HugeJSON      Fault = "huge JSON"          // more than any client should read
	DeepJSON      Fault = "deep JSON"          // nested a hundred thousand times
	Elsewhere     Fault = "redirect elsewhere" // to another host, which would gladly have the credential
)

// All lists every fault.
func All() []Fault {
	return []Fault{Unauthorized, Forbidden, NotFound, Conflict, Unprocessable, TooMany, Broken, Unavailable, Hang, Cut, WrongJSON, NotJSON, HugeJSON, DeepJSON, Elsewhere}
}

// OtherHost is where [Elsewhere] leads.
const OtherHost = "elsewhere.example"

// Faulty answers one of the different requests that it sees with a fault, each time that it is sent, and passes the
// others on. Two requests are different when method, path or query are.
type Faulty struct {
	next  http.RoundTripper
	at    int
	fault Fault

	mu    sync.Mutex
	order map[string]int
	hit   string
}

// Faults makes a transport that fails the at-th request, counted from 1. at 0 fails none: [Faulty.Requests] then tells
// how many there are.
func Faults(next http.RoundTripper, at int, f Fault) *Faulty {
	return &Faulty{next: next, at: at, fault: f, order: map[string]int{}}
}

// Requests is how many different requests were seen.
func (f *Faulty) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.order)
}

// Hit is the request that was failed: method and path; "" if there was none.
func (f *Faulty) Hit() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hit
}

func (f *Faulty) number(r *http.Request) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Method + " " + r.URL.String()
	n, ok := f.order[key]
	if !ok {
		n = len(f.order) + 1
		f.order[key] = n
	}
	if n == f.at {
		f.hit = r.Method + " " + r.URL.Path
	}
	return n
}

// RoundTrip implements http.RoundTripper.
func (f *Faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == OtherHost {
		return answer(r, http.StatusOK, `{}`), nil
	}
	if f.number(r) != f.at {
		return f.next.RoundTrip(r)
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	switch f.fault {
	case Hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case Cut:
		resp := answer(r, http.StatusOK, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`[{"id":`), failing{}))
		resp.ContentLength = -1
		return resp, nil
	case WrongJSON:
		return answer(r, http.StatusOK, `"seven"`), nil
	case NotJSON:
		return answer(r, http.StatusOK, "<html><body>Please sign in</body></html>"), nil
	case HugeJSON:
		const most = 1 << 30
		resp := answer(r, http.StatusOK, "")
		resp.Body, resp.ContentLength = io.NopCloser(io.LimitReader(blanks{}, most)), -1
		return resp, nil
	case DeepJSON:
		return answer(r, http.StatusOK, strings.Repeat("[", 100_000)), nil
	case Elsewhere:
		resp := answer(r, http.StatusFound, "")
		resp.Header.Set("Location", "https://"+OtherHost+r.URL.RequestURI())
		return resp, nil
	}
	status, err := strconv.Atoi(string(f.fault))
	if err != nil {
		panic("httpxtest: no such fault: " + string(f.fault))
	}
	resp := answer(r, status, `{"message":"a fault of the test"}`)
	if f.fault == TooMany {
		resp.Header.Set("Retry-After", "7200")
	}
	return resp, nil
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// NoSleep is an httpx Sleep that waits for nothing, so that no test does.
func NoSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
