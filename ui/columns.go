package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// columned is a page whose columns can be chosen.
type columned interface {
	Columns() []table.Column
	Chosen() (order []int, chosen bool) // those that may be shown, and whether the operator chose them
	Choose(order []int)                 // none: the list's own choice
	Shown() []int                       // those that the screen has room for
	Sorted() table.Sort
	Order(table.Sort) tea.Cmd
}

// columnActions are those of the page on which columns are chosen.
func columnActions() []action {
	only := needs[*columnsPage]("only where columns are chosen: C")
	on := func(f func(*columnsPage, *Model) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			p := m.page.(*columnsPage)
			return tea.Batch(f(p, m), m.keepView(m.current))
		}
	}
	return []action{
		{id: "columns", keys: []string{"C"}, help: "choose the columns of this list, and their order; they are kept", do: (*Model).startColumns, why: needs[columned]("this page has no columns")},
		{id: "column-toggle", keys: []string{" "}, short: "show or hide", help: "show or hide the column", do: on((*columnsPage).toggle), why: only},
		{id: "column-earlier", keys: []string{"<"}, short: "earlier", help: "move the column to the left", do: on(func(p *columnsPage, _ *Model) tea.Cmd { return p.shift(-1) }), why: only},
		{id: "column-later", keys: []string{">"}, short: "later", help: "move the column to the right", do: on(func(p *columnsPage, _ *Model) tea.Cmd { return p.shift(1) }), why: only},
		{id: "column-sort", keys: []string{"S"}, short: "sort by it", help: "sort by the column; again turns the order round", do: on((*columnsPage).sortBy), why: only},
		{id: "column-reset", keys: []string{"0"}, short: "as before", help: "the columns that the list has by itself", do: on((*columnsPage).reset), why: only},
	}
}

func (m *Model) startColumns() tea.Cmd { return m.push(newColumnsPage(m.page.(columned), m.th)) }

// columnsPage lists the columns of a list: those that are shown first, in their order.
type columnsPage struct {
	of     columned
	th     *theme.Theme
	rows   []int // columns
	on     int   // how many of them are shown
	cursor int
	top    int
	height int
}

func newColumnsPage(of columned, th *theme.Theme) *columnsPage {
	p := &columnsPage{of: of, th: th}
	p.fill()
	return p
}

func (p *columnsPage) fill() {
	p.rows, _ = p.of.Chosen()
	p.on = len(p.rows)
	for c := range p.of.Columns() {
		if !slices.Contains(p.rows, c) {
			p.rows = append(p.rows, c)
		}
	}
}

func (p *columnsPage) Title() string                    { return "columns" }
func (p *columnsPage) Show(*inventory.Snapshot) tea.Cmd { return nil }
func (p *columnsPage) Update(tea.Msg) tea.Cmd           { return nil }
func (p *columnsPage) Move(n int)                       { p.cursor = max(0, min(p.cursor+n, len(p.rows)-1)) }
func (p *columnsPage) Page(n int)                       { p.Move(n * max(1, p.height-2)) }
func (p *columnsPage) Home()                            { p.Move(-len(p.rows)) }
func (p *columnsPage) End()                             { p.Move(len(p.rows)) }
func (p *columnsPage) Actions() []string {
	return []string{"column-toggle", "column-earlier", "column-later", "column-sort", "column-reset", "back"}
}

// toggle shows or hides the column under the cursor; one is always shown.
func (p *columnsPage) toggle(m *Model) tea.Cmd {
	c := p.rows[p.cursor]
	switch {
	case p.cursor >= p.on:
		p.rows = slices.Insert(slices.Delete(p.rows, p.cursor, p.cursor+1), p.on, c)
		p.on++
	case p.on == 1:
		m.say(false, "one column stays")
		return nil
	default:
		p.on--
		p.rows = slices.Insert(slices.Delete(p.rows, p.cursor, p.cursor+1), p.on, c)
	}
	p.cursor = slices.Index(p.rows, c)
	p.of.Choose(p.rows[:p.on])
	return nil
}

// shift moves the column under the cursor among those that are shown.
func (p *columnsPage) shift(n int) tea.Cmd {
	to := p.cursor + n
	if p.cursor < p.on && to >= 0 && to < p.on {
		p.rows[p.cursor], p.rows[to] = p.rows[to], p.rows[p.cursor]
		p.cursor = to
		p.of.Choose(p.rows[:p.on])
	}
	return nil
}

func (p *columnsPage) sortBy(*Model) tea.Cmd {
	c := p.rows[p.cursor]
	s := table.Sort{Column: c, Desc: p.of.Columns()[c].Desc}
	if now := p.of.Sorted(); now.Column == c {
		s.Desc = !now.Desc
	}
	return p.of.Order(s)
}

func (p *columnsPage) reset(*Model) tea.Cmd {
	p.of.Choose(nil)
	p.fill()
	return nil
}

func (p *columnsPage) View(w, h int) string {
	p.height = h
	rows := max(1, h-2)
	p.top = max(0, min(p.top, p.cursor), p.cursor-rows+1)
	cols, shown, sorted := p.of.Columns(), p.of.Shown(), p.of.Sorted()
	lines := []styledLine{{{Text: "      COLUMN        FILTER KEY", Style: theme.Head}}}
	for i := p.top; i < len(p.rows) && i < p.top+rows; i++ {
		c := p.rows[i]
		sign, box, style := "  ", "[ ] ", theme.Plain
		if i < p.on {
			box = "[x] "
		}
		if i == p.cursor {
			sign, style = "> ", theme.Cursor
		}
		var notes []string
		if c == sorted.Column {
			notes = append(notes, "sorted "+map[bool]string{false: "↑", true: "↓"}[sorted.Desc])
		}
		if i < p.on && !slices.Contains(shown, c) {
			notes = append(notes, "no room on this screen")
		}
		l := sign + box + table.Fit(cols[c].Title, 13, false, false) + " " + table.Fit(cols[c].Key, 14, false, false) + strings.Join(notes, ", ")
		lines = append(lines, line(style, table.Fit(l, w, false, false)))
	}
	return strings.Join(drawStyled(p.th, lines, w, h), "\n")
}
