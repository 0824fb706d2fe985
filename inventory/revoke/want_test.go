package revoke

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// byItself is a provider at which a credential is ended, asked about and seen to be gone with the credential alone.
type byItself struct{ *world }

func (byItself) held(ctx context.Context, s Step) error {
	if h, ok := HeldFor(ctx, s.Target); !ok || h.ID != "sec-1" {
		return ErrNotHeld
	}
	return nil
}

func (b byItself) Apply(ctx context.Context, s Step) (Receipt, error) {
	if err := b.held(ctx, s); err != nil {
		return Receipt{}, err
	}
	return b.apply(s)
}

func (b byItself) Verify(ctx context.Context, s Step, _ Receipt) (Proof, error) {
	if err := b.held(ctx, s); err != nil {
		return Proof{}, err
	}
	return b.verify(s)
}

// recovering can tell too what became of a step, again only with the credential.
type recovering struct{ byItself }

func (b recovering) Recover(ctx context.Context, s Step) (Receipt, string, error) {
	if err := b.held(ctx, s); err != nil {
		return Receipt{}, StateUnknown, err
	}
	return fullRevoker{plainRevoker{b.world}}.Recover(ctx, s)
}

var goAhead = Consent{By: "ana", Reason: "leaked", Word: "revoke 5", Yes: true}

// leak is a plan that ends a credential by itself, takes something that hangs on it, and then its copy and that of another.
func leak() *Plan {
	end := Step{ID: "end", Source: "fake", Action: ActionRevoke, Layer: LayerCredential, Target: "sec-1", Summary: "end it", Promises: Proven, Horizon: 10 * time.Minute}
	next := Step{ID: "next", Source: "local", Action: ActionRevoke, Layer: LayerSession, Target: "sec-1", Summary: "what hangs on it", Promises: Proven, After: []string{"end"}}
	after := Step{ID: "then", Source: "local", Action: ActionRevoke, Layer: LayerSession, Target: "sec-1", Summary: "what hangs on that", Promises: Proven, After: []string{"next"}}
	copied := Step{ID: "copy", Source: "local", Action: ActionRemoveSecret, Layer: LayerCopy, Target: "sec-1", Summary: "take it out", Reversible: true, Promises: Proven}
	other := copied
	other.ID, other.Target = "other", "sec-2"
	return NewPlan(at, 0, nil, nil, []Step{end, next, after, copied, other})
}

var inHand = Held{ID: "sec-1", Kind: "token", Value: inventory.NewValue("tok_" + "FAKE0123456789")}

func leakExecutor(dir string, provider, files *world, slept *time.Duration) *Executor {
	e := newExecutor(dir, recovering{byItself{provider}})
	e.Revokers["local"] = fullRevoker{plainRevoker{files}}
	e.Sleep = func(_ context.Context, d time.Duration) { *slept += d }
	return e
}

func stepOf(t *testing.T, r Run, id string) StepRun {
	t.Helper()
	for _, s := range r.Steps {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no step %s in %s", id, states(r))
	return StepRun{}
}

// The process ends at every record of a run about a credential in hand. Without the credential the copy stays wherever the
// end was not seen, nothing is waited for, and with it the run goes on: each step exactly once.
func TestTheCopyStaysUntilTheCredentialIsSeenToBeEnded(t *testing.T) {
	waited := 0
	for _, written := range []bool{false, true} {
		for n := 2; ; n++ {
			dir, provider, files := t.TempDir(), newWorld(), newWorld()
			var slept time.Duration
			e := leakExecutor(dir, provider, files, &slept)
			e.Wrap = failing(n, written)
			if _, err := e.Execute(WithHeld(t.Context(), inHand), leak(), goAhead, nil); err == nil {
				break
			}
			again := leakExecutor(dir, provider, files, &slept)
			for range 2 { // as often as one likes
				runs, err := again.Resume(t.Context(), nil)
				if err == nil {
					break
				}
				waited++
				if !errors.Is(err, ErrNotHeld) || len(runs) != 1 || runs[0].State != StateRunning || !strings.Contains(err.Error(), "--resume --stdin") {
					t.Fatalf("%d %v: %v %v", n, written, runs, err)
				}
				if s := stepOf(t, runs[0], "copy"); s.State == StateDone || files.applied["copy"] != 0 || files.applied["other"] != 1 {
					t.Fatalf("%d %v: the copy is %s, %v", n, written, s.State, files.applied)
				}
			}
			if _, err := again.Resume(WithHeld(t.Context(), inHand), nil); err != nil {
				t.Fatalf("%d %v: %v", n, written, err)
			}
			runs, err := again.Runs()
			if err != nil || len(runs) != 1 || runs[0].State != StateDone {
				t.Fatalf("%d %v: %v %v", n, written, runs, err)
			}
			for _, s := range runs[0].Steps {
				if provider.applied[s.ID]+files.applied[s.ID] != 1 || s.Proof.Grade != Proven || s.Ended.IsZero() {
					t.Errorf("%d %v: %s applied %d times, %+v", n, written, s.ID, provider.applied[s.ID]+files.applied[s.ID], s)
				}
			}
			checkAudit(t, again, "leak", 5)
			if slept != 0 {
				t.Errorf("%d %v: waited %s for what cannot be seen", n, written, slept)
			}
		}
	}
	if waited < 8 {
		t.Errorf("the credential was waited for only %d times", waited)
	}
}

// Who does not have the credential any more ends the run without it; the copy stays, and the run says why.
func TestARunIsEndedWithoutItsCredential(t *testing.T) {
	dir, provider, files := t.TempDir(), newWorld(), newWorld()
	var slept time.Duration
	e := leakExecutor(dir, provider, files, &slept)
	e.Wrap = failing(2, false)
	if _, err := e.Execute(WithHeld(t.Context(), inHand), leak(), goAhead, nil); err == nil {
		t.Fatal("it did not crash")
	}
	runs, err := leakExecutor(dir, provider, files, &slept).Resume(WithoutHeld(t.Context()), nil)
	if err != nil || len(runs) != 1 || runs[0].State != StatePartial || slept != 0 {
		t.Fatalf("%v %v %s", runs, err, slept)
	}
	if s := stepOf(t, runs[0], "copy"); s.State != StateSkipped || !strings.HasPrefix(s.Error, "kept: the credential may still be alive") || files.applied["copy"] != 0 {
		t.Errorf("%s %q", s.State, s.Error)
	}
	if s := stepOf(t, runs[0], "end"); s.State != StateFailed && s.State != StateUnknown {
		t.Error(s.State)
	}
	if stepOf(t, runs[0], "other").State != StateDone {
		t.Error(states(runs[0]))
	}
}

// A credential that still works when the run is resumed keeps its copies; so does one of another value in hand.
func TestTheCopyOfALivingCredentialStays(t *testing.T) {
	dir, provider, files := t.TempDir(), newWorld(), newWorld()
	var slept time.Duration
	e := leakExecutor(dir, provider, files, &slept)
	e.Wrap = failing(2, false)
	if _, err := e.Execute(WithHeld(t.Context(), inHand), leak(), goAhead, nil); err == nil {
		t.Fatal("it did not crash")
	}
	again := leakExecutor(dir, provider, files, &slept)
	another := inHand
	another.ID = "sec-9"
	if _, err := again.Resume(WithHeld(t.Context(), another), nil); !errors.Is(err, ErrNotHeld) {
		t.Fatal(err)
	}
	provider.fail["end"] = errors.New("500")
	runs, err := again.Resume(WithHeld(t.Context(), inHand), nil)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	if s := stepOf(t, runs[0], "copy"); s.State != StateSkipped || files.applied["copy"] != 0 {
		t.Errorf("%s: %s %q", states(runs[0]), s.State, s.Error)
	}
}
