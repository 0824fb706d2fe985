package ui

import (
	"context"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/revoke"
)

// slow is an engine whose runs last until they are stopped.
type slow struct {
	*fakeEngine
	begun chan struct{}
}

func (s slow) Execute(ctx context.Context, p *revoke.Plan, c revoke.Consent, _ func(revoke.Event)) (revoke.Run, error) {
	close(s.begun)
	<-ctx.Done()
	r := revoke.Run{ID: p.ID, State: revoke.StatePartial, By: c.By, Reason: c.Reason, Started: s.now(), Ended: s.now()}
	for i, st := range p.Steps {
		x := revoke.StepRun{Step: st, State: revoke.StateSkipped, Error: "cancelled"}
		if i == 0 {
			x = revoke.StepRun{Step: st, State: revoke.StateDone, Started: s.now(), Ended: s.now(), Proof: revoke.Proof{Grade: st.Promises}}
		}
		r.Steps = append(r.Steps, x)
	}
	return r, nil
}

// A run that is under way is stopped by ctrl-x, and its page says what was done and what was not; q asks before it stops it, and
// leaves when the run has ended.
func TestARunIsStopped(t *testing.T) {
	for _, key := range []string{"ctrl+x", "q"} {
		d := planned(t)
		e := slow{d.e, make(chan struct{})}
		d.m.e = e
		d.keys("W", "arm", "enter", "x", "leak", "enter")
		d.keys("revoke 3")
		_, run := d.m.Update(tea.KeyMsg{Type: tea.KeyEnter}) // the command lasts: it is not run by the driver
		done := make(chan any, 1)
		go func() { done <- run() }()
		<-e.begun
		d.keys(key)
		if key == "q" {
			d.want("A run is under way", "Stop the run and quit? [y/N]")
			d.keys("y")
			d.want("stopping the run")
		}
		d.send(<-done)
		d.want("PARTIAL", "cancelled", "skipped")
		if d.m.stopRun != nil {
			t.Error("it is still under way")
		}
		fits(t, d)
	}
}

func TestAStepCountsDown(t *testing.T) {
	now := at
	st := revoke.StepRun{Step: revoke.Step{Promises: revoke.Proven, Horizon: 2 * time.Minute}, State: revoke.StateRunning, Started: at.Add(-5 * time.Second)}
	p := &runPage{now: func() time.Time { return now }}
	if sign, took, _ := p.progress(st); took != "0:05" || sign == stepSign(revoke.StateRunning) {
		t.Errorf("under way: %q %q", sign, took)
	}
	st.State, st.Ended, st.Receipt.At = revoke.StateDone, at, at
	now = at.Add(50 * time.Second)
	if sign, took, note := p.progress(st); sign != "▸" || p.stateOf(st).Text != "accepted" || took != "0:05" || note != "looking until 12:02 UTC whether it took effect, for 1:10 more" {
		t.Errorf("looked for: %q %q", took, note)
	}
	p.done, p.run.Steps = true, []revoke.StepRun{st}
	if _, _, note := p.progress(st); note != "not seen yet, and may take 1:10 more" || !p.counting() {
		t.Errorf("not seen: %q", note)
	}
	now = at.Add(2 * time.Minute)
	if _, _, note := p.progress(st); note != "" || p.counting() {
		t.Errorf("its time is over: %q", note)
	}
	st.Proof.Grade, now = revoke.Proven, at
	if _, _, note := p.progress(st); note != "" {
		t.Errorf("proven: %q", note)
	}
}
