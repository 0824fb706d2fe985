package risk

import (
	"cmp"
	"iter"
	"slices"

	"nhitop/inventory"
)

// judging is one judgement at work.
type judging struct {
	w    *world
	pens []*pen // one for each goroutine
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
		j.pens = append(j.pens, &pen{w: j.w})
	}
	parallel(n, func(worker, i int) { do(j.pens[worker], i) })
}

// round asks rules about all their subjects.
func (j *judging) round(rules []*asked) {
	for _, of := range nouns {
		about := slices.DeleteFunc(slices.Clone(rules), func(r *asked) bool { return r.Of != of })
		if len(about) == 0 {
			continue
		}
		j.work(j.w.size(of), func(p *pen, i int) {
			if s, ok := j.w.subject(of, i); ok {
				p.ask(about, s, i)
			}
		})
	}
	j.gather()
	j.faults()
}

// gather makes one finding of each group of hits that have one cause.
func (j *judging) gather() {
	n := 0
	for _, p := range j.pens {
		n += len(p.waiting)
	}
	all := make([]*grouped, 0, n)
	for _, p := range j.pens {
		for i := range p.waiting {
			all = append(all, &p.waiting[i])
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

// group makes the finding of a group, told of the member that leads it.
func (p *pen) group(members []*grouped) {
	r, t := members[0].rule, members[0].turn
	group := members[0].group
	places := make([]uint32, len(members))
	for i, m := range members {
		places[i] = m.turn.at
	}
	if len(members) > 1 {
		slices.SortStableFunc(members, func(a, b *grouped) int { return leads(a.subject, b.subject) })
		p.join(members)
	}
	m := p.make(r, members[0].subject, members[0].hit)
	m.turn, m.group, m.several, m.members = t, group, members[0].several, p.places.copy(slices.Compact(places)...)
}

// join adds to the hit of the first what the others bring.
func (p *pen) join(members []*grouped) {
	h := members[0].hit
	h.say()
	var others []string
	for _, m := range members[1:] {
		if m.subject.Secret == nil { // what stands in one file is named by its finding
			others = append(others, m.subject.label())
		}
		if len(h.Evidence) < maxEvidence {
			h.Evidence = slices.Concat(h.Evidence, m.hit.Evidence) // never appended to: it may be a record's own
		}
		h.Assistants = append(h.Assistants, m.hit.Assistants...)
		h.Secrets = append(h.Secrets, m.hit.Secrets...)
		h.Known = cmp.Or(h.Known, m.hit.Known)
		switch {
		case m.subject.Assistant != nil:
			h.Assistants = append(h.Assistants, m.subject.Assistant.ID)
		case m.subject.Tool != nil:
			h.Assistants = append(h.Assistants, m.subject.Tool.Assistant)
		case m.subject.Secret != nil:
			h.Secrets = append(h.Secrets, m.subject.Secret.ID)
			h.Assistants = append(h.Assistants, m.subject.secretFacts().who...)
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
func (j *judging) all() iter.Seq[*made] {
	return func(yield func(*made) bool) {
		for _, p := range j.pens {
			for _, slab := range p.made {
				for i := range slab {
					if !yield(&slab[i]) {
						return
					}
				}
			}
		}
	}
}
