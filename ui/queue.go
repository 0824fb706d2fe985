package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/inventory/triage"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// triageQueue are the findings that nobody has decided about, the most urgent first: by decision, deadline and score.
func triageQueue(s *snap) []inventory.Finding {
	var out []inventory.Finding
	for _, f := range s.Records().Findings {
		if f.State == triage.StateOpen {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b inventory.Finding) int {
		return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), later(a.Due, b.Due), cmp.Compare(b.Score, a.Score), strings.Compare(a.Rule, b.Rule), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out
}

// later puts what has no day behind what has one.
func later(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return b.Compare(a)
	}
	return a.Compare(b)
}

// triageList is the queue of the one who triages: a decision takes a finding out of it, and the next one comes under the
// cursor.
func triageList(now func() time.Time) listSpec[inventory.Finding] {
	type f = inventory.Finding
	return listSpec[f]{
		name: "triage", noun: "finding", acts: []string{"flag", "accept", "assign", "note", "revoke", "open", "mark", "filter"}, sort: table.Sort{Column: -1},
		foot: findingFoot, brief: findingBrief, footRows: 9,
		rows:  triageQueue,
		id:    func(x *f) inventory.ID { return x.ID },
		empty: func(*snap) string { return "Nothing waits for a decision. :findings has what was decided." },
		cols: []column[f]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true}, func(_ *snap, x *f) table.Cell { return decisionCell(x.Decision) }},
			{table.Column{Key: "due", Title: "DUE", Min: 8, Max: 10, Priority: 1, Kind: query.Time, Ahead: true}, func(_ *snap, x *f) table.Cell { return deadlineCell(x.Due, now()) }},
			{table.Column{Key: "title", Title: "FINDING", Min: 24, Max: 70, Good: 34, Priority: 1, Grow: true}, func(_ *snap, x *f) table.Cell { return text(x.Title) }},
			{table.Column{Key: "subject", Title: "ABOUT", Min: 14, Max: 50, Good: 22, Priority: 2}, func(s *snap, x *f) table.Cell { return text(nameOf(s, x.Subject)) }},
			ownedColumn(3, func(x *f) inventory.ID { return x.ID }),
			{table.Column{Key: "score", Title: "SCORE", Min: 3, Max: 5, Priority: 4, Right: true, Desc: true}, func(_ *snap, x *f) table.Cell { return num(x.Score) }},
			{table.Column{Key: "rule", Title: "RULE", Min: 7, Max: 12, Priority: 5}, func(_ *snap, x *f) table.Cell { return dim(x.Rule) }},
		},
	}
}

// deadlineCell is a deadline; one that is over stands out.
func deadlineCell(due, now time.Time) table.Cell {
	switch {
	case due.IsZero():
		return text("")
	case !due.After(now):
		return table.Cell{Text: due.Format(time.DateOnly), Style: theme.Alarm}
	}
	return text(due.Format(time.DateOnly))
}
