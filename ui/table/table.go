// Package table is the one list of the screen: virtual, with rows known by id, filtered and sorted over an index, and
// drawn from plain text plus a style, so that a key costs the same with ten rows and with a million.
//
// It is not a Bubble Tea model: views drive it. It is not safe for concurrent use, except for [Prepare].
package table

import (
	"slices"
	"strings"

	"nhitop/inventory"
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
	Min, Max int      // cells; Max 0 means up to what there is
	Good     int      // cells that say enough, before less important columns are shown; 0 means Max
	Priority int      // 1 stays longest when the screen is narrow
	Off      bool     // not shown until it is chosen; it can be filtered and sorted by all the same
	Right    bool     // numbers
	Tail     bool     // cut at the start: paths
	Grow     bool     // takes the room that is left
	Ranks    []string // values in increasing order, for >= and sorting
	Desc     bool     // sorts downwards first
}

// Data is what a table shows. Rows are addressed by position; the position of an id may change with the data.
type Data interface {
	Len() int
	ID(i int) inventory.ID
	Cell(i, col int) Cell
}

// Table is the state of one list.
type Table struct {
	cols   []Column
	theme  *theme.Theme
	p      *Prepared
	filter Filter
	index  []int32 // visible rows
	cursor int     // position in index
	top    int
	at     inventory.ID // row under the cursor
	row    int32        // its position in the data, -1 unknown
	marks  map[inventory.ID]bool
	anchor int   // start of a range, -1 none
	order  []int // columns that may be shown
	chosen bool  // by the operator
	widths []int // nil: to be worked out
	width  int
	height int
	lines  map[int32]string
}

// New returns an empty table.
func New(cols []Column, t *theme.Theme) *Table {
	tb := &Table{cols: cols, theme: t, marks: map[inventory.ID]bool{}, anchor: -1, lines: map[int32]string{}}
	tb.order = tb.own()
	return tb
}

// Columns returns the columns.
func (t *Table) Columns() []Column { return t.cols }

// Show takes prepared data and keeps cursor and marks by id. Where the row under the cursor is gone, the cursor stays at
// its place.
func (t *Table) Show(p *Prepared) {
	t.p = p
	t.row = -1
	t.widths = nil
	t.reindex()
	if len(t.marks) == 0 {
		return
	}
	kept := map[inventory.ID]bool{}
	for i := range p.data.Len() {
		if id := p.data.ID(i); t.marks[id] {
			kept[id] = true
		}
	}
	t.marks = kept
}

// Ready reports whether the table was given data at all.
func (t *Table) Ready() bool { return t.p != nil }

// SetFilter shows only the rows that match.
func (t *Table) SetFilter(f Filter) {
	t.filter = f
	t.reindex()
}

// Filter returns the filter in force.
func (t *Table) Filter() Filter { return t.filter }

func (t *Table) reindex() {
	t.forget()
	t.anchor = -1
	if t.p == nil {
		return
	}
	t.index = t.index[:0]
	switch word, simple := t.filter.word(); {
	case len(t.filter.terms) == 0:
		t.index = append(t.index, t.p.base...)
	case simple:
		for _, i := range t.p.base {
			if strings.Contains(t.p.hay[i], word) {
				t.index = append(t.index, i)
			}
		}
	default:
		for _, i := range t.p.base {
			if t.filter.match(t.p.data, t.cols, int(i), t.p.hay[i]) {
				t.index = append(t.index, i)
			}
		}
	}
	if t.at != "" && t.row < 0 {
		for i := range int32(t.p.data.Len()) {
			if t.p.data.ID(int(i)) == t.at {
				t.row = i
				break
			}
		}
	}
	if pos := slices.Index(t.index, t.row); pos >= 0 {
		t.cursor = pos
		t.clamp()
		return
	}
	t.clamp()
	t.remember()
}

func (t *Table) forget() { clear(t.lines) }

// Len is the number of rows shown, Total that of all.
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
	if t.p == nil || t.cursor < 0 || t.cursor >= len(t.index) {
		return ""
	}
	return t.p.data.ID(int(t.index[t.cursor]))
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
	for pos, i := range t.index {
		if t.p.data.ID(int(i)) == id {
			t.cursor = pos
			t.clamp()
			t.remember()
			return true
		}
	}
	return false
}
