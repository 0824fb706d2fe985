package revoke

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// A plan says of each thing that survives how long at most, or that nobody knows.
func TestThePlanSaysHowLongItLasts(t *testing.T) {
	s := Step{ID: "a", Source: "x", Layer: LayerGrant, Action: ActionRevoke, Target: "sec-1", Residual: "tokens" + Also + "sessions" + Also + "what was read", Unended: "the key",
		Ends: []Ending{{What: "tokens", Within: time.Hour}, {What: "sessions"}, {What: "the key", Until: at.Add(90*time.Second + 48*time.Hour)}}}
	p := NewPlan(at, 0, nil, nil, []Step{s})
	want := []string{"tokens (at most 1 h)", "sessions (no end known)", "what was read", "the key (at most until " + at.Add(48*time.Hour+2*time.Minute).UTC().Format("2006-01-02 15:04") + " UTC)"}
	if !slices.Equal(p.Residual, want) {
		t.Errorf("%q", p.Residual)
	}
	for d, want := range map[time.Duration]string{time.Hour: "1 h", 36 * time.Hour: "36 h", 35 * 24 * time.Hour: "35 d", 90 * time.Minute: "90 min", 59 * time.Second: "59 s", 100 * time.Millisecond: "1 s"} {
		if got := Lasting(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// What ends by itself is counted from when the step was done, and not where it was not seen to take effect.
func TestWhatIsLeftEndsAtATime(t *testing.T) {
	step := Step{ID: "a", Residual: "tokens" + Also + "what was read", Ends: []Ending{{What: "tokens", Within: time.Hour}}}
	for _, c := range []struct {
		run  StepRun
		want time.Time
	}{
		{StepRun{State: StateDone, Receipt: Receipt{At: at}, Proof: Proof{Grade: Proven}}, at.Add(time.Hour)},
		{StepRun{State: StateDone, Receipt: Receipt{At: at}, Proof: Proof{Grade: Attested, At: at.Add(time.Minute)}}, at.Add(time.Hour)},
		{StepRun{State: StateDone, Receipt: Receipt{At: at}}, at.Add(time.Hour)}, // it is being looked at
		{StepRun{State: StateDone, Receipt: Receipt{At: at}, Proof: Proof{Grade: Alive}}, time.Time{}},
		{StepRun{State: StateDone, Receipt: Receipt{At: at}, Proof: Proof{Grade: Unproven}}, time.Time{}},
		{StepRun{State: StateFailed, Receipt: Receipt{At: at}}, time.Time{}},
		{StepRun{State: StateDone, Ended: at.Add(time.Minute), Proof: Proof{Grade: Attested}}, at.Add(time.Hour + time.Minute)}, // a person did it
	} {
		c.run.Step = step
		left := Run{Steps: []StepRun{c.run}}.Left(c.run)
		if len(left) != 2 || !left[0].Ends || !left[0].By.Equal(c.want) || left[1].Ends || left[1].String() != "what was read" {
			t.Errorf("%s, %q: %+v, want %v", c.run.State, c.run.Proof.Grade, left, c.want)
		}
	}
}

// The words count down: each says that it is true until Next, and is another from then on. The end is said once.
func TestTheWordsCountDown(t *testing.T) {
	for _, lasts := range []time.Duration{time.Second, 90 * time.Second, 41*time.Minute + 7*time.Second + 13*time.Millisecond, 36 * time.Hour, 35 * 24 * time.Hour} {
		l := Left{What: "tokens", Ends: true, By: at.Add(lasts)}
		seen, now := 0, at
		for ; ; seen++ {
			next := l.Next(now)
			if next.IsZero() {
				break
			}
			if !next.After(now) || next.After(l.By) {
				t.Fatalf("%s: at %s next is %s", lasts, now, next)
			}
			if a, b := l.At(now), l.At(next.Add(-1)); a != b {
				t.Fatalf("%s: %q became %q before it was said to", lasts, a, b)
			}
			if a, b := l.At(now), l.At(next); a == b {
				t.Fatalf("%s: %q stays", lasts, a)
			}
			now = next
		}
		if most := 120 + 48*60 + 35*24; seen > most || !now.Equal(l.By) {
			t.Errorf("%s: drawn %d times, until %s", lasts, seen, now)
		}
		if got := l.At(now); !strings.Contains(got, "has ended by itself") || !strings.Contains(got, "as far as its issuer's word goes") {
			t.Errorf("%s: %q", lasts, got)
		}
	}
	l := Left{What: "tokens", Ends: true, By: time.Date(2026, 11, 27, 14, 31, 20, 0, time.UTC)}
	for d, want := range map[time.Duration]string{
		41 * time.Minute: "tokens (ends by itself by 14:32 UTC at the latest, in 41 min)", 40*time.Minute + 1: "tokens (ends by itself by 14:32 UTC at the latest, in 41 min)",
		59 * time.Second: "tokens (ends by itself by 14:32 UTC at the latest, in 59 s)", 30 * time.Hour: "tokens (ends by itself by 2026-11-27 14:32 UTC at the latest, in 30 h 0 min)",
		49 * time.Hour: "tokens (ends by itself by 2026-11-27 14:32 UTC at the latest, in 2 d 1 h)",
	} {
		if got := l.At(l.By.Add(-d)); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	if got := (Left{What: "jobs", Ends: true}).At(at); got != "jobs (no end known)" {
		t.Error(got)
	}
}

// The time of the end is that of the receipt in the journal: another process counts to the same one.
func TestTheEndIsTheSameAfterARestart(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	x := newExecutor(dir, fullRevoker{plainRevoker{w}})
	p := NewPlan(x.now(), 0, nil, nil, []Step{{ID: "a", Source: "fake", Layer: LayerGrant, Action: ActionRevoke, Target: "sec-1", TargetName: "x", Summary: "end it", Promises: Proven, Residual: "tokens", Ends: []Ending{{What: "tokens", Within: time.Hour}}}})
	run, err := x.Execute(context.Background(), p, Consent{By: "alice", Reason: "leak", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := run.Left(run.Steps[0])[0].By
	runs, err := NewJournal(x.Journal.dir).Runs()
	if err != nil || len(runs) != 1 || want.IsZero() {
		t.Fatal(runs, err, want)
	}
	if got := runs[0].Left(runs[0].Steps[0])[0].By; !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	// a step as older versions wrote it names no end, and is written back as it was
	old := `{"id":"a","source":"s","action":"revoke","layer":"grant","target":"sec-1","target_name":"x","summary":"y","request":"","effect":"","reversible":false,"residual":"tokens","promises":"proven","params":null}`
	var s Step
	if err := json.Unmarshal([]byte(old), &s); err != nil {
		t.Fatal(err)
	}
	if data, err := json.Marshal(s); err != nil || string(data) != old {
		t.Errorf("%s %v", data, err)
	}
}
