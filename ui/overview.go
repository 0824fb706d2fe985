package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// overview is the landing page: what to do first, then how we stand, then what we do not know. Its cursor walks the
// fixes; enter opens what to change.
type overview struct {
	th     *theme.Theme
	snap   *inventory.Snapshot
	cursor int
	state  func() collecting
	recent func() []change.Change // of the last week
	ended  func() []revoke.Run    // what was revoked, newest first
	open   func() []revoke.Run    // of those, what is not at its end and not carried out from here
	moved  bool                   // by the operator
}

// collecting is what the overview says of a running collection.
type collecting struct {
	on       bool
	progress map[string]string
}

const firstFixes = 3

func (o *overview) Title() string { return "overview" }

func (o *overview) Show(s *inventory.Snapshot) tea.Cmd {
	o.snap = s
	o.clamp()
	return nil
}

func (o *overview) Update(tea.Msg) tea.Cmd { return nil }

func (o *overview) Actions() []string {
	o.clamp()
	if o.cursor < 0 {
		return []string{"open", "resume", "collect"}
	}
	return []string{"open", "revoke", "collect"}
}

func (o *overview) fixes() []inventory.Issue {
	if o.snap == nil {
		return nil
	}
	issues := o.snap.Records().Issues
	return issues[:min(len(issues), firstFixes)]
}

// Picked is what the cursor is on: a fix or, above the first, a run that is not at its end.
func (o *overview) Picked() inventory.ID {
	o.clamp()
	if runs := o.openShown(); o.cursor < 0 {
		return inventory.ID(runPrefix + runs[len(runs)+o.cursor].ID)
	}
	if f := o.fixes(); o.cursor < len(f) {
		if f[o.cursor].Subject != "" {
			return f[o.cursor].Subject
		}
		return f[o.cursor].ID
	}
	return ""
}

func (o *overview) Move(n int) {
	o.clamp()
	o.cursor += n
	o.moved = true
	o.clamp()
}
func (o *overview) Page(n int) { o.Move(n * firstFixes) }
func (o *overview) Home()      { o.Move(-mostOpen - firstFixes) }
func (o *overview) End()       { o.Move(mostOpen + firstFixes) }

// clamp keeps the cursor on what is there. Until the operator moves it, it is on what comes first.
func (o *overview) clamp() {
	n := len(o.openShown())
	if !o.moved {
		o.cursor = -n
	}
	o.cursor = max(-n, min(o.cursor, max(len(o.fixes())-1, -min(n, 1))))
}

func (o *overview) View(w, h int) string {
	var b pageLines
	switch {
	case o.snap == nil:
		o.unended(&b, w)
		b.add(line(theme.Plain, ""), line(theme.Plain, " Nothing collected yet."))
		for _, name := range inventory.SortedKeys(o.state().progress) {
			b.add(linef(theme.Dim, " %s: %s", name, o.state().progress[name]))
		}
		return strings.Join(drawStyled(o.th, b, w, h), "\n")
	default:
		o.unended(&b, w)
		o.first(&b, w, h)
		o.stand(&b, w)
		o.measures(&b, w, h)
		o.unknown(&b, w)
		o.runs(&b, w, h)
		o.since(&b, w, h)
	}
	return strings.Join(drawStyled(o.th, b.squeeze(h), w, h), "\n")
}

type pageLines []styledLine

func (p *pageLines) add(ls ...styledLine) { *p = append(*p, ls...) }

// squeeze takes blank lines out, from the last, until the page fits.
func (p pageLines) squeeze(h int) pageLines {
	for i := len(p) - 1; i >= 0 && len(p) > h; i-- {
		if len(p[i]) == 0 {
			p = slices.Delete(p, i, i+1)
		}
	}
	return p
}

func (o *overview) first(b *pageLines, w, h int) {
	fixes := o.fixes()
	if len(fixes) == 0 {
		if o.snap.Partial() {
			b.add(line(theme.Bold, " STILL COLLECTING"), line(theme.Plain, " no finding so far"), nil)
			return
		}
		b.add(line(theme.Bold, " NOTHING TO FIX in what was read"))
		if n := o.snap.Posture().NotRead; n > 0 {
			b.add(linef(theme.Plain, " %s could not be read: press s", plural(n, "place")))
		}
		b.add(nil)
		return
	}
	title := fmt.Sprintf(" FIX THESE %s FIRST", []string{"", "ONE", "TWO", "THREE"}[len(fixes)])
	if len(fixes) == 1 {
		title = " FIX THIS FIRST"
	}
	b.add(line(theme.Bold, title))
	for i := range fixes {
		o.fix(b, i, &fixes[i], w, h)
	}
	b.add(nil)
}

// fix draws one of the first changes: what to do, where, and why.
func (o *overview) fix(b *pageLines, i int, f *inventory.Issue, w, h int) {
	sign := " "
	if i == o.cursor {
		sign = ">"
	}
	d := decisionCell(f.Decision)
	d.Text = table.Fit(d.Text, 8, false, false)
	closes := fmt.Sprintf("  closes %d", len(f.Closes))
	room := w - 12 - table.Width(closes)
	b.add(styledLine{{Text: fmt.Sprintf("%s%d ", sign, i+1), Style: theme.Bold}, d, {Text: table.Fit(f.Title, max(10, room), false, false), Style: theme.Bold}, {Text: closes, Style: theme.Dim}})
	at, why := fixWhere(o.snap, f), fixWhy(o.snap, f)
	if w >= sideWidth || h >= roomy {
		for _, t := range []string{at, why} {
			if t != "" {
				b.add(linef(theme.Plain, "%s%s", fixIndent, table.Fit(t, max(10, w-len(fixIndent)-1), false, false)))
			}
		}
		return
	}
	room = w - len(fixIndent) - 1
	if at != "" && why != "" { // one line for both: the place in full as far as two thirds of it go
		at = table.Fit(at, min(table.Width(at), 2*room/3), true, false) + ": "
	}
	b.add(styledLine{{Text: fixIndent}, {Text: at, Style: theme.Note}, {Text: table.Fit(why, max(0, room-table.Width(at)), false, false)}})
}

const fixIndent = "           "

// unknown says how the sources are: those that something is wrong with first and with their reason, then the others.
func (o *overview) unknown(b *pageLines, w int) {
	var pieces, fine []styledLine
	read := 0
	for _, s := range o.snap.Records().Sources {
		n := looked(&s, inventory.LookedRead)
		if s.Status == inventory.SourceOK {
			fine, read = append(fine, styledLine{{Text: s.Name + " "}, sourceState(s.Status), {Text: fmt.Sprintf(" %d", n)}}), read+n
			continue
		}
		p := styledLine{{Text: s.Name + " "}, sourceState(s.Status)}
		if s.Reason != "" {
			p = append(p, table.Cell{Text: ": " + s.Reason})
		}
		pieces = append(pieces, p)
	}
	if n := o.snap.Posture().NotRead; n > 0 {
		pieces = append(pieces, styledLine{{Text: "not read: " + plural(n, "place"), Style: theme.Warn}, {Text: " (press s)", Style: theme.Dim}})
	}
	lines := flow(slices.Concat(pieces, fine), w-sourcesIndent)
	if len(lines) > 1 && len(fine) > 1 { // too many to name: they are well
		lines = flow(append(pieces, styledLine{{Text: fmt.Sprintf("%d sources ", len(fine))}, sourceState(inventory.SourceOK), {Text: ", " + plural(read, "place") + " read"}}), w-sourcesIndent)
	}
	for i, l := range lines {
		head := table.Cell{Text: table.Fit("", sourcesIndent, false, false)}
		if i == 0 {
			head = table.Cell{Text: table.Fit(" SOURCES", sourcesIndent, false, false), Style: theme.Bold}
		}
		b.add(append(styledLine{head}, l...))
	}
	if st := o.state(); st.on {
		for _, name := range inventory.SortedKeys(st.progress) {
			b.add(linef(theme.Dim, "          %s: %s", name, table.Fit(st.progress[name], max(10, w-22), true, false)))
		}
	}
}

const sourcesIndent = 9
