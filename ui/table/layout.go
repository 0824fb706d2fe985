package table

import (
	"cmp"
	"slices"
)

// layout gives each column a width, 0 to those that are not shown. It depends on the data as a whole and on the width of
// the screen, not on the rows in sight, so that nothing jumps while one scrolls; and it only grows as data come in.
func (t *Table) layout() {
	if t.widths != nil {
		return
	}
	if t.widest == nil {
		t.widest = make([]int, len(t.cols))
	}
	for c, n := range t.p.widths {
		t.widest[c] = max(t.widest[c], n)
	}
	widths := make([]int, len(t.cols))
	room := t.width - lead + gap
	const scrap = 3 // cells that still tell something of what matters most
	for i, c := range t.byPriority() {
		full, good, least := t.wants(c)
		switch {
		case good+gap <= room:
			widths[c] = good
		case least+gap <= room:
			widths[c] = min(full, room-gap)
		case i == 0, t.cols[c].Priority == 1 && room > scrap:
			widths[c] = max(1, room-gap)
		default:
			continue
		}
		room -= widths[c] + gap
	}
	t.spread(widths, room)
	t.widths = widths
	t.forget()
}

// byPriority lists the columns that may be shown, the most important first. What the operator put in order gives way
// from its end.
func (t *Table) byPriority() []int {
	out := slices.Clone(t.order)
	if !t.chosen {
		slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(t.cols[a].Priority, t.cols[b].Priority) })
	}
	return out
}

// wants are the widths of a column that hold everything, that say enough, and below which it says nothing.
func (t *Table) wants(c int) (full, good, least int) {
	col := &t.cols[c]
	title := Width(col.Title)
	if t.p.Sort.Column == c {
		title++ // the arrow
	}
	full = t.widest[c]
	if col.Max > 0 {
		full = min(full, col.Max)
	}
	full = max(full, title)
	good = full
	if col.Good > 0 {
		good = max(title, min(full, col.Good))
	}
	return full, good, max(title, min(full, col.Min))
}

// spread gives the room that is left to the columns that could use it, the most important first, then to the one that
// grows.
func (t *Table) spread(widths []int, room int) {
	for _, c := range t.byPriority() {
		if widths[c] == 0 {
			continue
		}
		full, _, _ := t.wants(c)
		if n := min(room, full-widths[c]); n > 0 {
			widths[c] += n
			room -= n
		}
	}
	for _, c := range t.order {
		if t.cols[c].Grow && widths[c] > 0 && room > 0 {
			widths[c] += room
			return
		}
	}
}

// Choose shows these columns in this order; none means the table's own choice.
func (t *Table) Choose(cols []int) {
	t.chosen = len(cols) > 0
	t.order = slices.Clone(cols)
	if !t.chosen {
		t.order = t.own()
	}
	t.widths = nil
}

// Chosen returns the columns that may be shown, in their order, and whether the operator chose them.
func (t *Table) Chosen() ([]int, bool) { return slices.Clone(t.order), t.chosen }

// Shown are the columns that the screen has room for, in their order.
func (t *Table) Shown() []int {
	var out []int
	for _, c := range t.order {
		if t.widths == nil || t.widths[c] > 0 {
			out = append(out, c)
		}
	}
	return out
}

func (t *Table) own() []int {
	var out []int
	for c := range t.cols {
		if !t.cols[c].Off {
			out = append(out, c)
		}
	}
	return out
}
