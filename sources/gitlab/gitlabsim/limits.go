package gitlabsim

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is one that was answered.
type Request struct {
	Method string
	Path   string // without query
	Query  string
	Token  string // its name in the world; "" without a token that works
	Status int
}

// Requests returns what was asked so far.
func (s *Sim) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Forget empties the list of requests.
func (s *Sim) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// maxLog keeps a long demo from growing: the oldest half is dropped.
const maxLog = 100_000

func (s *Sim) note(c *call, status int) {
	x := Request{Method: c.r.Method, Path: c.r.URL.EscapedPath(), Query: c.r.URL.RawQuery, Status: status}
	if c.token != nil {
		x.Token = c.token.Name
	}
	if len(s.log) >= maxLog {
		s.log = slices.Clone(s.log[maxLog/2:])
	}
	s.log = append(s.log, x)
}

// window counts a user's requests of one minute.
type window struct {
	from time.Time
	n    int
}

// limit counts a request and says whether it is one too many. Headers and text: GitLab's documentation of user and IP
// rate limits, 2026-11.
func (c *call) limit() (*reply, http.Header) {
	if c.world.RateLimit == 0 {
		return nil, nil
	}
	w := &c.user.limits
	if c.at.Sub(w.from) >= time.Minute {
		*w = window{from: c.at.Truncate(time.Minute)}
	}
	w.n++
	reset := w.from.Add(time.Minute)
	h := http.Header{}
	h.Set("RateLimit-Limit", strconv.Itoa(c.world.RateLimit))
	h.Set("RateLimit-Name", "throttle_authenticated_api")
	h.Set("RateLimit-Observed", strconv.Itoa(w.n))
	h.Set("RateLimit-Remaining", strconv.Itoa(max(0, c.world.RateLimit-w.n)))
	h.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	if w.n <= c.world.RateLimit {
		return nil, h
	}
	h.Set("Retry-After", strconv.Itoa(int(reset.Sub(c.at).Round(time.Second).Seconds())))
	return &reply{http.StatusTooManyRequests, raw("Retry later\n"), h}, nil
}

// Fault is something that goes wrong with requests on demand.
type Fault struct {
	Method string // "" : any
	Path   string // a pattern of path.Match below /api/v4: /projects/*/deploy_keys; "" : any
	Skip   int    // that many matching requests go well first
	Times  int    // then so many go wrong; 0: all

	Status     int           // answer this, in GitLab's words
	RetryAfter time.Duration // with Status 429 or 503
	Body       string        // answer 200 with this instead
	Huge       int           // answer 200 with a list of so many bytes that does not end well
	Hang       bool          // say nothing until the caller gives up
	Cut        bool          // break off in the middle of the answer
	After      bool          // do it, then break off: the caller cannot know
}

// Inject lets requests go wrong. Faults are looked through in the order in which they came; the first that fits holds.
func (s *Sim) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal takes every fault away.
func (s *Sim) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Sim) fault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	below := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4")
	for _, f := range s.faults {
		fits, err := path.Match(f.Path, below)
		if f.Path == "" {
			fits, err = true, nil
		}
		if err != nil || !fits || f.Method != "" && f.Method != r.Method {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				f.Times = -1
			}
		} else if f.Times < 0 {
			continue
		}
		x := *f
		s.log = append(s.log, Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Status: -1})
		return &x
	}
	return nil
}

// disturb lets a fault have its way and reports whether it answered.
func (s *Sim) disturb(w http.ResponseWriter, r *http.Request) bool {
	f := s.fault(r)
	switch {
	case f == nil:
		return false
	case f.Hang:
		<-r.Context().Done()
	case f.After:
		return s.doAndCut(r)
	case f.Cut:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`[{"id":`))
		panic(http.ErrAbortHandler)
	case f.Huge > 0:
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `["%s`, strings.Repeat("x", f.Huge))
	case f.Body != "":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(f.Body))
	default:
		a := say(f.Status, "")
		if f.RetryAfter > 0 {
			a.header = http.Header{"Retry-After": {strconv.Itoa(int(f.RetryAfter.Seconds()))}}
		}
		if f.Status == http.StatusTooManyRequests {
			a.body = raw("Retry later\n")
		}
		a.write(w)
	}
	return true
}

// doAndCut carries a request out and breaks the connection off before the answer.
func (s *Sim) doAndCut(r *http.Request) bool {
	method, below, _ := strings.Cut(r.Pattern, " ")
	for _, rt := range routes() {
		if rt.pattern == method+" "+strings.TrimPrefix(below, "/api/v4") {
			s.mu.Lock()
			c := &call{Sim: s, r: r, at: s.now()}
			s.note(c, c.answer(rt).status)
			s.mu.Unlock()
		}
	}
	panic(http.ErrAbortHandler)
}

// Lie is how revocations go wrong.
type Lie struct {
	// Lag is how long a revoked token works on, although GitLab says that it is revoked.
	Lag time.Duration
	// Lives lets it work for ever: 204, and every list says revoked.
	Lives bool
	// Nothing answers 204 and changes nothing.
	Nothing bool
}

// Revocations sets how the revocations from now on go.
func (s *Sim) Revocations(l Lie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lie = l
}
