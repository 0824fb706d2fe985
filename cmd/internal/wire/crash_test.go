package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/npm/npmsim"
)

// The tests below kill a process that carries a plan out over four providers, at a chosen write of its journal or request,
// and let another one bring the run to its end. The providers live in the test's own process, behind loopback.

const each = 15 // credentials at each provider: 60 steps

var (
	hubToken  = "gh" + "p_FAKEhub00000000000000000000000000000000"
	labToken  = "gl" + "pat-FAKElab0000000000000"
	teaToken  = strings.Repeat("fa4e", 10)
	providers = []string{"hub", "lab", "tea", "npm"}
)

// street is four providers, each behind an address of its own that stays while what is behind it is made anew.
type street struct {
	base  map[string]string // addresses
	mu    sync.Mutex
	now   map[string]http.Handler
	ended map[string]int // how often a request that ends something took effect
	npm   string         // the credential for the registry
}

func newStreet(t *testing.T) *street {
	s := &street{base: map[string]string{}}
	for _, name := range providers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(name, w, r) }))
		s.base[name] = server.URL
		t.Cleanup(server.Close)
	}
	s.renew(each)
	return s
}

// renew makes the providers anew, with n credentials each.
func (s *street) renew(n int) {
	noon := githubsim.Noon
	hub := githubsim.World{Server: "3.21", Now: time.Now, Tokens: []githubsim.Token{{Value: hubToken, Login: "olga", Scopes: []string{"admin:org", "repo"}}}}
	repo := githubsim.Repo{ID: 1, Name: "web"}
	lab := gitlabsim.World{Users: []gitlabsim.User{{Username: "root", Admin: true}, {Username: "ann"}}, Tokens: []gitlabsim.Token{{Name: "own", User: "root", Scopes: []string{"api"}, Value: labToken}}}
	tea := giteasim.World{Now: time.Now, Users: []giteasim.User{{Name: "root", Admin: true, Tokens: []giteasim.Token{{Name: "own", Value: teaToken, Scopes: []string{"all"}}}}, {Name: "ann"}}}
	registry := npmsim.New(npmsim.Options{Seed: "crash", Now: time.Now})
	s.npm = registry.Login("ann", "FAKE-pass"+"word")
	for i := range n {
		name := fmt.Sprintf("claude %03d", i)
		repo.Keys = append(repo.Keys, githubsim.DeployKey{ID: int64(100 + i), Title: name, Key: "ssh-ed25519 AAAA", AddedBy: "olga", Created: noon})
		lab.Tokens = append(lab.Tokens, gitlabsim.Token{Name: name, User: "ann", Scopes: []string{"read_api"}, Created: noon})
		tea.Users[1].Tokens = append(tea.Users[1].Tokens, giteasim.Token{Name: strings.ReplaceAll(name, " ", "-"), Value: fmt.Sprintf("fa4e%036x", i+1), Scopes: []string{"read:repository"}, Created: noon})
		registry.Token("ann", false)
	}
	hub.Orgs = []githubsim.Org{{ID: 7, Login: "acme", Members: []githubsim.Member{{Login: "olga", Owner: true}}, Repos: []githubsim.Repo{repo}}}
	tea.Base = s.base["tea"]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = map[string]http.Handler{"hub": githubsim.New(hub), "lab": gitlabsim.New(lab, time.Now), "tea": giteasim.New(tea), "npm": registry, "lab2": gitlabsim.New(lab, time.Now)}
	s.ended = map[string]int{}
}

func (s *street) serve(name string, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.now[name]
	s.mu.Unlock()
	if r.Method != http.MethodDelete {
		h.ServeHTTP(w, r)
		return
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if rec.Code < 300 {
		s.mu.Lock()
		s.ended[name+" "+r.URL.Path]++
		s.mu.Unlock()
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// config writes a configuration for the four.
func (s *street) config(t *testing.T) Options {
	o := options(t, fmt.Sprintf(`
[revoke]
max_steps = 5000
[sources.local]
revoke = false
ambient = false
[[sources.github]]
org = "acme"
url = "%s/api/v3"
token = { env = "HUB" }
revoke = true
[[sources.gitlab]]
url = "%s"
token = { env = "LAB" }
revoke = true
[[sources.gitea]]
url = "%s"
token = { env = "TEA" }
revoke = true
[[sources.npm]]
url = "%s"
token = { env = "NPM" }
revoke = true
`, s.base["hub"], s.base["lab"], s.base["tea"], s.base["npm"]))
	o.Getenv = getenv("HOME", o.Home, "HUB", hubToken, "LAB", labToken, "TEA", teaToken, "NPM", s.npm)
	return o
}

// plan collects, and plans the end of everything that the providers hold and nhitop does not.
func (s *street) plan(t *testing.T, o Options) *revoke.Plan {
	t.Helper()
	app, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	snap, err := app.Service.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var targets []revoke.Target
	r := snap.Records()
	for _, x := range r.Sources {
		if x.Status != inventory.SourceOK && x.Status != inventory.SourcePartial {
			t.Errorf("source %s: %s: %s", x.Name, x.Status, x.Reason)
		}
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		own := false
		for _, a := range x.Assistants {
			own = own || snap.Assistant(a).Kind == "nhitop"
		}
		if !own && x.Storage == inventory.StorageProvider {
			targets = append(targets, revoke.Target{ID: x.ID})
		}
	}
	p, err := app.Service.Plan(t.Context(), targets)
	if err != nil {
		t.Fatalf("%v; %d targets", err, len(targets))
	}
	var kept []revoke.Step
	for _, st := range p.Steps {
		if !st.Reversible && st.Action != revoke.ActionManual {
			kept = append(kept, st)
		}
	}
	return revoke.NewPlan(p.Created, time.Hour, p.Targets, p.Names, kept)
}

// executor is one over the sources of a configuration, with its journal in the state folder.
func executor(o Options) (*revoke.Executor, func(), error) {
	app, err := Open(o)
	if err != nil {
		return nil, nil, err
	}
	rs := map[string]revoke.Revoker{}
	for _, f := range app.Service.Feeds() {
		if f.Revoker != nil && f.MayRevoke {
			rs[f.Name] = f.Revoker
		}
	}
	return &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(o.State, "journal")), Audit: audit.Open(filepath.Join(o.State, "audit.jsonl"), time.Now), Revokers: rs},
		func() { _ = app.Close() }, nil
}

// countdown kills the process at the n-th event; 0: never.
type countdown struct {
	n    int64
	seen atomic.Int64
}

func (c *countdown) tick() {
	if c.seen.Add(1) == c.n {
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			_ = p.Kill()
		}
		select {}
	}
}

type dyingFile struct {
	revoke.Appender
	c *countdown
}

func (d dyingFile) Append(b []byte) error {
	d.c.tick()
	err := d.Appender.Append(b)
	d.c.tick()
	return err
}

type dyingNetwork struct {
	http.RoundTripper
	c *countdown
}

func (d dyingNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	d.c.tick()
	res, err := d.RoundTripper.RoundTrip(r)
	d.c.tick()
	return res, err
}

type childOrder struct {
	Config, State, Home string
	Paths               []string
	Plan                *revoke.Plan
	Env                 map[string]string
	Die                 int64
}

// TestCrashChild is the process that dies; it does nothing when it is not told to.
func TestCrashChild(t *testing.T) {
	file := os.Getenv("NHITOP_CRASH_CHILD")
	if file == "" {
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c childOrder
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	count := &countdown{n: c.Die}
	o := Options{Config: c.Config, State: c.State, Home: c.Home, Paths: c.Paths}
	o.Getenv = func(name string) string { return c.Env[name] }
	o.transport = func(string) http.RoundTripper { return dyingNetwork{http.DefaultTransport, count} }
	e, done, err := executor(o)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	e.Wrap = func(a revoke.Appender) revoke.Appender { return dyingFile{a, count} }
	if _, err := e.Execute(t.Context(), c.Plan, revoke.Consent{By: "ana", Reason: "leaked", Word: c.Plan.Word(), Yes: true}, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".count", []byte(strconv.FormatInt(count.seen.Load(), 10)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// die carries a plan out in another process that dies at an event, and returns how many events it saw if it did not.
func die(t *testing.T, o Options, p *revoke.Plan, env map[string]string, at int64) (events int64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "order.json")
	data, err := json.Marshal(childOrder{o.Config, o.State, o.Home, o.Paths, p, env, at})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), "NHITOP_CRASH_CHILD="+file)
	out, err := cmd.CombinedOutput()
	count, readErr := os.ReadFile(file + ".count")
	if readErr == nil {
		events, _ = strconv.ParseInt(string(count), 10, 64)
		return events
	}
	if strings.Contains(string(out), "FAIL") {
		t.Fatalf("the process failed and did not die: %v\n%s", err, out)
	}
	return 0
}

// Wherever the process dies, the run ends: each credential was ended once, is proven, and journal and audit log hold.
func TestEveryCrashIsResumed(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	s := newStreet(t)
	o := s.config(t)
	p := s.plan(t, o)
	if len(p.Steps) != len(providers)*each {
		t.Fatalf("%d steps, want %d", len(p.Steps), len(providers)*each)
	}
	env := map[string]string{"HOME": o.Home, "HUB": hubToken, "LAB": labToken, "TEA": teaToken, "NPM": s.npm}
	fresh := func() Options { x := o; x.State = t.TempDir(); s.renew(each); return x }
	total := die(t, fresh(), p, env, 0)
	if total < int64(len(p.Steps))*6 {
		t.Fatalf("%d events in %d steps: something is not counted", total, len(p.Steps))
	}
	// All of them take minutes: NHITOP_TEST_CRASHES=all. Otherwise a part that is spread over the run and is another at each end.
	every := total/24 + 1
	if os.Getenv("NHITOP_TEST_CRASHES") == "all" {
		every = 1
	}
	t.Logf("%d events, each %d. of which is tried", total, every)
	deaths := 0
	for at := int64(1); at <= total; at += every {
		x := fresh()
		if die(t, x, p, env, at) != 0 {
			continue // the lanes took fewer requests this time: it ended before it could die
		}
		deaths++
		s.resumed(t, x, p, at)
	}
	if deaths < 20 {
		t.Errorf("only %d of the processes died: the test shows little", deaths)
	}
}

func (s *street) resumed(t *testing.T, o Options, p *revoke.Plan, at int64) {
	t.Helper()
	o.transport = func(string) http.RoundTripper { return http.DefaultTransport } // one for all: each keeps connections open for a while
	e, done, err := executor(o)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	runs, err := e.Resume(t.Context(), nil)
	if err != nil {
		t.Fatalf("event %d: %v", at, err)
	}
	all, err := e.Runs()
	if len(runs) == 0 && err == nil && len(all) == 1 && all[0].State == revoke.StateDone {
		runs = all // it died after the last line of the journal
	}
	if len(runs) == 0 { // it died before the first line of the journal was written: nothing was done
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil || len(s.ended) != 0 || len(all) == 1 && all[0].State == revoke.StateRunning {
			t.Errorf("event %d: nothing to resume, %d ended, %v", at, len(s.ended), err)
		}
		return
	}
	run := runs[0]
	for _, st := range run.Steps {
		if st.State != revoke.StateDone || !st.Proof.Grade.Reaches(revoke.Attested) {
			t.Errorf("event %d: %s: %s %s (%s) %s", at, st.Summary, st.State, st.Proof.Grade, st.Proof.Detail, st.Error)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ended) != len(p.Steps) {
		t.Errorf("event %d: %d credentials were ended, want %d", at, len(s.ended), len(p.Steps))
	}
	for what, n := range s.ended {
		if n != 1 {
			t.Errorf("event %d: %s took effect %d times", at, what, n)
		}
	}
	if _, err := e.Audit.Verify(); err != nil {
		t.Errorf("event %d: %v", at, err)
	}
	if again, err := e.Resume(t.Context(), nil); err != nil || len(again) != 0 {
		t.Errorf("event %d: there is still something to resume: %v %v", at, again, err)
	}
}
