package ui

import (
	"testing"
	"time"

	"nhitop/inventory/triage"
)

func TestAcceptAsksForEndAndReason(t *testing.T) {
	d := shown(t)
	d.keys("7", "a", "enter", "because it is a test", "enter")
	if len(d.e.decisions) != 1 {
		t.Fatalf("decisions %+v", d.e.decisions)
	}
	x := d.e.decisions[0]
	if x.Kind != triage.Accept || x.Reason != "because it is a test" || x.By != "alice" || x.Until.Sub(at) != 30*24*time.Hour {
		t.Errorf("decision %+v", x)
	}
	d.want("accept: 1 record")
	d.keys("a", "2020-01-01", "enter")
	d.want("a date to come")
	d.keys("a", "7", "enter", "enter")
	d.want("a reason is needed")
	d.keys("U")
	d.want("taken back: accept by alice")
	if !d.e.decisions[0].Undone {
		t.Error("the decision still stands")
	}
	d.keys("U")
	d.want("no decision about it stands")
}

func TestFlagAllMarked(t *testing.T) {
	d := shown(t)
	d.keys("7", "*", "f", "look", "enter")
	if len(d.e.decisions) != 3 {
		t.Errorf("decisions %+v", d.e.decisions)
	}
}

func TestAssignAndNote(t *testing.T) {
	d := shown(t)
	d.keys("2", "o", "bob@example.com", "enter", "n", "he said yes", "enter")
	if len(d.e.decisions) != 2 || d.e.decisions[0].Owner != "bob@example.com" || d.e.decisions[1].Reason != "he said yes" {
		t.Errorf("decisions %+v", d.e.decisions)
	}
	d.keys("4", "o")
	d.want("only for assistants")
	d.keys("4", "f")
	d.want("only for findings")
}

func TestChangesOpenWhatChanged(t *testing.T) {
	d := shown(t)
	d.keys(":", "changes", "enter")
	d.want("grown", "may now: deploy-prod")
	d.keys("enter")
	d.want("product")
}

func TestUntil(t *testing.T) {
	for text, want := range map[string]time.Time{"": at.AddDate(0, 0, 30), "7": at.AddDate(0, 0, 7), "14d": at.AddDate(0, 0, 14), "2027-01-02": time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)} {
		if got, err := parseUntil(at, text); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	for _, bad := range []string{"0", "-3", "soon", "2026-01-01", "99999999"} {
		if _, err := parseUntil(at, bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestControlsOpenWhatBreaksThem(t *testing.T) {
	d := shown(t)
	d.keys(":", "controls", "enter", "/", "NHI2:2025", "enter")
	d.want("BROKEN", "Secret Leakage", "NHI-02")
	d.keys("enter")
	d.want("BROKEN BY", "SEC-01", "address")
}
