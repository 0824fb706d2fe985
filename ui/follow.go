package ui

import (
	"errors"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/revoke"
)

// runPages are the pages of a run, in front and below.
func (m *Model) runPages(is func(*runPage) bool) []*runPage {
	var out []*runPage
	for _, v := range append(m.stack[:len(m.stack):len(m.stack)], m.page) {
		if p, ok := v.(*runPage); ok && is(p) {
			out = append(out, p)
		}
	}
	return out
}

// ofRun are the pages of one run; of one that begins here and has no id yet too.
func ofRun(id string) func(*runPage) bool {
	return func(p *runPage) bool { return p.run.ID == id || p.run.ID == "" && !p.done }
}

// follow takes how a run that is under way here stands to all that shows it: it may have been left and opened again.
func (m *Model) follow(r revoke.Run) tea.Cmd {
	m.x.live = r.ID
	for _, p := range m.runPages(ofRun(r.ID)) {
		p.run, p.done = r, false
	}
	return m.row(r)
}

// row puts a run into the list of the runs.
func (m *Model) row(r revoke.Run) tea.Cmd {
	if r.ID == "" {
		return nil
	}
	m.x.runs = slices.Clone(m.x.runs) // what is shown is made of the old one
	if i := slices.IndexFunc(m.x.runs, func(x revoke.Run) bool { return x.ID == r.ID }); i >= 0 {
		m.x.runs[i] = r
	} else {
		m.x.runs = slices.Insert(m.x.runs, 0, r)
	}
	if m.current == "revocations" {
		return m.refreshExtras()
	}
	return nil
}

// takeDone is the end of a run that was begun or gone on with here, or that it was refused.
func (m *Model) takeDone(msg runDoneMsg) tea.Cmd {
	m.busy, m.stopRun, m.x.live = "", nil, ""
	switch {
	case m.leaving: // what is to be known of it is in its journal
	case msg.resumed != "" && needsPaste(msg.err):
		return m.wants(msg)
	case msg.run.ID == "" && msg.page != nil && msg.page.wait != nil && needsPaste(msg.err):
		return m.planWants(msg)
	case msg.run.ID == "" && msg.page != nil:
		return m.refused(msg)
	}
	id := msg.run.ID
	if id == "" {
		id = msg.resumed
	}
	for _, p := range m.runPages(ofRun(id)) {
		p.done, p.err = true, msg.err
		if msg.run.ID != "" {
			p.run = msg.run
		}
	}
	front, ok := m.page.(*runPage)
	switch {
	case msg.err != nil:
		m.say(true, "run %s: %v", id, msg.err)
	default:
		m.say(msg.run.Alive(), "run %s: %s; %s", id, runCell(&msg.run).Text, resultLine(&msg.run).plain())
	}
	if ok && front.run.ID == id {
		m.toast = "" // the page says it, and the keys that come next are below it
	}
	if m.leaving {
		return m.quit()
	}
	return tea.Batch(m.row(msg.run), m.loadExtras("revocations"))
}

// refused puts the plan back on the screen: nothing was done, and it is not used.
func (m *Model) refused(msg runDoneMsg) tea.Cmd {
	put := func(v View) View {
		if p, ok := v.(*runPage); ok && p.run.ID == "" && !p.done {
			return msg.page
		}
		return v
	}
	for i := range m.stack {
		m.stack[i] = put(m.stack[i])
	}
	m.page = put(m.page)
	m.grace = m.o.Now().Add(graceTime)
	m.say(true, "%v", msg.err)
	load := "revocations"
	if errors.Is(msg.err, revoke.ErrSecond) {
		load = "waiting"
	}
	return tea.Batch(m.loadExtras(load), m.wake(graceTime))
}

// takeLooked is how a run stands after it was looked at again.
func (m *Model) takeLooked(msg lookedMsg) tea.Cmd {
	m.busy = ""
	for _, p := range m.runPages(func(p *runPage) bool { return p.run.ID != "" && p.run.ID == msg.run.ID }) {
		p.run = msg.run
	}
	if msg.err != nil {
		m.say(true, "%v", msg.err)
		return nil
	}
	m.say(msg.run.Alive(), "looked again: %s", joined("; ", fmt.Sprintf("run %s is %s", msg.run.ID, runCell(&msg.run).Text), resultLine(&msg.run).plain()))
	return m.loadExtras("revocations")
}
