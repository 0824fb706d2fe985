package ui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// pairEngine is an engine whose plans need another operator.
type pairEngine struct {
	*fakeEngine
	waiting []posture.Waiting
	typed   []string
}

func (p *pairEngine) Waiting() ([]posture.Waiting, error) { return p.waiting, nil }

func (p *pairEngine) Confirm(_ context.Context, id, word string) (posture.Waiting, error) {
	p.typed = append(p.typed, word)
	w := &p.waiting[0]
	if w.Plan.ID != id || word != w.Plan.Word() {
		return *w, errors.New("that is another word")
	}
	w.ConfirmedBy, w.ConfirmedAt, w.ConfirmedUntil = "bob@bastion", p.now(), p.now().Add(15*time.Minute)
	return *w, nil
}

func (p *pairEngine) Execute(_ context.Context, plan *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	if len(p.waiting) == 0 {
		p.waiting = []posture.Waiting{{Plan: plan, By: "alice@laptop", Reason: c.Reason, At: p.now(), Until: p.now().Add(time.Hour)}}
	}
	if p.waiting[0].ConfirmedBy == "" {
		return revoke.Run{}, fmt.Errorf("%w: %s", revoke.ErrSecond, plan.Second)
	}
	return p.run(c, "", on)
}

// The one who asks is back on the plan, which waits; the other finds it, sees what it does, and confirms it by its word.
func TestASecondPersonInTheDashboard(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	e := &pairEngine{fakeEngine: d.e}
	d.m.e = e
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	plan := providerPlan(d)
	plan.Second = "it has steps that cannot be undone"
	d.send(planMsg{plan: plan})
	d.want("SECOND", "another operator must confirm it")
	d.now = d.now.Add(time.Second)
	d.keys("W", "arm", "enter", "x", "leaked in chat", "enter", "revoke 3", "enter")
	d.want("another operator must confirm it first", "plan p2")
	if len(d.e.executed) != 0 {
		t.Fatal("it was carried out")
	}
	d.now = d.now.Add(time.Second)
	d.keys(":", "waiting", "enter")
	d.want("waits", "alice@laptop", "leaked in chat")
	fits(t, d)
	golden(t, d, "waiting-80x24")
	d.keys("enter")
	d.want("alice@laptop asks", "leaked in chat", "c confirm", "suspend the app at github")
	d.keys("c")
	d.want("Type revoke 3 to confirm:", "may carry it out then")
	d.keys("revoke 4", "enter")
	d.want("that is another word")
	d.keys("c", "revoke 3", "enter")
	d.want("confirmed by bob@bastion")
	fits(t, d)
	golden(t, d, "waiting-confirmed-80x24")
	if len(e.typed) != 2 || e.typed[1] != "revoke 3" {
		t.Errorf("%q", e.typed)
	}
	d.keys("x", "leaked in chat", "enter", "revoke 3", "enter")
	if len(d.e.executed) != 1 {
		t.Errorf("a confirmed plan was not carried out: %d\n%s", len(d.e.executed), d.frame())
	}
}
