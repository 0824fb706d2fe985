package risk

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"nhitop/inventory"
)

// candidate is a change with the findings that it would close.
type candidate struct {
	id       inventory.ID
	change   Change
	closes   []int          // indexes of findings, ascending: worst first
	do       map[int]string // what to do for each
	left     []int          // not yet closed by a better change
	decision inventory.Decision
	urgent   int // act-now and attend among left
}

// issues covers the findings with as few changes as a greedy choice finds: each finding stands in exactly one issue, the
// one that came first in the order of work. Findings must be sorted, worst first. Accepted findings are left out.
func issues(findings []inventory.Finding, changes map[inventory.ID][]Change) []inventory.Issue {
	byKey := map[inventory.ID]*candidate{}
	for i := range findings {
		if findings[i].State == "accepted" {
			continue
		}
		for _, ch := range changes[findings[i].ID] {
			id := inventory.NewID(inventory.NounIssue, ch.Kind, ch.Key)
			c := byKey[id]
			if c == nil {
				c = &candidate{id: id, change: ch, do: map[int]string{}}
				byKey[id] = c
			}
			if ch.Title < c.change.Title || ch.Title == c.change.Title && ch.Subject < c.change.Subject {
				c.change = ch
			}
			if len(c.closes) == 0 || c.closes[len(c.closes)-1] != i {
				c.closes = append(c.closes, i)
				c.do[i] = ch.Do
			}
		}
	}
	q := &queue{findings: findings}
	closed := make([]bool, len(findings))
	for _, c := range byKey {
		c.remaining(findings, closed)
		q.of = append(q.of, c)
	}
	heap.Init(q)
	out := []inventory.Issue{}
	for q.Len() > 0 {
		c := q.of[0]
		before := len(c.left)
		if c.remaining(findings, closed); len(c.left) == 0 {
			heap.Pop(q)
			continue
		}
		if len(c.left) != before { // it closes less than when it was put here: a change only ever gets worse
			heap.Fix(q, 0)
			continue
		}
		heap.Pop(q)
		for _, i := range c.left {
			closed[i] = true
		}
		out = append(out, c.issue(findings))
	}
	return out
}

func (c *candidate) remaining(findings []inventory.Finding, closed []bool) {
	c.left, c.urgent = c.left[:0], 0
	for _, i := range c.closes {
		if closed[i] {
			continue
		}
		c.left = append(c.left, i)
		if findings[i].Decision.Rank() <= inventory.Attend.Rank() {
			c.urgent++
		}
	}
	if len(c.left) > 0 {
		c.decision = findings[c.left[0]].Decision
	}
}

const maxSteps = 4 // of one change, in its text

func (c *candidate) issue(findings []inventory.Finding) inventory.Issue {
	x := inventory.Issue{ID: c.id, Title: c.change.Title, Subject: c.change.Subject, Decision: c.decision, Closes: []inventory.ID{}}
	var steps []string
	for _, i := range c.left {
		x.Closes = append(x.Closes, findings[i].ID)
		if do := c.do[i]; do != "" && !slices.Contains(steps, do) && len(steps) < maxSteps {
			steps = append(steps, do)
		}
	}
	x.Change = strings.Join(steps, " ")
	x.Why = findings[c.left[0]].Detail
	return x
}

// queue holds the changes, best first: decision, act-now and attend findings closed, score, age, id.
type queue struct {
	of       []*candidate
	findings []inventory.Finding
}

func (q *queue) Len() int      { return len(q.of) }
func (q *queue) Swap(i, j int) { q.of[i], q.of[j] = q.of[j], q.of[i] }
func (q *queue) Push(x any)    { q.of = append(q.of, x.(*candidate)) }
func (q *queue) Pop() any {
	last := q.of[len(q.of)-1]
	q.of = q.of[:len(q.of)-1]
	return last
}

func (q *queue) Less(i, j int) bool {
	a, b := q.of[i], q.of[j]
	if len(a.left) == 0 || len(b.left) == 0 {
		return len(a.left) > len(b.left)
	}
	score := func(c *candidate) int { return q.findings[c.left[0]].Score }
	age := func(c *candidate) int64 {
		oldest := q.findings[c.left[0]].FirstSeen
		for _, i := range c.left {
			if t := q.findings[i].FirstSeen; t.Before(oldest) {
				oldest = t
			}
		}
		return oldest.UnixNano()
	}
	if c := cmp.Or(cmp.Compare(a.decision.Rank(), b.decision.Rank()), cmp.Compare(b.urgent, a.urgent), cmp.Compare(score(b), score(a))); c != 0 {
		return c < 0
	}
	return cmp.Or(cmp.Compare(age(a), age(b)), cmp.Compare(len(b.left), len(a.left)), cmp.Compare(a.id, b.id)) < 0
}
