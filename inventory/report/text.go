package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// cells measures as a terminal draws, whatever the locale of the process.
var cells = &runewidth.Condition{}

var ansi = map[style]string{bad: "\x1b[1;31m", warn: "\x1b[33m", good: "\x1b[32m", dim: "\x1b[2m", strong: "\x1b[1m"}

// drawer draws a page as plain text.
type drawer struct {
	w *bufio.Writer
	o Options
}

func (p *page) text(w io.Writer, o Options) error {
	d := &drawer{bufio.NewWriter(w), o}
	for i, b := range p.blocks {
		if h, ok := b.(heading); ok && i > 0 && !h.top {
			d.line("")
		}
		switch b := b.(type) {
		case heading:
			d.line(d.paint(cell{b.text, strong}, b.text))
		case para:
			d.wrapped("", "", b.cells)
		case pairs:
			d.pairs(b)
		case items:
			d.items(b)
		case grid:
			d.grid(b)
		}
	}
	return d.w.Flush()
}

func (d *drawer) line(s string) {
	d.w.WriteString(strings.TrimRight(s, " "))
	d.w.WriteByte('\n')
}

// paint puts the style of c around text, which is c's text cut or padded.
func (d *drawer) paint(c cell, text string) string {
	if code := ansi[c.style]; d.o.Color && code != "" && text != "" {
		return code + text + "\x1b[0m"
	}
	return text
}

// wrapped draws cells one after the other, two blanks apart, broken at blanks where the width ends.
func (d *drawer) wrapped(first, next string, cs []cell) {
	line, used := first, cells.StringWidth(first)
	blank := true
	for i, c := range cs {
		if i > 0 && !blank {
			line, used = line+" ", used+1
		}
		for word := range strings.FieldsSeq(c.text) {
			n := cells.StringWidth(word)
			if !blank && d.o.Width > 0 && used+1+n > d.o.Width {
				d.line(line)
				line, used, blank = next, cells.StringWidth(next), true
			}
			if !blank {
				line, used = line+" ", used+1
			}
			line, used, blank = line+d.paint(c, word), used+n, false
		}
	}
	d.line(line)
}

func (d *drawer) pairs(ps pairs) {
	w := 0
	for _, p := range ps {
		w = max(w, cells.StringWidth(p[0].text))
	}
	for _, p := range ps {
		if p[1].text != "" {
			d.wrapped("  "+cells.FillRight(p[0].text, w)+"  ", strings.Repeat(" ", w+4), []cell{p[1]})
		}
	}
}

func (d *drawer) items(is items) {
	for _, it := range is {
		lead := "  - "
		if it.number > 0 {
			lead = fmt.Sprintf("%3d ", it.number)
		}
		d.wrapped(lead, "    ", it.head)
		for _, u := range it.under {
			if u.style == verbatim {
				d.line("      " + u.text)
			} else if u.text != "" {
				d.wrapped("    ", "    ", []cell{u})
			}
		}
	}
}

func (d *drawer) grid(g grid) {
	widths := make([]int, len(g.heads))
	for i, h := range g.heads {
		widths[i] = cells.StringWidth(h)
	}
	for _, r := range g.rows {
		for i, c := range r {
			widths[i] = max(widths[i], cells.StringWidth(c.text))
		}
	}
	if d.o.Width > 0 {
		fit(widths, g, d.o.Width)
	}
	heads := make([]cell, len(g.heads))
	for i, h := range g.heads {
		heads[i] = cell{h, dim}
	}
	d.row(heads, widths)
	for _, r := range g.rows {
		d.row(r, widths)
	}
}

const (
	gone      = -1 // the width of a column that is left out
	minColumn = 12 // of a column that is cut
)

// fit makes the columns fit into a width, as far as they can: cut a little, leave out, cut more.
func fit(widths []int, g grid, width int) {
	over := func() int {
		sum := 0 // each column has two blanks before it
		for _, w := range widths {
			if w != gone {
				sum += w + 2
			}
		}
		return sum - width
	}
	cut := func(limit int) {
		for _, i := range g.give {
			if n := min(over(), widths[i]-limit); n > 0 {
				widths[i] -= n
			}
		}
	}
	cut(2 * minColumn)
	for _, i := range g.drop {
		if over() > 0 {
			widths[i] = gone
		}
	}
	cut(minColumn)
	for _, i := range g.give { // what was left out may leave room
		if room := -over(); room > 0 && widths[i] != gone {
			widths[i] += min(room, g.widest(i)-widths[i])
		}
	}
}

func (g grid) widest(column int) int {
	w := cells.StringWidth(g.heads[column])
	for _, r := range g.rows {
		w = max(w, cells.StringWidth(r[column].text))
	}
	return w
}

func (d *drawer) row(r []cell, widths []int) {
	var b strings.Builder
	for i, c := range r {
		if widths[i] == gone {
			continue
		}
		text := cells.Truncate(c.text, widths[i], "…")
		b.WriteString("  " + d.paint(c, text) + strings.Repeat(" ", max(0, widths[i]-cells.StringWidth(text))))
	}
	d.line(b.String())
}
