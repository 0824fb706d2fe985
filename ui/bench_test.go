package ui

import (
	"context"
	"flag"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/posture"
	"nhitop/ui/theme"
)

// benchRows is how many identities the benchmarks of the dashboard show: -rows 1000000 takes some gigabytes.
var benchRows = flag.Int("rows", 10_000, "identities in the benchmarks")

func benchModel(tb testing.TB, view string) *Model {
	tb.Helper()
	s := snapshot(many(*benchRows))
	e := &fakeEngine{snap: s, now: func() time.Time { return at }}
	m := NewModel(context.Background(), e, Options{Now: func() time.Time { return at }}, theme.New(theme.Color16), func(tea.Msg) {})
	m.tick = func() tea.Cmd { return nil }
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(engineMsg(posture.Event{Snapshot: s}))
	deliver(m, m.goTo(view))
	_ = m.View()
	return m
}

func deliver(m *Model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			deliver(m, c)
		}
	default:
		_, next := m.Update(msg)
		deliver(m, next)
	}
}

func rune1(r rune) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}} }

// BenchmarkKey is one key press to its frame, in the whole dashboard.
func BenchmarkKey(b *testing.B) {
	for _, view := range []string{"assistants", "findings"} {
		b.Run(view+"/down", func(b *testing.B) {
			m := benchModel(b, view)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%9000 == 8999 {
					m.Update(rune1('g'))
				}
				m.Update(rune1('j'))
				_ = m.View()
			}
		})
		b.Run(view+"/page", func(b *testing.B) {
			m := benchModel(b, view)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%200 == 199 {
					m.Update(rune1('g'))
				}
				m.Update(tea.KeyMsg{Type: tea.KeyPgDown})
				_ = m.View()
			}
		})
		b.Run(view+"/filter", func(b *testing.B) {
			m := benchModel(b, view)
			m.Update(rune1('/'))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					m.Update(rune1('c'))
				} else {
					m.Update(tea.KeyMsg{Type: tea.KeyBackspace})
				}
				_ = m.View()
			}
		})
	}
}

// BenchmarkPrepare is the work behind a new snapshot; it runs in a command and blocks no key.
func BenchmarkPrepare(b *testing.B) {
	s := snapshot(many(*benchRows))
	l := newList(assistantList(), theme.New(theme.Mono))
	b.ReportAllocs()
	for b.Loop() {
		l.snap = nil
		_ = l.Show(s)()
	}
}

// TestKeyAllocations guards the cost of a key: it must not grow with the number of rows.
func TestKeyAllocations(t *testing.T) {
	m := benchModel(t, "assistants")
	down := rune1('j')
	n := testing.AllocsPerRun(200, func() {
		m.Update(down)
		_ = m.View()
	})
	const most = 400
	if n > most {
		t.Errorf("a key allocates %.0f times, more than %d", n, most)
	}
}
