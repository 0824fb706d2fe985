package issuersim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Mode is how an issuer behaves.
type Mode int

// The modes.
const (
	Honest    Mode = iota
	Lies           // says that the credential is ended, and goes on accepting it
	Late           // goes on accepting it for Sim.Lag
	Forbids        // answers 403 to everything
	Unknown        // answers 404 to everything
	Down           // answers 503 to everything
	Limits         // answers 429 to everything
	NoControl      // refuses the control call
)

// Sim is all issuers. Its methods may be called from several goroutines.
type Sim struct {
	Now func() time.Time
	Lag time.Duration

	mu    sync.Mutex
	mode  map[string]Mode
	lives map[string]string    // credential -> account
	ended map[string]time.Time // credential -> when
	keys  map[string]AWSKey    // by id
	born  map[string]time.Time // id of a key -> when it is known everywhere
	calls []string
}

// New makes issuers at which nothing lives.
func New(now func() time.Time) *Sim {
	return &Sim{Now: now, mode: map[string]Mode{}, lives: map[string]string{}, ended: map[string]time.Time{}, keys: map[string]AWSKey{}, born: map[string]time.Time{}}
}

// Add makes a credential that lives.
func (s *Sim) Add(credential, account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lives[credential] = account
}

// Set sets how the issuer at a host behaves.
func (s *Sim) Set(host string, m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode[host] = m
}

// Alive reports whether a credential is accepted now.
func (s *Sim) Alive(credential string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.alive(credential)
	return ok
}

// Calls lists the requests that came: host, method and path, credentials left out.
func (s *Sim) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *Sim) alive(c string) (account string, ok bool) {
	account, ok = s.lives[c]
	if s.Now().Before(s.born[c]) {
		return "", false
	}
	if at, ended := s.ended[c]; ok && ended && !s.Now().Before(at) {
		return "", false
	}
	return account, ok
}

// issued reports whether a credential is one of its issuer's own, alive or not.
func (s *Sim) issued(c string) bool {
	_, ok := s.lives[c]
	return ok
}

// end ends a credential as the mode of the host says.
func (s *Sim) end(host, c string) {
	if _, ok := s.ended[c]; ok || s.mode[host] == Lies {
		return
	}
	at := s.Now()
	if s.mode[host] == Late {
		at = at.Add(s.Lag)
	}
	s.ended[c] = at
}

// request is one request with what the handlers need of it.
type request struct {
	*Sim
	w          http.ResponseWriter
	host       string
	what       string // method and path
	credential string
	body       map[string]any
	header     http.Header
	raw        []byte
	form       url.Values // of a query API, from the body or, of a GET, from the address
	query      url.Values
}

func (q *request) answer(status int, body any) {
	q.w.Header().Set("Content-Type", "application/json")
	q.w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(q.w).Encode(body)
	}
}

type object = map[string]any

// ServeHTTP answers as the issuer of the host does.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &request{Sim: s, w: w, host: r.Host, what: r.Method + " " + r.URL.Path, credential: presented(r), header: r.Header, query: r.URL.Query()}
	q.form = q.query
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	q.raw = data
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		if err != nil || !q.readForm() {
			q.answer(http.StatusBadRequest, nil)
			return
		}
	} else if err == nil && len(data) > 0 && json.Unmarshal(data, &q.body) != nil {
		q.answer(http.StatusBadRequest, object{"message": "Problems parsing JSON"})
		return
	}
	shown := q.what
	if i := strings.Index(shown, "/-/user/token/"); i >= 0 {
		shown = shown[:i+len("/-/user/token/")]
	}
	s.calls = append(s.calls, r.Host+" "+shown)
	switch s.mode[r.Host] {
	case Forbids:
		q.answer(http.StatusForbidden, object{"message": "Forbidden"})
		return
	case Unknown:
		q.answer(http.StatusNotFound, object{"message": "Not Found"})
		return
	case Down:
		q.answer(http.StatusServiceUnavailable, nil)
		return
	case Limits:
		w.Header().Set("Retry-After", "3600")
		q.answer(http.StatusTooManyRequests, nil)
		return
	case NoControl:
		if q.credential == "" {
			q.answer(http.StatusBadGateway, nil)
			return
		}
	}
	h := hosts[r.Host]
	if h == nil || !h(q) {
		q.answer(http.StatusNotFound, object{"message": "Not Found"})
	}
}

// presented is the credential that a request shows.
func presented(r *http.Request) string {
	for _, name := range []string{"PRIVATE-TOKEN", "X-Vault-Token", "x-api-key", "DD-API-KEY"} {
		if v := r.Header.Get(name); v != "" {
			return v
		}
	}
	if user, _, ok := r.BasicAuth(); ok {
		return user
	}
	_, v, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return v
}
