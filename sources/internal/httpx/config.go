package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// Auth adds a credential to a request. See [Bearer], [Header] and [Basic].
type Auth func(ctx context.Context, r *http.Request) error

// Config is what a client is made of. Service and Base are needed.
type Config struct {
	Service     string      // as people read it: GitHub
	Base        string      // https://api.github.com; plain http only for loopback
	Header      http.Header // sent with each request; no credential
	Authorize   Auth        // adds the credential; asked only for the base's own host. nil: none
	CAFile      string      // PEM file of certificate authorities, besides those of the system
	Transport   http.RoundTripper
	Timeout     time.Duration // of one attempt, its body included; 0: 30 s
	MaxBody     int64         // bytes of an answer, unpacked; 0: 16 MiB
	MaxDepth    int           // of JSON nesting; 0: 64
	Concurrency int           // requests at once; 0: 4
	Limits      Limits
	Now         func() time.Time                                 // nil: time.Now
	Sleep       func(ctx context.Context, d time.Duration) error // nil: a timer
	OnWait      func(w Wait)                                     // nil: nobody is told; called from several goroutines
	MaxWait     time.Duration                                    // a longer wait for a limit ends the request; 0: 15 min
	Cache       Cache                                            // for conditional requests; nil: none
	Log         *slog.Logger                                     // nil: none
	UserAgent   string
	// ReadPosts are paths to which a POST only reads, such as /graphql: they are sent without arming, and repeated.
	ReadPosts []string
}

// Wait tells that a client waits.
type Wait struct {
	Service string
	For     time.Duration
	Why     string // its rate limit, it cannot be reached
}

// String is for the progress of a source: waiting 40 s for GitHub.
func (w Wait) String() string {
	return fmt.Sprintf("waiting %s for %s (%s)", round(w.For), w.Service, w.Why)
}

func round(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than 1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int((d+time.Second-1)/time.Second))
	}
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}

// Client sends requests to one provider. Its methods may be called from several goroutines.
type Client struct {
	c       Config
	base    *url.URL
	retry   *retryablehttp.Client
	send    http.RoundTripper
	slots   chan struct{}
	gates   gates
	limiter *rate.Limiter // nil: no pace of our own
}

const (
	defaultTimeout = 30 * time.Second
	defaultBody    = 16 << 20
	defaultDepth   = 64
	defaultSlots   = 4
	defaultMaxWait = 15 * time.Minute
)

// New makes a client. It sends nothing. The error begins with the key of the configuration that it is about, as sources
// spell it: url or ca_file.
func New(c Config) (*Client, error) {
	base, err := parseBase(c.Base)
	if err != nil {
		return nil, err
	}
	c.fill()
	cl := &Client{c: c, base: base, send: c.Transport, slots: make(chan struct{}, c.Concurrency)}
	if cl.send == nil {
		if cl.send, err = network(c); err != nil {
			return nil, err
		}
	}
	if l := c.Limits; l.PerSecond > 0 {
		cl.limiter = rate.NewLimiter(rate.Limit(l.PerSecond), max(1, l.Burst))
	}
	cl.retry = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     attempt{cl},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     1 << 20, // bounded by the policy, which counts failures and waits apart
		CheckRetry:   cl.again,
		PrepareRetry: cl.pause,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return cl, nil
}

func (c *Config) fill() {
	set := func(p *time.Duration, d time.Duration) {
		if *p <= 0 {
			*p = d
		}
	}
	set(&c.Timeout, defaultTimeout)
	set(&c.MaxWait, defaultMaxWait)
	if c.MaxBody <= 0 {
		c.MaxBody = defaultBody
	}
	if c.MaxDepth <= 0 {
		c.MaxDepth = defaultDepth
	}
	if c.Concurrency <= 0 {
		c.Concurrency = defaultSlots
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.OnWait == nil {
		c.OnWait = func(Wait) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// parseBase checks the address that a source was given. It does not repeat the address: somebody may have put a
// credential into it.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	switch {
	case s == "":
		return nil, errors.New(`url: is needed: url = "https://..."`)
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New(`url: not an address; write url = "https://host/path"`)
	case u.User != nil:
		return nil, errors.New("url: must not hold a name or a password; a credential is a reference of its own")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("url: ends with the path; take out what begins with ? or #")
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, errors.New("url: plain http is for loopback alone; write https://")
	default:
		return nil, errors.New("url: must begin with https://")
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Base is the address that paths are appended to, without a slash at its end.
func (c *Client) Base() string { return c.base.String() }

// URL is the address of a path, for evidence.
func (c *Client) URL(path string) string { return c.base.String() + path }

// Service is the name that people read.
func (c *Client) Service() string { return c.c.Service }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
