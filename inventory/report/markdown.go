package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

func (p *page) markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	for i, x := range p.blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch x := x.(type) {
		case heading:
			level := "## "
			if x.top {
				level = "# "
			}
			b.WriteString(level + prose(x.text) + "\n")
		case para:
			b.WriteString(joined(x.cells) + "\n")
		case pairs:
			for _, kv := range x {
				if kv[1].text != "" {
					fmt.Fprintf(b, "- %s: %s\n", prose(kv[0].text), marked(kv[1]))
				}
			}
		case items:
			markdownItems(b, x)
		case grid:
			markdownGrid(b, x)
		}
	}
	return b.Flush()
}

func markdownItems(b *bufio.Writer, is items) {
	for _, it := range is {
		lead := "- "
		if it.number > 0 {
			lead = fmt.Sprintf("%d. ", it.number)
		}
		b.WriteString(lead + joined(it.head) + "\n")
		for _, u := range it.under {
			if u.text != "" {
				b.WriteString(strings.Repeat(" ", len(lead)) + "- " + marked(u) + "\n")
			}
		}
	}
}

func markdownGrid(b *bufio.Writer, g grid) {
	b.WriteString("| " + strings.Join(g.heads, " | ") + " |\n|" + strings.Repeat(" --- |", len(g.heads)) + "\n")
	for _, r := range g.rows {
		b.WriteByte('|')
		for _, c := range r {
			b.WriteString(" " + strings.ReplaceAll(marked(c), "|", `\|`) + " |")
		}
		b.WriteByte('\n')
	}
}

func joined(cs []cell) string {
	var parts []string
	for _, c := range cs {
		if c.text != "" {
			parts = append(parts, marked(c))
		}
	}
	return strings.Join(parts, " ")
}

func marked(c cell) string {
	switch {
	case c.text == "":
		return ""
	case c.style == code || c.style == dim || c.style == verbatim:
		return span(c.text)
	case c.style == bad || c.style == strong:
		return "**" + prose(c.text) + "**"
	}
	return prose(c.text)
}

// span makes a code span that the text cannot end.
func span(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// prose escapes what markdown would take for markup or for a person to notify.
func prose(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '@' || r == '#':
			b.WriteRune(r)
			b.WriteRune(0x2060) // word joiner: it is no mention and no reference any more
			continue
		case strings.ContainsRune("\\`*_{}[]~", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
