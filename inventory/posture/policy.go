package posture

import (
	"time"

	"nhitop/inventory"
	"nhitop/inventory/charter"
	"nhitop/inventory/risk"
)

// Policy is what the service judges by.
func (s *Service) Policy() risk.Policy { return s.cfg.Policy }

// declare writes into the records what the configuration says of them: where resources stand, and the charters.
func (s *Service) declare(r *inventory.Records, at time.Time) {
	s.cfg.Policy.Locate(r.Resources)
	set := s.cfg.Charters
	set.Unused = s.cfg.Policy.Idle
	for _, err := range charter.Apply(r, set, at) {
		s.cfg.Log.Warn("charter", "err", err)
	}
}
