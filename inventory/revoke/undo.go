package revoke

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// noUndo is [ErrNothing] in the words of an undo: each step, and why it stays.
type noUndo string

func (n noUndo) Error() string { return "nothing of the run can be taken back: " + string(n) }
func (n noUndo) Unwrap() error { return ErrNothing }

// UndoPlan says what of a run can be taken back: its steps that are done and left something to undo them with, the last
// first. It returns [ErrNothing] if there are none.
func (e *Executor) UndoPlan(runID string) (*Plan, error) {
	p, _, err := e.undoPlan(runID)
	return p, err
}

func (e *Executor) undoPlan(runID string) (*Plan, map[string]Receipt, error) {
	runs, err := e.Journal.Runs()
	i := slices.IndexFunc(runs, func(r Run) bool { return r.ID == runID })
	if i < 0 {
		return nil, nil, errors.Join(ErrNoRun, err)
	}
	run := runs[i]
	switch {
	case run.State == StateRunning:
		return nil, nil, ErrOpenRun
	case run.Undoes != "":
		return nil, nil, fmt.Errorf("%w: it is itself an undo", ErrNothing)
	}
	if _, err := e.Journal.read(runID); err != nil {
		return nil, nil, err
	}
	now, o := e.now(), run.over()
	p := &Plan{Created: now, Expires: now.Add(DefaultTTL)}
	receipts := map[string]Receipt{}
	var left []string
	for i, s := range run.Steps {
		why := e.keeps(s)
		if why == "" {
			continue
		}
		left = append(left, fmt.Sprintf("%d %s: %s", i+1, s.Summary, why))
		if s.State == StateDone || s.State == StateUnknown { // what was never done does not stay done
			p.Kept = append(p.Kept, left[len(left)-1])
		}
	}
	for _, s := range slices.Backward(run.Steps) {
		if e.keeps(s) != "" {
			continue
		}
		step := s.Step
		step.Summary = "put back: " + step.Summary
		step.Effect = "what it was before run " + runID + " is restored"
		step.Path, step.Git = "", nil
		step.Request, step.Breaks, step.Residual, step.Ends, step.Ties, step.After, step.Reversible = "", "", "", nil, nil, nil, true
		if o.ended[s.Target] { // what is put back is dead
			step.Unended = ""
		}
		p.Steps = append(p.Steps, step)
		p.Targets = append(p.Targets, Target{ID: s.Target, Action: s.Action})
		p.Names = add(p.Names, s.TargetName)
		receipts[s.ID] = s.Receipt
	}
	if len(p.Steps) == 0 {
		return nil, nil, noUndo(strings.Join(left, "; "))
	}
	p.Digest = digest(p)
	p.ID = planID(p.Digest, p.Created)
	return p, receipts, nil
}

// keeps says why a step cannot be taken back, "" if it can.
func (e *Executor) keeps(s StepRun) string {
	_, able := e.Revokers[s.Source].(Undoer)
	switch {
	case s.State == StateUndone:
		return "was taken back already"
	case s.State == StateWaiting || s.Action == ActionManual:
		return "is for a person: take it back where it was done"
	case s.State != StateDone:
		return "was not done (" + s.State + ")"
	case len(s.Receipt.Undo) == 0 && s.Receipt.Already:
		return "was so before the run"
	case len(s.Receipt.Undo) == 0:
		return "ends for good"
	case !able:
		return fmt.Sprintf("source %q is not there or may not revoke", s.Source)
	}
	return ""
}

// Undo takes a run back, the last step first, and looks whether that worked. What was changed since is left alone. It is
// journalled and resumed like [Executor.Execute]; the run that it returns names in Undoes the one that it takes back.
func (e *Executor) Undo(ctx context.Context, runID string, c Consent, on func(Event)) (Run, error) {
	p, receipts, err := e.undoPlan(runID)
	if err != nil {
		return Run{}, err
	}
	if !c.Yes {
		return Run{}, ErrConfirm
	}
	run := e.newRun(p, c)
	run.Undoes = runID
	return e.begin(ctx, run, receipts, on)
}
