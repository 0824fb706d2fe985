package revoke

import (
	"testing"
	"time"
)

func TestSpans(t *testing.T) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	step := func(g Grade, after time.Duration) StepRun {
		return StepRun{Step: Step{Promises: Attested}, State: StateDone, Proof: Proof{Grade: g, At: at.Add(after)}}
	}
	r := Run{Started: at, Since: at.Add(-5 * time.Second), Known: Known{FirstSeen: at.Add(-40 * 24 * time.Hour), Detected: at.Add(-3 * time.Hour)},
		Steps: []StepRun{step(Proven, 2*time.Second), step(Attested, 6*time.Second), step(Proven, time.Second)}}
	want := Spans{Seen: 40*24*time.Hour + 6*time.Second, Detected: 3*time.Hour + 6*time.Second, Hand: 11 * time.Second, Begun: 6 * time.Second}
	if got, ok := r.Spans(); !ok || got != want {
		t.Errorf("%+v %v", got, ok)
	}
	r.Since, r.Known = time.Time{}, Known{}
	if got, ok := r.Spans(); !ok || got != (Spans{Begun: 6 * time.Second}) {
		t.Errorf("what is not known counts: %+v %v", got, ok)
	}
	history := StepRun{Step: Step{Layer: LayerCopy, Action: ActionManual}, State: StateWaiting}
	dead := step(Proven, time.Hour)
	dead.Receipt.Already = true
	for _, s := range []StepRun{history, dead} { // neither holds the time up, nor makes one
		x := r
		x.Steps = append([]StepRun{s}, r.Steps...)
		if got, ok := x.Spans(); !ok || got != (Spans{Begun: 6 * time.Second}) {
			t.Errorf("%+v: %+v %v", s, got, ok)
		}
		x.Steps = []StepRun{s}
		if got, ok := x.Spans(); ok {
			t.Errorf("%+v alone is proven: %+v", s, got)
		}
	}
	for _, s := range []StepRun{step(Accepted, 0), step(Alive, 0), step("", 0), {State: StateWaiting}, {State: StateFailed, Proof: Proof{Grade: Proven, At: at}}} {
		x := r
		x.Steps = append([]StepRun{s}, r.Steps...)
		if got, ok := x.Spans(); ok || got != (Spans{}) {
			t.Errorf("%+v is proven: %+v", s, got)
		}
	}
}
