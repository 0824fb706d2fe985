package ui

import (
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// completer knows how a filter may go on.
type completer interface {
	Complete(text string, at int) []query.Suggestion
}

// mistaker knows what is wrong with its filter.
type mistaker interface{ Mistake() error }

// counter says how much it shows.
type counter interface{ Count() string }

// hints are what is offered while a filter is typed.
type hints struct {
	list []query.Suggestion
	pick int
}

func (m *Model) startFilter() tea.Cmd {
	f := m.page.(filterer)
	m.mode = modeFilter
	m.input.SetValue(f.FilterText())
	m.input.CursorEnd()
	m.suggest()
	return m.input.Focus()
}

func (m *Model) filterKey(k tea.KeyMsg) tea.Cmd {
	f, ok := m.page.(filterer)
	if !ok {
		m.mode = modeKeys
		return nil
	}
	end := m.input.Position() == len([]rune(m.input.Value()))
	switch {
	case k.Type == tea.KeyEnter, k.Type == tea.KeyDown:
		m.mode = modeKeys
		m.input.Blur()
		return nil
	case k.Type == tea.KeyEsc, k.Type == tea.KeyCtrlC:
		m.mode = modeKeys
		m.input.Blur()
		return f.SetFilter("")
	case k.Type == tea.KeyTab, k.Type == tea.KeyRight && end && len(m.hints.list) > 0:
		return m.takeHint(f)
	case k.Type == tea.KeyShiftTab, k.Type == tea.KeyCtrlN:
		if n := len(m.hints.list); n > 0 {
			m.hints.pick = (m.hints.pick + 1) % n
		}
		return nil
	case k.Type == tea.KeyCtrlP:
		if n := len(m.hints.list); n > 0 {
			m.hints.pick = (m.hints.pick + n - 1) % n
		}
		return nil
	}
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(k)
	if holdsSecret(m.input.Value()) {
		return tea.Batch(f.SetFilter(""), m.refuseSecret())
	}
	m.suggest()
	return tea.Batch(cmd, f.SetFilter(m.input.Value()))
}

// listMsg gives a list what was prepared for it; there may be more to offer then.
func (m *Model) listMsg(view string, msg tea.Msg) tea.Cmd {
	cmd := m.views[view].Update(msg)
	if m.mode == modeFilter {
		m.suggest()
	}
	return cmd
}

// takeHint takes the suggestion that is picked.
func (m *Model) takeHint(f filterer) tea.Cmd {
	if len(m.hints.list) == 0 {
		return nil
	}
	text, at := m.hints.list[m.hints.pick].Apply(m.input.Value())
	m.input.SetValue(text)
	m.input.SetCursor(len([]rune(text[:at])))
	m.suggest()
	return f.SetFilter(text)
}

// suggest looks up what may follow at the cursor.
func (m *Model) suggest() {
	m.hints = hints{}
	if c, ok := m.page.(completer); ok {
		text := m.input.Value()
		m.hints.list = c.Complete(text, m.inputByte())
	}
}

// inputByte is the byte of the text at which its cursor is.
func (m *Model) inputByte() int {
	v := []rune(m.input.Value())
	return len(string(v[:min(m.input.Position(), len(v))]))
}

// mistake is what is wrong with the filter that is typed, unless it is the word at the cursor and may go on.
func (m *Model) mistake() *query.Mistake {
	x, ok := m.page.(mistaker)
	if !ok {
		return nil
	}
	var wrong *query.Mistake
	if !errors.As(x.Mistake(), &wrong) || wrong.To > len(m.input.Value()) {
		return nil
	}
	if len(m.hints.list) > 0 && wrong.To == m.inputByte() {
		return nil
	}
	return wrong
}

// filterLine is the line in which a filter is typed: what is wrong stands out, and what tab would add follows the cursor.
func (m *Model) filterLine() string {
	_, right := "", ""
	if c, ok := m.page.(crumber); ok {
		_, right = c.Crumb()
	}
	if c, ok := m.page.(counter); ok {
		right = strings.TrimSpace(c.Count() + "  " + right)
	}
	const least = 14 // cells to type in
	room := m.w - 4 - table.Width(right)
	if room < least {
		right, room = "", m.w-3
	}
	text, at := m.input.Value(), m.inputByte()
	from := startOf(text, at, room-2)
	var l styledLine
	if from > 0 {
		l = append(l, table.Cell{Text: ellipsis, Style: theme.Dim})
	}
	put := func(s theme.Style, from, to int) {
		if from < to {
			l = append(l, table.Cell{Text: inventory.Clean(text[from:to]), Style: s})
		}
	}
	part := func(from, to int) {
		if w := m.mistake(); w != nil {
			a, b := max(from, min(to, w.From)), max(from, min(to, w.To))
			put(theme.Plain, from, a)
			put(theme.Alarm, a, b)
			from = b
		}
		put(theme.Plain, from, to)
	}
	part(from, at)
	l = append(l, table.Cell{Text: "▏"})
	if at == len(text) {
		l = append(l, table.Cell{Text: m.ghost(), Style: theme.Dim})
	}
	part(at, len(text))
	return m.th.Paint(theme.Note, " / ") + fitStyled(l.draw(m.th, room), room) + m.th.Paint(theme.Dim, right)
}

// startOf is the byte from which a text is shown so that its cursor is in sight.
func startOf(text string, at, room int) int {
	if table.Width(text[:at]) <= room {
		return 0
	}
	for i := range text[:at] {
		if table.Width(text[i:at]) < room {
			return i
		}
	}
	return at
}

// ghost is what tab would add to the text.
func (m *Model) ghost() string {
	text := m.input.Value()
	if len(m.hints.list) == 0 || text == "" {
		return ""
	}
	s := m.hints.list[m.hints.pick]
	typed := text[s.From:s.To]
	if typed == "" && text[len(text)-1] == ' ' || len(s.Text) < len(typed) || !strings.EqualFold(s.Text[:len(typed)], typed) {
		return ""
	}
	return inventory.Clean(s.Text[len(typed):])
}

// filterFooter says what is wrong, else what may follow.
func (m *Model) filterFooter() string {
	if w := m.mistake(); w != nil {
		return m.th.Paint(theme.Alarm, table.Fit(" "+inventory.Clean(m.input.Value()[w.From:w.To])+": "+inventory.Clean(w.What), m.w, false, false))
	}
	if len(m.hints.list) == 0 {
		return m.th.Paint(theme.Dim, table.Fit(" enter keeps it  esc clears it   blank is and, ! is not", m.w, false, false))
	}
	l := styledLine{{Text: " tab ", Style: theme.Dim}}
	room := m.w - 5
	for i := m.hints.pick; i < len(m.hints.list); i++ {
		text := " " + inventory.Clean(m.hints.list[i].Text) + " "
		style := theme.Plain
		if i == m.hints.pick {
			text, style = "["+strings.TrimSpace(text)+"]", theme.Note
		}
		if table.Width(text) > room {
			break
		}
		room -= table.Width(text)
		l = append(l, table.Cell{Text: text, Style: style})
	}
	return l.draw(m.th, m.w)
}
