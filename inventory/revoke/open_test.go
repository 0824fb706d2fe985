package revoke

import (
	"errors"
	"testing"
	"time"
)

// A run that somebody carries out is not taken for one that was cut off; one run goes on without the others.
func TestOneOfTheRunsThatWereCutOffGoesOn(t *testing.T) {
	dir, provider, files := t.TempDir(), newWorld(), newWorld()
	var slept time.Duration
	var ids []string
	for i := range 2 {
		e := leakExecutor(dir, provider, files, &slept)
		e.Wrap = failing(2, false)
		p := leak()
		p = NewPlan(at.Add(time.Duration(i)*time.Second), 0, nil, nil, p.Steps)
		if _, err := e.Execute(WithHeld(t.Context(), inHand), p, goAhead, nil); err == nil {
			t.Fatal("it did not crash")
		}
		ids = append(ids, p.ID)
	}
	e := leakExecutor(dir, provider, files, &slept)
	stand := func(want map[string]bool) {
		t.Helper()
		runs, err := e.Runs()
		if err != nil || len(runs) != 2 {
			t.Fatal(runs, err)
		}
		for _, r := range runs {
			if r.State == StateRunning && r.CutOff() != want[r.ID] {
				t.Errorf("run %s: under way %v", r.ID, r.UnderWay)
			}
		}
	}
	stand(map[string]bool{ids[0]: true, ids[1]: true})
	told := 0
	run, err := e.ResumeRun(WithHeld(t.Context(), inHand), ids[1], func(Event) {
		if told++; told == 1 {
			stand(map[string]bool{ids[0]: true})
		}
	})
	if err != nil || run.ID != ids[1] || run.State != StateDone || told == 0 {
		t.Fatalf("%s %v", states(run), err)
	}
	stand(map[string]bool{ids[0]: true})
	if run, err := e.ResumeRun(t.Context(), ids[1], nil); !errors.Is(err, ErrEnded) || run.ID != "" {
		t.Errorf("%v %v", run, err)
	}
	if _, err := e.ResumeRun(t.Context(), "aaaa", nil); !errors.Is(err, ErrNoRun) {
		t.Error(err)
	}
}
