package httpx

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// InProcess serves requests by a handler in this process: a simulator as a transport, without a socket. The answer's body
// is streamed. A request whose context ends ends with it, whatever the handler does; a handler that panics cuts the
// connection.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ h http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.RequestURI, in.RemoteAddr, in.Proto, in.ProtoMajor, in.ProtoMinor = r.URL.RequestURI(), "127.0.0.1:1", "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	read, write := io.Pipe()
	w := &answer{header: http.Header{}, begun: make(chan struct{}), body: write}
	go func() {
		defer func() {
			var err error
			if recover() != nil {
				err = io.ErrUnexpectedEOF
			}
			if r.Body != nil {
				_ = r.Body.Close()
			}
			if err == nil {
				w.WriteHeader(http.StatusOK)
			} else {
				w.fail(err)
			}
			_ = write.CloseWithError(err)
		}()
		p.h.ServeHTTP(w, in)
	}()
	stop := context.AfterFunc(ctx, func() { _ = write.CloseWithError(ctx.Err()) })
	select {
	case <-ctx.Done():
		cancel()
		return nil, ctx.Err()
	case <-w.begun:
	}
	if w.err != nil {
		cancel()
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Request: r,
		ContentLength: -1, Body: &streamed{read, func() { stop(); cancel() }},
	}, nil
}

// streamed is the body of an answer; closing it ends the handler's context.
type streamed struct {
	*io.PipeReader
	done func()
}

func (s *streamed) Close() error {
	s.done()
	return s.PipeReader.Close()
}

// answer is what the handler writes to.
type answer struct {
	header http.Header
	body   *io.PipeWriter
	once   sync.Once
	begun  chan struct{}
	status int
	sent   http.Header
	err    error
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if status >= 100 && status < 200 {
		return
	}
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	})
}

func (a *answer) fail(err error) {
	a.once.Do(func() {
		a.err = err
		close(a.begun)
	})
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return a.body.Write(p)
}

// Flush implements http.Flusher: nothing is held back.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }
