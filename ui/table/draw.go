package table

import (
	"strings"

	"nhitop/ui/theme"
)

const (
	gap       = 1 // cells between columns
	lead      = 2 // the cursor's sign and the mark
	cacheRows = 4096
)

// Lines draws the title line and the rows into exactly h lines of at most w cells.
func (t *Table) Lines(w, h int) []string {
	if w != t.width || h != t.height {
		if w != t.width {
			t.widths = nil
		}
		t.width, t.height = w, h
		t.clamp()
	}
	out := make([]string, 0, h)
	if t.p == nil || h <= 0 {
		return pad(out, h)
	}
	rows := max(0, h-1)
	t.layout(rows)
	out = append(out, t.title())
	for pos := t.top; pos < len(t.index) && pos < t.top+rows; pos++ {
		out = append(out, t.line(pos))
	}
	return pad(out, h)
}

func pad(lines []string, h int) []string {
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:max(0, h)]
}

// layout gives each column a width. Widths only grow while the data and the screen stay the same, so that nothing jumps.
func (t *Table) layout(rows int) {
	fresh := t.widths == nil
	if fresh {
		t.widths = make([]int, len(t.cols))
	}
	want := make([]int, len(t.cols))
	for c, col := range t.cols {
		want[c] = max(t.least(c), t.widths[c])
		for pos := t.top; pos < len(t.index) && pos < t.top+rows; pos++ {
			if n := Width(t.p.data.Cell(int(t.index[pos]), c).Text); n > want[c] {
				want[c] = n
			}
		}
		if col.Max > 0 {
			want[c] = min(want[c], max(col.Max, t.least(c)))
		}
	}
	t.shrink(want)
	for c := range want {
		if want[c] != t.widths[c] {
			t.widths = want
			t.forget()
			return
		}
	}
}

// shrink makes the columns fit: first the widest ones give, down to their minimum, then the least important go.
func (t *Table) shrink(want []int) {
	room := t.width - lead
	for {
		total, shown := 0, 0
		for _, n := range want {
			if n > 0 {
				total += n + gap
				shown++
			}
		}
		over := total - gap - room
		if over <= 0 {
			t.grow(want, -over)
			return
		}
		widest, least := -1, -1
		for c, n := range want {
			if n == 0 {
				continue
			}
			if n > t.least(c) && (widest < 0 || n-t.least(c) > want[widest]-t.least(widest)) {
				widest = c
			}
			if least < 0 || t.cols[c].Priority >= t.cols[least].Priority {
				least = c
			}
		}
		spare := 0
		for c, n := range want {
			if n > 0 {
				spare += max(0, n-t.least(c))
			}
		}
		switch {
		case widest >= 0 && spare >= over:
			want[widest]--
		case shown > 1:
			want[least] = 0
		default:
			want[least] = max(1, room)
			return
		}
	}
}

// least is the width below which a column says nothing any more.
func (t *Table) least(c int) int {
	n := Width(t.cols[c].Title)
	if t.p.Sort.Column == c {
		n++ // the arrow
	}
	return max(t.cols[c].Min, n)
}

func (t *Table) grow(want []int, room int) {
	for c, col := range t.cols {
		if col.Grow && want[c] > 0 {
			want[c] += room
			return
		}
	}
}

func (t *Table) title() string {
	var b strings.Builder
	b.WriteString("  ")
	for c, col := range t.cols {
		n := t.widths[c]
		if n == 0 {
			continue
		}
		name := col.Title
		if t.p.Sort.Column == c {
			arrow := "↑"
			if t.p.Sort.Desc {
				arrow = "↓"
			}
			name += arrow
		}
		t.theme.Write(&b, theme.Head, Fit(name, n, false, col.Right))
		b.WriteByte(' ')
	}
	return strings.TrimRight(b.String(), " ")
}

func (t *Table) line(pos int) string {
	i := t.index[pos]
	id := t.p.data.ID(int(i))
	marked := t.marks[id] || t.anchor >= 0 && pos >= min(t.anchor, t.cursor) && pos <= max(t.anchor, t.cursor)
	if pos != t.cursor && !marked {
		if s, ok := t.lines[i]; ok {
			return s
		}
		if len(t.lines) > cacheRows {
			clear(t.lines)
		}
		s := t.draw(int(i), "  ", true)
		t.lines[i] = s
		return s
	}
	sign := "  "
	switch {
	case pos == t.cursor && marked:
		sign = ">*"
	case pos == t.cursor:
		sign = "> "
	case marked:
		sign = " *"
	}
	plain := t.draw(int(i), sign, false)
	if pos == t.cursor {
		return t.theme.Paint(theme.Cursor, Fit(plain, t.width, false, false))
	}
	return t.theme.Paint(theme.Mark, plain)
}

func (t *Table) draw(i int, sign string, styled bool) string {
	var b strings.Builder
	b.Grow(t.width + 64)
	b.WriteString(sign)
	first := true
	for c, col := range t.cols {
		n := t.widths[c]
		if n == 0 {
			continue
		}
		if !first {
			b.WriteByte(' ')
		}
		first = false
		cell := t.p.data.Cell(i, c)
		text := Fit(cell.Text, n, col.Tail, col.Right)
		if styled && cell.Style != theme.Plain {
			t.theme.Write(&b, cell.Style, text)
		} else {
			b.WriteString(text)
		}
	}
	return b.String()
}
