package ui

import (
	"context"
	"fmt"
	"testing"
	"time"

	"nhitop/inventory/revoke"
)

// begun puts a run on the screen that is under way here, and gives back how it stands.
func begun(d *driver, id string) revoke.Run {
	d.t.Helper()
	r := revoke.Run{ID: id, State: revoke.StateRunning, By: "alice", Reason: "leak", Started: d.now}
	for i := range 2 {
		r.Steps = append(r.Steps, revoke.StepRun{Step: revoke.Step{ID: fmt.Sprint(i), Summary: fmt.Sprintf("take it out of place %d", i+1), Promises: revoke.Proven}, State: revoke.StatePlanned})
	}
	r.Steps[0].State, r.Steps[0].Started = revoke.StateRunning, d.now
	d.send(runMsg(revoke.Event{Run: r}))
	return r
}

// ends is the same run at its end; not the same slice of steps.
func ends(r revoke.Run, now time.Time) revoke.Run {
	r.Steps = append([]revoke.StepRun{}, r.Steps...)
	for i := range r.Steps {
		s := &r.Steps[i]
		s.State, s.Started, s.Ended, s.Proof = revoke.StateDone, now, now, revoke.Proof{Grade: revoke.Proven}
	}
	r.State, r.Ended = revoke.StateDone, now
	return r
}

// A run that was left goes on being told: on its page, opened again or below another, and in the list.
func TestARunThatWasLeftIsFollowed(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.keys(":", "revocations", "enter")
	r := begun(d, "r1")
	d.e.runs = []revoke.Run{r}
	d.want("revocations 1", "running")
	d.keys("enter")
	d.want("1 under way", "1 to come")
	d.keys("enter")
	d.want("look: the run is still going")

	other := begun(d, "r2") // of another run nothing is taken
	d.lacks("r2 running")
	d.e.runs = []revoke.Run{other, r}

	half := ends(r, d.now)
	half.State, half.Ended, half.Steps[1] = revoke.StateRunning, time.Time{}, r.Steps[1]
	d.send(runMsg(revoke.Event{Run: half}))
	d.want("1 proven", "1 to come")

	d.keys("?", "esc") // the page below another takes it too
	page := d.m.page
	d.do(d.m.push(newDetail("sec-x", d.m.th)))
	done := ends(r, d.now)
	d.e.runs = []revoke.Run{other, done}
	d.send(runDoneMsg{run: done})
	d.want("run r1: done; 2 proven")
	d.keys("esc")
	if d.m.page != page {
		t.Fatal("not the page of the run")
	}
	d.want("r1 done", "2 proven")
	d.lacks("to come")
}

// So is one that another process carries out, below another page too.
func TestARunElsewhereIsFollowedBelowAnotherPage(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	r := revoke.Run{ID: "r1", State: revoke.StateRunning, Reason: "leak", Started: d.now, UnderWay: true, Steps: []revoke.StepRun{{Step: revoke.Step{ID: "0", Summary: "take it out of place 1", Promises: revoke.Proven}, State: revoke.StateRunning, Started: d.now}}}
	d.e.runs = []revoke.Run{r}
	d.keys(":", "revocations", "enter", "enter")
	d.want("UNDER WAY ELSEWHERE")
	d.do(d.m.push(newDetail("sec-x", d.m.th)))
	d.e.runs = []revoke.Run{ends(r, d.now)}
	d.do(d.m.loadRuns())
	d.keys("esc")
	d.want("r1 done", "1 proven")
	d.lacks("ELSEWHERE")
}

// refusing is an engine that refuses each run.
type refusing struct {
	*fakeEngine
	err error
}

func (e refusing) Execute(context.Context, *revoke.Plan, revoke.Consent, func(revoke.Event)) (revoke.Run, error) {
	return revoke.Run{}, e.err
}

// What was refused never ran: the plan comes back, and the reason is said once.
func TestARefusedRunPutsThePlanBack(t *testing.T) {
	d := planned(t)
	d.m.e = refusing{d.e, fmt.Errorf("another nhitop is carrying out a revocation")}
	plan := d.m.page
	d.keys("W", "arm", "enter", "x", "leak", "enter", "revoke 3", "enter")
	if d.m.page != plan {
		t.Fatalf("the plan is not back:\n%s", d.frame())
	}
	d.want("nothing was done: another nhitop is carrying out a revocation")
	d.lacks("running")
}

// What was to end and still works is not done, in no list and on no page.
func TestARunOfWhatStillWorksIsNotDone(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	r := ends(begun(d, "r1"), d.now)
	r.Steps[1].Proof = revoke.Proof{Grade: revoke.Alive, Detail: "GET /user with it: 200"}
	d.e.runs = []revoke.Run{r}
	d.send(runDoneMsg{run: r})
	d.want("run r1: ALIVE; 1 STILL ALIVE (2) · 1 proven")
	d.keys(":", "revocations", "enter")
	d.want("ALIVE", "1 STILL ALIVE")
	d.keys("enter")
	d.want("r1 ALIVE", "1 STILL ALIVE (2)", " 2  ✗ NO EFFECT", "enter: look again at 2")
}

// A step of a person can be read whole, and the page says which key comes next.
func TestAStepOfAPersonCanBeRead(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	r := ends(begun(d, "r1"), d.now)
	s := &r.Steps[1]
	s.Action, s.State, s.Proof, s.Started, s.Ended = revoke.ActionManual, revoke.StateWaiting, revoke.Proof{}, time.Time{}, time.Time{}
	s.Summary = "the history of the repository acme/web keeps github-pat-classic …5wsT: it stays readable there until the history is rewritten"
	r.State = revoke.StateWaiting
	d.e.runs = []revoke.Run{r}
	d.send(runDoneMsg{run: r})
	d.keys(":", "revocations", "enter", "enter")
	d.want("1 proven · 1 yours (2)", "enter: say that step 2 is done", "yours: do it, then enter: I look again", "the history is", "rewritten")
	fits(t, d)
	d.keys("enter", "x", "q", "r") // none of these is an answer, nor a key of the page
	d.want("Is step 2 done? [y/N]")
	d.keys("n")
	d.want("left as it is")
}
