package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/credential"
)

// holdsSecret reports whether a text has a secret in it whose form tells what it is.
func holdsSecret(text string) bool {
	return len(credential.Find(text, credential.Context{Position: credential.PositionFile})) > 0
}

// refuseSecret wipes what was pasted or typed into a question that does not take a secret, before it is drawn or kept. What
// still comes of it is not shown, and is no key of a page.
func (m *Model) refuseSecret() tea.Cmd {
	return m.ask(prompt{
		text:  []string{"That is a secret: it was wiped, is not shown and not kept, and nothing was done."},
		label: "esc, then ! takes it:", danger: true, paste: &paste{},
		done: func(m *Model, _ string) tea.Cmd {
			m.say(false, "left as it is; ! takes a secret")
			return nil
		},
	})
}
