package ui

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory/revoke"
)

// ending is a run of which something that survives ends by itself.
func ending(d *driver) *runPage {
	p := providerPlan(d)
	run := revoke.Run{ID: "r9", State: revoke.StateDone, By: "alice", Reason: "leak", Started: d.now, Ended: d.now.Add(time.Second)}
	for _, s := range p.Steps {
		run.Steps = append(run.Steps, revoke.StepRun{Step: s, State: revoke.StateDone, Started: d.now, Ended: d.now.Add(time.Second), Receipt: revoke.Receipt{At: d.now}, Proof: revoke.Proof{Grade: s.Promises}})
	}
	s := &run.Steps[0].Step
	s.Residual = "access tokens that it gave" + revoke.Also + "sessions" + revoke.Also + "what was read"
	s.Ends = []revoke.Ending{{What: "access tokens that it gave", Within: time.Hour}, {What: "sessions"}}
	d.e.runs = []revoke.Run{run}
	d.keys(":", "revocations", "enter", "enter")
	page, ok := d.m.page.(*runPage)
	if !ok {
		d.t.Fatalf("no run on the screen: %s", d.frame())
	}
	return page
}

// What survives a run and ends by itself counts down on its page, from when its step was done: opened later, it is the
// same time. Then it says that it is over, and by whose word.
func TestWhatSurvivesCountsDown(t *testing.T) {
	d := planned(t)
	ending(d)
	at := d.now
	d.now = at.Add(19 * time.Minute)
	d.send(tickMsg(d.now))
	d.want("stays: access tokens that it gave (ends by itself by "+at.Add(time.Hour+time.Minute-1).UTC().Format("15:04")+" UTC", "in 41 min)", "stays: sessions (no end known)", "stays: what was read")
	fits(t, d)
	golden(t, d, "run-counts-80x24")
	d.now = at.Add(time.Hour - 7*time.Second)
	d.send(tickMsg(d.now))
	d.want("in 7 s)")
	d.now = at.Add(time.Hour)
	d.send(tickMsg(d.now))
	d.want("access tokens that it gave (has ended by itself by", "issuer's word goes: look", "again)")
	fits(t, d)
}

// The page is drawn when what it says of the rest changes: once a minute, at the end each second, and then no more.
func TestCountingDrawsOnlyWhatChanges(t *testing.T) {
	d := planned(t)
	p := ending(d)
	d.frame()
	drawn := 0
	for range 2 * 60 * 60 {
		d.now = d.now.Add(time.Second)
		if p.counting() {
			drawn++
			_ = p.View(80, 20)
		}
	}
	if want := 58 + 120; drawn != want {
		t.Errorf("drawn %d times in two hours, want %d: once for each of the minutes and seconds that it says", drawn, want)
	}
}

// What was to end and still works stands above everything that went well.
func TestWhatStillWorksComesFirst(t *testing.T) {
	d := planned(t)
	p := ending(d)
	p.run.Steps[0].Proof.Grade, p.run.Steps[0].TargetName = revoke.Alive, "github-pat-classic …5wsT"
	frame := d.frame()
	alive, step := strings.Index(frame, "STAYS ALIVE: github-pat-classic …5wsT STILL WORKS"), strings.Index(frame, p.run.Steps[0].Summary[:20])
	if alive < 0 || step < alive {
		t.Error(frame)
	}
}
