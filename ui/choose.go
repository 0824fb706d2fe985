package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// chooser is a list that narrows as one types and runs what is chosen: the palette and the help.
type chooser struct {
	title  string
	all    []choice
	shown  []choice
	cursor int
	typed  string
	rest   string // what follows the first word in the palette: a filter for the view
}

type choice struct {
	name, key, help string
	dim             string // why it is not possible now
	do              func(*Model) tea.Cmd
}

func (c *chooser) narrow(text string) {
	c.typed = text
	c.rest = ""
	words := strings.ToLower(strings.TrimSpace(text))
	type hit struct {
		choice
		score int
	}
	var hits []hit
	for _, x := range c.all {
		score := fuzzy(words, x.name)
		if score == 0 && strings.Contains(strings.ToLower(x.key+" "+x.help), words) {
			score = 1
		}
		if score > 0 {
			hits = append(hits, hit{x, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	c.shown = c.shown[:0]
	for _, h := range hits {
		c.shown = append(c.shown, h.choice)
	}
	if len(c.shown) == 0 || strings.Contains(words, " ") && hits[0].score < 500 {
		first, rest, ok := strings.Cut(words, " ")
		if ok {
			for _, x := range c.all {
				if x.name == first {
					c.shown = slices.Insert(c.shown, 0, x)
					c.rest = rest
				}
			}
		}
	}
	c.cursor = 0
}

func (c *chooser) draw(w, h int) []styledLine {
	lines := []styledLine{{{Text: " " + c.title + "  ", Style: theme.Bold}, {Text: c.typed + "▏"}, {Text: "   enter runs, esc leaves", Style: theme.Dim}}, nil}
	rows := h - len(lines)
	top := max(0, c.cursor-rows+1)
	for i := top; i < len(c.shown) && i < top+rows; i++ {
		x := c.shown[i]
		sign, style := "  ", theme.Plain
		if i == c.cursor {
			sign, style = "> ", theme.Cursor
		}
		text := sign + table.Fit(x.name, 22, false, false) + " " + table.Fit(x.key, 9, false, false) + " "
		help := x.help
		if x.dim != "" {
			help = "(" + x.dim + ")"
			if i != c.cursor {
				style = theme.Dim
			}
		}
		lines = append(lines, line(style, table.Fit(text+help, w, false, false)))
	}
	if len(c.shown) == 0 {
		lines = append(lines, linef(theme.Plain, "  nothing is called %q", c.typed))
	}
	return lines
}

// alsoCalled are other words for views, by which the palette finds them.
var alsoCalled = map[string]string{"revocations": "the runs"}

const mostIdentities = 400 // offered by the palette once something is typed

func (m *Model) startPalette() tea.Cmd {
	var all []choice
	for i, name := range m.names {
		key := ""
		if i < 9 {
			key = fmt.Sprint(i + 1)
		}
		all = append(all, choice{name: name, key: key, help: joined(" of ", "view", alsoCalled[name]), do: func(m *Model) tea.Cmd {
			cmd := m.goTo(name)
			if f, ok := m.page.(filterer); ok && m.picker.rest != "" {
				return tea.Batch(cmd, f.SetFilter(m.picker.rest))
			}
			return cmd
		}})
	}
	all = append(all, m.savedChoices()...)
	all = append(all, m.actionChoices()...)
	if m.snap != nil {
		as := m.snap.Records().Assistants
		for i := range as[:min(len(as), mostIdentities)] {
			id := as[i].ID
			all = append(all, choice{name: short(&as[i]), help: where(&as[i]), do: func(m *Model) tea.Cmd { return m.push(newDetail(id, m.th)) }})
		}
	}
	return m.choose("go to", all)
}

func (m *Model) startHelp() tea.Cmd {
	all := m.actionChoices()
	for i, name := range m.names {
		if i < 9 {
			all = append(all, choice{name: name, key: fmt.Sprint(i + 1), help: "view", do: func(m *Model) tea.Cmd { return m.goTo(name) }})
		}
	}
	all = append(all, choice{name: "next-view", key: "tab", help: "the next view; shift-tab the one before", do: func(m *Model) tea.Cmd { return m.cycle(1) }})
	return m.choose("help: type to search", all)
}

func (m *Model) actionChoices() []choice {
	var out []choice
	for i := range m.actions {
		a := &m.actions[i]
		if contextual[a.id] && !slices.Contains(m.page.Actions(), a.id) {
			continue
		}
		var names []string
		for _, k := range a.keys {
			names = append(names, keyName(k))
		}
		help := a.help
		if a.danger {
			help = "DANGER: " + help // leads to a change outside the dashboard
		}
		c := choice{name: a.id, key: strings.Join(names, " "), help: help, do: func(m *Model) tea.Cmd { return m.run(a) }}
		if a.why != nil {
			c.dim = inventory.Clean(a.why(m))
			if c.dim != "" {
				c.dim = help + "; not now: " + c.dim
			}
		}
		out = append(out, c)
	}
	return out
}

func (m *Model) choose(title string, all []choice) tea.Cmd {
	m.mode = modeChoose
	m.picker = chooser{title: title, all: all}
	m.picker.narrow("")
	m.input.SetValue("")
	return m.input.Focus()
}

func (m *Model) chooseKey(k tea.KeyMsg) tea.Cmd {
	leave := func() {
		m.mode = modeKeys
		m.input.Blur()
	}
	switch k.Type {
	case tea.KeyEsc, tea.KeyCtrlC:
		leave()
		return nil
	case tea.KeyUp, tea.KeyCtrlP:
		m.picker.cursor = max(0, m.picker.cursor-1)
		return nil
	case tea.KeyDown, tea.KeyCtrlN, tea.KeyTab:
		m.picker.cursor = min(len(m.picker.shown)-1, m.picker.cursor+1)
		return nil
	case tea.KeyEnter:
		leave()
		if c := m.picker.cursor; c >= 0 && c < len(m.picker.shown) {
			return m.picker.shown[c].do(m)
		}
		return nil
	}
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(k)
	if holdsSecret(m.input.Value()) {
		return m.refuseSecret()
	}
	m.picker.narrow(m.input.Value())
	return cmd
}
