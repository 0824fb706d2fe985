package revoke

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
)

// scripted is a provider whose every answer the test gives.
type scripted struct {
	width  int
	apply  func(Step) (Receipt, error)
	verify func(Step) Proof
}

func (s scripted) Plan(context.Context, Target, *inventory.Snapshot) ([]Step, error) { return nil, nil }
func (s scripted) Apply(_ context.Context, st Step) (Receipt, error)                 { return s.apply(st) }
func (s scripted) Verify(_ context.Context, st Step, _ Receipt) (Proof, error) {
	if s.verify == nil {
		return Proof{Grade: Proven}, nil
	}
	return s.verify(st), nil
}
func (s scripted) Parallel() int { return s.width }

// clockwork is a time that passes only when somebody sleeps.
type clockwork struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clockwork) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clockwork) Sleep(_ context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func lanesExecutor(t *testing.T, rs map[string]Revoker) (*Executor, *clockwork) {
	dir, c := t.TempDir(), &clockwork{now: at}
	return &Executor{Journal: NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit.jsonl"), c.Now), Revokers: rs, Now: c.Now, Sleep: c.Sleep}, c
}

func kill(source, id string) Step {
	return Step{ID: id, Source: source, Action: ActionRevoke, Layer: LayerCredential, Target: inventory.ID("sec-" + id), Summary: "end " + id, Reversible: true, Promises: Proven}
}

func TestSourcesWorkSideBySide(t *testing.T) {
	met := make(chan struct{})
	meet := func(Step) (Receipt, error) { // each waits for the other
		select {
		case met <- struct{}{}:
		case <-met:
		}
		return Receipt{}, nil
	}
	e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{apply: meet}, "b": scripted{apply: meet}})
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, []Step{kill("a", "x"), kill("b", "y")}), yes, nil)
	if err != nil || run.State != StateDone {
		t.Errorf("%s %v", states(run), err)
	}
}

func TestASourceDoesAsManyAsItCan(t *testing.T) {
	const width, n = 3, 9
	var now, most atomic.Int32
	var begun []string
	var mu sync.Mutex
	full := make(chan struct{}, n)
	e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{width: width, apply: func(s Step) (Receipt, error) {
		mu.Lock()
		begun = append(begun, s.ID)
		mu.Unlock()
		if k := now.Add(1); k > most.Load() {
			most.Store(k)
		}
		if now.Load() == width { // all places are taken: let them go
			for range width {
				full <- struct{}{}
			}
		}
		<-full
		now.Add(-1)
		return Receipt{}, nil
	}}})
	var ss []Step
	for i := range n {
		ss = append(ss, kill("a", string(rune('a'+i))))
	}
	seen := 0
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, ss), yes, func(ev Event) { seen++ })
	if err != nil || run.State != StateDone || most.Load() != width || len(begun) != n {
		t.Errorf("%s, %d at once, %v, %v", states(run), most.Load(), begun, err)
	}
	if seen < 3*n {
		t.Errorf("%d events", seen)
	}
}

func TestOneAfterTheOtherWithoutASay(t *testing.T) {
	var begun []string
	e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{apply: func(s Step) (Receipt, error) { begun = append(begun, s.ID); return Receipt{}, nil }}})
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, []Step{kill("a", "3"), kill("a", "1"), kill("a", "2")}), yes, nil)
	if err != nil || run.State != StateDone || !slices.IsSorted(begun) || len(begun) != 3 {
		t.Errorf("%s %v %v", states(run), begun, err)
	}
}

// Copies come last, and only when their credential was seen to be ended: for good where that was planned, else switched off.
func TestACopyGoesOnlyWhenItsCredentialIsSeenToBeEnded(t *testing.T) {
	step := func(id, action string, reversible bool) Step {
		s := kill("a", id)
		s.Target, s.Action, s.Reversible = "sec-1", action, reversible
		return s
	}
	off, narrow := step("off", ActionDisable, true), step("narrow", ActionNarrow, true)
	end, twice := step("end", ActionRevoke, false), step("twice", ActionRevoke, false)
	for name, c := range map[string]struct {
		steps []Step
		fails string
		lives string
		kept  bool
	}{
		"ended":                      {[]Step{end}, "", "", false},
		"the end fails":              {[]Step{end}, "end", "", true},
		"it lives on":                {[]Step{end}, "", "end", true},
		"switched off":               {[]Step{off}, "", "", false},
		"cannot be switched off":     {[]Step{off}, "off", "", true},
		"switched off and ended":     {[]Step{off, end}, "", "", false},
		"only switched off":          {[]Step{off, end}, "end", "", true},
		"ended without":              {[]Step{off, end}, "off", "", false},
		"only narrowed":              {[]Step{narrow}, "", "", false},
		"nothing that could end it":  {nil, "", "", false},
		"of two ends one goes wrong": {[]Step{end, twice}, "end", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var order []string
			do := func(s Step) (Receipt, error) {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, s.ID)
				if s.ID == c.fails {
					return Receipt{}, ErrChanged
				}
				return Receipt{}, nil
			}
			look := func(s Step) Proof {
				if s.ID == c.lives {
					return Proof{Grade: Alive}
				}
				return Proof{Grade: Proven}
			}
			e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{apply: do, verify: look}, "local": scripted{apply: do, verify: look}})
			copied := Step{ID: "copy", Source: "local", Action: ActionRemoveSecret, Layer: LayerCopy, Target: "sec-1", Reversible: true, Promises: Proven}
			other := copied
			other.ID, other.Target = "other", "sec-other"
			p := NewPlan(at, 0, nil, nil, append([]Step{copied, other}, c.steps...))
			consent := yes
			consent.Word = p.Word()
			run, err := e.Execute(t.Context(), p, consent, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := stepOf(t, run, "copy")
			if kept := got.State == StateSkipped && strings.HasPrefix(got.Error, "kept: "); kept != c.kept || got.State == StateDone == c.kept {
				t.Errorf("%s %q", states(run), got.Error)
			}
			if stepOf(t, run, "other").State != StateDone {
				t.Error(states(run))
			}
			for _, s := range c.steps {
				if at := slices.Index(order, "copy"); at >= 0 && at < slices.Index(order, s.ID) {
					t.Errorf("the copy goes before %s: %v", s.ID, order)
				}
				if s.Action != ActionNarrow && !strings.Contains(p.Waits(got.Step), "only if the credential is seen to be ended") {
					t.Errorf("the plan does not say it: %q", p.Waits(got.Step))
				}
			}
		})
	}
}

func TestOrderOfWork(t *testing.T) {
	ss := []Step{
		{ID: "copy", Layer: LayerCopy, Action: ActionRemoveSecret, Reversible: true}, {ID: "manual", Action: ActionManual}, {ID: "session", Layer: LayerSession},
		{ID: "uninstall", Layer: LayerGrant, Action: ActionUninstall}, {ID: "kill", Layer: LayerCredential, Action: ActionRevoke},
		{ID: "narrow", Layer: LayerGrant, Action: ActionNarrow, Reversible: true}}
	var got []string
	for _, s := range NewPlan(at, 0, nil, nil, ss).Steps {
		got = append(got, s.ID)
	}
	if want := "narrow kill uninstall session copy manual"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestProofIsLookedForUntilTheHorizon(t *testing.T) {
	for name, c := range map[string]struct {
		dies, horizon time.Duration
		promises      Grade
		want          Grade
		next          string // what becomes of a step that needs it
	}{
		"at once":           {0, 0, Proven, Proven, StateDone},
		"within the time":   {40 * time.Second, time.Minute, Proven, Proven, StateDone},
		"not in time":       {3 * time.Minute, time.Minute, Proven, Alive, StateSkipped},
		"never":             {1000 * time.Hour, 10 * time.Second, Proven, Alive, StateSkipped},
		"none was promised": {1000 * time.Hour, 0, Proven, Alive, StateSkipped},
		"less was promised": {1000 * time.Hour, time.Minute, Unproven, Alive, StateSkipped},
		"beyond patience":   {2 * time.Hour, 24 * time.Hour, Proven, Alive, StateSkipped},
	} {
		var c0 *clockwork
		looks := 0
		src := scripted{apply: func(Step) (Receipt, error) { return Receipt{}, nil }, verify: func(s Step) Proof {
			looks++
			if s.ID != "x" || c0.Now().Sub(at) >= c.dies {
				return Proof{Grade: Proven}
			}
			return Proof{Grade: Alive, Detail: "200 with it"}
		}}
		e, clk := lanesExecutor(t, map[string]Revoker{"a": src})
		c0 = clk
		x, next := kill("a", "x"), kill("a", "y")
		x.Horizon, x.Promises, next.After = c.horizon, c.promises, []string{"x"}
		run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, []Step{x, next}), yes, nil)
		if err != nil || run.Steps[0].Proof.Grade != c.want || run.Steps[1].State != c.next || looks > 100 {
			t.Errorf("%s: %+v, %s, %d looks, %v", name, run.Steps[0].Proof, states(run), looks, err)
		}
		if spent := clk.Now().Sub(at); spent > min(c.horizon, defaultPatience)+time.Second {
			t.Errorf("%s: waited %s", name, spent)
		}
		if late := c.horizon > defaultPatience; strings.Contains(run.Steps[0].Proof.Detail, "look again") != late {
			t.Errorf("%s: %q", name, run.Steps[0].Proof.Detail)
		}
	}
}

func TestCancelEndsTheWaitForProof(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{apply: func(Step) (Receipt, error) { return Receipt{}, nil }, verify: func(Step) Proof {
		cancel()
		return Proof{Grade: Alive}
	}}})
	x := kill("a", "x")
	x.Horizon = time.Hour
	run, err := e.Execute(ctx, NewPlan(at, 0, nil, nil, []Step{x, kill("a", "y")}), yes, nil)
	if err != nil || run.Steps[0].State != StateDone || run.Steps[0].Proof.Grade != Alive || run.Steps[1].State != StateSkipped {
		t.Errorf("%s %+v %v", states(run), run.Steps[0].Proof, err)
	}
}

func TestGrades(t *testing.T) {
	for _, c := range []struct {
		got, promised Grade
		want          bool
	}{{Proven, Proven, true}, {Attested, Proven, false}, {Proven, Accepted, true}, {Unproven, Unproven, true}, {Alive, Unproven, false}, {Alive, "", false}, {"", Proven, false}, {Accepted, "", true}} {
		if got := c.got.Reaches(c.promised); got != c.want {
			t.Errorf("%q reaches %q: %v", c.got, c.promised, got)
		}
	}
}
