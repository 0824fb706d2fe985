package ui

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
)

// walks are what the three people come for, by keys of the README's table alone; presses is what each takes, typed
// letters included. A change that makes one longer must say why.
var walks = []struct {
	name    string
	keys    []string
	presses int
	want    []string
}{
	{"the unattended assistants of one owner, and why they are so",
		[]string{"2", "/", "ow", "tab", "al", "tab", " ", "au", "tab", "un", "tab", "enter"}, 16,
		[]string{"1 of 4", "claude-code", "unattended: permissions.defaultMode is"}},
	{"accept a finding for two weeks",
		[]string{"7", "a", "14", "enter", "known", "enter"}, 11,
		[]string{"accept: 1 record", "U takes it back"}},
	{"who can merge to a protected branch without a person",
		[]string{":", "matrix me", "enter", "/", "tab", "yes", "enter"}, 17,
		[]string{"matrix 1 of", "codex"}},
	{"what is another than a week ago", []string{":", "ch", "enter"}, 4,
		[]string{"grown", "may now: deploy-prod"}},
	{"review a team, and export the evidence",
		[]string{":", "revi", "enter", "O", "team:@acme/web", "enter", "1", "E", "enter"}, 25,
		[]string{"13 files in nhitop-rev-1"}},
	{"take the worst secret away, and see the proof",
		[]string{"4", "W", "arm", "enter", "R", "x", "leak", "enter", "y"}, 14,
		[]string{"run r1", "done", "proven"}},
}

// slowly sends keys a second apart: a page that opens by itself ignores what comes at once.
func (d *driver) slowly(keys ...string) {
	for _, k := range keys {
		d.now = d.now.Add(time.Second)
		d.keys(k)
	}
}

func presses(keys []string) int {
	n := 0
	for _, k := range keys {
		if _, one := named[k]; one {
			n++
			continue
		}
		n += len(k)
	}
	return n
}

func TestWalks(t *testing.T) {
	for _, w := range walks {
		t.Run(w.name, func(t *testing.T) {
			if n := presses(w.keys); n != w.presses {
				t.Errorf("it takes %d presses, said are %d", n, w.presses)
			}
			r := company()
			r.Assistants[1].Capabilities = map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes}
			for _, size := range sizes {
				d := newDriver(t, snapshot(r), size.w, size.h)
				d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
				d.slowly(w.keys...)
				d.want(w.want...)
			}
		})
	}
}

// Every action has a help, and none whose effect outlives the dashboard does anything when the program is read-only: it
// says so instead.
func TestReadOnlyRefusesWhatChanges(t *testing.T) {
	for _, a := range actionTable() {
		if a.help == "" || len(a.keys) == 0 {
			t.Errorf("%s has no help or no key", a.id)
		}
	}
	at := map[string][]string{
		"arm": {"W"}, "flag": {"7", "f", "x", "enter"}, "accept": {"7", "a", "enter", "x", "enter"}, "assign": {"2", "o", "x", "enter"}, "note": {"2", "n", "x", "enter"},
		"go":          {"4", "R", "x"},
		"review-open": {":", "review", "enter", "O"},
	}
	for id, keys := range at {
		d := shown(t)
		d.e.hard = true
		d.slowly(keys...)
		if !strings.Contains(d.frame(), "read-only") {
			t.Errorf("%s does not say that it is read-only:\n%s", id, d.frame())
		}
		if len(d.e.executed)+len(d.e.decisions)+len(d.e.reviews) > 0 || !d.e.until.IsZero() {
			t.Errorf("%s did something", id)
		}
	}
	for _, a := range actionTable() {
		if a.danger && at[a.id] == nil && !strings.HasPrefix(a.help, "plan ") && !contextual[a.id] {
			t.Errorf("%s changes something, and no test shows that read-only refuses it", a.id)
		}
	}
}
