package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

const (
	cellWidth  = 3 // the abbreviation and the sign of drift
	groupGap   = 2
	mostName   = 34
	leastName  = 14
	proofLines = 5
)

func (m *matrix) View(w, h int) string {
	if m.snap == nil || m.all == nil {
		return strings.Join(fillTo([]string{"", "  reading ..."}, h), "\n")
	}
	if len(m.rows) == 0 {
		return strings.Join(drawStyled(m.th, append([]styledLine{nil}, paragraphAt(2, m.nothing(), w)...), w, h), "\n")
	}
	name := max(leastName, min(mostName, w/4))
	m.scroll(w - name - 3)
	foot := 0
	if h >= 12 {
		foot = proofLines + 1
	}
	m.height = max(1, h-2-foot)
	m.clamp()
	lines := []styledLine{m.groupLine(name, w), m.columnLine(name, w)}
	for i := m.top; i < len(m.rows) && i < m.top+m.height; i++ {
		lines = append(lines, m.rowLine(i, name, w))
	}
	out := drawStyled(m.th, lines, w, h-foot)
	if foot > 0 {
		out = append(out, m.th.Paint(theme.Dim, strings.Repeat("─", w)))
		out = append(out, drawStyled(m.th, m.proof(w), w, foot-1)...)
	}
	return strings.Join(out, "\n")
}

func (m *matrix) nothing() string {
	switch {
	case m.FilterText() != "":
		return fmt.Sprintf("no assistant that acts matches %q; esc clears the filter", m.FilterText())
	case m.snap.Partial():
		return "nothing yet; still collecting"
	}
	return "no assistant that acts in what was read; :sources shows what was not"
}

// scroll moves the first group so that the cursor's group is on the screen.
func (m *matrix) scroll(room int) {
	g := groupOf(m.col)
	m.first = min(m.first, g)
	for m.first < g {
		need := 0
		for i := m.first; i <= g; i++ {
			need += len(matrixGroups[i].cols)*cellWidth + groupGap
		}
		if need <= room {
			return
		}
		m.first++
	}
}

// groups calls f for each group that fits, with the number of its first column over all.
func (m *matrix) groups(room int, f func(g capGroup, col int)) {
	col := 0
	for i, g := range matrixGroups {
		need := len(g.cols)*cellWidth + groupGap
		if i >= m.first {
			if need > room && i > m.first {
				return
			}
			room -= need
			f(g, col)
		}
		col += len(g.cols)
	}
}

func (m *matrix) groupLine(name, w int) styledLine {
	l := styledLine{{Text: strings.Repeat(" ", name+3)}}
	if m.first > 0 {
		l[0].Text = table.Fit("  ← more", name+3, false, false)
	}
	m.groups(w-name-3, func(g capGroup, _ int) {
		l = append(l, table.Cell{Text: table.Fit(g.title, len(g.cols)*cellWidth, false, false) + "  ", Style: theme.Bold})
	})
	return l
}

func (m *matrix) columnLine(name, w int) styledLine {
	l := styledLine{{Text: strings.Repeat(" ", name+3)}}
	m.groups(w-name-3, func(g capGroup, col int) {
		for i, c := range g.cols {
			style := theme.Dim
			if col+i == m.col {
				style = theme.Cursor
			}
			l = append(l, table.Cell{Text: c.short, Style: style}, table.Cell{Text: " "})
		}
		l = append(l, table.Cell{Text: "│ ", Style: theme.Dim})
	})
	return l
}

func (m *matrix) rowLine(i, name, w int) styledLine {
	a := m.rows[i]
	sign, style := "  ", theme.Plain
	if i == m.row {
		sign, style = "> ", theme.Bold
	}
	l := styledLine{{Text: sign + table.Fit(short(a)+" "+where(a), name, true, false) + " ", Style: style}}
	m.groups(w-name-3, func(g capGroup, col int) {
		for j, c := range g.cols {
			cell := lamp(a.Capabilities[c.is])
			drift := " "
			if drifts(a, c.is) {
				drift, cell.Style = "!", theme.Alarm
			}
			cell.Text += drift
			if i == m.row && col+j == m.col {
				cell.Style = theme.Cursor
			}
			l = append(l, cell, table.Cell{Text: " "})
		}
		l = append(l, table.Cell{Text: "│ ", Style: theme.Dim})
	})
	return l
}

// drifts reports whether the assistant may do what its charter does not promise.
func drifts(a *inventory.Assistant, c inventory.Capability) bool {
	if len(a.Promised) == 0 {
		return false
	}
	seen, said := a.Capabilities[c], a.Promised[c]
	return seen == inventory.Yes && said != inventory.Yes || seen == inventory.Asks && said != inventory.Yes && said != inventory.Asks
}

// proof says what the cell under the cursor comes from.
func (m *matrix) proof(w int) []styledLine {
	a, c := m.current(), m.capability()
	if a == nil {
		return nil
	}
	answer := cmp.Or(a.Capabilities[c], inventory.Unknown)
	head := fmt.Sprintf("%s › %s: %s", short(a), c, answer)
	if drifts(a, c) {
		head += ", and its charter does not say so"
	}
	lines := []styledLine{line(theme.Bold, head)}
	es := withCapability(m.snap, a.ID, c)
	if len(es) == 0 {
		return append(lines, line(theme.Dim, "nothing that was read gives it this; that is not proof that it cannot"))
	}
	lines = append(lines, paragraph(strings.Join(es[0].Path, " → "), w)...)
	if len(es) > 1 {
		lines = append(lines, linef(theme.Dim, "and %d ways more; enter shows them", len(es)-1))
	}
	return lines
}

// withCapability lists the entitlements behind a cell, certain and open ones first.
func withCapability(s *inventory.Snapshot, a inventory.ID, c inventory.Capability) []*inventory.Entitlement {
	var out []*inventory.Entitlement
	for _, e := range s.EntitlementsOf(a) {
		if e.Assistant == a && e.Capability == c {
			out = append(out, e)
		}
	}
	sortWays(out)
	return out
}

// sortWays puts what is certain and open first.
func sortWays(es []*inventory.Entitlement) {
	weight := func(e *inventory.Entitlement) int {
		n := 0
		if !e.Certain {
			n += 2
		}
		if e.Gate != inventory.GateOpen {
			n++
		}
		return n
	}
	slices.SortStableFunc(es, func(x, y *inventory.Entitlement) int { return cmp.Compare(weight(x), weight(y)) })
}
