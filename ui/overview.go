package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
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
		o.stand(&b)
		o.unknown(&b, w)
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
		b.add(line(theme.Bold, " NOTHING TO FIX in what was read"), linef(theme.Plain, " %s could not be read: press s", plural(o.snap.Posture().NotRead, "place")), nil)
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

func (o *overview) stand(b *pageLines) {
	p := o.snap.Posture()
	total := len(o.snap.Records().Assistants)
	row := func(l string, c table.Cell, n int) styledLine {
		c.Text = table.Fit(c.Text, 10, false, false)
		return styledLine{{Text: table.Fit(l, 24, false, false)}, c, {Text: fmt.Sprintf("%6d", n)}}
	}
	b.add(styledLine{{Text: table.Fit(fmt.Sprintf(" ASSISTANTS %d", total), 24, false, false), Style: theme.Bold}, {Text: "DECISIONS", Style: theme.Bold}})
	b.add(row(fmt.Sprintf("   act      %d nhi", p.Assistants[inventory.ClassNHI]), decisionCell(inventory.ActNow), p.Decisions[inventory.ActNow]),
		row(fmt.Sprintf("   text     %d", p.Assistants[inventory.ClassTextOnly]), decisionCell(inventory.Attend), p.Decisions[inventory.Attend]),
		row(fmt.Sprintf("   unknown  %d", p.Assistants[inventory.ClassUnknown]), decisionCell(inventory.Track), p.Decisions[inventory.Track]), nil)
	pair := func(l string, part, whole int) string {
		return fmt.Sprintf(" %-24s %4d/%-4d %s", l, part, whole, bar(part, whole, 9))
	}
	b.add(line(theme.Plain, pair("owner known", p.OwnersKnown, p.OwnersOf)),
		line(theme.Plain, pair("a person must approve", p.Gated, p.OwnersOf)),
		line(theme.Plain, pair("secrets with an end", p.SecretsExpiring, p.SecretsOf)),
		linef(theme.Plain, " secrets in plain text %d, inherited %d · servers not pinned %d/%d", p.Plaintext, p.Inherited, p.Unpinned, p.ToolsOf),
		linef(theme.Plain, " unattended without a sandbox %d", p.UnattendedOpen), nil)
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
	b.add(cells)
	if n := o.snap.Posture().NotRead; n > 0 {
		b.add(styledLine{{Text: fmt.Sprintf("          not read: %s", plural(n, "place")), Style: theme.Warn}, {Text: "  press s to see which", Style: theme.Dim}})
	}
	if st := o.state(); st.on {
		for _, name := range inventory.SortedKeys(st.progress) {
			b.add(linef(theme.Dim, "          %s: %s", name, table.Fit(st.progress[name], max(10, w-22), true, false)))
		}
	}
}
