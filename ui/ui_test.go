package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

func shown(t *testing.T) *driver {
	t.Helper()
	d := newDriver(t, snapshot(company()), 100, 30)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	return d
}

func TestFirstFrameNeedsNoData(t *testing.T) {
	d := newDriver(t, nil, 80, 24)
	d.want("nhitop", "read-only", "q quit")
}

func TestDrillInAndOutKeepsTheCursor(t *testing.T) {
	d := shown(t)
	d.keys("2", "j", "j")
	before := d.frame()
	d.keys("enter")
	d.want("WHO", "assistants ›")
	d.keys("esc")
	if d.frame() != before {
		t.Errorf("coming back shows another frame:\n%s\n---\n%s", before, d.frame())
	}
}

func TestCursorStaysOnItsRowWhenDataMove(t *testing.T) {
	d := shown(t)
	d.keys("2", "j")
	id := d.m.picked()
	r := company()
	r.Assistants = append(r.Assistants, inventory.Assistant{ID: "ast-new", Name: "aaa", Kind: "aider", Class: inventory.ClassNHI})
	r.Findings = append(r.Findings, inventory.Finding{ID: "find-new", Subject: "ast-new", Decision: inventory.ActNow, State: "open"})
	d.send(engineMsg(posture.Event{Snapshot: snapshot(r)}))
	if got := d.m.picked(); got != id {
		t.Errorf("the cursor went from %s to %s", id, got)
	}
}

func TestKeysThatArriveTogetherAreKeysEach(t *testing.T) {
	d := shown(t)
	d.keys("2")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jj")})
	if got := d.m.page.(*list[inventory.Assistant]).tbl.Row(); got < 0 {
		t.Fatal("no row")
	}
	two := d.m.picked()
	d.keys("g", "j", "j")
	if d.m.picked() != two {
		t.Error("two keys in one read moved elsewhere than two keys apart")
	}
}

func TestPastedTextIsNotKeys(t *testing.T) {
	d := shown(t)
	d.keys("4")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("RWq"), Paste: true})
	d.want("pasted text is ignored", "secrets")
}

func TestFilter(t *testing.T) {
	d := shown(t)
	d.keys("2", "/", "codex")
	d.want("/ codex")
	d.lacks("tabnine")
	d.keys("enter")
	d.want("1 of 4")
	d.keys("esc")
	d.want("tabnine")
	d.keys("/", "!codex class=nhi", "enter")
	d.lacks("tabnine")
	d.want("claude-code", "cursor", "2 of 4")
}

func TestSort(t *testing.T) {
	d := shown(t)
	d.keys("2", ">")
	d.want("sort name ↑")
	d.keys("S")
	d.want("sort name ↓")
}

func TestImpossibleActionSaysWhy(t *testing.T) {
	d := shown(t)
	d.keys(":", "entitlements", "enter", "R")
	d.want("no source can take this away")
	d.keys("1", "/")
	d.want("this page cannot be filtered")
}

func TestRevokeNeedsArmingReasonAndYes(t *testing.T) {
	d := shown(t)
	d.keys("4", "R")
	d.want("STAYS ALIVE", "lives on at github", "take it out of ~/.claude.json", "proven")
	d.now = d.now.Add(time.Second)
	d.keys("x")
	d.want("not armed: press W first")
	d.keys("W", "yes", "enter")
	d.want("not armed: the word is arm")
	d.keys("W", "arm", "enter")
	d.want("ARMED")
	d.keys("x", "enter")
	d.want("a reason is required")
	d.keys("x", "leaked token", "enter")
	d.want("nhitop does 1 step, which can be undone.", "Go? [y/N]")
	d.keys("n")
	if len(d.e.executed) != 0 {
		t.Fatal("n carried the plan out")
	}
	d.keys("x", "leaked token", "enter", "y")
	d.want("✓", "done", "proven", "the pointer is gone")
	if c := d.e.executed[0]; c.Reason != "leaked token" || c.By != "alice" || !c.Yes {
		t.Errorf("consent %+v", c)
	}
	d.keys("u")
	d.want("undo r1")
	d.now = d.now.Add(time.Second)
	d.keys("x", "mistake", "enter", "y")
	d.want("run r2", "done")
	if len(d.e.runs) != 2 || d.e.runs[0].Undoes != "r1" {
		t.Errorf("runs %+v", d.e.runs)
	}
}

func TestIrreversibleNeedsItsWord(t *testing.T) {
	d := shown(t)
	d.e.oneWay = true
	d.keys("W", "arm", "enter", "4", "R")
	d.now = d.now.Add(time.Second)
	d.keys("x", "leaked", "enter")
	d.want("Type revoke 1 to go:")
	d.keys("revoke", "enter")
	d.want("nothing was done")
	if len(d.e.executed) != 0 {
		t.Fatal("a wrong word carried the plan out")
	}
	d.keys("x", "leaked", "enter", "revoke 1", "enter")
	if len(d.e.executed) != 1 || d.e.executed[0].Word != "revoke 1" {
		t.Fatalf("executed %+v", d.e.executed)
	}
}

// A plan opens by itself when the sources have answered: what was typed for the page before must not reach it.
func TestPlanIgnoresKeysForAMoment(t *testing.T) {
	d := shown(t)
	d.keys("W", "arm", "enter", "4", "R", "x")
	if d.m.mode != modeKeys {
		t.Fatal("a key typed before the plan was seen reached it")
	}
	d.now = d.now.Add(graceTime)
	d.keys("x")
	d.want("Reason")
}

func TestReadOnlyCannotBeArmed(t *testing.T) {
	d := shown(t)
	d.e.hard = true
	d.keys("W")
	d.want("started read-only")
}

func TestMarksBecomeOnePlan(t *testing.T) {
	d := shown(t)
	d.keys("4", "*", "R")
	if len(d.e.planned) != 2 {
		t.Errorf("planned %v", d.e.planned)
	}
}

func TestFindingStandsForItsSubject(t *testing.T) {
	d := shown(t)
	d.keys("7", "R")
	if len(d.e.planned) != 1 || d.e.planned[0].ID.Noun() != inventory.NounSecret {
		t.Errorf("planned %v", d.e.planned)
	}
}

func TestDisableServer(t *testing.T) {
	d := shown(t)
	d.keys("6", "D")
	if len(d.e.planned) != 1 || d.e.planned[0].Action != revoke.ActionDisableServer {
		t.Errorf("planned %v", d.e.planned)
	}
	d.now = d.now.Add(time.Second)
	d.keys("4", "D")
	d.want("only a tool server")
}

func TestPaletteGoesToViewsWithAFilterAndToIdentities(t *testing.T) {
	d := shown(t)
	d.keys(":", "secrets colour=red", "enter")
	d.want("no key")
	d.keys("esc", ":", "secrets ambient=yes", "enter")
	d.want("secrets 1 of 2", "aws-secret-key")
	d.keys("1", ":", "tabnine", "enter")
	d.want("product", "tabnine")
}

func TestHelpRunsWhatItShows(t *testing.T) {
	d := shown(t)
	d.keys("?", "first row")
	d.want("top")
	d.keys("esc", "?", "ledger", "esc")
	d.want("FIX THESE")
}

func TestDetailOpensWhatALineSpeaksOf(t *testing.T) {
	d := shown(t)
	d.keys("2", "enter", "/", "github-pat", "enter")
	for range 5 {
		if d.m.picked().Noun() == inventory.NounSecret {
			break
		}
		d.keys("j")
	}
	d.keys("enter")
	d.want("fingerprint", "0badc0de")
}

func TestOwnerKey(t *testing.T) {
	d := shown(t)
	d.keys("4", "/", "5wst", "enter", "J")
	d.want("alice@example.com", "account in the config")
}

func TestFailureIsShownAndKept(t *testing.T) {
	d := newDriver(t, nil, 80, 24)
	d.e.fail = errors.New("local: no such folder")
	d.keys("ctrl+r")
	d.want("no such folder")
	d.keys(":", "messages", "enter")
	d.want("no such folder")
}

func TestCopyIsTheTerminalsOwnSequence(t *testing.T) {
	d := shown(t)
	d.keys("4", "y")
	if !strings.Contains(d.out.String(), "\x1b]52;") {
		t.Errorf("wrote %q", d.out.String())
	}
}

func TestHostileNamesReachTheScreenHarmless(t *testing.T) {
	d := shown(t)
	d.send(sayMsg{text: "evil \x1b[2J\u202e"})
	if strings.ContainsAny(d.frame(), "\x1b\u202e") {
		t.Error("an escape sequence reached the screen")
	}
}

func TestRunsAndAudit(t *testing.T) {
	d := shown(t)
	d.keys("W", "arm", "enter", "4", "R")
	d.now = d.now.Add(time.Second)
	d.keys("x", "why", "enter", "y", ":", "revocations", "enter")
	d.want("r1", "1 proven", "alice")
	d.keys("enter")
	d.want("run r1", "✓")
	d.keys(":", "audit", "enter")
	d.want("arm", "dashboard")
}

// Every action has a key, a help text, and no key means two things on one page.
func TestActionTable(t *testing.T) {
	seen := map[string]string{}
	for _, a := range actionTable() {
		if a.help == "" || len(a.keys) == 0 || a.do == nil {
			t.Errorf("%s lacks a key, a help text or a function", a.id)
		}
		for _, k := range a.keys {
			if contextual[a.id] {
				continue
			}
			if o := seen[k]; o != "" {
				t.Errorf("%q means %s and %s", k, o, a.id)
			}
			seen[k] = a.id
		}
		if a.danger && (strings.HasPrefix(a.keys[0], "ctrl+") || strings.ToLower(a.keys[0]) == a.keys[0] && !contextual[a.id]) {
			t.Errorf("%s leads to a change and sits on %q", a.id, a.keys[0])
		}
	}
}

func TestPagesNameKnownActions(t *testing.T) {
	d := shown(t)
	for name, v := range d.m.views {
		for _, id := range v.Actions() {
			if d.m.action(id) == nil {
				t.Errorf("%s names the action %q, which is not in the table", name, id)
			}
		}
	}
}

func TestMatrixListsEveryCapabilityOnce(t *testing.T) {
	n := map[inventory.Capability]int{}
	short := map[string]bool{}
	for _, g := range matrixGroups {
		for _, c := range g.cols {
			n[c.is]++
			if short[c.short] {
				t.Errorf("%s stands for two capabilities", c.short)
			}
			short[c.short] = true
		}
	}
	for _, c := range inventory.Capabilities() {
		if n[c] != 1 {
			t.Errorf("%s stands %d times in the matrix", c, n[c])
		}
	}
}

func TestMatrixShowsDriftFromTheCharter(t *testing.T) {
	r := company()
	r.Assistants[0].Promised = map[inventory.Capability]inventory.Answer{inventory.WriteSource: inventory.Yes}
	d := newDriver(t, snapshot(r), 100, 30)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys(":", "matrix", "enter")
	d.want("●!")
	for range 10 {
		d.keys("right")
	}
	d.want("exec-local: yes, and its charter does not say so")
	d.keys("enter")
	d.want("WAY 1", "bypassPermissions", "charter")
	d.keys("esc")
	d.want("matrix 3")
}

// What is typed fast after : or / arrives in one read and belongs to the search; after a question it does not.
func TestFastTyping(t *testing.T) {
	d := shown(t)
	fast := func(s string) { d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)}) }
	fast(":tools")
	d.keys("enter")
	d.want("tools 2")
	fast("/postgres")
	d.keys("enter")
	d.want("tools 1 of 2")
	d.keys("esc")
	fast("Warm")
	d.keys("enter")
	d.want("not armed")
}

// A step that only a person can do waits on the run's page until they say so, and is looked at again.
func TestAManualStepIsEndedOnItsPage(t *testing.T) {
	d := shown(t)
	d.e.runs = []revoke.Run{{ID: "abc", State: revoke.StateWaiting, By: "ana", Started: d.now, Ended: d.now, Steps: []revoke.StepRun{
		{Step: revoke.Step{ID: "m", Action: revoke.ActionManual, Summary: "suspend the app in the organisation's settings", Promises: revoke.Attested}, State: revoke.StateWaiting}}}}
	d.keys(":", "revocations", "enter", "enter")
	d.want("waiting", "suspend the app", "look again")
	d.keys("enter")
	d.want("Is step 1 done?", "your word stands, unproven")
	d.keys("n")
	d.want("left as it is", "waiting")
	d.keys("enter", "y")
	d.want("looked again: run abc is done", "attested", "read again: it is gone")
	d.lacks("waiting")
	d.keys("enter")
	d.want("every step has the proof that it promised")
}

func TestAFixSaysWhere(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("8")
	d.want("laptop-7 ~/src/web", "~/src/api ci triage")
	for path, want := range map[string]string{"/home/alice/src": "~alice/src", "/Users/bob": "~bob", "~/src": "~/src", "/home/": "/home/", "/srv": "/srv"} {
		if got := homely(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
