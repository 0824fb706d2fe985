package local_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/local"
)

// bench is a copy of a tree of the corpus with all that a revocation needs.
type bench struct {
	t     *testing.T
	dir   string // home and repo
	state string
	src   sources.Source
	exec  *revoke.Executor
	now   time.Time
}

var benchStart = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newBench(t *testing.T, tree string) *bench {
	t.Helper()
	b := &bench{t: t, dir: tempDir(t), state: tempDir(t), now: benchStart}
	if tree != "" {
		if err := os.CopyFS(b.dir, os.DirFS(filepath.Join("testdata", "corpus", tree))); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"home", "repo"} {
		if err := os.MkdirAll(filepath.Join(b.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	o := local.Defaults()
	o.Root = tempDir(t)
	clock := func() time.Time { b.now = b.now.Add(time.Millisecond); return b.now }
	src, err := local.New(o, sources.Env{Home: filepath.Join(b.dir, "home"), Paths: []string{filepath.Join(b.dir, "repo")}, StateDir: b.state, Now: clock, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	b.src = src
	b.exec = &revoke.Executor{
		Journal: revoke.NewJournal(filepath.Join(b.state, "journal")), Audit: audit.Open(filepath.Join(b.state, "audit.jsonl"), clock),
		Revokers: map[string]revoke.Revoker{"local": src.(revoke.Revoker)}, Now: clock,
	}
	return b
}

// tempDir is a folder without links in its path, in memory where there is such a place: every step syncs many times.
func tempDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "nhitop-test-")
	if err != nil {
		dir = t.TempDir()
	} else {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (b *bench) snapshot() *inventory.Snapshot {
	b.t.Helper()
	sink := inventory.NewSink("local", inventory.Key{1}, func() time.Time { return benchStart })
	if err := b.src.Collect(b.t.Context(), sink); err != nil {
		b.t.Fatal(err)
	}
	return inventory.NewSnapshot(benchStart, merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
}

func (b *bench) plan(snap *inventory.Snapshot, t revoke.Target) *revoke.Plan {
	b.t.Helper()
	steps, err := b.src.(revoke.Revoker).Plan(b.t.Context(), t, snap)
	if err != nil {
		b.t.Fatal(err)
	}
	return revoke.NewPlan(b.now, 0, []revoke.Target{t}, nil, steps)
}

func (b *bench) execute(p *revoke.Plan) revoke.Run {
	b.t.Helper()
	run, err := b.exec.Execute(b.t.Context(), p, revoke.Consent{By: "ana", Reason: "test", Yes: true, Word: p.Word()}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return run
}

// files returns content, mode and time of every file.
func (b *bench) files() map[string]string {
	b.t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := e.Info()
		m[path] = fmt.Sprintf("%s|%v|%v", data, info.Mode(), info.ModTime())
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) sameFiles(what string, before map[string]string) {
	b.t.Helper()
	after := b.files()
	for p, was := range before {
		if after[p] != was {
			b.t.Errorf("%s: %s is not as it was", what, p)
		}
	}
	for p := range after {
		if _, ok := before[p]; !ok {
			b.t.Errorf("%s: %s is new", what, p)
		}
	}
}

var corpusTrees = []string{"claude", "codex", "gemini", "copilot", "opencode", "continue", "editors-synthetic", "inherited"}

// TestRevokeWholeCorpus takes every secret, every server and every mode of every tree away, one at a time, looks at the
// result with the eyes of the scan, and takes it back.
func TestRevokeWholeCorpus(t *testing.T) {
	done := map[string]int{}
	for _, tree := range corpusTrees {
		t.Run(tree, func(t *testing.T) {
			b := newBench(t, tree)
			before := b.files()
			snap := b.snapshot()
			for _, x := range everything(snap) {
				n := b.oneByOne(b.plan(snap, x.target), x.name, func() { b.gone(x.target, x.name) })
				done[x.target.Action] += n
				b.sameFiles(x.name, before)
			}
		})
	}
	t.Log(done)
	if done[""] < 130 || done[revoke.ActionDisableServer] < 15 {
		t.Errorf("too few: %v", done)
	}
}

type aim struct {
	target revoke.Target
	name   string
}

func everything(snap *inventory.Snapshot) []aim {
	var all []aim
	for _, s := range snap.Records().Secrets {
		all = append(all, aim{revoke.Target{ID: s.ID}, s.Kind + " " + s.Locations[0].Path + s.Locations[0].Pointer})
	}
	for _, x := range snap.Records().Tools {
		all = append(all, aim{revoke.Target{ID: x.ID}, x.Name}, aim{revoke.Target{ID: x.ID, Action: revoke.ActionDisableServer}, "off " + x.Name})
	}
	for _, a := range snap.Records().Assistants {
		all = append(all, aim{revoke.Target{ID: a.ID}, a.Name + " " + a.Path})
	}
	return all
}

// oneByOne applies, proves and undoes the steps of a plan without a journal.
func (b *bench) oneByOne(p *revoke.Plan, what string, look func()) (n int) {
	b.t.Helper()
	r := b.src.(interface {
		revoke.Revoker
		revoke.Undoer
		revoke.UndoVerifier
	})
	receipts := map[string]revoke.Receipt{}
	for _, s := range p.Steps {
		if s.Action == revoke.ActionManual {
			b.t.Logf("by hand: %s: %s (%s)", what, s.Summary, s.Effect)
			continue
		}
		receipt, err := r.Apply(b.t.Context(), s)
		if err != nil {
			b.t.Errorf("%s: %s: %v", what, s.Summary, err)
			continue
		}
		receipts[s.ID] = receipt
		proof, err := r.Verify(b.t.Context(), s, receipt)
		if err != nil || proof.Grade != revoke.Proven {
			b.t.Errorf("%s: %s %s: %+v %v", what, s.Summary, s.Params["change"], proof, err)
		}
		n++
	}
	if n > 0 {
		look()
	}
	for i := len(p.Steps) - 1; i >= 0; i-- {
		s := p.Steps[i]
		receipt, ok := receipts[s.ID]
		if !ok || len(receipt.Undo) == 0 {
			continue
		}
		if _, err := r.Undo(b.t.Context(), s, receipt); err != nil {
			b.t.Errorf("%s: undo %s: %v", what, s.Summary, err)
		}
		if proof, err := r.VerifyUndo(b.t.Context(), s, receipt); err != nil || proof.Grade != revoke.Proven {
			b.t.Errorf("%s: undo %s: %+v %v", what, s.Summary, proof, err)
		}
	}
	return n
}

// TestRevokeAllAtOnce carries everything of a tree out in one run: steps meet in the same files.
func TestRevokeAllAtOnce(t *testing.T) {
	for _, tree := range corpusTrees {
		t.Run(tree, func(t *testing.T) {
			b := newBench(t, tree)
			before := b.files()
			snap := b.snapshot()
			var steps []revoke.Step
			for _, x := range everything(snap) {
				if x.target.Action == "" {
					steps = append(steps, b.plan(snap, x.target).Steps...)
				}
			}
			run := b.execute(revoke.NewPlan(b.now, 0, nil, nil, steps))
			for _, s := range run.Steps {
				if s.Action != revoke.ActionManual && (s.State != revoke.StateDone || s.Proof.Grade != revoke.Proven) {
					t.Errorf("%s: %s %s %s %+v", s.Summary, s.State, s.Error, s.Params["change"], s.Proof)
				}
			}
			after := b.snapshot().Records()
			for _, s := range after.Secrets {
				if s.Locations[0].Scope != inventory.ScopeCI {
					t.Errorf("the scan still sees %s at %s%s", s.Kind, s.Locations[0].Path, s.Locations[0].Pointer)
				}
			}
			if _, err := b.exec.Undo(t.Context(), run.ID, revoke.Consent{By: "ana", Yes: true}, nil); err != nil {
				t.Error(err)
			}
			b.sameFiles("all", before)
			noSecretIn(t, b)
		})
	}
}

// gone collects again and looks whether the target is still seen where a step took it away.
func (b *bench) gone(target revoke.Target, what string) {
	b.t.Helper()
	snap := b.snapshot()
	if s := snap.Secret(target.ID); s != nil {
		for _, l := range s.Locations {
			b.t.Errorf("%s: the scan still sees it at %s%s", what, l.Path, l.Pointer)
		}
	}
	if x := snap.Tool(target.ID); x != nil && target.Action == "" && x.Name == what { // another element may have moved up

		b.t.Errorf("%s: the scan still sees it", what)
	} else if x != nil && target.Action == revoke.ActionDisableServer && x.Enabled {
		b.t.Errorf("%s: the scan still sees it on", what)
	}
}

// noSecretIn looks for every value of the corpus, and parts of it, in the journal and the audit log. The backups hold
// them: that is what they are for.
func noSecretIn(t *testing.T, b *bench) {
	t.Helper()
	var text strings.Builder
	_ = filepath.WalkDir(b.state, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Base(path) != "content" {
			data, _ := os.ReadFile(path)
			text.Write(data)
		}
		return nil
	})
	for _, v := range plantedValues(t, b.dir) {
		for from := 0; from+12 <= len(v)-4; from++ {
			if part := v[from : from+12]; (strings.Contains(part, "FAKE") || strings.Contains(part, "notA")) && strings.Contains(text.String(), part) {
				i := strings.Index(text.String(), v[from:from+12])
				t.Errorf("a planted value is in journal or log, after %q", text.String()[max(0, i-80):i])
				break
			}
		}
	}
}

// plantedValues are the words of the tree that carry its mark.
func plantedValues(t *testing.T, dir string) []string {
	t.Helper()
	seen := map[string]bool{}
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		data, _ := os.ReadFile(path)
		for _, w := range strings.FieldsFunc(string(data), func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,;<>()[]{}=:@/\\&?", r) }) {
			if strings.HasPrefix(w, "AKIA") || strings.HasPrefix(w, "ASIA") { // the name of an account
				continue
			}
			if len(w) >= 20 && (strings.Contains(w, "FAKE") || strings.Contains(w, "notARealSecret")) {
				seen[w] = true
			}
		}
		return nil
	})
	var vs []string
	for v := range seen {
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		t.Log("nothing planted in", dir)
	}
	return vs
}
