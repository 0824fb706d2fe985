package metrics

import (
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

func TestResponses(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	run := func(ago, hand, detected time.Duration, g revoke.Grade) revoke.Run {
		end := now.Add(-ago)
		r := revoke.Run{Started: end.Add(-time.Second), Steps: []revoke.StepRun{{Step: revoke.Step{Promises: revoke.Proven}, State: revoke.StateDone, Proof: revoke.Proof{Grade: g, At: end}}}}
		if hand > 0 {
			r.Since = end.Add(-hand)
		}
		if detected > 0 {
			r.Known.Detected = end.Add(-detected)
		}
		return r
	}
	undo := run(time.Hour, 2*time.Second, 0, revoke.Proven)
	undo.Undoes = "x"
	got := Responses([]revoke.Run{
		run(time.Hour, 10*time.Second, 3*time.Hour, revoke.Proven), run(2*time.Hour, 20*time.Second, 0, revoke.Proven), run(3*time.Hour, 40*time.Second, 0, revoke.Proven),
		run(time.Hour, 0, 0, revoke.Proven), run(100*24*time.Hour, time.Second, 0, revoke.Proven), run(time.Hour, time.Second, 0, revoke.Attested), undo,
	}, now)
	want := inventory.Responses{Runs: 4, Hand: inventory.Spread{Runs: 3, Median: 20, P90: 40}, Detected: inventory.Spread{Runs: 1, Median: 10800, P90: 10800}}
	if got == nil || *got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := Responses(nil, now); got != nil {
		t.Errorf("of no run: %+v", got)
	}
}
