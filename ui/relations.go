package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// branch is one line of the tree of relations: a record, a group of records, or a text.
type branch struct {
	name string // tells it from its neighbours, for what was opened by hand
	text styledLine
	id   inventory.ID    // what enter opens
	more func() []branch // nil: a leaf
	open bool            // as long as nobody closes it
}

// twig is what a line of the tree can be asked for.
type twig struct {
	path   string // its own and its parents' names
	parent int    // line of what it hangs on, -1 none
	leaf   bool
	open   bool
}

const (
	openFew  = 8   // a group of no more is open by itself
	mostLeft = 200 // lines of one group
)

// relations writes the tree around a record: its groups, and below each record of them its own, as deep as it was opened.
func (b *detailBuilder) relations(d *detail) {
	b.add("", nameLine(b.s, d.id)...)
	t := grower{b: b, d: d, above: []inventory.ID{d.id}}
	if t.grow(groupsOf(b.s, d.id), "", -1, 0) == 0 {
		b.para("Nothing that was read is tied to it.")
	}
}

type grower struct {
	b     *detailBuilder
	d     *detail
	above []inventory.ID // the records that the line hangs on
}

func (t *grower) grow(bs []branch, path string, parent, depth int) int {
	for i, x := range bs {
		if i == mostLeft {
			t.b.add("", table.Cell{Text: strings.Repeat("  ", depth) + fmt.Sprintf("  and %d more: the lists have them all", len(bs)-i), Style: theme.Dim})
			break
		}
		n := &twig{path: path + "/" + x.name, parent: parent, leaf: x.more == nil, open: x.open}
		around := x.id != "" && slices.Contains(t.above, x.id)
		n.leaf = n.leaf || around
		if by, ok := t.d.unfold[n.path]; ok {
			n.open = by
		}
		sign := "+ "
		switch {
		case n.leaf:
			sign, n.open = "  ", false
		case n.open:
			sign = "- "
		}
		l := append(styledLine{{Text: strings.Repeat("  ", depth) + sign, Style: theme.Dim}}, x.text...)
		if around {
			l = append(l, table.Cell{Text: "  (above)", Style: theme.Dim})
		}
		at := len(t.b.lines)
		t.b.lines = append(t.b.lines, detailLine{styledLine: l, id: x.id, node: n})
		if !n.open {
			continue
		}
		was := t.above
		if x.id != "" {
			t.above = append(slices.Clip(t.above), x.id)
		}
		t.grow(x.more(), n.path, at, depth+1)
		t.above = was
	}
	return len(bs)
}

// record is the branch of a record, with its own groups below it.
func record(s *snap, id inventory.ID, more ...table.Cell) branch {
	return branch{name: string(id), text: append(nameLine(s, id), more...), id: id, more: func() []branch { return groupsOf(s, id) }}
}

// group is a title with the records below it; none where there are no records.
func group(out []branch, title string, bs []branch) []branch {
	if len(bs) == 0 {
		return out
	}
	return append(out, branch{name: title, text: styledLine{{Text: fmt.Sprintf("%s %d", title, len(bs)), Style: theme.Bold}}, open: len(bs) <= openFew, more: func() []branch { return bs }})
}

func recordsOf(s *snap, ids []inventory.ID) []branch {
	ids = slices.Clone(ids)
	slices.SortStableFunc(ids, func(a, b inventory.ID) int {
		return cmp.Compare(worst(s.FindingsOf(a)).Rank(), worst(s.FindingsOf(b)).Rank())
	})
	var out []branch
	for _, id := range slices.Compact(ids) {
		if known(s, id) {
			out = append(out, record(s, id))
		}
	}
	return out
}

// groupsOf are the relations of a record, both ways.
func groupsOf(s *snap, id inventory.ID) []branch {
	var out []branch
	switch id.Noun() {
	case inventory.NounAssistant:
		return assistantGroups(s, s.Assistant(id))
	case inventory.NounSecret:
		return secretGroups(s, s.Secret(id))
	case inventory.NounOwner:
		out = group(out, "answers for", recordsOf(s, idsOf(s.AssistantsOf(id))))
		return append(out, ownedSecrets(s, id))
	case inventory.NounTool:
		if t := s.Tool(id); t != nil {
			out = group(out, "serves", recordsOf(s, []inventory.ID{t.Assistant}))
			out = group(out, "is given the secrets", recordsOf(s, t.Secrets))
		}
	case inventory.NounResource:
		out = group(out, "reached by", reachedBy(s, id))
	case inventory.NounEntitlement:
		if e := s.Entitlement(id); e != nil {
			out = group(out, "of", recordsOf(s, []inventory.ID{e.Assistant}))
			out = group(out, "through", recordsOf(s, []inventory.ID{inventory.ID(e.Via)}))
			out = group(out, "on", recordsOf(s, []inventory.ID{e.Resource}))
		}
	case inventory.NounFinding:
		if f := s.Finding(id); f != nil {
			out = group(out, "about", recordsOf(s, []inventory.ID{f.Subject}))
			out = group(out, "concerns", recordsOf(s, slices.DeleteFunc(slices.Clone(f.Assistants), func(a inventory.ID) bool { return a == f.Subject })))
		}
	case inventory.NounIssue:
		for _, i := range s.Records().Issues {
			if i.ID == id {
				out = group(out, "about", recordsOf(s, []inventory.ID{i.Subject}))
				out = group(out, "closes", recordsOf(s, i.Closes))
			}
		}
	}
	return out
}

// nameLine names a record with what decides about it.
func nameLine(s *snap, id inventory.ID) styledLine {
	l := styledLine{{Text: nameOf(s, id), Style: theme.Note}}
	say := func(c table.Cell) {
		if c.Text != "" {
			l = append(l, table.Cell{Text: "  "}, c)
		}
	}
	if id.Noun() != inventory.NounFinding {
		say(decisionCell(worst(s.FindingsOf(id))))
	}
	switch id.Noun() {
	case inventory.NounAssistant:
		if a := s.Assistant(id); a != nil {
			say(autonomyCell(a.Autonomy))
		}
	case inventory.NounSecret:
		if x := s.Secret(id); x != nil {
			if x.Exposure != inventory.ExposureLocal && x.Exposure != inventory.ExposureNone {
				say(table.Cell{Text: x.Exposure, Style: theme.Warn})
			}
			if x.State != inventory.StateUnknown {
				say(text(x.State))
			}
		}
	case inventory.NounOwner:
		if o := s.Owner(id); o != nil && o.Status == "departed" {
			say(table.Cell{Text: "has left", Style: theme.Alarm})
		}
	case inventory.NounResource:
		if r := s.Resource(id); r != nil {
			say(dim(r.Kind))
			if r.Environment == production {
				say(table.Cell{Text: "PRODUCTION", Style: theme.Alarm})
			}
		}
	case inventory.NounFinding:
		if f := s.Finding(id); f != nil {
			say(queueCell(f))
		}
	}
	return l
}

func needsTree(m *Model) string {
	if d := m.detailInFront(); d == nil || d.front() != tabRelations || len(d.tabs()) == 0 {
		return "only in the tree of relations"
	}
	return ""
}

// fold opens or closes the branch under the cursor. Closing what is closed goes to the line that it hangs on, and from the
// first lines back to the page before.
func fold(open bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		d := m.detailInFront()
		if d.cursor >= len(d.lines) {
			return nil
		}
		n := d.lines[d.cursor].node
		switch {
		case n == nil && !open:
			return m.back()
		case n == nil:
		case open && !n.leaf:
			d.unfold[n.path], d.lines = !n.open, nil
		case !open && n.open:
			d.unfold[n.path], d.lines = false, nil
		case !open && n.parent < 0:
			return m.back()
		case !open && d.filter == "":
			d.Move(n.parent - d.cursor)
		}
		return nil
	}
}
