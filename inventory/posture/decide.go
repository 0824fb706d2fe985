package posture

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/triage"
)

// Decide keeps decisions, all or none, and publishes what they come to. ID, At and Digest are filled in, By where it is
// empty. Flagging a record that is no finding flags its open findings. Each decision is in the audit log before it is in the
// store: when Decide returns nil both are durable, and after a crash in between the log names a decision that was never
// confirmed.
func (s *Service) Decide(ctx context.Context, ds []triage.Decision) error {
	err := s.decide(ctx, ds)
	if err != nil {
		subject := ""
		if len(ds) > 0 {
			subject = string(ds[0].Target)
		}
		s.refused("decision", subject, err)
	}
	return err
}

func (s *Service) decide(ctx context.Context, ds []triage.Decision) error {
	if s.cfg.ReadOnly {
		return revoke.ErrReadOnly
	}
	snap := s.Snapshot()
	if snap == nil {
		return ErrNoSnapshot
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	now := s.cfg.Now()
	ready := make([]triage.Decision, 0, len(ds))
	owners := false
	for _, d := range ds {
		all, err := spread(snap, d)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d, err = triage.Prepare(d, snap, s.cfg.Operator, now); err != nil {
				return err
			}
			ready = append(ready, d)
			owners = owners || d.Kind == triage.Assign
		}
	}
	for _, d := range ready {
		if _, err := s.acts.log.Append(d.By, d.Kind, string(d.Target), detail(d)); err != nil {
			return fmt.Errorf("not decided, for the audit log cannot be written: %w", err)
		}
	}
	if err := s.store.Decide(ctx, ready); err != nil {
		return err
	}
	s.decided(owners)
	return nil
}

// spread makes a flag of a record that is no finding one for each of its open findings.
func spread(snap *inventory.Snapshot, d triage.Decision) ([]triage.Decision, error) {
	if d.Kind != triage.Flag || snap.Finding(d.Target) != nil {
		return []triage.Decision{d}, nil
	}
	var all []triage.Decision
	for _, f := range snap.FindingsOf(d.Target) {
		if f.Subject == d.Target && f.State == triage.StateOpen {
			one := d
			one.ID, one.Target = "", f.ID
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: %s has no open finding", triage.ErrTarget, inventory.Clean(string(d.Target)))
	}
	return all, nil
}

func detail(d triage.Decision) string {
	text := d.ID
	if d.Owner != "" {
		text += ", owner " + d.Owner
	}
	if !d.Until.IsZero() {
		text += ", until " + d.Until.Format(time.RFC3339)
	}
	if d.Reason != "" {
		text += ": " + d.Reason
	}
	return text
}

// UndoDecision takes one decision back, and publishes what is left. The decision itself stays on record as undone.
func (s *Service) UndoDecision(ctx context.Context, id string) error {
	err := s.undoDecision(ctx, id)
	if err != nil {
		s.refused("undo decision", id, err)
	}
	return err
}

func (s *Service) undoDecision(ctx context.Context, id string) error {
	if s.cfg.ReadOnly {
		return revoke.ErrReadOnly
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	all, err := s.store.Decisions("")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(d triage.Decision) bool { return d.ID == id })
	if i < 0 {
		return fmt.Errorf("%w: %s", triage.ErrGone, inventory.Clean(id))
	}
	d := all[i]
	if d.Undone {
		return fmt.Errorf("%w: %s", triage.ErrUndone, d.ID)
	}
	if err := s.acts.note("undo "+d.Kind, string(d.Target), d.ID); err != nil {
		return fmt.Errorf("not undone, for the audit log cannot be written: %w", err)
	}
	if err := s.store.Undo(ctx, d.ID, s.cfg.Operator, s.cfg.Now()); err != nil {
		return err
	}
	s.decided(d.Kind == triage.Assign)
	return nil
}

// Decisions returns the decisions about a record, or all of them for "", newest first, with those that were undone.
func (s *Service) Decisions(id inventory.ID) ([]triage.Decision, error) {
	ds, err := s.store.Decisions(id)
	slices.Reverse(ds)
	return ds, err
}

// standing is what the decisions come to. When they cannot be read, nothing counts as decided, and the log says so.
func (s *Service) standing() map[inventory.ID]triage.Standing {
	ds, err := s.store.Decisions("")
	if err != nil {
		s.cfg.Log.Error("decisions", "err", err)
	}
	return triage.Stand(ds)
}

// decided publishes the current snapshot with the decisions as they are now. The caller holds s.deciding.
func (s *Service) decided(owners bool) {
	s.decisions++
	snap := s.Snapshot()
	if snap == nil {
		return
	}
	s.mu.Lock()
	running, progress := s.running, s.progress
	s.mu.Unlock()
	next := s.redecide(snap, owners)
	s.mu.Lock()
	if s.previous == snap {
		s.previous = next // an asserted owner is a fact: what is collected next follows on it
	}
	s.mu.Unlock()
	s.publish(next, running, progress, nil)
}
