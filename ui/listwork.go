package ui

import (
	"slices"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/table"
)

// listWork is what a list does in the background: for a large inventory reading, sorting and searching take longer than a
// key may. One reading is under way at a time; of the data that come meanwhile only the newest are read next, so that
// however many changes arrive there is always a list to be shown.
type listWork struct {
	busy  bool
	again bool // there is something newer than what is being read
	sort  table.Sort
	gen   int // of the sorting
	stop  *atomic.Bool
}

// preparedMsg brings data that was prepared in the background to its list.
type preparedMsg struct {
	view  string
	p     *table.Prepared
	found *table.Found
	items any // nil: only the order is new
	snap  *inventory.Snapshot
	gen   int // of a sorting
}

// foundMsg brings what a long search found.
type foundMsg struct {
	view  string
	found *table.Found
}

// Show prepares the rows of a snapshot in a command.
func (l *list[T]) Show(s *inventory.Snapshot) tea.Cmd {
	if s == nil || s == l.snap {
		return nil
	}
	return l.Reload(s)
}

// Reload prepares the rows anew even where the snapshot is the same: the rows of some lists are not part of it.
func (l *list[T]) Reload(s *inventory.Snapshot) tea.Cmd {
	l.snap = s
	if l.work.busy {
		l.work.again = true
		return nil
	}
	l.work.busy = true
	spec, cols, sort, text, fields := &l.spec, l.tcols, l.work.sort, l.FilterText(), l.tbl.Fields()
	rows := spec.rows
	if spec.live {
		now := slices.Clone(rows(s))
		rows = func(*inventory.Snapshot) []T { return now }
	}
	return func() tea.Msg {
		items := rows(s)
		m := preparedMsg{view: spec.name, p: table.Prepare(rowData[T]{s, items, spec}, cols, sort, nil), items: items, snap: s}
		if text != "" {
			q, _ := query.Parse(text, fields, since(s))
			m.found = m.p.Find(q, nil, nil)
		}
		return m
	}
}

// since is what ages in a filter count from: the time of the facts.
func since(s *inventory.Snapshot) time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.At()
}

func (l *list[T]) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case preparedMsg:
		if m.items != nil || m.gen == l.work.gen {
			return l.take(m)
		}
	case foundMsg:
		l.tbl.Take(m.found)
	}
	return nil
}

// take shows what was prepared, in the order that is wanted by now.
func (l *list[T]) take(m preparedMsg) tea.Cmd {
	if m.p.Sort != l.work.sort {
		return l.resort(m)
	}
	l.halt()
	var next tea.Cmd
	if items, ok := m.items.([]T); ok {
		l.items, l.of = items, m.snap
		if l.work.busy = false; l.work.again {
			l.work.again = false
			next = l.Reload(l.snap)
		}
	}
	return tea.Batch(l.more(l.tbl.Show(m.p, m.found)), next)
}

// resort sorts anew in a command; what is not wanted any more by then is given up.
func (l *list[T]) resort(m preparedMsg) tea.Cmd {
	l.halt()
	stop := &atomic.Bool{}
	l.work.stop = stop
	m.gen = l.work.gen
	sort := l.work.sort
	return func() tea.Msg {
		p := m.p.Resort(sort, stop.Load)
		switch {
		case p != nil:
			m.p, m.found = p, p.Again(m.found)
		case m.items == nil:
			return nil
		}
		return m // new data are wanted in any order; the list sorts them again as it wants by then
	}
}

// halt gives up the sorting that is under way.
func (l *list[T]) halt() {
	if l.work.stop != nil {
		l.work.stop.Store(true)
		l.work.stop = nil
	}
	l.work.gen++
}

// SortBy goes to the next or previous of the columns that are shown, or turns the direction round.
func (l *list[T]) SortBy(step int, flip bool) tea.Cmd {
	if !l.tbl.Ready() {
		return nil
	}
	s := l.work.sort
	if flip {
		s.Desc = !s.Desc
	} else if cols := l.tbl.Shown(); len(cols) > 0 {
		at := slices.Index(cols, s.Column)
		if at < 0 && step < 0 {
			at = 0
		}
		s.Column = cols[(at+step+len(cols))%len(cols)]
		s.Desc = l.tcols[s.Column].Desc
	}
	return l.Order(s)
}

// Order sorts by a column.
func (l *list[T]) Order(s table.Sort) tea.Cmd {
	l.work.sort = s
	if !l.tbl.Ready() {
		return nil
	}
	return l.resort(preparedMsg{view: l.spec.name, p: l.tbl.Prepared(), found: l.tbl.Found()})
}

// SetFilter shows what matches. A term with a mistake does not count; Mistake says what is wrong with it.
func (l *list[T]) SetFilter(text string) tea.Cmd {
	q, err := l.tbl.Parse(text, since(l.snap))
	l.err = err
	return l.more(l.tbl.SetFilter(q))
}

// Mistake is what is wrong with the filter, or nil.
func (l *list[T]) Mistake() error { return l.err }

// more runs the rest of a search in a command.
func (l *list[T]) more(rest func() *table.Found) tea.Cmd {
	if rest == nil {
		return nil
	}
	name := l.spec.name
	return func() tea.Msg { return foundMsg{name, rest()} }
}

// Complete says how a filter may go on.
func (l *list[T]) Complete(text string, at int) []query.Suggestion { return complete(l.tbl, text, at) }
