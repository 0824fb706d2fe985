package posture

import (
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// known says since when the inventory knows of what a plan is about: the secrets, and of a plan about none the rest.
func (s *Service) known(p *revoke.Plan) revoke.Known {
	ids := touched(p)
	var secrets []inventory.ID
	for _, id := range ids {
		if id.Noun() == inventory.NounSecret {
			secrets = append(secrets, id)
		}
	}
	if len(secrets) > 0 {
		ids = secrets
	}
	is := map[inventory.ID]bool{}
	var k revoke.Known
	for _, id := range ids {
		is[id] = true
		if first, _, ok, err := s.facts.Seen(id); err == nil && ok {
			k.FirstSeen = earlier(k.FirstSeen, first)
		}
	}
	for _, e := range s.exposures(s.cfg.Now()) {
		if is[e.Secret] && e.Until.IsZero() {
			k.Detected = earlier(k.Detected, e.Since)
		}
	}
	if snap := s.whole(); snap != nil {
		exposed := metrics.Exposed(snap, snap.At())
		for id := range is {
			k.Detected = earlier(k.Detected, exposed[id].Since)
		}
	}
	return k
}

// mostReach bounds what a run keeps of what was in reach.
const mostReach = 100

// inReach says what the targets of a plan open, while the inventory still knows it.
func (s *Service) inReach(p *revoke.Plan) []string {
	snap := s.whole()
	if snap == nil {
		return nil
	}
	lines := risk.ReachLines(snap, touched(p))
	for i := range lines {
		lines[i] = inventory.Clean(lines[i])
	}
	if more := len(lines) - mostReach; more > 0 {
		lines = append(lines[:mostReach], fmt.Sprintf("and %d more", more))
	}
	return lines
}

// earlier is the earlier of two times; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
