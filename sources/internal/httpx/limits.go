package httpx

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits says how a service tells its limits. The zero value knows Retry-After alone.
type Limits struct {
	Remaining string // header: requests left
	Reset     string // header: when there are more, in seconds since 1970
	Resource  string // header: which of several counters this answer is about
	// Bucket tells from a path which counter a request will count for, by the names that Resource uses. nil: there is one.
	Bucket func(path string) string
	// Secondary is a part of the message, in lower case, by which a 403 without any of these headers is a limit.
	Secondary string
	PerSecond float64 // a pace of our own, so that secondary limits are not met at all; 0: none
	Burst     int     // requests that may go at once before the pace holds
}

// GitHubLimits are those of GitHub and GitHub Enterprise Server (REST documentation, "Rate limits for the REST API",
// version 2026-03-10, read 2026-11-22): a counter for each resource, secondary limits told by Retry-After or by the
// message alone, and 900 points a minute for REST, of which a GET costs one.
var GitHubLimits = Limits{
	Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", Resource: "X-RateLimit-Resource", Secondary: "secondary rate limit",
	PerSecond: 15, Burst: 100,
	Bucket: func(path string) string {
		switch {
		case strings.HasSuffix(path, "/graphql"):
			return "graphql"
		case strings.Contains(path, "/search/"):
			return "search"
		case strings.HasSuffix(path, "/audit-log"):
			return "audit_log"
		}
		return "core"
	},
}

// GitLabLimits are those of GitLab (documentation "User and IP rate limits", read 2026-11-22).
var GitLabLimits = Limits{Remaining: "RateLimit-Remaining", Reset: "RateLimit-Reset"}

// gates hold requests back until a limit is over, one gate for each counter of the service.
type gates struct {
	mu    sync.Mutex
	until map[string]gate
}

type gate struct {
	at  time.Time // of our own clock
	why string
}

const (
	whyPrimary   = "its rate limit is used up"
	whySecondary = "it asks to slow down"
	// noTime is how long a secondary limit without a time lasts; GitHub asks for at least a minute.
	noTime = time.Minute
	slack  = time.Second // clocks of seconds are cut off
)

func (g *gates) close(bucket string, until time.Time, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until == nil {
		g.until = map[string]gate{}
	}
	if until.After(g.until[bucket].at) {
		g.until[bucket] = gate{until, why}
	}
}

func (g *gates) of(bucket string) gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until[bucket]
}

func (c *Client) bucket(path string) string {
	if c.c.Limits.Bucket == nil {
		return ""
	}
	return c.c.Limits.Bucket(path)
}

// closed reports whether a limit holds a request back. A gate that the request has waited for is open to it, also by a
// clock that stands still.
func (c *Client) closed(f *flight, u *url.URL) bool {
	g := c.gates.of(c.bucket(u.Path))
	return g.at.After(c.c.Now()) && g.at.After(f.passed)
}

// hold waits until the limits that are known allow the next request.
func (c *Client) hold(f *flight, u *url.URL) error {
	for c.closed(f, u) {
		g := c.gates.of(c.bucket(u.Path))
		f.passed = g.at
		d := g.at.Sub(c.c.Now())
		if d > c.c.MaxWait {
			return ErrLimited
		}
		if err := c.waitFor(f.ctx, d, g.why); err != nil {
			return err
		}
	}
	return nil
}

// pace keeps our own pace. The slot that is held meanwhile is one that nobody else could use sooner.
func (c *Client) pace(f *flight) error {
	if c.limiter == nil {
		return nil
	}
	now := c.c.Now()
	r := c.limiter.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d <= 0 {
		return nil
	}
	err := c.waitFor(f.ctx, d, "to keep its pace")
	if err != nil {
		r.CancelAt(c.c.Now())
		<-c.slots
	}
	return err
}

// limit reads what an answer says of limits. It closes the gate when a limit is reached, and reports whether this answer
// is a refusal for that reason alone.
func (c *Client) limit(f *flight, resp *http.Response) (time.Duration, bool) {
	bucket := c.bucket(f.path)
	if r := c.header(resp, c.c.Limits.Resource); r != "" && c.c.Limits.Bucket != nil {
		bucket = r
	}
	refused := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusForbidden
	reset, none := c.usedUp(resp)
	after, told := c.retryAfter(resp.Header)
	wait, why := time.Duration(0), whySecondary
	switch {
	case refused && told:
		wait = max(after, slack)
	case none:
		wait, why = max(reset+slack, slack), whyPrimary
	case resp.StatusCode == http.StatusTooManyRequests:
		wait = backOff(f.waits + 1)
	case refused && c.secondary(resp):
		wait = noTime << min(f.waits, 4)
	default:
		return 0, false
	}
	c.gates.close(bucket, c.c.Now().Add(wait), why)
	return wait, refused
}

func (c *Client) header(resp *http.Response, name string) string {
	if name == "" {
		return ""
	}
	return resp.Header.Get(name)
}

// usedUp reports that no request is left, and how long that lasts.
func (c *Client) usedUp(resp *http.Response) (time.Duration, bool) {
	if c.header(resp, c.c.Limits.Remaining) != "0" {
		return 0, false
	}
	at, err := strconv.ParseInt(c.header(resp, c.c.Limits.Reset), 10, 64)
	if err != nil || at < 0 || at > 1<<40 {
		return noTime, true
	}
	return max(0, time.Unix(at, 0).Sub(c.clock(resp.Header))), true
}

// secondary reports a limit that only the message tells. The body stays readable.
func (c *Client) secondary(resp *http.Response) bool {
	if c.c.Limits.Secondary == "" {
		return false
	}
	data := peek(resp)
	return strings.Contains(strings.ToLower(message(data, nil)), c.c.Limits.Secondary)
}
