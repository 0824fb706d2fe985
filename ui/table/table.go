// Package table is the one list of the screen: virtual, with rows known by id, filtered and sorted over an index, and
// drawn from plain text plus a style, so that a key costs the same with ten rows and with a million.
//
// Reading the data, sorting and long searches are methods of [Prepared], to be called on another goroutine; the [Table]
// takes their results. It is not a Bubble Tea model: views drive it. Only [Prepared] is safe for concurrent use.
package table

import (
	"slices"
	"sync/atomic"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/theme"
)

// Cell is plain text with a style.
type Cell struct {
	Text  string
	Style theme.Style
}

// Column describes one column.
type Column struct {
	Key      string // for filters and sorting: owner
	Title    string
	Min, Max int        // cells; Max 0 means up to what there is
	Good     int        // cells that say enough, before less important columns are shown; 0 means Max
	Priority int        // 1 stays longest when the screen is narrow
	Off      bool       // not shown until it is chosen; it can be filtered and sorted by all the same
	Right    bool       // numbers
	Tail     bool       // cut at the start: paths
	Grow     bool       // takes the room that is left
	Kind     query.Kind // of its values; ranks and what stands at the right are known by that
	Ahead    bool       // dates to come
	List     bool       // texts apart by ", ", each of which is offered for a filter
	Ranks    []string   // values in increasing order, for >= and sorting
	Desc     bool       // sorts downwards first
}

// Data is what a table shows. Rows are addressed by position; the position of an id may change with the data. It does not
// change once it was given to [Prepare].
type Data interface {
	Len() int
	ID(i int) inventory.ID
	Cell(i, col int) Cell
}

// Table is the state of one list.
type Table struct {
	cols   []Column
	fields []query.Field
	theme  *theme.Theme
	p      *Prepared
	query  query.Query
	found  *Found       // the whole result of query; nil while it is not known, or without a filter
	search *atomic.Bool // stops the search that goes on elsewhere; nil when none does
	index  []int32      // rows shown; it may be that of p or of found, and is never written to
	cursor int          // position in index
	top    int
	at     inventory.ID // row under the cursor
	row    int32        // its position in the data, -1 unknown
	marks  []uint64     // a bit a row
	marked int
	anchor int   // start of a range, -1 none
	order  []int // columns that may be shown
	chosen bool  // by the operator
	widths []int // nil: to be worked out
	widest []int // of each column since the screen has had its width
	width  int
	height int
	lines  map[int32]string
}

// New returns an empty table.
func New(cols []Column, t *theme.Theme) *Table {
	tb := &Table{cols: cols, fields: fieldsOf(cols), theme: t, anchor: -1, row: -1, lines: map[int32]string{}}
	tb.order = tb.own()
	return tb
}

// Columns returns the columns.
func (t *Table) Columns() []Column { return t.cols }

// Fields returns what a filter can be about, in the order of the columns.
func (t *Table) Fields() []query.Field { return t.fields }

// Parse reads a filter for the columns.
func (t *Table) Parse(text string, now time.Time) (query.Query, error) {
	return query.Parse(text, t.fields, now)
}

// Show takes prepared data and keeps cursor and marks by id. Where the row under the cursor is gone, the cursor stays at
// its place. f is what the filter in force found in it, if that is known; else the search begins here, and the function that
// comes back ends it: see [Table.SetFilter].
func (t *Table) Show(p *Prepared, f *Found) (more func() *Found) {
	old := t.p
	t.p = p
	if old == nil || old.rows != p.rows {
		t.widths = nil
		t.row = p.ids.find(p.data, t.at)
		t.carry(old)
	} else if old.Sort.Column != p.Sort.Column {
		t.widths = nil // the arrow stands elsewhere
	}
	if f != nil && f.p == p && f.text == t.query.Text {
		t.halt()
		t.take(f)
		return nil
	}
	t.found = nil
	return t.SetFilter(t.query)
}

// carry takes the marks over to new data, by id.
func (t *Table) carry(old *Prepared) {
	marks := make([]uint64, (t.p.data.Len()+63)/64)
	n := 0
	if t.marked > 0 {
		each(t.marks, func(row int32) {
			if now := t.p.ids.find(t.p.data, old.data.ID(int(row))); now >= 0 {
				marks[now>>6] |= 1 << (now & 63)
				n++
			}
		})
	}
	t.marks, t.marked = marks, n
}

// Ready reports whether the table was given data at all.
func (t *Table) Ready() bool { return t.p != nil }

// SetFilter shows only the rows that match. With many rows it shows what the first of them have, and returns the function
// that looks through the rest, to be called on another goroutine; [Table.Take] takes what it returns. Another filter, or other
// data, stops it.
func (t *Table) SetFilter(q query.Query) (more func() *Found) {
	t.halt()
	t.query = q
	if t.p == nil {
		return nil
	}
	if len(q.Terms) == 0 {
		t.found = nil
		t.put(t.p.base)
		return nil
	}
	s := t.p.scan(q, t.found)
	s.run(s.slice())
	if s.done() {
		t.take(s.found())
		return nil
	}
	stop := &atomic.Bool{}
	t.search = stop
	t.put(s.index)
	return func() *Found { return s.all(stop.Load) }
}

// Take shows what a search found, if that is still what is asked for.
func (t *Table) Take(f *Found) {
	if f != nil && f.p == t.p && f.text == t.query.Text && t.search != nil {
		t.halt()
		t.take(f)
	}
}

// Searching reports whether the rows shown are only the first that match.
func (t *Table) Searching() bool { return t.search != nil }

func (t *Table) halt() {
	if t.search != nil {
		t.search.Store(true)
		t.search = nil
	}
}

func (t *Table) take(f *Found) {
	t.found = f
	t.put(f.index)
}

// put shows rows and finds the cursor's again. While a search goes on the cursor's own row may yet come.
func (t *Table) put(index []int32) {
	t.index, t.anchor = index, -1
	t.forget()
	if pos := slices.Index(index, t.row); pos >= 0 && t.row >= 0 {
		t.cursor = pos
		t.clamp()
		return
	}
	t.clamp()
	if t.search == nil {
		t.remember()
	}
}

func (t *Table) forget() { clear(t.lines) }

// Filter returns the filter in force.
func (t *Table) Filter() query.Query { return t.query }

// Found returns the whole of what the filter in force shows, nil without one or while the search goes on.
func (t *Table) Found() *Found {
	if t.search != nil {
		return nil
	}
	return t.found
}

// Rows are the positions in the data of the rows shown, in their order. They are not to be changed.
func (t *Table) Rows() []int32 { return t.index }

// Len is the number of rows shown.
func (t *Table) Len() int { return len(t.index) }

// Total is the number of rows before the filter.
func (t *Table) Total() int {
	if t.p == nil {
		return 0
	}
	return t.p.data.Len()
}

// SortedBy returns the order in force.
func (t *Table) SortedBy() Sort {
	if t.p == nil {
		return Sort{Column: -1}
	}
	return t.p.Sort
}

// Prepared returns the data in force.
func (t *Table) Prepared() *Prepared { return t.p }

// Cursor returns the id of the row under the cursor, "" if there is none.
func (t *Table) Cursor() inventory.ID {
	if row := t.Row(); row >= 0 {
		return t.p.data.ID(row)
	}
	return ""
}

// Row returns the data's position of the row under the cursor, -1 if there is none.
func (t *Table) Row() int {
	if t.p == nil || t.cursor < 0 || t.cursor >= len(t.index) {
		return -1
	}
	return int(t.index[t.cursor])
}

// Go puts the cursor on a row, if it is shown.
func (t *Table) Go(id inventory.ID) bool {
	if t.p == nil {
		return false
	}
	row := t.p.ids.find(t.p.data, id)
	pos := slices.Index(t.index, row)
	if row < 0 || pos < 0 {
		return false
	}
	t.cursor = pos
	t.clamp()
	t.remember()
	return true
}
