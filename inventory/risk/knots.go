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
	var open []uint32
	var broken []bool
	if prev == nil {
		open = upTo(len(j.Findings))
	} else {
		var as []bool
		broken, as = j.broken(prev, from)
		k.next = prev.knots.next
		for at, ok := range as {
			if ok && !broken[prev.knots.of[from[at]]] {
				k.of[at] = prev.knots.of[from[at]]
			} else {
				open = append(open, uint32(at))
			}
		}
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

// bearing is what of a finding bears on the choice of changes, beside the changes themselves.
type bearing struct {
	seconds  int64 // of its first sight
	nanos    int32
	score    int16
	decision uint8 // its rank
	nothing  bool  // it asks for nothing
}

func bearingOf(f *inventory.Finding) bearing {
	return bearing{f.FirstSeen.Unix(), int32(f.FirstSeen.Nanosecond()), int16(f.Score), uint8(f.Decision.Rank()), asksForNothing(f)}
}

// broken tells the knots of prev in which something is different, and of each finding whether it is as it was.
func (j *Judgement) broken(prev *Judgement, from []int32) (broken, as []bool) {
	broken, as = make([]bool, prev.knots.next), make([]bool, len(from))
	stays := make([]bool, len(prev.Findings))
	for at, was := range from {
		if was >= 0 && j.bearings[at] == prev.bearings[was] {
			as[at], stays[was] = true, true
			continue
		}
		for k := range j.kept[at].changes {
			broken[prev.knots.knotOf(hashOf(&j.kept[at].changes[k]))] = true
		}
	}
	for was, ok := range stays {
		if !ok {
			broken[prev.knots.of[was]] = true
		}
	}
	broken[0] = false
	return broken, as
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
		first := len(old)
		if len(chosen) > 0 {
			first = earlier(prev, old, chosen[0])
		}
		for from := 0; from < first; { // in runs of neighbours
			to := from + 1
			for to < first && old[to] == old[to-1]+1 {
				to++
			}
			i, end := old[from], old[to-1]+1
			j.Issues, k.in, k.weights = append(j.Issues, prev.Issues[i:end]...), append(k.in, prev.knots.in[i:end]...), append(k.weights, prev.knots.weights[i:end]...)
			from = to
		}
		if old = old[first:]; len(chosen) > 0 {
			j.Issues = append(j.Issues, t.issue(chosen[0], &ids))
			k.in, k.weights, chosen = append(k.in, k.next+t.root(chosen[0].number)), append(k.weights, chosen[0].weight), chosen[1:]
		}
	}
}

// earlier is how many of the issues before, by their places, come before a change.
func earlier(prev *Judgement, old []int32, c *candidate) int {
	return near(len(old), func(i int) bool {
		x := prev.knots.weights[old[i]].compare(&c.weight)
		return x < 0 || x == 0 && prev.Issues[old[i]].ID < c.name()
	})
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
