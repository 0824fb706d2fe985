package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/query"
	"nhitop/inventory/triage"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// Triager is an [Engine] that keeps what people decide and remembers what was before.
type Triager interface {
	Decide(ctx context.Context, ds []triage.Decision) error
	UndoDecision(ctx context.Context, id string) error
	Decisions(id inventory.ID) ([]triage.Decision, error)
	Changes(ctx context.Context, since time.Time) ([]change.Change, error)
}

func (m *Model) triager() Triager {
	t, _ := m.e.(Triager)
	return t
}

func triageActions() []action {
	return []action{
		{id: "flag", keys: []string{"f"}, short: "flag", help: "flag the finding: somebody looks at it", do: (*Model).flag, why: needsFinding},
		{id: "accept", keys: []string{"a"}, short: "accept", help: "accept the finding until a day, with a reason", do: (*Model).accept, why: needsFinding},
		{id: "assign", keys: []string{"o"}, short: "assign", help: "assign an owner to the assistant", do: (*Model).assign, why: needsAssistant},
		{id: "note", keys: []string{"n"}, help: "write a note", do: (*Model).note, why: needsRecord},
		{id: "undo-decision", keys: []string{"U"}, help: "take back the newest decision about it, or about each that is marked", do: (*Model).undoDecision, why: needsRecord},
	}
}

// chosen are the marked records, else the one under the cursor.
func (m *Model) chosen() []inventory.ID {
	if k, ok := m.page.(marker); ok {
		if ids := k.Marked(); len(ids) > 0 {
			return ids
		}
	}
	if id := m.picked(); id != "" {
		return []inventory.ID{id}
	}
	return nil
}

// chosenOf narrows the chosen to one kind of record.
func (m *Model) chosenOf(n inventory.Noun) []inventory.ID {
	return slices.DeleteFunc(m.chosen(), func(id inventory.ID) bool { return id.Noun() != n })
}

func needsRecord(m *Model) string {
	switch {
	case m.triager() == nil:
		return "decisions are not kept here"
	case m.snap == nil || len(m.chosen()) == 0 || strings.Contains(string(m.chosen()[0]), ":"):
		return "nothing under the cursor"
	}
	return ""
}

func needsFinding(m *Model) string {
	if why := needsRecord(m); why != "" {
		return why
	}
	if len(m.chosenOf(inventory.NounFinding)) == 0 {
		return "only for findings"
	}
	return ""
}

func needsAssistant(m *Model) string {
	if why := needsRecord(m); why != "" {
		return why
	}
	if len(m.chosenOf(inventory.NounAssistant)) == 0 {
		return "only for assistants"
	}
	return ""
}

func (m *Model) decide(kind string, ids []inventory.ID, fill func(*triage.Decision)) tea.Cmd {
	t, by := m.triager(), m.o.Operator
	ds := make([]triage.Decision, 0, len(ids))
	for _, id := range ids {
		d := triage.Decision{Kind: kind, Target: id, By: by}
		fill(&d)
		ds = append(ds, d)
	}
	return func() tea.Msg {
		if err := t.Decide(m.ctx, ds); err != nil {
			return sayMsg{err.Error(), true}
		}
		return sayMsg{fmt.Sprintf("%s: %s; U takes it back", kind, plural(len(ds), "record")), false}
	}
}

func (m *Model) flag() tea.Cmd {
	ids := m.chosenOf(inventory.NounFinding)
	return m.ask(prompt{label: fmt.Sprintf("Flag %s. Why (may be empty):", plural(len(ids), "finding")), done: func(m *Model, reason string) tea.Cmd {
		return m.decide(triage.Flag, ids, func(d *triage.Decision) { d.Reason = reason })
	}})
}

const defaultAcceptDays = 30

func (m *Model) accept() tea.Cmd {
	ids := m.chosenOf(inventory.NounFinding)
	return m.ask(prompt{
		text:  []string{"It comes back on that day, and sooner when its facts change. Its score stays as it is."},
		label: fmt.Sprintf("Accept %s for how many days, or until which date [%d]:", plural(len(ids), "finding"), defaultAcceptDays),
		done: func(m *Model, text string) tea.Cmd {
			until, err := parseUntil(m.o.Now(), text)
			if err != nil {
				m.say(true, "%v", err)
				return nil
			}
			return m.ask(prompt{label: "Why:", done: func(m *Model, reason string) tea.Cmd {
				return m.decide(triage.Accept, ids, func(d *triage.Decision) { d.Reason, d.Until = reason, until })
			}})
		},
	})
}

// parseUntil reads a number of days or a date.
func parseUntil(now time.Time, text string) (time.Time, error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "d")
	if text == "" {
		return now.AddDate(0, 0, defaultAcceptDays), nil
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= 3660 {
		return now.AddDate(0, 0, n), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || !t.After(now) {
		return t, fmt.Errorf("give a number of days, or a date to come such as %s", now.AddDate(0, 0, defaultAcceptDays).Format(time.DateOnly))
	}
	return t, nil
}

func (m *Model) assign() tea.Cmd {
	ids := m.chosenOf(inventory.NounAssistant)
	return m.ask(prompt{label: fmt.Sprintf("Owner of %s (name or address):", plural(len(ids), "assistant")), done: func(m *Model, owner string) tea.Cmd {
		return m.decide(triage.Assign, ids, func(d *triage.Decision) { d.Owner = owner })
	}})
}

func (m *Model) note() tea.Cmd {
	ids := m.chosen()
	return m.ask(prompt{label: "Note:", done: func(m *Model, text string) tea.Cmd {
		return m.decide(triage.Note, ids, func(d *triage.Decision) { d.Reason = text })
	}})
}

// undoDecision takes back the newest decision about each record that is chosen.
func (m *Model) undoDecision() tea.Cmd {
	t, ids := m.triager(), m.chosen()
	return func() tea.Msg {
		n, what := 0, ""
		for _, id := range ids {
			newest, err := newestDecision(t, id)
			if err != nil {
				return sayMsg{err.Error(), true}
			}
			if newest == nil {
				continue
			}
			if err := t.UndoDecision(m.ctx, newest.ID); err != nil {
				return sayMsg{err.Error(), true}
			}
			n, what = n+1, newest.Kind+" by "+newest.By
		}
		switch n {
		case 0:
			return sayMsg{"no decision about it stands", false}
		case 1:
			return sayMsg{"taken back: " + what, false}
		}
		return sayMsg{"taken back: " + plural(n, "decision"), false}
	}
}

// newestDecision is the newest about a record that is not undone, or nil.
func newestDecision(t Triager, id inventory.ID) (*triage.Decision, error) {
	ds, err := t.Decisions(id)
	if err != nil {
		return nil, err
	}
	var newest *triage.Decision
	for i := range ds {
		if !ds[i].Undone && (newest == nil || ds[i].At.After(newest.At)) {
			newest = &ds[i]
		}
	}
	return newest, nil
}

func changeList(x *extras) listSpec[change.Change] {
	type c = change.Change
	return listSpec[c]{
		name: "changes", noun: "change", acts: []string{"open", "filter", "sort-next", "copy"}, sort: table.Sort{Column: -1}, foot: changeFoot,
		rows: func(*snap) []c { return x.changes }, live: true,
		id:    func(v *c) inventory.ID { return inventory.ID("change:" + v.Kind + ":" + string(v.ID)) },
		open:  func(v *c) inventory.ID { return v.ID },
		empty: func(*snap) string { return "nothing changed in the last seven days, as far as it was read" },
		cols: []column[c]{
			{table.Column{Key: "kind", Title: "CHANGE", Min: 8, Max: 8, Priority: 1}, func(_ *snap, v *c) table.Cell { return changeCell(v.Kind) }},
			{table.Column{Key: "noun", Title: "KIND", Min: 9, Max: 11, Priority: 3}, func(_ *snap, v *c) table.Cell { return dim(v.Noun) }},
			{table.Column{Key: "name", Title: "NAME", Min: 20, Max: 50, Good: 32, Priority: 1}, func(_ *snap, v *c) table.Cell { return text(v.Name) }},
			{table.Column{Key: "what", Title: "WHAT", Min: 20, Max: 80, Good: 30, Priority: 2, Grow: true}, func(_ *snap, v *c) table.Cell { return text(v.What) }},
			{table.Column{Key: "at", Title: "SEEN", Min: 16, Max: 19, Priority: 4, Kind: query.Time}, func(_ *snap, v *c) table.Cell { return text(stamp(v.At)) }},
			{table.Column{Key: "by", Title: "BY", Min: 4, Max: 20, Priority: 5}, func(_ *snap, v *c) table.Cell { return text(v.By) }},
		},
	}
}

func changeCell(kind string) table.Cell {
	switch kind {
	case change.New, change.Grown, change.Reopened:
		return table.Cell{Text: kind, Style: theme.Warn}
	case change.Fixed, change.Shrunk:
		return table.Cell{Text: kind, Style: theme.Good}
	}
	return table.Cell{Text: kind}
}

const changesBack = 7 * 24 * time.Hour

// loadChanges asks what changed; it may take a moment with a long history.
func (m *Model) loadChanges() tea.Cmd {
	t, since := m.triager(), m.o.Now().Add(-changesBack)
	if t == nil {
		return nil
	}
	return func() tea.Msg {
		cs, err := t.Changes(m.ctx, since)
		return changesMsg{cs, err}
	}
}

type changesMsg struct {
	changes []change.Change
	err     error
}

func (m *Model) takeChanges(msg changesMsg) tea.Cmd {
	if msg.err != nil && m.current == "changes" { // elsewhere it is one line that is missing
		m.say(true, "changes: %v", msg.err)
	}
	m.x.changes = msg.changes
	return m.refreshExtras()
}
