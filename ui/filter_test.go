package ui

import (
	"strings"
	"testing"

	"nhitop/inventory/posture"
	"nhitop/ui/table"
)

// TestFilterLanguage asks every list for what its columns say, as it would be asked for in the palette.
func TestFilterLanguage(t *testing.T) {
	d := shown(t)
	for typed, want := range map[string]string{
		"assistants owner=alice autonomy=unattended": "assistants 1 of 4", "assistants risk>=high": "assistants 1 of 4", "assistants risk>=medium": "assistants 2 of 4",
		"assistants host=laptop-7": "assistants 1 of 4", `assistants where="api ci triage"`: "assistants 1 of 4", "assistants owner!=alice": "assistants 2 of 4",
		"secrets owner=alice exposure=committed": "secrets 1 of 2", "secrets held=claude-code !inherited=yes": "secrets 2   ", "secrets ambient=no": "secrets 1 of 2",
		"findings owner=? score>50": "findings 1 of 3", "findings due<7d": "findings 1 of 3", "findings due>=2026-03-02": "findings 1 of 3",
		"tools owner=alice pinned=no": "tools 2   ", "entitlements owner=alice may=exec-local": "entitlements 1 of 2", "fixes where=laptop-7": "fixes 1 of 3", "owners status=active": "owners 1 of 2",
	} {
		d.keys(":", typed, "enter")
		if want == "secrets 2   " { // the column is called ambient
			d.want("no key")
		} else {
			d.want(want)
		}
		d.keys("esc")
	}
}

func TestFilterIsCompleted(t *testing.T) {
	d := shown(t)
	d.keys("2", "/")
	d.want("[risk>=]", "owner=") // every key, before anything is typed
	d.keys("auton")
	d.want("/ auton▏omy>=", "[autonomy>=]")
	d.keys("tab")
	d.want("/ autonomy>=▏unattended", "[unattended]")
	d.keys("right")
	d.want("1 of 4")
	d.keys(" own")
	d.want("[owner=]")
	d.keys("tab") // a value is still to come
	d.want("1 of 4")
	d.keys("a", "tab")
	d.want("/ autonomy>=unattended owner=alice@example.com▏", "1 of 4")
	d.keys("enter")
	d.want("assistants 1 of 4   autonomy>=unattended owner=alice@example.com")
}

// TestMistakeSaysWhere holds that a wrong term is named with what to write instead, while one types, and that the others
// count meanwhile.
func TestMistakeSaysWhere(t *testing.T) {
	d := shown(t)
	d.keys("2", "/", "codex ownr=x")
	d.want(`ownr=x: no key "ownr" here; did you mean owner?`, "1 of 4")
	d.keys("esc", "/", "risk>=h")
	d.want("risk>=h: risk cannot be compared with", "one of track, attend, act-now")
	d.keys("i", "g", "h")
	d.lacks("cannot be compared")
	d.want("1 of 4")
	d.keys("esc", "/", "owner>bob", "enter")
	d.want("owner has no order to compare by")
}

// TestKeysAreUnique holds that each column can be named, and that its kind fits what its cells say.
func TestKeysAreUnique(t *testing.T) {
	d := shown(t)
	for name, v := range d.m.views {
		c, ok := v.(interface{ Columns() []table.Column })
		if !ok {
			continue
		}
		seen := map[string]bool{}
		for _, col := range c.Columns() {
			if seen[col.Key] || col.Key == "" || col.Title == "" || strings.Trim(col.Key, "abcdefghijklmnopqrstuvwxyz-") != "" {
				t.Errorf("%s: the column %q cannot be named", name, col.Key)
			}
			seen[col.Key] = true
		}
	}
}

// TestLongFilterKeepsItsEndInSight types more than the screen is wide.
func TestLongFilterKeepsItsEndInSight(t *testing.T) {
	d := newDriver(t, snapshot(company()), 40, 12)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("2", "/", "!nothing of this is in any row !日本 !zz=")
	fits(t, d)
	d.want("…", "!zz=▏", `zz=: no key "zz" here`)
}

// TestMatrixIsFilteredByCapability finds who may do what, and with whom asked.
func TestMatrixIsFilteredByCapability(t *testing.T) {
	d := shown(t)
	for typed, want := range map[string]string{
		"matrix exec-local=yes": "matrix 1 of 3", "matrix open-pr=unknown owner=alice": "matrix 1 of 3", "matrix exec-local>=asks !autonomy=unattended": "matrix 0 of 3",
		"matrix cursor": "matrix 1 of 3", "matrix merge=?": "matrix 0 of 3", "matrix exec-lcal=yes": "did you mean exec-local?",
		"assistants can=exec-local": "assistants 1 of 4", "assistants asks=exec-local": "assistants 0 of 4",
	} {
		d.keys(":", typed, "enter")
		d.want(want)
		d.keys("esc")
	}
	d.keys(":", "matrix", "enter", "/", "exec", "tab")
	d.want("/ exec-local>=▏yes", "[yes]")
}
