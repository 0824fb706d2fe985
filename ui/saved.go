package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
)

// savedFilter is a filter of a view that has a name.
type savedFilter struct {
	Name   string `json:"name"`
	View   string `json:"view"`
	Filter string `json:"filter"`
}

func savedActions() []action {
	return []action{
		{id: "save-filter", keys: []string{"F"}, help: "give the filter in force a name; : offers it then", do: (*Model).startSave, why: func(m *Model) string {
			if f, ok := m.page.(filterer); !ok || f.FilterText() == "" || m.views[m.current] != m.page {
				return "no filter is in force; / sets one"
			}
			if holdsSecret(m.page.(filterer).FilterText()) {
				return "the filter holds a secret"
			}
			if x, ok := m.page.(mistaker); ok && x.Mistake() != nil {
				return x.Mistake().Error()
			}
			return ""
		}},
		{id: "forget-filter", keys: []string{"ctrl+d"}, help: "take a saved filter away", do: (*Model).startForget, why: func(m *Model) string {
			if len(m.prefs.Filters) == 0 {
				return "no filter was saved; F saves one"
			}
			return ""
		}},
	}
}

func (m *Model) startSave() tea.Cmd {
	f := savedFilter{View: m.current, Filter: m.page.(filterer).FilterText()}
	return m.ask(prompt{label: fmt.Sprintf("Name for %s %s:", f.View, f.Filter), done: func(m *Model, name string) tea.Cmd {
		f.Name = strings.TrimSpace(inventory.Clean(name))
		if f.Name == "" {
			m.say(false, "not saved: it needs a name")
			return nil
		}
		m.say(false, "saved: press : and type %s", f.Name)
		return m.keep(func(p *prefs) {
			p.Filters = append(without(p.Filters, f.Name), f)
			slices.SortFunc(p.Filters, func(a, b savedFilter) int { return strings.Compare(a.Name, b.Name) })
		})
	}})
}

func without(fs []savedFilter, name string) []savedFilter {
	return slices.DeleteFunc(slices.Clone(fs), func(f savedFilter) bool { return f.Name == name })
}

// savedChoices are the saved filters for the palette.
func (m *Model) savedChoices() []choice {
	var out []choice
	for _, f := range m.prefs.Filters {
		if m.views[f.View] == nil {
			continue
		}
		out = append(out, choice{name: f.Name, help: "filter: " + f.View + " " + f.Filter, do: func(m *Model) tea.Cmd {
			cmd := m.goTo(f.View)
			if x, ok := m.page.(filterer); ok {
				return tea.Batch(cmd, x.SetFilter(f.Filter))
			}
			return cmd
		}})
	}
	return out
}

func (m *Model) startForget() tea.Cmd {
	var all []choice
	for _, f := range m.prefs.Filters {
		all = append(all, choice{name: f.Name, help: f.View + " " + f.Filter, do: func(m *Model) tea.Cmd {
			m.say(false, "taken away: %s, which was %s %s", f.Name, f.View, f.Filter)
			return m.keep(func(p *prefs) { p.Filters = without(p.Filters, f.Name) })
		}})
	}
	return m.choose("take away which filter", all)
}
