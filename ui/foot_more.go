package ui

import (
	"fmt"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/change"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The panes of the lists whose rows are sentences: the sentence in full.

func ownerFoot(s *snap, o *inventory.Owner, w int) []styledLine {
	head := styledLine{{Text: o.Name, Style: theme.Bold}, {Text: " · " + joined(", ", o.Kind, o.Email)}}
	if o.Status == "departed" {
		head = append(head, table.Cell{Text: "  HAS LEFT", Style: theme.Alarm})
	}
	lines := []styledLine{head}
	lines = append(lines, paragraph("known by: "+orNobody(joined(", ", evidenceNotes(o.Evidence))), w)...)
	as := s.AssistantsOf(o.ID)
	if len(as) == 0 {
		return append(lines, line(theme.Dim, "answers for no assistant that was read"))
	}
	for _, a := range as {
		d := decisionCell(worst(s.FindingsOf(a.ID)))
		d.Text = table.Fit(d.Text, 8, false, false)
		lines = append(lines, styledLine{d, {Text: joined(" · ", short(a), where(a)), Style: theme.Note}, {Text: "  "}, autonomyCell(a.Autonomy)})
	}
	return lines
}

func issueFoot(s *snap, i *inventory.Issue, w int) []styledLine {
	lines := []styledLine{{decisionCell(i.Decision), {Text: " " + i.Title, Style: theme.Bold}}}
	if at := fixWhere(s, i); at != "" {
		lines = append(lines, paragraph("where: "+at, w)...)
	}
	lines = append(lines, paragraph("why: "+fixWhy(s, i), w)...)
	return append(lines, paragraph("do: "+i.Change, w)...)
}

func ledgerFoot(_ *snap, x *ledgerRow, w int) []styledLine {
	lines := []styledLine{{ledgerCell(x.State), {Text: " by " + x.source}}}
	lines = append(lines, paragraph(place(x.Path, x.Line), w)...)
	if x.Reason != "" {
		lines = append(lines, paragraph("why: "+x.Reason, w)...)
	}
	if x.Assistant != "" {
		lines = append(lines, line(theme.Dim, "for "+x.Assistant))
	}
	return lines
}

func ledgerCell(state string) table.Cell {
	if state == inventory.LookedRead {
		return dim(state)
	}
	return table.Cell{Text: state, Style: theme.Warn}
}

func changeFoot(_ *snap, c *change.Change, w int) []styledLine {
	lines := []styledLine{{changeCell(c.Kind), {Text: " " + c.Noun + " "}, {Text: c.Name, Style: theme.Bold}}}
	if c.What != "" {
		lines = append(lines, paragraph(c.What, w)...)
	}
	return append(lines, line(theme.Dim, joined(" by ", "seen "+stamp(c.At), c.By)))
}

func runFoot(x *extras) func(*snap, *revoke.Run, int) []styledLine {
	return func(_ *snap, r *revoke.Run, w int) []styledLine { return x.runLines(r, w) }
}

func (x *extras) runLines(r *revoke.Run, w int) []styledLine {
	took := ""
	if !r.Ended.IsZero() {
		took = "took " + span(r.Ended.Sub(r.Started))
	}
	lines := []styledLine{{x.state(r), {Text: " " + joined(" · ", "run "+r.ID, "by "+r.By, stamp(r.Started), took)}}}
	if x.unended(r) {
		lines = append(lines, x.standing(r, w)[:1]...)
	}
	if r.Reason != "" {
		lines = append(lines, paragraph("reason: "+r.Reason, w)...)
	}
	for i, st := range r.Steps {
		proof := table.Cell{Text: gradeWord(st.Proof.Grade)}
		if st.Proof.Grade == revoke.Alive {
			proof.Style = theme.Alarm
		}
		if x.unended(r) && proof.Text == "" {
			proof = openStep(st.State)
		}
		lines = append(lines, styledLine{{Text: fmt.Sprintf("%2d %s ", i+1, stepSign(st.State))}, {Text: table.Fit(st.Summary, max(10, w-18), false, false)}, {Text: " "}, proof})
	}
	return lines
}

func auditFoot(s *snap, e *audit.Entry, w int) []styledLine {
	about := e.Subject
	if id := inventory.ID(e.Subject); s != nil && tabsOf[id.Noun()] != nil && known(s, id) {
		about = joined(" · ", nameOf(s, id), e.Subject)
	}
	lines := []styledLine{{{Text: e.Action, Style: theme.Bold}, {Text: " " + joined(" ", stamp(e.At), "by "+e.By)}}}
	if about != "" {
		lines = append(lines, paragraph("about: "+about, w)...)
	}
	return append(lines, paragraph(e.Detail, w)...)
}

func messageFoot(_ *snap, m *message, w int) []styledLine {
	style := theme.Plain
	if m.bad {
		style = theme.Alarm
	}
	var lines []styledLine
	for _, t := range wrap(m.text, w) {
		lines = append(lines, line(style, t))
	}
	return lines
}

// ledgerRows lists warnings first, then what was not read, then what was.
func ledgerRows(s *snap) []ledgerRow {
	var warned, unread, read []ledgerRow
	for _, src := range s.Records().Sources {
		for i, w := range src.Warnings {
			warned = append(warned, ledgerRow{src.Name, -1 - i, inventory.Looked{Path: w.Path, State: "warning", Reason: w.Text, Line: w.Line}})
		}
		for i, l := range src.Ledger {
			switch l.State {
			case inventory.LookedAbsent:
			case inventory.LookedRead:
				read = append(read, ledgerRow{src.Name, i, l})
			default:
				unread = append(unread, ledgerRow{src.Name, i, l})
			}
		}
	}
	return append(append(warned, unread...), read...)
}
