package posture

import (
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
)

// judge makes the snapshot that has findings and the changes that close most. What holds for whom nothing has changed since
// a judgement that the snapshot follows on is taken over from that. What was known before gives findings their first sight;
// decisions are applied before changes are chosen, for what is accepted asks for none. now is the time at which acceptances
// are looked at.
func (s *Service) judge(snap, before *inventory.Snapshot, standing map[inventory.ID]triage.Standing, now time.Time) *inventory.Snapshot {
	began := time.Now()
	s.cfg.Log.Debug("judging", "partial", snap.Partial())
	s.mu.Lock()
	prev, shown := s.judgement, s.judged
	s.mu.Unlock()
	if !prev.Leads(snap) {
		prev = nil
	}
	j := risk.Since(prev, snap, s.cfg.Policy, snap.At(), func(fs []inventory.Finding) {
		if prev == nil { // it knows of first sights
			since(fs, before, snap.At())
		}
		triage.Judged(fs, standing, now)
	})
	judged := snap.JudgedAfter(shown, j.From(), j.Findings, j.Issues)
	if !snap.Partial() {
		s.mu.Lock()
		s.judgement, s.judged = j, judged
		s.mu.Unlock()
	}
	asked, of := j.Asked()
	s.cfg.Log.Debug("judged", "took", time.Since(began), "asked", asked, "of", of, "findings", len(j.Findings), "partial", snap.Partial())
	return judged
}

// since carries over when a finding was first made.
func since(findings []inventory.Finding, before *inventory.Snapshot, now time.Time) {
	for i := range findings {
		f := &findings[i]
		if before != nil {
			if p := before.Finding(f.ID); p != nil && !p.FirstSeen.IsZero() {
				f.FirstSeen = p.FirstSeen
				continue
			}
		}
		if f.FirstSeen.IsZero() {
			f.FirstSeen = now
		}
	}
}

// redecide makes the snapshot that has the decisions as they are now. owners says that assertions are among what changed. It
// is judged again only where more than the state of findings is another: an assertion is a fact, and what is accepted from
// now on, or no longer, changes what to do first.
func (s *Service) redecide(snap *inventory.Snapshot, owners bool) *inventory.Snapshot {
	standing, now := s.standing(), s.cfg.Now()
	r := snap.Records()
	if owners && triage.Owners(&r, standing, s.acts.log.Path()) { // the lists are new ones
		ownership.Decide(&r, s.cfg.Ownership)
		next := snap.Next(snap.At(), r, snap.Partial()).Measured(snap.Posture().Gauge)
		return s.remeasured(s.rejudge(next, standing, now))
	}
	was := accepted(r.Findings)
	r.Findings = slices.Clone(r.Findings)
	triage.Judged(r.Findings, standing, now)
	if !slices.Equal(was, accepted(r.Findings)) {
		return s.remeasured(s.rejudge(snap, standing, now))
	}
	return s.remeasured(snap.Decided(r.Findings))
}

// last reads the last snapshot, with the decisions as they are now.
func (s *Service) last() (*inventory.Snapshot, error) {
	at, r, err := s.facts.LoadRecords()
	if err != nil || at.IsZero() {
		return nil, err
	}
	standing, now := s.standing(), s.cfg.Now()
	if triage.Owners(&r, standing, s.acts.log.Path()) {
		ownership.Decide(&r, s.cfg.Ownership)
	}
	was := accepted(r.Findings)
	triage.Judged(r.Findings, standing, now)
	same := slices.Equal(was, accepted(r.Findings))
	snap := inventory.NewSnapshot(at, r, false)
	if !same { // an acceptance ran out since, or was decided elsewhere
		snap = s.rejudge(snap, standing, now)
	}
	return s.measureAgain(snap), nil
}

// rejudge judges a snapshot that has been judged before. That a snapshot was loaded, which its sources say by being stale,
// is no finding about them: they are judged as they ended.
func (s *Service) rejudge(snap *inventory.Snapshot, standing map[inventory.ID]triage.Standing, now time.Time) *inventory.Snapshot {
	shown := snap.Records().Sources
	ended, err := s.facts.Statuses()
	if err != nil || !slices.ContainsFunc(shown, func(x inventory.SourceStatus) bool { return x.Status == inventory.SourceStale }) {
		return s.judge(snap, snap, standing, now)
	}
	sources := slices.Clone(shown)
	for i := range sources {
		x := &sources[i]
		at := slices.IndexFunc(ended, func(e inventory.SourceStatus) bool { return e.Name == x.Name && e.StartedAt.Equal(x.StartedAt) })
		if at >= 0 && x.Status == inventory.SourceStale {
			*x = ended[at]
		}
	}
	return s.judge(snap.Told(sources), snap, standing, now).Told(shown)
}

// accepted says of each finding whether it is.
func accepted(fs []inventory.Finding) []bool {
	is := make([]bool, len(fs))
	for i := range fs {
		is[i] = fs[i].State == triage.StateAccepted
	}
	return is
}
