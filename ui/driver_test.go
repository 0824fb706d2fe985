package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/change"
	"nhitop/inventory/posture"
	"nhitop/inventory/review"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
	"nhitop/ui/theme"
)

// driver drives the model in the test's own goroutine: it sends a message, runs every command to its end and delivers
// what comes back, so that a frame can be asserted on without waiting.
type driver struct {
	t     *testing.T
	m     *Model
	e     *fakeEngine
	queue []tea.Msg
	now   time.Time
	out   strings.Builder
}

var at = time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC)

func newDriver(t *testing.T, s *inventory.Snapshot, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, now: at}
	d.e = &fakeEngine{snap: s, now: func() time.Time { return d.now }}
	d.m = NewModel(context.Background(), d.e, Options{Profile: "acme", Operator: "alice", Now: func() time.Time { return d.now }, Stdout: &d.out},
		theme.New(theme.Mono), func(msg tea.Msg) { d.queue = append(d.queue, msg) })
	d.m.tick = func() tea.Cmd { return nil }
	d.m.wake = func(time.Duration) tea.Cmd { return nil }
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.do(d.m.Init())
	return d
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	d.do(cmd)
}

func (d *driver) do(cmd tea.Cmd) {
	if cmd != nil {
		if msg := cmd(); msg != nil {
			if b, ok := msg.(tea.BatchMsg); ok {
				for _, c := range b {
					d.do(c)
				}
			} else {
				d.queue = append(d.queue, msg)
			}
		}
	}
	for len(d.queue) > 0 {
		msg := d.queue[0]
		d.queue = d.queue[1:]
		d.send(msg)
	}
}

var named = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "up": tea.KeyUp, "down": tea.KeyDown, "tab": tea.KeyTab, "space": tea.KeySpace,
	"pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "ctrl+r": tea.KeyCtrlR, "ctrl+x": tea.KeyCtrlX,
	"backspace": tea.KeyBackspace, "left": tea.KeyLeft, "right": tea.KeyRight,
}

// keys sends keys, given as names apart by blanks; a word that names no key is typed rune by rune.
func (d *driver) keys(names ...string) {
	d.t.Helper()
	for _, n := range names {
		if k, ok := named[n]; ok {
			msg := tea.KeyMsg{Type: k}
			if k == tea.KeySpace {
				msg.Runes = []rune{' '}
			}
			d.send(msg)
			continue
		}
		for _, r := range n {
			if r == ' ' {
				d.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
				continue
			}
			d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		}
	}
}

func (d *driver) frame() string { return d.m.View() }

func (d *driver) want(parts ...string) {
	d.t.Helper()
	f := d.frame()
	for _, p := range parts {
		if !strings.Contains(f, p) {
			d.t.Fatalf("the frame lacks %q:\n%s", p, f)
		}
	}
}

func (d *driver) lacks(parts ...string) {
	d.t.Helper()
	f := d.frame()
	for _, p := range parts {
		if strings.Contains(f, p) {
			d.t.Fatalf("the frame has %q:\n%s", p, f)
		}
	}
}

// fakeEngine answers from memory; what it did can be asked for.
type fakeEngine struct {
	snap      *inventory.Snapshot
	previous  *inventory.Snapshot
	now       func() time.Time
	hard      bool // read-only
	until     time.Time
	fail      error
	executed  []revoke.Consent
	runs      []revoke.Run
	planned   []revoke.Target
	decisions []triage.Decision
	oneWay    bool // plans have a step that cannot be undone
	trouble   string
	reviews   []review.State
	exported  string
}

func (f *fakeEngine) Previous() (*inventory.Snapshot, error) { return f.previous, nil }
func (f *fakeEngine) Snapshot() *inventory.Snapshot          { return f.snap }
func (f *fakeEngine) Subscribe() (<-chan posture.Event, func()) {
	return make(chan posture.Event), func() {}
}
func (f *fakeEngine) Collect(context.Context) (*inventory.Snapshot, error) { return f.snap, f.fail }
func (f *fakeEngine) ReadOnly() bool                                       { return f.hard }
func (f *fakeEngine) Disarm()                                              { f.until = time.Time{} }
func (f *fakeEngine) Armed() (time.Time, bool)                             { return f.until, f.now().Before(f.until) }
func (f *fakeEngine) Arm(word string) error {
	if word != "arm" {
		return errors.New("not armed: the word is arm")
	}
	f.until = f.now().Add(10 * time.Minute)
	return nil
}

func (f *fakeEngine) MayRevoke(id inventory.ID) (bool, string) {
	switch id.Noun() {
	case inventory.NounSecret, inventory.NounTool, inventory.NounAssistant, inventory.NounOwner:
		return true, ""
	}
	return false, "no source can take this away"
}

// Policy has a rule in each state.
func (f *fakeEngine) Policy() risk.Policy {
	p := risk.DefaultPolicy()
	p.Off = map[string]string{"SEC-05": "keys here are rotated every week"}
	p.Weights, p.Because = map[string]int{"SEC-11": 5}, map[string]string{"SEC-11": "seen in two incidents"}
	p.Custom = []risk.Rule{{ID: "ACME-01", Title: "Codex on customers' code", Why: "Our contracts name who may read it.", Fix: "Use another one there.", Base: 60, Of: inventory.NounAssistant,
		Custom: &risk.Custom{Of: "assistant", Text: `kind == "codex" and path startsWith "~/customers/"`, Place: inventory.Evidence{Path: "~/.config/nhitop/config.toml", Line: 12}}}}
	return p
}

func (f *fakeEngine) Plan(_ context.Context, ts []revoke.Target) (*revoke.Plan, error) {
	f.planned = ts
	steps := []revoke.Step{{ID: "1", Source: "local", Action: revoke.ActionRemoveSecret, Layer: revoke.LayerCopy, Target: ts[0].ID, Summary: "take it out of ~/.claude.json",
		Request: "--- ~/.claude.json\n+++ ~/.claude.json\n-  \"GH_TOKEN\": \"[redacted]\"\n", Reversible: !f.oneWay, Promises: revoke.Proven, Residual: "the token lives on at github"}}
	return &revoke.Plan{ID: "p1", Created: f.now(), Expires: f.now().Add(15 * time.Minute), Targets: ts, Names: []string{"a secret"}, Steps: steps,
		Residual: []string{"the token lives on at github until it is revoked there"}, Breaks: []string{"server github of claude-code"}}, nil
}

// LookAgain takes every waiting step that is said to be done for attested.
func (f *fakeEngine) LookAgain(_ context.Context, id string, done []string, _ func(revoke.Event)) (revoke.Run, error) {
	for i := range f.runs {
		if r := &f.runs[i]; r.ID == id {
			for k := range r.Steps {
				if s := &r.Steps[k]; slices.Contains(done, s.ID) {
					s.State, s.Proof = revoke.StateDone, revoke.Proof{Grade: revoke.Attested, Detail: "read again: it is gone"}
				}
			}
			r.State = revoke.StateDone
			return *r, nil
		}
	}
	return revoke.Run{}, revoke.ErrNoRun
}

func (f *fakeEngine) run(c revoke.Consent, undoes string, on func(revoke.Event)) (revoke.Run, error) {
	f.executed = append(f.executed, c)
	r := revoke.Run{ID: fmt.Sprintf("r%d", len(f.executed)), State: revoke.StateRunning, Reason: c.Reason, By: c.By, Started: f.now(), Undoes: undoes,
		Steps: []revoke.StepRun{{Step: revoke.Step{ID: "1", Summary: "take it out of ~/.claude.json"}, State: revoke.StateRunning, Started: f.now()}}}
	on(revoke.Event{Run: r, Step: "1"})
	r.Steps = []revoke.StepRun{{Step: r.Steps[0].Step, State: revoke.StateDone, Started: f.now(), Ended: f.now().Add(2 * time.Second),
		Proof: revoke.Proof{Grade: revoke.Proven, Detail: "the pointer is gone and the file still parses"}}}
	r.State, r.Ended = revoke.StateDone, f.now().Add(2*time.Second)
	on(revoke.Event{Run: r, Step: "1"})
	f.runs = append([]revoke.Run{r}, f.runs...)
	return r, nil
}

func (f *fakeEngine) Execute(_ context.Context, _ *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	return f.run(c, "", on)
}

func (f *fakeEngine) UndoPlan(ctx context.Context, _ string) (*revoke.Plan, error) {
	f.oneWay = false
	return f.Plan(ctx, []revoke.Target{{ID: "sec-x"}})
}

func (f *fakeEngine) Undo(_ context.Context, run string, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	return f.run(c, run, on)
}

func (f *fakeEngine) Decide(_ context.Context, ds []triage.Decision) error {
	if f.hard {
		return revoke.ErrReadOnly
	}
	for _, d := range ds {
		d, err := triage.Prepare(d, f.snap, d.By, f.now())
		if err != nil {
			return err
		}
		f.decisions = append(f.decisions, d)
	}
	return nil
}

func (f *fakeEngine) UndoDecision(_ context.Context, id string) error {
	for i := range f.decisions {
		if f.decisions[i].ID == id {
			f.decisions[i].Undone = true
			return nil
		}
	}
	return triage.ErrGone
}

func (f *fakeEngine) Decisions(id inventory.ID) ([]triage.Decision, error) {
	var out []triage.Decision
	for _, d := range f.decisions {
		if d.Target == id {
			out = append(out, d)
		}
	}
	return out, nil
}

func (f *fakeEngine) Changes(_ context.Context, since time.Time) ([]change.Change, error) {
	if f.snap == nil || len(f.snap.Records().Assistants) == 0 {
		return nil, nil
	}
	return []change.Change{{At: since.Add(time.Hour), Kind: change.Grown, Noun: "assistant", Name: "codex", ID: f.snap.Records().Assistants[0].ID, What: "may now: deploy-prod"}}, nil
}

// Excerpts knows two files: one of them was changed after it was read, and of the other the place is gone.
func (f *fakeEngine) Excerpts(_ context.Context, id inventory.ID) ([]inventory.Excerpt, error) {
	var out []inventory.Excerpt
	for _, e := range f.snap.Places(id) {
		x := inventory.Excerpt{At: e, State: inventory.LookedRead}
		switch {
		case e.Path == "~/src/web/.mcp.json" && e.Line > 0:
			x.First, x.Line, x.Changed, x.Modified = 12, 14, true, f.now().Add(-time.Minute)
			x.Lines = []string{"      \"env\": {", "        \"LANG\": \"C\",", "        \"GITHUB_PERSONAL_ACCESS_TOKEN\": \"[redacted]\"", "      }"}
		case e.Path == "~/.claude.json":
			x.Gone, x.Modified = true, f.now().Add(-time.Hour)
		}
		out = append(out, x)
	}
	return out, nil
}

// History is a short one: it grew, was flagged, and something of it was revoked.
func (f *fakeEngine) History(_ context.Context, id inventory.ID) (posture.History, error) {
	return posture.History{First: at.AddDate(0, 0, -90), Last: at,
		Changes:   []change.Change{{At: at.AddDate(0, 0, -2), Kind: change.Grown, Noun: "assistant", Name: "claude-code", ID: id, What: "may now: deploy-prod"}, {At: at.AddDate(0, 0, -90), Kind: change.New, Noun: "assistant", Name: "claude-code", ID: id}},
		Decisions: []triage.Decision{{At: at.AddDate(0, 0, -1), Kind: triage.Flag, By: "alice", Reason: "looked into", Target: id}},
		Runs:      []revoke.Run{{ID: "r9", State: revoke.StateDone, By: "alice", Started: at.AddDate(0, 0, -10), Steps: []revoke.StepRun{{Step: revoke.Step{Summary: "take it out of ~/.claude.json"}, Proof: revoke.Proof{Grade: revoke.Proven}}}}},
	}, nil
}

func (f *fakeEngine) AuditTrouble() string { return f.trouble }

func (f *fakeEngine) Runs() ([]revoke.Run, error) { return f.runs, nil }
func (f *fakeEngine) Audit() ([]audit.Entry, error) {
	return []audit.Entry{{Seq: 1, At: at, By: "alice", Action: "arm", Subject: "dashboard"}}, nil
}

// until moves down from the first line to the one of a page that has the words.
func (d *driver) until(words string) {
	d.t.Helper()
	d.keys("g")
	for range 200 {
		if x := d.m.detailInFront(); x != nil && x.cursor < len(x.lines) && strings.Contains(x.lines[x.cursor].plain(), words) {
			return
		}
		d.keys("j")
	}
	d.t.Fatalf("no line has %q:\n%s", words, d.frame())
}
