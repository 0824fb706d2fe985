package risk

import (
	"time"

	"nhitop/inventory"
)

// Finding states that the judgement carries over or sets.
const (
	stateOpen     = "open"
	stateFixed    = "fixed"
	stateAccepted = "accepted"
)

// Judge says what should not be so, worst first, and which single changes close most, in the order of work. It changes
// nothing in the snapshot. Findings that the snapshot already holds under the same id keep their first sight and state.
//
// The same facts in any order give the same findings, ids, texts and order.
func Judge(s *inventory.Snapshot, p Policy, now time.Time) ([]inventory.Finding, []inventory.Issue) {
	return Settled(s, p, now, nil)
}

// Settled is Judge for a caller that knows more about findings than the rules do. settle gets all of them, worst first,
// before changes are chosen, and may set their first sight, their state and what people decided: deadlines follow from the
// first sight, and what is accepted or fixed stands in no issue.
func Settled(s *inventory.Snapshot, p Policy, now time.Time, settle func([]inventory.Finding)) ([]inventory.Finding, []inventory.Issue) {
	w := newWorld(s, p, now)
	all := w.judge()
	findings := make([]inventory.Finding, len(all))
	changes := make([][]Change, len(all))
	for i, m := range all {
		m.finding(&findings[i])
		changes[i] = m.changes
		w.known(&findings[i])
	}
	if settle != nil {
		settle(findings)
		for i := range findings {
			findings[i].Due = p.Due(findings[i].Decision, findings[i].FirstSeen)
		}
	}
	return findings, issues(findings, changes)
}

// judge asks every rule about everything and returns the findings, worst first.
func (w *world) judge() []*made {
	j := &judging{w: w}
	w.prepare(func(n int, do func(*world, int)) { j.work(n, func(p *pen, i int) { do(p.w, i) }) })
	var plain, gathering []*asked
	for _, r := range w.askable() {
		if len(r.Parts) == 0 {
			plain = append(plain, r)
		} else {
			gathering = append(gathering, r)
		}
	}
	j.round(plain)
	j.fleets()
	j.note(gathering)
	j.round(gathering)
	return j.ordered()
}

// finding fills in the record.
func (m *made) finding(x *inventory.Finding) {
	*x = inventory.Finding{ID: m.id, Rule: m.rule.ID, Yours: m.rule.Custom != nil, Title: m.rule.Title, Subject: m.subject, Assistants: m.who, Score: m.score, ScoreParts: m.parts,
		Decision: m.decision, DecisionWhy: m.why, State: stateOpen, Detail: m.detail, Why: m.rule.Why, Fix: m.rule.Fix, Evidence: m.evidence,
		Controls: m.rule.Controls}
	if x.Assistants == nil {
		x.Assistants = []inventory.ID{}
	}
}

// known gives a finding the first sight and the state that it has in the snapshot already.
func (w *world) known(x *inventory.Finding) {
	x.FirstSeen = w.now
	if old := w.s.Finding(x.ID); old != nil {
		if !old.FirstSeen.IsZero() {
			x.FirstSeen = old.FirstSeen
		}
		if old.State != "" && old.State != stateFixed {
			x.State = old.State
		}
	}
	x.Due = w.p.Due(x.Decision, x.FirstSeen)
}

func (h *Hit) say() {
	if h.tell != nil {
		h.tell(h)
		h.tell = nil
	}
}

// label names the subject in a sentence.
func (s Subject) label() string {
	switch {
	case s.Assistant != nil:
		return name(s.Assistant)
	case s.Secret != nil:
		return called(s.Secret)
	case s.Tool != nil:
		return s.server()
	case s.Owner != nil:
		return quote(s.Owner.Name)
	}
	return s.Source.Name
}
