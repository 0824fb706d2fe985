package ui

import (
	"cmp"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/table"
)

// matrixFields are what the matrix is filtered by: who and where, and each capability (merge-protected=yes, deploy-prod>=asks).
func matrixFields() []column[*inventory.Assistant] {
	type a = *inventory.Assistant
	out := []column[a]{
		{table.Column{Key: "name", Title: "ASSISTANT"}, func(_ *snap, x *a) table.Cell { return text(short(*x)) }},
		{table.Column{Key: "where", Title: "WHERE"}, func(_ *snap, x *a) table.Cell { return text(where(*x)) }},
		{table.Column{Key: "owner", Title: "OWNER", List: true}, func(s *snap, x *a) table.Cell { return text(ownersText(s, (*x).ID)) }},
		{table.Column{Key: "host", Title: "HOST"}, func(_ *snap, x *a) table.Cell { return text((*x).Host) }},
		{table.Column{Key: "risk", Title: "DECISION", Ranks: decisionRanks}, func(s *snap, x *a) table.Cell { return decisionCell(worst(s.FindingsOf((*x).ID))) }},
		{table.Column{Key: "autonomy", Title: "AUTONOMY", Ranks: autonomyRanks}, func(_ *snap, x *a) table.Cell { return autonomyCell((*x).Autonomy) }},
		{table.Column{Key: "drift", Title: "DRIFT", List: true}, func(_ *snap, x *a) table.Cell { return text(driftText(*x)) }},
	}
	for _, g := range matrixGroups {
		for _, c := range g.cols {
			out = append(out, column[a]{table.Column{Key: string(c.is), Title: c.short, Ranks: answerRanks},
				func(_ *snap, x *a) table.Cell {
					return text(string(cmp.Or((*x).Capabilities[c.is], inventory.Unknown)))
				}})
		}
	}
	return out
}

var answerRanks = []string{"no", "asks", "yes"}

var matrixSpec = listSpec[*inventory.Assistant]{name: "matrix", cols: matrixFields(), id: func(x **inventory.Assistant) inventory.ID { return (*x).ID }}

func matrixColumns() []table.Column {
	var out []table.Column
	for _, c := range matrixSpec.cols {
		out = append(out, c.Column)
	}
	return out
}

// prepareMatrix reads the assistants of the matrix for the filter.
func prepareMatrix(s *snap, all []*inventory.Assistant) *table.Prepared {
	return table.Prepare(rowData[*inventory.Assistant]{s, all, &matrixSpec}, matrixColumns(), table.Sort{Column: -1}, nil)
}

// SetFilter shows the assistants that match.
func (m *matrix) SetFilter(text string) tea.Cmd {
	q, err := m.tbl.Parse(text, since(m.snap))
	m.err = err
	return m.narrow(m.tbl.SetFilter(q))
}

// narrow takes the rows that the filter shows by now; more looks through the rest.
func (m *matrix) narrow(more func() *table.Found) tea.Cmd {
	m.rows = m.rows[:0]
	for _, row := range m.tbl.Rows() {
		m.rows = append(m.rows, m.all[row])
	}
	for i, a := range m.rows {
		if a.ID == m.at {
			m.row = i
			break
		}
	}
	m.clamp()
	if more == nil {
		return nil
	}
	return func() tea.Msg { return foundMsg{"matrix", more()} }
}

func (m *matrix) FilterText() string { return m.tbl.Filter().Text }
func (m *matrix) Mistake() error     { return m.err }

// Complete says how a filter may go on.
func (m *matrix) Complete(text string, at int) []query.Suggestion { return complete(m.tbl, text, at) }

// complete offers the columns of a table and the values that occur in them.
func complete(t *table.Table, text string, at int) []query.Suggestion {
	return query.Complete(text, at, t.Fields(), func(i int) []query.Value {
		if p := t.Prepared(); p != nil {
			return p.Values(i)
		}
		return nil
	})
}
