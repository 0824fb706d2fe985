package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// deeds is what was done to the company's providers, for a company that is kept: the simulators live in the process, and
// are told again when the company is opened again. It is a file of lines beside the state. Its credentials are made up.
type deeds struct {
	mu   sync.Mutex
	file string // "": nothing is kept
	off  bool   // while the past is played, and while it is told again
	now  func() time.Time
}

// deed is one request that changed something.
type deed struct {
	At     time.Time   `json:"at"`
	Host   string      `json:"host"`
	Method string      `json:"method"`
	URI    string      `json:"uri"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body,omitempty"`
}

// changes reports whether a request is one that may change something.
func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasSuffix(r.URL.Path, "/graphql") && !strings.HasSuffix(r.URL.Path, "/capabilities-self")
}

// serve answers a request, and writes it down if it changed something.
func (d *deeds) serve(host string, h http.Handler, w http.ResponseWriter, r *http.Request) {
	if d.file == "" || !changes(r) {
		h.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	told := &statusOf{ResponseWriter: w}
	h.ServeHTTP(told, r)
	if told.status < 300 {
		d.write(deed{d.now().UTC(), host, r.Method, r.URL.RequestURI(), r.Header, body})
	}
}

func (d *deeds) write(x deed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return
	}
	line, err := json.Marshal(x)
	if err != nil {
		return
	}
	f, err := os.OpenFile(d.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return // it will not be told again: the provider forgets it with the process
	}
	_, err = f.Write(append(line, '\n'))
	_ = errors.Join(err, f.Close())
}

// pause stops writing down, or goes on with it.
func (d *deeds) pause(off bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = off
}

// again does to the providers what was done to them before, each at its time.
func (d *deeds) again(set func(time.Time), to func(host string) http.Handler) error {
	text, err := os.ReadFile(d.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	d.pause(true)
	defer d.pause(false)
	defer set(time.Time{})
	for line := range bytes.Lines(text) {
		var x deed
		if err := json.Unmarshal(line, &x); err != nil {
			continue // a line that was cut off with the process
		}
		r, err := http.NewRequest(x.Method, "https://"+x.Host+x.URI, bytes.NewReader(x.Body))
		h := to(x.Host)
		if err != nil || h == nil {
			continue
		}
		r.Header, r.RemoteAddr, r.RequestURI = x.Header, "127.0.0.1:1", x.URI
		set(x.At)
		h.ServeHTTP(&statusOf{ResponseWriter: nowhere{http.Header{}}}, r)
	}
	return nil
}

// statusOf remembers what was answered.
type statusOf struct {
	http.ResponseWriter
	status int
}

func (s *statusOf) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusOf) Write(b []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(b)
}

// nowhere takes an answer that nobody waits for.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) WriteHeader(int)             {}
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
