package posture

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

func runtimeGoexit() { runtime.Goexit() }

// logger returns a log and what was written to it.
func logger() (*slog.Logger, func() string) {
	var mu sync.Mutex
	var b bytes.Buffer
	w := writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return b.Write(p)
	})
	return slog.New(slog.NewJSONHandler(w, nil)), func() string {
		mu.Lock()
		defer mu.Unlock()
		return b.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// shelf is a source whose facts are a list of names, which it can take away and put back.
type shelf struct {
	mu       sync.Mutex
	things   map[string]bool
	oneWay   bool
	panics   bool
	keeps    bool // says that it took something away and did not
	collects int
}

func newShelf(names ...string) *shelf {
	s := &shelf{things: map[string]bool{}}
	for _, n := range names {
		s.things[n] = true
	}
	return s
}

func (s *shelf) Collect(_ context.Context, sink inventory.Sink) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collects++
	sink.Owner(inventory.Owner{ID: "own-1", Name: "Dana", Email: "dana@example.com"})
	for n := range s.things {
		sink.Assistant(inventory.Assistant{ID: inventory.ID("ast-" + n), Kind: "codex", Name: n, Account: n + "@acme", Path: "~/" + n, Owners: []inventory.ID{"own-1"}})
		sink.Secret(inventory.Secret{ID: inventory.ID("sec-" + n), Kind: "jwt", Assistants: []inventory.ID{inventory.ID("ast-" + n)}, Locations: []inventory.Location{{Path: "~/" + n + "/key"}}}, inventory.Value{})
	}
	return nil
}

func (s *shelf) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if s.panics {
		panic("x")
	}
	if a := snap.Assistant(t.ID); a != nil && t.Action == revoke.ActionAll {
		return s.Plan(context.Background(), revoke.Target{ID: a.Secrets[0]}, snap)
	}
	x := snap.Secret(t.ID)
	if x == nil {
		return nil, nil
	}
	n := strings.TrimPrefix(string(t.ID), "sec-")
	return []revoke.Step{{ID: "step-" + n, Action: revoke.ActionRemoveSecret, Layer: revoke.LayerCopy, Target: t.ID, TargetName: "secret of " + n, Summary: "take " + n,
		Reversible: !s.oneWay, Promises: revoke.Proven, Residual: "the credential itself", Params: map[string]string{"thing": n}}}, nil
}

func (s *shelf) Apply(_ context.Context, st revoke.Step) (revoke.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeps {
		delete(s.things, st.Params["thing"])
	}
	return revoke.Receipt{Detail: "taken", Undo: map[string]string{"thing": st.Params["thing"]}}, nil
}

func (s *shelf) Verify(_ context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.things[st.Params["thing"]] {
		return revoke.Proof{Grade: revoke.Unproven, Detail: "still there"}, nil
	}
	return revoke.Proof{Grade: revoke.Proven, Detail: "gone"}, nil
}

func (s *shelf) Undo(_ context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things[st.Params["thing"]] = true
	return revoke.Receipt{Detail: "back"}, nil
}

func (s *shelf) feed(may bool) Feed {
	return Feed{Name: "shelf", Kind: "fake", Collect: s.Collect, Revoker: s, MayRevoke: may}
}

var yes = revoke.Consent{Reason: "leaked", Yes: true}

// ready makes a service that has collected from a shelf and is armed.
func ready(t *testing.T, sh *shelf, c Config) (*Service, *clock) {
	t.Helper()
	clk := &clock{t: noon}
	c.Now = clk.now
	if c.Feeds == nil {
		c.Feeds = []Feed{sh.feed(true)}
	}
	s := service(t, c)
	collect(t, s)
	if !c.ReadOnly {
		if err := s.Arm("arm"); err != nil {
			t.Fatal(err)
		}
	}
	return s, clk
}

func plan(t *testing.T, s *Service, ids ...inventory.ID) *revoke.Plan {
	t.Helper()
	var ts []revoke.Target
	for _, id := range ids {
		ts = append(ts, revoke.Target{ID: id})
	}
	p, err := s.Plan(t.Context(), ts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRevokeAndUndo(t *testing.T) {
	sh := newShelf("a", "b")
	s, _ := ready(t, sh, Config{})
	p := plan(t, s, "sec-a")
	if len(p.Steps) != 1 || p.Steps[0].Source != "shelf" || !slices.Contains(p.Residual, "the credential itself") || p.Names[0] != "jwt" {
		t.Fatalf("%+v", p)
	}
	var events int
	run, err := s.Execute(t.Context(), p, yes, func(revoke.Event) { events++ })
	if err != nil || run.State != revoke.StateDone || run.Steps[0].Proof.Grade != revoke.Proven || run.By != "tester" || events == 0 {
		t.Fatalf("%+v %v", run, err)
	}
	if got := names(s.Snapshot()); got != "b" || sh.collects != 2 {
		t.Errorf("after it %q, %d collections", got, sh.collects)
	}
	if _, err := s.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrUsed) {
		t.Errorf("a plan twice: %v", err)
	}
	up, err := s.UndoPlan(t.Context(), run.ID)
	if err != nil || len(up.Steps) != 1 {
		t.Fatalf("%+v %v", up, err)
	}
	back, err := s.Undo(t.Context(), run.ID, revoke.Consent{Yes: true}, nil)
	if err != nil || back.Undoes != run.ID || names(s.Snapshot()) != "a b" || back.Reason == "" {
		t.Errorf("%+v %v %q", back, err, names(s.Snapshot()))
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != 2 {
		t.Errorf("%d runs %v", len(runs), err)
	}
	if n, err := s.VerifyAudit(); err != nil || n < 5 {
		t.Errorf("%d entries, %v", n, err)
	}
	log, err := s.Audit()
	if err != nil || log[0].Action != "collect" || log[1].Action != "arm" || log[1].By != "tester" {
		t.Errorf("%+v %v", log, err)
	}
}

func TestAllThatAnOwnerHoldsIsOnePlan(t *testing.T) {
	sh := newShelf("a", "b")
	s, _ := ready(t, sh, Config{})
	if ok, why := s.MayRevoke("own-1"); !ok {
		t.Error(why)
	}
	p := plan(t, s, "own-1", "sec-a")
	if len(p.Steps) != 2 || !slices.Equal(p.Names, []string{"all that Dana holds", "jwt"}) {
		t.Fatalf("%+v", p)
	}
	run, err := s.Execute(t.Context(), p, yes, nil)
	if err != nil || run.State != revoke.StateDone || names(s.Snapshot()) != "" {
		t.Errorf("%+v %v", run, err)
	}
	s, _ = ready(t, newShelf("a", "b"), Config{Protected: []string{"b@acme"}})
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "own-1"}}); !errors.Is(err, revoke.ErrProtected) {
		t.Errorf("one of them is protected: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		oneWay bool
		then   func(*Service, *clock)
		with   revoke.Consent
		want   error
	}{
		"read-only":             {config: Config{ReadOnly: true}, with: yes, want: revoke.ErrReadOnly},
		"not armed":             {then: func(s *Service, _ *clock) { s.Disarm() }, with: yes, want: revoke.ErrNotArmed},
		"arming is over":        {then: func(_ *Service, c *clock) { c.move(10 * time.Minute) }, with: yes, want: revoke.ErrNotArmed},
		"armed for less":        {config: Config{ArmFor: time.Minute}, then: func(_ *Service, c *clock) { c.move(time.Minute) }, with: yes, want: revoke.ErrNotArmed},
		"no reason":             {with: revoke.Consent{Yes: true}, want: revoke.ErrNoReason},
		"blank reason":          {with: revoke.Consent{Yes: true, Reason: " \t"}, want: revoke.ErrNoReason},
		"no yes":                {with: revoke.Consent{Reason: "x"}, want: revoke.ErrConfirm},
		"one way needs a word":  {oneWay: true, with: yes, want: revoke.ErrConfirm},
		"one way, another word": {oneWay: true, with: revoke.Consent{Reason: "x", Yes: true, Word: "revoke 2"}, want: revoke.ErrConfirm},
		"too many steps":        {config: Config{MaxSteps: 1}, with: yes, want: ErrTooMany},
		"expired":               {config: Config{ArmFor: time.Hour}, then: func(_ *Service, c *clock) { c.move(20 * time.Minute) }, with: yes, want: revoke.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			sh := newShelf("a", "b")
			sh.oneWay = c.oneWay
			s, clk := ready(t, sh, c.config)
			ids := []inventory.ID{"sec-a"}
			if c.want == ErrTooMany {
				ids = append(ids, "sec-b")
			}
			p := plan(t, s, ids...)
			if c.then != nil {
				c.then(s, clk)
			}
			if _, err := s.Execute(t.Context(), p, c.with, nil); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if !sh.things["a"] || !sh.things["b"] {
				t.Error("something was taken away")
			}
			if runs, _ := s.Runs(); len(runs) != 0 {
				t.Errorf("%d runs", len(runs))
			}
		})
	}
}

func TestTheWord(t *testing.T) {
	sh := newShelf("a")
	sh.oneWay = true
	s, _ := ready(t, sh, Config{})
	p := plan(t, s, "sec-a")
	run, err := s.Execute(t.Context(), p, revoke.Consent{Reason: "x", Word: p.Word()}, nil)
	if err != nil || run.State != revoke.StateDone || sh.things["a"] {
		t.Errorf("%+v %v", run, err)
	}
}

func TestProtected(t *testing.T) {
	for _, name := range []string{"sec-a", "ast-a", "a", "A@ACME", "~/a", "~/a/key", "Dana", "dana@example.com", "own-1", "secret of a"} {
		t.Run(name, func(t *testing.T) {
			sh := newShelf("a")
			s, _ := ready(t, sh, Config{Protected: []string{name}})
			if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-a"}}); !errors.Is(err, revoke.ErrProtected) {
				t.Errorf("%v", err)
			}
			if ok, why := s.MayRevoke("sec-a"); name != "secret of a" && (ok || !strings.Contains(why, "protected")) {
				t.Errorf("%v %q", ok, why)
			}
		})
	}
	// A plan that was made before, or by somebody else, is refused too.
	sh := newShelf("a")
	open, _ := ready(t, sh, Config{})
	p := plan(t, open, "sec-a")
	guarded, _ := ready(t, sh, Config{Protected: []string{"ast-a"}})
	if _, err := guarded.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrProtected) || !sh.things["a"] {
		t.Errorf("%v", err)
	}
}

// What a step would change is protected too, whatever record it is about.
func TestThePlaceOfAStepIsProtected(t *testing.T) {
	s, _ := ready(t, newShelf("a"), Config{Protected: []string{"/srv/keys"}})
	for path, protected := range map[string]bool{"/srv/keys": true, "/SRV/keys": true, "/srv/other": false} {
		p := &revoke.Plan{Steps: []revoke.Step{{Target: "sec-x", Params: map[string]string{"path": path}}}}
		if err := s.protectedSteps(s.Snapshot(), p); errors.Is(err, revoke.ErrProtected) != protected {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSourceThatMayNot(t *testing.T) {
	sh := newShelf("a")
	s, _ := ready(t, sh, Config{Feeds: []Feed{sh.feed(false)}})
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-a"}}); !errors.Is(err, revoke.ErrNothing) || !strings.Contains(err.Error(), "revoke = false") {
		t.Errorf("%v", err)
	}
	if ok, why := s.MayRevoke("sec-a"); ok || !strings.Contains(why, "revoke = false") {
		t.Errorf("%v %q", ok, why)
	}
	allowed, _ := ready(t, sh, Config{})
	if _, err := s.Execute(t.Context(), plan(t, allowed, "sec-a"), yes, nil); !errors.Is(err, revoke.ErrReadOnly) || !sh.things["a"] {
		t.Errorf("a plan of another service: %v", err)
	}
}

func TestMayRevoke(t *testing.T) {
	sh := newShelf("a")
	s, _ := ready(t, sh, Config{})
	for id, want := range map[inventory.ID]bool{"sec-a": true, "ast-a": true, "tool-x": true, "res-1": false, "find-1": false, "": false} {
		if ok, why := s.MayRevoke(id); ok != want || ok == (why != "") {
			t.Errorf("%s: %v %q", id, ok, why)
		}
	}
	ro, _ := ready(t, sh, Config{ReadOnly: true})
	if ok, why := ro.MayRevoke("sec-a"); ok || why != "read-only" {
		t.Errorf("%v %q", ok, why)
	}
	none := service(t, Config{Feeds: []Feed{feed("x", give())}})
	if ok, why := none.MayRevoke("sec-a"); ok || why != "no source can revoke" {
		t.Errorf("%v %q", ok, why)
	}
}

func TestPlanNeedsFacts(t *testing.T) {
	sh := newShelf("a")
	s := service(t, Config{Feeds: []Feed{sh.feed(true)}})
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-a"}}); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("%v", err)
	}
	collect(t, s)
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-none"}}); !errors.Is(err, revoke.ErrNothing) {
		t.Errorf("%v", err)
	}
	sh.panics = true
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-a"}}); err == nil || !strings.Contains(err.Error(), "crashed") {
		t.Errorf("%v", err)
	}
}

func TestStillThereIsNotDone(t *testing.T) {
	sh := newShelf("a")
	sh.keeps = true
	s, _ := ready(t, sh, Config{})
	run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil)
	if err != nil || run.Steps[0].Proof.Grade != revoke.Unproven || names(s.Snapshot()) != "a" {
		t.Errorf("%+v %v", run, err)
	}
}

func TestArmNeedsWordAndLog(t *testing.T) {
	s := service(t, Config{})
	for _, w := range []string{"", "ARM", "yes", "arm "} {
		if err := s.Arm(w); !errors.Is(err, revoke.ErrNotArmed) {
			t.Errorf("%q: %v", w, err)
		}
	}
	if _, ok := s.Armed(); ok {
		t.Error("armed")
	}
	dir := filepath.Join(t.TempDir(), "state")
	s = service(t, Config{StateDir: dir})
	// A folder where the log should be: it cannot be written.
	mkdir(t, filepath.Join(dir, auditFile))
	if err := s.Arm("arm"); err == nil {
		t.Error("armed without an audit log")
	}
	if _, ok := s.Armed(); ok {
		t.Error("armed")
	}
}

func TestResumeIsGuarded(t *testing.T) {
	sh := newShelf("a")
	s, _ := ready(t, sh, Config{})
	if runs, err := s.Resume(t.Context(), nil); err != nil || len(runs) != 0 {
		t.Errorf("%v %v", runs, err)
	}
	s.Disarm()
	if _, err := s.Resume(t.Context(), nil); !errors.Is(err, revoke.ErrNotArmed) {
		t.Errorf("%v", err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// What a run came to is told while a collection is under way; what is left is collected when that has ended.
func TestAResultDoesNotWaitForACollection(t *testing.T) {
	sh := newShelf("a")
	begun, goOn := make(chan struct{}), make(chan struct{})
	slow := func(context.Context, inventory.Sink) error {
		if _, open := <-begun; open {
			<-goOn
		}
		return nil
	}
	close(begun)
	s, _ := ready(t, nil, Config{Feeds: []Feed{sh.feed(true), feed("slow", func(ctx context.Context, sink inventory.Sink) error { return slow(ctx, sink) })}})
	begun = make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		_, err := s.Collect(context.Background())
		ended <- err
	}()
	begun <- struct{}{} // it is under way, and waits
	close(begun)
	run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil)
	if err != nil || run.State != revoke.StateDone {
		t.Fatalf("%+v %v", run, err)
	}
	select {
	case err := <-ended:
		t.Fatalf("it waited for the collection: %v", err)
	default:
	}
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	s.following.Wait()
	if s.Snapshot().Secret("sec-a") != nil {
		t.Error("what is left was not collected")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
