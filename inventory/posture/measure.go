package posture

import (
	"time"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

const trendPoints = 48 // about as many as a wide screen draws, and a report can carry

// measure makes the snapshot whose posture is measured, by the policy and by what is stored of the past. Its exposures are
// brought up to it; those that changed are to be stored with it. What only some of the sources said ends no exposure and is
// no point of the trend.
func (s *Service) measure(snap *inventory.Snapshot) (*inventory.Snapshot, []inventory.Exposure) {
	if s.cfg.Narrow {
		return s.measureAgain(snap), nil
	}
	es := s.exposures(snap.At())
	runs, err := s.Runs()
	if err != nil {
		s.cfg.Log.Warn("runs", "err", err)
	}
	s.mu.Lock()
	since := snap.At() // runs from before the first collection are not this one's
	if s.previous != nil {
		since = s.previous.At()
	}
	s.mu.Unlock()
	changed := metrics.Follow(es, snap, runs, since)
	g := s.gauge(snap, latest(es, changed), runs, snap.At())
	now := inventory.TrendPoint{At: snap.At(), Values: metrics.Values(&g)}
	g.Trend = s.trend(now)
	return snap.Measured(g), changed
}

// measureAgain is measure for a snapshot that is stored, or never will be: its exposures and its trend are those of the store,
// up to now.
func (s *Service) measureAgain(snap *inventory.Snapshot) *inventory.Snapshot {
	now := s.cfg.Now()
	runs, err := s.Runs()
	if err != nil {
		s.cfg.Log.Warn("runs", "err", err)
	}
	g := s.gauge(snap, s.exposures(now), runs, now)
	g.Trend = s.trend(inventory.TrendPoint{})
	return snap.Measured(g)
}

// remeasured counts anew what decisions change, and leaves what the past says as it is.
func (s *Service) remeasured(snap *inventory.Snapshot) *inventory.Snapshot {
	g := snap.Posture().Gauge
	g.Metrics = s.metrics(snap)
	return snap.Measured(g)
}

// metrics are those of a snapshot. What the judgement of it has worked out is not worked out again.
func (s *Service) metrics(snap *inventory.Snapshot) []inventory.Metric {
	s.mu.Lock()
	judgement := s.judgement
	s.mu.Unlock()
	traits := judgement.Traits(snap)
	if traits == nil {
		return metrics.Of(snap, s.cfg.Policy, snap.At())
	}
	return metrics.Known(snap, s.cfg.Policy, snap.At(), traits)
}

func (s *Service) gauge(snap *inventory.Snapshot, es []inventory.Exposure, runs []revoke.Run, now time.Time) inventory.Gauge {
	g := inventory.Gauge{Metrics: s.metrics(snap), TimeToRevoke: metrics.Revocations(es, now)}
	g.TimeToRevoke.Responses = metrics.Responses(runs, now)
	for _, r := range risk.RuleStates(nil, s.cfg.Policy) {
		if r.Yours {
			g.RulesYours = append(g.RulesYours, r.ID)
		}
		switch r.State {
		case risk.RuleOff:
			g.RulesOff = append(g.RulesOff, inventory.RuleNote{Rule: r.ID, Reason: r.Reason})
		case risk.RuleWeighted:
			g.RulesWeighted = append(g.RulesWeighted, inventory.RuleNote{Rule: r.ID, Points: r.Points, Reason: r.Reason})
		}
	}
	return g
}

func (s *Service) exposures(now time.Time) []inventory.Exposure {
	es, err := s.facts.Exposures(now.Add(-metrics.Window))
	if err != nil {
		s.cfg.Log.Warn("exposures", "err", err)
	}
	return es
}

func (s *Service) trend(now inventory.TrendPoint) []inventory.TrendPoint {
	points, err := s.facts.Trend(trendPoints, now)
	if err != nil {
		s.cfg.Log.Warn("trend", "err", err)
	}
	return points
}

// latest are the exposures as they are with what changed.
func latest(es, changed []inventory.Exposure) []inventory.Exposure {
	byID := map[int64]inventory.Exposure{}
	for _, e := range changed {
		if e.ID != 0 {
			byID[e.ID] = e
		}
	}
	out := make([]inventory.Exposure, 0, len(es)+len(changed))
	for _, e := range es {
		if c, ok := byID[e.ID]; ok {
			e = c
		}
		out = append(out, e)
	}
	for _, e := range changed {
		if e.ID == 0 {
			out = append(out, e)
		}
	}
	return out
}
