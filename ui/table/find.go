package table

import (
	"cmp"
	"slices"

	"nhitop/inventory/query"
)

// Found are the rows that a filter shows, in the order of what they were found in. It is immutable.
type Found struct {
	p     *Prepared
	text  string
	query query.Query
	set   []uint64 // a bit a row of the data
	index []int32  // the rows in order
}

// Find looks through all rows. within may be what an earlier filter found: where the new one shows only rows of that, no
// others are looked at. stop, which may be nil, ends the search; nil comes back then.
func (p *Prepared) Find(q query.Query, within *Found, stop func() bool) *Found {
	return p.scan(q, within).all(stop)
}

// Again returns the same rows in this order.
func (p *Prepared) Again(f *Found) *Found {
	if f == nil || f.p.rows != p.rows {
		return nil
	}
	g := &Found{p: p, text: f.text, query: f.query, set: f.set}
	g.index = make([]int32, 0, len(f.index))
	for _, row := range p.base {
		if f.has(row) {
			g.index = append(g.index, row)
		}
	}
	return g
}

func (f *Found) has(row int32) bool { return f.set[row>>6]>>(row&63)&1 == 1 }

// scan is a search under way: the rows before next were looked at.
type scan struct {
	p      *Prepared
	q      query.Query
	tests  []test
	raw    int // cells that must be asked for to judge a row, at most
	from   []int32
	within *Found // those of from; nil: all
	next   int
	index  []int32
	set    []uint64
}

// test is a term made ready for the columns: for those that are held, whether it holds for each of their texts.
type test struct {
	term *query.Term
	held []heldTest
	raw  []int // columns whose cells must be asked for
}

type heldTest struct {
	w     *words
	holds []bool
}

func (p *Prepared) scan(q query.Query, within *Found) *scan {
	s := &scan{p: p, q: q, from: p.base, set: make([]uint64, (p.data.Len()+63)/64)}
	if within != nil && within.p == p && q.Refines(within.query) {
		s.from, s.within = within.index, within
	}
	for i := range q.Terms {
		t := test{term: &q.Terms[i]}
		for c := range p.cols {
			if !t.term.Free() && t.term.Field != c {
				continue
			}
			w := &p.store[c]
			if !w.held() {
				t.raw = append(t.raw, c)
				continue
			}
			holds, any := make([]bool, len(w.texts)), false
			for k, text := range w.texts {
				holds[k] = t.term.Holds(c, text)
				any = any || holds[k]
			}
			if any {
				t.held = append(t.held, heldTest{w, holds})
			}
		}
		s.raw += len(t.raw)
		s.tests = append(s.tests, t)
	}
	slices.SortStableFunc(s.tests, func(a, b test) int { return cmp.Compare(len(a.raw), len(b.raw)) })
	return s
}

// run looks at up to n rows more, in their order.
func (s *scan) run(n int) {
	end := min(len(s.from), s.next+n)
	for ; s.next < end; s.next++ {
		if row := s.from[s.next]; s.shows(row) {
			s.index = append(s.index, row)
			s.set[row>>6] |= 1 << (row & 63)
		}
	}
}

// all looks at every row, in the order of the data: that is how it lies in memory. What was shown before is left as it is.
func (s *scan) all(stop func() bool) *Found {
	f := &Found{p: s.p, text: s.q.Text, query: s.q, set: make([]uint64, len(s.set))}
	n := 0
	for i := range int32(s.p.data.Len()) {
		if stopped(stop, int(i)) {
			return nil
		}
		if (s.within == nil || s.within.has(i)) && s.shows(i) {
			f.set[i>>6] |= 1 << (i & 63)
			n++
		}
	}
	f.index = make([]int32, 0, n)
	for _, row := range s.from {
		if f.has(row) {
			f.index = append(f.index, row)
		}
	}
	return f
}

func (s *scan) shows(row int32) bool {
	for i := range s.tests {
		if t := &s.tests[i]; t.hits(s.p.data, row) == t.term.Not {
			return false
		}
	}
	return true
}

func (t *test) hits(d Data, row int32) bool {
	for i := range t.held {
		if h := &t.held[i]; h.holds[h.w.at(row)] {
			return true
		}
	}
	for _, c := range t.raw {
		if t.term.Holds(c, d.Cell(int(row), c).Text) {
			return true
		}
	}
	return false
}

func (s *scan) done() bool { return s.next == len(s.from) }

func (s *scan) found() *Found {
	return &Found{p: s.p, text: s.q.Text, query: s.q, set: s.set, index: s.index}
}

// slice is the number of rows that can be looked at while a key waits: a few milliseconds of work.
func (s *scan) slice() int {
	const work = 1 << 18 // rows judged by what is held; asking for a cell costs about as much as sixteen of them
	return work / (1 + len(s.tests) + 16*s.raw)
}
