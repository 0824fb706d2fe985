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
	"nhitop/inventory/risk"
)

// fakeResponder is an engine that knows one credential.
type fakeResponder struct {
	*fakeEngine
	secret  string // what was pasted is compared with this, and kept nowhere
	in      *posture.Incident
	asked   int
	answer  *revoke.Answer
	nothing bool
	ran     []revoke.Consent
}

func (f *fakeResponder) Identify(text inventory.Value) (*posture.Incident, error) {
	if text.Len() != len(f.secret) || text.Hint() != f.secret[len(f.secret)-4:] {
		return nil, errors.New("the text that was given holds no credential of a known form")
	}
	return f.in, nil
}

func (f *fakeResponder) Ask(context.Context, *posture.Incident) ([]revoke.Answer, error) {
	f.asked++
	if f.answer == nil {
		return nil, nil
	}
	return []revoke.Answer{*f.answer}, nil
}

func (f *fakeResponder) PlanIncident(_ context.Context, in *posture.Incident) (*revoke.Plan, error) {
	if f.nothing {
		return nil, revoke.ErrNothing
	}
	steps := []revoke.Step{{Source: "issuers", Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: in.Held.ID, Summary: "end it at GitHub, by itself",
		Request: `curl -X POST https://api.github.com/credentials/revoke -d "$SECRET"`, Promises: revoke.Proven}}
	return revoke.NewPlan(f.now(), 0, []revoke.Target{{ID: in.Held.ID}}, []string{"github-pat-classic …9xYz"}, steps), nil
}

func (f *fakeResponder) ExecuteIncident(_ context.Context, in *posture.Incident, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	f.ran = append(f.ran, c)
	r := revoke.Run{ID: "r1", State: revoke.StateDone, Reason: c.Reason, By: c.By, Since: in.At, Started: f.now(), Ended: f.now().Add(time.Second),
		Steps: []revoke.StepRun{{Step: p.Steps[0], State: revoke.StateDone, Started: f.now(), Ended: f.now().Add(time.Second),
			Proof: revoke.Proof{Grade: revoke.Proven, Detail: "GET /user with it: 401; the control answers 200", At: f.now().Add(time.Second)}}}}
	on(revoke.Event{Run: r})
	return r, nil
}

// inHand drives a dashboard whose operator has a secret in hand.
func inHand(t *testing.T) (*driver, *fakeResponder) {
	t.Helper()
	d := shown(t)
	x := &d.m.snap.Records().Secrets[0]
	f := &fakeResponder{fakeEngine: d.e, secret: "gh" + "p_FAKE" + strings.Repeat("m", 26) + "9xYz"}
	f.in = &posture.Incident{Held: revoke.Held{ID: x.ID, Kind: "github-pat-classic", Issuer: "github", Account: "alice", Value: inventory.NewValue(f.secret)}, At: d.now,
		Hint: "9xYz", LongLived: inventory.Yes, Secret: x, FoundBy: "its value",
		Reach: []risk.Reach{{Capability: inventory.MergeProtected, Doing: "merge into protected branches", Name: "github.com/acme/web", Production: true, Certain: true}}}
	d.m.e = f
	return d, f
}

func (d *driver) paste(text string) {
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// From the paste to the proof: what the screen says on the way, and how many keys it takes.
func TestIncident(t *testing.T) {
	d, f := inHand(t)
	keys := 0
	press := func(names ...string) {
		keys += len(names)
		d.keys(names...)
	}
	press("!")
	d.want("it is not shown, not kept")
	d.paste(f.secret)
	d.want("38 characters")
	d.lacks(f.secret[8:14])
	press("enter")
	d.want("incident › github-pat-classic …9xYz", "NOT ASKED whether it is alive", "known by its value", "OPENS └─> github.com/acme/web  PRODUCTION  merge into protected branches", "since paste")
	press("W")
	d.keys("arm")
	press("enter", "R")
	d.want("end it at GitHub, by itself", "NO", "proven")
	d.now = d.now.Add(5 * time.Second)
	press("x")
	d.want("incident: github-pat-classic …9xYz came into hand")
	press("enter")
	d.want("Type revoke 1 to go")
	d.keys("revoke 1")
	press("enter")
	d.want("✓", "proven", "GET /user with it: 401", "since paste", "27 days is the field's mean. This one, from paste to proof: 6s.")
	if keys > 8 {
		t.Errorf("%d keys besides the paste and the typed words", keys)
	}
	if len(f.ran) != 1 || f.ran[0].Word != "revoke 1" || f.asked != 0 {
		t.Errorf("%+v, asked %d times", f.ran, f.asked)
	}
	d.keys("esc")
	d.lacks("incident ›")
	if text := fmt.Sprintf("%+v %#v", d.m.stack, d.m.prompt); strings.Contains(text, f.secret[8:14]) {
		t.Error("the secret is still in hand")
	}
}

// What leaked with the secret in hand is named, and ended with it when that is asked for.
func TestLeakedTogether(t *testing.T) {
	d, f := inHand(t)
	d.keys("!")
	d.paste(f.secret)
	d.keys("enter")
	d.lacks("WITH ", "revoke all")
	d.keys("A")
	d.want("only for an assistant or an owner")
	d.keys("esc")
	f.in.With = []*inventory.Secret{{ID: "sec-y", Kind: "slack-bot-token", Hint: "IApr"}}
	d.keys("!")
	d.paste(f.secret)
	d.keys("enter")
	d.want("WITH ", "slack-bot-token …IApr", "A revoke all")
	d.keys("A")
	if p, ok := d.m.page.(*planPage); !ok || p.in == f.in || len(p.in.With) != 1 {
		t.Errorf("%T is in front, or its plan is for the one secret alone", d.m.page)
	}
}

func TestAskTheIssuer(t *testing.T) {
	for want, a := range map[string]*revoke.Answer{
		"ALIVE: its issuer accepts it, as alice": {State: inventory.StateLive, Account: "alice", Scopes: []string{"repo"}, Detail: "GET /user with it: 200"},
		"REFUSED by its issuer":                  {State: inventory.StateRevoked, Detail: "GET /user with it: 401"},
		"NOT KNOWN whether it is alive":          {State: inventory.StateUnknown, Detail: "GET /user with it: 403"},
		"no source knows how to ask":             nil,
	} {
		d, f := inHand(t)
		f.answer = a
		d.keys("!")
		d.paste(f.secret)
		d.keys("enter", "a")
		d.want(want)
		if f.asked != 1 {
			t.Errorf("asked %d times", f.asked)
		}
	}
}

func TestIncidentByNameAndMistake(t *testing.T) {
	d, f := inHand(t)
	id := string(d.m.snap.Records().Assistants[0].ID)
	d.keys("!", id, "enter")
	d.want(nameOf(d.m.snap, inventory.ID(id))[:8])
	d.keys("esc", "!", "alice", "enter")
	if p, ok := d.m.page.(*detail); !ok || d.m.snap.Owner(p.id) == nil || d.m.snap.Owner(p.id).Email != "alice@example.com" {
		t.Errorf("%T is in front, not the owner of that login", d.m.page)
	}
	d.keys("esc", "!", "nobodyknown", "enter")
	d.want("a word is no credential")
	d.keys("!")
	d.paste("nothing of the kind, and rather long so that it is no name of anything at all here")
	d.keys("enter")
	d.want("holds no credential of a known form")
	d.keys("!")
	d.paste(f.secret)
	d.keys("esc")
	d.want("left as it is")
	if d.m.prompt.paste.text != nil {
		t.Error("what was pasted is not wiped")
	}
	f.nothing = true
	d.keys("!")
	d.paste(f.secret)
	d.keys("enter", "R")
	d.want("[sources.issuers]")
	d.keys("!")
	d.keys("x", "backspace", "y", "esc")
	// A paste anywhere else is no keys.
	d.paste("RWq" + f.secret)
	d.want("pasted text is ignored here")
}

func TestPasteWipesWhatItOutgrows(t *testing.T) {
	p := &paste{}
	p.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("secret")})
	first := p.text
	p.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(strings.Repeat("x", 100))})
	if string(first) != strings.Repeat("\x00", 6) {
		t.Errorf("%q is left behind", string(first))
	}
	last := p.text
	if got := p.take(); len(got) != 106 || strings.Trim(string(last), "\x00") != "" {
		t.Error("not wiped when taken")
	}
}
