package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/posture"
	"nhitop/ui/theme"
)

func TestCheckKeys(t *testing.T) {
	for _, c := range []struct {
		keys map[string][]string
		id   string
		want string
	}{
		{map[string][]string{"collect": {"f5"}}, "", ""},
		{map[string][]string{"collect": {"d"}, "filter": {"ctrl+r"}}, "", ""}, // d is for certain pages only
		{map[string][]string{"colect": {"f5"}}, "colect", `"collect"`},
		{map[string][]string{"collect": {"q"}}, "collect", "quit has the key"},
		{map[string][]string{"quit": {"/"}}, "quit", "filter has the key"},
		{map[string][]string{"collect": {"esc"}}, "collect", "for back alone"},
		{map[string][]string{"collect": {}}, "collect", "a key at least"},
		{map[string][]string{"collect": {"\x1b[A"}}, "collect", "is no key"},
	} {
		errs := CheckKeys(c.keys)
		switch {
		case c.id == "" && len(errs) > 0:
			t.Errorf("%v: %v", c.keys, errs)
		case c.id != "" && (errs[c.id] == nil || !strings.Contains(errs[c.id].Error(), c.want)):
			t.Errorf("%v: %v, want %s", c.keys, errs, c.want)
		}
	}
	if errs := CheckKeys(nil); len(errs) > 0 {
		t.Errorf("the table itself has conflicts: %v", errs)
	}
}

// The keys of the configuration are the ones that work, and that footer and help show.
func TestOtherKeys(t *testing.T) {
	d := &driver{t: t, now: at}
	d.e = &fakeEngine{snap: snapshot(company()), now: func() time.Time { return d.now }}
	d.m = NewModel(t.Context(), d.e, Options{Now: func() time.Time { return d.now }, Keys: map[string][]string{"sources": {"Q"}, "help": {"H", "f1"}}}, theme.New(theme.Mono), func(msg tea.Msg) { d.queue = append(d.queue, msg) })
	d.m.tick = func() tea.Cmd { return nil }
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("s")
	d.lacks("NOT READ ")
	d.keys("Q")
	d.want("sources 1")
	d.keys("H")
	d.want("help: type to search")
	d.keys("what was read")
	d.want("Q")
}

func TestPaletteIsFuzzy(t *testing.T) {
	for _, c := range [][3]string{{"ent", "entitlements", "agent"}, {"mtx", "matrix", "remote text box"}, {"rev", "revocations", "prev"}, {"co", "controls", "chosen colours"}} {
		if a, b := fuzzy(c[0], c[1]), fuzzy(c[0], c[2]); a <= b {
			t.Errorf("%q: %s %d, %s %d", c[0], c[1], a, c[2], b)
		}
	}
	if fuzzy("zq", "sources") != 0 || fuzzy("x", "matrix") == 0 || fuzzy("", "x") == 0 {
		t.Error("what is meant is told wrongly")
	}
	d := shown(t)
	d.keys(":", "mtx", "enter")
	d.want("matrix 3")
	d.keys(":", "assistants autonomy>=auto", "enter")
	d.want("autonomy>=auto", "2 of 4")
}

// With ascii every page is drawn without another character, as long as the facts have none.
func TestASCII(t *testing.T) {
	d := newDriver(t, snapshot(company()), 120, 40)
	d.m.th = theme.New(theme.Mono).ASCII()
	d.m.buildViews()
	d.m.page = d.m.views["overview"]
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	for _, p := range pages {
		d.keys("esc", "esc", "esc", "esc", "1")
		d.keys(p.keys...)
		for i, l := range strings.Split(d.frame(), "\n") {
			if at := strings.IndexFunc(l, func(r rune) bool { return r > 126 }); at >= 0 {
				t.Errorf("%s, line %d: %q", p.name, i+1, l[at:])
			}
		}
		fits(t, d)
	}
}
