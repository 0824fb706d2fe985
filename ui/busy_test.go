package ui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
)

// counted is a page that counts how often it is drawn.
type counted struct {
	below
	drawn int
}

type below = View

func (c *counted) View(w, h int) string {
	c.drawn++
	return c.below.View(w, h)
}

// TestNothingIsDrawnWhileNothingChanges lets an hour pass: what is drawn is the age of the facts, once a minute.
func TestNothingIsDrawnWhileNothingChanges(t *testing.T) {
	d := shown(t)
	d.keys("2")
	p := &counted{below: d.m.page}
	d.m.page = p
	d.frame()
	before := p.drawn
	const minutes = 60
	for range minutes * 60 {
		d.now = d.now.Add(time.Second)
		d.send(tickMsg(d.now))
		d.frame()
	}
	if n := p.drawn - before; n != minutes {
		t.Errorf("the page was drawn %d times in %d minutes in which nothing changed", n, minutes)
	}
	before = p.drawn
	d.send(engineMsg(posture.Event{Snapshot: d.m.snap})) // what is shown already
	d.send(struct{}{})
	d.frame()
	if p.drawn-before > 1 {
		t.Errorf("the page was drawn %d times for nothing new", p.drawn-before)
	}
}

// TestManyChangesSlowNoKey lets a hundred changes arrive with a key after each, before any of the work that they make is done:
// the list reads one at a time and then the newest, and the cursor goes where the keys send it.
func TestManyChangesSlowNoKey(t *testing.T) {
	quiet, m := benchModel(t, "assistants"), benchModel(t, "assistants")
	down := rune1('j')
	var work []tea.Cmd
	snaps := make([]*inventory.Snapshot, 100)
	for i := range snaps {
		snaps[i] = m.snap.Measured(m.snap.Posture().Gauge)
	}
	for _, s := range snaps {
		_, cmd := m.Update(engineMsg(posture.Event{Snapshot: s}))
		work = append(work, cmd)
		m.Update(down)
		quiet.Update(down)
		_, _ = m.View(), quiet.View()
		if m.picked() != quiet.picked() {
			t.Fatalf("the cursor is at %s, want %s", m.picked(), quiet.picked())
		}
	}
	read := 0
	var run func(cmd tea.Cmd)
	run = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				run(c)
			}
		default:
			if _, ok := msg.(preparedMsg); ok {
				read++
			}
			_, next := m.Update(msg)
			run(next)
		}
	}
	for _, cmd := range work {
		run(cmd)
	}
	if read != 2 {
		t.Errorf("the list was read %d times for %d changes, want the first and the newest", read, len(snaps))
	}
	if l := m.views["assistants"].(*list[inventory.Assistant]); l.of != snaps[len(snaps)-1] || m.picked() != quiet.picked() {
		t.Errorf("the newest is shown: %v; the cursor is at %s, want %s", l.of == snaps[len(snaps)-1], m.picked(), quiet.picked())
	}
	n := testing.AllocsPerRun(50, func() {
		m.Update(engineMsg(posture.Event{Snapshot: m.snap.Measured(m.snap.Posture().Gauge)}))
		m.Update(down)
		_ = m.View()
	})
	const most = 800 // a key alone may allocate half of it
	if n > most {
		t.Errorf("a key with a change before it allocates %.0f times, more than %d", n, most)
	}
}
