package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// column is a table column with the way to its cell.
type column[T any] struct {
	table.Column
	cell func(s *inventory.Snapshot, x *T) table.Cell
}

// listSpec is what one kind of list is: the record, its columns and its words. A new list is one value of it.
type listSpec[T any] struct {
	name  string // of the view, for the palette: assistants
	noun  string // "assistant"
	cols  []column[T]
	sort  table.Sort
	rows  func(*inventory.Snapshot) []T
	id    func(*T) inventory.ID
	open  func(*T) inventory.ID                           // what enter opens, default the row itself
	foot  func(*inventory.Snapshot, *T, int) []styledLine // the pane below or beside the list
	brief func(*inventory.Snapshot, *T, int) []styledLine // the same in few lines, each thing in one; nil: foot
	empty func(*inventory.Snapshot) string
	note  func() string // stands at the right above the list; nil: nothing
	acts  []string
}

// list is the page of a listSpec.
type list[T any] struct {
	spec  listSpec[T]
	tcols []table.Column
	tbl   *table.Table
	th    *theme.Theme
	snap  *inventory.Snapshot
	items []T
	err   error
	want  int // generation asked for
}

// preparedMsg brings data that was prepared in the background to its list.
type preparedMsg struct {
	view  string
	gen   int
	p     *table.Prepared
	items any
	snap  *inventory.Snapshot
}

type rowData[T any] struct {
	snap  *inventory.Snapshot
	items []T
	spec  *listSpec[T]
}

func (d rowData[T]) Len() int                   { return len(d.items) }
func (d rowData[T]) ID(i int) inventory.ID      { return d.spec.id(&d.items[i]) }
func (d rowData[T]) Cell(i, col int) table.Cell { return d.spec.cols[col].cell(d.snap, &d.items[i]) }

func newList[T any](spec listSpec[T], th *theme.Theme) *list[T] {
	l := &list[T]{spec: spec, th: th}
	for _, c := range spec.cols {
		l.tcols = append(l.tcols, c.Column)
	}
	l.tbl = table.New(l.tcols, th)
	return l
}

func (l *list[T]) Title() string { return l.spec.name }

// Show prepares the rows of a snapshot in a command: for a large inventory that takes longer than a key may.
func (l *list[T]) Show(s *inventory.Snapshot) tea.Cmd {
	if s == nil || s == l.snap {
		return nil
	}
	return l.Reload(s)
}

// Reload prepares the rows anew even where the snapshot is the same: the rows of some lists are not part of it.
func (l *list[T]) Reload(s *inventory.Snapshot) tea.Cmd {
	l.snap = s
	sort := l.spec.sort
	if l.tbl.Ready() {
		sort = l.tbl.SortedBy()
	}
	return l.prepare(s, sort)
}

func (l *list[T]) prepare(s *inventory.Snapshot, sort table.Sort) tea.Cmd {
	l.want++
	gen, spec, cols := l.want, &l.spec, l.tcols
	return func() tea.Msg {
		items := spec.rows(s)
		d := rowData[T]{s, items, spec}
		return preparedMsg{spec.name, gen, table.Prepare(d, cols, sort), items, s}
	}
}

func (l *list[T]) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(preparedMsg); ok && m.view == l.spec.name && m.gen == l.want {
		if items, ok := m.items.([]T); ok {
			l.items = items
		}
		l.tbl.Show(m.p)
	}
	return nil
}

// SortBy goes to the next or previous sort column, or turns the direction round.
func (l *list[T]) SortBy(step int, flip bool) tea.Cmd {
	if !l.tbl.Ready() {
		return nil
	}
	s := l.tbl.SortedBy()
	n := len(l.tcols)
	switch {
	case flip:
		s.Desc = !s.Desc
	default:
		s.Column = ((s.Column+step)%n + n) % n
		s.Desc = l.tcols[s.Column].Desc
	}
	l.want++
	gen, p, name, items := l.want, l.tbl.Prepared(), l.spec.name, l.items
	return func() tea.Msg { return preparedMsg{name, gen, p.Resort(s), items, nil} }
}

func (l *list[T]) current() *T {
	if i := l.tbl.Row(); i >= 0 && i < len(l.items) {
		return &l.items[i]
	}
	return nil
}

func (l *list[T]) Picked() inventory.ID {
	x := l.current()
	if x == nil {
		return ""
	}
	if l.spec.open != nil {
		return l.spec.open(x)
	}
	return l.spec.id(x)
}

func (l *list[T]) Move(n int)             { l.tbl.Move(n) }
func (l *list[T]) Page(n int)             { l.tbl.Page(n) }
func (l *list[T]) Home()                  { l.tbl.Home() }
func (l *list[T]) End()                   { l.tbl.End() }
func (l *list[T]) Toggle()                { l.tbl.Toggle() }
func (l *list[T]) Range()                 { l.tbl.Range() }
func (l *list[T]) MarkAll()               { l.tbl.MarkAll() }
func (l *list[T]) Unmark() bool           { return l.tbl.Unmark() }
func (l *list[T]) Marked() []inventory.ID { return l.tbl.Marked() }
func (l *list[T]) FilterText() string     { return l.tbl.Filter().Text }
func (l *list[T]) Actions() []string      { return l.spec.acts }

// SetFilter shows what matches. On a mistake the rows stay as they are, and the error says what is wrong.
func (l *list[T]) SetFilter(text string) error {
	f, err := table.ParseFilter(text, l.tcols)
	l.err = err
	if err != nil {
		return err
	}
	l.tbl.SetFilter(f)
	return nil
}

func (l *list[T]) Crumb() (left, right string) {
	left = l.spec.name
	if l.tbl.Ready() {
		left += fmt.Sprintf(" %d", l.tbl.Len())
		if l.tbl.Len() != l.tbl.Total() {
			left += fmt.Sprintf(" of %d", l.tbl.Total())
		}
	}
	if t := l.FilterText(); t != "" {
		left += "   " + t
	}
	if l.err != nil {
		left += "   " + l.err.Error()
	}
	if l.spec.note != nil {
		right = l.spec.note()
	}
	if n := len(l.tbl.Marked()); n > 0 {
		right += fmt.Sprintf("%d marked  ", n)
	}
	if s := l.tbl.SortedBy(); s.Column >= 0 && l.tbl.Ready() {
		arrow := "↑"
		if s.Desc {
			arrow = "↓"
		}
		right += "sort " + l.tcols[s.Column].Key + " " + arrow
	}
	return left, right
}

const (
	sideWidth = 120 // from here the detail stands beside the list
	footRows  = 6
)

func (l *list[T]) View(w, h int) string {
	if !l.tbl.Ready() {
		return strings.Join(fillTo([]string{"", "  reading ..."}, h), "\n")
	}
	if l.tbl.Len() == 0 {
		lines := []styledLine{nil}
		for _, t := range wrap(l.nothing(), w-4) {
			lines = append(lines, line(theme.Plain, "  "+t))
		}
		return strings.Join(drawStyled(l.th, lines, w, h), "\n")
	}
	cur := l.current()
	if l.spec.foot == nil || cur == nil || h < 14 {
		return strings.Join(l.tbl.Lines(w, h), "\n")
	}
	if w >= sideWidth {
		side := w / 3
		left := l.tbl.Lines(w-side-3, h)
		right := drawStyled(l.th, l.spec.foot(l.snap, cur, side), side, h)
		for i := range left {
			left[i] = fitStyled(left[i], w-side-3) + " │ " + right[i]
		}
		return strings.Join(left, "\n")
	}
	rows := min(footRows, h/3)
	lines := l.tbl.Lines(w, h-rows-1)
	lines = append(lines, l.th.Paint(theme.Dim, strings.Repeat("─", w)))
	foot := l.spec.foot
	if l.spec.brief != nil {
		foot = l.spec.brief
	}
	return strings.Join(append(lines, drawStyled(l.th, foot(l.snap, cur, w), w, rows)...), "\n")
}

func (l *list[T]) nothing() string {
	if t := l.FilterText(); t != "" {
		return fmt.Sprintf("no %s matches %q; esc clears the filter", l.spec.noun, t)
	}
	if l.snap != nil && l.snap.Partial() {
		return "nothing yet; still collecting"
	}
	if l.spec.empty != nil {
		return l.spec.empty(l.snap)
	}
	return "no " + l.spec.noun + " in what was read; :sources shows what was not"
}
