package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
)

// View is one page of the dashboard.
type View interface {
	Title() string
	Show(*inventory.Snapshot) tea.Cmd // on focus and on new data
	Update(tea.Msg) tea.Cmd
	View(w, h int) string
	Actions() []string // ids of the actions that this page answers to, in the order of its footer
}

// What a page can be asked for beyond that, found by assertion.
type (
	// scroller moves.
	scroller interface {
		Move(n int)
		Page(n int)
		Home()
		End()
	}
	// picker has something under its cursor.
	picker interface{ Picked() inventory.ID }
	// marker has marks.
	marker interface {
		Toggle()
		Range()
		MarkAll()
		Unmark() bool
		Marked() []inventory.ID
	}
	// filterer can be filtered.
	filterer interface {
		SetFilter(text string) tea.Cmd
		FilterText() string
	}
	// sorter can be sorted.
	sorter interface {
		SortBy(step int, flip bool) tea.Cmd
	}
	// crumber says more than its title in the second line.
	crumber interface{ Crumb() (left, right string) }
	// sider moves sideways.
	sider interface{ Side(n int) }
	// copier offers text to copy that is more than an id.
	copier interface{ Copy() string }
)
