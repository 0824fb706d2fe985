package posture

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
	"nhitop/inventory/triage"
)

// bare gives one assistant that nobody answers for, at a place that a test may change.
func bare(place *string) func(context.Context, inventory.Sink) error {
	return func(_ context.Context, s inventory.Sink) error {
		ev := []inventory.Evidence{{Path: *place, Pointer: "/mode"}}
		s.Assistant(inventory.Assistant{ID: "ast-1", Kind: "codex", Name: "Codex", Path: "~/p", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyUnattended, Sandbox: inventory.SandboxNone,
			Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes, inventory.NetworkOut: inventory.Yes}, Evidence: ev,
			Settings: []inventory.Setting{{Kind: inventory.SettingMode, Name: "mode", Value: "never", Effective: true, Path: *place, Pointer: "/mode"}}})
		s.Looked(inventory.Looked{Path: *place, State: inventory.LookedRead})
		return nil
	}
}

// ownerless is the finding that an owner closes.
func ownerless(t *testing.T, s *inventory.Snapshot) *inventory.Finding {
	t.Helper()
	for _, f := range s.Records().Findings {
		if f.Subject == "ast-1" && strings.HasPrefix(f.Rule, "OWN") {
			return s.Finding(f.ID)
		}
	}
	return nil
}

func worst(t *testing.T, s *inventory.Snapshot) *inventory.Finding {
	t.Helper()
	for _, f := range s.Records().Findings {
		if f.Subject == "ast-1" && len(f.Evidence) > 0 {
			return s.Finding(f.ID)
		}
	}
	t.Fatal("no finding")
	return nil
}

func TestAnAcceptanceLastsAndEnds(t *testing.T) {
	place := "~/config"
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	again := func() *Service {
		return service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", bare(&place))}})
	}
	s := again()
	if err := s.Decide(t.Context(), nil); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("before anything is known: %v", err)
	}
	id := worst(t, collect(t, s)).ID
	accept := triage.Decision{Kind: triage.Accept, Target: id, Reason: "a test machine", Until: noon.Add(48 * time.Hour)}
	for _, bad := range []triage.Decision{{Kind: triage.Accept, Target: id}, {Kind: triage.Accept, Target: "find-none", Reason: "x", Until: accept.Until}} {
		if err := s.Decide(t.Context(), []triage.Decision{accept, bad}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if ds, err := s.Decisions(""); err != nil || len(ds) != 0 {
		t.Errorf("a part of what was refused is kept: %v %v", ds, err)
	}
	if err := s.Decide(t.Context(), []triage.Decision{accept}); err != nil {
		t.Fatal(err)
	}
	check := func(when string, snap *inventory.Snapshot, state string) {
		t.Helper()
		f := snap.Finding(id)
		if f == nil || f.State != state || (f.AcceptedBy == "tester") != (state == triage.StateAccepted) {
			t.Errorf("%s: %+v, want %s", when, f, state)
		}
	}
	check("at once", s.Snapshot(), triage.StateAccepted)
	check("collected again", collect(t, s), triage.StateAccepted)
	next := again()
	prev, err := next.Previous()
	if err != nil {
		t.Fatal(err)
	}
	check("started again", prev, triage.StateAccepted)
	c.move(49 * time.Hour)
	prev, err = again().Previous()
	if err != nil {
		t.Fatal(err)
	}
	check("after its day", prev, triage.StateOpen)
	check("after its day, collected", collect(t, next), triage.StateOpen)
	c.move(-49 * time.Hour)
	check("a clock that was wrong", collect(t, next), triage.StateAccepted)
	place = "~/elsewhere"
	check("with other facts", collect(t, next), triage.StateOpen)
	if f := next.Snapshot().Finding(id); !strings.Contains(f.Note, "facts are no longer") {
		t.Errorf("not told why: %+v", f)
	}

	ds, err := next.Decisions(id)
	if err != nil || len(ds) != 1 || ds[0].By != "tester" {
		t.Fatalf("%+v %v", ds, err)
	}
	if err := next.UndoDecision(t.Context(), ds[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := next.UndoDecision(t.Context(), ds[0].ID); !errors.Is(err, triage.ErrUndone) {
		t.Errorf("undone twice: %v", err)
	}
	if err := next.UndoDecision(t.Context(), "dec-none"); !errors.Is(err, triage.ErrGone) {
		t.Errorf("%v", err)
	}
	if f := next.Snapshot().Finding(id); f.Note != "" {
		t.Errorf("still told after it was undone: %+v", f)
	}
	var actions []string
	entries, err := next.Audit()
	for _, e := range entries {
		if e.Action != "collect" && !strings.HasSuffix(e.Action, "refused") {
			actions = append(actions, e.Action)
		}
	}
	if got := strings.Join(actions, ", "); err != nil || got != "accept, undo accept" {
		t.Errorf("audit log: %s, %v", got, err)
	}
}

func TestAssertedOwner(t *testing.T) {
	place := "~/config"
	s := service(t, Config{Feeds: []Feed{feed("x", bare(&place))}})
	if ownerless(t, collect(t, s)) == nil {
		t.Fatal("nobody answers for it, and nothing says so")
	}
	events, cancel := s.Subscribe()
	defer cancel()
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Assign, Target: "ast-1", Owner: "kim@example.com", Reason: "asked"}}); err != nil {
		t.Fatal(err)
	}
	check := func(when string, snap *inventory.Snapshot, owned bool) {
		t.Helper()
		a := snap.Assistant("ast-1")
		if (len(a.Owners) == 1) != owned || (len(a.OwnersAsserted) == 1) != owned || (ownerless(t, snap) == nil) != owned || (len(snap.Records().Owners) == 1) != owned {
			t.Errorf("%s: owners %v, asserted %v, finding %v, want owned %v", when, a.Owners, a.OwnersAsserted, ownerless(t, snap), owned)
		}
	}
	if e := <-events; e.Snapshot == nil {
		t.Error("not published")
	} else {
		check("published", e.Snapshot, true)
	}
	check("collected", collect(t, s), true)
	ds, err := s.Decisions("ast-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.UndoDecision(t.Context(), ds[0].ID); err != nil {
		t.Fatal(err)
	}
	check("undone", s.Snapshot(), false)
	check("undone, collected", collect(t, s), false)
}

func TestAFlagOfAnAssistantIsOfItsFindings(t *testing.T) {
	place := "~/config"
	s := service(t, Config{Feeds: []Feed{feed("x", bare(&place))}})
	snap := collect(t, s)
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Flag, Target: "ast-1"}}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range s.Snapshot().FindingsOf("ast-1") {
		if f.State == triage.StateFlagged {
			n++
		}
	}
	if want := len(snap.FindingsOf("ast-1")); n == 0 || n > want {
		t.Errorf("%d of %d are flagged", n, want)
	}
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Flag, Target: "ast-1"}}); !errors.Is(err, triage.ErrTarget) {
		t.Errorf("nothing is left to flag: %v", err)
	}
}

func TestDecisionsAreRefused(t *testing.T) {
	place := "~/config"
	dir := filepath.Join(t.TempDir(), "state")
	collect(t, service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", bare(&place))}}))
	s := service(t, Config{StateDir: dir, ReadOnly: true, Feeds: []Feed{feed("x", bare(&place))}})
	flag := []triage.Decision{{Kind: triage.Flag, Target: worst(t, collect(t, s)).ID}}
	if err := s.Decide(t.Context(), flag); !errors.Is(err, revoke.ErrReadOnly) {
		t.Errorf("read-only: %v", err)
	}
	if err := s.UndoDecision(t.Context(), "dec-1"); !errors.Is(err, revoke.ErrReadOnly) {
		t.Errorf("read-only: %v", err)
	}

	// Without the audit log nothing is decided.
	s = service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", bare(&place))}})
	collect(t, s)
	if err := errors.Join(os.Remove(filepath.Join(dir, auditFile)), os.MkdirAll(filepath.Join(dir, auditFile), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(t.Context(), flag); err == nil {
		t.Error("decided without a log")
	}
	if ds, err := s.Decisions(""); err != nil || len(ds) != 0 {
		t.Errorf("%v %v", ds, err)
	}
}

// What is decided while a collection runs is in what it publishes.
func TestDecidedWhileCollecting(t *testing.T) {
	place := "~/config"
	hold, held := make(chan struct{}), make(chan struct{}, 1)
	block := false
	give := bare(&place)
	s := service(t, Config{Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		if block {
			held <- struct{}{}
			<-hold
		}
		return give(ctx, sink)
	})}})
	id := worst(t, collect(t, s)).ID
	block = true
	done := make(chan *inventory.Snapshot)
	go func() {
		snap, err := s.Collect(context.Background())
		if err != nil {
			t.Error(err)
		}
		done <- snap
	}()
	<-held
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Flag, Target: id}}); err != nil {
		t.Error(err)
	}
	close(hold)
	if f := (<-done).Finding(id); f.State != triage.StateFlagged {
		t.Errorf("%+v", f)
	}
}

func TestChanges(t *testing.T) {
	c := &clock{t: noon}
	ids, fail := []string{"a", "b"}, false
	s := service(t, Config{Now: c.now, Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		if fail {
			return errors.New("no network")
		}
		return give(ids...)(ctx, sink)
	})}})
	if _, err := s.Changes(t.Context(), noon); !errors.Is(err, store.ErrNoCollection) {
		t.Errorf("before the first: %v", err)
	}
	changes := func(since time.Time) string {
		t.Helper()
		cs, err := s.Changes(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range cs {
			if x.Noun == "assistant" {
				out = append(out, x.Kind+" "+x.Name)
			}
		}
		return strings.Join(out, ", ")
	}
	collect(t, s)
	if got := changes(noon.Add(-time.Hour)); got != "" {
		t.Errorf("all of the first collection is new: %s", got)
	}
	c.move(24 * time.Hour)
	ids = []string{"b", "c"}
	collect(t, s)
	c.move(24 * time.Hour)
	ids = []string{"b", "c", "a", "d"}
	collect(t, s)
	if got := changes(noon); got != "new c, new d" && got != "new d, new c" {
		t.Errorf("since the first: %s", got)
	}
	if got := changes(noon.Add(25 * time.Hour)); got != "new a, new d" {
		t.Errorf("since the second: %s", got)
	}
	c.move(24 * time.Hour)
	fail = true
	collect(t, s)
	if got := changes(noon.Add(50 * time.Hour)); got != "" {
		t.Errorf("a source that failed makes something go: %s", got)
	}
}

// A finding that went and comes back is reopened, not new.
func TestReopened(t *testing.T) {
	c := &clock{t: noon}
	place, there := "~/config", true
	s := service(t, Config{Now: c.now, Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		sink.Looked(inventory.Looked{Path: place, State: inventory.LookedRead})
		if !there {
			return nil
		}
		return bare(&place)(ctx, sink)
	})}})
	kinds := func(since time.Time) map[string]bool {
		t.Helper()
		cs, err := s.Changes(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]bool{}
		for _, x := range cs {
			if x.Noun == "finding" && x.ID != "" {
				m[x.Kind] = true
			}
		}
		return m
	}
	collect(t, s)
	c.move(time.Hour)
	there = false
	collect(t, s)
	if m := kinds(noon); !m[change.Fixed] || m[change.New] {
		t.Errorf("%v", m)
	}
	c.move(time.Hour)
	there = true
	collect(t, s)
	if m := kinds(noon.Add(90 * time.Minute)); !m[change.Reopened] || m[change.New] {
		t.Errorf("%v", m)
	}
}
