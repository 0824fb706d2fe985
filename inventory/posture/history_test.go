package posture

import (
	"context"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/triage"
)

func TestHistoryOfARecord(t *testing.T) {
	mode := inventory.AutonomyAsk
	f := feed("x", func(_ context.Context, s inventory.Sink) error {
		s.Assistant(inventory.Assistant{ID: "ast-1", Kind: "codex", Name: "Codex", Path: "~/p", Class: inventory.ClassNHI, Autonomy: mode, Evidence: []inventory.Evidence{{Path: "~/p"}}})
		return nil
	})
	c := &clock{t: noon}
	s := service(t, Config{Feeds: []Feed{f}, Now: c.now})
	collect(t, s)
	c.move(time.Hour)
	mode = inventory.AutonomyUnattended
	snap := collect(t, s)
	id := snap.Records().Assistants[0].ID
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Note, Target: id, Reason: "looked into"}}); err != nil {
		t.Fatal(err)
	}
	h, err := s.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if h.First.IsZero() || !h.Last.After(h.First) {
		t.Errorf("seen from %v to %v", h.First, h.Last)
	}
	var told []string
	for _, c := range h.Changes {
		if c.ID == id {
			told = append(told, c.Kind+" "+c.What)
		}
	}
	if got := strings.Join(told, "; "); got != change.Grown+" autonomy ask -> unattended; "+change.New+" autonomy ask" {
		t.Error(got)
	}
	if len(h.Decisions) != 1 || h.Decisions[0].Reason != "looked into" || len(h.Runs) != 0 {
		t.Errorf("%+v, %+v", h.Decisions, h.Runs)
	}
	if h, err := s.History(t.Context(), "ast-none"); err != nil || !h.First.IsZero() || len(h.Changes) > 0 {
		t.Errorf("of nothing: %+v, %v", h, err)
	}
}
