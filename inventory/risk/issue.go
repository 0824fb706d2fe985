package risk

import (
	"container/heap"
	"slices"
	"strings"

	"nhitop/inventory"
)

// candidate is a change with the findings that it would close.
type candidate struct {
	id       inventory.ID
	change   Change
	closes   []closing // ascending: worst first
	left     []closing // not yet closed by a better change
	decision inventory.Decision
	rank     int
	score    int
	age      int64
	urgent   int // act-now and attend among left
}

// closing is a finding, by its index, with what to do for it.
type closing struct {
	finding int
	do      string
}

// changeKey tells changes apart.
type changeKey struct{ kind, key string }

// issues covers the findings with as few changes as a greedy choice finds: each finding stands in exactly one issue, the
// one that came first in the order of work. Findings must be sorted, worst first. What is accepted or fixed is left out.
func issues(findings []inventory.Finding, changes map[inventory.ID][]Change) []inventory.Issue {
	byKey := make(map[changeKey]*candidate, len(findings))
	for i := range findings {
		if st := findings[i].State; st == stateAccepted || st == stateFixed {
			continue
		}
		for _, ch := range changes[findings[i].ID] {
			c := byKey[changeKey{ch.Kind, ch.Key}]
			if c == nil {
				c = &candidate{id: inventory.NewID(inventory.NounIssue, ch.Kind, ch.Key), change: ch}
				byKey[changeKey{ch.Kind, ch.Key}] = c
			}
			if ch.Title < c.change.Title || ch.Title == c.change.Title && ch.Subject < c.change.Subject {
				c.change = ch
			}
			if len(c.closes) == 0 || c.closes[len(c.closes)-1].finding != i {
				c.closes = append(c.closes, closing{i, ch.Do})
			}
		}
	}
	q := make(queue, 0, len(byKey))
	closed := make([]bool, len(findings))
	for _, c := range byKey {
		c.remaining(findings, closed)
		q = append(q, c)
	}
	heap.Init(&q)
	out := []inventory.Issue{}
	for q.Len() > 0 {
		c := q[0]
		before := len(c.left)
		if c.remaining(findings, closed); len(c.left) == 0 {
			heap.Pop(&q)
			continue
		}
		if len(c.left) != before { // it closes less than when it was put here: a change only ever gets worse
			heap.Fix(&q, 0)
			continue
		}
		heap.Pop(&q)
		for _, x := range c.left {
			closed[x.finding] = true
		}
		out = append(out, c.issue(findings))
	}
	return out
}

func (c *candidate) remaining(findings []inventory.Finding, closed []bool) {
	if c.left == nil {
		c.left = slices.Clone(c.closes)
	} else {
		c.left = slices.DeleteFunc(c.left, func(x closing) bool { return closed[x.finding] })
	}
	if len(c.left) == 0 {
		return
	}
	worst := &findings[c.left[0].finding]
	c.decision, c.rank, c.score, c.age, c.urgent = worst.Decision, worst.Decision.Rank(), worst.Score, worst.FirstSeen.UnixNano(), 0
	for _, x := range c.left {
		f := &findings[x.finding]
		c.age = min(c.age, f.FirstSeen.UnixNano())
		if f.Decision.Rank() <= inventory.Attend.Rank() {
			c.urgent++
		}
	}
}

const maxSteps = 4 // of one change, in its text

func (c *candidate) issue(findings []inventory.Finding) inventory.Issue {
	x := inventory.Issue{ID: c.id, Title: c.change.Title, Subject: c.change.Subject, Decision: c.decision, Closes: []inventory.ID{}}
	var steps []string
	for _, l := range c.left {
		x.Closes = append(x.Closes, findings[l.finding].ID)
		if do := l.do; do != "" && !slices.Contains(steps, do) && len(steps) < maxSteps {
			steps = append(steps, do)
		}
	}
	x.Change = strings.Join(steps, " ")
	x.Why = findings[c.left[0].finding].Detail
	return x
}

// queue holds the changes, best first: decision, act-now and attend findings closed, score, age, id.
type queue []*candidate

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*candidate)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case len(a.left) == 0 || len(b.left) == 0:
		return len(a.left) > len(b.left)
	case a.rank != b.rank:
		return a.rank < b.rank
	case a.urgent != b.urgent:
		return a.urgent > b.urgent
	case a.score != b.score:
		return a.score > b.score
	case a.age != b.age:
		return a.age < b.age
	case len(a.left) != len(b.left):
		return len(a.left) > len(b.left)
	}
	return a.id < b.id
}
