package ui

import (
	"fmt"
	"strings"

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
	live  bool // its rows are not of the snapshot but of the model, and are taken where that belongs
	id    func(*T) inventory.ID
	open  func(*T) inventory.ID                           // what enter opens, default the row itself
	foot  func(*inventory.Snapshot, *T, int) []styledLine // the pane below or beside the list
	brief func(*inventory.Snapshot, *T, int) []styledLine // the same in few lines, each thing in one; nil: foot
	empty func(*inventory.Snapshot) string
	note  func() string // stands at the right above the list; nil: nothing
	acts  []string

	footRows int // lines of the pane below; 0: the usual
}

// list is the page of a listSpec.
type list[T any] struct {
	spec  listSpec[T]
	tcols []table.Column
	tbl   *table.Table
	th    *theme.Theme
	snap  *inventory.Snapshot // the newest that was given
	of    *inventory.Snapshot // the one that is shown
	items []T
	err   error // what is wrong with the filter
	work  listWork
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
	l.work.sort = spec.sort
	return l
}

func (l *list[T]) Title() string { return l.spec.name }

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

func (l *list[T]) Move(n int)              { l.tbl.Move(n) }
func (l *list[T]) Page(n int)              { l.tbl.Page(n) }
func (l *list[T]) Home()                   { l.tbl.Home() }
func (l *list[T]) End()                    { l.tbl.End() }
func (l *list[T]) Toggle()                 { l.tbl.Toggle() }
func (l *list[T]) Range()                  { l.tbl.Range() }
func (l *list[T]) MarkAll()                { l.tbl.MarkAll() }
func (l *list[T]) Unmark() bool            { return l.tbl.Unmark() }
func (l *list[T]) Marked() []inventory.ID  { return l.tbl.Marked() }
func (l *list[T]) FilterText() string      { return l.tbl.Filter().Text }
func (l *list[T]) Actions() []string       { return l.spec.acts }
func (l *list[T]) Columns() []table.Column { return l.tcols }
func (l *list[T]) Chosen() ([]int, bool)   { return l.tbl.Chosen() }
func (l *list[T]) Choose(order []int)      { l.tbl.Choose(order) }
func (l *list[T]) Shown() []int            { return l.tbl.Shown() }
func (l *list[T]) Sorted() table.Sort      { return l.work.sort }

// Crumb says what is shown of how much, by which filter, and in which order.
func (l *list[T]) Crumb() (left, right string) {
	left = l.spec.name
	if l.tbl.Ready() {
		left += " " + l.Count()
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
	if n := l.tbl.Marks(); n > 0 {
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

// Count is the number of rows shown, and of how many.
func (l *list[T]) Count() string {
	switch {
	case l.tbl.Searching():
		return fmt.Sprintf("%d or more of %d, searching", l.tbl.Len(), l.tbl.Total())
	case l.tbl.Len() != l.tbl.Total():
		return fmt.Sprintf("%d of %d", l.tbl.Len(), l.tbl.Total())
	}
	return fmt.Sprint(l.tbl.Len())
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
		right := drawStyled(l.th, wrapAll(l.spec.foot(l.of, cur, side), side), side, h)
		for i := range left {
			left[i] = fitStyled(left[i], w-side-3) + " │ " + right[i]
		}
		return strings.Join(left, "\n")
	}
	rows := min(footRows, h/3)
	if l.spec.footRows > 0 {
		rows = min(l.spec.footRows, h/2)
	}
	lines := l.tbl.Lines(w, h-rows-1)
	lines = append(lines, l.th.Paint(theme.Dim, strings.Repeat("─", w)))
	foot := l.spec.foot
	if l.spec.brief != nil {
		foot = l.spec.brief
	}
	return strings.Join(append(lines, drawStyled(l.th, foot(l.of, cur, w), w, rows)...), "\n")
}

func (l *list[T]) nothing() string {
	if l.tbl.Searching() {
		return "searching ..."
	}
	if t := l.FilterText(); t != "" {
		return fmt.Sprintf("no %s matches %q; esc clears the filter", l.spec.noun, t)
	}
	if l.snap != nil && l.snap.Partial() && !isExtra(l.spec.name) {
		return "nothing yet; still collecting"
	}
	if l.spec.empty != nil {
		return l.spec.empty(l.snap)
	}
	return "no " + l.spec.noun + " in what was read; :sources shows what was not"
}
