package ui

import tea "github.com/charmbracelet/bubbletea"

// pointer can put its cursor on what stands on a line of its page; it reports whether the cursor was there already.
type pointer interface {
	Point(line int) (again, ok bool)
}

const wheelRows = 3

// mouse takes a click or a turn of the wheel. The wheel moves, a click puts the cursor on a row, and a click on the
// row under the cursor opens it. Nothing that changes anything is done with the mouse.
func (m *Model) mouse(e tea.MouseMsg) tea.Cmd {
	if m.mode != modeKeys || m.o.Now().Before(m.grace) {
		return nil
	}
	switch {
	case e.Button == tea.MouseButtonWheelDown:
		onPage(m, func(s scroller) { s.Move(wheelRows) })
	case e.Button == tea.MouseButtonWheelUp:
		onPage(m, func(s scroller) { s.Move(-wheelRows) })
	case e.Button == tea.MouseButtonLeft && e.Action == tea.MouseActionPress:
		p, points := m.page.(pointer)
		if !points {
			return nil
		}
		if again, ok := p.Point(e.Y - (chrome - 1)); ok && again && needsPick(m) == "" {
			return m.open()
		}
	}
	return m.wantEffects()
}

// Point puts the cursor on the row of a line of the page; the first line has the titles.
func (l *list[T]) Point(line int) (again, ok bool) { return l.tbl.Point(line - 1) }
