package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// ruleList shows every rule as it is in use: switched off or re-weighted and why, and what it found.
func ruleList(policy func() risk.Policy) listSpec[risk.RuleState] {
	type r = risk.RuleState
	return listSpec[r]{
		name: "rules", noun: "rule", acts: []string{"open", "filter", "sort-next", "copy"}, sort: table.Sort{Column: 0, Desc: true}, foot: ruleFoot,
		rows: func(s *snap) []r { return risk.RuleStates(s, policy()) },
		id:   func(x *r) inventory.ID { return inventory.ID(rulePrefix + x.ID) },
		cols: []column[r]{
			{table.Column{Key: "state", Title: "STATE", Min: 8, Max: 8, Priority: 1, Ranks: []string{"on", "weighted", "off"}, Desc: true},
				func(_ *snap, x *r) table.Cell { return ruleCell(x.State) }},
			{table.Column{Key: "rule", Title: "RULE", Min: 7, Max: 16, Priority: 1}, func(_ *snap, x *r) table.Cell { return text(x.ID) }},
			{table.Column{Key: "title", Title: "TITLE", Min: 28, Max: 60, Priority: 1, Grow: true}, func(_ *snap, x *r) table.Cell { return text(x.Title) }},
			{table.Column{Key: "of", Title: "OF", Min: 6, Max: 11, Priority: 4}, func(_ *snap, x *r) table.Cell { return dim(x.Of) }},
			{table.Column{Key: "base", Title: "BASE", Min: 4, Max: 7, Priority: 3, Right: true, Desc: true}, func(_ *snap, x *r) table.Cell { return text(baseWords(x)) }},
			{table.Column{Key: "findings", Title: "FINDINGS", Min: 4, Max: 8, Priority: 2, Right: true, Desc: true}, func(_ *snap, x *r) table.Cell { return num(x.Findings) }},
			{table.Column{Key: "yours", Title: "YOURS", Min: 5, Max: 5, Priority: 4}, func(_ *snap, x *r) table.Cell { return text(map[bool]string{true: "yours"}[x.Yours]) }},
			{table.Column{Key: "reason", Title: "WHY SO", Min: 12, Max: 60, Priority: 3}, func(_ *snap, x *r) table.Cell { return text(x.Reason) }},
		},
	}
}

const rulePrefix = "rule:"

func ruleCell(state string) table.Cell {
	switch state {
	case risk.RuleOff:
		return table.Cell{Text: "OFF", Style: theme.Warn}
	case risk.RuleWeighted:
		return table.Cell{Text: state, Style: theme.Note}
	}
	return dim(state)
}

func baseWords(x *risk.RuleState) string {
	if x.Points != 0 {
		return fmt.Sprintf("%d%+d", x.Base, x.Points)
	}
	return fmt.Sprint(x.Base)
}

// ruleReason says in one line how a rule is in use, and why; "" for one that is simply on and found something.
func ruleReason(x *risk.RuleState) string {
	why := x.Reason
	if why == "" {
		why = "no reason is given"
	}
	switch {
	case x.State == risk.RuleOff:
		return "switched off: " + why
	case x.State == risk.RuleWeighted:
		return fmt.Sprintf("%+d points: %s", x.Points, why)
	case x.Silent != "":
		return "cannot tell: " + x.Silent
	}
	return ""
}

func ruleFoot(_ *snap, x *risk.RuleState, w int) []styledLine {
	lines := []styledLine{{ruleCell(x.State), {Text: " " + x.ID + " " + x.Title, Style: theme.Bold}}}
	lines = append(lines, paragraph(ruleReason(x), w)...)
	if x.When != "" {
		lines = append(lines, paragraph("when "+x.When, w)...)
	}
	lines = append(lines, paragraph(x.Why, w)...)
	return append(lines, paragraph("Fix: "+x.Fix, w)...)
}

// openRule shows a rule with its findings.
func (m *Model) openRule(id inventory.ID) tea.Cmd {
	x := m.views["rules"].(*list[risk.RuleState]).current()
	if x == nil || inventory.ID(rulePrefix+x.ID) != id {
		return nil
	}
	d := newDetail(id, m.th)
	d.rule = x
	return m.push(d)
}

func (b *detailBuilder) rule(x *risk.RuleState) {
	b.add("", ruleCell(x.State), table.Cell{Text: " " + x.ID + " " + x.Title, Style: theme.Bold})
	b.para(ruleReason(x))
	b.head("WHY IT MATTERS")
	b.para(x.Why)
	b.head("FIX")
	b.para(x.Fix)
	b.head("THE RULE")
	b.fact("of", x.Of)
	b.fact("base", baseWords(x))
	b.fact("modifiers", strings.Join(x.Modify, ", "))
	b.fact("gathers", strings.Join(x.Gathers, ", "))
	if x.Yours {
		b.fact("yours", place(x.Place, x.Line))
		b.fact("when", x.When)
	}
	for _, c := range x.Controls {
		b.fact(c.ID, c.Framework+paren(c.Alias))
	}
	b.head(fmt.Sprintf("FINDINGS %d, accepted %d", x.Findings, x.Accepted))
	fs := b.s.Records().Findings
	for i := range fs {
		if f := &fs[i]; f.Rule == x.ID && f.State != "fixed" {
			d := decisionCell(f.Decision)
			d.Text = table.Fit(d.Text, 8, false, false)
			b.add(f.ID, d, table.Cell{Text: fmt.Sprintf("%3d ", f.Score)}, table.Cell{Text: nameOf(b.s, f.Subject)}, table.Cell{Text: stateWord(f), Style: theme.Dim})
		}
	}
}

// stateWord is what people decided about a finding, for the end of its line.
func stateWord(f *inventory.Finding) string {
	if f.State == "open" || f.State == "" {
		return ""
	}
	return "  " + f.State
}

// rulesNote says how many rules the configuration switched off or re-weighted, for the line above the findings.
func rulesNote(policy func() risk.Policy) func() string {
	return func() string {
		p := policy()
		var parts []string
		if n := len(p.Off); n > 0 {
			parts = append(parts, plural(n, "rule")+" off")
		}
		if n := len(p.Weights); n > 0 {
			parts = append(parts, fmt.Sprintf("%d weighted", n))
		}
		if len(parts) == 0 {
			return ""
		}
		return strings.Join(parts, ", ") + " (:rules)  "
	}
}
