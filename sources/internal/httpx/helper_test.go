package httpx

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
)

var (
	token = "tok_" + "FAKE0123456789abcdef"
	start = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
)

// world is a client on a handler, with a clock that waiting moves.
type world struct {
	*Client
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	told  []string
	paths []string // requests that arrived, in order
	seen  []http.Header
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slept, w.now = append(w.slept, d), w.now.Add(d)
	return ctx.Err()
}

func (w *world) total() (d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.slept {
		d += s
	}
	return d
}

func (w *world) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.paths)
}

func newWorld(t *testing.T, h http.HandlerFunc, change func(*Config)) *world {
	t.Helper()
	w := &world{now: start}
	c := Config{
		Service: "Forge", Base: "https://forge.example/api/v3", UserAgent: "nhitop/test", Authorize: Bearer(Held(inventory.NewValue(token))),
		Now: w.clock, Sleep: w.sleep, OnWait: func(x Wait) { w.told = append(w.told, x.String()) },
		Transport: InProcess(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.mu.Lock()
			w.paths, w.seen = append(w.paths, r.Method+" "+r.URL.RequestURI()), append(w.seen, r.Header.Clone())
			w.mu.Unlock()
			h(rw, r)
		})),
	}
	if change != nil {
		change(&c)
	}
	cl, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Client = cl
	return w
}

// script answers each request with the next of the answers, and the last for ever.
func script(answers ...func(http.ResponseWriter)) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		f := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		f(w)
	}
}

func status(code int, body string, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = fmt.Fprint(w, body)
	}
}

func cutOff(w http.ResponseWriter) {
	_, _ = fmt.Fprint(w, `[{"id"`)
	w.(http.Flusher).Flush()
	panic("cut")
}

func contains(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want %q", err, want)
	}
	if err != nil && strings.Contains(err.Error(), token[4:10]) {
		t.Errorf("the error shows the credential: %v", err)
	}
}
