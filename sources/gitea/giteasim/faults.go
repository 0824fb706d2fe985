package giteasim

import (
	"context"
	"net/http"
	"path"
	"strings"
	"time"
)

// Lies of a [Fault]: what a server that is not to be believed does with a request that takes something away.
const (
	LieIgnores = "ignores" // answers as if it were done, and does nothing
	LieHides   = "hides"   // shows it no longer, and goes on accepting it
)

// Fault is a way in which the server misbehaves, for the calls that it fits. The first that fits holds.
type Fault struct {
	Method string // "": any
	Path   string // as path.Match has it, over the path below /api/v1; "": any
	After  int    // so many fitting calls go well first
	Times  int    // and then so many do not; 0: all

	Status int               // answers this status
	Header map[string]string // with these headers
	Body   string            // and this body, instead of Gitea's
	Hang   bool              // never answers; ends with the request
	Cut    bool              // breaks off in the middle of the answer
	Delay  time.Duration     // answers as always, this much later
	Lie    string

	seen int
}

// Break makes the server misbehave from now on.
func (s *Sim) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Mend takes all faults away.
func (s *Sim) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faultOf finds the fault that holds for a request, and counts.
func (s *Sim) faultOf(r *http.Request) *Fault {
	at, _ := strings.CutPrefix(r.URL.Path, prefix)
	for _, f := range s.faults {
		if f.Method != "" && f.Method != r.Method {
			continue
		}
		if ok, err := path.Match(f.Path, at); f.Path != "" && (!ok || err != nil) {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f
		}
	}
	return nil
}

// misbehave does what the fault says. on says that the request is to be served all the same, to the writer it returns.
func (s *Sim) misbehave(f *Fault, w http.ResponseWriter, r *http.Request) (_ http.ResponseWriter, on bool) {
	switch {
	case f.Hang:
		<-r.Context().Done()
		return w, false
	case f.Status != 0 || f.Body != "":
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		for k, v := range f.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(max(f.Status, http.StatusOK))
		_, _ = w.Write([]byte(f.Body))
		return w, false
	case f.Cut:
		return &cutter{w}, true
	case f.Delay > 0:
		s.w.Sleep(r.Context().Done(), f.Delay)
	}
	return w, true
}

// cutter gives half of the body away and breaks the connection. What the request asked for was done all the same.
type cutter struct{ http.ResponseWriter }

func (c *cutter) WriteHeader(status int) {
	if status == http.StatusNoContent {
		panic(http.ErrAbortHandler)
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *cutter) Write(p []byte) (int, error) {
	_, _ = c.ResponseWriter.Write(p[:len(p)/2])
	if f, ok := c.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

type lieKey struct{}

func withLie(ctx context.Context, lie string) context.Context {
	if lie == "" {
		return ctx
	}
	return context.WithValue(ctx, lieKey{}, lie)
}

func lieOf(ctx context.Context) string {
	lie, _ := ctx.Value(lieKey{}).(string)
	return lie
}
