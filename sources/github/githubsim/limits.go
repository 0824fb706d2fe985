package githubsim

import (
	"net/http"
	"strconv"
	"time"
)

func (l Limits) filled() Limits {
	for _, x := range []struct {
		n    *int
		full int
	}{{&l.User, 5000}, {&l.Installation, 5000}, {&l.Anonymous, 60}, {&l.GraphQL, 5000}, {&l.AuditLog, 1750}} {
		if *x.n == 0 {
			*x.n = x.full
		}
	}
	return l
}

// window is the hour in which the requests of one credential to one resource are counted.
type window struct {
	resource string
	limit    int
	used     int
	reset    time.Time
}

// SetLimits changes the primary rate limits. What was used stays used.
func (s *Sim) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l.filled()
	for _, w := range s.windows {
		w.limit = s.limitOf(w.resource, "")
	}
}

// limitOf is the limit of a resource; kind tells the callers of "core" apart.
func (s *Sim) limitOf(resource string, by Kind) int {
	switch {
	case resource == "graphql":
		return s.limits.GraphQL
	case resource == "audit_log":
		return s.limits.AuditLog
	case by == AppToken:
		return s.limits.Installation
	case by == nobody:
		return s.limits.Anonymous
	}
	return s.limits.User
}

// window finds the caller's count.
func (c *call) window() *window {
	resource := orText(c.rt.resource, "core")
	key := resource + " " + c.who.key()
	w := c.windows[key]
	now := c.now()
	if w == nil || !now.Before(w.reset) {
		w = &window{resource: resource, reset: now.Truncate(time.Second).Add(time.Hour)}
		c.windows[key] = w
	}
	w.limit = c.limitOf(resource, c.who.kind)
	return w
}

// metered counts the request, and refuses it when the hour's are used up or the secondary limit is on.
func (c *call) metered() *answer {
	if c.rt.unmetered {
		return nil
	}
	if a := c.secondLimit(); a != nil {
		return a
	}
	w := c.window()
	if w.used >= w.limit && w.resource == "graphql" {
		a := ok(obj{"errors": []any{obj{"type": "RATE_LIMITED", "message": "API rate limit exceeded for " + c.who.name() + "."}}})
		return &a // GraphQL says so with a 200
	}
	if w.used >= w.limit {
		return c.refuse(http.StatusForbidden, "API rate limit exceeded for "+c.who.name()+". If you reach out to GitHub Support for help, please include the request ID.")
	}
	w.used++
	return nil
}

// free gives back what a conditional request that found nothing new was charged.
func (c *call) free() {
	if w := c.window(); !c.rt.unmetered && w.used > 0 {
		w.used--
	}
}

func (c *call) tellLimits(h http.Header) {
	w := c.window()
	h.Set("X-RateLimit-Limit", strconv.Itoa(w.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(w.limit-w.used, 0)))
	h.Set("X-RateLimit-Used", strconv.Itoa(w.used))
	h.Set("X-RateLimit-Reset", num(w.reset.Unix()))
	h.Set("X-RateLimit-Resource", w.resource)
}

// secondary is the abuse limit, on demand.
type secondary struct {
	after  int // requests until it strikes
	lasts  int // requests that it then refuses
	wait   time.Duration
	status int
}

// Secondary makes the secondary rate limit strike: after n more requests the next ones are refused, as many as lasts says,
// with status (403 or 429) and a Retry-After of wait; with wait 0 the header is left out, as GitHub sometimes does.
func (s *Sim) Secondary(n, lasts int, status int, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.second = secondary{n, lasts, wait, status}
}

func (c *call) secondLimit() *answer {
	x := &c.second
	if x.lasts == 0 {
		return nil
	}
	if x.after > 0 {
		x.after--
		return nil
	}
	x.lasts--
	a := c.refuse(x.status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	if x.wait > 0 {
		*a = a.with("Retry-After", strconv.Itoa(int(x.wait/time.Second)))
	}
	return a
}

func (c *call) rateLimit() answer {
	one := func(resource string) obj {
		w := c.windows[resource+" "+c.who.key()]
		limit, used, reset := c.limitOf(resource, c.who.kind), 0, c.now().Add(time.Hour)
		if w != nil && c.now().Before(w.reset) {
			used, reset = w.used, w.reset
		}
		return obj{"limit": limit, "remaining": max(limit-used, 0), "used": used, "reset": reset.Unix()}
	}
	core := one("core")
	return ok(obj{"resources": obj{"core": core, "graphql": one("graphql"), "search": obj{"limit": 30, "remaining": 30, "used": 0, "reset": c.now().Unix() + 60}}, "rate": core})
}
