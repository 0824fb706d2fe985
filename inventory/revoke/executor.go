package revoke

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"nhitop/inventory/audit"
)

// Recoverer is a [Revoker] that can tell, after a crash, what became of a step that was begun.
type Recoverer interface {
	// Recover returns StateDone with the receipt that Apply would have given, StatePlanned when nothing was changed and
	// Apply may safely be called, or StateUnknown.
	Recover(ctx context.Context, s Step) (Receipt, string, error)
}

// UndoVerifier is an [Undoer] that can look whether a step was taken back.
type UndoVerifier interface {
	// VerifyUndo gets the receipt of the step. It only reads.
	VerifyUndo(ctx context.Context, s Step, r Receipt) (Proof, error)
}

// Executor carries plans out. Its methods may be called from several goroutines; the journal's lock lets one run at a
// time, in all processes.
type Executor struct {
	Journal  *Journal
	Audit    *audit.Log
	Revokers map[string]Revoker // by [Step.Source]
	Now      func() time.Time   // nil: the clock
	// Look bounds how long one look at the effect of a step may take; 0: 30 s.
	Look time.Duration
	// Patience bounds how long is waited for a proof, whatever the horizon of the step; 0: 15 min.
	Patience time.Duration
	Sleep    func(ctx context.Context, d time.Duration) // nil: the clock; returns early when ctx ends

	// Operator is who resumes runs, for the audit log; "": whoever began them.
	Operator string
	// May, which may be nil, is asked about each step of a resumed run that was not begun: what was agreed to before may be
	// forbidden since. Its error is why the step is skipped.
	May func(Run, Step) error

	// Wrap, which may be nil, stands between the run and its file: for tests of a journal that fails, or of a process that dies.
	Wrap func(Appender) Appender
}

// Execute carries a plan out: the steps of one source in their order (several at once where the source is a
// [Paralleler]), the sources side by side, each step after those that it names, with its intent in the journal before it
// is tried and with its result and its proof after. The proof is looked for until the step's horizon. A step that fails
// stops only those that need it; copies of a credential that was not seen to be ended stay. Nothing is done when the plan
// does not hold (see [Plan.Check]) or was carried out before, or when journal or audit log cannot be written.
//
// An error means that the run did not reach its end: it says why, and [Executor.Resume] goes on from there. That steps
// failed, were skipped or could not be proven is no error; the run says so. When ctx ends, the steps not yet begun are
// skipped, and what was begun is finished and looked at once more. on, which may be nil, is called by one goroutine at a
// time.
func (e *Executor) Execute(ctx context.Context, p *Plan, c Consent, on func(Event)) (Run, error) {
	if err := p.Check(c, e.now()); err != nil {
		return Run{}, err
	}
	return e.begin(ctx, e.newRun(p, c), nil, on)
}

func (e *Executor) newRun(p *Plan, c Consent) Run {
	run := Run{ID: p.ID, Plan: p.ID, Digest: p.Digest, State: StateRunning, Reason: c.Reason, By: c.By, Second: c.Second, Started: e.now(), Since: c.Since.UTC(), Known: c.Known, Reach: c.Reach}
	for _, s := range p.Steps {
		run.Steps = append(run.Steps, StepRun{Step: s, State: StatePlanned})
	}
	return run
}

// begin writes the first lines and carries on.
func (e *Executor) begin(ctx context.Context, run Run, undo map[string]Receipt, on func(Event)) (Run, error) {
	unlock, err := e.Journal.lock()
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = unlock() }()
	l, err := e.Journal.create(run.ID)
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = l.close() }()
	if e.Wrap != nil {
		l.file = e.Wrap(l.file)
	}
	action, about := "revoke", fmt.Sprintf("%d steps, digest %.16s: %s", len(run.Steps), run.Digest, run.Reason)
	if run.Undoes != "" {
		action, about = "undo", fmt.Sprintf("run %s, %d steps: %s", run.Undoes, len(run.Steps), run.Reason)
	}
	// The audit log first: a run that stands in the journal is one that Resume carries out.
	if _, err := e.Audit.Append(run.By, action, run.ID, about); err != nil {
		return Run{}, fmt.Errorf("nothing is done: %w", err)
	}
	if err := l.write(record{Type: recRun, At: e.now(), Run: &run, Undo: undo}); err != nil {
		_, auditErr := e.Audit.Append(run.By, action+"-end", run.ID, "not begun: the journal cannot be written")
		return Run{}, errors.Join(err, auditErr)
	}
	return e.carry(ctx, l, false, on)
}

func (e *Executor) now() time.Time {
	if e.Now == nil {
		return time.Now().UTC()
	}
	return e.Now().UTC()
}

// carry takes every step of a run to its end, from wherever it is. When it returns, nothing of the run is under way.
func (e *Executor) carry(ctx context.Context, l *runLog, resumed bool, on func(Event)) (Run, error) {
	x := &carrying{Executor: e, l: l, resumed: resumed, on: on}
	x.tell("")
	if err := x.all(ctx); err != nil {
		return cloneRun(l.run), err
	}
	if err := x.want(); err != nil {
		x.tell("")
		return cloneRun(l.run), err
	}
	state := runState(l.run.Steps)
	action := "revoke-end"
	if l.run.Undoes != "" {
		action = "undo-end"
	}
	if err := x.note("", action, l.run.ID, state); err != nil {
		return cloneRun(l.run), err
	}
	if err := l.write(record{Type: recEnd, At: e.now(), State: state}); err != nil {
		return cloneRun(l.run), err
	}
	x.tell("")
	return cloneRun(l.run), nil
}

// Resume takes every run that is not at its end to its end, oldest first, and returns them. Each step ends exactly once:
// what was done before the crash is recognised and recorded, what was not begun is done, and what cannot be known is left
// alone and said to be unknown. A step that needs a credential which is not at hand (see [WithHeld], [WithHolder]) stays as it
// is, with what needs it and the copies of the credential; the run stays open, and the error is an [ErrNotHeld]: see
// [WithoutHeld].
func (e *Executor) Resume(ctx context.Context, on func(Event)) ([]Run, error) {
	unlock, err := e.Journal.lock()
	if err != nil {
		return nil, err
	}
	defer func() { _ = unlock() }()
	all, err := e.Journal.Runs()
	errs := []error{err}
	var runs []Run
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].State != StateRunning {
			continue
		}
		run, err := e.resumeOne(ctx, all[i].ID, on)
		if run.ID != "" {
			runs = append(runs, run)
		}
		errs = append(errs, err)
	}
	return runs, errors.Join(errs...)
}

func (e *Executor) resumeOne(ctx context.Context, id string, on func(Event)) (Run, error) {
	l, err := e.Journal.open(id)
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = l.close() }()
	if l.ended {
		return Run{}, nil
	}
	if e.Wrap != nil {
		l.file = e.Wrap(l.file)
	}
	if _, err := e.Audit.Append(cmp.Or(e.Operator, l.run.By), "resume", l.run.ID, ""); err != nil {
		return Run{}, fmt.Errorf("nothing is done: %w", err)
	}
	return e.carry(ctx, l, true, on)
}

// Runs returns the runs, newest first; see [Journal.Runs].
func (e *Executor) Runs() ([]Run, error) { return e.Journal.Runs() }
