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
	queue      queue    // room for those of one knot
}

// tie is one change of one finding.
type tie struct {
	candidate uint32
	closing
}

// newTangle ties the findings at some places, ascending, to the changes of each. What asks for nothing is left out.
func newTangle(findings []inventory.Finding, at []uint32, changes func(at uint32) []Change) *tangle {
	t := &tangle{findings: findings, closed: make([]bool, len(findings))}
	n := 0
	for _, i := range at {
		n += len(changes(i))
	}
	known := newKeys(n)
	ties := make([]tie, 0, n)
	for _, i := range at {
		if asksForNothing(&findings[i]) {
			continue
		}
		first, all := len(ties), changes(i)
		for k := range all {
			at, added := known.number(&all[k])
			if added {
				t.tied = append(t.tied, at)
			}
			if !slices.ContainsFunc(ties[first:], func(x tie) bool { return x.candidate == at }) {
				ties = append(ties, tie{at, closing{i, &all[k]}})
				t.knot(ties[first].candidate, at)
			}
		}
	}
	t.share(known.changes, ties)
	return t
}

// share makes the candidates and gives each its findings, all of them in one piece of memory.
func (t *tangle) share(changes []*Change, ties []tie) {
	t.candidates = make([]candidate, len(changes))
	ends := make([]uint32, len(changes)+1)
	for i := range ties {
		ends[ties[i].candidate+1]++
	}
	for i := range changes {
		ends[i+1] += ends[i]
	}
	all := make([]closing, len(ties))
	for i := range changes {
		t.candidates[i] = candidate{change: changes[i], left: all[ends[i]:ends[i]:ends[i+1]], number: uint32(i)}
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

// knots calls do with the candidates that compete with each other, one knot after the other.
func (t *tangle) knots(do func([]uint32)) {
	ends := make([]uint32, len(t.candidates)+1)
	for i := range t.candidates {
		ends[t.root(uint32(i))+1]++
	}
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
			do(all[ends[i]:ends[i+1]])
		}
	}
}

// keys numbers changes by their kind and key. It is a hash table with open addressing, at most half full, that holds
// numbers plus one.
type keys struct {
	slots   []uint32
	changes []*Change // of each number the first in the order of letters
}

func newKeys(n int) *keys {
	size := 4
	for size < 2*n {
		size *= 2
	}
	return &keys{slots: make([]uint32, size)}
}

// number is that of a change; added says that it is new.
func (k *keys) number(ch *Change) (n uint32, added bool) {
	mask := len(k.slots) - 1
	slot := int(hashOf(ch)) & mask
	for ; k.slots[slot] != 0; slot = (slot + 1) & mask {
		n := k.slots[slot] - 1
		c := k.changes[n]
		if c.Kind != ch.Kind || c.Key != ch.Key {
			continue
		}
		if ch.Title < c.Title || ch.Title == c.Title && ch.Subject < c.Subject {
			k.changes[n] = ch
		}
		return n, false
	}
	k.changes = append(k.changes, ch)
	k.slots[slot] = uint32(len(k.changes))
	return uint32(len(k.changes) - 1), true
}

func hashOf(ch *Change) uint64 { return maphash.String(seed, ch.Key) ^ maphash.String(seed, ch.Kind) }
