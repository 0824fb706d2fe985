package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// cutEngine is an engine with runs that are not at their end; the first ends its secret by itself.
type cutEngine struct {
	*fakeEngine
	mu      sync.Mutex      // guards the runs while one goes on
	value   inventory.Value // the secret that the run is about
	resumed []string        // what was asked for: bare, pasted or without
	plain   string          // of a secret that was pasted; for what must not be seen
}

func (f *cutEngine) ResumeRun(ctx context.Context, id string, held inventory.Value, on func(revoke.Event)) (revoke.Run, error) {
	r := f.whole()[0]
	if id != r.ID {
		return revoke.Run{}, revoke.ErrNoRun
	}
	how := "bare"
	without := strings.Contains(fmt.Sprint(ctx), fmt.Sprint(revoke.WithoutHeld(context.Background()))[len("context.Background"):])
	switch {
	case !held.IsZero() && held.Hint() != f.value.Hint():
		f.resumed = append(f.resumed, "wrong")
		return revoke.Run{}, revoke.ErrNotOfRun
	case !held.IsZero():
		how = "pasted"
	case without:
		how = "without"
	}
	f.resumed = append(f.resumed, how)
	on(revoke.Event{Run: r})
	r.Steps = slices.Clone(r.Steps)
	if how == "bare" {
		r.Steps[1].State, r.Steps[1].Error = revoke.StateRunning, revoke.ErrNotHeld.Error()
		f.set(r)
		return r, revoke.ErrNotHeld
	}
	end := f.now().Add(3 * time.Second)
	for i := range r.Steps {
		if s := &r.Steps[i]; s.State != revoke.StateDone {
			s.State, s.Error, s.Ended, s.Proof = revoke.StateDone, "", end, revoke.Proof{Grade: revoke.Proven, Detail: "GET /user with it: 401; the control answers 200", At: end}
			if without {
				s.State, s.Proof = revoke.StateFailed, revoke.Proof{}
			}
		}
	}
	r.State, r.Ended = revoke.StateDone, end
	f.set(r)
	on(revoke.Event{Run: r})
	return r, nil
}

func (f *cutEngine) Runs() ([]revoke.Run, error) { return f.whole(), nil }

func (f *cutEngine) whole() []revoke.Run {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.runs)
}

func (f *cutEngine) set(r revoke.Run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs = append([]revoke.Run{r}, f.runs[1:]...)
}

// cut drives a dashboard that finds a run which was cut off when it starts.
func cut(t *testing.T, w, h int, change func(*revoke.Run)) (*driver, *cutEngine) {
	t.Helper()
	secret := "gh" + "p_FAKE" + strings.Repeat("m", 26) + "9xYz"
	step := func(id, text string, layer revoke.Layer, state string) revoke.StepRun {
		return revoke.StepRun{Step: revoke.Step{ID: id, Source: "github", Target: "sec-x", Layer: layer, Summary: text, Promises: revoke.Proven}, State: state}
	}
	r := revoke.Run{ID: "qk3vw7mzaa2c", State: revoke.StateRunning, By: "grace@bastion", Reason: "incident: github-pat-classic …9xYz came into hand", Started: at.Add(-9 * time.Minute), Since: at.Add(-10 * time.Minute),
		Steps: []revoke.StepRun{step("1", "suspend the app at github.com", revoke.LayerGrant, revoke.StateDone), step("2", "end github-pat-classic …9xYz at github.com, by itself", revoke.LayerCredential, revoke.StateRunning),
			step("3", "take it out of ~/src/web/.mcp.json", revoke.LayerCopy, revoke.StatePlanned)}}
	r.Steps[0].Started, r.Steps[0].Ended, r.Steps[0].Proof = r.Started, r.Started.Add(2*time.Second), revoke.Proof{Grade: revoke.Attested, Detail: "read back: suspended"}
	r.Steps[1].Started, r.Steps[1].Held = r.Started.Add(2*time.Second), true
	if change != nil {
		change(&r)
	}
	d := newDriver(t, snapshot(company()), w, h)
	e := &cutEngine{fakeEngine: d.e, value: inventory.NewValue(secret), plain: secret}
	e.runs = []revoke.Run{r}
	d.m.e = e
	d.do(d.m.Init())
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	return d, e
}

// A run that was cut off is what the dashboard says first, before there are facts too, and on every page.
func TestACutOffRunIsSaidFirst(t *testing.T) {
	for _, s := range sizes[:2] {
		d, _ := cut(t, s.w, s.h, nil)
		if lines := strings.Split(d.frame(), "\n"); !strings.Contains(lines[0], "1 RUN CUT OFF") || !strings.HasPrefix(lines[2], " 1 RUN CUT OFF") {
			t.Errorf("it is not said first:\n%s", d.frame())
		}
		d.want("> ", "OPEN", "1 of 3 steps ended, 1 begun, 1 not begun", "x goes on with it")
		fits(t, d)
		golden(t, d, "open-overview-"+fmt.Sprintf("%dx%d", s.w, s.h))
		d.keys("4")
		d.want("1 RUN CUT OFF")
		d.keys(":", "runs", "enter")
		d.want("revocations 1", "OPEN", "begun", "not begun", "CUT OFF before its end")
		fits(t, d)
		golden(t, d, "open-list-"+fmt.Sprintf("%dx%d", s.w, s.h))
		d.keys("enter")
		d.want("CUT OFF before its end", "Nothing goes on by itself", "▸ begun", "· not begun", "✓ done", "Step 2 needs the secret itself", "x go on", "begun 9 min ago")
		fits(t, d)
		golden(t, d, "open-run-"+fmt.Sprintf("%dx%d", s.w, s.h))
	}
	d := newDriver(t, nil, 80, 24)
	d.e.runs = []revoke.Run{{ID: "aaaa", State: revoke.StateRunning, Started: at}}
	d.do(d.m.loadRuns())
	d.want("1 RUN CUT OFF", "Nothing collected yet")
	d.keys("enter")
	d.want("CUT OFF before its end")
}

// It goes on only when the operator is armed and says yes; the secret that it needs is asked for, and one that is another's is
// refused and said.
func TestACutOffRunGoesOnWithThePaste(t *testing.T) {
	d, e := cut(t, 80, 24, nil)
	d.keys("x")
	d.want("not armed: press W first")
	d.keys("W", "arm", "enter", "x")
	d.want("Go on with it?", "grace@bastion")
	d.keys("n")
	d.want("left as it is")
	if len(e.resumed) != 0 {
		t.Fatalf("%q", e.resumed)
	}
	d.keys("x", "y")
	d.want("Step 2 waits for its secret:", "                waits for its secret", "not shown, not kept", "Its secret:")
	fits(t, d)
	golden(t, d, "open-paste-80x24")
	d.keys("q", "enter") // typed for what was there before
	d.want(" 0 characters")
	d.now = d.now.Add(time.Second)
	d.paste("gh" + "p_FAKE" + strings.Repeat("n", 26) + "3qRs")
	d.keys("enter")
	d.want("Nothing was done with what you pasted: it is not the credential of a run that", "Its secret:")
	d.now = d.now.Add(time.Second)
	d.paste(e.plain)
	d.want("38 characters")
	d.lacks(e.plain[8:14])
	p := d.m.prompt.paste
	d.keys("enter")
	if p.text != nil {
		t.Error("what was pasted is not wiped")
	}
	d.want("✓ done", "proven", "GET /user with it: 401", "took 10:05 since paste")
	d.lacks("CUT OFF", "OPEN")
	if got := strings.Join(e.resumed, " "); got != "bare wrong pasted" {
		t.Error(got)
	}
	d.keys("esc")
	d.lacks("CUT OFF")
}

// Who does not have the secret any more ends the run without it, by a word.
func TestACutOffRunEndsWithoutItsSecret(t *testing.T) {
	d, e := cut(t, 80, 24, nil)
	d.keys("W", "arm", "enter", "enter", "x", "y")
	d.now = d.now.Add(time.Second)
	d.keys("enter")
	d.want("Type without to end the run so:", "may live on, and its copies are kept")
	d.keys("with", "enter")
	d.want("the run stays open")
	if len(e.resumed) != 1 {
		t.Fatalf("%q", e.resumed)
	}
	e.resumed = nil
	d.keys("x", "y")
	d.now = d.now.Add(time.Second)
	d.keys("enter", "without", "enter")
	d.want("FAILED")
	if got := strings.Join(e.resumed, " "); got != "bare without" {
		t.Error(got)
	}
	d.lacks("CUT OFF")
}

// A run that another process carries out is not taken for one that was cut off, and is looked at again and again.
func TestARunThatIsUnderWayElsewhere(t *testing.T) {
	d, e := cut(t, 80, 24, func(r *revoke.Run) { r.UnderWay = true })
	d.want("1 RUN UNDER WAY ELSEWHERE", "elsewhere")
	d.lacks("CUT OFF", "OPEN")
	d.keys("W", "arm", "enter", "x")
	d.want("another nhitop is carrying it out now")
	d.keys("enter")
	d.want("UNDER WAY ELSEWHERE: another nhitop is carrying it out now")
	ended := e.runs[0]
	ended.State, ended.Ended = revoke.StateDone, d.now
	e.runs = []revoke.Run{ended}
	d.now = at.Add(5 * time.Second)
	d.send(tickMsg(d.now))
	d.lacks("ELSEWHERE")
	d.keys("esc")
	d.lacks("ELSEWHERE")
	ended.State, ended.UnderWay = revoke.StateRunning, false
	e.runs = []revoke.Run{ended}
	d.keys("ctrl+r")
	d.send(engineMsg(posture.Event{Snapshot: snapshot(company())}))
	d.want("1 RUN CUT OFF")
}

// While a run goes on from here it is no open one, wherever one looks.
func TestARunThatGoesOnFromHereIsNotOpen(t *testing.T) {
	d, e := cut(t, 80, 24, nil)
	e.runs[0].UnderWay = true
	run := e.runs[0]
	d.m.stopRun = func() {}
	d.send(runMsg{Run: run})
	d.lacks("ELSEWHERE", "CUT OFF")
	d.keys(":", "runs", "enter")
	d.want("running")
	d.lacks("elsewhere", "OPEN")
	d.keys("enter")
	run.Steps[1].Summary = "something else by now"
	d.send(runMsg{Run: run})
	d.want("something else by now") // it is live
}

func TestTheCursorOfTheOverview(t *testing.T) {
	d, _ := cut(t, 80, 24, nil)
	if id := d.m.picked(); id != "run:qk3vw7mzaa2c" {
		t.Error(id)
	}
	d.keys("j")
	first := d.m.picked()
	if first != d.e.snap.Records().Issues[0].Subject {
		t.Error(first)
	}
	d.e.runs = nil
	d.do(d.m.loadRuns())
	if id := d.m.picked(); id != first {
		t.Errorf("%s was under the cursor, and now %s is", first, id)
	}
	d.e.runs = []revoke.Run{{ID: "aaaa", State: revoke.StateRunning}, {ID: "bbbb", State: revoke.StateRunning}, {ID: "cccc", State: revoke.StateRunning}}
	d.do(d.m.loadRuns())
	if id := d.m.picked(); id != first {
		t.Errorf("%s was under the cursor, and now %s is", first, id)
	}
	d.want("3 RUNS CUT OFF", "and 1 more")
	d.keys("home")
	if id := d.m.picked(); id != "run:aaaa" {
		t.Error(id)
	}
	d.keys("end", "end")
	if id := d.m.picked(); id != d.e.snap.Records().Issues[2].Subject {
		t.Error(id)
	}
}

// Line by line no secret is taken.
func TestPlainTakesNoSecretOfACutOffRun(t *testing.T) {
	d, e := cut(t, 80, 24, nil)
	var out strings.Builder
	p := &plain{m: d.m, out: &out, msgs: make(chan tea.Msg, 9)}
	d.m.send = func(msg tea.Msg) { p.msgs <- msg }
	settle := func() {
		for p.open > 0 || len(p.msgs) > 0 {
			p.take(<-p.msgs)
		}
		p.print()
	}
	for _, l := range []string{"arm", "arm", "resume", "y", e.plain} {
		p.line(l)
		settle()
	}
	if got := strings.Join(e.resumed, " "); got != "bare" || !strings.Contains(out.String(), "nhitop revoke --stdin takes it, with --resume") || strings.Contains(out.String(), e.plain[8:14]) {
		t.Errorf("%s\n%s", got, out.String())
	}
	for _, l := range []string{"resume", "y", "", "without"} {
		p.line(l)
		settle()
	}
	if got := strings.Join(e.resumed, " "); got != "bare bare without" {
		t.Error(got)
	}
}
