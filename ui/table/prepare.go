package table

import (
	"cmp"
	"slices"
	"strings"
)

// Prepared is data with what makes filtering and sorting cheap. It may be made on another goroutine.
type Prepared struct {
	data Data
	cols []Column
	hay  []string
	base []int32 // all rows in sort order
	// widths are those of the widest cell of each column.
	widths []int
	Sort   Sort
}

// Sort is a column and a direction. Column -1 keeps the order of the data.
type Sort struct {
	Column int
	Desc   bool
}

// Prepare reads the data once: the rows' text for the filter and their order. It does not change what it is given.
func Prepare(d Data, cols []Column, s Sort) *Prepared {
	p := &Prepared{data: d, cols: cols, Sort: s, hay: make([]string, d.Len()), base: make([]int32, d.Len()), widths: make([]int, len(cols))}
	var b strings.Builder
	for i := range p.hay {
		b.Reset()
		for c := range cols {
			text := d.Cell(i, c).Text
			p.widths[c] = max(p.widths[c], Width(text))
			b.WriteString(text)
			b.WriteByte(' ')
		}
		p.hay[i] = strings.ToLower(b.String())
		p.base[i] = int32(i)
	}
	p.order()
	return p
}

// Resort returns the same data in another order.
func (p *Prepared) Resort(s Sort) *Prepared {
	q := &Prepared{data: p.data, cols: p.cols, hay: p.hay, widths: p.widths, Sort: s, base: make([]int32, len(p.base))}
	for i := range q.base {
		q.base[i] = int32(i)
	}
	q.order()
	return q
}

func (p *Prepared) order() {
	col := p.Sort.Column
	if col < 0 || col >= len(p.cols) {
		return
	}
	type key struct {
		rank float64
		text string
		ok   bool
	}
	keys := make([]key, len(p.base))
	for i := range keys {
		text := p.data.Cell(i, col).Text
		r, ok := rankOf(p.cols[col], text)
		keys[i] = key{r, strings.ToLower(text), ok}
	}
	slices.SortStableFunc(p.base, func(a, b int32) int {
		x, y := keys[a], keys[b]
		var c int
		switch {
		case x.ok && y.ok:
			c = cmp.Compare(x.rank, y.rank)
		case x.ok != y.ok:
			if x.ok {
				return -1 // what has no rank comes last, either way
			}
			return 1
		default:
			if (x.text == "") != (y.text == "") {
				if x.text == "" {
					return 1
				}
				return -1
			}
			c = cmp.Compare(x.text, y.text)
		}
		if p.Sort.Desc {
			return -c
		}
		return c
	})
}
