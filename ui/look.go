package ui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/revoke"
)

// lookAgain asks about the first step that waits for a person, and then looks again at everything that is not proven.
func (m *Model) lookAgain() tea.Cmd {
	r := m.runInFront()
	i := slices.IndexFunc(r.Steps, func(s revoke.StepRun) bool { return s.State == revoke.StateWaiting })
	if i < 0 {
		return m.look(r.ID, nil)
	}
	id, step := r.ID, r.Steps[i]
	return m.ask(prompt{
		text:  []string{step.Summary, "Where its source can see it, it is looked at; elsewhere your word stands, unproven."},
		label: fmt.Sprintf("Is step %d done?", i+1), yes: true,
		done: func(m *Model, _ string) tea.Cmd { return m.look(id, []string{step.ID}) },
	})
}

func (m *Model) look(id string, done []string) tea.Cmd {
	m.busy = "looking again"
	return func() tea.Msg {
		run, err := m.e.LookAgain(m.ctx, id, done, nil)
		return lookedMsg{run, err}
	}
}
