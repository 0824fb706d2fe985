package risk

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// urgency is a short key that orders findings nearly always; see worse.
type urgency struct {
	first  uint64 // decision, score and rule
	second uint64 // the start of the id
	m      *made
}

// ordered returns what was made, worst first. Of two findings with one id the first in the order of the cases is kept; whole
// says that there were no two.
func (j *judging) ordered() (all []*made, whole bool) {
	first := map[inventory.ID]*made{}
	n := 0
	for m := range j.all {
		n++
		if m.several {
			if x := first[m.id]; x == nil || m.turn().compare(x.turn()) < 0 {
				first[m.id] = m
			}
		}
	}
	ranks := j.ranks()
	keys := make([]urgency, 0, n)
	for m := range j.all {
		if !m.several || first[m.id] == m {
			keys = append(keys, m.urgency(ranks[m.rule.ID]))
		}
	}
	slices.SortFunc(keys, func(a, b urgency) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		if a.second != b.second {
			return cmp.Compare(a.second, b.second)
		}
		return cmp.Compare(a.m.id, b.m.id)
	})
	all = make([]*made, len(keys))
	for i := range keys {
		all[i] = keys[i].m
	}
	return all, len(all) == n
}

func (m *made) urgency(rule uint64) urgency {
	return urgency{uint64(m.decision)<<56 | uint64(100-m.score)<<32 | rule, start(m.id), m}
}

// ranks numbers the rules by their ids.
func (j *judging) ranks() map[string]uint64 {
	ranks := map[string]uint64{faultRule: 0}
	for _, r := range j.rules {
		ranks[r.ID] = 0
	}
	for i, id := range inventory.SortedKeys(ranks) {
		ranks[id] = uint64(i)
	}
	return ranks
}

// start is the number of the eight bytes of an id that follow the noun and its hyphen: a smaller number is a smaller id.
func start(id inventory.ID) uint64 {
	const skip = len(inventory.NounFinding) + 1
	var n uint64
	for i := skip; i < skip+8; i++ {
		n <<= 8
		if i < len(id) {
			n |= uint64(id[i])
		}
	}
	return n
}
