package table

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bubbles "github.com/charmbracelet/bubbles/table"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"nhitop/ui/theme"
)

// The benchmarks measure this table, bubbles/table and a list that styles each cell with lipgloss, one after the other, on
// the same rows and the same screen. Run them all with
//
//	go test ./ui/table -run NONE -bench . -benchtime 2000x
//
// p99-µs is processor time of the thread, so that other work on the machine does not count.

const (
	screenW, screenH = 160, 50
	million          = 1_000_000
)

var (
	fleets   = map[int]*fleet{}
	fleetsMu sync.Mutex
)

// fleetOf is the fleet of n rows; the benchmarks share it.
func fleetOf(n int) *fleet {
	fleetsMu.Lock()
	defer fleetsMu.Unlock()
	if fleets[n] == nil {
		fleets[n] = newFleet(n)
	}
	return fleets[n]
}

// contender is a way to show a list: start returns what a key does, which comes back with the frame.
type contender struct {
	name  string
	sizes []int // as many rows as it can bear
	start func(f *fleet) (down func() string)
}

var contenders = []contender{
	{"nhitop", []int{10_000, million}, func(f *fleet) func() string {
		tb := fleetTable(f, Sort{Column: 2})
		return func() string {
			if tb.cursor == tb.Len()-1 {
				tb.Home()
			}
			tb.Move(1)
			return strings.Join(tb.Lines(screenW, screenH), "\n")
		}
	}},
	{"lipgloss-per-cell", []int{10_000, million}, func(f *fleet) func() string {
		w := fleetTable(f, Sort{Column: 2})
		widths, cursor, top := w.widths, 0, 0
		plain, chosen := lipgloss.NewStyle(), lipgloss.NewStyle().Reverse(true)
		looks := map[theme.Style]lipgloss.Style{theme.Warn: plain.Foreground(lipgloss.Color("11")), theme.Alarm: plain.Foreground(lipgloss.Color("9")).Bold(true), theme.Good: plain.Foreground(lipgloss.Color("10"))}
		return func() string {
			cursor = (cursor + 1) % f.Len()
			top = max(0, cursor-screenH+2)
			lines := []string{w.title()}
			for row := top; row < f.Len() && row < top+screenH-1; row++ {
				var cells []string
				for c, n := range widths {
					if n == 0 {
						continue
					}
					cell := f.Cell(row, c)
					look, ok := looks[cell.Style]
					if !ok {
						look = plain
					}
					if row == cursor {
						look = chosen
					}
					cells = append(cells, look.Width(n+1).MaxWidth(n+1).Inline(true).Render(cell.Text))
				}
				lines = append(lines, lipgloss.JoinHorizontal(lipgloss.Top, cells...))
			}
			return strings.Join(lines, "\n")
		}
	}},
	{"bubbles-table", []int{1_000, 10_000, 100_000}, func(f *fleet) func() string {
		m := bubblesOf(f)
		return func() string {
			if m.Cursor() == f.Len()-1 {
				m.GotoTop()
			}
			m, _ = m.Update(tea.KeyMsg{Type: tea.KeyDown})
			return m.View()
		}
	}},
}

func bubblesOf(f *fleet) bubbles.Model {
	w := fleetTable(f, Sort{Column: 2})
	var cols []bubbles.Column
	var shown []int
	for c, n := range w.widths {
		if n > 0 {
			cols, shown = append(cols, bubbles.Column{Title: fleetCols[c].Title, Width: n}), append(shown, c)
		}
	}
	all := make([]bubbles.Row, f.Len())
	for i := range all {
		for _, c := range shown {
			all[i] = append(all[i], f.Cell(i, c).Text)
		}
	}
	return bubbles.New(bubbles.WithColumns(cols), bubbles.WithRows(all), bubbles.WithFocused(true), bubbles.WithHeight(screenH), bubbles.WithWidth(screenW))
}

// BenchmarkMove is one key down to its frame.
func BenchmarkMove(b *testing.B) {
	for _, c := range contenders {
		for _, n := range c.sizes {
			b.Run(fmt.Sprintf("%s/rows=%d", c.name, n), func(b *testing.B) {
				measure(b, c.start(fleetOf(n)))
			})
		}
	}
}

// BenchmarkPage is one page down to its frame: no line of it was drawn before.
func BenchmarkPage(b *testing.B) {
	tb := fleetTable(fleetOf(million), Sort{Column: 2})
	measure(b, func() string {
		tb.Page(1)
		return strings.Join(tb.Lines(screenW, screenH), "\n")
	})
}

// BenchmarkFilter is one key in a filter to the first frame, with a million rows; all-ms is what the rest of the search takes
// elsewhere.
func BenchmarkFilter(b *testing.B) {
	for _, text := range []string{"unattended", "service-12", "zzz", "risk>=attend owner=person-77@example.com", "agent", "age>30d !sandbox=none team-9"} {
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			tb := fleetTable(fleetOf(million), Sort{Column: 2})
			var rest []time.Duration
			measure(b, func() string {
				filterBy(tb, "")
				more := filterBy(tb, text)
				frame := strings.Join(tb.Lines(screenW, screenH), "\n")
				if more != nil && rest == nil { // once, before the measuring
					before := cpu()
					tb.Take(more())
					rest = append(rest, cpu()-before)
				}
				return frame
			})
			if rest != nil {
				b.ReportMetric(float64(rest[0].Microseconds())/1000, "all-ms")
			}
		})
	}
}

// BenchmarkSort is what sorting a million rows takes, elsewhere than where keys are.
func BenchmarkSort(b *testing.B) {
	for c, col := range fleetCols {
		b.Run(col.Key, func(b *testing.B) {
			p := fleetTable(fleetOf(million), Sort{Column: -1}).Prepared()
			measure(b, func() string {
				p.Resort(Sort{Column: c}, nil)
				return ""
			})
		})
	}
}

// BenchmarkPrepare is what reading a million rows takes, elsewhere than where keys are, and what is kept of them.
func BenchmarkPrepare(b *testing.B) {
	f := fleetOf(million)
	before := heap()
	tb := fleetTable(f, Sort{Column: 2})
	b.ReportMetric(float64(heap()-before)/million, "B/row")
	measure(b, func() string {
		Prepare(f, fleetCols, Sort{Column: 2}, nil)
		return ""
	})
	runtime.KeepAlive(tb)
}

// measure runs f and reports the processor time that one run in a hundred is above.
func measure(b *testing.B, f func() string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f() // not measured: what comes once
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		before := cpu()
		f()
		took = append(took, cpu()-before)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "median-µs")
}
