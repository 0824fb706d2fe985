package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// capGroup is a group of columns of the matrix.
type capGroup struct {
	title string
	cols  []capColumn
}

type capColumn struct {
	short string
	is    inventory.Capability
}

// matrixGroups lists every capability once; a test holds that.
var matrixGroups = []capGroup{
	{"CODE", []capColumn{{"rd", inventory.ReadSource}, {"wr", inventory.WriteSource}, {"pr", inventory.OpenPR}, {"mg", inventory.MergeProtected}}},
	{"REVIEW", []capColumn{{"ap", inventory.ApprovePR}, {"by", inventory.BypassReview}, {"wf", inventory.EditWorkflow}}},
	{"RUN", []capColumn{{"ci", inventory.RunCI}, {"dp", inventory.DeployProd}, {"pb", inventory.PublishPackage}}},
	{"HERE", []capColumn{{"ex", inventory.ExecLocal}, {"nt", inventory.NetworkOut}}},
	{"SECRETS", []capColumn{{"se", inventory.ReadSecrets}, {"sw", inventory.WriteSecrets}, {"id", inventory.MintIdentity}}},
	{"ADMIN", []capColumn{{"ar", inventory.AdminRepo}, {"ao", inventory.AdminOrg}}},
	{"CLOUD", []capColumn{{"cl", inventory.CloudRead}, {"cw", inventory.CloudWrite}, {"ca", inventory.CloudAdmin}}},
	{"CLUSTER", []capColumn{{"cu", inventory.ClusterRead}, {"kw", inventory.ClusterWrite}}},
	{"DATA", []capColumn{{"da", inventory.DataRead}, {"dw", inventory.DataWrite}}},
	{"TALK", []capColumn{{"tk", inventory.TicketWrite}, {"ch", inventory.ChatPost}}},
}

// matrix is the page of assistants by capabilities. Its cursor is a cell; enter opens what proves it.
type matrix struct {
	th     *theme.Theme
	snap   *inventory.Snapshot
	rows   []*inventory.Assistant // shown
	all    []*inventory.Assistant
	hay    []string
	gen    int
	filter string
	at     inventory.ID
	row    int
	top    int
	col    int // over all groups
	first  int // first group shown
	height int
}

type matrixMsg struct {
	gen int
	all []*inventory.Assistant
	hay []string
}

func newMatrix(th *theme.Theme) *matrix { return &matrix{th: th} }

func (m *matrix) Title() string { return "matrix" }

// Show orders the assistants that act by urgency, in a command.
func (m *matrix) Show(s *inventory.Snapshot) tea.Cmd {
	if s == nil || s == m.snap {
		return nil
	}
	m.snap = s
	m.gen++
	gen := m.gen
	return func() tea.Msg {
		r := matrixMsg{gen: gen}
		ranks := map[inventory.ID]int{}
		as := s.Records().Assistants
		for i := range as {
			if as[i].Class != inventory.ClassTextOnly {
				r.all = append(r.all, &as[i])
				ranks[as[i].ID] = worst(s.FindingsOf(as[i].ID)).Rank()
			}
		}
		slices.SortStableFunc(r.all, func(a, b *inventory.Assistant) int { return cmp.Compare(ranks[a.ID], ranks[b.ID]) })
		for _, a := range r.all {
			r.hay = append(r.hay, strings.ToLower(a.Name+" "+where(a)+" "+ownerName(s, a.Owners).Text))
		}
		return r
	}
}

func (m *matrix) Update(msg tea.Msg) tea.Cmd {
	if r, ok := msg.(matrixMsg); ok && r.gen == m.gen {
		m.all, m.hay = r.all, r.hay
		m.narrow()
	}
	return nil
}

func (m *matrix) narrow() {
	m.rows = m.rows[:0]
	words := strings.Fields(strings.ToLower(m.filter))
	for i, a := range m.all {
		hit := true
		for _, w := range words {
			not := strings.HasPrefix(w, "!")
			hit = hit && strings.Contains(m.hay[i], strings.TrimPrefix(w, "!")) != not
		}
		if hit {
			m.rows = append(m.rows, a)
		}
	}
	for i, a := range m.rows {
		if a.ID == m.at {
			m.row = i
		}
	}
	m.clamp()
}

func (m *matrix) SetFilter(text string) error { m.filter = text; m.narrow(); return nil }
func (m *matrix) FilterText() string          { return m.filter }
func (m *matrix) Actions() []string {
	return []string{"proof", "cell-left", "cell-right", "filter", "copy"}
}

func (m *matrix) Crumb() (left, right string) {
	left = fmt.Sprintf("matrix %d", len(m.rows))
	if len(m.rows) != len(m.all) {
		left += fmt.Sprintf(" of %d", len(m.all))
	}
	if m.filter != "" {
		left += "   " + m.filter
	}
	return left, "● yes  ◐ asks  · no  ? unknown  ! drift"
}

func (m *matrix) current() *inventory.Assistant {
	if m.row >= 0 && m.row < len(m.rows) {
		return m.rows[m.row]
	}
	return nil
}

func (m *matrix) Picked() inventory.ID {
	if a := m.current(); a != nil {
		return a.ID
	}
	return ""
}

func (m *matrix) capability() inventory.Capability {
	n := m.col
	for _, g := range matrixGroups {
		if n < len(g.cols) {
			return g.cols[n].is
		}
		n -= len(g.cols)
	}
	return ""
}

// groupOf is the group of a column.
func groupOf(col int) int {
	for i, g := range matrixGroups {
		if col < len(g.cols) {
			return i
		}
		col -= len(g.cols)
	}
	return len(matrixGroups) - 1
}

func (m *matrix) Side(n int) {
	total := 0
	for _, g := range matrixGroups {
		total += len(g.cols)
	}
	m.col = max(0, min(m.col+n, total-1))
}

func (m *matrix) Move(n int) { m.row += n; m.clamp() }
func (m *matrix) Page(n int) { m.Move(n * max(1, m.height-2)) }
func (m *matrix) Home()      { m.Move(-len(m.rows)) }
func (m *matrix) End()       { m.Move(len(m.rows)) }

func (m *matrix) clamp() {
	m.row = max(0, min(m.row, len(m.rows)-1))
	if a := m.current(); a != nil {
		m.at = a.ID
	}
	if m.row < m.top {
		m.top = m.row
	}
	if m.height > 0 && m.row >= m.top+m.height {
		m.top = m.row - m.height + 1
	}
	m.top = max(0, min(m.top, max(0, len(m.rows)-m.height)))
}

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
		return strings.Join(drawStyled(m.th, []styledLine{nil, line(theme.Plain, "  no assistant that acts matches")}, w, h), "\n")
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
	slices.SortStableFunc(out, func(x, y *inventory.Entitlement) int { return cmp.Compare(weight(x), weight(y)) })
	return out
}
