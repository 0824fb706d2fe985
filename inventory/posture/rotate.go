package posture

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// ErrNoRotation says that no source can make a new credential in the place of one.
var ErrNoRotation = fmt.Errorf("%w, or make a new one in its place; make one where it was issued, then revoke the old one", revoke.ErrNothing)

// PlanRotate plans a new credential in the place of one: made and handed to a place, proven to work, and only then the old
// one ended; where its issuer can do it in no other order, the plan says so. It reads only, and works on the newest
// snapshot. The plan is carried out by [Service.Execute].
func (s *Service) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place) (*revoke.Plan, error) {
	p, err := s.planRotate(ctx, id, to)
	s.planned("plan", []revoke.Target{{ID: id, Action: revoke.ActionRotate}}, p, err)
	return p, err
}

func (s *Service) planRotate(ctx context.Context, id inventory.ID, to revoke.Place) (*revoke.Plan, error) {
	snap := s.Snapshot()
	if snap == nil {
		return nil, ErrNoSnapshot
	}
	if err := to.Check(); err != nil {
		return nil, err
	}
	if why := s.protects(snap, id); why != "" {
		return nil, fmt.Errorf("%w: %s", revoke.ErrProtected, why)
	}
	to, slot, err := s.slot(ctx, to)
	if err != nil {
		return nil, err
	}
	why := ErrNoRotation
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		steps, err := rotationOf(s.holding(ctx), f, id, to, snap)
		switch {
		case errors.Is(err, revoke.ErrNothing):
			why = err // another source may know it too
			continue
		case err != nil:
			return nil, fmt.Errorf("source %s: %w", f.Name, err)
		case len(steps) == 0:
			continue
		case !f.MayRevoke:
			return nil, fmt.Errorf("%w: source %s may not revoke; set revoke = true in its table", revoke.ErrReadOnly, f.Name)
		}
		for i := range steps {
			slot.Into(&steps[i])
		}
		p, err := s.acts.made([]revoke.Target{{ID: id, Action: revoke.ActionRotate}}, []string{nameOf(snap, id)}, steps, nil)
		if err != nil {
			return nil, err
		}
		return s.bind(p), s.protectedSteps(snap, p)
	}
	return nil, why
}

// rotationOf asks one source. One that cannot rotate anything has no steps.
func rotationOf(ctx context.Context, f *Feed, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) (steps []revoke.Step, err error) {
	r, ok := f.Revoker.(revoke.Rotator)
	if !ok {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			steps, err = nil, fmt.Errorf("it crashed (%T)", p)
		}
	}()
	steps, err = r.PlanRotate(ctx, id, to, snap)
	for i := range steps {
		steps[i].Source = f.Name
	}
	return steps, err
}

// Places are the names of the places in secrets managers, sorted.
func (s *Service) Places() []string { return slices.Sorted(maps.Keys(s.cfg.Places)) }

// slot asks the manager of a place what writing there will do, and looks whether a file can be made. A command is tried when the
// step is done.
func (s *Service) slot(ctx context.Context, to revoke.Place) (revoke.Place, revoke.Slot, error) {
	if to.Manager == "" {
		return to, revoke.Slot{}, to.Free()
	}
	m, err := revoke.At(s.cfg.Places, to.Manager)
	if err != nil {
		return to, revoke.Slot{}, err
	}
	slot, err := m.Look(ctx)
	if err != nil {
		return to, slot, fmt.Errorf("place %s cannot take a new credential: %w", to.Manager, err)
	}
	to.Where, to.Mark = slot.Where, slot.Mark
	return to, slot, nil
}
