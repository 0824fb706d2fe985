package revoke

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
)

// world is a provider: what it did stays when an executor ends.
type world struct {
	done    map[string]bool
	applied map[string]int
	undone  map[string]int
	fail    map[string]error
	order   []string
	panics  bool
}

func newWorld() *world {
	return &world{done: map[string]bool{}, applied: map[string]int{}, undone: map[string]int{}, fail: map[string]error{}}
}

func (w *world) Plan(context.Context, Target, *inventory.Snapshot) ([]Step, error) { return nil, nil }

func (w *world) apply(s Step) (Receipt, error) {
	if w.panics {
		panic("boom")
	}
	if err := w.fail[s.ID]; err != nil {
		return Receipt{}, err
	}
	w.done[s.ID] = true
	w.applied[s.ID]++
	w.order = append(w.order, s.ID)
	return Receipt{Detail: "done", Undo: map[string]string{"backup": s.ID}}, nil
}

func (w *world) verify(s Step) (Proof, error) {
	if w.done[s.ID] {
		return Proof{Grade: Proven, Detail: "gone"}, nil
	}
	return Proof{Grade: Unproven, Detail: "still there"}, nil
}

func (w *world) undo(s Step, r Receipt) (Receipt, error) {
	if r.Undo["backup"] != s.ID {
		return Receipt{}, errors.New("no backup")
	}
	if w.done[s.ID] {
		w.done[s.ID] = false
		w.undone[s.ID]++
		w.order = append(w.order, "-"+s.ID)
	}
	return Receipt{Detail: "put back"}, nil
}

// plainRevoker is the least a source must be.
type plainRevoker struct{ *world }

func (p plainRevoker) Apply(_ context.Context, s Step) (Receipt, error)           { return p.apply(s) }
func (p plainRevoker) Verify(_ context.Context, s Step, _ Receipt) (Proof, error) { return p.verify(s) }

// fullRevoker can do everything.
type fullRevoker struct{ plainRevoker }

func (p fullRevoker) Undo(_ context.Context, s Step, r Receipt) (Receipt, error) { return p.undo(s, r) }
func (p fullRevoker) VerifyUndo(_ context.Context, s Step, _ Receipt) (Proof, error) {
	if p.done[s.ID] {
		return Proof{Grade: Unproven}, nil
	}
	return Proof{Grade: Proven}, nil
}
func (p fullRevoker) Recover(_ context.Context, s Step) (Receipt, string, error) {
	if p.done[s.ID] {
		return Receipt{Detail: "found", Already: true, Undo: map[string]string{"backup": s.ID}}, StateDone, nil
	}
	return Receipt{}, StatePlanned, nil
}

var at = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func ticking() func() time.Time {
	now := at
	var mu sync.Mutex // the lanes of a run ask side by side
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Millisecond)
		return now
	}
}

func steps(ids ...string) []Step {
	var ss []Step
	for _, id := range ids {
		ss = append(ss, Step{ID: id, Source: "fake", Action: ActionRemoveSecret, Target: "sec-1", Summary: "take " + id, Reversible: true})
	}
	return ss
}

var yes = Consent{By: "ana", Reason: "leaked", Yes: true}

func newExecutor(dir string, r Revoker) *Executor {
	return &Executor{Journal: NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit.jsonl"), ticking()), Revokers: map[string]Revoker{"fake": r}, Now: ticking()}
}

func states(r Run) string {
	var ss []string
	for _, s := range r.Steps {
		ss = append(ss, s.ID+"="+s.State)
	}
	return r.State + ": " + strings.Join(ss, " ")
}

func TestExecute(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	w.fail["b"] = ErrChanged
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	ss := steps("a", "b", "c", "d")
	ss[2].After = []string{"b"}
	ss = append(ss, Step{ID: "m", Source: "fake", Action: ActionManual, Summary: "end it at the issuer"})
	p := NewPlan(at, 0, []Target{{ID: "sec-1"}}, []string{"a token"}, ss)
	var events []string
	run, err := e.Execute(t.Context(), p, yes, func(ev Event) { events = append(events, ev.Step+ev.Run.State) })
	if err != nil {
		t.Fatal(err)
	}
	if got := states(run); got != "partial: a=done b=failed c=skipped d=done m=waiting" {
		t.Error(got)
	}
	if run.Steps[0].Proof.Grade != Proven || run.Steps[1].Error == "" || run.Steps[2].Error != "a step that it needs is failed: take b" {
		t.Errorf("%+v", run.Steps)
	}
	if len(events) < 10 || events[0] != "running" || events[len(events)-1] != "partial" {
		t.Error(events)
	}
	runs, err := e.Runs()
	if err != nil || len(runs) != 1 || states(runs[0]) != states(run) || runs[0].Reason != "leaked" {
		t.Errorf("%+v %v", runs, err)
	}
	if _, err := e.Execute(t.Context(), p, yes, nil); !errors.Is(err, ErrUsed) {
		t.Errorf("carried out twice: %v", err)
	}
	if n, err := e.Audit.Verify(); n != 7 || err != nil { // start, five steps, end
		t.Error(n, err)
	}
	info, _ := os.Stat(filepath.Join(dir, "journal"))
	file, _ := os.Stat(filepath.Join(dir, "journal", run.ID+".jsonl"))
	if info.Mode().Perm() != 0o700 || file.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), file.Mode())
	}
}

func TestExecuteRefuses(t *testing.T) {
	good := func() *Plan { return NewPlan(at, 0, []Target{{ID: "sec-1"}}, nil, steps("a")) }
	oneWay := steps("a", "b")
	oneWay[1].Reversible = false
	for name, c := range map[string]struct {
		plan *Plan
		c    Consent
		now  time.Time
		want error
	}{
		"empty":        {NewPlan(at, 0, nil, nil, nil), yes, at, ErrNothing},
		"expired":      {good(), yes, at.Add(16 * time.Minute), ErrExpired},
		"no reason":    {good(), Consent{Yes: true, Reason: " "}, at, ErrNoReason},
		"no yes":       {good(), Consent{Reason: "x"}, at, ErrConfirm},
		"no word":      {NewPlan(at, 0, nil, nil, oneWay), yes, at, ErrConfirm},
		"step changed": {func() *Plan { p := good(); p.Steps[0].Params = map[string]string{"path": "/etc/passwd"}; return p }(), yes, at, ErrTampered},
		"time changed": {func() *Plan { p := good(); p.Created = p.Created.Add(time.Hour); return p }(), yes, at, ErrTampered},
	} {
		w := newWorld()
		e := newExecutor(t.TempDir(), plainRevoker{w})
		e.Now = func() time.Time { return c.now }
		if _, err := e.Execute(t.Context(), c.plan, c.c, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if len(w.order) > 0 {
			t.Errorf("%s: done all the same", name)
		}
	}
	p := NewPlan(at, 0, nil, nil, oneWay)
	if p.Word() != "revoke 2" {
		t.Errorf("word %q", p.Word())
	}
	if _, err := newExecutor(t.TempDir(), plainRevoker{newWorld()}).Execute(t.Context(), p, Consent{Reason: "x", Word: "revoke 2"}, nil); err != nil {
		t.Error(err)
	}
}

func TestNothingWithoutJournalOrAudit(t *testing.T) {
	for name, spoil := range map[string]func(e *Executor, dir string) error{
		"journal is a file":  func(_ *Executor, dir string) error { return os.WriteFile(filepath.Join(dir, "journal"), nil, 0o600) },
		"audit is a folder":  func(_ *Executor, dir string) error { return os.Mkdir(filepath.Join(dir, "audit.jsonl"), 0o700) },
		"journal is full":    func(e *Executor, _ string) error { e.Wrap = failing(1, false); return nil },
		"full at the intent": func(e *Executor, _ string) error { e.Wrap = failing(2, false); return nil },
	} {
		dir, w := t.TempDir(), newWorld()
		e := newExecutor(dir, plainRevoker{w})
		if err := spoil(e, dir); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a")), yes, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
		if len(w.order) > 0 {
			t.Errorf("%s: applied", name)
		}
	}
}

// failing makes a journal whose n-th record fails; written says that it reaches the file first, as when the process ends
// right behind it.
func failing(n int, written bool) func(Appender) Appender {
	return func(a Appender) Appender { return &failer{a: a, n: n, written: written} }
}

type failer struct {
	a       Appender
	n       int
	written bool
}

var errCrash = errors.New("crash")

func (f *failer) Append(line []byte) error {
	if f.n--; f.n > 0 {
		return f.a.Append(line)
	}
	if f.n == 0 && f.written {
		if err := f.a.Append(line); err != nil {
			return err
		}
	}
	return errCrash
}

// TestCrashAnywhere ends the process at every record of the journal, once before and once behind it, and resumes. Every
// step must have happened exactly once, and must be recorded and audited exactly once.
func TestCrashAnywhere(t *testing.T) {
	for _, written := range []bool{false, true} {
		for n := 2; ; n++ { // the first record is the run itself: before it there is nothing to resume
			dir, w := t.TempDir(), newWorld()
			e := newExecutor(dir, fullRevoker{plainRevoker{w}})
			e.Wrap = failing(n, written)
			_, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a", "b", "c")), yes, nil)
			if err == nil { // behind the last record
				if n < 11 {
					t.Fatalf("only %d records", n)
				}
				break
			}
			again := newExecutor(dir, fullRevoker{plainRevoker{w}})
			if _, err := again.Resume(t.Context(), nil); err != nil {
				t.Fatalf("%d %v: %v", n, written, err)
			}
			runs, err := again.Runs()
			if err != nil || len(runs) != 1 || states(runs[0]) != "done: a=done b=done c=done" {
				t.Fatalf("%d %v: %v %v", n, written, runs, err)
			}
			for _, s := range runs[0].Steps {
				if w.applied[s.ID] != 1 || s.Proof.Grade != Proven || s.Receipt.Undo["backup"] != s.ID {
					t.Errorf("%d %v: %s applied %d times, %+v", n, written, s.ID, w.applied[s.ID], s)
				}
			}
			checkAudit(t, again, fmt.Sprintf("%d %v", n, written), 3)
			if more, err := again.Resume(t.Context(), nil); len(more) != 0 || err != nil {
				t.Errorf("resumed twice: %v %v", more, err)
			}
		}
	}
}

func checkAudit(t *testing.T, e *Executor, name string, want int) {
	t.Helper()
	es, err := e.Audit.List()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, x := range es {
		if strings.Contains(x.Detail, " step ") {
			seen[x.Action+strings.Join(strings.Fields(x.Detail)[:4], " ")]++
		}
	}
	if len(seen) != want {
		t.Errorf("%s: %d steps in the audit log: %v", name, len(seen), seen)
	}
	for k, n := range seen {
		if n != 1 {
			t.Errorf("%s: %s is in the audit log %d times", name, k, n)
		}
	}
	if _, err := e.Audit.Verify(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestCrashInUndo(t *testing.T) {
	for _, written := range []bool{false, true} {
		for n := 2; ; n++ {
			dir, w := t.TempDir(), newWorld()
			e := newExecutor(dir, fullRevoker{plainRevoker{w}})
			run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a", "b")), yes, nil)
			if err != nil {
				t.Fatal(err)
			}
			e.Wrap = failing(n, written)
			if _, err = e.Undo(t.Context(), run.ID, yes, nil); err == nil {
				break
			}
			again := newExecutor(dir, fullRevoker{plainRevoker{w}})
			if _, err := again.Resume(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if w.undone["a"] != 1 || w.undone["b"] != 1 || w.done["a"] || w.done["b"] {
				t.Errorf("%d %v: %+v", n, written, w)
			}
			runs, _ := again.Runs()
			i := slices.IndexFunc(runs, func(r Run) bool { return r.ID == run.ID })
			if states(runs[i]) != "undone: a=undone b=undone" {
				t.Errorf("%d %v: %s", n, written, states(runs[i]))
			}
			checkAudit(t, again, fmt.Sprintf("undo %d %v", n, written), 4)
		}
	}
}

// A source that cannot be asked: what was begun is proven by its effect or is unknown, and is never tried again.
func TestCrashWithASilentSource(t *testing.T) {
	for _, c := range []struct {
		n       int
		written bool
		want    string
	}{{2, true, "unknown: a=unknown b=done"}, {3, false, "done: a=done b=done"}} {
		dir, w := t.TempDir(), newWorld()
		e := newExecutor(dir, plainRevoker{w})
		e.Wrap = failing(c.n, c.written)
		if _, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a", "b")), yes, nil); !errors.Is(err, ErrJournal) {
			t.Fatal(err)
		}
		runs, err := newExecutor(dir, plainRevoker{w}).Resume(t.Context(), nil)
		if err != nil || len(runs) != 1 || states(runs[0]) != c.want || w.applied["a"] > 1 {
			t.Errorf("%v %v %+v", runs, err, w)
		}
	}
}

func TestResumeNeedsTheSource(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, plainRevoker{w})
	e.Wrap = failing(2, true)
	_, _ = e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a")), yes, nil)
	e = newExecutor(dir, plainRevoker{w})
	e.Revokers = nil
	if _, err := e.Resume(t.Context(), nil); err == nil {
		t.Error("ended without the source")
	}
	if runs, _ := e.Runs(); runs[0].State != StateRunning {
		t.Error(runs[0].State)
	}
}

func TestCancel(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	ctx, cancel := context.WithCancel(t.Context())
	run, err := e.Execute(ctx, NewPlan(at, 0, nil, nil, steps("a", "b")), yes, func(ev Event) {
		if ev.Step == "a" {
			cancel()
		}
	})
	if err != nil || states(run) != "partial: a=done b=skipped" || run.Steps[0].Proof.Grade != Proven || run.Steps[1].Error != "cancelled" {
		t.Errorf("%s %v %+v", states(run), err, run)
	}
}

func TestErrorsOfSources(t *testing.T) {
	w := newWorld()
	w.fail["a"] = context.DeadlineExceeded
	e := newExecutor(t.TempDir(), plainRevoker{w})
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a")), yes, nil)
	if err != nil || run.State != StateUnknown {
		t.Errorf("%s %v: a request that got no answer may have been heard", states(run), err)
	}
	w.panics = true
	run, err = e.Execute(t.Context(), NewPlan(at.Add(1), 0, nil, nil, steps("b")), yes, nil)
	if err != nil || run.State != StateUnknown {
		t.Errorf("%s %v", states(run), err)
	}
	e.Revokers = nil
	run, err = e.Execute(t.Context(), NewPlan(at.Add(2), 0, nil, nil, steps("c")), yes, nil)
	if err != nil || states(run) != "failed: c=failed" {
		t.Errorf("%s %v", states(run), err)
	}
}

func TestUndo(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a", "b")), yes, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.UndoPlan(run.ID)
	if err != nil || len(p.Steps) != 2 || p.Steps[0].ID != "b" || p.Word() != "" {
		t.Fatalf("%+v %v", p, err)
	}
	if _, err := e.Undo(t.Context(), run.ID, Consent{}, nil); !errors.Is(err, ErrConfirm) {
		t.Error(err)
	}
	undo, err := e.Undo(t.Context(), run.ID, yes, nil)
	if err != nil || states(undo) != "done: b=done a=done" || undo.Undoes != run.ID || undo.Steps[0].Proof.Grade != Proven {
		t.Errorf("%s %v", states(undo), err)
	}
	if !slices.Equal(w.order, []string{"a", "b", "-b", "-a"}) {
		t.Error(w.order)
	}
	if _, err := e.Undo(t.Context(), run.ID, yes, nil); !errors.Is(err, ErrNothing) {
		t.Errorf("undone twice: %v", err)
	}
	if _, err := e.UndoPlan(undo.ID); !errors.Is(err, ErrNothing) {
		t.Error(err)
	}
	if _, err := e.UndoPlan("../../etc/passwd"); !errors.Is(err, ErrNoRun) {
		t.Error(err)
	}
}

// What was never done does not stay done: it is no line of the undo's plan.
func TestUndoNamesOnlyWhatStaysDone(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	todo := steps("a", "b")
	todo = append(todo, Step{ID: "hand", Source: todo[0].Source, Action: ActionManual, Layer: LayerCopy, Summary: "rewrite the history"})
	run, err := e.Execute(t.Context(), NewPlan(at, 0, nil, nil, todo), yes, nil)
	if err != nil || run.State != StateWaiting {
		t.Fatalf("%s %v", states(run), err)
	}
	if p, err := e.UndoPlan(run.ID); err != nil || len(p.Steps) != 2 || len(p.Kept) != 0 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestTamperedJournal(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	e.Wrap = failing(3, false)
	_, _ = e.Execute(t.Context(), NewPlan(at, 0, nil, nil, steps("a", "b")), yes, nil)
	ids, _ := e.Journal.ids()
	path := filepath.Join(dir, "journal", ids[0]+".jsonl")
	data, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), "take b", "take x", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	e = newExecutor(dir, fullRevoker{plainRevoker{w}})
	if runs, err := e.Resume(t.Context(), nil); !errors.Is(err, ErrTampered) || len(runs) != 0 {
		t.Errorf("%v %v", runs, err)
	}
	if w.applied["b"] != 0 {
		t.Error("went on with a journal that was tampered with")
	}
	if _, err := e.UndoPlan(ids[0]); err == nil {
		t.Error("undone from a journal that was tampered with")
	}
}

func TestTwoProcesses(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	e := newExecutor(dir, fullRevoker{plainRevoker{w}})
	other := newExecutor(dir, fullRevoker{plainRevoker{w}})
	p := NewPlan(at, 0, nil, nil, steps("a", "b"))
	var resumeErr, executeErr error
	_, err := e.Execute(t.Context(), p, yes, func(ev Event) {
		if ev.Step == "a" {
			_, resumeErr = other.Resume(t.Context(), nil)
			_, executeErr = other.Execute(t.Context(), p, yes, nil)
		}
	})
	who := fmt.Sprintf("run %s of %s, since %s", p.ID, yes.By, at.UTC().Format("2006-01-02 15:04"))
	if resumeErr == nil || !strings.Contains(resumeErr.Error(), who) {
		t.Errorf("%v does not say %q", resumeErr, who)
	}
	if err != nil || !errors.Is(resumeErr, ErrBusy) || !errors.Is(executeErr, ErrBusy) {
		t.Error(err, resumeErr, executeErr)
	}
	if w.applied["a"] != 1 || w.applied["b"] != 1 {
		t.Errorf("%+v", w.applied)
	}
}

func TestNewPlanIsDeterministic(t *testing.T) {
	ss := steps("a", "b", "c")
	ss[0].Reversible = false
	ss[1].After = []string{"c"}
	ss = append(ss, ss[2], Step{Source: "fake", Action: ActionManual, Summary: "by hand", Residual: "r"})
	one := NewPlan(at, 0, nil, nil, ss, "r", "q")
	slices.Reverse(ss)
	two := NewPlan(at, 0, nil, nil, ss, "r", "q")
	if one.ID != two.ID || one.Digest != two.Digest {
		t.Error("the order of what came in shows")
	}
	var ids []string
	for _, s := range one.Steps {
		ids = append(ids, s.Summary)
	}
	if strings.Join(ids, ",") != "take c,take b,take a,by hand" {
		t.Error(ids)
	}
	if len(one.Residual) != 2 || !one.Expires.Equal(at.Add(15*time.Minute)) {
		t.Errorf("%+v", one)
	}
}
