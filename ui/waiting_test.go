package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
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

// pastedEngine is such an engine, and the plan ends a pasted secret by itself.
type pastedEngine struct {
	*fakeResponder
	pair *pairEngine
	used int // confirmations
}

func (p *pastedEngine) Waiting() ([]posture.Waiting, error) { return p.pair.waiting, nil }
func (p *pastedEngine) Confirm(ctx context.Context, id, word string) (posture.Waiting, error) {
	return p.pair.Confirm(ctx, id, word)
}

func (p *pastedEngine) Execute(context.Context, *revoke.Plan, revoke.Consent, func(revoke.Event)) (revoke.Run, error) {
	return revoke.Run{}, fmt.Errorf("end it at GitHub, by itself: %w", revoke.ErrNotHeld)
}

func (p *pastedEngine) Identify(text inventory.Value) (*posture.Incident, error) {
	if text.Hint() == "3qRs" {
		return &posture.Incident{Held: revoke.Held{ID: "sec-other"}, At: p.now()}, nil
	}
	return p.fakeResponder.Identify(text)
}

func (p *pastedEngine) ExecuteIncident(ctx context.Context, in *posture.Incident, plan *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	if in.Held.ID != plan.Targets[0].ID {
		return revoke.Run{}, revoke.ErrNotOfPlan
	}
	p.used++
	return p.fakeResponder.ExecuteIncident(ctx, in, plan, c, on)
}

// A confirmed plan about a pasted secret asks for it when it is carried out; what is another's, or no secret, is refused and said.
func TestAConfirmedPlanAsksForItsSecret(t *testing.T) {
	d, f := inHand(t)
	plan, err := f.PlanIncident(t.Context(), f.in)
	if err != nil {
		t.Fatal(err)
	}
	plan.Second = "it has steps that cannot be undone"
	asked := d.now.Add(-20 * time.Minute)
	e := &pastedEngine{fakeResponder: f, pair: &pairEngine{fakeEngine: d.e, waiting: []posture.Waiting{{Plan: plan, By: "alice@laptop", Reason: "leaked in chat", At: asked, Until: d.now.Add(40 * time.Minute),
		ConfirmedBy: "bob@bastion", ConfirmedAt: d.now, ConfirmedUntil: d.now.Add(15 * time.Minute)}}}}
	d.m.e = e
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.keys("W", "arm", "enter", ":", "waiting", "enter", "enter", "x", "leaked in chat", "enter", "revoke 1", "enter")
	d.want("plan "+plan.ID, "Its secret:", "it stands nowhere", "is not used up")
	fits(t, d)
	golden(t, d, "waiting-paste-80x24")
	for text, says := range map[string]string{"gh" + "p_FAKE" + strings.Repeat("n", 26) + "3qRs": "is not the credential that the plan is about", "neither this nor that": "no credential of a known"} {
		d.now = d.now.Add(time.Second)
		d.paste(text)
		d.keys("enter")
		d.want("Nothing was done with what you pasted", "Its secret:")
		if got := strings.Join(strings.Fields(d.frame()), " "); !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, d.frame())
		}
	}
	d.now = d.now.Add(time.Second)
	d.keys("enter")
	d.want("left as it is", "confirmed by bob@bastion")
	if e.used != 0 || len(f.ran) != 0 {
		t.Fatal("it was carried out")
	}
	d.keys("x", "leaked in chat", "enter", "revoke 1", "enter")
	d.now = d.now.Add(time.Second)
	d.paste(f.secret)
	d.keys("enter")
	d.want("proven", "GET /user with it: 401", "from paste to proof: 20m")
	d.lacks(f.secret[8:14])
	if e.used != 1 || len(f.ran) != 1 || f.ran[0].Word != "revoke 1" || f.ran[0].Reason != "leaked in chat" {
		t.Errorf("%d %+v", e.used, f.ran)
	}
}
