package revoke

import (
	"context"
	"fmt"
	"slices"
)

// LookAgain looks again at a run that is at its end: at each step whose proof did not reach what was promised, and at each that
// waits for a person. It only reads at the sources, and writes what it finds behind the run. done names the waiting steps
// of which the operator says that they are done: where the source cannot see it, that word is what stands, with the grade
// unknown; where it sees the contrary, the step goes on waiting. It returns [ErrOpenRun] for a run that is under way and
// [ErrNothing] where there is nothing to look at.
func (e *Executor) LookAgain(ctx context.Context, runID, by string, done []string, on func(Event)) (Run, error) {
	unlock, err := e.Journal.lock()
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = unlock() }()
	l, err := e.Journal.open(runID)
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = l.close() }()
	if !l.ended {
		return Run{}, ErrOpenRun
	}
	if e.Wrap != nil {
		l.file = e.Wrap(l.file)
	}
	x := &carrying{Executor: e, l: l, on: on}
	if !slices.ContainsFunc(l.run.Steps, StepRun.Unsettled) {
		return Run{}, ErrNothing
	}
	for i := range l.run.Steps {
		if s := x.at(i); s.Unsettled() && ctx.Err() == nil {
			if err := x.lookAtOne(ctx, s, by, slices.Contains(done, s.ID)); err != nil {
				return cloneRun(l.run), err
			}
		}
	}
	if err := l.write(record{Type: recEnd, At: e.now(), State: runState(l.run.Steps)}); err != nil {
		return cloneRun(l.run), err
	}
	x.tell("")
	return cloneRun(l.run), nil
}

// Alive reports whether something that the run was to end was seen to work still: such a run is not done, whatever became of
// its requests.
func (r Run) Alive() bool {
	return r.Undoes == "" && slices.ContainsFunc(r.Steps, StepRun.Alive)
}

// Alive reports whether what the step was to end was seen to work still.
func (s StepRun) Alive() bool { return s.State == StateDone && s.Proof.Grade == Alive }

// Unsettled reports whether a later look may find more of a step.
func (s StepRun) Unsettled() bool {
	return s.State == StateWaiting || s.State == StateDone && !s.Proof.Grade.Reaches(s.Promises)
}

func (x *carrying) lookAtOne(ctx context.Context, s StepRun, by string, said bool) error {
	r := record{Type: recLooked, Step: s.ID}
	p, _ := x.proof(ctx, s)
	if p.At.IsZero() {
		p.At = x.now()
	}
	seen := p.Grade == Proven || p.Grade == Attested
	if p.Grade == Unproven && s.Proof.Grade != "" && !said {
		// A look that saw nothing takes nothing back of what an earlier one saw.
		return x.noteBy(by, s.ID, "look", string(s.Target), fmt.Sprintf("%s, nothing more was seen: %s", s.State, s.Summary))
	}
	if s.State == StateWaiting {
		switch {
		case seen:
			r.State = StateDone
		case said && p.Grade != Alive:
			r.State = StateDone
			p = Proof{Grade: Unproven, At: p.At, Detail: fmt.Sprintf("%s says that it is done; it cannot be seen from here", by)}
		}
	}
	r.Proof = &p
	if err := x.write(r); err != nil {
		return err
	}
	now := x.at(x.index(s.ID))
	return x.noteBy(by, s.ID, "look", string(s.Target), fmt.Sprintf("%s, %s: %s", now.State, p.Grade, s.Summary))
}

// waits leaves a step to a person. Where its credential can be tried, it is noted whether it is accepted now: without that, its
// refusal later would prove nothing.
func (x *carrying) waits(ctx context.Context, s StepRun) error {
	r := record{Type: recSettled, Step: s.ID, State: StateWaiting}
	if s.Promises == Proven && x.Revokers[s.Source] != nil && ctx.Err() == nil {
		if p, _ := x.proof(ctx, s); p.Grade == Alive {
			receipt := Receipt{At: p.At, Detail: p.Detail}.seenAlive()
			r.Receipt = &receipt
		}
	}
	return x.write(r)
}
