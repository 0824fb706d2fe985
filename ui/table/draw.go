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
			t.widths, t.widest = nil, nil
		}
		t.width, t.height = w, h
		t.clamp()
	}
	out := make([]string, 0, h)
	if t.p == nil || h <= 0 {
		return pad(out, h)
	}
	rows := max(0, h-1)
	t.layout()
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

func (t *Table) title() string {
	var b strings.Builder
	b.WriteString("  ")
	for _, c := range t.order {
		col, n := &t.cols[c], t.widths[c]
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
	marked := t.isMarked(i) || t.anchor >= 0 && pos >= min(t.anchor, t.cursor) && pos <= max(t.anchor, t.cursor)
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
	for _, c := range t.order {
		col, n := &t.cols[c], t.widths[c]
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
