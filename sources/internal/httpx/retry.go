package httpx

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxTries   = 4 // failures that are no limit
	maxWaits   = 20
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// again decides whether a request is sent again, and after what wait. It is the policy of the retrying client.
func (c *Client) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	f := flightOf(ctx)
	if f == nil || f.ctx.Err() != nil {
		return false, ctx.Err()
	}
	f.wait, f.why = 0, ""
	if err != nil {
		return f.failed(err), nil
	}
	limit, limited := c.limit(f, resp)
	switch {
	case limited && !f.repeatable: // it was refused and changed nothing, but whether to ask again is the source's to say
		return false, nil
	case limited:
		if f.waits++; limit > c.c.MaxWait || f.waits > maxWaits {
			return false, fmt.Errorf("%w (%s)", ErrLimited, round(limit))
		}
		return true, nil // the gate is closed: the next attempt waits at it
	case resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusGatewayTimeout:
		if !f.failed(nil) {
			return false, nil
		}
		if after, ok := c.retryAfter(resp.Header); ok {
			if after > c.c.MaxWait {
				return false, fmt.Errorf("%w (%s)", ErrLimited, round(after))
			}
			f.wait = after
		}
		return true, nil
	}
	return false, nil
}

// failed counts a failure and says whether to try again.
func (f *flight) failed(err error) bool {
	f.tries++
	if !f.repeatable || f.tries >= maxTries || final(err) {
		return false
	}
	f.wait, f.why = backOff(f.tries), "it cannot be reached"
	return true
}

// final reports an error that another attempt would meet again.
func final(err error) bool {
	var ce *credentialError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var bad x509.CertificateInvalidError
	for _, e := range []error{ErrUnarmed, ErrTooLarge, ErrLimited, errSecretPath, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.As(err, &ce) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &bad)
}

// backOff doubles from half a second to half a minute. Half of it is chance, so that many clients that were thrown off
// together do not come back together.
func backOff(tries int) time.Duration {
	d := min(firstPause<<min(tries-1, 16), lastPause)
	return d/2 + rand.N(d/2+1)
}

// pause waits before an attempt that is not the first. It is a hook of the retrying client.
func (c *Client) pause(r *http.Request) error {
	f := flightOf(r.Context())
	if f == nil || f.wait <= 0 {
		return nil
	}
	return c.waitFor(f.ctx, f.wait, f.why)
}

// waitFor waits and says so, where it is long enough to be noticed.
func (c *Client) waitFor(ctx context.Context, d time.Duration, why string) error {
	const noticed = 2 * time.Second
	if d >= noticed {
		c.c.OnWait(Wait{Service: c.c.Service, For: d, Why: why})
	}
	return c.c.Sleep(ctx, d)
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is compared with the service's own clock.
func (c *Client) retryAfter(h http.Header) (time.Duration, bool) {
	return parseRetryAfter(h.Get("Retry-After"), c.clock(h))
}

func parseRetryAfter(s string, now time.Time) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	const most = 365 * 24 * time.Hour // so that no sum overflows
	if n, err := strconv.ParseUint(s, 10, 63); err == nil {
		return min(time.Duration(min(n, uint64(most/time.Second)))*time.Second, most), true
	}
	if strings.Trim(s, "0123456789") == "" {
		return most, true // a number too large to be read
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	return min(max(0, at.Sub(now)), most), true
}

// clock is the time of the service as the answer tells it, else ours: its dates are of its clock.
func (c *Client) clock(h http.Header) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return c.c.Now()
}
