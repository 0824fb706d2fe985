package ui

import (
	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The panes below a list on a small screen: six lines, in which each thing that decides has its own.

// most cuts a paragraph to a number of lines.
func most(n int, lines []styledLine, w int) []styledLine {
	if len(lines) <= n {
		return lines
	}
	last := lines[n-1][0]
	text := last.Text + " " + ellipsis
	if table.Width(text) > w {
		text = table.Fit(last.Text+" and more", w, false, false) // cut, which says that there is more
	}
	return append(lines[:n-1:n-1], line(last.Style, text))
}

// urgent is the open finding that decides what a record is, or nil.
func urgent(s *snap, id inventory.ID) *inventory.Finding {
	fs := s.FindingsOf(id)
	d := worst(fs)
	for _, f := range fs {
		if f.Decision == d && isOpen(f) {
			return f
		}
	}
	return nil
}

// decides says why a finding's decision is what it is, what would change it, and the sum of its score, in four lines at most.
func decides(f *inventory.Finding, w int) []styledLine {
	if f == nil {
		return []styledLine{line(theme.Dim, "no open finding")}
	}
	why := risk.Because(f)
	if why == "" {
		why = f.Title
	}
	lines := most(2, paragraph(why, w), w)
	for i := range lines {
		lines[i][0].Style = decisionCell(f.Decision).Style
	}
	if next := risk.WouldChange(f); next != "" {
		lines = append(lines, most(1, paragraph("It becomes "+next, w), w)...)
	}
	return lines
}

func assistantBrief(s *snap, a *inventory.Assistant, w int) []styledLine {
	full := assistantFoot(s, a, w)
	f := urgent(s, a.ID)
	lines := append([]styledLine{full[0]}, decides(f, w)...)
	lines = append(lines, lampLine(s, a, w))
	if f != nil {
		lines = append(lines, scoreLine(f))
	}
	return append(lines, most(1, paragraph(string(a.Autonomy)+": "+orUnknown(a.AutonomyReason), w), w)...)
}

func scoreLine(f *inventory.Finding) styledLine {
	return styledLine{{Text: f.Rule + "  ", Style: theme.Dim}, {Text: risk.Sum(f)}}
}

func secretBrief(s *snap, x *inventory.Secret, w int) []styledLine {
	f := urgent(s, x.ID)
	lines := append([]styledLine{{{Text: secretName(x), Style: theme.Bold}, {Text: " · " + secretFacts(x)}}}, decides(f, w)...)
	if f != nil {
		lines = append(lines, scoreLine(f))
	}
	for _, l := range x.Locations {
		lines = append(lines, styledLine{{Text: "in "}, {Text: place(l.Path, l.Line), Style: theme.Note}, {Text: "  " + locationFacts(l), Style: theme.Dim}})
	}
	return lines
}

func findingBrief(s *snap, f *inventory.Finding, w int) []styledLine {
	one := func(text string) []styledLine { return most(1, paragraph(text, w), w) }
	lines := []styledLine{{queueCell(f), {Text: " " + f.Title, Style: theme.Bold}}}
	lines = append(lines, one(f.Detail)...)
	why := decides(f, w)
	lines = append(lines, most(1, why, w)...)
	if next := risk.WouldChange(f); next != "" {
		lines = append(lines, one("It becomes "+next)...)
	}
	lines = append(lines, one("Fix: "+f.Fix)...)
	return append(lines, line(theme.Plain, risk.Sum(f)))
}
