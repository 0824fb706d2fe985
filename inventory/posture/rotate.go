package posture

import (
	"context"
	"fmt"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// ErrNoRotation says that no source can make a new credential in the place of one.
var ErrNoRotation = fmt.Errorf("%w, or make a new one in its place; make one where it was issued, then revoke the old one", revoke.ErrNothing)

// PlanRotate plans a new credential in the place of one: made and handed to a place, proven to work, and only then the old
// one ended. It reads only, and works on the newest snapshot. The plan is carried out by [Service.Execute].
func (s *Service) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place) (*revoke.Plan, error) {
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
	target := revoke.Target{ID: id, Action: revoke.ActionRotate}
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		r, ok := f.Revoker.(revoke.Rotator)
		if !ok {
			continue
		}
		steps, err := r.PlanRotate(ctx, id, to, snap)
		switch {
		case err != nil:
			return nil, fmt.Errorf("source %s: %w", f.Name, err)
		case len(steps) == 0:
			continue
		case !f.MayRevoke:
			return nil, fmt.Errorf("%w: source %s may not revoke; set revoke = true in its table", revoke.ErrReadOnly, f.Name)
		}
		for j := range steps {
			steps[j].Source = f.Name
		}
		p, err := s.acts.made([]revoke.Target{target}, []string{nameOf(snap, id)}, steps, nil)
		if err != nil {
			return nil, err
		}
		return p, s.protectedSteps(snap, p)
	}
	return nil, ErrNoRotation
}
