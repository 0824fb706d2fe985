package risk

import (
	"cmp"
	"maps"
	"slices"

	"nhitop/inventory"
)

// knots are the findings and changes that hang together, each knot by its number: what is chosen in one does not bear on
// another.
type knots struct {
	of      []uint32 // of each finding its knot, 0 for what asks for nothing
	in      []uint32 // of each issue its knot
	weights []weight // of each issue
	next    uint32   // the first number that no knot has

	known []keyed           // the knot of each change, by the hash of its kind and key, ascending
	since map[uint64]uint32 // likewise: what came later, and goes before
}

type keyed struct {
	key  uint64
	knot uint32
}

// knotOf returns the knot of a change, 0 if none has it.
func (k *knots) knotOf(key uint64) uint32 {
	if n, ok := k.since[key]; ok {
		return n
	}
	if i, ok := slices.BinarySearchFunc(k.known, key, func(x keyed, key uint64) int { return cmp.Compare(x.key, key) }); ok {
		return k.known[i].knot
	}
	return 0
}

// cover chooses the changes. What hangs together only with findings that were taken over as they were from an earlier
// judgement is taken over too: from names, for each finding, its place there, or -1.
func (j *Judgement) cover(prev *Judgement, from []int32) {
	k := &j.knots
	k.of, k.next = make([]uint32, len(j.Findings)), 1
	open := upTo(len(j.Findings))
	var broken []bool
	if prev != nil {
		broken = j.broken(prev, from)
		k.next = prev.knots.next
		open = slices.DeleteFunc(open, func(at uint32) bool {
			if from[at] < 0 || !j.asBefore(prev, at, from[at]) || broken[prev.knots.of[from[at]]] {
				return false
			}
			k.of[at] = prev.knots.of[from[at]]
			return true
		})
	}
	t := newTangle(j.Findings, open, func(at uint32) []Change { return j.kept[at].changes })
	chosen := t.solve()
	for i := range t.candidates {
		c := &t.candidates[i]
		for _, x := range c.left {
			k.of[x.finding] = k.next + t.root(c.number)
		}
	}
	j.tell(prev, broken, t, chosen)
	k.remember(prev, t)
	k.next += uint32(len(t.candidates))
}

// asBefore reports whether a finding that was taken over bears on the choice of changes as it did.
func (j *Judgement) asBefore(prev *Judgement, at uint32, from int32) bool {
	a, b := &j.Findings[at], &prev.Findings[from]
	return a.Score == b.Score && a.Decision == b.Decision && a.FirstSeen == b.FirstSeen && asksForNothing(a) == asksForNothing(b)
}

// broken tells the knots in which something is different.
func (j *Judgement) broken(prev *Judgement, from []int32) []bool {
	broken, same := make([]bool, prev.knots.next), make([]bool, len(prev.Findings))
	for at := range j.Findings {
		if was := from[at]; was >= 0 && j.asBefore(prev, uint32(at), was) {
			same[was] = true
			continue
		}
		for k := range j.kept[at].changes {
			broken[prev.knots.knotOf(hashOf(&j.kept[at].changes[k]))] = true
		}
	}
	for was, ok := range same {
		if !ok {
			broken[prev.knots.of[was]] = true
		}
	}
	broken[0] = false
	return broken
}

// tell writes the issues in the order of work: those chosen now, and those of knots that are not broken.
func (j *Judgement) tell(prev *Judgement, broken []bool, t *tangle, chosen []*candidate) {
	k := &j.knots
	var old []int32
	if prev != nil {
		old = make([]int32, 0, len(prev.Issues))
		for i, knot := range prev.knots.in {
			if !broken[knot] {
				old = append(old, int32(i))
			}
		}
	}
	n := len(chosen) + len(old)
	j.Issues, k.in, k.weights = make([]inventory.Issue, 0, n), make([]uint32, 0, n), make([]weight, 0, n)
	var ids shelf[inventory.ID]
	for len(chosen)+len(old) > 0 {
		take := len(old) > 0
		if take && len(chosen) > 0 {
			x := prev.knots.weights[old[0]].compare(&chosen[0].weight)
			take = x < 0 || x == 0 && prev.Issues[old[0]].ID < chosen[0].name()
		}
		if take {
			i := old[0]
			j.Issues, k.in, k.weights = append(j.Issues, prev.Issues[i]), append(k.in, prev.knots.in[i]), append(k.weights, prev.knots.weights[i])
			old = old[1:]
			continue
		}
		j.Issues = append(j.Issues, t.issue(chosen[0], &ids))
		k.in, k.weights, chosen = append(k.in, k.next+t.root(chosen[0].number)), append(k.weights, chosen[0].weight), chosen[1:]
	}
}

// remember notes in which knot each change is. When much has come since, all of it is noted anew.
func (k *knots) remember(prev *Judgement, t *tangle) {
	now := make([]keyed, len(t.candidates))
	for i := range t.candidates {
		now[i] = keyed{hashOf(t.candidates[i].change), k.next + t.root(uint32(i))}
	}
	if prev != nil {
		k.known = prev.knots.known
		k.since = maps.Clone(prev.knots.since)
		if k.since == nil {
			k.since = make(map[uint64]uint32, len(now))
		}
		for _, x := range now {
			k.since[x.key] = x.knot
		}
		if len(k.since) <= len(k.known)/4 {
			return
		}
		now = make([]keyed, 0, len(k.known)+len(k.since))
		for key, knot := range k.since {
			now = append(now, keyed{key, knot})
		}
		for _, x := range k.known {
			if _, later := k.since[x.key]; !later {
				now = append(now, x)
			}
		}
		k.since = nil
	}
	slices.SortFunc(now, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	k.known = now
}
