package risk

import (
	"slices"

	"nhitop/inventory"
)

// note is what a finding brings to combinations.
type note struct {
	evidence []inventory.Evidence
	changes  []Change
	more     *more
}

// tied says that a finding concerns an assistant: one that was made now, or one of the judgement before that is taken over.
type tied struct {
	at   uint32 // the assistant's place
	made *made

	taken *carrying
	from  int32 // the finding's place in the judgement before
}

func (t *tied) rule() *asked {
	if t.made != nil {
		return t.made.rule
	}
	return t.taken.prev.kept[t.from].rule
}

func (t *tied) turn() turn {
	if t.made != nil {
		return t.made.turn()
	}
	return t.taken.turn(int(t.from))
}

func (t *tied) note() note {
	if t.made != nil {
		return note{t.made.evidence, t.made.changes, t.made.more}
	}
	k := t.taken.prev.kept[t.from]
	return note{(&taking{carrying: t.taken}).seen(t.taken.prev.Findings[t.from].Evidence), k.changes, k.more}
}

// note lets the world answer what the findings of those rules that combinations gather brought for an assistant. Of several
// findings of one rule it is the first in the order of the cases.
func (j *judging) note() {
	var all slabs[tied]
	ends := make([]uint32, len(j.w.r.Assistants)+1)
	for i := range j.recalled {
		*all.add() = j.recalled[i]
		ends[j.recalled[i].at+1]++
	}
	for m := range j.all {
		if !m.rule.gathered {
			continue
		}
		for _, id := range m.who {
			if at := j.w.s.Place(inventory.NounAssistant, id); at >= 0 {
				*all.add() = tied{at: uint32(at), made: m}
				ends[at+1]++
			}
		}
	}
	for i := range len(ends) - 1 {
		ends[i+1] += ends[i]
	}
	by, next := make([]*tied, all.len()), slices.Clone(ends)
	for t := range all.all {
		by[next[t.at]] = t
		next[t.at]++
	}
	j.w.stage.noted = func(rule string, p *profile) (first *tied) {
		if p.at < 0 {
			return nil
		}
		for _, t := range by[ends[p.at]:ends[p.at+1]] {
			if t.rule().ID == rule && (first == nil || t.turn().compare(first.turn()) < 0) {
				first = t
			}
		}
		return first
	}
}

// fleets counts for how many assistants each rule holds that is worse where many have it, and says so in its findings.
func (j *judging) fleets() {
	j.spread = j.count(j.crowds())
	for m := range j.all {
		if n := j.spread[m.rule.no]; m.rule.fleet >= 0 && n >= j.w.p.Fleet {
			m.score, m.parts = j.pens[0].count(m.rule, m.parts, n)
		}
	}
}

// crowd is a set of assistants, of which some may not be in the inventory.
type crowd struct {
	places marks
	more   map[inventory.ID]bool
}

// crowds are those of the rules that are worse where many have it, by their numbers.
func (j *judging) crowds() map[int]*crowd {
	holds := map[int]*crowd{}
	for _, r := range j.rules {
		if r.fleet >= 0 {
			holds[r.no] = &crowd{places: newMarks(len(j.w.r.Assistants)), more: map[inventory.ID]bool{}}
		}
	}
	return holds
}

// count adds to the crowds those whom findings that were made concern, and counts them.
func (j *judging) count(holds map[int]*crowd) map[int]int {
	for m := range j.all {
		if m.rule.fleet >= 0 {
			holds[m.rule.no].add(j.w.s, m.who)
		}
	}
	spread := make(map[int]int, len(holds))
	for no, h := range holds {
		spread[no] = len(h.places.list) + len(h.more)
	}
	return spread
}

func (h *crowd) add(s *inventory.Snapshot, ids []inventory.ID) {
	for _, id := range ids {
		if at := s.Place(inventory.NounAssistant, id); at >= 0 {
			h.places.add(at)
		} else {
			h.more[id] = true
		}
	}
}
