package risk

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"nhitop/inventory"
)

// closing says that a change closes a finding, which is named by its place.
type closing struct {
	finding uint32
	change  *Change
}

// weight is what decides between changes.
type weight struct {
	age    int64
	urgent uint32 // act-now and attend among the findings
	closes uint32 // findings
	score  int16  // of the worst finding that it closes
	rank   uint8  // likewise
	leak   bool   // one of the findings is a leak that still works
}

// candidate is a change with the findings that it would close.
type candidate struct {
	weight
	id     inventory.ID // worked out when it is asked for
	change *Change      // the first in the order of letters of those that ask for it
	left   []closing    // not closed by a better change, ascending: worst first
	number uint32
}

// name is the id of the issue that the change would be.
func (c *candidate) name() inventory.ID {
	if c.id == "" {
		c.id = inventory.NewID(inventory.NounIssue, c.change.Kind, c.change.Key)
	}
	return c.id
}

// asksForNothing reports whether a finding stands in no issue.
func asksForNothing(f *inventory.Finding) bool {
	return f.State == stateAccepted || f.State == stateFixed
}

// solve covers the findings with as few changes as a greedy choice finds: each finding stands in exactly one issue, the one
// that came first in the order of work. It returns the changes in that order.
func (t *tangle) solve() []*candidate {
	var chosen []*candidate
	t.knots(func(knot []uint32) { chosen = t.cover(chosen, knot) })
	slices.SortFunc(chosen, func(a, b *candidate) int {
		if x := a.weight.compare(&b.weight); x != 0 {
			return x
		}
		return cmp.Compare(a.name(), b.name())
	})
	return chosen
}

// cover chooses among changes that share findings, the best first, and appends them to those chosen before. A change that
// closes less than when it was looked at only ever gets worse, so that it is looked at again when it would be next.
func (t *tangle) cover(chosen []*candidate, knot []uint32) []*candidate {
	for _, at := range knot {
		t.weigh(&t.candidates[at])
	}
	if len(knot) == 1 { // nothing competes with it
		return append(chosen, &t.candidates[knot[0]])
	}
	q := t.queue[:0]
	for _, at := range knot {
		q = append(q, &t.candidates[at])
	}
	t.queue = q
	heap.Init(&q)
	for q.Len() > 0 {
		c := q[0]
		before := len(c.left)
		c.left = slices.DeleteFunc(c.left, func(x closing) bool { return t.closed[x.finding] })
		switch len(c.left) {
		case 0:
			heap.Pop(&q)
			continue
		case before:
			heap.Pop(&q)
		default:
			t.weigh(c)
			heap.Fix(&q, 0)
			continue
		}
		for _, x := range c.left {
			t.closed[x.finding] = true
		}
		chosen = append(chosen, c)
	}
	return chosen
}

// weigh works out what decides between changes.
func (t *tangle) weigh(c *candidate) {
	worst := &t.findings[c.left[0].finding]
	c.weight = weight{rank: uint8(worst.Decision.Rank()), score: int16(worst.Score), age: worst.FirstSeen.UnixNano(), closes: uint32(len(c.left))}
	for _, x := range c.left {
		f := &t.findings[x.finding]
		c.leak = c.leak || f.Rule == ruleLiveLeak
		c.age = min(c.age, f.FirstSeen.UnixNano())
		if f.Decision.Rank() <= inventory.Attend.Rank() {
			c.urgent++
		}
	}
}

// compare orders changes, best first: decision, whether it ends a leak that somebody may be using now, act-now and attend
// findings closed, score, age, findings closed. What is equal in these is ordered by its id.
func (a *weight) compare(b *weight) int {
	if a.leak != b.leak && a.rank == b.rank {
		if a.leak {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.urgent, a.urgent), cmp.Compare(b.score, a.score), cmp.Compare(a.age, b.age),
		cmp.Compare(b.closes, a.closes))
}

const maxSteps = 4 // of one change, in its text

func (t *tangle) issue(c *candidate, ids *shelf[inventory.ID]) inventory.Issue {
	worst := &t.findings[c.left[0].finding]
	x := inventory.Issue{ID: c.name(), Title: c.change.Title, Subject: c.change.Subject, Decision: worst.Decision, Why: worst.Detail}
	var room [maxSteps]string
	steps := room[:0]
	for _, l := range c.left {
		if do := l.change.Do; do != "" && len(steps) < maxSteps && !slices.Contains(steps, do) {
			steps = append(steps, do)
		}
	}
	x.Change = strings.Join(steps, " ")
	x.Closes = ids.fill(len(c.left), func(i int) inventory.ID { return t.findings[c.left[i].finding].ID })
	return x
}

// queue holds changes, best first.
type queue []*candidate

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*candidate)) }
func (q queue) Less(i, j int) bool {
	x := q[i].weight.compare(&q[j].weight)
	return x < 0 || x == 0 && q[i].name() < q[j].name()
}
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
