package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// attempt sends a request once. Everything that must hold for each attempt is held here: the arming, the pace, the
// credential's host, the time and the size.
type attempt struct{ *Client }

// RoundTrip implements http.RoundTripper. The answer's body is in memory.
func (c attempt) RoundTrip(r *http.Request) (*http.Response, error) {
	f := flightOf(r.Context())
	if f == nil {
		return nil, errors.New("a request that is not the client's")
	}
	if _, ok := armedBy(f.ctx); !ok && !safe(r.Method) && !f.repeatable {
		return nil, ErrUnarmed
	}
	if err := c.enter(f, r.URL); err != nil {
		return nil, err
	}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(r.Context(), c.c.Timeout)
	defer cancel()
	sent := r.Clone(ctx) // a RoundTripper may not change what it got
	key, err := c.dress(ctx, f, sent)
	if err != nil {
		return nil, err
	}
	started := c.c.Now()
	resp, data, err := c.exchange(ctx, sent)
	c.log(f, resp, c.c.Now().Sub(started))
	if err != nil {
		if ctx.Err() != nil && f.ctx.Err() == nil {
			err = fmt.Errorf("%w (%s)", ErrTimeout, c.c.Timeout)
		}
		return nil, err
	}
	c.keep(key, resp, data)
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return resp, nil
}

// enter waits for the limits, our own pace and a free slot. Whoever waits for a limit holds no slot: others have limits of
// their own.
func (c attempt) enter(f *flight, u *url.URL) error {
	for {
		if err := c.hold(f, u); err != nil {
			return err
		}
		select {
		case <-f.ctx.Done():
			return f.ctx.Err()
		case c.slots <- struct{}{}:
		}
		if !c.closed(f, u) {
			return c.pace(f)
		}
		<-c.slots // a limit was met while we waited for the slot
	}
}

// dress adds what is only for this host and this attempt: the credential, the secret of the path, and what was kept of
// an earlier answer. It returns the key under which the answer may be kept, "" for none.
func (c attempt) dress(ctx context.Context, f *flight, r *http.Request) (key string, err error) {
	if !c.own(r.URL) {
		return "", nil
	}
	if r.URL, err = f.withSecret(r.URL); err != nil {
		return "", err
	}
	r.Host = ""
	auth := f.req.As
	if auth == nil && !f.req.Anonymous {
		auth = c.c.Authorize
	}
	if auth != nil {
		if err := auth(ctx, r); err != nil {
			return "", &credentialError{err}
		}
	}
	if c.c.Cache == nil || r.Method != http.MethodGet || !f.req.Secret.IsZero() {
		return "", nil
	}
	key = cacheKey(r)
	if f.entry, f.seen = c.c.Cache.Get(key); f.seen {
		f.entry.ask(r.Header)
	}
	return key, nil
}

// credentialError is a credential that could not be read: no reason to try again.
type credentialError struct{ err error }

func (e *credentialError) Error() string { return "cannot be asked: " + e.err.Error() }
func (e *credentialError) Unwrap() error { return e.err }

// exchange sends a request and reads the whole answer.
func (c attempt) exchange(ctx context.Context, r *http.Request) (*http.Response, []byte, error) {
	resp, err := c.send.RoundTrip(r)
	if err != nil {
		return nil, nil, cut(err)
	}
	defer resp.Body.Close()
	if resp.ContentLength > c.c.MaxBody && r.Method != http.MethodHead {
		return resp, nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, resp.ContentLength, c.c.MaxBody)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, c.c.MaxBody+1))
	switch {
	case int64(len(data)) > c.c.MaxBody:
		return resp, nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.c.MaxBody)
	case ctx.Err() != nil:
		return resp, nil, ctx.Err()
	case err != nil:
		return resp, nil, cut(err)
	}
	return resp, data, nil
}

// cut names a connection that ended too early; other errors stay what they are.
func cut(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}

func (c attempt) log(f *flight, resp *http.Response, took time.Duration) {
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	step, _ := armedBy(f.ctx)
	c.c.Log.Info("request", "service", c.c.Service, "method", f.req.Method, "path", f.path, "status", status, "ms", took.Milliseconds(), "step", step)
}

// keep puts an answer into the cache.
func (c attempt) keep(key string, resp *http.Response, data []byte) {
	if e, ok := newEntry(resp, data); ok && key != "" {
		c.c.Cache.Put(key, e)
	}
}
