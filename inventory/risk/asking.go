package risk

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// judging is one judgement at work.
type judging struct {
	w      *world
	rules  []*asked
	pens   []*pen      // one for each goroutine
	spread map[int]int // see fleets

	recalled []tied
}

// nouns are whom rules look at.
var nouns = [...]inventory.Noun{inventory.NounAssistant, inventory.NounSecret, inventory.NounTool, inventory.NounOwner, NounSource}

// size is how many subjects of a noun there are.
func (w *world) size(of inventory.Noun) int {
	switch of {
	case inventory.NounAssistant:
		return len(w.r.Assistants)
	case inventory.NounSecret:
		return len(w.r.Secrets)
	case inventory.NounTool:
		return len(w.r.Tools)
	case inventory.NounOwner:
		return len(w.r.Owners)
	}
	return len(w.r.Sources)
}

// work calls do for 0 to n-1, each goroutine with its pen.
func (j *judging) work(n int, do func(p *pen, i int)) {
	for len(j.pens) < workers(n) {
		w := *j.w
		w.desk = &desk{}
		j.pens = append(j.pens, &pen{w: &w})
	}
	parallel(n, func(worker, i int) { do(j.pens[worker], i) })
}

// prepare works out secrets and assistants by their places.
func (j *judging) prepare(secrets, assistants []uint32) {
	j.w.prepare(secrets, assistants, func(n int, do func(*world, int)) { j.work(n, func(p *pen, i int) { do(p.w, i) }) })
}

// round asks rules about their subjects: those at the places that are listed for their noun, or, without lists, about all.
func (j *judging) round(rules []*asked, subjects *places) {
	for of := range nouns {
		j.ask(rules, of, subjects)
		j.gather() // hits of one noun have no cause in common with those of another
	}
	j.faults()
}

// places are those of subjects, by their nouns.
type places [len(nouns)][]uint32

// ask asks rules about subjects of a noun, given by its place among the nouns.
func (j *judging) ask(rules []*asked, of int, subjects *places) {
	about := slices.DeleteFunc(slices.Clone(rules), func(r *asked) bool { return r.of != of })
	if len(about) == 0 {
		return
	}
	n, at := j.w.size(nouns[of]), func(i int) int { return i }
	if subjects != nil {
		n, at = len(subjects[of]), func(i int) int { return int(subjects[of][i]) }
	}
	j.work(n, func(p *pen, i int) {
		if s, ok := p.w.subject(nouns[of], at(i)); ok {
			p.ask(about, s, at(i))
		}
	})
}

// gather makes one finding of each group of hits that have one cause.
func (j *judging) gather() {
	n := 0
	for _, p := range j.pens {
		n += p.waiting.len()
	}
	all := make([]*grouped, 0, n)
	for _, p := range j.pens {
		for g := range p.waiting.all {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *grouped) int {
		return cmp.Or(cmp.Compare(a.rule.no, b.rule.no), cmp.Compare(a.group, b.group), cmp.Compare(a.hit.Group, b.hit.Group), a.turn.compare(b.turn))
	})
	var starts []int
	for i, g := range all {
		if i == 0 || all[i-1].rule != g.rule || all[i-1].hit.Group != g.hit.Group {
			starts = append(starts, i)
		}
	}
	starts = append(starts, len(all))
	j.work(len(starts)-1, func(p *pen, i int) { p.group(all[starts[i]:starts[i+1]]) })
	for _, p := range j.pens {
		p.waiting = nil
	}
}

// group makes the finding of a group, told of the member that leads it. Members come in the order of their turns.
func (p *pen) group(members []*grouped) {
	first := *members[0]
	places := p.places.fill(len(members), func(i int) uint32 { return members[i].turn.at })
	if len(members) > 1 {
		subjects := make(map[*grouped]Subject, len(members))
		for _, m := range members {
			subjects[m] = p.subject(m)
		}
		slices.SortStableFunc(members, func(a, b *grouped) int { return leads(subjects[a], subjects[b]) })
		p.join(members)
	}
	lead := members[0]
	m := p.make(lead.rule, p.subject(lead), lead.hit)
	m.at, m.hit, m.group, m.several, m.members = first.turn.at, first.turn.hit, first.group, lead.several, slices.Clip(slices.Compact(places))
}

func (p *pen) subject(g *grouped) Subject {
	s, _ := p.w.subject(g.rule.Of, int(g.turn.at))
	return s
}

// join adds to the hit of the first what the others bring.
func (p *pen) join(members []*grouped) {
	h := members[0].hit
	h.say()
	var others []string
	for _, m := range members[1:] {
		s := p.subject(m)
		if s.Secret == nil { // what stands in one file is named by its finding
			others = append(others, s.label())
		}
		if len(h.Evidence) < maxEvidence {
			h.Evidence = slices.Concat(h.Evidence, m.hit.Evidence) // never appended to: it may be a record's own
		}
		h.Assistants = append(h.Assistants, m.hit.Assistants...)
		h.Secrets = append(h.Secrets, m.hit.Secrets...)
		h.Known = cmp.Or(h.Known, m.hit.Known)
		switch {
		case s.Assistant != nil:
			h.Assistants = append(h.Assistants, s.Assistant.ID)
		case s.Tool != nil:
			h.Assistants = append(h.Assistants, s.Tool.Assistant)
		case s.Secret != nil:
			h.Secrets = append(h.Secrets, s.Secret.ID)
			h.Assistants = append(h.Assistants, s.secretFacts().who...)
		}
	}
	slices.Sort(others)
	if others = slices.Compact(others); len(others) > 0 {
		h.Detail += " The same holds for " + list(others) + "."
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
			if t := s.profile().a; t.Scope == "user" {
				return 0, t.Path
			}
		}
		return 1, ""
	}
	ra, pa := rank(a)
	rb, pb := rank(b)
	return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(pa, pb), cmp.Compare(a.ID(), b.ID()))
}

// faults makes one finding for each rule of the user's own that stumbled.
func (j *judging) faults() {
	var all []fault
	for _, p := range j.pens {
		all, p.faults = append(all, p.faults...), nil
	}
	slices.SortFunc(all, func(a, b fault) int { return cmp.Or(cmp.Compare(a.rule.no, b.rule.no), a.turn.compare(b.turn)) })
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].rule == all[0].rule {
			n++
		}
		j.pens[0].fault(all[0].rule.Rule, all[0].text, n-1)
		all = all[n:]
	}
}

// all goes through what was made, in no order.
func (j *judging) all(yield func(*made) bool) {
	for _, p := range j.pens {
		for m := range p.made.all {
			if !yield(m) {
				return
			}
		}
	}
}
