package risk

import (
	"slices"

	"nhitop/inventory"
)

// note says that a finding concerns an assistant.
type note struct {
	at uint32 // the assistant's place
	m  *made
}

// note lets the world answer what the findings of those rules that combinations gather brought for an assistant. Of several
// findings of one rule it is the first in the order of the cases.
func (j *judging) note(combinations []*asked) {
	wanted := map[string]bool{}
	for _, r := range combinations {
		for _, part := range r.Parts {
			wanted[part] = true
		}
	}
	var all []note
	ends := make([]uint32, len(j.w.r.Assistants)+1)
	for m := range j.all {
		if !wanted[m.rule.ID] {
			continue
		}
		for _, id := range m.who {
			if at := j.w.s.Place(inventory.NounAssistant, id); at >= 0 {
				all = append(all, note{uint32(at), m})
				ends[at+1]++
			}
		}
	}
	for i := range len(ends) - 1 {
		ends[i+1] += ends[i]
	}
	by := make([]*made, len(all))
	next := slices.Clone(ends)
	for _, n := range all {
		by[next[n.at]] = n.m
		next[n.at]++
	}
	noted := func(rule string, assistant inventory.ID) *part {
		at := j.w.s.Place(inventory.NounAssistant, assistant)
		if at < 0 {
			return nil
		}
		var first *made
		for _, m := range by[ends[at]:ends[at+1]] {
			if m.rule.ID == rule && (first == nil || m.turn.compare(first.turn) < 0) {
				first = m
			}
		}
		if first == nil {
			return nil
		}
		return &first.part
	}
	for _, p := range j.pens {
		p.w.noted = noted
	}
	j.w.noted = noted
}

// fleets counts for how many assistants each rule holds that is worse where many have it, and says so in its findings.
func (j *judging) fleets() {
	holds := map[*asked]map[inventory.ID]bool{}
	for m := range j.all {
		if m.rule.fleet < 0 {
			continue
		}
		if holds[m.rule] == nil {
			holds[m.rule] = map[inventory.ID]bool{}
		}
		for _, id := range m.who {
			holds[m.rule][id] = true
		}
	}
	for m := range j.all {
		if n := len(holds[m.rule]); m.rule.fleet >= 0 && n >= j.w.p.Fleet {
			m.score, m.parts = j.pens[0].count(m.rule, m.parts, n)
		}
	}
}
