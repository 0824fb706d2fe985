package table

import (
	"math/bits"

	"nhitop/inventory"
)

// Move moves the cursor by n rows.
func (t *Table) Move(n int) {
	t.cursor += n
	t.clamp()
	t.remember()
}

// Page moves by n pages.
func (t *Table) Page(n int) { t.Move(n * max(1, t.height-2)) }

// Home goes to the first row.
func (t *Table) Home() { t.Move(-len(t.index)) }

// End goes to the last row.
func (t *Table) End() { t.Move(len(t.index)) }

func (t *Table) remember() { t.at, t.row = t.Cursor(), int32(t.Row()) }

func (t *Table) clamp() {
	t.cursor = max(0, min(t.cursor, len(t.index)-1))
	rows := max(1, t.height-1)
	if t.cursor < t.top {
		t.top = t.cursor
	}
	if t.cursor >= t.top+rows {
		t.top = t.cursor - rows + 1
	}
	t.top = max(0, min(t.top, max(0, len(t.index)-rows)))
}

// Point puts the cursor on a row that is shown, counted from the first one; ok is false where none is. again says that the
// cursor was there.
func (t *Table) Point(row int) (again, ok bool) {
	pos := t.top + row
	if row < 0 || row >= t.height-1 || pos >= len(t.index) {
		return false, false
	}
	again = pos == t.cursor
	t.Move(pos - t.cursor)
	return again, true
}

// each calls f for every row of a set.
func each(set []uint64, f func(row int32)) {
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			f(int32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}

func (t *Table) isMarked(row int32) bool { return t.marks[row>>6]>>(row&63)&1 == 1 }

func (t *Table) mark(row int32) {
	if !t.isMarked(row) {
		t.marks[row>>6] |= 1 << (row & 63)
		t.marked++
	}
}

// Toggle marks or unmarks the row under the cursor and moves on.
func (t *Table) Toggle() {
	row := int32(t.Row())
	if row < 0 {
		return
	}
	if t.isMarked(row) {
		t.marks[row>>6] &^= 1 << (row & 63)
		t.marked--
	} else {
		t.mark(row)
	}
	t.Move(1)
}

// Range starts a range at the cursor, or marks from its start to the cursor.
func (t *Table) Range() (started bool) {
	if t.anchor < 0 {
		t.anchor = t.cursor
		return true
	}
	from, to := min(t.anchor, t.cursor), max(t.anchor, t.cursor)
	for pos := from; pos <= to && pos < len(t.index); pos++ {
		t.mark(t.index[pos])
	}
	t.anchor = -1
	return false
}

// MarkAll marks every row shown, or takes all marks away when they all are.
func (t *Table) MarkAll() {
	if len(t.index) == 0 {
		return
	}
	before := t.marked
	for _, row := range t.index {
		t.mark(row)
	}
	if t.marked == before {
		t.Unmark()
	}
}

// Unmark takes all marks away and reports whether there were any.
func (t *Table) Unmark() bool {
	had := t.marked > 0 || t.anchor >= 0
	clear(t.marks)
	t.marked, t.anchor = 0, -1
	return had
}

// Marks is the number of marked rows; hidden ones count.
func (t *Table) Marks() int { return t.marked }

// Marked returns the marked ids in the order of the data; hidden ones count.
func (t *Table) Marked() []inventory.ID {
	if t.marked == 0 {
		return nil
	}
	ids := make([]inventory.ID, 0, t.marked)
	each(t.marks, func(row int32) { ids = append(ids, t.p.data.ID(int(row))) })
	return ids
}
