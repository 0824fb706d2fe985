package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// styledLine is a line of plain text pieces, each with a style.
type styledLine []table.Cell

func line(s theme.Style, text string) styledLine { return styledLine{{Text: text, Style: s}} }

func linef(s theme.Style, format string, args ...any) styledLine {
	return line(s, fmt.Sprintf(format, args...))
}

func (l styledLine) plain() string {
	var b strings.Builder
	for _, c := range l {
		b.WriteString(c.Text)
	}
	return b.String()
}

// draw paints the line into at most w cells.
func (l styledLine) draw(th *theme.Theme, w int) string {
	var b strings.Builder
	for _, c := range l {
		n := table.Width(c.Text)
		if n > w {
			th.Write(&b, c.Style, table.Fit(c.Text, w, false, false))
			return b.String()
		}
		th.Write(&b, c.Style, c.Text)
		w -= n
	}
	return b.String()
}

// wrapAll breaks the lines that are wider than w, at blanks where there are any: beside a list there is height to spare.
func wrapAll(lines []styledLine, w int) []styledLine {
	var out []styledLine
	for _, l := range lines {
		if table.Width(l.plain()) <= w {
			out = append(out, l)
			continue
		}
		var cur styledLine
		used := 0
		for _, c := range l {
			for _, word := range strings.SplitAfter(c.Text, " ") {
				n := table.Width(strings.TrimRight(word, " "))
				if used > 0 && used+n > w {
					out, cur, used = append(out, cur), nil, 0
				}
				if used == 0 {
					word = strings.TrimLeft(word, " ")
				}
				if word != "" {
					cur, used = append(cur, table.Cell{Text: word, Style: c.Style}), used+table.Width(word)
				}
			}
		}
		if cur != nil {
			out = append(out, cur)
		}
	}
	return out
}

func drawStyled(th *theme.Theme, lines []styledLine, w, h int) []string {
	out := make([]string, 0, h)
	for _, l := range lines {
		if len(out) == h {
			break
		}
		out = append(out, l.draw(th, w))
	}
	return fillTo(out, h)
}

func fillTo(lines []string, h int) []string {
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:max(0, h)]
}

// fitStyled pads or cuts painted text to w cells.
func fitStyled(s string, w int) string {
	n := ansi.StringWidth(s)
	if n > w {
		return ansi.Truncate(s, w, "")
	}
	return s + strings.Repeat(" ", w-n)
}

// wrap breaks plain text into lines of at most w cells, at blanks where there are any.
func wrap(text string, w int) []string {
	if w < 4 {
		w = 4
	}
	var out []string
	cur := ""
	for _, word := range strings.Fields(text) {
		for table.Width(word) > w {
			if cur != "" {
				out = append(out, cur)
				cur = ""
			}
			head := ansi.Truncate(word, w, "")
			if head == "" {
				break
			}
			out = append(out, head)
			word = word[len(head):]
		}
		switch {
		case cur == "":
			cur = word
		case table.Width(cur)+1+table.Width(word) <= w:
			cur += " " + word
		default:
			out = append(out, cur)
			cur = word
		}
	}
	if cur != "" {
		out = append(out, cur)
	}
	return out
}

// age says how long ago t was, in the coarsest unit that is still true.
func age(now, t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return span(now.Sub(t))
}

func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

func clock(d time.Duration) string {
	d = max(0, d)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	switch {
	case strings.HasSuffix(one, "y") && !strings.HasSuffix(one, "ay"):
		one = strings.TrimSuffix(one, "y") + "ie"
	case strings.HasSuffix(one, "x"), strings.HasSuffix(one, "s"):
		one += "e"
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// bar draws part of whole in w cells; text says the same beside it.
func bar(th *theme.Theme, part, whole, w int) string {
	if whole <= 0 {
		return strings.Repeat("·", w)
	}
	steps := th.Steps()
	n := part * w / whole
	return strings.Repeat(string(steps[len(steps)-2]), n) + strings.Repeat(string(steps[0]), w-n)
}
