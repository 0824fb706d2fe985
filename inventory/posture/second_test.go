package posture

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
)

// pair is two operators on one state folder.
func pair(t *testing.T, sh *shelf, c Config) (alice, bob *Service, clk *clock) {
	t.Helper()
	c.StateDir = t.TempDir()
	c.Operator = "alice@laptop"
	alice, clk = ready(t, sh, c)
	c.Operator, c.Now, c.Feeds = "bob@bastion", clk.now, []Feed{sh.feed(true)}
	bob = service(t, c)
	if err := bob.Arm("arm"); err != nil {
		t.Fatal(err)
	}
	collect(t, bob)
	return alice, bob, clk
}

// with gives the consent that a plan asks for.
func with(p *revoke.Plan) revoke.Consent {
	return revoke.Consent{Reason: "leaked", Yes: true, Word: p.Word()}
}

func TestASecondPerson(t *testing.T) {
	sh := newShelf("a", "b")
	sh.oneWay = true
	alice, bob, clk := pair(t, sh, Config{SecondPerson: []string{SecondIrreversible}, ArmFor: 50 * time.Minute})
	p := plan(t, alice, "sec-a")
	if !strings.Contains(p.Second, "cannot be undone") {
		t.Errorf("the plan does not say that it needs another: %+v", p)
	}
	_, err := alice.Execute(t.Context(), p, with(p), nil)
	if !errors.Is(err, revoke.ErrSecond) || !strings.Contains(err.Error(), "nhitop confirm "+p.ID) || !sh.things["a"] {
		t.Fatalf("without the other: %v", err)
	}
	if _, err := alice.Confirm(t.Context(), p.ID, p.Word()); !errors.Is(err, ErrSamePerson) {
		t.Errorf("one's own plan: %v", err)
	}
	ws, err := bob.Waiting()
	if err != nil || len(ws) != 1 || ws[0].By != "alice@laptop" || ws[0].Reason != "leaked" || ws[0].Plan.Steps[0].Summary != "take a" || ws[0].Confirmed(clk.now()) {
		t.Fatalf("%+v %v", ws, err)
	}
	if _, err := bob.Confirm(t.Context(), p.ID, "revoke 7"); !errors.Is(err, revoke.ErrConfirm) {
		t.Errorf("with another word: %v", err)
	}
	w, err := bob.Confirm(t.Context(), p.ID, p.Word())
	if err != nil || w.ConfirmedBy != "bob@bastion" {
		t.Fatalf("%+v %v", w, err)
	}
	if _, err := bob.Execute(t.Context(), p, with(p), nil); !errors.Is(err, ErrSamePerson) || !sh.things["a"] {
		t.Errorf("the one who confirmed carries it out: %v", err)
	}
	if other := plan(t, alice, "sec-b"); true {
		if _, err := alice.Execute(t.Context(), other, with(other), nil); !errors.Is(err, revoke.ErrSecond) || !sh.things["b"] {
			t.Errorf("the confirmation of another plan was taken: %v", err)
		}
	}
	if _, err := alice.Execute(t.Context(), p, revoke.Consent{Reason: "leaked", Yes: true}, nil); !errors.Is(err, revoke.ErrConfirm) {
		t.Errorf("without the word: %v", err)
	}
	clk.move(5 * time.Minute)
	run, err := alice.Execute(t.Context(), p, with(p), nil)
	if err != nil || run.Second != "bob@bastion" || run.By != "alice@laptop" || sh.things["a"] {
		t.Fatalf("%+v %v", run, err)
	}
	if _, err := alice.Execute(t.Context(), p, with(p), nil); !errors.Is(err, revoke.ErrUsed) && !errors.Is(err, revoke.ErrSecond) {
		t.Errorf("twice: %v", err)
	}
	runs, err := alice.Runs()
	if err != nil || len(runs) != 1 || runs[0].Second != "bob@bastion" {
		t.Errorf("the journal does not name the other: %+v %v", runs, err)
	}
	log, err := alice.Audit()
	said := ""
	for _, e := range log {
		said += e.By + " " + e.Action + " " + e.Detail + "\n"
	}
	for _, want := range []string{"alice@laptop wait 1 steps", "alice@laptop second confirm refused", "bob@bastion second confirm 1 steps", "confirmed by bob@bastion"} {
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("the audit log has no %q: %v\n%s", want, err, said)
		}
	}
}

// A confirmation ends, and so does the wait; what changed since is not carried out, confirmed or not.
func TestASecondPersonIsTooLate(t *testing.T) {
	sh := newShelf("a")
	sh.oneWay = true
	alice, bob, clk := pair(t, sh, Config{SecondPerson: []string{SecondIrreversible}, ArmFor: 3 * time.Hour})
	p := plan(t, alice, "sec-a")
	if _, err := alice.Execute(t.Context(), p, with(p), nil); !errors.Is(err, revoke.ErrSecond) {
		t.Fatal(err)
	}
	if _, err := bob.Confirm(t.Context(), p.ID, p.Word()); err != nil {
		t.Fatal(err)
	}
	clk.move(ConfirmedFor)
	if _, err := alice.Execute(t.Context(), p, with(p), nil); !errors.Is(err, revoke.ErrSecond) || !sh.things["a"] {
		t.Errorf("the confirmation was over: %v", err)
	}
	if _, err := bob.Confirm(t.Context(), p.ID, p.Word()); err != nil {
		t.Errorf("confirmed once more: %v", err)
	}
	forged := *p
	forged.Steps = append([]revoke.Step{}, p.Steps...)
	forged.Steps[0].Summary = "something else"
	if _, err := alice.Execute(t.Context(), &forged, with(p), nil); !errors.Is(err, revoke.ErrTampered) || !sh.things["a"] {
		t.Errorf("another plan under the same digest: %v", err)
	}
	clk.move(WaitFor)
	if _, err := bob.Confirm(t.Context(), p.ID, p.Word()); !errors.Is(err, store.ErrNotWaiting) {
		t.Errorf("its time was over: %v", err)
	}
	if _, err := alice.Execute(t.Context(), p, with(p), nil); !errors.Is(err, revoke.ErrExpired) {
		t.Errorf("its time was over: %v", err)
	}
}

func TestWhatNeedsASecondPerson(t *testing.T) {
	one := func(p *revoke.Plan, c Config, tier int) string {
		s := service(t, c)
		s.publish(inventory.NewSnapshot(noon, inventory.Records{
			Assistants: []inventory.Assistant{{ID: "ast-a", Name: "pilot", Secrets: []inventory.ID{"sec-a"}, Standing: &inventory.Standing{Tier: tier}}},
			Secrets:    []inventory.Secret{{ID: "sec-a", Assistants: []inventory.ID{"ast-a"}}},
			Tools:      []inventory.Tool{{ID: "tol-a", Assistant: "ast-a"}},
		}, false), false, nil, nil)
		return s.wantsSecond(p, "")
	}
	back, gone := revoke.Step{Target: "sec-a", Reversible: true}, revoke.Step{Target: "sec-a"}
	hand := revoke.Step{Target: "sec-a", Action: revoke.ActionManual}
	both := Config{SecondPerson: SecondPersons()}
	for _, c := range []struct {
		config Config
		tier   int
		step   revoke.Step
		want   string
	}{
		{Config{}, 1, gone, ""},
		{both, 2, back, ""},
		{both, 2, hand, ""},
		{both, 2, gone, "it has steps that cannot be undone"},
		{both, 1, back, "pilot is of tier 1"},
		{both, 1, gone, "it has steps that cannot be undone, and pilot is of tier 1"},
		{Config{SecondPerson: []string{SecondTier1}}, 2, gone, ""},
		{both, 1, revoke.Step{Target: "tol-a", Reversible: true}, "pilot is of tier 1"},
	} {
		if got := one(&revoke.Plan{Steps: []revoke.Step{c.step}}, c.config, c.tier); got != c.want {
			t.Errorf("%+v: %q, want %q", c, got, c.want)
		}
	}
}

func TestWhoIsAnother(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"alice@x", "bob@x", true}, {"alice@x", "alice@y", false}, {"Alice@x", "alice", false}, {"alice", "bob", true},
		{"unknown@x", "bob@x", false}, {"alice@x", "unknown@x", false}, {"", "bob", false},
	} {
		if got := others(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

// A confirmed plan about a pasted secret that is not at hand is refused before its confirmation is used up; so is another secret.
func TestAConfirmationIsNotUsedUpForNothing(t *testing.T) {
	a := newAlone()
	dir := t.TempDir()
	c := Config{StateDir: dir, Operator: "alice@laptop", SecondPerson: []string{SecondIrreversible}, Feeds: []Feed{a.feed()}}
	alice, clk := ready(t, nil, c)
	c.Operator, c.Now = "bob@bastion", clk.now
	bob := service(t, c)
	in, p := held(t, alice, pastedToken)
	if _, err := alice.ExecuteIncident(t.Context(), in, p, with(p), nil); !errors.Is(err, revoke.ErrSecond) {
		t.Fatal(err)
	}
	if _, err := alice.Execute(t.Context(), p, with(p), nil); !errors.Is(err, revoke.ErrSecond) {
		t.Errorf("nobody has confirmed it: %v", err)
	}
	if _, err := bob.Confirm(t.Context(), p.ID, p.Word()); err != nil {
		t.Fatal(err)
	}
	w, err := alice.WaitingPlan(p.ID)
	if err != nil || !w.Plan.Steps[0].Held {
		t.Fatalf("%+v %v", w.Plan, err)
	}
	for range 2 {
		if run, err := alice.Execute(t.Context(), w.Plan, with(p), nil); !errors.Is(err, revoke.ErrNotHeld) || run.ID != "" || !strings.Contains(err.Error(), "end it by itself") {
			t.Errorf("%+v %v", run, err)
		}
		other, _ := held(t, alice, otherToken)
		if run, err := alice.ExecuteIncident(t.Context(), other, w.Plan, with(p), nil); !errors.Is(err, revoke.ErrNotOfPlan) || run.ID != "" {
			t.Errorf("%+v %v", run, err)
		}
	}
	if a.ended.Load() != 0 {
		t.Fatal("something was done")
	}
	run, err := alice.ExecuteIncident(t.Context(), in, w.Plan, with(p), nil)
	if err != nil || run.Second != "bob@bastion" || run.Steps[0].Proof.Grade != revoke.Proven || a.ended.Load() != 1 {
		t.Errorf("%+v %v", run, err)
	}
	if _, err := alice.ExecuteIncident(t.Context(), in, w.Plan, with(p), nil); err == nil || a.ended.Load() != 1 {
		t.Errorf("twice: %v", err)
	}
}
