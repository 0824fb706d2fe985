package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// Excerpter is an [Engine] that can show what stands around the places of a record, every secret masked.
type Excerpter interface {
	Excerpts(ctx context.Context, id inventory.ID) ([]inventory.Excerpt, error)
}

// aside is what a tab shows beside the snapshot. It is read when the tab comes to the front.
type aside[T any] struct {
	of   *snap // it was asked for with this one; nil: it was not
	done bool
	what T
	err  error
}

type excerptsMsg struct {
	id   inventory.ID
	of   *snap
	what []inventory.Excerpt
	err  error
}

// loadTab starts to read what the tab in front shows beside the snapshot; nil where that is nothing, or is there already.
func (m *Model) loadTab(d *detail) tea.Cmd {
	switch {
	case len(d.tabs()) == 0:
		return nil
	case m.snap.Partial() && (d.excerpts.done || d.history.done):
		return nil // what is shown is good enough until the collection ends
	case d.front() == tabHistory:
		return m.loadHistory(d)
	case d.front() != tabEvidence || d.excerpts.of == m.snap:
		return nil
	}
	x, ok := m.e.(Excerpter)
	if !ok {
		return nil
	}
	d.excerpts.of = m.snap
	id, of := d.id, m.snap
	return func() tea.Msg {
		what, err := x.Excerpts(m.ctx, id)
		return excerptsMsg{id, of, what, err}
	}
}

// takeAside takes what was read beside the snapshot to the pages that asked for it, wherever they are by now.
func (m *Model) takeAside(msg tea.Msg) tea.Cmd {
	if runs, ok := msg.(runsMsg); ok {
		return m.takeRuns(runs)
	}
	for _, v := range append(m.stack[:len(m.stack):len(m.stack)], m.page) {
		d, ok := v.(*detail)
		if !ok {
			continue
		}
		switch msg := msg.(type) {
		case excerptsMsg:
			if d.id == msg.id && d.excerpts.of == msg.of {
				d.excerpts, d.lines = aside[[]inventory.Excerpt]{msg.of, true, msg.what, msg.err}, nil
			}
		case historyMsg:
			if d.id == msg.id && d.history.of == msg.of {
				d.history, d.lines = aside[posture.History]{msg.of, true, msg.what, msg.err}, nil
			}
		}
	}
	return nil
}

// evidenceTab writes every place that the record was read in, and what stands there now.
func (b *detailBuilder) evidenceTab(d *detail) {
	places := b.s.Places(d.id)
	if len(places) == 0 {
		b.para("No place is known that it was read in.")
		return
	}
	x := &d.excerpts
	if x.err != nil {
		b.add("", table.Cell{Text: "The places could not be read again: " + x.err.Error(), Style: theme.Warn})
	}
	if !x.done {
		for _, e := range places {
			b.placeLine(e, d.id)
		}
		if x.of != nil {
			b.add("", table.Cell{Text: "reading what stands there now ...", Style: theme.Dim})
		}
		return
	}
	var shown []*inventory.Excerpt // of the places above that have their lines in common
	for _, e := range places {
		now := excerptAt(x.what, e)
		if len(shown) > 0 && (now == nil || !sameLines(shown[0], now)) {
			b.excerpts(shown)
			b.lines = append(b.lines, detailLine{head: true})
			shown = nil
		}
		b.placeLine(e, d.id)
		switch {
		case now == nil:
		case len(now.Lines) > 0:
			shown = append(shown, now)
			b.excerptWarns(now)
		default:
			b.excerptWarns(now)
			b.lines = append(b.lines, detailLine{head: true})
		}
	}
	b.excerpts(shown)
	if more := len(places) - len(x.what); more > 0 && x.err == nil {
		b.add("", table.Cell{Text: fmt.Sprintf("%d more were not read again", more), Style: theme.Dim})
	}
}

// placeLine names a place and what it shows.
func (b *detailBuilder) placeLine(e inventory.Evidence, id inventory.ID) {
	note := joined("  ", e.Pointer, e.Note)
	if x := b.s.Secret(id); x != nil {
		for _, l := range x.Locations {
			if l.Path == e.Path && l.Pointer == e.Pointer && l.Line == e.Line {
				note = locationFacts(l)
			}
		}
	}
	at := table.Cell{Text: place(e.Path, e.Line), Style: theme.Note}
	if table.Width(at.Text)+2+table.Width(note) <= b.w {
		b.add("", at, table.Cell{Text: "  " + note, Style: theme.Dim})
		return
	}
	b.add("", at)
	for _, t := range wrap(note, b.w-4) {
		b.add("", table.Cell{Text: "    " + t, Style: theme.Dim})
	}
}

func excerptAt(xs []inventory.Excerpt, e inventory.Evidence) *inventory.Excerpt {
	for i := range xs {
		if at := xs[i].At; at.Path == e.Path && at.Line == e.Line && at.Pointer == e.Pointer {
			return &xs[i]
		}
	}
	return nil
}

// sameLines reports whether two places of a file have the same lines around them.
func sameLines(a, b *inventory.Excerpt) bool {
	return a.At.Path == b.At.Path && a.First == b.First && len(a.Lines) == len(b.Lines)
}

// excerptWarns says why there are no lines, and what is no longer as it was read.
func (b *detailBuilder) excerptWarns(x *inventory.Excerpt) {
	warn := func(text string) { b.add("", table.Cell{Text: "    " + text, Style: theme.Warn}) }
	switch {
	case x.State == inventory.LookedAbsent || x.State == inventory.LookedVanished:
		warn("the file is not there any more; ctrl-r reads anew")
	case x.State == inventory.LookedSkipped:
		b.add("", table.Cell{Text: "    " + x.Reason, Style: theme.Dim})
	case x.State != inventory.LookedRead:
		warn(joined(": ", x.State, x.Reason))
	case x.Gone:
		warn("the place is not in the file any more, which was changed " + stamp(x.Modified) + "; ctrl-r reads anew")
	case x.Changed:
		warn("changed " + stamp(x.Modified) + ", after it was read; ctrl-r reads anew")
	case x.Line > 0 && x.At.Line > 0 && x.Line != x.At.Line:
		warn(fmt.Sprintf("it stands on line %d now", x.Line))
	}
}

// excerpts writes the lines that some places have in common, those of the places marked.
func (b *detailBuilder) excerpts(xs []*inventory.Excerpt) {
	if len(xs) == 0 {
		return
	}
	x := xs[0]
	wide := len(fmt.Sprint(x.First + len(x.Lines)))
	for i, l := range x.Lines {
		n := x.First + i
		sign, style := "  ", theme.Dim
		if slices.ContainsFunc(xs, func(x *inventory.Excerpt) bool { return x.Line == n }) {
			sign, style = "> ", theme.Bold
		}
		b.add("", table.Cell{Text: fmt.Sprintf("  %s%*d | ", sign, wide, n), Style: theme.Dim}, table.Cell{Text: strings.TrimRight(l, " "), Style: style})
	}
}
