package ui

import (
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/triage"
)

func TestTheCharterIsShown(t *testing.T) {
	r := company()
	a := &r.Assistants[0]
	a.Charter, a.Purpose = "kind claude-code", "pairing on the shop"
	a.Standing = &inventory.Standing{Owner: "alice@example.com", Deputy: "erin", Tier: 1, Drift: []inventory.Capability{inventory.ExecLocal}, Excess: []inventory.Capability{inventory.OpenPR},
		Environments: []string{"production"}, Expires: at.AddDate(0, 0, -1), Expired: true, ReviewDue: at.AddDate(0, 0, 9)}
	r.Assistants[1].Standing = &inventory.Standing{}
	d := newDriver(t, snapshot(r), 100, 60)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("2", "enter")
	d.want("CHARTER", "kind claude-code", "pairing on the shop", "erin", "exec-local", "production", "2026-02-28: it is over", "2026-03-10", "open-pr")
	d.keys("esc", "/", "codex", "enter", "enter")
	d.want("nobody has declared what it is meant to be and do")
}

func TestWhoAnswers(t *testing.T) {
	r := inventory.Records{Owners: []inventory.Owner{{ID: "own-a", Name: "ann", Status: "unknown", Sources: []string{"asserted"}}, {ID: "own-b", Name: "bob", Status: "unknown", Sources: []string{"local"}},
		{ID: "own-c", Name: "cem", Status: "departed"}, {ID: "own-d", Name: "dan", Status: "unknown", Sources: []string{"config"}}, {ID: "own-e", Email: "eve@example.com", Status: "active", Sources: []string{"asserted", "forge"}}}}
	s := inventory.NewSnapshot(at, r, false)
	for _, c := range []struct {
		owners, asserted []inventory.ID
		want             string
	}{
		{nil, nil, "?"},
		{[]inventory.ID{"own-gone"}, nil, "?"},
		{[]inventory.ID{"own-a", "own-b"}, []inventory.ID{"own-a"}, "bob"},
		{[]inventory.ID{"own-b"}, []inventory.ID{"own-b"}, "bob (asserted)"},
		{[]inventory.ID{"own-c", "own-d"}, nil, "dan (asserted)"},
		{[]inventory.ID{"own-c"}, nil, "cem (left)"},
		{[]inventory.ID{"own-e"}, []inventory.ID{"own-e"}, "eve@example.com"},
	} {
		if got := ownerCell(s, &inventory.Assistant{Owners: c.owners, OwnersAsserted: c.asserted}).Text; got != c.want {
			t.Errorf("%v: %q, want %q", c.owners, got, c.want)
		}
	}
}

func TestWhatIsAssumedIsShownSo(t *testing.T) {
	r := inventory.Resource{ID: "res-1", Environment: "production", EnvironmentAssumed: true}
	s := inventory.NewSnapshot(at, inventory.Records{Resources: []inventory.Resource{r}}, false)
	if got := environmentWords(&r); got != "production (assumed: only a word of its name says so)" {
		t.Errorf("%q", got)
	}
	if got := grantEnvironment(s, &inventory.Entitlement{Resource: "res-1"}); got != "production?" {
		t.Errorf("%q", got)
	}
	if got := grantEnvironment(s, &inventory.Entitlement{Resource: "res-1", Environment: "staging"}); got != "staging" {
		t.Errorf("%q", got)
	}
}

// An accepted finding does not look like one that asks for something, and each marked decision is taken back at once.
func TestAcceptedInTheList(t *testing.T) {
	r := company()
	r.Findings[0].State, r.Findings[0].AcceptedBy, r.Findings[0].AcceptedUntil = triage.StateAccepted, "alice", at.AddDate(0, 0, 9)
	d := newDriver(t, snapshot(r), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("7")
	d.want("accepted    91 Secret is committed")
	d.keys("/", "risk>=attend", "enter")
	d.want("findings 2 of 3")
	d.keys("esc", "*")
	for _, f := range r.Findings {
		d.e.decisions = append(d.e.decisions, triage.Decision{ID: "dec-" + string(f.ID), Kind: triage.Flag, Target: f.ID, At: at, By: "alice"},
			triage.Decision{ID: "old-" + string(f.ID), Kind: triage.Note, Target: f.ID, At: at.Add(-time.Hour), By: "alice"})
	}
	d.keys("U")
	d.want("taken back: 3 decisions")
	for _, x := range d.e.decisions {
		if x.Undone != (x.Kind == triage.Flag) {
			t.Errorf("%+v", x)
		}
	}
}
