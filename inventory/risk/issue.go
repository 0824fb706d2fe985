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

// candidate is a change with the findings that it would close.
type candidate struct {
	id     inventory.ID // worked out when it is asked for
	change *Change      // the first in the order of letters of those that ask for it
	left   []closing    // not closed by a better change, ascending: worst first
	rank   int
	leak   bool // one of left is a leak that still works
	score  int
	age    int64
	urgent int // act-now and attend among left
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

// issues covers the findings with as few changes as a greedy choice finds: each finding stands in exactly one issue, the
// one that came first in the order of work. Findings must be sorted, worst first; changes are those of each. What is
// accepted or fixed is left out.
func issues(findings []inventory.Finding, changes [][]Change) []inventory.Issue {
	t := newTangle(findings, changes)
	var chosen []*candidate
	t.knots(func(knot []uint32) { chosen = t.cover(chosen, knot) })
	slices.SortFunc(chosen, (*candidate).compare)
	out := make([]inventory.Issue, len(chosen))
	var ids shelf[inventory.ID]
	for i, c := range chosen {
		out[i] = t.issue(c, &ids)
	}
	return out
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
	c.rank, c.score, c.age, c.urgent = worst.Decision.Rank(), worst.Score, worst.FirstSeen.UnixNano(), 0
	c.leak = false
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
// findings closed, score, age, findings closed, id.
func (c *candidate) compare(d *candidate) int {
	if c.leak != d.leak && c.rank == d.rank {
		if c.leak {
			return -1
		}
		return 1
	}
	if x := cmp.Or(cmp.Compare(c.rank, d.rank), cmp.Compare(d.urgent, c.urgent), cmp.Compare(d.score, c.score), cmp.Compare(c.age, d.age),
		cmp.Compare(len(d.left), len(c.left))); x != 0 {
		return x
	}
	return cmp.Compare(c.name(), d.name())
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

func (q queue) Len() int           { return len(q) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }
func (q *queue) Push(x any)        { *q = append(*q, x.(*candidate)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
