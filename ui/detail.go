package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/risk"
	"nhitop/ui/theme"
)

// detail is the page of one record with everything tied to it, in tabs. Its lines can be walked; a line that speaks of
// another record opens it.
type detail struct {
	id      inventory.ID
	only    inventory.Capability // the page is the proof of this capability alone
	control *risk.ControlState   // the page is about this control
	rule    *risk.RuleState      // the page is about this rule
	metric  *measure             // the page is about this metric
	th      *theme.Theme
	snap    *inventory.Snapshot
	lines   []detailLine
	width   int
	height  int
	cursor  int
	top     int
	filter  string

	excerpts aside[[]inventory.Excerpt]
	history  aside[posture.History]

	tab    string          // in front; one that the record does not have stands for the first
	spots  map[string]spot // where the cursor was on the tabs that are not in front
	unfold map[string]bool // of the tree of relations: what was opened or closed by hand, by its path
}

// spot is where a tab was left.
type spot struct{ cursor, top int }

type detailLine struct {
	styledLine
	id   inventory.ID // what enter opens
	head bool
	node *twig // of the tree of relations
}

func newDetail(id inventory.ID, th *theme.Theme) *detail {
	return &detail{id: id, th: th, spots: map[string]spot{}, unfold: map[string]bool{}}
}

func (d *detail) Title() string {
	if d.control != nil {
		return d.control.ID
	}
	if d.rule != nil {
		return d.rule.ID
	}
	if d.metric != nil {
		return d.metric.Title
	}
	if d.snap == nil {
		return string(d.id)
	}
	if d.only != "" {
		return nameOf(d.snap, d.id) + " › " + string(d.only)
	}
	return nameOf(d.snap, d.id)
}

func (d *detail) Show(s *inventory.Snapshot) tea.Cmd {
	if s != d.snap {
		d.snap = s
		d.lines = nil
	}
	return nil
}

func (d *detail) Update(tea.Msg) tea.Cmd { return nil }

func (d *detail) Actions() []string {
	switch {
	case len(d.tabs()) == 0:
		return []string{"open", "revoke", "owner", "filter", "copy"}
	case d.front() == tabRelations:
		return []string{"open", "unfold", "fold", "tab-next", "tab-prev", "next", "prev", "revoke", "owner", "filter", "copy"}
	}
	return []string{"open", "tab-next", "tab-prev", "next", "prev", "revoke", "relations", "owner", "filter", "copy"}
}

func (d *detail) build(w int) {
	if d.snap == nil {
		return
	}
	if d.lines != nil && d.width == w {
		return
	}
	d.width = w
	b := &detailBuilder{s: d.snap, w: w - 2}
	switch t := d.front(); {
	case d.control != nil:
		b.control(d.control)
	case d.rule != nil:
		b.rule(d.rule)
	case d.metric != nil:
		b.metric(d.th, d.metric)
	case d.only != "":
		b.proof(d.snap.Assistant(d.id), d.only)
	case !known(d.snap, d.id):
	default:
		tabsByName[t].build(b, d)
	}
	if len(b.lines) == 0 {
		b.para("It is not in the newest data any more.")
	}
	d.lines = keep(b.lines, d.filter)
	d.clamp()
}

// keep drops the lines without the filter's text, and the titles of sections that are left empty.
func keep(lines []detailLine, filter string) []detailLine {
	if filter == "" {
		return lines
	}
	var out []detailLine
	var title *detailLine
	for i, l := range lines {
		switch {
		case l.head:
			title = &lines[i]
		case strings.Contains(strings.ToLower(l.plain()), strings.ToLower(filter)):
			if title != nil && len(title.styledLine) > 0 {
				out = append(out, *title)
				title = nil
			}
			out = append(out, l)
		}
	}
	return out
}

func (d *detail) SetFilter(text string) tea.Cmd {
	d.filter, d.lines = text, nil
	return nil
}

func (d *detail) FilterText() string { return d.filter }

func (d *detail) Crumb() (left, right string) {
	left = d.Title()
	if d.filter != "" {
		left += "   " + d.filter
	}
	if n := len(d.lines); n > d.height && d.height > 0 {
		right = fmt.Sprintf("%d-%d of %d lines", d.top+1, min(n, d.top+d.height), n)
	}
	return left, right
}

// Picked is what the line under the cursor speaks of, else the record of the page.
func (d *detail) Picked() inventory.ID {
	d.build(max(d.width, minW))
	if d.cursor < len(d.lines) && d.lines[d.cursor].id != "" {
		return d.lines[d.cursor].id
	}
	return d.id
}

func (d *detail) Copy() string {
	if d.cursor < len(d.lines) {
		return strings.TrimSpace(d.lines[d.cursor].plain())
	}
	return ""
}

func (d *detail) Move(n int) { d.build(max(d.width, minW)); d.cursor += n; d.clamp() }
func (d *detail) Page(n int) { d.Move(n * max(1, d.height-2)) }
func (d *detail) Home()      { d.Move(-len(d.lines)) }
func (d *detail) End()       { d.Move(len(d.lines)) }

func (d *detail) clamp() {
	d.cursor = max(0, min(d.cursor, len(d.lines)-1))
	if d.cursor < d.top {
		d.top = d.cursor
	}
	if d.height > 0 && d.cursor >= d.top+d.height {
		d.top = d.cursor - d.height + 1
	}
	d.top = max(0, min(d.top, max(0, len(d.lines)-d.height)))
}

func (d *detail) View(w, h int) string {
	d.height = h
	out := make([]string, 0, h)
	if len(d.tabs()) > 0 {
		d.height = h - 1
		out = append(out, d.tabLine().draw(d.th, w))
	}
	d.build(w)
	d.clamp()
	for i := d.top; i < len(d.lines) && len(out) < h; i++ {
		l := d.lines[i]
		if i == d.cursor {
			out = append(out, d.th.Paint(theme.Cursor, padPlain("> "+l.plain(), w)))
			continue
		}
		out = append(out, "  "+l.draw(d.th, w-2))
	}
	return strings.Join(fillTo(out, h), "\n")
}
