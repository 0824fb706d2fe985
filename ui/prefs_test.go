package ui

import (
	"errors"
	"strings"
	"testing"

	"nhitop/inventory/posture"
)

// memory is a Keeper that keeps nothing beyond the test.
type memory struct {
	data  []byte
	saves int
	fail  error
}

func (k *memory) Load() ([]byte, error) { return k.data, k.fail }
func (k *memory) Save(data []byte) error {
	k.saves++
	k.data = data
	return k.fail
}

func keptBy(t *testing.T, k *memory) *driver {
	t.Helper()
	d := newDriver(t, snapshot(company()), 120, 40)
	d.m.o.Keep = k
	d.do(d.m.loadPrefs())
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	return d
}

// titles is the line of the column titles.
func titles(d *driver) string {
	return strings.Join(strings.Fields(strings.Split(strings.Split(d.frame(), "\n")[2], "│")[0]), " ")
}

func TestColumnsAreChosenAndKept(t *testing.T) {
	k := &memory{}
	d := keptBy(t, k)
	d.keys("2")
	d.want("assistants 4")
	d.keys("C")
	d.want("assistants › columns", "> [x] DECISION", "[ ] USED", "sorted ↓", "no room on this screen")
	d.keys(" ", "j", "S") // without the decision; sorted by what comes then
	d.keys("end", " ")    // with the last one
	d.keys("<", "<", "<", "<", "<", "<", "<", "<", "<", "<", "<", "<", "<")
	d.keys("esc")
	if got := titles(d); !strings.HasPrefix(got, "USED ASSISTANT") || strings.Contains(got, "DECISION") {
		t.Fatalf("columns: %s", got)
	}
	d.want("sort ")
	sorted := d.m.views["assistants"].(columned).Sorted()

	again := keptBy(t, k)
	again.keys("2")
	if got := titles(again); got != titles(d) || again.m.views["assistants"].(columned).Sorted() != sorted {
		t.Errorf("the next run shows %s, want %s", got, titles(d))
	}
	again.keys("C", "0", "esc")
	if got := titles(again); !strings.HasPrefix(got, "DECISION") {
		t.Errorf("not as before: %s", got)
	}
	again.keys("3", ">")
	third := keptBy(t, k)
	if got, want := third.m.views["owners"].(columned).Sorted(), again.m.views["owners"].(columned).Sorted(); got != want {
		t.Errorf("the order of the owners is %v, want %v", got, want)
	}
	third.keys("2", "C", "j", "j", " ", " ") // hidden and shown again: at its place
	third.keys("esc")
}

func TestOneColumnStays(t *testing.T) {
	d := keptBy(t, &memory{})
	d.keys(":", "messages", "enter", "C", " ", "home", " ")
	d.want("one column stays")
	d.keys("esc", "1", "C")
	d.want("this page has no columns")
}

func TestFiltersAreSavedOfferedAndTakenAway(t *testing.T) {
	k := &memory{}
	d := keptBy(t, k)
	d.keys("2", "F")
	d.want("no filter is in force")
	d.keys("/", "owner=alice", "enter", "F", "mine", "enter")
	d.want("saved: press : and type mine")
	d.keys("/", "backspace", "enter", "F", " ", "enter")
	d.want("it needs a name")

	again := keptBy(t, k)
	again.keys(":", "min")
	again.want("mine", "filter: assistants owner=alice")
	again.keys("enter")
	again.want("assistants 2 of 4   owner=alice")
	again.keys(":", "forget", "enter")
	again.want("take away which filter", "mine")
	again.keys("enter")
	again.want("taken away: mine")
	again.keys(":", "mine")
	again.want("nothing is called")
	if strings.Contains(string(k.data), "alice") {
		t.Errorf("it is still kept: %s", k.data)
	}
}

// TestTwoDashboardsKeepBoth holds that what another dashboard kept meanwhile is not lost.
func TestTwoDashboardsKeepBoth(t *testing.T) {
	k := &memory{}
	a, b := keptBy(t, k), keptBy(t, k)
	a.keys("2", "/", "codex", "enter", "F", "one", "enter")
	b.keys("2", "/", "cursor", "enter", "F", "two", "enter")
	if s := string(k.data); !strings.Contains(s, "codex") || !strings.Contains(s, "cursor") {
		t.Errorf("kept: %s", s)
	}
}

// TestWhatCannotBeReadIsNotWrittenOver holds that a file of another version, or one that is broken, is said and left.
func TestWhatCannotBeReadIsNotWrittenOver(t *testing.T) {
	for _, data := range []string{"{", `{"schema":"nhitop-screen/v9"}`} {
		k := &memory{data: []byte(data)}
		d := keptBy(t, k)
		if !strings.Contains(d.m.x.messages[0].text, "kept") {
			t.Errorf("%s: %v", data, d.m.x.messages)
		}
		d.keys("2", ">")
		d.want("not kept for the next run")
		if k.saves != 0 {
			t.Errorf("%s was written over", data)
		}
	}
	d := keptBy(t, &memory{fail: errors.New("the disk is gone")})
	d.keys("2", ">")
	d.want("the disk is gone")
}

func FuzzReadPrefs(f *testing.F) {
	f.Add([]byte(`{"schema":"nhitop-screen/v1","views":{"assistants":{"columns":["name","name","zzz"],"sort":"zzz"}},"filters":[{"name":"x","view":"nowhere","filter":"!"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readPrefs(data)
		if err != nil {
			return
		}
		d := newDriver(t, snapshot(company()), 80, 24)
		d.send(prefsMsg{prefs: p})
		d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
		d.keys("2", "C", " ", ">", "S", "esc", ":")
		fits(t, d)
	})
}
