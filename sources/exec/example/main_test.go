//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/exec"
)

// The test's own binary, under the name of the plugin, is the plugin: with a way to die at a moment of its work, as the file
// "die" beside it says.
const name = "accounts"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != name {
		os.Exit(m.Run())
	}
	verb := ""
	if len(os.Args) > 1 {
		verb = os.Args[1]
	}
	at, _ := os.ReadFile(filepath.Join(filepath.Dir(os.Args[0]), "die"))
	die := func(moment string) {
		if string(at) == verb+":"+moment {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	sqlite.MustRegisterScalarFunction("moment", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		die("changed")
		return int64(0), nil
	})
	die("start")
	err := run(context.Background(), os.Args, asking{os.Stdin, die}, answering{os.Stdout, die})
	syscall.Exit(code(err)) // os.Exit waits a second where there is a race detector
}

type asking struct {
	io.Reader
	die func(string)
}

func (a asking) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	a.die("asked")
	return n, err
}

type answering struct {
	io.Writer
	die func(string)
}

func (a answering) Write(b []byte) (int, error) {
	a.die("done")
	_, _ = a.Writer.Write(b[:len(b)/2])
	a.die("half")
	_, err := a.Writer.Write(b[len(b)/2:])
	a.die("answered")
	return len(b), err
}

// office is a database with its plugin.
type office struct {
	dir string
	db  *sql.DB
	o   exec.Options
}

const people = `
INSERT INTO accounts VALUES ('ci-bot', 'builds', 'ann@example.com', 'ci', 1), ('docs-bot', 'writes the handbook', 'bob@example.com', 'production', 1);
INSERT INTO tokens (id, account, hash, may_write, created, expires) VALUES ('t-1', 'ci-bot', 'h1', 1, '2026-01-02T00:00:00Z', '2099-01-01T00:00:00Z'), ('t-2', 'docs-bot', 'h2', 0, '2026-01-02T00:00:00Z', NULL), ('t-3', 'ci-bot', 'h3', 0, '2020-01-02T00:00:00Z', '2021-01-01T00:00:00Z');
CREATE TRIGGER of_tokens AFTER UPDATE ON tokens BEGIN SELECT moment(); END;
CREATE TRIGGER of_accounts AFTER UPDATE ON accounts BEGIN SELECT moment(); END;
`

func newOffice(t *testing.T) *office {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &office{dir: dir}
	path := filepath.Join(dir, "it's a database.db")
	if w.db, err = sql.Open("sqlite", path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	schema, err := os.ReadFile("schema.sql")
	if err == nil {
		_, err = w.db.Exec(string(schema) + people)
	}
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), program, 0o700)
	}
	table := fmt.Sprintf("config = { database = %q }\nwrite = [%q]\nrevoke = true\n", path, dir)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".toml"), []byte(table), 0o600)
	}
	if err == nil {
		w.o, err = exec.Beside(filepath.Join(dir, name), "")
	}
	if err == nil {
		w.o.SHA256, err = exec.Pin(w.o.Command)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// ask reads one text of the database.
func (w *office) ask(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := w.db.QueryRow(query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *office) source(t *testing.T) *exec.Source {
	t.Helper()
	s, err := exec.New(w.o, sources.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *office) snapshot(t *testing.T) *inventory.Snapshot {
	t.Helper()
	s := w.source(t)
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, time.Now)
	if err := s.Collect(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	return inventory.NewSnapshot(time.Now(), merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
}

// It passes what every plugin must, and an account is really suspended and resumed, and a token ended.
func TestPasses(t *testing.T) {
	for _, act := range []string{"assistant/ci-bot", "secret/t-1"} {
		w := newOffice(t)
		exec.Check(t.Context(), exec.Checking{Options: w.o, Act: act}, func(check string, faults []string) {
			for _, f := range faults {
				t.Errorf("%s: %s: %s", act, check, f)
			}
		})
		if got := w.ask(t, "SELECT group_concat(action || ' ' || target) FROM orders"); got != map[bool]string{true: "suspend ci-bot,resume ci-bot", false: "revoke t-1"}[act == "assistant/ci-bot"] {
			t.Errorf("%s: orders %s", act, got)
		}
		if got := w.ask(t, "SELECT group_concat(name || enabled) FROM accounts"); got != "ci-bot1,docs-bot1" {
			t.Errorf("%s: %s", act, got)
		}
		if got := w.ask(t, "SELECT count(*) FROM tokens WHERE hash IS NULL"); got != map[bool]string{true: "0", false: "1"}[act == "assistant/ci-bot"] {
			t.Errorf("%s: %s tokens are ended", act, got)
		}
	}
}

func TestWhatItTells(t *testing.T) {
	r := newOffice(t).snapshot(t).Records()
	if len(r.Assistants) != 2 || len(r.Secrets) != 3 || len(r.Owners) != 2 || len(r.Entitlements) != 2 {
		t.Fatalf("%d %d %d %d", len(r.Assistants), len(r.Secrets), len(r.Owners), len(r.Entitlements))
	}
	states := map[string]int{}
	for _, x := range r.Secrets {
		states[x.State]++
		if len(x.Assistants) != 1 || x.Created.IsZero() {
			t.Errorf("%+v", x)
		}
	}
	if states["live"] != 2 || states["expired"] != 1 {
		t.Errorf("%v", states)
	}
}

// All that an account holds ends in one plan, with proof.
func TestRevokeAll(t *testing.T) {
	w := newOffice(t)
	snap := w.snapshot(t)
	target := revoke.Target{ID: inventory.NewID(inventory.NounAssistant, exec.Kind, "exec:"+name, "ci-bot"), Action: revoke.ActionAll}
	steps, err := w.source(t).Plan(t.Context(), target, snap)
	if err != nil || len(steps) != 3 { // the account, its token, and the one that has expired and is not revoked
		t.Fatalf("%v, %d steps", err, len(steps))
	}
	run := w.carryOut(t, revoke.NewPlan(time.Now(), 0, []revoke.Target{target}, nil, steps))
	for _, st := range run.Steps {
		if st.State != revoke.StateDone || st.Proof.Grade != revoke.Attested {
			t.Errorf("%s: %s %s %s", st.Summary, st.State, st.Error, st.Proof.Detail)
		}
	}
	if run.Steps[0].Action != "suspend" {
		t.Errorf("what contains does not come first: %s", run.Steps[0].Summary)
	}
	if again, err := w.source(t).Plan(t.Context(), target, snap); err != nil || len(again) != 0 {
		t.Errorf("what is ended is planned again: %v %v", err, again)
	}
}

func (w *office) executor(t *testing.T) *revoke.Executor {
	s := w.source(t)
	return &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(w.dir, "state", "journal")), Audit: audit.Open(filepath.Join(w.dir, "state", "audit.jsonl"), time.Now),
		Revokers: map[string]revoke.Revoker{s.Info().Name: s}, Sleep: func(context.Context, time.Duration) {}}
}

func (w *office) carryOut(t *testing.T, p *revoke.Plan) revoke.Run {
	t.Helper()
	run, err := w.executor(t).Execute(t.Context(), p, revoke.Consent{By: "ana", Reason: "leaked", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// Killed at each moment of its work, in the middle of its transaction too, the plugin leaves nothing half done, and the run
// says what is true; what is left is then ended, once.
func TestKilledAtEachMoment(t *testing.T) {
	for _, verb := range []string{"describe", "revoke", "verify"} {
		for _, moment := range []string{"start", "asked", "changed", "done", "half", "answered"} {
			if moment == "changed" && verb != "revoke" || testing.Short() && verb != "revoke" {
				continue
			}
			t.Run(verb+":"+moment, func(t *testing.T) { killed(t, verb+":"+moment) })
		}
	}
}

func killed(t *testing.T, at string) {
	w := newOffice(t)
	snap := w.snapshot(t)
	target := revoke.Target{ID: inventory.NewID(inventory.NounSecret, exec.Kind, "exec:"+name, "t-1")}
	plan := func() *revoke.Plan {
		steps, err := w.source(t).Plan(t.Context(), target, snap)
		if err != nil || len(steps) != 1 || steps[0].Action != revoke.ActionRevoke {
			t.Fatalf("%v %+v", err, steps)
		}
		return revoke.NewPlan(time.Now(), 0, []revoke.Target{target}, nil, steps)
	}
	p := plan()
	die := filepath.Join(w.dir, "die")
	if err := os.WriteFile(die, []byte(at), 0o600); err != nil {
		t.Fatal(err)
	}
	run := w.carryOut(t, p)
	st := run.Steps[0]
	ended := w.ask(t, "SELECT count(*) FROM tokens WHERE id = 't-1' AND hash IS NULL AND revoked_at IS NOT NULL") == "1"
	whole := w.ask(t, "SELECT (SELECT count(*) FROM tokens WHERE hash IS NULL) = (SELECT count(*) FROM orders)") == "1"
	if !whole || st.State == revoke.StateDone && !ended || st.State == revoke.StateFailed && ended || st.State == revoke.StateUnknown || st.Proof.Grade.Reaches(revoke.Attested) && !ended {
		t.Errorf("%s, %s (%s), and ended is %v, the order is whole: %v", st.State, st.Proof.Grade, st.Error, ended, whole)
	}
	if err := os.Remove(die); err != nil {
		t.Fatal(err)
	}
	e := w.executor(t)
	switch {
	case st.State == revoke.StateFailed:
		run = w.carryOut(t, plan())
	case st.Proof.Grade != revoke.Attested:
		var err error
		if run, err = e.LookAgain(t.Context(), run.ID, "ana", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if st = run.Steps[0]; st.State != revoke.StateDone || st.Proof.Grade != revoke.Attested || w.ask(t, "SELECT count(*) FROM orders") != "1" {
		t.Errorf("in the end: %s, %s %s", st.State, st.Proof.Grade, st.Error)
	}
}

// What it is asked wrongly it does not do.
func TestWrongRequests(t *testing.T) {
	w := newOffice(t)
	db := fmt.Sprintf(`"config":{"database":%q}`, filepath.Join(w.dir, "it's a database.db"))
	for _, c := range []struct {
		verb, request string
		code          int
		says          string
	}{
		{"dance", "{}", exitRequest, ""}, {"plan", "no", exitRequest, ""}, {"plan", "", exitRequest, ""}, {"inventory", `{"config":{"database":"/none"}}`, exitLater, ""},
		{"revoke", "{" + db + `,"action":"revoke","targets":[{"type":"secret","id":"t-1"}]}`, exitRequest, ""},
		{"revoke", "{" + db + `,"action":"drop","targets":[{"type":"secret","id":"t-1"}],"idempotencyKey":"k"}`, 0, `"unsupported"`},
		{"revoke", "{" + db + `,"action":"revoke","targets":[{"type":"secret","id":"t-9' OR 1=1 --"}],"idempotencyKey":"k"}`, 0, `"not_found"`},
		{"verify", "{" + db + `,"targets":[{"type":"secret","id":"t-9"}]}`, 0, `"dead"`},
		{"verify", "{" + db + `,"targets":[{"type":"tool","id":"t-1"}]}`, 0, `"unknown"`},
		{"verify", "{" + db + `,"targets":[]}`, exitRequest, ""},
		{"plan", "{" + db + `,"targets":[{"type":"tool","id":"t-1"},{"type":"secret","id":"t-9"}]}`, 0, `"steps":[]`},
	} {
		var out bytes.Buffer
		err := run(t.Context(), []string{name, c.verb}, strings.NewReader(c.request+"\n"), &out)
		if code(err) != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s %s: %v, %s", c.verb, c.request, err, out.String())
		}
	}
	if got := w.ask(t, "SELECT count(*) FROM tokens WHERE hash IS NULL"); got != "0" {
		t.Errorf("%s tokens were ended", got)
	}
}
