package posture

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/triage"
)

// closing returns the issue that closes a finding, or nil.
func closing(s *inventory.Snapshot, id inventory.ID) *inventory.Issue {
	for _, x := range s.Records().Issues {
		if slices.Contains(x.Closes, id) {
			return &x
		}
	}
	return nil
}

// What is accepted asks for no change, until the acceptance ends in whatever way.
func TestWhatIsAcceptedIsNotToBeFixed(t *testing.T) {
	place := "~/config"
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	again := func() *Service {
		return service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", bare(&place))}})
	}
	s := again()
	snap := collect(t, s)
	var ds []triage.Decision
	id := worst(t, snap).ID
	for _, f := range snap.Records().Findings {
		if closing(snap, f.ID) == nil {
			t.Fatalf("nothing closes %s", f.Rule)
		}
		ds = append(ds, triage.Decision{Kind: triage.Accept, Target: f.ID, Reason: "a test machine", Until: noon.Add(48 * time.Hour)})
	}
	first := snap.Records().Issues
	check := func(when string, snap *inventory.Snapshot, want bool) {
		t.Helper()
		if got := closing(snap, id); (got != nil) != want {
			t.Errorf("%s: %+v is to be fixed, want %v", when, got, want)
		}
	}
	if err := s.Decide(t.Context(), ds); err != nil {
		t.Fatal(err)
	}
	check("at once", s.Snapshot(), false)
	if n := len(s.Snapshot().Records().Issues); n != 0 {
		t.Errorf("%d changes are left, and nothing is open", n)
	}
	check("collected", collect(t, s), false)
	last, err := again().Previous()
	if err != nil {
		t.Fatal(err)
	}
	check("started again", last, false)

	made, err := s.Decisions(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.UndoDecision(t.Context(), made[0].ID); err != nil {
		t.Fatal(err)
	}
	check("undone", s.Snapshot(), true)
	if got := len(closing(s.Snapshot(), id).Closes); got != 1 {
		t.Errorf("it closes %d, and one is open", got)
	}
	c.move(49 * time.Hour)
	last, err = again().Previous()
	if err != nil {
		t.Fatal(err)
	}
	check("run out, started again", last, true)
	if got := last.Records().Issues; len(got) != len(first) || got[0].ID != first[0].ID || len(got[0].Closes) != len(first[0].Closes) {
		t.Errorf("not what it was before: %+v, want %+v", got, first)
	}
	check("run out, collected", collect(t, again()), true)
}

func TestADeadlineStays(t *testing.T) {
	place := "~/config"
	c := &clock{t: noon}
	s := service(t, Config{Now: c.now, Feeds: []Feed{feed("x", bare(&place))}})
	f := worst(t, collect(t, s))
	c.move(12 * time.Hour)
	if g := collect(t, s).Finding(f.ID); !g.Due.Equal(f.Due) || !g.FirstSeen.Equal(noon) {
		t.Errorf("first seen %v, due %v: it was %v", g.FirstSeen, g.Due, f.Due)
	}
}

// An assertion closes "no owner" and leaves a lesser word, until a source knows the person as active.
func TestAnAssertedOwnerIsChecked(t *testing.T) {
	place, state := "~/config", ""
	give := bare(&place)
	s := service(t, Config{Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		if state != "" {
			sink.Owner(inventory.Owner{ID: "own-kim", Kind: "person", Name: "Kim", Email: "kim@example.com", Status: state, Evidence: []inventory.Evidence{{Path: "forge"}}})
		}
		return give(ctx, sink)
	})}})
	rules := func(snap *inventory.Snapshot) string {
		var rs []string
		for _, f := range snap.Records().Findings {
			if strings.HasPrefix(f.Rule, "OWN-0") && slices.Contains(f.Assistants, "ast-1") {
				rs = append(rs, f.Rule)
			}
		}
		slices.Sort(rs)
		return strings.Join(rs, " ")
	}
	if got := rules(collect(t, s)); got != "OWN-01" {
		t.Fatalf("nobody answers: %s", got)
	}
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Assign, Target: "ast-1", Owner: "kim@example.com"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ state, want string }{{"", "OWN-08"}, {"unknown", "OWN-08"}, {"active", ""}, {"departed", "OWN-02"}, {"", "OWN-08"}} {
		state = c.state
		if got := rules(collect(t, s)); got != c.want {
			t.Errorf("a source says %q of kim: %q, want %q", c.state, got, c.want)
		}
	}
}
