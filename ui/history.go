package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/triage"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// Historian is an [Engine] that knows the past of a record.
type Historian interface {
	History(ctx context.Context, id inventory.ID) (posture.History, error)
}

// historyTab writes what is known of a record's past: when it was seen, and what happened to it, the newest first.
func (b *detailBuilder) historyTab(d *detail) {
	h := &d.history
	switch {
	case h.err != nil:
		b.add("", table.Cell{Text: "Its history cannot be read: " + h.err.Error(), Style: theme.Warn})
		return
	case !h.done && h.of != nil:
		b.para("reading its history ...")
		return
	case !h.done:
		b.para("No history is kept here.")
		return
	}
	b.fact("first seen", seenWords(h.what.First, b.s.At()))
	b.fact("last seen", seenWords(h.what.Last, b.s.At()))
	if h.what.First.IsZero() {
		b.para("No stored collection has it yet.")
	}
	es := happened(&h.what, d.id)
	b.head(fmt.Sprintf("WHAT HAPPENED %d", len(es)))
	if len(es) == 0 {
		b.para("Nothing that is known.")
	}
	const indent = 27
	for _, e := range es {
		text := wrap(e.text, b.w-indent)
		for i, t := range text {
			head := []table.Cell{{Text: table.Fit("", indent, false, false)}}
			if i == 0 {
				e.kind.Text = table.Fit(e.kind.Text, 9, false, false) + " "
				head = []table.Cell{{Text: e.at.Local().Format("2006-01-02 15:04") + " ", Style: theme.Dim}, e.kind}
			}
			b.add(e.id, append(head, table.Cell{Text: t})...)
		}
	}
}

func seenWords(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t) + ", " + span(now.Sub(t)) + " ago"
}

// event is one thing that happened.
type event struct {
	at   time.Time
	kind table.Cell
	text string
	id   inventory.ID
}

// happened puts changes, decisions and runs into one order, the newest first.
func happened(h *posture.History, id inventory.ID) []event {
	var out []event
	for _, c := range h.Changes {
		text := c.What
		switch {
		case c.ID != id && c.Noun == "finding": // its name ends with what it is about: the record of the page
			name := c.Name
			if i := strings.LastIndex(name, ": "); i > 0 {
				name = name[:i]
			}
			text = joined(": ", "finding "+name, c.What)
		case c.ID != id || text == "":
			text = joined(": ", c.Noun+" "+c.Name, c.What)
		}
		out = append(out, event{c.At, changeCell(c.Kind), text, c.ID})
	}
	for _, d := range h.Decisions {
		text := d.Kind + " by " + d.By
		switch d.Kind {
		case triage.Assign:
			text += ": " + d.Owner
		case triage.Accept:
			text += " until " + d.Until.Local().Format(time.DateOnly)
		}
		text = joined(": ", text, d.Reason)
		if d.Undone {
			text += " (undone)"
		}
		out = append(out, event{d.At, table.Cell{Text: "decided"}, text, d.Target})
	}
	for i := range h.Runs {
		r := &h.Runs[i]
		out = append(out, event{r.Started, table.Cell{Text: "run", Style: theme.Note}, joined(" · ", r.State+" by "+r.By, proofSummary(r), runWhat(r)), inventory.ID(runPrefix + r.ID)})
	}
	slices.SortStableFunc(out, func(a, b event) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	return out
}

type historyMsg struct {
	id   inventory.ID
	of   *snap
	what posture.History
	err  error
}

func (m *Model) loadHistory(d *detail) tea.Cmd {
	x, ok := m.e.(Historian)
	if !ok || d.history.of == m.snap {
		return nil
	}
	d.history.of = m.snap
	id, of := d.id, m.snap
	return func() tea.Msg {
		what, err := x.History(m.ctx, id)
		return historyMsg{id, of, what, err}
	}
}
