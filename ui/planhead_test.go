package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// A plan for several things names each in a line, and its steps are on the first screen; what stands below them is announced.
func TestALongPlanShowsItsStepsFirst(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	p := providerPlan(d)
	p.ID, p.Targets, p.Names = "k2v7mzqa3wxy", nil, nil
	for i := range d.e.snap.Records().Secrets {
		x := &d.e.snap.Records().Secrets[i]
		p.Targets = append(p.Targets, revoke.Target{ID: x.ID}, revoke.Target{ID: x.ID, Action: revoke.ActionRemoveSecret})
		p.Names = append(p.Names, secretName(x))
	}
	if len(p.Names) < 2 {
		t.Fatal("it needs two secrets")
	}
	for i := range 6 {
		p.Steps = append(p.Steps, revoke.Step{ID: fmt.Sprint("m", i), Source: "local", Action: revoke.ActionManual, Layer: revoke.LayerCopy,
			Summary: fmt.Sprintf("the history of the repository acme/web%d keeps github-pat-classic …5wsT: rewrite it, and let everybody clone anew", i), Promises: revoke.Unproven})
	}
	d.send(planMsg{plan: p})
	d.now = d.now.Add(time.Second)
	d.want("BREAKS 2, STAYS ALIVE 1: below the steps", "good until 12:15 UTC", "1-21 of ", "end the token by itself", "TELLS       GitHub mails")
	f := strings.Split(d.frame(), "\n")
	for i, name := range slices.Compact(slices.Clone(p.Names)) {
		if !strings.Contains(f[3+i], name) {
			t.Errorf("line %d lacks %s:\n%s", 3+i, name, d.frame())
		}
	}
	fits(t, d)
	golden(t, d, "plan-long-80x24")
	d.keys("pgdown")
	d.lacks("1-21 of ")
	d.now = p.Expires.Add(time.Second)
	d.send(tickMsg(d.now))
	d.keys("W", "arm", "enter", "x")
	d.want("the plan has expired; esc, and make a new one")
	d.keys("pgdown")
	d.want("EXPIRED 12:15 UTC")
}

func TestWhatThePlanDoesIsCounted(t *testing.T) {
	back, good, yours := revoke.Step{Reversible: true}, revoke.Step{}, revoke.Step{Action: revoke.ActionManual}
	for want, steps := range map[string][]revoke.Step{
		"nhitop does 1 step, which can be undone; 1 more of yours":          {back, yours},
		"nhitop does 2 steps; each can be undone":                           {back, back},
		"nhitop does 1 step, for good":                                      {good},
		"nhitop does 3 steps: 1 for good, 2 can be undone; 2 more of yours": {back, good, back, yours, yours},
		"nhitop does nothing by itself: 2 steps of yours":                   {yours, yours},
	} {
		if got := doing(&revoke.Plan{Steps: steps}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	d := planned(t)
	d.keys("W", "arm", "enter", "x", "leak", "enter")
	d.want("nhitop does 3 steps: 1 for good, 2 can be undone.", "Type revoke 3 to go:")
	d.keys("esc")
	p := providerPlan(d)
	p.Steps[0].Action = revoke.ActionRotate
	d.send(planMsg{plan: p})
	d.now = d.now.Add(time.Second)
	d.want("› rotate ›")
	d.keys("x", "leak", "enter")
	d.want("Type rotate 3 to go:")
}

// A message that is too long for the footer stands above it, and the keys stay.
func TestALongMessageIsReadWhole(t *testing.T) {
	d := planned(t)
	d.m.say(true, "%v", errors.Join(errors.New("nothing was done to anything that this plan names, for the following reason"), errors.New("another nhitop is carrying out a revocation on this machine now")))
	d.m.dirty = true
	d.want("for the following reason;", "on this machine now", "esc back", "q quit")
	fits(t, d)
	d.m.say(true, "%s", strings.Repeat("word ", 100))
	d.m.dirty = true
	d.want(" … :messages", "q quit")
	fits(t, d)
	d.send(tea.WindowSizeMsg{Width: 30, Height: 5})
	fits(t, d)
	d.keys("j")
	d.lacks("word word")
}

type changing struct{ *fakeEngine }

func (changing) MayChange() []string { return []string{"github:acme", "local", "slack"} }

func TestArmingSaysWhere(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.m.e = changing{d.e}
	d.keys("W")
	d.want("may end credentials and rights at github:acme,", "slack, and change files of this machine. It ends by itself.", "Type arm to allow it:")
	fits(t, d)
}

// A secret that is pasted into a question that does not take one is drawn nowhere and kept nowhere.
func TestASecretIsRefusedWhereNoneIsAsked(t *testing.T) {
	secret := "gh" + "p_FAKE" + "q7Rz2Lw9Xc4Vb8Nm1Kj6Hg3Fd57tUv0s"
	for name, open := range map[string][]string{
		"reason": {"W", "arm", "enter", "x"}, "arm": {"W"}, "palette": {":"}, "help": {"?"}, "filter": {"esc", ":", "secrets", "enter", "/"}, "name": {"esc", ":", "secrets", "enter", "/", "claude", "enter", "F"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planned(t)
			d.keys(open...)
			d.keys("see ")
			d.paste(secret)
			d.want("That is a secret: it was wiped", "esc, then ! takes it:")
			d.lacks(secret[8:14])
			d.keys("q", "x", "y", "enter") // the rest of it, typed, is no key
			d.want("left as it is")
			d.lacks(secret[8:14])
			if f, ok := d.m.page.(filterer); ok && strings.Contains(f.FilterText(), secret[8:14]) || len(d.e.executed) != 0 {
				t.Error("it was kept")
			}
			if text := fmt.Sprintf("%+v %+v %q", d.m.x.messages, d.m.prefs, d.m.input.Value()); strings.Contains(text, secret[8:14]) {
				t.Error("it was kept: ", text)
			}
		})
	}
	if holdsSecret("owner=alice risk>=attend kind=github-pat-classic password=changeme 5wsT") {
		t.Error("a filter is taken for a secret")
	}
}
