package posture

import (
	"context"
	"errors"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Resume brings runs that were cut off to an end: each step is done exactly once, or it is said that this cannot be known.
// The operator's consent was given when they began; read-only and arming hold all the same. A credential that a step needs
// is read again where it stood when things were collected last; see [revoke.Executor.Resume] for what is read nowhere.
func (s *Service) Resume(ctx context.Context, on func(revoke.Event)) ([]revoke.Run, error) {
	if err := s.mayAct(); err != nil {
		s.refused("resume", "", err)
		return nil, err
	}
	if _, err := s.Previous(); err != nil { // where credentials stand
		s.cfg.Log.Warn("what was collected last cannot be read", "err", err)
	}
	runs, err := s.acts.exec.Resume(s.holding(ctx), on)
	if len(runs) > 0 {
		s.again(ctx)
		s.sign()
	}
	return runs, err
}

// ResumeHeld is [Service.Resume] with a credential that was pasted again. One that no run which was cut off is about is
// refused with [revoke.ErrNotOfRun], and nothing is done.
func (s *Service) ResumeHeld(ctx context.Context, text inventory.Value, on func(revoke.Event)) ([]revoke.Run, error) {
	if err := s.mayAct(); err != nil {
		s.refused("resume", "", err)
		return nil, err
	}
	_, err := s.Previous() // by which a credential is known again
	if err != nil {
		s.cfg.Log.Warn("what was collected last cannot be read", "err", err)
	}
	in, err := s.Identify(text)
	if err != nil {
		return nil, err
	}
	runs, err := s.Runs()
	about := func(r revoke.Run) bool {
		return r.State == revoke.StateRunning && slices.ContainsFunc(r.Steps, func(st revoke.StepRun) bool { return st.Target == in.Held.ID })
	}
	if !slices.ContainsFunc(runs, about) {
		err = errors.Join(revoke.ErrNotOfRun, err)
		s.refused("resume", string(in.Held.ID), err)
		return nil, err
	}
	return s.Resume(revoke.WithHeld(ctx, in.Held), on)
}
