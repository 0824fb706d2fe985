package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// facts writes what is known of a record itself.
func (b *detailBuilder) facts(d *detail) {
	switch d.id.Noun() {
	case inventory.NounAssistant:
		b.assistant(b.s.Assistant(d.id))
	case inventory.NounSecret:
		b.secret(b.s.Secret(d.id))
	case inventory.NounTool:
		b.tool(b.s.Tool(d.id))
	case inventory.NounOwner:
		b.owner(b.s.Owner(d.id))
	case inventory.NounFinding:
		b.finding(b.s.Finding(d.id))
	case inventory.NounEntitlement:
		b.entitlement(b.s.Entitlement(d.id))
	case inventory.NounResource:
		b.resource(b.s.Resource(d.id))
	case inventory.NounIssue:
		b.issue(d.id)
	}
}

const mostWays = 4 // of one capability on the tab of paths

// paths writes each capability with the path that proves it: of an assistant everything that it may do, of a credential what
// it opens, of a resource who comes to it.
func (b *detailBuilder) paths(d *detail) {
	es := map[inventory.Capability][]*inventory.Entitlement{}
	for _, e := range b.s.EntitlementsOf(d.id) {
		es[e.Capability] = append(es[e.Capability], e)
	}
	a := b.s.Assistant(d.id)
	var unknown []string
	for _, c := range power {
		ways := es[c]
		answer := inventory.Unknown
		if a != nil {
			answer = cmp.Or(a.Capabilities[c], inventory.Unknown)
		}
		switch {
		case len(ways) > 0:
			b.capability(a, c, answer, ways)
		case a != nil && answer == inventory.Unknown:
			unknown = append(unknown, string(c))
		case a != nil && answer != inventory.No:
			b.capability(a, c, answer, nil)
		}
	}
	if len(b.lines) == 0 {
		b.para("Nothing that was read gives or opens anything here; that is not proof that nothing does.")
	}
	if len(unknown) > 0 {
		b.head(fmt.Sprintf("NOT KNOWN %d", len(unknown)))
		b.para(strings.Join(unknown, ", "))
		b.para("Nothing that was read says yes or no to these.")
	}
}

// capability writes the ways to one capability, what is certain and open first.
func (b *detailBuilder) capability(a *inventory.Assistant, c inventory.Capability, answer inventory.Answer, ways []*inventory.Entitlement) {
	title := strings.ToUpper(string(c))
	if a != nil {
		title += ": " + string(answer)
		if answer == inventory.Unknown {
			title = strings.ToUpper(string(c)) + ": possible, not known"
		}
		if drifts(a, c) {
			title += ", AND ITS CHARTER DOES NOT SAY SO"
		}
	}
	b.head(title)
	if len(ways) == 0 {
		b.para("It is said of the product itself; no path was read.")
	}
	sortWays(ways)
	for i, e := range ways {
		if i == mostWays {
			b.add("", table.Cell{Text: fmt.Sprintf("and %s more", plural(len(ways)-i, "way")), Style: theme.Dim})
			break
		}
		b.add(e.ID, gateCell(e), table.Cell{Text: onWords(b.s, e)}, table.Cell{Text: certainWords(e), Style: theme.Dim})
		for _, l := range proofPath(e.Path, b.w-2) {
			b.add(e.ID, append(styledLine{{Text: "  "}}, l...)...)
		}
		for _, ev := range e.Evidence {
			b.add(e.ID, table.Cell{Text: "    " + joined(" ", place(ev.Path, ev.Line), ev.Pointer), Style: theme.Dim})
		}
	}
}

// gateCell says what stands in the way.
func gateCell(e *inventory.Entitlement) table.Cell {
	style := theme.Plain
	if e.Gate == inventory.GateOpen {
		style = theme.Warn
	}
	return table.Cell{Text: table.Fit(e.Gate, 8, false, false), Style: style}
}

func onWords(s *snap, e *inventory.Entitlement) string {
	text := "here"
	if e.Resource != "" {
		text = nameOf(s, e.Resource)
	}
	if env := grantEnvironment(s, e); env != "" {
		text += " (" + env + ")"
	}
	return text
}

func certainWords(e *inventory.Entitlement) string {
	if e.Certain {
		return "  certain"
	}
	return "  possible by the kind of credential"
}

// findingsTab writes the findings about a record with what was seen, and by when each is to be dealt with.
func (b *detailBuilder) findingsTab(d *detail) {
	fs := b.s.FindingsOf(d.id)
	if len(fs) == 0 {
		b.para("No finding about it in what was read.")
	}
	for _, f := range fs {
		c := queueCell(f)
		c.Text = table.Fit(c.Text, 9, false, false)
		due := dueCell(f, b.s.At())
		due.Text = table.Fit(due.Text, 11, false, false)
		b.add(f.ID, c, table.Cell{Text: fmt.Sprintf("%3d  ", f.Score)}, due, table.Cell{Text: f.Title, Style: theme.Bold}, table.Cell{Text: "  " + f.Rule, Style: theme.Dim})
		for _, t := range most(2, paragraph(cmp.Or(f.Detail, risk.Because(f)), b.w-findingIndent), b.w-findingIndent) {
			b.add(f.ID, append(styledLine{{Text: table.Fit("", findingIndent, false, false)}}, t...)...)
		}
	}
}

const findingIndent = 14

// dueCell says how long there is to deal with a finding, or since when it is late; nothing where nobody waits for it.
func dueCell(f *inventory.Finding, now time.Time) table.Cell {
	switch {
	case f.Due.IsZero() || !isOpen(f):
		return table.Cell{}
	case f.Due.Before(now):
		return table.Cell{Text: "late " + span(now.Sub(f.Due)), Style: theme.Alarm}
	}
	return table.Cell{Text: "in " + span(f.Due.Sub(now))}
}
