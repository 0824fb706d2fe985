package anthropic

import (
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/anthropic/anthropicsim"
)

// A new key is made by a person; that it is there is read back, and the old one is left alone.
func TestRotationIsByHand(t *testing.T) {
	r := open(t, company())
	r.rec.Reset()
	id := r.secret("laptop").ID
	steps, err := r.PlanRotate(r.ctx, id, revoke.Place{File: "/srv/key"}, r.snap)
	if err != nil || len(steps) != 1 || steps[0].Action != revoke.ActionManual {
		t.Fatalf("%+v %v", steps, err)
	}
	r.rec.ReadsOnly(t)
	name := steps[0].Params[paramNew]
	for _, want := range []string{"https://platform.claude.com/settings/keys", name, "file /srv/key", "nhitop revoke " + string(id)} {
		if !strings.Contains(steps[0].Summary, want) {
			t.Errorf("no %q: %s", want, steps[0].Summary)
		}
	}
	p := revoke.NewPlan(r.clock.now(), 0, nil, nil, steps)
	run, err := r.exec.Execute(r.ctx, p, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
	if err != nil || run.State != revoke.StateWaiting {
		t.Fatalf("%+v %v", run, err)
	}
	if run, err = r.exec.LookAgain(r.ctx, run.ID, "t", nil, nil); err != nil || run.State != revoke.StateWaiting {
		t.Errorf("done before it was: %+v %v", run, err)
	}
	r.sim.Add(anthropicsim.Key{Name: name, Workspace: "web"})
	if run, err = r.exec.LookAgain(r.ctx, run.ID, "t", nil, nil); err != nil || run.State != revoke.StateDone || run.Steps[0].Proof.Grade != revoke.Attested {
		t.Errorf("%+v %v", run, err)
	}
	if steps, err := r.PlanRotate(r.ctx, inventory.ID("sec-none"), revoke.Place{File: "/x"}, r.snap); err != nil || steps != nil {
		t.Errorf("%v %v", steps, err)
	}
	if _, err := r.PlanRotate(r.ctx, id, revoke.Place{}, r.snap); err == nil {
		t.Error("without a place")
	}
}
