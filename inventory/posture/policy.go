package posture

import "nhitop/inventory/risk"

// Policy is what the service judges by.
func (s *Service) Policy() risk.Policy { return s.cfg.Policy }
