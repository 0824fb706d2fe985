package risk

import (
	"slices"

	"nhitop/inventory"
)

// note says what a finding that concerns an assistant brings to combinations.
type note struct {
	*part
	at   uint32 // the assistant's place
	rule string
	turn turn
}

// note lets the world answer what the findings of those rules that combinations gather brought for an assistant. Of several
// findings of one rule it is the first in the order of the cases.
func (j *judging) note() {
	wanted := j.gathered()
	all := slices.Clone(j.recalled)
	for m := range j.all {
		if !wanted[m.rule.ID] {
			continue
		}
		for _, id := range m.who {
			if at := j.w.s.Place(inventory.NounAssistant, id); at >= 0 {
				all = append(all, note{&m.part, uint32(at), m.rule.ID, m.turn})
			}
		}
	}
	ends := make([]uint32, len(j.w.r.Assistants)+1)
	for i := range all {
		ends[all[i].at+1]++
	}
	for i := range len(ends) - 1 {
		ends[i+1] += ends[i]
	}
	by, next := make([]uint32, len(all)), slices.Clone(ends)
	for i := range all {
		by[next[all[i].at]] = uint32(i)
		next[all[i].at]++
	}
	j.w.stage.noted = func(rule string, p *profile) *part {
		if p.at < 0 {
			return nil
		}
		var first *note
		for _, i := range by[ends[p.at]:ends[p.at+1]] {
			if n := &all[i]; n.rule == rule && (first == nil || n.turn.compare(first.turn) < 0) {
				first = n
			}
		}
		if first == nil {
			return nil
		}
		return first.part
	}
}

// gathered are the rules that combinations gather.
func (j *judging) gathered() map[string]bool {
	wanted := map[string]bool{}
	for _, r := range j.rules {
		for _, part := range r.Parts {
			wanted[part] = true
		}
	}
	return wanted
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
	j.spread = make(map[int]int, len(holds))
	for r, who := range holds {
		j.spread[r.no] = len(who)
	}
	for m := range j.all {
		if n := j.spread[m.rule.no]; m.rule.fleet >= 0 && n >= j.w.p.Fleet {
			m.score, m.parts = j.pens[0].count(m.rule, m.parts, n)
		}
	}
}
