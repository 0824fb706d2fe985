//go:build linux || darwin

package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
)

// register is a plugin over a file with lines "id state", one for each key. It dies where the file "die" says, and notes
// each change that it makes. $dir and $undo are put before it.
const register = `
at() { if [ "$(cat "$dir/die" 2>/dev/null)" = "$verb:$1" ]; then kill -9 $$; fi; }
verb=$1
v='"apiVersion":"nhitop/v1alpha1"'
at start
read -r request
at asked
case "$request" in *'"id":"key-1"'*) id=key-1 ;; *'"id":"key-2"'*) id=key-2 ;; *) id= ;; esac
action=$(printf %s "$request" | sed 's/.*"action":"\([a-z]*\)".*/\1/')
key=$(printf %s "$request" | sed 's/.*"idempotencyKey":"\([0-9a-f]*\)".*/\1/')
target='"target":{"type":"secret","id":"'$id'"}'
put() { sed "s/^$id .*/$id $1/" "$dir/db" >"$dir/db.new" && mv "$dir/db.new" "$dir/db" && echo "$id $1" >>"$dir/changes"; }
answer() { at before; printf %s "{$v,$1" | cut -c1-20 | tr -d '\n'; at half; printf '%s\n' "$(printf %s "{$v,$1}" | cut -c21-)"; at answered; }
case "$verb" in
describe) answer '"kind":"PluginInfo","name":"register","version":"1","actions":[{"name":"disable","layer":"credential","reversible":true,"undo":"enable"},{"name":"delete","layer":"credential"}]' ;;
inventory)
	while read -r i s; do echo '{"type":"secret","id":"'$i'","kind":"register-key","state":"'$([ "$s" = on ] && echo live || echo disabled)'"}'; done <"$dir/db"
	answer '"kind":"InventoryDone","complete":true' ;;
plan) answer '"kind":"Plan","steps":[{'$target',"action":"'$act'","summary":"end it","horizonSeconds":1,"args":{"was":"on"}}]' ;;
revoke)
	if ! grep -q "^$key$" "$dir/keys" 2>/dev/null; then
		at unchanged
		case "$action" in enable) put on ;; disable) put off ;; delete) put gone ;; *) exit 2 ;; esac
		at changed
		echo "$key" >>"$dir/keys"
	fi
	answer '"kind":"ActionResult",'$target',"status":"done"' ;;
verify)
	case "$(grep "^$id " "$dir/db")" in *on) s=alive ;; *off) s=contained ;; *) s=dead ;; esac
	answer '"kind":"Verdict",'$target',"state":"'$s'","observed":{"detail":"its line says so"}' ;;
*) exit 2 ;;
esac
`

// town is a plugin with its system, and a run over it.
type town struct {
	dir string
	o   Options
	env sources.Env
}

func newTown(t *testing.T, act string) *town {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &town{dir: dir, o: program(t, "#!/bin/sh\ndir="+dir+"\nact="+act+register)}
	w.o.Write, w.o.Revoke = []string{dir}, true
	w.env = sources.Env{Now: time.Now}
	w.set(t, "db", "key-1 on\nkey-2 on\n")
	return w
}

func (w *town) set(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *town) get(name string) string {
	text, _ := os.ReadFile(filepath.Join(w.dir, name))
	return string(text)
}

func (w *town) source(t *testing.T) *Source {
	t.Helper()
	s, err := New(w.o, w.env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func snapshot(t *testing.T, s *Source) *inventory.Snapshot {
	t.Helper()
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, func() time.Time { return now })
	if err := s.Collect(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	return inventory.NewSnapshot(now, merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
}

// target is the record of a plugin's own id.
func (s *Source) target(id string) revoke.Target {
	return revoke.Target{ID: inventory.NewID(inventory.NounSecret, Kind, s.name, id)}
}

// plan plans the end of key-1.
func (w *town) plan(t *testing.T, snap *inventory.Snapshot) *revoke.Plan {
	t.Helper()
	s := w.source(t)
	steps, err := s.Plan(t.Context(), s.target("key-1"), snap)
	if err != nil || len(steps) != 1 {
		t.Fatalf("%v, %d steps", err, len(steps))
	}
	return revoke.NewPlan(time.Now(), time.Hour, []revoke.Target{s.target("key-1")}, nil, steps)
}

func (w *town) executor(t *testing.T) *revoke.Executor {
	s := w.source(t)
	return &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(w.dir, "state", "journal")), Audit: audit.Open(filepath.Join(w.dir, "state", "audit.jsonl"), time.Now),
		Revokers: map[string]revoke.Revoker{s.name: s}, Sleep: func(context.Context, time.Duration) {}, Patience: time.Nanosecond}
}

func (w *town) run(t *testing.T, p *revoke.Plan) revoke.StepRun {
	t.Helper()
	run, err := w.executor(t).Execute(t.Context(), p, revoke.Consent{By: "ana", Reason: "leaked", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return run.Steps[0]
}

func TestRevoke(t *testing.T) {
	for act, want := range map[string]struct{ state, undo string }{"disable": {"key-1 off\nkey-2 on\n", "enable"}, "delete": {"key-1 gone\nkey-2 on\n", ""}} {
		w := newTown(t, act)
		s := w.source(t)
		snap := snapshot(t, s)
		p := w.plan(t, snap)
		st := p.Steps[0]
		if st.Action != act || st.Layer != revoke.LayerCredential || st.Reversible != (want.undo != "") || st.Horizon != time.Second || st.Target != s.target("key-1").ID {
			t.Errorf("%+v", st)
		}
		if again := w.plan(t, snap); again.Steps[0].ID != st.ID {
			t.Error("the same step has another id")
		}
		if w.get("changes") != "" {
			t.Fatal("planning changed something")
		}
		got := w.run(t, p)
		if got.State != revoke.StateDone || got.Proof.Grade != revoke.Attested || w.get("db") != want.state || got.Receipt.Undo[keyUndo] != want.undo {
			t.Errorf("%s: %s %s %s, %q, undo %v", act, got.State, got.Error, got.Proof.Grade, w.get("db"), got.Receipt.Undo)
		}
		if want.undo == "" {
			continue
		}
		e := w.executor(t)
		runs, err := e.Runs()
		if err != nil {
			t.Fatal(err)
		}
		back, err := e.Undo(t.Context(), runs[0].ID, revoke.Consent{By: "ana", Reason: "wrong one", Yes: true}, nil)
		if err != nil || back.Steps[0].State != revoke.StateDone || back.Steps[0].Proof.Grade != revoke.Attested || w.get("db") != "key-1 on\nkey-2 on\n" {
			t.Errorf("undo: %v %+v %q", err, back.Steps, w.get("db"))
		}
		// The same step in another plan is another act.
		if got := w.run(t, w.plan(t, snap)); got.State != revoke.StateDone || w.get("changes") != "key-1 off\nkey-1 on\nkey-1 off\n" {
			t.Errorf("once more: %s %q", got.State, w.get("changes"))
		}
	}
}

// moments are where the plugin is killed.
var moments = []string{"start", "asked", "unchanged", "changed", "before", "half", "answered"}

// Wherever the plugin is killed, what the run says is true, and what it left can be ended: once.
func TestPluginKilledAtEachMoment(t *testing.T) {
	acts := []string{"disable", "delete"}
	if testing.Short() {
		acts = acts[:1]
	}
	for _, act := range acts {
		w := newTown(t, act)
		snap := snapshot(t, w.source(t))
		for _, verb := range []string{verbDescribe, verbRevoke, verbVerify} {
			for _, m := range moments {
				if verb != verbRevoke && (testing.Short() || strings.HasSuffix(m, "changed")) {
					continue
				}
				for _, f := range []string{"changes", "keys", "die"} {
					_ = os.Remove(filepath.Join(w.dir, f))
				}
				w.set(t, "db", "key-1 on\nkey-2 on\n")
				_ = os.RemoveAll(filepath.Join(w.dir, "state"))
				p := w.plan(t, snap)
				w.set(t, "die", verb+":"+m)
				w.judge(t, act+" "+verb+":"+m, w.run(t, p), snap)
			}
		}
	}
}

// judge holds what the run says against the system, and then ends what is not ended.
func (w *town) judge(t *testing.T, what string, got revoke.StepRun, snap *inventory.Snapshot) {
	t.Helper()
	ended := !strings.Contains(w.get("db"), "key-1 on")
	switch {
	case got.State == revoke.StateFailed && ended:
		t.Errorf("%s: it says failed, and the key is ended", what)
	case got.State == revoke.StateDone && !ended:
		t.Errorf("%s: it says done (%s), and the key lives", what, got.Proof.Grade)
	case got.State == revoke.StateUnknown && !strings.Contains(got.Error, "signal"):
		t.Errorf("%s: unknown, and nobody says why: %q", what, got.Error)
	case got.Proof.Grade.Reaches(revoke.Accepted) && !ended:
		t.Errorf("%s: %s, and the key lives", what, got.Proof.Grade)
	}
	_ = os.Remove(filepath.Join(w.dir, "die"))
	e := w.executor(t)
	if again, err := e.Resume(t.Context(), nil); err != nil || len(again) != 0 {
		t.Errorf("%s: the run did not reach its end: %v %v", what, again, err)
	}
	runs, err := e.Runs()
	if err != nil || len(runs) != 1 {
		t.Fatalf("%s: %v, %d runs", what, err, len(runs))
	}
	last := got
	if got.State == revoke.StateDone && got.Proof.Grade != revoke.Attested {
		run, err := e.LookAgain(t.Context(), runs[0].ID, "ana", nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		last = run.Steps[0]
	} else if got.State != revoke.StateDone {
		last = w.run(t, w.plan(t, snap))
	}
	if last.State != revoke.StateDone || last.Proof.Grade != revoke.Attested || strings.Contains(w.get("db"), "key-1 on") || !strings.Contains(w.get("db"), "key-2 on") {
		t.Errorf("%s: in the end %s %s %s, %q", what, last.State, last.Error, last.Proof.Grade, w.get("db"))
	}
}

// A plugin that hangs after it did what it was told is ended in its time, and what it did is found.
func TestPluginHangsAfterTheAct(t *testing.T) {
	w := newTown(t, "delete")
	w.o = reprogram(t, w.o, strings.Replace(w.program(t), "at changed", "trap '' TERM; while :; do sleep 0.05; done", 1))
	w.o.Timeout = 1
	p := w.plan(t, snapshot(t, w.source(t)))
	if got := w.run(t, p); got.State != revoke.StateDone || got.Proof.Grade != revoke.Attested || !strings.Contains(got.Receipt.Detail, "found done") || w.get("changes") != "key-1 gone\n" {
		t.Errorf("%s %s %+v %+v", got.State, got.Error, got.Proof, got.Receipt)
	}
}

// A plugin that is killed while it plans leaves its part to a person, and changes nothing.
func TestPluginKilledWhilePlanning(t *testing.T) {
	w := newTown(t, "delete")
	s := w.source(t)
	snap := snapshot(t, s)
	for _, at := range []string{"describe:start", "describe:half", "plan:start", "plan:asked", "plan:before", "plan:half", "plan:answered"} {
		w.set(t, "die", at)
		steps, err := s.Plan(t.Context(), s.target("key-1"), snap)
		if err != nil || len(steps) != 1 || steps[0].Action != revoke.ActionManual || !strings.Contains(steps[0].Effect, "signal") || w.get("changes") != "" {
			t.Errorf("%s: %v %+v", at, err, steps)
		}
	}
}

// dying is a journal that can be written no more from some line on, as if the process had ended there.
type dying struct {
	revoke.Appender
	left int
}

var errDied = errors.New("died")

func (d *dying) Append(b []byte) error {
	if d.left--; d.left < 0 {
		return errDied
	}
	return d.Appender.Append(b)
}

// Wherever nhitop ends, the intent stood in the journal before the plugin was told, and resume ends the step once.
func TestHostEndsAtEachLine(t *testing.T) {
	w := newTown(t, "disable")
	snap := snapshot(t, w.source(t))
	for n := range 10 {
		w.set(t, "db", "key-1 on\nkey-2 on\n")
		w.set(t, "changes", "")
		_ = os.RemoveAll(filepath.Join(w.dir, "state"))
		e := w.executor(t)
		e.Wrap = func(a revoke.Appender) revoke.Appender { return &dying{a, n} }
		_, err := e.Execute(t.Context(), w.plan(t, snap), revoke.Consent{By: "ana", Reason: "leaked", Yes: true}, nil)
		if n < 2 && w.get("changes") != "" {
			t.Errorf("line %d: something was changed before its intent was written", n)
		}
		if err == nil {
			if n < 4 {
				t.Errorf("line %d: it did not die", n)
			}
			return
		}
		runs, err := w.executor(t).Resume(t.Context(), nil)
		switch {
		case err != nil:
			t.Errorf("line %d: %v", n, err)
		case n == 0 && len(runs) != 0, n > 0 && len(runs) != 1:
			t.Errorf("line %d: %d runs", n, len(runs))
		case n > 0 && (runs[0].Steps[0].State != revoke.StateDone || runs[0].Steps[0].Proof.Grade != revoke.Attested || w.get("changes") != "key-1 off\n"):
			t.Errorf("line %d: %+v, %q", n, runs[0].Steps[0], w.get("changes"))
		}
	}
	t.Error("the journal of one step has more than ten lines")
}

// What a plugin claims is graded by what it shows.
func TestGrades(t *testing.T) {
	saw, control := `"observed":{"detail":"401","refused":true}`, `"control":{"detail":"another key: 200","accepted":true}`
	for _, c := range []struct {
		verdict string
		enough  bool
		want    revoke.Grade
	}{
		{`"state":"dead"`, false, revoke.Accepted},
		{`"state":"dead","grade":"proven"`, false, revoke.Accepted},
		{`"state":"dead","grade":"proven",` + control, false, revoke.Accepted},
		{`"state":"dead","observed":{"detail":"the row is gone"}`, false, revoke.Attested},
		{`"state":"dead","grade":"proven",` + saw, false, revoke.Attested},
		{`"state":"dead","grade":"proven",` + saw + `,"control":{"detail":"x"}`, false, revoke.Attested},
		{`"state":"dead","grade":"proven",` + saw + `,` + control, false, revoke.Proven},
		{`"state":"dead","grade":"accepted",` + saw + `,` + control, false, revoke.Accepted},
		{`"state":"dead",` + saw + `,` + control, false, revoke.Attested},
		{`"state":"contained",` + saw, false, revoke.Unproven},
		{`"state":"contained",` + saw, true, revoke.Attested},
		{`"state":"alive","grade":"proven",` + saw + `,` + control, true, revoke.Alive},
		{`"state":"unknown","grade":"proven",` + saw + `,` + control, true, revoke.Unproven},
		{`"state":"very dead",` + saw, true, revoke.Unproven},
		{`"state":"dead","target":{"type":"secret","id":"key-2"}`, true, ""},
		{`"state":"dead",` + saw + `}` + "\n" + `{"apiVersion":"nhitop/v1alpha1","kind":"Verdict","target":{"type":"secret","id":"key-1"},"state":"alive"`, true, revoke.Alive},
		{`"state":"dead",` + saw + `}` + "\n" + `{"apiVersion":"nhitop/v1alpha1","kind":"Verdict","target":{"type":"secret","id":"key-1"},"state":"dead"`, true, ""},
		{`"state":3`, true, ""},
	} {
		o := program(t, "#!/bin/sh\ncat <<'E'\n"+`{"apiVersion":"nhitop/v1alpha1","kind":"Verdict","target":{"type":"secret","id":"key-1"},`+c.verdict+"}\nE\n")
		s, err := New(o, sources.Env{})
		if err != nil {
			t.Fatal(err)
		}
		step := revoke.Step{Action: "delete", Reversible: c.enough, Params: map[string]string{paramType: "secret", paramID: "key-1"}}
		p, err := s.Verify(t.Context(), step, revoke.Receipt{})
		if (err != nil) != (c.want == "") || err == nil && p.Grade != c.want {
			t.Errorf("%s: %s %q %v, want %s", c.verdict, p.Grade, p.Detail, err, c.want)
		}
	}
}

// What a plugin says that it did is what the step says; what it says badly is looked for.
func TestResults(t *testing.T) {
	for i, c := range []struct{ answer, state, says string }{
		{`"status":"done"`, revoke.StateDone, "the plugin says: done"},
		{`"status":"accepted","providerRequestId":"r-7","residual":["sessions until noon"]`, revoke.StateDone, "accepted; request r-7; stays: sessions until noon"},
		{`"status":"already"`, revoke.StateDone, "already"},
		{`"status":"not_found"`, revoke.StateDone, "not_found"},
		{`"status":"changed","detail":"renamed"`, revoke.StateFailed, "renamed"},
		{`"status":"manual","detail":"ask the bank","url":"https://bank.example/keys"`, revoke.StateWaiting, "ask the bank https://bank.example/keys"},
		{`"status":"denied","retryAfter":30`, revoke.StateFailed, "does not allow it; it may be tried again in 30 s"},
		{`"status":"unsupported"`, revoke.StateFailed, "cannot do this"},
		{`"status":"partial"`, revoke.StateFailed, "did it in part"},
		{`"status":"error","detail":"\u001b[2Jboom ` + fake + `"`, revoke.StateFailed, "boom"},
		{`"status":"splendid"`, revoke.StateFailed, "a status that is not known"},
		{`"target":{"type":"secret","id":"key-2"},"status":"done"`, revoke.StateFailed, "not told to act on"},
		{`"status":"done"}` + "\n" + `{"apiVersion":"nhitop/v1alpha1","kind":"ActionResult","target":{"type":"secret","id":"key-1"},"status":"denied"`, revoke.StateFailed, "2 lines of kind ActionResult"},
		{`"status":7`, revoke.StateFailed, "a field of another type"},
	} {
		if testing.Short() && i%3 > 0 {
			continue
		}
		w := newTown(t, "delete")
		changed := strings.Replace(w.program(t), "revoke)", "revoke) cat <<'E'\n"+`{"apiVersion":"nhitop/v1alpha1","kind":"ActionResult","target":{"type":"secret","id":"key-1"},`+c.answer+"}\nE\n;;\nnever)", 1)
		w.o = reprogram(t, w.o, changed)
		got := w.run(t, w.plan(t, snapshot(t, w.source(t))))
		all := text(t, got)
		if got.State != c.state || !strings.Contains(all, c.says) || got.State == revoke.StateDone && got.Proof.Grade != revoke.Alive {
			t.Errorf("%s: %s %s %s, want %s and %q:\n%s", c.answer, got.State, got.Error, got.Proof.Grade, c.state, c.says, all)
		}
		if strings.Contains(all, "FAKE") || strings.Contains(all, `\u001b`) {
			t.Errorf("%s: %s", c.answer, all)
		}
	}
}

func (w *town) program(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(w.o.Command)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func reprogram(t *testing.T, o Options, text string) Options {
	t.Helper()
	n := program(t, text)
	o.Command, o.SHA256 = n.Command, n.SHA256
	return o
}

// A plan that is not as it should be is left to a person, with the reason; none of it is carried out.
func TestHostilePlans(t *testing.T) {
	step := func(rest string) string {
		return `"kind":"Plan","steps":[{"target":{"type":"secret","id":"key-1"},"action":"delete"` + rest + `}]`
	}
	for i, c := range []struct{ plan, says string }{
		{step(""), ""},
		{strings.Replace(step(""), "key-1", "key-2", 1), "none that it was asked about"},
		{strings.Replace(step(""), "secret", "assistant", 1), "none that it was asked about"},
		{strings.Replace(step(""), "delete", "uninstall", 1), "its action is not declared"},
		{strings.Replace(step(""), "delete", "enable", 1), "its action is not declared"},
		{strings.Replace(step(""), "delete", "remove-secret", 1), "its action is not declared"},
		{step(`,"promises":"certain"`), "promises is none of"},
		{step(`,"horizonSeconds":1000000`), "horizonSeconds is not between"},
		{step(`,"residual":["sessions"],"residualEnds":[{"what":"sessions","seconds":3600}]`), ""},
		{step(`,"residual":["sessions"],"residualEnds":[{"what":"tokens","seconds":3600}]`), "what is not in residual"},
		{step(`,"residual":["sessions"],"residualEnds":[{"what":"sessions","seconds":-1}]`), "seconds that are not between"},
		{step(`,"args":{"a":"` + strings.Repeat("x", maxArgs) + `"}`), "args are more than"},
		{step(`,"args":{"\u001b":"x"}`), "what cannot be written down"},
		{step(`,"args":{"a":"pin-FAKE-of-the-table"}`), "args hold a secret"},
		{strings.Replace(step(""), "delete", "manual", 1), "has no summary"},
		{`"kind":"Plan","steps":[` + strings.Repeat(`{},`, maxSteps) + `{}]`, "more than 1000 steps"},
		{step("") + "}\n{" + step(""), "two plans"},
		{`"kind":"Progress"`, "without a line of kind Plan"},
		{`"kind":"Plan","steps":7`, "a field of another type"},
		{`"apiVersion":"nhitop/v9","kind":"Plan"`, "another version"},
	} {
		if testing.Short() && i%3 > 0 {
			continue
		}
		w := newTown(t, "delete")
		w.o.Secrets = map[string]credref.Ref{"pin": {Env: "PIN"}}
		w.env.Getenv = func(string) string { return "pin-FAKE-of-the-table" }
		w.o = reprogram(t, w.o, strings.Replace(w.program(t), "plan)", "plan) cat <<'E'\n{"+c.plan+"}\nE\n;;\nnever)", 1))
		s := w.source(t)
		snap := snapshot(t, s)
		steps, err := s.Plan(t.Context(), s.target("key-1"), snap)
		all := text(t, steps)
		if err != nil || len(steps) != 1 || (steps[0].Action == revoke.ActionManual) != (c.says != "") || !strings.Contains(all, c.says) || strings.Contains(all, "FAKE") {
			t.Errorf("%.80s: %v, want %q: %s", c.plan, err, c.says, all)
		}
		w.o.Revoke = false
		if s = w.source(t); c.says != "" {
			if steps, err := s.Plan(t.Context(), s.target("key-1"), snap); err != nil || len(steps) != 0 {
				t.Errorf("%.80s: without revoke: %v %v", c.plan, err, steps)
			}
		}
	}
}

// Nothing is begun that was not planned by this program, is no longer declared, or is not allowed.
func TestRefused(t *testing.T) {
	w := newTown(t, "delete")
	p := w.plan(t, snapshot(t, w.source(t)))
	for want, change := range map[string]func(w *town, st *revoke.Step){
		"set revoke = true":    func(w *town, _ *revoke.Step) { w.o.Revoke = false },
		"read-only":            func(w *town, _ *revoke.Step) { w.env.ReadOnly = true },
		"another program":      func(_ *town, st *revoke.Step) { st.Params[paramDigest] = strings.Repeat("0", 64) },
		"does not declare":     func(_ *town, st *revoke.Step) { st.Action = revoke.ActionUninstall },
		"declare that it does": func(_ *town, st *revoke.Step) { st.Layer = revoke.LayerSession },
		"not declare that":     func(_ *town, st *revoke.Step) { st.Reversible = true },
		"names no record":      func(_ *town, st *revoke.Step) { st.Params[paramType] = "owner" },
		"cannot be read":       func(_ *town, st *revoke.Step) { st.Params[paramArgs] = "{" },
		"not the program": func(w *town, _ *revoke.Step) {
			w.o = reprogram(t, w.o, w.program(t)+"#\n")
			w.o.SHA256 = p.Steps[0].Params[paramDigest]
		},
		"does not understand": func(w *town, st *revoke.Step) {
			w.o = reprogram(t, w.o, "#!/bin/sh\nexit 2\n")
			st.Params[paramDigest] = w.o.SHA256
		},
	} {
		x, st := *w, p.Steps[0]
		st.Params = map[string]string{}
		for k, v := range p.Steps[0].Params {
			st.Params[k] = v
		}
		change(&x, &st)
		_, err := x.source(t).Apply(t.Context(), st)
		if err == nil || !strings.Contains(err.Error(), want) || !slices.ContainsFunc([]error{revoke.ErrChanged, revoke.ErrReadOnly, revoke.ErrUntouched}, func(e error) bool { return errors.Is(err, e) }) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if w.get("changes") != "" {
		t.Error("something was changed")
	}
}

// The secrets for revoking come with that verb alone, in the place of those of the same name.
func TestRevokeSecrets(t *testing.T) {
	w := newTown(t, "delete")
	w.o.Secrets, w.o.Revokers = map[string]credref.Ref{"pin": {Env: "READS"}}, map[string]credref.Ref{"pin": {Env: "ENDS"}}
	w.env.Getenv = func(k string) string { return map[string]string{"READS": "reads-FAKE-pin", "ENDS": "ends-FAKE-pin"}[k] }
	w.o = reprogram(t, w.o, strings.Replace(w.program(t), "at asked", "read -r pin <&3\necho \"$verb $pin\" >>\"$dir/pins\"\nat asked", 1))
	if got := w.run(t, w.plan(t, snapshot(t, w.source(t)))); got.State != revoke.StateDone {
		t.Fatalf("%s %s", got.State, got.Error)
	}
	pins := w.get("pins")
	for _, line := range strings.Split(strings.TrimSpace(pins), "\n") {
		if want := map[bool]string{true: "ends-FAKE-pin", false: "reads-FAKE-pin"}[strings.HasPrefix(line, verbRevoke)]; !strings.HasSuffix(line, " "+want) {
			t.Errorf("%s, want %s", line, want)
		}
	}
	if !strings.Contains(pins, verbRevoke) {
		t.Error("nothing was revoked")
	}
}

// A record of somebody else that points at one of the plugin's is not asked about.
func TestPointersOfOthers(t *testing.T) {
	w := newTown(t, "delete")
	s := w.source(t)
	x := inventory.Secret{ID: inventory.NewID(inventory.NounSecret, "file", "file", "key-1"), Kind: "k",
		Locations: []inventory.Location{{Path: w.o.Command, Pointer: "/secret/key-1", Scope: inventory.ScopeProvider}}}
	a := inventory.Assistant{ID: inventory.NewID(inventory.NounAssistant, "file", "file", "a"), Name: "a", Evidence: []inventory.Evidence{{Path: w.o.Command, Pointer: "/secret/key-1"}}}
	snap := inventory.NewSnapshot(now, inventory.Records{Secrets: []inventory.Secret{x}, Assistants: []inventory.Assistant{a}}, false)
	for _, id := range []inventory.ID{x.ID, a.ID, "sec-none"} {
		if steps, err := s.Plan(t.Context(), revoke.Target{ID: id}, snap); err != nil || len(steps) != 0 {
			t.Errorf("%s: %v %v", id, steps, err)
		}
	}
	x.Same = []inventory.Same{{ID: s.target("key-1").ID, Source: s.name}}
	snap = inventory.NewSnapshot(now, inventory.Records{Secrets: []inventory.Secret{x}}, false)
	if steps, err := s.Plan(t.Context(), revoke.Target{ID: x.ID}, snap); err != nil || len(steps) != 1 || steps[0].Target != x.ID {
		t.Errorf("a secret that two sources know: %v %v", steps, err)
	}
}

// All that an assistant holds is asked about in one plan; what it inherits is not its to lose, and a plugin that only lists
// is told to do nothing.
func TestAllOfAnAssistant(t *testing.T) {
	w := newTown(t, "delete")
	lines := `{"type":"assistant","id":"bot","kind":"custom","name":"bot","secrets":["key-1","key-2"]}` + "\n"
	lines += `{"type":"secret","id":"key-1","kind":"k","assistants":["bot"]}` + "\n" + `{"type":"secret","id":"key-2","kind":"k","assistants":["bot"],"ambient":true}` + "\n"
	w.o = reprogram(t, w.o, strings.Replace(w.program(t), "inventory)", "inventory) cat <<'E'\n"+lines+done+"\nE\n;;\nnever)", 1))
	s := w.source(t)
	snap := snapshot(t, s)
	w.o = reprogram(t, w.o, strings.Replace(w.program(t), "read -r request", "read -r request\necho \"$request\" >>\"$dir/asked\"", 1))
	o := w.o
	o.Command = s.o.Command
	if err := os.Rename(w.o.Command, o.Command); err != nil {
		t.Fatal(err)
	}
	s, err := New(o, w.env)
	if err != nil {
		t.Fatal(err)
	}
	bot := inventory.NewID(inventory.NounAssistant, Kind, s.name, "bot")
	if _, err := s.Plan(t.Context(), revoke.Target{ID: bot, Action: revoke.ActionAll}, snap); err != nil {
		t.Fatal(err)
	}
	asked := w.get("asked")
	if !strings.Contains(asked, `"targets":[{"type":"assistant","id":"bot"},{"type":"secret","id":"key-1"}]`) || strings.Contains(asked, `"action"`) {
		t.Errorf("asked: %s", asked)
	}
	lists := plugin(t, say(lines, done)+fmt.Sprintf("echo $1 >>%s/verbs\n", w.dir))
	lists.Write, lists.Revoke = []string{w.dir}, true
	if s, err = New(lists, w.env); err != nil {
		t.Fatal(err)
	}
	if steps, err := s.Plan(t.Context(), revoke.Target{ID: bot}, snapshot(t, s)); err != nil || len(steps) != 0 || strings.Contains(w.get("verbs"), verbPlan) {
		t.Errorf("%v %v %s", steps, err, w.get("verbs"))
	}
}

// What a plugin leaves to a person waits for them, and is seen when it was done.
func TestStepsForAPerson(t *testing.T) {
	w := newTown(t, "manual")
	w.o = reprogram(t, w.o, strings.Replace(w.program(t), `"summary":"end it"`, `"summary":"ask the bank to end it: https://bank.example/keys"`, 1))
	s := w.source(t)
	p := w.plan(t, snapshot(t, s))
	if st := p.Steps[0]; st.Action != revoke.ActionManual || st.Layer != revoke.LayerCredential || !strings.Contains(st.Summary, "bank.example") {
		t.Fatalf("%+v", st)
	}
	if got := w.run(t, p); got.State != revoke.StateWaiting || w.get("changes") != "" {
		t.Errorf("%s %q", got.State, w.get("changes"))
	}
	e := w.executor(t)
	for _, c := range []struct {
		db    string
		state string
		grade revoke.Grade
	}{{"key-1 on\nkey-2 on\n", revoke.StateWaiting, revoke.Alive}, {"key-2 on\n", revoke.StateDone, revoke.Attested}} {
		w.set(t, "db", c.db)
		run, err := e.LookAgain(t.Context(), p.ID, "ana", nil, nil)
		if err != nil || run.Steps[0].State != c.state || run.Steps[0].Proof.Grade != c.grade {
			t.Errorf("%q: %v %s %s", c.db, err, run.Steps[0].State, run.Steps[0].Proof.Grade)
		}
	}
}
