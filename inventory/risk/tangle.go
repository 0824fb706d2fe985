package risk

import (
	"hash/maphash"
	"slices"

	"nhitop/inventory"
)

// tangle is which changes close which findings.
type tangle struct {
	findings   []inventory.Finding
	closed     []bool // of each finding: a change was chosen that closes it
	candidates []candidate
	tied       []uint32 // of each candidate: another one of the same knot, itself for one of them
}

// tie is one change of one finding.
type tie struct {
	candidate uint32
	closing
}

func newTangle(findings []inventory.Finding, changes [][]Change) *tangle {
	t := &tangle{findings: findings, closed: make([]bool, len(findings))}
	n := 0
	for i := range findings {
		n += len(changes[i])
	}
	known := newKeys(n)
	ties := make([]tie, 0, n)
	for i := range findings {
		if asksForNothing(&findings[i]) {
			continue
		}
		first := len(ties)
		for k := range changes[i] {
			ch := &changes[i][k]
			at := t.candidate(known, ch)
			if !slices.ContainsFunc(ties[first:], func(x tie) bool { return x.candidate == at }) {
				ties = append(ties, tie{at, closing{uint32(i), ch}})
				t.knot(ties[first].candidate, at)
			}
		}
	}
	t.share(ties)
	return t
}

// candidate returns the number of a change, a new one if need be.
func (t *tangle) candidate(known *keys, ch *Change) uint32 {
	slot := known.slot(ch, t.candidates)
	if at := known.slots[slot]; at != 0 {
		c := &t.candidates[at-1]
		if ch.Title < c.change.Title || ch.Title == c.change.Title && ch.Subject < c.change.Subject {
			c.change = ch
		}
		return at - 1
	}
	t.candidates = append(t.candidates, candidate{change: ch})
	t.tied = append(t.tied, uint32(len(t.tied)))
	known.slots[slot] = uint32(len(t.candidates))
	return uint32(len(t.candidates) - 1)
}

// share gives each candidate its findings, all of them in one piece of memory.
func (t *tangle) share(ties []tie) {
	ends := make([]uint32, len(t.candidates)+1)
	for i := range ties {
		ends[ties[i].candidate+1]++
	}
	for i := range t.candidates {
		ends[i+1] += ends[i]
	}
	all := make([]closing, len(ties))
	for i := range t.candidates {
		t.candidates[i].left = all[ends[i]:ends[i]:ends[i+1]]
	}
	for i := range ties {
		c := &t.candidates[ties[i].candidate]
		c.left = append(c.left, ties[i].closing)
	}
}

// knot notes that two candidates close one finding.
func (t *tangle) knot(a, b uint32) {
	a, b = t.root(a), t.root(b)
	t.tied[max(a, b)] = min(a, b)
}

func (t *tangle) root(a uint32) uint32 {
	for t.tied[a] != a {
		t.tied[a] = t.tied[t.tied[a]]
		a = t.tied[a]
	}
	return a
}

// knots lists the candidates that compete with each other, each list by itself.
func (t *tangle) knots() [][]uint32 {
	ends := make([]uint32, len(t.candidates)+1)
	for i := range t.candidates {
		ends[t.root(uint32(i))+1]++
	}
	var knots [][]uint32
	all := make([]uint32, len(t.candidates))
	for i := range t.candidates {
		ends[i+1] += ends[i]
	}
	next := slices.Clone(ends)
	for i := range t.candidates {
		r := t.root(uint32(i))
		all[next[r]] = uint32(i)
		next[r]++
	}
	for i := range t.candidates {
		if ends[i] < ends[i+1] {
			knots = append(knots, all[ends[i]:ends[i+1]])
		}
	}
	return knots
}

// keys finds candidates by the kind and key of their change. It is a hash table with open addressing, at most half full,
// that holds numbers plus one.
type keys struct{ slots []uint32 }

func newKeys(n int) *keys {
	size := 4
	for size < 2*n {
		size *= 2
	}
	return &keys{make([]uint32, size)}
}

// slot is where a change stands or would stand.
func (k *keys) slot(ch *Change, candidates []candidate) int {
	mask := len(k.slots) - 1
	at := int(hashOf(ch)) & mask
	for k.slots[at] != 0 {
		if c := candidates[k.slots[at]-1].change; c.Kind == ch.Kind && c.Key == ch.Key {
			break
		}
		at = (at + 1) & mask
	}
	return at
}

func hashOf(ch *Change) uint64 {
	return maphash.String(seed, ch.Key)*31 + uint64(len(ch.Kind)) + maphash.String(seed, ch.Kind)
}
