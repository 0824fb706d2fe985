package table

import (
	"nhitop/inventory/query"
)

// Prepared is data in an order, with what makes filtering and sorting cheap. It is immutable; it may be made on another
// goroutine, and anything that takes time with many rows is a method of it, to be called there.
type Prepared struct {
	*rows
	base []int32 // all rows in sort order
	Sort Sort
}

// Sort is a column and a direction. Column -1 keeps the order of the data.
type Sort struct {
	Column int
	Desc   bool
}

// rows is what one set of data keeps whatever its order is: about thirty bytes a row.
type rows struct {
	data   Data
	cols   []Column
	fields []query.Field
	store  []words
	ids    idIndex
	widths []int // of the widest cell of each column
}

// Prepare reads the data once. stop, which may be nil, is asked now and then whether the result is still wanted; nil comes
// back when it is not.
func Prepare(d Data, cols []Column, s Sort, stop func() bool) *Prepared {
	r := &rows{data: d, cols: cols, fields: fieldsOf(cols)}
	if !r.read(stop) {
		return nil
	}
	p := &Prepared{rows: r, Sort: s}
	return p.ordered(stop)
}

// Resort returns the same data in another order, or nil when stop says so.
func (p *Prepared) Resort(s Sort, stop func() bool) *Prepared {
	q := &Prepared{rows: p.rows, Sort: s}
	return q.ordered(stop)
}

// Len is the number of rows.
func (p *Prepared) Len() int { return p.data.Len() }

// fieldsOf says to the filter language what the columns are.
func fieldsOf(cols []Column) []query.Field {
	out := make([]query.Field, len(cols))
	for i, c := range cols {
		f := query.Field{Key: c.Key, Kind: c.Kind, Ranks: c.Ranks, Ahead: c.Ahead}
		switch {
		case len(c.Ranks) > 0:
			f.Kind = query.Rank
		case c.Right && c.Kind == query.Text:
			f.Kind = query.Number
		}
		out[i] = f
	}
	return out
}

// stopEvery is the number of rows after which a long work asks whether it is still wanted.
const stopEvery = 1 << 12

func stopped(stop func() bool, i int) bool { return stop != nil && i%stopEvery == 0 && stop() }
