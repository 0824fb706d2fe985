package risk

import (
	"cmp"
	"slices"
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
	w.prepare()
	cases := w.ask(func(r *Rule) bool { return len(r.Parts) == 0 })
	cases = append(cases, w.ask(func(r *Rule) bool { return len(r.Parts) > 0 })...)
	made := make([]inventory.Finding, len(cases))
	parallel(len(cases), func(i int) { made[i] = w.finding(cases[i]) })
	findings := made[:0]
	changes := make(map[inventory.ID][]Change, len(cases))
	for i := range made {
		if _, twice := changes[made[i].ID]; twice {
			continue
		}
		changes[made[i].ID] = cases[i].scene.hit.Changes
		findings = append(findings, made[i])
	}
	findings = ordered(findings)
	if settle != nil {
		settle(findings)
		for i := range findings {
			findings[i].Due = p.Due(findings[i].Decision, findings[i].FirstSeen)
		}
	}
	return findings, issues(findings, changes)
}

// ordered sorts findings, worst first, and moves each of them once.
func ordered(findings []inventory.Finding) []inventory.Finding {
	by := make([]*inventory.Finding, len(findings))
	for i := range findings {
		by[i] = &findings[i]
	}
	slices.SortFunc(by, worse)
	out := make([]inventory.Finding, len(by))
	for i, f := range by {
		out[i] = *f
	}
	return out
}

// found is a rule that holds for a subject.
type found struct {
	rule  *Rule
	scene *scene
}

// check asks one rule about every subject that it looks at.
func (w *world) check(r *Rule) []*found {
	type grouped struct {
		s Subject
		h Hit
	}
	var single []*found
	groups := map[string][]*grouped{}
	var order, faults []string
	w.subjects(r.Of, func(s Subject) {
		for _, h := range r.Check(s, w.p) {
			if h.fault != "" {
				faults = append(faults, h.fault)
				continue
			}
			if h.Group == "" {
				single = append(single, w.found(r, s, &h))
				continue
			}
			if groups[h.Group] == nil {
				order = append(order, h.Group)
			}
			groups[h.Group] = append(groups[h.Group], &grouped{s, h})
		}
	})
	for _, g := range order {
		members := groups[g]
		slices.SortStableFunc(members, func(a, b *grouped) int { return leads(a.s, b.s) })
		first := members[0]
		first.h.say()
		var others []string
		for _, m := range members[1:] {
			if m.s.Secret == nil { // what stands in one file is named by its finding
				others = append(others, m.s.label())
			}
			if len(first.h.Evidence) < maxEvidence {
				first.h.Evidence = slices.Concat(first.h.Evidence, m.h.Evidence) // never appended to: it may be a record's own
			}
			first.h.Assistants = append(first.h.Assistants, m.h.Assistants...)
			first.h.Secrets = append(first.h.Secrets, m.h.Secrets...)
			first.h.Known = cmp.Or(first.h.Known, m.h.Known)
			switch {
			case m.s.Assistant != nil:
				first.h.Assistants = append(first.h.Assistants, m.s.Assistant.ID)
			case m.s.Tool != nil:
				first.h.Assistants = append(first.h.Assistants, m.s.Tool.Assistant)
			case m.s.Secret != nil:
				first.h.Secrets = append(first.h.Secrets, m.s.Secret.ID)
				first.h.Assistants = append(first.h.Assistants, idsOf(w.secret(m.s.Secret).holders)...)
			}
		}
		slices.Sort(others)
		if others = slices.Compact(others); len(others) > 0 {
			first.h.Detail += " The same holds for " + list(others) + "."
		}
		single = append(single, w.found(r, first.s, &first.h))
	}
	if f := w.fault(r, faults); f != nil {
		single = append(single, f)
	}
	return single
}

func (w *world) found(r *Rule, s Subject, h *Hit) *found {
	h.say()
	h.Evidence = tidy(h.Evidence)
	return &found{r, w.scene(r, s, h)}
}

func (h *Hit) say() {
	if h.tell != nil {
		h.tell(h)
		h.tell = nil
	}
}

// leads orders the members of a group: the user's own assistant before those of projects, then by place and id.
func leads(a, b Subject) int {
	rank := func(s Subject) (int, string) {
		switch {
		case s.Assistant != nil && s.Assistant.Scope == "user":
			return 0, s.Assistant.Path
		case s.Assistant != nil:
			return 1, s.Assistant.Path
		case s.Tool != nil:
			if t := s.w.s.Assistant(s.Tool.Assistant); t != nil && t.Scope == "user" {
				return 0, t.Path
			}
		}
		return 1, ""
	}
	ra, pa := rank(a)
	rb, pb := rank(b)
	return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(pa, pb), cmp.Compare(a.ID(), b.ID()))
}

// label names the subject in a sentence.
func (s Subject) label() string {
	switch {
	case s.Assistant != nil:
		return name(s.Assistant)
	case s.Secret != nil:
		return called(s.Secret)
	case s.Tool != nil:
		if a := s.w.s.Assistant(s.Tool.Assistant); a != nil {
			return quote(s.Tool.Name) + " of " + name(a)
		}
		return quote(s.Tool.Name)
	case s.Owner != nil:
		return quote(s.Owner.Name)
	}
	return s.Source.Name
}

func (w *world) subjects(of inventory.Noun, each func(Subject)) {
	r := w.s.Records()
	switch of {
	case inventory.NounAssistant:
		for i, p := range w.ordered {
			each(Subject{Assistant: &r.Assistants[i], w: w, p: p})
		}
	case inventory.NounSecret:
		for i := range r.Secrets {
			if w.alive(&r.Secrets[i]) {
				each(Subject{Secret: &r.Secrets[i], w: w, f: w.facts[i]})
			}
		}
	case inventory.NounTool:
		for i := range r.Tools {
			if r.Tools[i].Enabled {
				each(Subject{Tool: &r.Tools[i], w: w, p: w.serving[i]})
			}
		}
	case inventory.NounOwner:
		for i := range r.Owners {
			each(Subject{Owner: &r.Owners[i], w: w})
		}
	case NounSource:
		for i := range r.Sources {
			each(Subject{Source: &r.Sources[i], w: w})
		}
	}
}

// noted says for whom a rule holds.
func noted(fs []*found) map[inventory.ID]*Hit {
	m := map[inventory.ID]*Hit{}
	for _, f := range fs {
		for _, id := range f.scene.hit.Assistants {
			if m[id] == nil {
				m[id] = f.scene.hit
			}
		}
	}
	return m
}

// finding turns a case into the record.
func (w *world) finding(f *found) inventory.Finding {
	c, h := f.scene, f.scene.hit
	subject := c.subject.ID()
	x := inventory.Finding{
		ID: inventory.NewID(inventory.NounFinding, f.rule.ID, string(subject), h.Key), Rule: f.rule.ID, Yours: f.rule.Custom != nil, Title: f.rule.Title,
		Subject: subject, Assistants: h.Assistants, State: stateOpen, Detail: sentence(h.Detail), Why: f.rule.Why, Fix: f.rule.Fix,
		Evidence: h.Evidence, Controls: f.rule.Controls, FirstSeen: w.now,
	}
	if x.Assistants == nil {
		x.Assistants = []inventory.ID{}
	}
	x.Score, x.ScoreParts = c.score()
	x.Decision, x.DecisionWhy = c.decide()
	if old := w.s.Finding(x.ID); old != nil {
		if !old.FirstSeen.IsZero() {
			x.FirstSeen = old.FirstSeen
		}
		if old.State != "" && old.State != stateFixed {
			x.State = old.State
		}
	}
	x.Due = w.p.Due(x.Decision, x.FirstSeen)
	return x
}
