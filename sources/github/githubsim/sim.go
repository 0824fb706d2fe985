package githubsim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Sim is a GitHub that runs in this process. It is safe for concurrent use.
type Sim struct {
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error
	server string
	mux    *http.ServeMux
	inner  http.Handler // the mux, and what Within put around it

	mu       sync.Mutex
	st       *state
	late     []effect
	kills    map[string]Kill
	faults   []*Fault
	limits   Limits
	windows  map[string]*window
	second   secondary
	requests int
	asked    map[string]int
	shown    int
}

// New makes a simulator of a world.
func New(w World) *Sim {
	s := &Sim{now: w.Now, sleep: w.Sleep, server: w.Server, mux: http.NewServeMux(), st: build(w), kills: map[string]Kill{}, limits: w.Limits.filled(), windows: map[string]*window{}, asked: map[string]int{}}
	if s.now == nil {
		s.now = func() time.Time { return Noon }
	}
	if s.sleep == nil {
		s.sleep = sleep
	}
	for i := range routes {
		rt := &routes[i]
		s.mux.Handle(rt.pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.route(w, r, rt) }))
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.route(w, r, &nowhere) })
	s.inner = s.mux
	return s
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Within puts a handler around the simulated service, inside of the faults: what it sees is what the service itself was
// asked and answered. Call it before the first request. The contract tests check requests and answers there.
func (s *Sim) Within(wrap func(http.Handler) http.Handler) { s.inner = wrap(s.inner) }

// ServeHTTP answers as api.github.com does, and below /api/v3 and at /api/graphql as an Enterprise Server.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = asCloud(r)
	if f := s.plan(r); f != nil {
		s.suffer(f, w, r)
		return
	}
	s.inner.ServeHTTP(w, r)
}

// asCloud is a request to an Enterprise Server as one to the cloud.
func asCloud(r *http.Request) *http.Request {
	p, raw := r.URL.Path, r.URL.EscapedPath()
	switch {
	case p == "/api/graphql":
		p, raw = "/graphql", "/graphql"
	case strings.HasPrefix(p, "/api/v3/"):
		p, raw = strings.TrimPrefix(p, "/api/v3"), strings.TrimPrefix(raw, "/api/v3")
	default:
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = p, raw
	inner := r.WithContext(context.WithValue(r.Context(), prefixKey{}, "/api/v3"))
	inner.URL = &u
	return inner
}

type prefixKey struct{}

// call is one request while it is answered. The simulator is locked.
type call struct {
	*Sim
	r     *http.Request
	rt    *route
	who   caller
	query url.Values
	body  []byte
	api   string // base of the API's URLs, without a slash at the end
	web   string // base of the pages for people
	org   *org
	repo  *repo

	ownerOf   *org
	ownerJSON json.RawMessage
}

// route answers a request by one entry of the table: who asks, whether it may, whether there is quota left, and then what
// it asked for.
func (s *Sim) route(w http.ResponseWriter, r *http.Request, rt *route) {
	body, err := readAll(r)
	if err != nil {
		http.Error(w, "cut", http.StatusBadRequest)
		return
	}
	s.answer(&call{Sim: s, r: r, rt: rt, query: r.URL.Query(), body: body}).write(w, r)
}

func (s *Sim) answer(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.bases()
	s.requests++ // numbers the answers
	s.asked[c.rt.pattern]++
	s.settle()
	a := c.gates()
	c.dress(&a)
	return a
}

// gates are passed in GitHub's order; behind them is the route itself.
func (c *call) gates() answer {
	for _, gate := range []func(*call) *answer{(*call).agent, (*call).version, (*call).identify, (*call).metered, (*call).place, (*call).allowed} {
		if a := gate(c); a != nil {
			return *a
		}
	}
	return c.rt.do(c)
}

func (c *call) agent() *answer {
	if c.r.Header.Get("User-Agent") == "" {
		return c.refuse(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header")
	}
	return nil
}

// Versions of the REST API that are accepted, oldest first.
var Versions = []string{"2022-11-28", "2026-03-10"}

func (c *call) version() *answer {
	v := c.r.Header.Get("X-GitHub-Api-Version")
	if v == "" {
		return nil
	}
	for _, ok := range Versions {
		if v == ok {
			return nil
		}
	}
	return c.refuse(http.StatusBadRequest, fmt.Sprintf("%q is not a supported API version", v))
}

func (c *call) bases() {
	scheme := "https"
	if c.r.TLS == nil && loopback(c.r.Host) {
		scheme = "http"
	}
	prefix, _ := c.r.Context().Value(prefixKey{}).(string)
	c.api = scheme + "://" + c.r.Host + prefix
	c.web = "https://github.com"
	if prefix != "" || c.server != "" {
		c.web = scheme + "://" + c.r.Host
	}
}

func loopback(host string) bool {
	return strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "[::1]")
}

// place finds the organisation and the repository that the path names.
func (c *call) place() *answer {
	if name := c.r.PathValue("org"); name != "" {
		if c.org = c.st.orgs[low(name)]; c.org == nil {
			return c.notFound()
		}
	}
	if name := c.r.PathValue("repo"); name != "" {
		c.repo = c.st.repos[low(c.r.PathValue("owner")+"/"+name)]
		if c.repo == nil || c.who.kind != itself && c.reach(c.repo) < roleRead {
			return c.notFound()
		}
		c.org = c.repo.org
	}
	return nil
}

// pathInt is a number in the path; 0 if it is none.
func (c *call) pathInt(name string) int64 {
	n, err := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Asked is how often each operation was asked for, by the pattern of its route ("GET /orgs/{org}/installations"), those
// that faults kept from the service not counted; "/" are paths that there is no operation for.
func (s *Sim) Asked() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.asked)
}

// Shown is how many times an alert was answered with the secret itself, because nobody asked to hide it.
func (s *Sim) Shown() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown
}

func num(n int64) string { return strconv.FormatInt(n, 10) }
