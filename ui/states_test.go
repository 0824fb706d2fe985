package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
)

// viewStates are the states that every view is drawn in: how it comes about, and what each frame must say whatever the view.
var viewStates = []struct {
	name  string
	w, h  int
	bring func(d *driver)
	keys  []string // once the view is in front
	says  string
	never string // of what is not known nothing may be said
}{
	{name: "loading", w: 80, h: 24, says: "collecting", never: "in what was read", bring: func(d *driver) {
		d.m.collecting, d.m.progress = true, map[string]string{"local": "120 folders walked"}
	}},
	{name: "in part", w: 80, h: 24, says: "collecting", bring: func(d *driver) {
		d.m.collecting = true
		d.send(engineMsg(posture.Event{Snapshot: inventory.NewSnapshot(at, inventory.Records{}, true)}))
	}, never: "in what was read"},
	{name: "empty", w: 80, h: 24, says: "1 source", never: "reading ...", bring: func(d *driver) {
		d.show(inventory.Records{Sources: []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK}}})
	}},
	{name: "failed", w: 80, h: 24, says: "1 failed", bring: func(d *driver) {
		r := company()
		r.Sources[0].Status, r.Sources[0].Reason = inventory.SourceFailed, "no permission to read ~"
		d.show(r)
	}},
	{name: "stale", w: 80, h: 24, says: "facts 3 h old, collecting", bring: func(d *driver) {
		r := company()
		r.Sources[0].Status, r.Sources[0].Reason = inventory.SourceStale, "from the last run"
		d.m.collecting = true
		d.send(previousMsg{snap: inventory.NewSnapshot(at.Add(-3*time.Hour), r, false)})
	}},
	{name: "narrow", w: 44, h: 14, says: "1 partial", bring: func(d *driver) { d.show(company()) }},
	{name: "wide", w: 160, h: 30, bring: func(d *driver) { d.show(company()) }},
	{name: "filtered", w: 80, h: 24, says: "claude", bring: func(d *driver) { d.show(company()) }, keys: []string{"/", "claude", "enter"}},
	{name: "armed", w: 80, h: 24, says: "ARMED", bring: func(d *driver) { d.show(company()) }, keys: []string{"W", "arm", "enter"}},
}

// show gives the driver's engine and model one inventory.
func (d *driver) show(r inventory.Records) {
	d.e.snap = snapshot(r)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
}

// TestViewsInEveryState keeps one file for each view, with its frame in every state. A view that is added has its file written
// by -update.
func TestViewsInEveryState(t *testing.T) {
	for _, name := range newDriver(t, nil, 80, 24).m.names {
		t.Run(name, func(t *testing.T) {
			var all strings.Builder
			for _, st := range viewStates {
				d := newDriver(t, nil, st.w, st.h)
				st.bring(d)
				d.do(d.m.goTo(name))
				if _, ok := d.m.page.(filterer); st.name == "filtered" && !ok {
					continue
				}
				d.keys(st.keys...)
				d.m.dirty = true
				fits(t, d)
				f := d.frame()
				if !strings.Contains(f, st.says) {
					t.Errorf("%s: the frame lacks %q:\n%s", st.name, st.says, f)
				}
				if st.never != "" && strings.Contains(f, st.never) {
					t.Errorf("%s: the frame says %q of what was not read:\n%s", st.name, st.never, f)
				}
				fmt.Fprintf(&all, "=== %s %dx%d\n", st.name, st.w, st.h)
				for _, l := range strings.Split(f, "\n") {
					all.WriteString(strings.TrimRight(l, " ") + "\n")
				}
			}
			same(t, filepath.Join("testdata", "frames", "states", name+".txt"), all.String())
		})
	}
}

// same compares a text with the file that keeps it, or writes it anew.
func same(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./ui -update writes it anew\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}
