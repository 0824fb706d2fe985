package ui

import (
	"cmp"
	"fmt"
	"slices"

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
	tbl    *table.Table // filters
	err    error        // what is wrong with the filter
	gen    int
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
	p   *table.Prepared
}

func newMatrix(th *theme.Theme) *matrix { return &matrix{th: th, tbl: table.New(matrixColumns(), th)} }

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
		r.p = prepareMatrix(s, r.all)
		return r
	}
}

func (m *matrix) Update(msg tea.Msg) tea.Cmd {
	switch r := msg.(type) {
	case matrixMsg:
		if r.gen == m.gen {
			m.all = r.all
			if m.all == nil {
				m.all = []*inventory.Assistant{} // it was read, and there is none
			}
			return m.narrow(m.tbl.Show(r.p, nil))
		}
	case foundMsg:
		m.tbl.Take(r.found)
		return m.narrow(nil)
	}
	return nil
}

func (m *matrix) Actions() []string {
	return []string{"proof", "cell-left", "cell-right", "filter", "copy"}
}

func (m *matrix) Crumb() (left, right string) {
	left = fmt.Sprintf("matrix %d", len(m.rows))
	if len(m.rows) != len(m.all) {
		left += fmt.Sprintf(" of %d", len(m.all))
	}
	if m.tbl.Searching() {
		left += ", searching"
	}
	if t := m.FilterText(); t != "" {
		left += "   " + t
	}
	if m.err != nil {
		left += "   " + m.err.Error()
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
