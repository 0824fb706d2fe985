package revoke

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// strict is an issuer that refuses what it never issued as it refuses what it has ended, and a source that knows that.
type strict struct{ *world }

func (b strict) accepted(s Step) bool { return s.Params["stranger"] == "" && !b.done[s.ID] }

func (b strict) Plan(context.Context, Target, *inventory.Snapshot) ([]Step, error) { return nil, nil }

func (b strict) Apply(ctx context.Context, s Step) (Receipt, error) {
	if !b.accepted(s) {
		return Receipt{Already: true, Detail: "refused before anything was done"}, nil
	}
	if err := SawAccepted(ctx); err != nil {
		return Receipt{}, errors.Join(err, ErrUntouched)
	}
	r, err := b.apply(s)
	return r.seenAlive(), err
}

func (b strict) Verify(_ context.Context, s Step, r Receipt) (Proof, error) {
	switch {
	case b.accepted(s):
		return Proof{Grade: Alive, Detail: "200"}, nil
	case !r.Accepted():
		return Proof{}, fmt.Errorf("401; %w", ErrNeverAccepted)
	}
	return Proof{Grade: Proven, Detail: "401"}, nil
}

func (b strict) Recover(_ context.Context, s Step) (Receipt, string, error) {
	if b.accepted(s) {
		return Receipt{}, StatePlanned, nil
	}
	return Receipt{Already: true}, StateDone, nil
}

func strictPlan(action string, params map[string]string) *Plan {
	return NewPlan(at, 0, nil, nil, []Step{{ID: "end", Source: "fake", Action: action, Layer: LayerCredential, Target: "sec-1", Summary: "end it", Promises: Proven, Horizon: time.Minute, Reversible: true, Params: params}})
}

// What was never seen to be accepted is not proven dead, and nobody waits for it.
func TestAStrangerIsNotProven(t *testing.T) {
	e := newExecutor(t.TempDir(), strict{newWorld()})
	e.Sleep = func(context.Context, time.Duration) { t.Error("it waits for what will not come") }
	run, err := e.Execute(t.Context(), strictPlan(ActionRevoke, map[string]string{"stranger": "yes"}), yes, nil)
	if err != nil || run.Steps[0].Proof.Grade != Unproven || !strings.Contains(run.Steps[0].Proof.Detail, "never seen to be accepted") {
		t.Errorf("%+v %v", run.Steps, err)
	}
}

// The process ends at every record: that the credential was accepted before it was ended is not forgotten, so that its end is
// proven all the same.
func TestWhatWasSeenBeforeTheEndOutlivesACrash(t *testing.T) {
	crashes := 0
	for _, written := range []bool{false, true} {
		for n := 2; ; n++ {
			dir, w := t.TempDir(), newWorld()
			e := newExecutor(dir, strict{w})
			e.Wrap = failing(n, written)
			if _, err := e.Execute(t.Context(), strictPlan(ActionRevoke, nil), yes, nil); err == nil {
				break
			}
			crashes++
			if _, err := newExecutor(dir, strict{w}).Resume(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			runs, err := e.Runs()
			if err != nil || len(runs) != 1 || runs[0].Steps[0].Proof.Grade != Proven || w.applied["end"] != 1 {
				t.Errorf("%d %v: %+v %v, applied %d times", n, written, runs, err, w.applied["end"])
			}
		}
	}
	if crashes < 8 {
		t.Errorf("only %d crashes", crashes)
	}
}

// A step for a person: that the credential was accepted when the waiting began makes its refusal a proof.
func TestAManualEndIsProvenByALaterLook(t *testing.T) {
	w := newWorld()
	e := newExecutor(t.TempDir(), strict{w})
	run, err := e.Execute(t.Context(), strictPlan(ActionManual, nil), yes, nil)
	if err != nil || run.State != StateWaiting || !run.Steps[0].Receipt.Accepted() {
		t.Fatalf("%+v %v", run, err)
	}
	if _, err := w.apply(run.Steps[0].Step); err != nil { // the person does it
		t.Fatal(err)
	}
	run, err = e.LookAgain(t.Context(), run.ID, "ana", nil, nil)
	if err != nil || run.State != StateDone || run.Steps[0].Proof.Grade != Proven {
		t.Errorf("%+v %v", run.Steps, err)
	}
}
