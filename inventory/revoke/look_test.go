package revoke

import (
	"errors"
	"testing"
	"time"
)

func TestLookAgain(t *testing.T) {
	grade := map[string]Grade{"slow": Alive, "manual": Alive, "unseen": Unproven}
	src := scripted{apply: func(Step) (Receipt, error) { return Receipt{}, nil }, verify: func(s Step) Proof { return Proof{Grade: grade[s.ID], Detail: "seen"} }}
	e, clk := lanesExecutor(t, map[string]Revoker{"a": src})
	by := func(id string) Step {
		return Step{ID: id, Source: "a", Action: ActionManual, Summary: "do " + id, Promises: Attested}
	}
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, []Step{kill("a", "slow"), by("manual"), by("unseen")}), yes, nil)
	if err != nil || run.State != StateWaiting || run.Steps[0].Proof.Grade != Alive {
		t.Fatalf("%s %v", states(run), err)
	}
	ended := run.Ended
	clk.Sleep(t.Context(), time.Hour)
	look := func(done ...string) Run {
		t.Helper()
		r, err := e.LookAgain(t.Context(), run.ID, "bob", done, nil)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := e.Runs()
		if err != nil || states(stored[0]) != states(r) || !stored[0].Ended.Equal(ended) {
			t.Errorf("the journal says %s, %v", states(stored[0]), err)
		}
		return r
	}
	// What is seen to stand is not done, whatever is said.
	if r := look("manual"); r.State != StateWaiting || r.Steps[1].Proof.Grade != Alive {
		t.Errorf("%s", states(r))
	}
	// A look that sees nothing takes nothing back.
	grade["slow"] = Unproven
	if r := look(); r.Steps[0].Proof.Grade != Alive {
		t.Errorf("%+v", r.Steps[0].Proof)
	}
	grade["slow"], grade["manual"] = Proven, Attested
	if r := look(); states(r) != "waiting: slow=done manual=done unseen=waiting" || r.Steps[0].Proof.Grade != Proven || r.Steps[1].Proof.Grade != Attested {
		t.Errorf("%s %+v", states(r), r.Steps)
	}
	r := look("unseen")
	if r.State != StateDone || r.Steps[2].Proof.Grade != Unproven || r.Steps[2].Proof.Detail == "seen" {
		t.Errorf("%s %+v", states(r), r.Steps[2].Proof)
	}
	grade["unseen"] = Attested
	look()
	if _, err := e.LookAgain(t.Context(), run.ID, "bob", nil, nil); !errors.Is(err, ErrNothing) {
		t.Errorf("%v", err)
	}
	if n, err := e.Audit.Verify(); err != nil || n < 10 {
		t.Errorf("%d %v", n, err)
	}
}
