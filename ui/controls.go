package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// controlList shows each control of the published frameworks: broken and by whom, met, or what no source can tell.
func controlList(policy func() risk.Policy) listSpec[risk.ControlState] {
	type c = risk.ControlState
	return listSpec[c]{
		name: "controls", noun: "control", acts: []string{"open", "filter", "sort-next", "copy"}, sort: table.Sort{Column: 0, Desc: true}, foot: controlFoot,
		rows: func(s *snap) []c { return risk.ByControl(s, policy()) },
		id:   func(x *c) inventory.ID { return controlID(x.Framework, x.ID) },
		cols: []column[c]{
			{table.Column{Key: "state", Title: "STATE", Min: 8, Max: 8, Priority: 1, Ranks: []string{"met", "unknown", "broken"}, Desc: true},
				func(_ *snap, x *c) table.Cell { return controlCell(x.State) }},
			{table.Column{Key: "id", Title: "CONTROL", Min: 11, Max: 14, Priority: 1}, func(_ *snap, x *c) table.Cell { return text(x.ID) }},
			{table.Column{Key: "title", Title: "TITLE", Min: 26, Max: 60, Priority: 1, Grow: true}, func(_ *snap, x *c) table.Cell { return text(x.Title) }},
			{table.Column{Key: "findings", Title: "FINDINGS", Min: 4, Max: 8, Priority: 2, Right: true, Desc: true}, func(_ *snap, x *c) table.Cell { return num(len(x.Findings)) }},
			{table.Column{Key: "framework", Title: "FRAMEWORK", Min: 14, Max: 40, Priority: 3}, func(_ *snap, x *c) table.Cell { return dim(x.Framework) }},
			{table.Column{Key: "alias", Title: "ALSO", Min: 6, Max: 10, Priority: 5}, func(_ *snap, x *c) table.Cell { return dim(x.Alias) }},
		},
	}
}

// policyOf is the policy that the engine judges by, where it says so, else the default one.
func policyOf(e Engine) func() risk.Policy {
	if p, ok := e.(interface{ Policy() risk.Policy }); ok {
		return p.Policy
	}
	return risk.DefaultPolicy
}

const controlPrefix = "control:"

func controlID(framework, id string) inventory.ID {
	return inventory.ID(controlPrefix + framework + ":" + id)
}

func controlCell(state string) table.Cell {
	switch state {
	case "broken":
		return table.Cell{Text: "BROKEN", Style: theme.Alarm}
	case "met":
		return table.Cell{Text: "met", Style: theme.Good}
	}
	return dim(state)
}

func controlFoot(s *snap, x *risk.ControlState, w int) []styledLine {
	lines := []styledLine{{controlCell(x.State), {Text: " " + x.ID + " " + x.Title, Style: theme.Bold}}}
	lines = append(lines, paragraph(x.Why, w)...)
	if len(x.Rules) > 0 {
		lines = append(lines, paragraph("rules: "+strings.Join(x.Rules, ", "), w)...)
	}
	if len(x.Subjects) > 0 {
		lines = append(lines, paragraph("by: "+summary(s, x.Subjects), w)...)
	}
	return append(lines, line(theme.Dim, x.URL))
}

// openControl shows the findings that break a control.
func (m *Model) openControl(id inventory.ID) tea.Cmd {
	v := m.views["controls"].(*list[risk.ControlState])
	c := v.current()
	if c == nil || controlID(c.Framework, c.ID) != id {
		return nil
	}
	d := newDetail(id, m.th)
	d.control = c
	return m.push(d)
}

func (b *detailBuilder) control(c *risk.ControlState) {
	b.add("", controlCell(c.State), table.Cell{Text: " " + c.ID + " " + c.Title, Style: theme.Bold})
	b.para(c.Why)
	b.head("THE CONTROL")
	b.fact("framework", c.Framework)
	b.fact("version", c.Version)
	b.fact("also called", aliasWords(c.Alias))
	b.fact("address", c.URL)
	b.fact("rules", strings.Join(c.Rules, ", "))
	if len(c.Findings) == 0 {
		return
	}
	b.head("BROKEN BY")
	for _, id := range c.Findings {
		if f := b.s.Finding(id); f != nil {
			d := decisionCell(f.Decision)
			d.Text = table.Fit(d.Text, 8, false, false)
			b.add(id, d, table.Cell{Text: table.Fit(f.Rule, 7, false, false) + " "}, table.Cell{Text: f.Title + ", " + nameOf(b.s, f.Subject)})
		}
	}
}
