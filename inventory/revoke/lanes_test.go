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

func TestCopiesWaitForTheEndOfTheSecretHoweverItGoes(t *testing.T) {
	for _, fails := range []error{nil, ErrChanged} {
		var mu sync.Mutex
		var order []string
		do := func(err error) func(Step) (Receipt, error) {
			return func(s Step) (Receipt, error) {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, s.ID)
				return Receipt{}, err
			}
		}
		e, _ := lanesExecutor(t, map[string]Revoker{"a": scripted{apply: do(fails)}, "local": scripted{apply: do(nil)}})
		end := kill("a", "z")
		p := NewPlan(at, 0, nil, nil, []Step{
			{ID: "copy", Source: "local", Action: ActionRemoveSecret, Layer: LayerCopy, Target: end.Target, Reversible: true},
			{ID: "other", Source: "local", Action: ActionRemoveSecret, Layer: LayerCopy, Target: "sec-other", Reversible: true}, end})
		run, err := e.Execute(t.Context(), p, yes, nil)
		if err != nil || slices.Index(order, "copy") < slices.Index(order, "z") || len(order) != 3 {
			t.Errorf("%v: %v, %s, %v", fails, order, states(run), err)
		}
		if !slices.Equal(run.Steps[slices.IndexFunc(run.Steps, func(s StepRun) bool { return s.ID == "copy" })].Behind, []string{"z"}) {
			t.Errorf("the plan does not say what the copy waits for: %+v", run.Steps)
		}
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
