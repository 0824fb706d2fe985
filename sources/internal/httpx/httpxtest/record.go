package httpxtest

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Sent is one request as it left the client.
type Sent struct {
	Method, Host, Path, Query string
	Credential                bool // a header that carries one was there
}

// String is method, host and path.
func (s Sent) String() string { return s.Method + " " + s.Host + s.Path }

// Recorder notes every request and passes it on.
type Recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []Sent
	raw  []string // what left in header, path and query, to look for values in
	to   []string // the host of each raw
}

// Record makes a recorder.
func Record(next http.RoundTripper) *Recorder { return &Recorder{next: next} }

var credentialHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Private-Token", "Job-Token", "X-Api-Key"}

// RoundTrip implements http.RoundTripper.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	s := Sent{Method: req.Method, Host: req.URL.Host, Path: req.URL.Path, Query: req.URL.RawQuery}
	for _, h := range credentialHeaders {
		s.Credential = s.Credential || req.Header.Get(h) != ""
	}
	var b strings.Builder
	_ = req.Header.Write(&b)
	r.mu.Lock()
	r.sent = append(r.sent, s)
	r.raw = append(r.raw, req.URL.String()+"\n"+b.String())
	r.to = append(r.to, req.URL.Host)
	r.mu.Unlock()
	return r.next.RoundTrip(req)
}

// Sent returns what was sent so far.
func (r *Recorder) Sent() []Sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Sent(nil), r.sent...)
}

// Reset forgets what was sent.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent, r.raw, r.to = nil, nil, nil
}

// OnlyTo fails the test if a credential, or one of the values, left for another host than this one.
func (r *Recorder) OnlyTo(t testing.TB, host string, values ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range r.sent {
		if r.to[i] == host {
			continue
		}
		if s.Credential {
			t.Errorf("%s carries a credential", s)
		}
		for _, v := range values {
			if v != "" && strings.Contains(r.raw[i], v) {
				t.Errorf("%s carries a secret's value", s)
			}
		}
	}
}

// ReadsOnly fails the test if anything but GET, HEAD and OPTIONS was sent, save to the paths that are named.
func (r *Recorder) ReadsOnly(t testing.TB, readPosts ...string) {
	t.Helper()
	for _, s := range r.Sent() {
		ok := s.Method == http.MethodGet || s.Method == http.MethodHead || s.Method == http.MethodOptions
		for _, p := range readPosts {
			ok = ok || s.Method == http.MethodPost && s.Path == p
		}
		if !ok {
			t.Errorf("%s was sent while reading", s)
		}
	}
}
