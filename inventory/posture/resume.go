package posture

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Resume brings runs that were cut off to an end: each step is done exactly once, or it is said that this cannot be known.
// The operator's consent was given when they began; read-only and arming hold all the same. A credential that a step needs
// is read again where it stood when things were collected last; see [revoke.Executor.Resume] for what is read nowhere.
func (s *Service) Resume(ctx context.Context, on func(revoke.Event)) ([]revoke.Run, error) {
	if err := s.mayResume(""); err != nil {
		return nil, err
	}
	runs, err := s.acts.exec.Resume(s.holding(ctx), on)
	s.resumed(ctx, len(runs))
	return runs, err
}

// ResumeHeld is [Service.Resume] with a credential that was pasted again. One that no run which was cut off is about is
// refused with [revoke.ErrNotOfRun], and nothing is done.
func (s *Service) ResumeHeld(ctx context.Context, text inventory.Value, on func(revoke.Event)) ([]revoke.Run, error) {
	if err := s.mayResume(""); err != nil {
		return nil, err
	}
	h, err := s.heldOf("", text)
	if err != nil {
		return nil, err
	}
	return s.Resume(revoke.WithHeld(ctx, h), on)
}

// ResumeRun is [Service.Resume] for one run, with its credential where text is not the zero value: see [Service.ResumeHeld].
func (s *Service) ResumeRun(ctx context.Context, run string, text inventory.Value, on func(revoke.Event)) (revoke.Run, error) {
	if err := s.mayResume(run); err != nil {
		return revoke.Run{}, err
	}
	if !text.IsZero() {
		h, err := s.heldOf(run, text)
		if err != nil {
			return revoke.Run{}, err
		}
		ctx = revoke.WithHeld(ctx, h)
	}
	r, err := s.acts.exec.ResumeRun(s.holding(ctx), run, on)
	if r.ID == "" {
		s.refused("resume", run, err)
		return r, err
	}
	s.resumed(ctx, 1)
	return r, err
}

// mayResume asks what must hold before a run goes on, and reads where credentials stand and by what they are known again.
func (s *Service) mayResume(run string) error {
	if err := s.mayAct(); err != nil {
		s.refused("resume", run, err)
		return err
	}
	s.recall()
	return nil
}

// mayGoOn says why a step of a run that was cut off and that had not begun is not done any more: the guards are those of now.
func (s *Service) mayGoOn(run revoke.Run, st revoke.Step) error {
	if run.Undoes == "" && len(run.Steps) > s.cfg.MaxSteps {
		return fmt.Errorf("%w: %d steps, at most %d", ErrTooMany, len(run.Steps), s.cfg.MaxSteps)
	}
	one := &revoke.Plan{Steps: []revoke.Step{st}}
	if err := s.protectedSteps(s.Snapshot(), one); err != nil {
		return err
	}
	if why := s.wantsSecond(one, run.Undoes); why != "" && run.Second == "" {
		return fmt.Errorf("%w: %s; plan it anew", revoke.ErrSecond, why)
	}
	return nil
}

// recall reads where credentials stood when things were collected last, where nothing was collected since.
func (s *Service) recall() {
	if _, err := s.Previous(); err != nil {
		s.cfg.Log.Warn("what was collected last cannot be read", "err", err)
	}
}

// heldOf is a credential in hand that a run which was cut off is about; "" means any of them.
func (s *Service) heldOf(run string, text inventory.Value) (revoke.Held, error) {
	in, err := s.Identify(text)
	if err != nil {
		return revoke.Held{}, err
	}
	runs, err := s.Runs()
	about := func(r revoke.Run) bool {
		return r.State == revoke.StateRunning && (run == "" || r.ID == run) &&
			slices.ContainsFunc(r.Steps, func(st revoke.StepRun) bool { return st.Target == in.Held.ID })
	}
	if !slices.ContainsFunc(runs, about) {
		err = errors.Join(revoke.ErrNotOfRun, err)
		s.refused("resume", string(in.Held.ID), err)
		return revoke.Held{}, err
	}
	return in.Held, nil
}

// resumed is what follows on runs that went on.
func (s *Service) resumed(ctx context.Context, runs int) {
	if runs > 0 {
		s.again(ctx)
		s.sign()
	}
}
