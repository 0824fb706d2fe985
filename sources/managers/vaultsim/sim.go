package vaultsim

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Data is what a secret holds: texts, numbers and whatever else JSON knows, by key.
type Data = map[string]any

// World is what there is at the start.
type World struct {
	Mounts    map[string]int                 // version of the KV engine by mount; 0: another engine
	Secrets   map[string]Data                // by mount and path
	Tokens    map[string]map[string][]string // capabilities by token and path, as policies name paths; a star may end one
	Namespace string                         // where it all is
	Now       func() time.Time               // nil: the clock
}

// Fault is how it goes wrong.
type Fault struct {
	Sealed  bool
	Lies    bool // a write is answered as done, and nothing is kept
	Status  int  // of every write; nothing is kept
	Before  bool // the connection breaks before a write
	After   bool // the connection breaks after it
	Late    int  // looks at what stands there after a write that still show what was
	Strange bool // answers are no JSON
}

// Sim is the server. Its methods may be called from several goroutines.
type Sim struct {
	mu    sync.Mutex
	w     World
	kept  map[string]*secret
	fault Fault
	late  int
	first func() // before the next write
}

type secret struct {
	versions []version // of KV version 1: the newest alone
	shown    int       // of them, while it is late
}

type version struct {
	data    Data
	made    time.Time
	deleted time.Time
}

// New makes a server.
func New(w World) *Sim {
	if w.Now == nil {
		w.Now = time.Now
	}
	s := &Sim{w: w, kept: map[string]*secret{}}
	for p, d := range w.Secrets {
		s.kept[p] = &secret{versions: []version{{data: maps.Clone(d), made: w.Now()}}}
	}
	return s
}

// Break makes it go wrong from now on.
func (s *Sim) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Before runs something before the next write, as if another were faster.
func (s *Sim) Before(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = f
}

// Put writes as somebody else does.
func (s *Sim) Put(path string, d Data) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(path, d)
}

// Delete deletes the newest version, as somebody else does.
func (s *Sim) Delete(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.kept[path]; k != nil {
		k.versions[len(k.versions)-1].deleted = s.w.Now()
	}
}

// Shows is what stands at a path, and how many versions there are.
func (s *Sim) Shows(path string) (Data, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[path]
	if k == nil {
		return nil, 0
	}
	return maps.Clone(k.versions[len(k.versions)-1].data), len(k.versions)
}

func (s *Sim) put(path string, d Data) *version {
	k := s.kept[path]
	if k == nil {
		k = &secret{}
		s.kept[path] = k
	}
	k.shown, s.late = len(k.versions), s.fault.Late
	mount, _, _ := s.mount(path)
	if s.w.Mounts[mount] == 1 {
		k.versions = nil
		k.shown = 0
	}
	k.versions = append(k.versions, version{data: d, made: s.w.Now()})
	return &k.versions[len(k.versions)-1]
}

// mount splits a path.
func (s *Sim) mount(path string) (mount, rest string, ok bool) {
	for m := range s.w.Mounts {
		if rest, ok := strings.CutPrefix(path, m+"/"); ok {
			return m, rest, true
		}
	}
	return "", "", false
}

// ServeHTTP answers one request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/")
	s.mu.Lock()
	if writes(r.Method) && !strings.HasPrefix(path, "sys/") {
		if f := s.first; f != nil {
			s.first = nil
			s.mu.Unlock()
			f()
			s.mu.Lock()
		}
	}
	defer s.mu.Unlock()
	a := s.answer(r, path, body, ok)
	w.Header().Set("Content-Type", "application/json")
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	text, err := json.Marshal(a.body)
	if err != nil || a.cut {
		panic(http.ErrAbortHandler)
	}
	if s.fault.Strange {
		text = []byte("<html>")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(text) // who asked has gone
}

func writes(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

type answer struct {
	status int
	body   any
	cut    bool
}

func fails(status int, texts ...string) answer {
	if texts == nil {
		texts = []string{}
	}
	return answer{status: status, body: map[string]any{"errors": texts}}
}

// ok is an answer in the envelope of all answers.
func ok(data any) answer {
	return answer{status: http.StatusOK, body: envelope(data)}
}

func envelope(data any) map[string]any {
	return map[string]any{"request_id": "fa4e0000-0000-4000-8000-000000000001", "lease_id": "", "renewable": false, "lease_duration": 0, "data": data, "wrap_info": nil, "warnings": nil, "auth": nil}
}

var denied = fails(http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")

func (s *Sim) answer(r *http.Request, path string, body []byte, ok bool) answer {
	token, known := s.w.Tokens[r.Header.Get("X-Vault-Token")]
	switch {
	case !ok:
		return fails(http.StatusNotFound)
	case s.fault.Sealed:
		return fails(http.StatusServiceUnavailable, "Vault is sealed")
	case !known || r.Header.Get("X-Vault-Namespace") != s.w.Namespace:
		return denied
	case path == "sys/capabilities-self" && r.Method == http.MethodPost:
		return capabilities(token, body)
	}
	if of, ok := strings.CutPrefix(path, "sys/internal/ui/mounts/"); ok {
		return s.preflight(token, of)
	}
	mount, rest, found := s.mount(path)
	if !found {
		return fails(http.StatusNotFound, "no handler for route \""+path+"\". route entry not found.")
	}
	if writes(r.Method) {
		return s.spoiled(func() answer { return s.engine(token, mount, rest, r, body) })
	}
	return s.engine(token, mount, rest, r, body)
}

// spoiled is a write that may go wrong.
func (s *Sim) spoiled(write func() answer) answer {
	switch f := s.fault; {
	case f.Before:
		return answer{cut: true}
	case f.Status != 0:
		return fails(f.Status, "internal error")
	case f.Lies:
		kept := map[string]*secret{}
		for p, k := range s.kept {
			kept[p] = &secret{versions: slices.Clone(k.versions)}
		}
		defer func() { s.kept = kept }()
		return write()
	case f.After:
		if a := write(); a.status >= 300 {
			return a
		}
		return answer{cut: true}
	}
	return write()
}

// may is what a token may do on a path.
func may(token map[string][]string, path string) []string {
	for p, list := range token {
		if prefix, star := strings.CutSuffix(p, "*"); p == path || star && strings.HasPrefix(path, prefix) {
			return list
		}
	}
	return nil
}

func mayDo(token map[string][]string, path, what string) bool {
	list := may(token, path)
	return slices.Contains(list, what) || slices.Contains(list, "root")
}

func capabilities(token map[string][]string, body []byte) answer {
	var ask struct{ Paths []string }
	if json.Unmarshal(body, &ask) != nil || len(ask.Paths) == 0 {
		return fails(http.StatusBadRequest, "paths must be supplied")
	}
	data := map[string]any{}
	for _, p := range ask.Paths {
		list := slices.Sorted(slices.Values(may(token, p)))
		if len(list) == 0 {
			list = []string{"deny"}
		}
		data[p] = list
	}
	if len(ask.Paths) == 1 {
		data["capabilities"] = data[ask.Paths[0]]
	}
	all := envelope(data)
	maps.Copy(all, data)
	return answer{status: http.StatusOK, body: all}
}

// preflight says what is mounted, to a token that may do anything there.
func (s *Sim) preflight(token map[string][]string, path string) answer {
	mount, _, found := s.mount(path)
	sees := slices.ContainsFunc(slices.Collect(maps.Keys(token)), func(p string) bool { return p == "*" || strings.HasPrefix(p, mount+"/") })
	if !found || !sees {
		return fails(http.StatusForbidden, `preflight capability check returned 403, please ensure client's policies grant access to path "`+path+`/"`)
	}
	data := map[string]any{"path": mount + "/", "type": "kv", "options": nil, "accessor": "kv_fa4e0001", "description": "", "local": false, "seal_wrap": false, "external_entropy_access": false, "config": map[string]any{}}
	switch v := s.w.Mounts[mount]; v {
	case 0:
		data["type"] = "transit"
	default:
		data["options"] = map[string]string{"version": strconv.Itoa(v)}
	}
	return ok(data)
}
