package ui

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"nhitop/inventory/posture"
)

var update = flag.Bool("update", false, "write the golden frames anew")

var sizes = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 50}}

// golden compares the frame with the file of that name.
func golden(t *testing.T, d *driver, name string) {
	t.Helper()
	lines := strings.Split(d.frame(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	same(t, filepath.Join("testdata", "frames", name+".txt"), strings.Join(lines, "\n")+"\n")
}

// fits fails when a frame is not exactly as large as the screen.
func fits(t *testing.T, d *driver) {
	t.Helper()
	lines := strings.Split(d.frame(), "\n")
	if len(lines) > d.m.h {
		t.Fatalf("%d lines on a screen of %d:\n%s", len(lines), d.m.h, d.frame())
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > d.m.w {
			t.Fatalf("line %d takes %d cells of %d: %q", i, n, d.m.w, l)
		}
	}
}

// pages are the frames that are kept as golden: a name, and the keys that lead there.
var pages = []struct {
	name string
	keys []string
}{
	{"overview", nil},
	{"assistants", []string{"2"}},
	{"owners", []string{"3"}},
	{"secrets", []string{"4"}},
	{"entitlements", []string{"5"}},
	{"tools", []string{"6"}},
	{"findings", []string{"7"}},
	{"fixes", []string{"8"}},
	{"sources", []string{"9"}},
	{"ledger", []string{"9", "enter"}},
	{"assistant", []string{"2", "enter"}},
	{"secret", []string{"4", "enter"}},
	{"finding", []string{"7", "enter"}},
	{"tool", []string{"6", "enter"}},
	{"owner", []string{"3", "enter"}},
	{"entitlement", []string{"5", "enter"}},
	{"matrix", []string{":", "matrix", "enter"}},
	{"matrix-right", []string{":", "matrix", "enter", "end", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l"}},
	{"matrix-proof", []string{":", "matrix", "enter", "right", "right", "enter"}},
	{"controls", []string{":", "controls", "enter"}},
	{"metrics", []string{":", "metrics", "enter"}},
	{"metric", []string{":", "metrics", "enter", "j", "j", "j", "j", "enter"}},
	{"rules", []string{":", "rules", "enter"}},
	{"rule", []string{":", "rules", "enter", "/", "yours=yours", "enter", "enter"}},
	{"changes", []string{":", "changes", "enter"}},
	{"filtered", []string{"2", "/", "autonomy>=auto", "enter"}},
	{"filter-keys", []string{"2", "/"}},
	{"filter-values", []string{"2", "/", "class=nhi autonomy>="}},
	{"columns", []string{"2", "C"}},
	{"filter-mistake", []string{"2", "/", "colour=red"}},
	{"filter-nothing", []string{"2", "/", "zzz", "enter"}},
	{"marked", []string{"2", "space", "space"}},
	{"help", []string{"?"}},
	{"palette", []string{":", "se"}},
	{"armed", []string{"W", "arm", "enter"}},
}

func TestFrames(t *testing.T) {
	for _, size := range sizes {
		for _, p := range pages {
			t.Run(fmt.Sprintf("%s-%dx%d", p.name, size.w, size.h), func(t *testing.T) {
				d := newDriver(t, snapshot(company()), size.w, size.h)
				d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
				d.keys(p.keys...)
				fits(t, d)
				golden(t, d, fmt.Sprintf("%s-%dx%d", p.name, size.w, size.h))
			})
		}
	}
}

// TestEverySize draws every page at sizes down to the smallest and back.
func TestEverySize(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	for _, p := range pages {
		d.keys("esc", "esc", "esc", "esc", "1")
		d.keys(p.keys...)
		for _, s := range []struct{ w, h int }{{80, 24}, {20, 5}, {1, 1}, {37, 9}, {61, 13}, {119, 14}, {121, 15}, {300, 90}, {80, 24}} {
			d.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			fits(t, d)
		}
	}
}
