package revoke

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// carrying is one run on its way.
type carrying struct {
	*Executor
	resumed bool
	on      func(Event)

	mu sync.Mutex // guards l and the audit log while steps are under way
	l  *runLog
	// wanting are the steps that need a credential which is not at hand; guarded by mu.
	wanting map[string]bool

	telling sync.Mutex // held while on is called
	halt    chan struct{}
	halting sync.Once
}

func (x *carrying) tell(step string) {
	if x.on == nil {
		return
	}
	x.telling.Lock()
	defer x.telling.Unlock()
	x.mu.Lock()
	run := cloneRun(x.l.run)
	x.mu.Unlock()
	x.on(Event{Run: run, Step: step})
}

// at returns a step as it is now.
func (x *carrying) at(i int) StepRun {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.l.run.Steps[i]
}

// write writes a record about a step and tells about it.
func (x *carrying) write(r record) error {
	r.At = x.now()
	x.mu.Lock()
	err := x.l.write(r)
	x.mu.Unlock()
	if err != nil {
		return err
	}
	x.tell(r.Step)
	return nil
}

// step takes one step from where it is to its end, holding a slot of its lane. An error stops the run.
func (x *carrying) step(ctx context.Context, i int, slots chan struct{}) error {
	s := x.at(i)
	switch {
	case x.behindWanted(ctx, s):
		return nil
	case s.State == StatePlanned:
		if err := x.fresh(ctx, s); err != nil {
			return err
		}
	case s.State == StateRunning:
		if err := x.broken(ctx, s); err != nil {
			return err
		}
	}
	if s = x.at(i); s.State == StateDone && s.Proof.Grade == "" {
		if err := x.prove(ctx, i, slots); err != nil {
			return err
		}
	}
	if x.wanted(s.ID) {
		return nil
	}
	return x.auditStep(i)
}

// fresh begins a step, or says why it is not begun.
func (x *carrying) fresh(ctx context.Context, s StepRun) error {
	settle := func(state, why string) error {
		return x.write(record{Type: recSettled, Step: s.ID, State: state, Error: why})
	}
	if why := x.missing(s.Step); why != "" {
		return settle(StateSkipped, why)
	}
	if why := x.kept(s.Step); why != "" {
		return settle(StateSkipped, why)
	}
	if x.resumed && x.May != nil {
		x.mu.Lock()
		run := cloneRun(x.l.run)
		x.mu.Unlock()
		if err := x.May(run, s.Step); err != nil {
			return settle(StateSkipped, cleanError(err))
		}
	}
	if s.Action == ActionManual {
		return x.waits(ctx, s)
	}
	if ctx.Err() != nil {
		return settle(StateSkipped, "cancelled")
	}
	rev := x.Revokers[s.Source]
	if rev == nil {
		return settle(StateFailed, fmt.Sprintf("source %q is not there or may not revoke", s.Source))
	}
	if err := x.write(record{Type: recIntent, Step: s.ID}); err != nil {
		return err
	}
	return x.apply(ctx, s, rev)
}

// missing names a step that this one needs and that is not done.
func (x *carrying) missing(s Step) string {
	for _, id := range s.After {
		i := x.index(id)
		if i < 0 {
			return "a step that it needs is not in the plan"
		}
		switch d := x.at(i); {
		case d.State != StateDone:
			return fmt.Sprintf("a step that it needs is %s: %s", d.State, d.Summary)
		case d.Proof.Grade == Alive:
			return "a step that it needs did not take effect: " + d.Summary
		}
	}
	return ""
}

func (x *carrying) index(id string) int {
	for i := range x.l.run.Steps {
		if x.l.run.Steps[i].ID == id {
			return i
		}
	}
	return -1
}

// apply does a step whose intent is written.
func (x *carrying) apply(ctx context.Context, s StepRun, rev Revoker) error {
	receipt, err := x.act(x.noting(ctx, s.Step), s.Step, rev)
	if receipt.At.IsZero() {
		receipt.At = x.now()
	}
	state := StateDone
	if errors.Is(err, ErrNotHeld) && x.wants(ctx, s.ID) {
		// Nothing was done: it is as if it had not begun.
		return x.write(record{Type: recSettled, Step: s.ID, State: StatePlanned, Error: cleanError(err)})
	}
	if with := x.wentWith(s.Step); with != "" && errors.Is(err, ErrGone) {
		receipt, err = Receipt{At: x.now(), Already: true, Detail: "it ended with " + with}, nil
	}
	if err != nil {
		receipt, state = x.afterError(ctx, x.at(x.index(s.ID)), rev, err)
	}
	r := record{Type: recResult, Step: s.ID, State: state, Error: cleanError(err)}
	if state == StateDone {
		r.Receipt, r.Error = &receipt, ""
	}
	return x.write(r)
}

// act calls the source, to apply or to undo. A panic of the source is an error of the step.
func (x *carrying) act(ctx context.Context, s Step, rev Revoker) (r Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = Receipt{}, fmt.Errorf("the source broke down (%T)", p)
		}
	}()
	if x.l.run.Undoes == "" {
		return rev.Apply(ctx, s)
	}
	u, ok := rev.(Undoer)
	if !ok {
		return Receipt{}, errors.New("the source cannot take it back")
	}
	return u.Undo(ctx, s, x.l.undo[s.ID])
}

// afterError tells a step that was refused from one that may have happened all the same.
func (x *carrying) afterError(ctx context.Context, s StepRun, rev Revoker, err error) (Receipt, string) {
	for _, refused := range []error{ErrChanged, ErrReadOnly, ErrProtected, ErrNotArmed, ErrNotHeld, ErrUntouched} {
		if errors.Is(err, refused) {
			return Receipt{}, StateFailed
		}
	}
	if errors.Is(err, ErrByHand) {
		return Receipt{}, StateWaiting
	}
	receipt, state, _ := x.findOut(ctx, s, rev)
	if state == StatePlanned {
		state = StateFailed
	}
	return receipt, state
}

// broken finds out what became of a step that was begun when the process ended.
func (x *carrying) broken(ctx context.Context, s StepRun) error {
	rev := x.Revokers[s.Source]
	if rev == nil {
		return fmt.Errorf("step %s was begun, and source %q is not there or may not revoke; switch it on and resume", s.ID, s.Source)
	}
	receipt, state, err := x.findOut(ctx, s, rev)
	why := x.kept(s.Step)
	switch {
	case errors.Is(err, ErrNotHeld) && x.wants(ctx, s.ID):
		return x.write(record{Type: recSettled, Step: s.ID, State: StateRunning, Error: cleanError(err)})
	case state == StatePlanned && why != "":
		return x.write(record{Type: recSettled, Step: s.ID, State: StateSkipped, Error: why})
	case state == StatePlanned && ctx.Err() == nil:
		return x.apply(ctx, s, rev)
	case state == StatePlanned:
		return x.write(record{Type: recSettled, Step: s.ID, State: StateSkipped, Error: "cancelled"})
	case state == StateDone:
		return x.write(record{Type: recResult, Step: s.ID, State: StateDone, Receipt: &receipt})
	}
	unknown := "it was begun when nhitop ended, and its effect cannot be told"
	if err != nil {
		unknown += ": " + cleanError(err)
	}
	return x.write(record{Type: recSettled, Step: s.ID, State: StateUnknown, Error: unknown})
}

// findOut asks the source what became of a step, or looks for its effect. The error says why that cannot be told, where
// the source knows.
func (x *carrying) findOut(ctx context.Context, s StepRun, rev Revoker) (receipt Receipt, state string, err error) {
	ctx, stop := x.look(ctx)
	defer stop()
	defer func() {
		if recover() != nil {
			receipt, state, err = Receipt{}, StateUnknown, nil
		}
	}()
	if x.l.run.Undoes != "" {
		if v, ok := rev.(UndoVerifier); ok {
			if p, err := v.VerifyUndo(ctx, s.Step, x.l.undo[s.ID]); err == nil && (p.Grade == Proven || p.Grade == Attested) {
				return Receipt{At: x.now(), Detail: "found put back", Already: true}, StateDone, nil
			}
			return Receipt{}, StatePlanned, nil // an undo refuses by itself what was changed since
		}
		return Receipt{}, StateUnknown, nil
	}
	var why error
	if r, ok := rev.(Recoverer); ok {
		if receipt, state, why = r.Recover(ctx, s.Step); why == nil && (state != StateUnknown || !s.Receipt.Accepted()) {
			return receipt, state, nil
		}
		if why != nil && !errors.Is(why, ErrNotHeld) {
			return Receipt{}, StateUnknown, why
		}
	}
	// Some can be looked at without the credential too.
	p, err := rev.Verify(ctx, s.Step, Receipt{Seen: s.Receipt.Seen})
	if err == nil && (p.Grade == Proven || p.Grade == Attested) {
		return Receipt{At: x.now(), Detail: "found done", Already: true}, StateDone, nil
	}
	return Receipt{}, StateUnknown, errors.Join(why, err)
}

// look gives a context for reading the effect of a step, which goes on when the run is cancelled.
func (x *carrying) look(ctx context.Context) (context.Context, context.CancelFunc) {
	d := x.Look
	if d <= 0 {
		d = 30 * time.Second
	}
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}

// auditStep notes the end of a step in the audit log. After a crash it looks first whether that was done.
func (x *carrying) auditStep(i int) error {
	s := x.at(i)
	action := s.Action
	if x.l.run.Undoes != "" {
		action = "undo-" + action
	}
	detail := fmt.Sprintf("%s: %s", s.State, s.Summary)
	if s.Proof.Grade != "" {
		detail = fmt.Sprintf("%s, %s: %s", s.State, s.Proof.Grade, s.Summary)
	}
	if s.Error != "" {
		detail += " (" + s.Error + ")"
	}
	return x.note(s.ID, action, string(s.Target), detail)
}

// note appends to the audit log, once for each step of a run.
func (x *carrying) note(step, action, subject, detail string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	mark := "run " + x.l.run.ID
	if step != "" {
		mark += " step " + step
	}
	mark += " "
	if x.resumed {
		entries, err := x.Audit.List()
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Action == action && strings.HasPrefix(e.Detail, mark) {
				return nil
			}
		}
	}
	by := x.l.run.By
	if x.resumed {
		by = cmp.Or(x.Operator, by)
	}
	_, err := x.Audit.Append(by, action, subject, mark+detail)
	return err
}

// noteBy appends to the audit log what somebody else than the run's author did about a step.
func (x *carrying) noteBy(by, step, action, subject, detail string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, err := x.Audit.Append(by, action, subject, "run "+x.l.run.ID+" step "+step+" "+detail)
	return err
}
