package table

import "nhitop/inventory"

// Move moves the cursor by n rows.
func (t *Table) Move(n int) {
	t.cursor += n
	t.clamp()
	t.remember()
}

// Page moves by n pages.
func (t *Table) Page(n int) { t.Move(n * max(1, t.height-2)) }

// Home and End go to the first and the last row.
func (t *Table) Home() { t.Move(-len(t.index)) }

// End goes to the last row.
func (t *Table) End() { t.Move(len(t.index)) }

func (t *Table) remember() {
	t.at, t.row = t.Cursor(), -1
	if t.at != "" {
		t.row = t.index[t.cursor]
	}
}

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

// Toggle marks or unmarks the row under the cursor and moves on.
func (t *Table) Toggle() {
	if id := t.Cursor(); id != "" {
		if t.marks[id] {
			delete(t.marks, id)
		} else {
			t.marks[id] = true
		}
		t.Move(1)
	}
}

// Range starts a range at the cursor, or marks from its start to the cursor.
func (t *Table) Range() (started bool) {
	if t.anchor < 0 {
		t.anchor = t.cursor
		return true
	}
	from, to := min(t.anchor, t.cursor), max(t.anchor, t.cursor)
	for pos := from; pos <= to && pos < len(t.index); pos++ {
		t.marks[t.p.data.ID(int(t.index[pos]))] = true
	}
	t.anchor = -1
	return false
}

// MarkAll marks every row shown, or takes all marks away when they all are.
func (t *Table) MarkAll() {
	all := len(t.index) > 0
	for _, i := range t.index {
		all = all && t.marks[t.p.data.ID(int(i))]
	}
	if all {
		t.Unmark()
		return
	}
	for _, i := range t.index {
		t.marks[t.p.data.ID(int(i))] = true
	}
}

// Unmark takes all marks away and reports whether there were any.
func (t *Table) Unmark() bool {
	had := len(t.marks) > 0 || t.anchor >= 0
	clear(t.marks)
	t.anchor = -1
	return had
}

// Marked returns the marked ids in the order of the rows; hidden marked rows count.
func (t *Table) Marked() []inventory.ID {
	if t.p == nil || len(t.marks) == 0 {
		return nil
	}
	var ids []inventory.ID
	for _, i := range t.p.base {
		if id := t.p.data.ID(int(i)); t.marks[id] {
			ids = append(ids, id)
		}
	}
	return ids
}
