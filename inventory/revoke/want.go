package revoke

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
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
// place from which the credential could be read again. It reports whether it did.
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

// ends reports whether a step is to end a credential of which another takes a place away.
func ends(e, taking Step) bool {
	return e.ID != taking.ID && e.Layer == LayerCredential && !slices.Contains(endsNothing, e.Action) && slices.Contains(taking.takes(), e.Target)
}

// endsNothing are the actions on a credential after which it still works, or that nobody knows to have been done.
var endsNothing = []string{ActionManual, ActionNarrow, ActionRotate, ActionProve}

// kept says why a place of credentials is left as it is: the steps that were to end one of them have ended, and none was
// seen to have done so. It may be the last place from which the credential can be read, to end it by itself.
func (x *carrying) kept(s Step) string {
	if x.l.run.Undoes != "" {
		return ""
	}
	var alive, sources []string
	for _, id := range s.takes() {
		if e := x.unended(s, id); e.ID != "" {
			alive, sources = add(alive, cmp.Or(e.TargetName, string(id))), add(sources, strconv.Quote(e.Source))
		}
	}
	switch {
	case len(alive) == 0:
		return ""
	case s.Layer == LayerCopy && len(alive) == 1:
		return fmt.Sprintf("kept: the credential may still be alive; end it with nhitop revoke --stdin, or at its issuer (source %s). nhitop revoke %s --action %s takes its copies alone", sources[0], s.Target, ActionRemoveSecret)
	}
	return fmt.Sprintf("kept, because of what stands in it: %s may still be alive; end that with nhitop revoke --stdin, or at its issuer (source %s). nhitop revoke %s --action %s does this step alone", strings.Join(alive, ", "), strings.Join(sources, ", "), s.Target, s.Action)
}

// unended is the last step that was to end a credential, where none was seen to do so; without an id where one was, or
// none was to. Where it can be ended for good, switching it off is not enough.
func (x *carrying) unended(taking Step, id inventory.ID) Step {
	var last Step
	gone, forGood := false, false
	for i := range x.l.run.Steps {
		e := x.at(i)
		if e.Target != id || !ends(e.Step, taking) || forGood && e.Reversible {
			continue
		}
		if !e.Reversible && !forGood {
			gone, forGood = false, true
		}
		last = e.Step
		gone = gone || e.State == StateDone && e.Proof.Grade.Reaches(e.Promises)
	}
	if gone {
		return Step{}
	}
	return last
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
