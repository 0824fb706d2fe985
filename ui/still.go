package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/ui/theme"
)

// Still draws what a view shows of the engine's snapshot, on a screen of w by h cells and without colours, as text: for
// documents and tests. A view that is not known is the overview.
func Still(e Engine, o Options, view string, w, h int) string {
	var queue []tea.Msg
	m := NewModel(context.Background(), e, o, theme.New(theme.Mono), func(msg tea.Msg) { queue = append(queue, msg) })
	m.w, m.h = w, h
	var do func(tea.Cmd)
	do = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				do(c)
			}
		case nil:
		default:
			queue = append(queue, msg)
		}
	}
	if s := e.Snapshot(); s != nil {
		do(m.show(s))
	}
	if m.views[view] != nil {
		do(m.goTo(view))
	}
	for len(queue) > 0 {
		msg := queue[0]
		queue = queue[1:]
		_, cmd := m.Update(msg)
		do(cmd)
	}
	return m.View()
}
