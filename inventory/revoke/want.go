package revoke

import (
	"context"
	"fmt"
	"slices"
)

type withoutKey struct{}

// WithoutHeld gives a context in which [Executor.Resume] ends runs whose credential nobody has in hand any more: steps that
// need it fail or are unknown, and the copies of a credential that was not seen to be ended stay where they are.
func WithoutHeld(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutKey{}, true)
}

// wants leaves a step of a resumed run as it is, because it needs a credential that is not at hand: who pastes it again
// goes on from here. It reports whether it did.
func (x *carrying) wants(ctx context.Context, id string) bool {
	without, _ := ctx.Value(withoutKey{}).(bool)
	if !x.resumed || without || x.l.run.Undoes != "" {
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.wanting == nil {
		x.wanting = map[string]bool{}
	}
	x.wanting[id] = true
	return true
}

func (x *carrying) wanted(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.wanting[id]
}

// behindWanted leaves a step too that has to wait for one that wants its credential: it needs that step, or it takes away a
// copy from which the credential could be read again. It reports whether it did.
func (x *carrying) behindWanted(ctx context.Context, s StepRun) bool {
	if s.State != StatePlanned && s.State != StateRunning {
		return false
	}
	held := slices.ContainsFunc(s.After, x.wanted)
	if !held && x.kept(s.Step) != "" {
		for i := range x.l.run.Steps {
			e := x.at(i)
			held = held || ends(e.Step, s.Step) && x.wanted(e.ID)
		}
	}
	return held && x.wants(ctx, s.ID)
}

// ends reports whether a step is to end the credential of which another takes a copy away.
func ends(e, copied Step) bool {
	return e.Target == copied.Target && e.Layer == LayerCredential && copied.Layer == LayerCopy && !slices.Contains(endsNothing, e.Action)
}

// endsNothing are the actions on a credential after which it still works, or that nobody knows to have been done.
var endsNothing = []string{ActionManual, ActionNarrow, ActionRotate, ActionProve}

// kept says why a copy is left where it is: the steps that were to end the credential have ended, and none was seen to have
// done so. The copy may be the last place from which the credential can be read, to end it by itself. Where it can be
// ended for good, switching it off is not enough.
func (x *carrying) kept(s Step) string {
	if x.l.run.Undoes != "" {
		return ""
	}
	source, gone, forGood := "", false, false
	for i := range x.l.run.Steps {
		e := x.at(i)
		if !ends(e.Step, s) || forGood && e.Reversible {
			continue
		}
		if !e.Reversible && !forGood {
			gone, forGood = false, true
		}
		source = e.Source
		gone = gone || e.State == StateDone && e.Proof.Grade.Reaches(e.Promises)
	}
	if source == "" || gone {
		return ""
	}
	return fmt.Sprintf("kept: the credential may still be alive; end it with nhitop revoke --stdin, or at its issuer (source %q). nhitop revoke %s --action %s takes its copies alone", source, s.Target, ActionRemoveSecret)
}

// want is the error of a run that cannot go on without its credential; nil where it can.
func (x *carrying) want() error {
	for _, s := range x.l.run.Steps {
		if x.wanted(s.ID) {
			return fmt.Errorf("run %s: %s: %w: nhitop revoke --resume --stdin --yes; its copies are kept until then. If you do not have it any more, nhitop revoke --resume --without --yes ends the run without it", x.l.run.ID, s.Summary, ErrNotHeld)
		}
	}
	return nil
}
