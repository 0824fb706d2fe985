package ui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The tabs of a record, by name.
const (
	tabFacts     = "facts"
	tabRelations = "relations"
	tabPaths     = "paths"
	tabFindings  = "findings"
	tabHistory   = "history"
	tabEvidence  = "evidence"
)

// tabSpec is one tab: how its lines are made, and how much is on it where that is worth a number.
type tabSpec struct {
	build func(*detailBuilder, *detail)
	count func(*snap, inventory.ID) int
}

var tabsByName = map[string]tabSpec{
	tabFacts:     {build: (*detailBuilder).facts},
	tabRelations: {build: (*detailBuilder).relations},
	tabPaths:     {build: (*detailBuilder).paths},
	tabFindings:  {build: (*detailBuilder).findingsTab, count: func(s *snap, id inventory.ID) int { return len(s.FindingsOf(id)) }},
	tabHistory:   {build: (*detailBuilder).historyTab},
	tabEvidence:  {build: (*detailBuilder).evidenceTab, count: func(s *snap, id inventory.ID) int { return len(s.Places(id)) }},
}

// tabsOf are the tabs of each kind of record, in the order of the screen.
var tabsOf = map[inventory.Noun][]string{
	inventory.NounAssistant:   {tabFacts, tabRelations, tabPaths, tabFindings, tabHistory, tabEvidence},
	inventory.NounSecret:      {tabFacts, tabRelations, tabPaths, tabFindings, tabHistory, tabEvidence},
	inventory.NounTool:        {tabFacts, tabRelations, tabFindings, tabHistory, tabEvidence},
	inventory.NounOwner:       {tabFacts, tabRelations, tabFindings, tabHistory, tabEvidence},
	inventory.NounResource:    {tabFacts, tabRelations, tabPaths, tabHistory, tabEvidence},
	inventory.NounEntitlement: {tabFacts, tabRelations, tabHistory, tabEvidence},
	inventory.NounFinding:     {tabFacts, tabRelations, tabHistory, tabEvidence},
	inventory.NounIssue:       {tabFacts, tabRelations},
}

// tabs are those of the page; none where it is about something that has only one side.
func (d *detail) tabs() []string {
	if d.only != "" || d.control != nil || d.rule != nil || d.metric != nil || d.snap == nil || !known(d.snap, d.id) {
		return nil
	}
	return tabsOf[d.id.Noun()]
}

// front is the tab that is shown.
func (d *detail) front() string {
	ts := d.tabs()
	if len(ts) == 0 || slices.Contains(ts, d.tab) {
		return d.tab
	}
	return ts[0]
}

// turnTo brings a tab to the front. Each keeps its place.
func (d *detail) turnTo(tab string) {
	now := d.front()
	if tab == now {
		return
	}
	d.spots[now] = spot{d.cursor, d.top}
	d.tab, d.lines, d.filter = tab, nil, ""
	d.cursor, d.top = d.spots[tab].cursor, d.spots[tab].top
}

// tabLine names the tabs; the one in front stands in brackets.
func (d *detail) tabLine() styledLine {
	l := styledLine{{Text: " "}}
	for _, t := range d.tabs() {
		text, style := t, theme.Dim
		if c := tabsByName[t].count; c != nil {
			text += fmt.Sprintf(" %d", c(d.snap, d.id))
		}
		if t == d.front() {
			text, style = "["+text+"]", theme.Bold
		} else {
			text = " " + text + " "
		}
		l = append(l, table.Cell{Text: text, Style: style})
	}
	return l
}

// known reports whether a record is in a snapshot.
func known(s *snap, id inventory.ID) bool {
	if id.Noun() == inventory.NounIssue {
		return slices.ContainsFunc(s.Records().Issues, func(i inventory.Issue) bool { return i.ID == id })
	}
	return s.Place(id.Noun(), id) >= 0
}

func tabActions() []action {
	return []action{
		{id: "tab-next", keys: []string{"tab"}, short: "next tab", help: "the next tab of the record; it is kept for the next record", do: turn(1), why: needsTabs},
		{id: "tab-prev", keys: []string{"shift+tab"}, help: "the tab before", do: turn(-1), why: needsTabs},
		{id: "next", keys: []string{"]", "ctrl+n"}, short: "next", help: "the next record of the list, on the same tab", do: neighbour(1), why: needsTabs},
		{id: "prev", keys: []string{"[", "ctrl+p"}, help: "the record before it", do: neighbour(-1), why: needsTabs},
		{id: "relations", keys: []string{"x"}, short: "relations", help: "the tree of what is tied to it, both ways", do: (*Model).toRelations, why: needsRelations},
		{id: "unfold", keys: []string{"right", "l", "+", " "}, short: "unfold", help: "open or close the branch of the tree", do: fold(true), why: needsTree},
		{id: "fold", keys: []string{"left", "h"}, help: "close the branch, or go to the one that it hangs on", do: fold(false), why: needsTree},
	}
}

func (m *Model) detailInFront() *detail {
	d, _ := m.page.(*detail)
	return d
}

func needsTabs(m *Model) string {
	if d := m.detailInFront(); d == nil || len(d.tabs()) == 0 {
		return "only on a record"
	}
	return ""
}

func needsRelations(m *Model) string {
	if m.snap == nil {
		return "nothing collected yet"
	}
	if id := m.picked(); len(tabsOf[id.Noun()]) == 0 || !known(m.snap, id) {
		return "nothing under the cursor has relations"
	}
	return ""
}

func turn(n int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		d := m.detailInFront()
		ts := d.tabs()
		i := slices.Index(ts, d.front())
		return m.turnTo(d, ts[((i+n)%len(ts)+len(ts))%len(ts)])
	}
}

// turnTo changes the tab, and remembers it for the records that are opened next.
func (m *Model) turnTo(d *detail, tab string) tea.Cmd {
	d.turnTo(tab)
	m.tab = tab
	return m.loadTab(d)
}

// neighbour goes to the next record of the page that the one in front was opened from, and moves that page's cursor with it.
func neighbour(n int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		d := m.detailInFront()
		if len(m.stack) == 0 {
			return nil
		}
		under := m.stack[len(m.stack)-1]
		p, ok := under.(picker)
		s, moves := under.(scroller)
		if !ok || !moves {
			m.say(false, "it was not opened from a list")
			return nil
		}
		const most = 1000 // lines of a page that speak of nothing, or of the same
		for range most {
			before := p.Picked()
			s.Move(n)
			id := p.Picked()
			if id == before && !isDetail(under) {
				break
			}
			if id != d.id && len(tabsOf[id.Noun()]) > 0 && !pageOf(under, id) {
				next := newDetail(id, m.th)
				next.tab = d.tab
				m.page = next
				return tea.Batch(next.Show(m.snap), m.loadTab(next))
			}
		}
		m.say(false, "%s", map[bool]string{true: "that is the last one", false: "that is the first one"}[n > 0])
		return nil
	}
}

func isDetail(v View) bool { _, ok := v.(*detail); return ok }

// pageOf reports whether a page is the one of a record itself: its lines that speak of no other stand for it.
func pageOf(v View, id inventory.ID) bool {
	d, ok := v.(*detail)
	return ok && d.id == id
}

// toRelations shows the tree of what is under the cursor.
func (m *Model) toRelations() tea.Cmd {
	id := m.picked()
	if d := m.detailInFront(); d != nil && d.id == id {
		d.turnTo(tabRelations) // once: the records that are opened next begin as they would
		return nil
	}
	d := newDetail(id, m.th)
	d.tab = tabRelations
	return m.push(d)
}
