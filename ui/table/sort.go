package table

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// ordered puts the rows into the order that is asked for; equal ones keep the order of the data. What has no place in an
// order comes after what has, and what is empty last, in both directions.
func (p *Prepared) ordered(stop func() bool) *Prepared {
	p.base = make([]int32, p.data.Len())
	for i := range p.base {
		p.base[i] = int32(i)
	}
	col := p.Sort.Column
	if col < 0 || col >= len(p.cols) {
		return p
	}
	if w := &p.store[col]; w.held() {
		p.byWord(w, col)
		return p
	}
	if !p.byText(col, stop) {
		return nil
	}
	return p
}

// key is what a text is sorted by.
type key struct {
	class int // 0 has a place in the order, 1 has none, 2 is empty
	n     float64
	text  string
}

func (p *Prepared) key(col int, text string) key {
	if n, ok := p.fields[col].Order(text); ok {
		return key{n: n}
	}
	if text == "" {
		return key{class: 2}
	}
	return key{class: 1, text: strings.ToLower(text)}
}

// byWord sorts the few texts of a column and counts the rows of each.
func (p *Prepared) byWord(w *words, col int) {
	keys := make([]key, len(w.texts))
	order := make([]int, len(w.texts))
	for k, text := range w.texts {
		keys[k], order[k] = p.key(col, text), k
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := keys[a], keys[b]
		if x.class != y.class {
			return cmp.Compare(x.class, y.class)
		}
		c := cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.text, y.text))
		if p.Sort.Desc {
			c = -c
		}
		return c
	})
	place := make([]int, len(order)) // of a text in the order; texts that count for the same share one
	for i, k := range order {
		place[k] = i
		if i > 0 && keys[k] == keys[order[i-1]] {
			place[k] = place[order[i-1]]
		}
	}
	starts := make([]int32, len(order)+1)
	for i := range p.base {
		starts[place[w.at(int32(i))]+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	for i := range p.base {
		at := &starts[place[w.at(int32(i))]]
		p.base[*at] = int32(i)
		*at++
	}
}

// byText sorts a column of many texts: by number where they have one, else by eight bytes of text at a time.
func (p *Prepared) byText(col int, stop func() bool) bool {
	texts := make([]string, len(p.base))
	parts := [3][]int32{}
	numbers := make([]uint64, len(p.base))
	for i := range texts {
		if stopped(stop, i) {
			return false
		}
		k := p.key(col, p.data.Cell(i, col).Text)
		texts[i] = k.text
		numbers[i] = sortable(k.n)
		if p.Sort.Desc {
			numbers[i] = ^numbers[i]
		}
		parts[k.class] = append(parts[k.class], int32(i))
	}
	s := sorter{texts: texts, desc: p.Sort.Desc, stop: stop, keys: numbers, spare: make([]int32, len(p.base))}
	s.radix(parts[0])
	if len(parts[1]) > 0 {
		s.spell(parts[1], 0)
	}
	p.base = slices.Concat(parts[0], parts[1], parts[2])
	return !s.over
}

// sortable orders numbers as unsigned integers.
func sortable(n float64) uint64 {
	b := math.Float64bits(n + 0) // no negative zero
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

// sorter sorts rows by the keys of its rows, in place, stable.
type sorter struct {
	texts []string
	keys  []uint64 // by row
	spare []int32
	desc  bool
	stop  func() bool
	over  bool // the result is not wanted any more
}

const fewRows = 64

// radix sorts rows by key, a byte at a time, leaving out the bytes that are the same in all.
func (s *sorter) radix(rows []int32) {
	if len(rows) < fewRows {
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(s.keys[a], s.keys[b]) })
		return
	}
	var counts [8][256]int32
	for _, r := range rows {
		k := s.keys[r]
		for d := range counts {
			counts[d][byte(k>>(8*d))]++
		}
	}
	from, to := rows, s.spare[:len(rows)]
	for d := range counts {
		if s.over = s.over || s.stop != nil && s.stop(); s.over {
			return
		}
		if counts[d][byte(s.keys[rows[0]]>>(8*d))] == int32(len(rows)) {
			continue
		}
		at := int32(0)
		for b := range counts[d] {
			n := counts[d][b]
			counts[d][b] = at
			at += n
		}
		for _, r := range from {
			b := byte(s.keys[r] >> (8 * d))
			to[counts[d][b]] = r
			counts[d][b]++
		}
		from, to = to, from
	}
	if &from[0] != &rows[0] {
		copy(rows, from)
	}
}

// spell sorts rows by their texts, which are the same up to depth.
func (s *sorter) spell(rows []int32, depth int) {
	if len(rows) < fewRows {
		slices.SortStableFunc(rows, func(a, b int32) int {
			c := strings.Compare(s.rest(a, depth), s.rest(b, depth))
			if s.desc {
				c = -c
			}
			return c
		})
		return
	}
	for _, r := range rows {
		s.keys[r] = s.chunk(s.rest(r, depth))
	}
	s.radix(rows)
	for from := 0; from < len(rows) && !s.over; {
		to, longer := from, 0
		for to < len(rows) && s.keys[rows[to]] == s.keys[rows[from]] {
			longer = max(longer, len(s.texts[rows[to]]))
			to++
		}
		if to-from > 1 && longer > depth+8 {
			s.spell(rows[from:to], depth+8)
		}
		from = to
	}
}

// rest is the text of a row from a depth on.
func (s *sorter) rest(row int32, depth int) string {
	text := s.texts[row]
	return text[min(depth, len(text)):]
}

// chunk is the first eight bytes of a text as a number; a shorter one comes before one that goes on.
func (s *sorter) chunk(text string) uint64 {
	var b [8]byte
	copy(b[:], text)
	k := binary.BigEndian.Uint64(b[:])
	if s.desc {
		k = ^k
	}
	return k
}
