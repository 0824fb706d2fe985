package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The panes beside or below a list: the few lines that somebody reads before deciding to open the record.

func assistantFoot(s *snap, a *inventory.Assistant, w int) []styledLine {
	head := strings.TrimSpace(a.Name + " " + a.Version)
	lines := []styledLine{
		{{Text: head, Style: theme.Bold}, {Text: " · " + ownerWords(s, a) + " · " + assistantCounts(s, a)}},
	}
	lines = append(lines, becauseAll(s, a.ID, w)...)
	lines = append(lines, paragraph(string(a.Autonomy)+": "+orUnknown(a.AutonomyReason), w)...)
	return append(lines, lampLine(s, a, w))
}

func orUnknown(s string) string {
	if s == "" {
		return "no setting says so"
	}
	return s
}

func ownerWords(s *snap, a *inventory.Assistant) string {
	if len(a.Owners) == 0 {
		return "no owner known"
	}
	o := s.Owner(a.Owners[0])
	if o == nil {
		return "no owner known"
	}
	if n := firstNote(o.Evidence); n != "" {
		return o.Name + " (" + n + ")"
	}
	return o.Name
}

// evidenceNotes lists what the evidence shows, each thing once.
func evidenceNotes(es []inventory.Evidence) string {
	var out []string
	seen := map[string]bool{}
	for _, e := range es {
		if e.Note != "" && !seen[e.Note] {
			seen[e.Note] = true
			out = append(out, e.Note)
		}
	}
	if len(out) > 3 {
		out = append(out[:3], fmt.Sprintf("+%d", len(out)-3))
	}
	return strings.Join(out, ", ")
}

// firstNote is the strongest sign alone.
func firstNote(es []inventory.Evidence) string {
	for _, e := range es {
		if e.Note != "" {
			return e.Note
		}
	}
	return ""
}

func assistantCounts(s *snap, a *inventory.Assistant) string {
	ambient := 0
	for _, id := range a.Secrets {
		if x := s.Secret(id); x != nil && x.Ambient {
			ambient++
		}
	}
	t := plural(len(a.Secrets), "secret")
	if ambient > 0 {
		t += fmt.Sprintf(", %d inherited", ambient)
	}
	return t + ", " + plural(len(a.Tools), "server")
}

// because says in three lines at most why the record's most urgent finding is what it is.
func because(s *snap, id inventory.ID, w int) []styledLine {
	out := becauseAll(s, id, w)
	if len(out) > 3 {
		last := out[2][0]
		out = append(out[:2:2], line(last.Style, table.Fit(last.Text+" "+ellipsis, w, false, false)))
	}
	return out
}

const ellipsis = "…"

func becauseAll(s *snap, id inventory.ID, w int) []styledLine {
	fs := s.FindingsOf(id)
	d := worst(fs)
	if d == "" {
		return []styledLine{line(theme.Dim, "no open finding")}
	}
	for _, f := range fs {
		if f.Decision == d && isOpen(f) {
			style := decisionCell(d).Style
			why := f.DecisionWhy
			if why == "" {
				why = f.Title
			}
			out := paragraph(why, w)
			for i := range out {
				out[i][0].Style = style
			}
			return out
		}
	}
	return nil
}

// lampLine is the three lamps and the cheapest one to cut, without the way to do it where that does not fit.
func lampLine(s *snap, a *inventory.Assistant, w int) styledLine {
	out, cut := lamps(s, a)
	if cut == "" {
		return out
	}
	cut = "   cheapest to cut: " + cut
	if table.Width(out.plain())+table.Width(cut) > w {
		cut, _, _ = strings.Cut(cut, " (")
	}
	return append(out, table.Cell{Text: cut, Style: theme.Dim})
}

// lampLines is the same with every word.
func lampLines(s *snap, a *inventory.Assistant, w int) []styledLine {
	out, cut := lamps(s, a)
	lines := []styledLine{out}
	if cut != "" {
		for _, l := range wrap("cheapest to cut: "+cut, w) {
			lines = append(lines, line(theme.Plain, l))
		}
	}
	return lines
}

func lamps(s *snap, a *inventory.Assistant) (styledLine, string) {
	l := risk.Lamps(s, a)
	return styledLine{{Text: "private data "}, lamp(l.Private), {Text: "  untrusted input "}, lamp(l.Untrusted), {Text: "  way out "}, lamp(l.WayOut)}, l.Cut
}

// lampsOf is the assistant whose lamps belong to a finding: the only one that it concerns.
func lampsOf(s *snap, f *inventory.Finding) *inventory.Assistant {
	if a := s.Assistant(f.Subject); a != nil {
		return a
	}
	if len(f.Assistants) == 1 {
		return s.Assistant(f.Assistants[0])
	}
	return nil
}

// lamp draws yes as a full sign, asks as a half one: readable without colour.
func lamp(a inventory.Answer) table.Cell {
	switch a {
	case inventory.Yes:
		return table.Cell{Text: "●", Style: theme.Alarm}
	case inventory.Asks:
		return table.Cell{Text: "◐", Style: theme.Warn}
	case inventory.No:
		return table.Cell{Text: "·", Style: theme.Good}
	}
	return table.Cell{Text: "?", Style: theme.Dim}
}

func paragraph(text string, w int) []styledLine {
	var out []styledLine
	for _, l := range wrap(text, w) {
		out = append(out, line(theme.Plain, l))
	}
	return out
}

func secretFoot(s *snap, x *inventory.Secret, w int) []styledLine {
	lines := []styledLine{{{Text: secretName(x), Style: theme.Bold}, {Text: " · " + secretFacts(x)}}}
	lines = append(lines, becauseAll(s, x.ID, w)...)
	for _, l := range x.Locations {
		lines = append(lines, styledLine{{Text: "in "}, {Text: place(l.Path, l.Line), Style: theme.Note}, {Text: "  " + locationFacts(l), Style: theme.Dim}})
	}
	return lines
}

func secretFacts(x *inventory.Secret) string {
	var parts []string
	add := func(label, v string) {
		if v != "" {
			parts = append(parts, label+v)
		}
	}
	add("", x.Issuer)
	add("of ", x.Account)
	add("", x.Storage)
	if x.Exposure != inventory.ExposureLocal && x.Exposure != inventory.ExposureNone {
		add("", x.Exposure)
	}
	if x.Ambient {
		add("", "inherited")
	}
	if x.Broad {
		add("", "cannot be narrowed")
	}
	add("expires ", day(x.Expires, x.LongLived))
	if x.Checksum == "bad" {
		add("", "checksum does not fit: perhaps not a real one")
	}
	return strings.Join(parts, ", ")
}

func locationFacts(l inventory.Location) string {
	var parts []string
	if l.Pointer != "" {
		parts = append(parts, l.Pointer)
	}
	if l.Mode != "" {
		parts = append(parts, "mode "+l.Mode)
	}
	switch l.Committed {
	case inventory.Yes:
		parts = append(parts, "committed to git")
	case inventory.No:
		parts = append(parts, "not in git")
	}
	if l.Backup {
		parts = append(parts, "a backup file")
	}
	if l.Note != "" {
		parts = append(parts, l.Note)
	}
	return strings.Join(parts, ", ")
}

func entitlementFoot(s *snap, e *grant, w int) []styledLine {
	lines := []styledLine{{{Text: string(e.Capability), Style: theme.Bold}, {Text: " of " + nameOf(s, e.Assistant)}}}
	lines = append(lines, proofPath(e.Path, w)...)
	if !e.Certain {
		lines = append(lines, paragraph("Possible by the kind of credential; what it really may do only its issuer knows.", w)...)
	}
	return lines
}

func proofPath(path []string, w int) []styledLine {
	var out []styledLine
	for i, p := range path {
		arrow := "→ "
		if i == 0 {
			arrow = "  "
		}
		for j, l := range wrap(p, w-4) {
			if j > 0 {
				arrow = "  "
			}
			out = append(out, line(theme.Plain, arrow+l))
		}
	}
	return out
}

func toolFoot(s *snap, t *inventory.Tool, w int) []styledLine {
	lines := []styledLine{{{Text: t.Name, Style: theme.Bold}, {Text: " of " + nameOf(s, t.Assistant)}}}
	lines = append(lines, paragraph(toolRuns(t), w)...)
	on := "off"
	if t.Enabled {
		on = "on"
	}
	if t.EnabledReason != "" {
		on += ": " + t.EnabledReason
	}
	lines = append(lines, paragraph(on, w)...)
	if t.PinReason != "" {
		lines = append(lines, paragraph("pinned "+string(t.Pinned)+": "+t.PinReason, w)...)
	}
	return append(lines, because(s, t.ID, w)...)
}

func findingFoot(s *snap, f *inventory.Finding, w int) []styledLine {
	lines := []styledLine{{decisionCell(f.Decision), {Text: " " + f.Title, Style: theme.Bold}, {Text: "  " + risk.Sum(f), Style: theme.Dim}}}
	if f.Detail != "" {
		lines = append(lines, paragraph(f.Detail, w)...)
	}
	lines = append(lines, paragraph(risk.Because(f), w)...)
	if next := risk.WouldChange(f); next != "" {
		lines = append(lines, paragraph("It becomes "+next, w)...)
	}
	if a := lampsOf(s, f); a != nil {
		lines = append(lines, lampLine(s, a, w))
	}
	fix := paragraph("Fix: "+f.Fix, w)
	return append(lines, fix...)
}

func sourceFoot(_ *snap, x *inventory.SourceStatus, w int) []styledLine {
	lines := []styledLine{{{Text: x.Name, Style: theme.Bold}, {Text: " "}, sourceState(x.Status), {Text: " " + x.Reason}}}
	n := map[string]int{}
	for _, l := range x.Ledger {
		n[l.State]++
	}
	var parts []string
	for _, state := range inventory.SortedKeys(n) {
		parts = append(parts, fmt.Sprintf("%s %d", state, n[state]))
	}
	lines = append(lines, paragraph("places: "+strings.Join(parts, ", "), w)...)
	var counts []string
	for _, k := range inventory.SortedKeys(x.Counts) {
		counts = append(counts, fmt.Sprintf("%s %d", k, x.Counts[k]))
	}
	if len(counts) > 0 {
		lines = append(lines, paragraph("found: "+strings.Join(counts, ", "), w)...)
	}
	return append(lines, line(theme.Dim, "enter shows each place that was looked at or could not be"))
}
