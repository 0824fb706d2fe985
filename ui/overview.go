package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/change"
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

func (o *overview) Actions() []string { return []string{"open", "revoke", "collect"} }

func (o *overview) fixes() []inventory.Issue {
	if o.snap == nil {
		return nil
	}
	issues := o.snap.Records().Issues
	return issues[:min(len(issues), firstFixes)]
}

func (o *overview) Picked() inventory.ID {
	if f := o.fixes(); o.cursor < len(f) {
		if f[o.cursor].Subject != "" {
			return f[o.cursor].Subject
		}
		return f[o.cursor].ID
	}
	return ""
}

func (o *overview) Move(n int) { o.cursor += n; o.clamp() }
func (o *overview) Page(n int) { o.Move(n * firstFixes) }
func (o *overview) Home()      { o.cursor = 0 }
func (o *overview) End()       { o.Move(firstFixes) }
func (o *overview) clamp()     { o.cursor = max(0, min(o.cursor, len(o.fixes())-1)) }

func (o *overview) View(w, h int) string {
	var b pageLines
	switch {
	case o.snap == nil:
		b.add(line(theme.Plain, ""), line(theme.Plain, " Nothing collected yet."))
		for _, name := range inventory.SortedKeys(o.state().progress) {
			b.add(linef(theme.Dim, " %s: %s", name, o.state().progress[name]))
		}
		return strings.Join(drawStyled(o.th, b, w, h), "\n")
	default:
		o.first(&b, w)
		o.stand(&b, w)
		o.measures(&b, w, h)
		o.unknown(&b, w)
		o.since(&b, w, h)
	}
	return strings.Join(drawStyled(o.th, b, w, h), "\n")
}

type pageLines []styledLine

func (p *pageLines) add(ls ...styledLine) { *p = append(*p, ls...) }

func (o *overview) first(b *pageLines, w int) {
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
	for i, f := range fixes {
		sign := " "
		if i == o.cursor {
			sign = ">"
		}
		d := decisionCell(f.Decision)
		d.Text = table.Fit(d.Text, 8, false, false)
		closes := fmt.Sprintf("  closes %d", len(f.Closes))
		room := w - 12 - table.Width(closes)
		b.add(styledLine{{Text: fmt.Sprintf("%s%d ", sign, i+1), Style: theme.Bold}, d, {Text: table.Fit(f.Title, max(10, room), false, false), Style: theme.Bold}, {Text: closes, Style: theme.Dim}})
		if f.Why != "" {
			b.add(linef(theme.Plain, "            %s", table.Fit(f.Why, max(10, w-13), false, false)))
		}
	}
	b.add(nil)
}

func (o *overview) unknown(b *pageLines, w int) {
	var cells styledLine
	cells = append(cells, table.Cell{Text: " SOURCES  ", Style: theme.Bold})
	for i, s := range o.snap.Records().Sources {
		if i > 0 {
			cells = append(cells, table.Cell{Text: " · "})
		}
		c := sourceState(s.Status)
		cells = append(cells, table.Cell{Text: s.Name + " "}, c, table.Cell{Text: fmt.Sprintf(" %d read", looked(&s, inventory.LookedRead))})
		if s.Reason != "" {
			cells = append(cells, table.Cell{Text: ", " + s.Reason})
		}
	}
	if n := o.snap.Posture().NotRead; n > 0 {
		not := fmt.Sprintf("not read: %s", plural(n, "place"))
		cells = append(pad(cells, max(10, w-table.Width(not)-15)), table.Cell{Text: "  " + not, Style: theme.Warn}, table.Cell{Text: "  (press s)", Style: theme.Dim})
	}
	b.add(cells)
	if st := o.state(); st.on {
		for _, name := range inventory.SortedKeys(st.progress) {
			b.add(linef(theme.Dim, "          %s: %s", name, table.Fit(st.progress[name], max(10, w-22), true, false)))
		}
	}
}
