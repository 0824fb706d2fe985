package ui

import (
	"testing"

	"nhitop/inventory/posture"
)

// A still is the frame that the dashboard shows.
func TestStill(t *testing.T) {
	for _, view := range []string{"overview", "assistants", "matrix", "findings", "revocations"} {
		d := newDriver(t, snapshot(company()), 80, 24)
		d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
		d.do(d.m.goTo(view))
		if got := Still(d.e, d.m.o, view, 80, 24); got != d.frame() {
			t.Errorf("%s:\n%s\n%s", view, got, d.frame())
		}
	}
}
