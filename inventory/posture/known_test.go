package posture

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// A run keeps since when the inventory knew of what it is about, and the posture counts from there.
func TestARunKeepsSinceWhenItWasKnown(t *testing.T) {
	sh := newShelf("a")
	clk := &clock{t: noon}
	s := service(t, Config{Feeds: []Feed{sh.feed(true)}, Now: clk.now})
	collect(t, s)
	clk.move(48 * time.Hour)
	collect(t, s)
	e := inventory.Exposure{Secret: "sec-a", Since: noon.Add(36 * time.Hour), Leaked: true}
	r := s.Snapshot().Records()
	r.Secrets = slices.Clone(r.Secrets)
	r.Secrets[0].Leaked = e.Since
	s.publish(inventory.NewSnapshot(clk.now(), r, false), false, nil, nil)
	if err := s.Arm("arm"); err != nil {
		t.Fatal(err)
	}
	p := plan(t, s, "sec-a")
	c := yes
	c.Since = clk.now().Add(-9 * time.Second)
	run, err := s.Execute(t.Context(), p, c, nil)
	if err != nil || !run.Known.FirstSeen.Equal(noon) || !run.Known.Detected.Equal(e.Since) {
		t.Fatalf("%+v %v", run.Known, err)
	}
	if len(run.Reach) != 0 {
		t.Errorf("it opened nothing: %q", run.Reach)
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != 1 || runs[0].Known != run.Known {
		t.Errorf("the journal has %+v %v", runs, err)
	}
	spans, ok := run.Spans()
	if want := (revoke.Spans{Seen: 48 * time.Hour, Detected: 12 * time.Hour, Hand: 9 * time.Second}); !ok || spans.Seen < want.Seen || spans.Detected < want.Detected || spans.Hand < want.Hand {
		t.Errorf("%+v %v", spans, ok)
	}
	got := s.Snapshot().Posture().TimeToRevoke.Responses
	if got == nil || got.Runs != 1 || got.Hand.Runs != 1 || got.Detected.Median < 12*3600 || got.Seen.Median < 48*3600 {
		t.Errorf("the posture has %+v", got)
	}
}

// What was in reach is kept with the run: afterwards nobody knows it any more.
func TestARunKeepsWhatWasInReach(t *testing.T) {
	sh := newShelf("a")
	s, _ := ready(t, sh, Config{})
	r := s.Snapshot().Records()
	r.Resources = []inventory.Resource{{ID: "res-1", Kind: "repository", Name: "acme/web", Environment: "production"}}
	r.Entitlements = []inventory.Entitlement{{ID: "ent-1", Assistant: "ast-a", Via: "sec-a", Capability: inventory.MergeProtected, Resource: "res-1", Gate: inventory.GateOpen, Certain: true}}
	s.publish(inventory.NewSnapshot(noon, r, false), false, nil, nil)
	run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil)
	if err != nil || len(run.Reach) != 1 || !strings.Contains(run.Reach[0], "acme/web") {
		t.Fatalf("%q %v", run.Reach, err)
	}
	runs, err := s.Runs()
	if err != nil || !slices.Equal(runs[0].Reach, run.Reach) {
		t.Errorf("the journal has %q %v", runs[0].Reach, err)
	}
}
