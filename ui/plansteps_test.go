package ui

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// providerPlan is a plan whose steps wait for each other and whose requests go to a provider.
func providerPlan(d *driver) *revoke.Plan {
	id := inventory.NewID(inventory.NounSecret, "token")
	return &revoke.Plan{ID: "p2", Created: d.now, Expires: d.now.Add(15 * time.Minute), Targets: []revoke.Target{{ID: id}}, Names: []string{"github-pat-classic …5wsT"},
		Steps: []revoke.Step{
			{ID: "a", Source: "github", Action: revoke.ActionSuspend, Layer: revoke.LayerGrant, Target: id, Summary: "suspend the app at github", Reversible: true, Promises: revoke.Attested,
				Request: "PUT https://api.github.com/app/installations/7/suspended"},
			{ID: "b", Source: "github", Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: id, Summary: "end the token by itself", Promises: revoke.Proven, After: []string{"a"}, Horizon: 5 * time.Minute,
				Effect: "it is refused from then on", Tells: "GitHub mails the token's owner", Residual: "what was made with it", Request: "POST https://api.github.com/credentials/revoke {\"credentials\":[\"$SECRET\"]}\n# without a credential"},
			{ID: "c", Source: "local", Action: revoke.ActionRemoveSecret, Layer: revoke.LayerCopy, Target: id, Summary: "take it out of ~/.claude.json", Reversible: true, Promises: revoke.Proven, Behind: []string{"b"},
				Request: "--- ~/.claude.json\n+++ ~/.claude.json\n@@ -1 +1 @@\n-[redacted]\n+{}\n"},
		},
		Breaks: []string{"claude-code on ~/src/web (its server github) holds github-pat-classic …5wsT", "github-pat-classic …5wsT: last used on 2026-02-27 (2 days ago)"}, Residual: []string{"what was made with it"}}
}

func planned(t *testing.T) *driver {
	t.Helper()
	d := newDriver(t, snapshot(company()), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.send(planMsg{plan: providerPlan(d)})
	d.now = d.now.Add(time.Second) // behind the moment in which keys are ignored
	return d
}

// A step that waits says for which; who stops stands before what stays alive, which is the last that is read.
func TestPlanPage(t *testing.T) {
	d := planned(t)
	d.want("after step 1, and only if that is done", "after step 2", "BREAKS", "last used on 2026-02-27", "TELLS       GitHub mails the token's owner")
	f := strings.TrimRight(d.frame(), " \n")
	if strings.Index(f, "BREAKS") > strings.Index(f, "STAYS ALIVE") {
		t.Errorf("what stays alive is not the last line:\n%s", f)
	}
	fits(t, d)
	golden(t, d, "plan-80x24")
	d.keys("d")
	d.want("does: it is refused from then on", "may take: up to 5m0s")
	fits(t, d)
	golden(t, d, "plan-diff-80x24")
}

func TestPlanIsCopiedAsCommands(t *testing.T) {
	d := planned(t)
	d.keys("y")
	_, rest, ok := strings.Cut(d.out.String(), "\x1b]52;c;")
	if !ok {
		t.Fatalf("nothing was copied: %q", d.out.String())
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimRight(rest[:strings.IndexAny(rest, "\a\x1b")], "\x1b"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# 'TOKEN is ") || !strings.Contains(string(text), "\n# 'SECRET is the credential that a step is about") {
		t.Errorf("what the variables are is not said:\n%s", text)
	}
	for _, want := range []string{"# '1 [github] suspend the app at github'\nprintf 'header = \"Authorization: Bearer %s\"\\n' \"$TOKEN\" | curl -K - -X PUT 'https://api.github.com/app/installations/7/suspended'\n",
		`"$SECRET" | curl -K - -X POST -H 'Content-Type: application/json' 'https://api.github.com/credentials/revoke'`, "printf '%s\\n' \\\n  '--- ~/.claude.json' \\\n  '+++ ~/.claude.json' \\\n  '@@ -1 +1 @@' \\\n  '-'\"$SECRET\"'' \\\n  '+{}' \\\n  | patch \"$HOME\"/'.claude.json'\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

// An undo says what it leaves; a run says which of its steps it can take back.
func TestUndoIsToldByStep(t *testing.T) {
	d := planned(t)
	p := providerPlan(d)
	run := revoke.Run{ID: "r9", State: revoke.StateDone, By: "alice", Reason: "leak", Started: at, Ended: at.Add(time.Second)}
	for i, s := range p.Steps {
		r := revoke.StepRun{Step: s, State: revoke.StateDone, Started: at, Ended: at.Add(time.Second), Proof: revoke.Proof{Grade: s.Promises}}
		if i != 1 {
			r.Receipt.Undo = map[string]string{"was": "x"}
		}
		run.Steps = append(run.Steps, r)
	}
	d.e.runs = []revoke.Run{run}
	d.keys(":", "revocations", "enter", "enter")
	d.want("u undo 1, 3")
	golden(t, d, "run-undo-80x24")
	p.Kept = []string{"2 end the token by itself: ends for good"}
	d.send(planMsg{plan: p, undo: "r9"})
	d.want("STAYS DONE", "2 end the token by itself: ends for good")
	fits(t, d)
}

// A run says how long it took, from each moment that is known.
func TestARunSaysHowLongItTook(t *testing.T) {
	r := revoke.Run{Started: at, Ended: at.Add(7 * time.Second), Since: at.Add(-5 * time.Second), Known: revoke.Known{FirstSeen: at.AddDate(0, 0, -41), Detected: at.Add(-3 * time.Hour)},
		Steps: []revoke.StepRun{{Step: revoke.Step{Promises: revoke.Attested}, State: revoke.StateDone, Proof: revoke.Proof{Grade: revoke.Proven, At: at.Add(6 * time.Second)}}}}
	if got, want := tookWords(r), "27 days is the field's mean. This one, from paste to proof: 11s; from detection 3 h; from first sight 41 d."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Since = time.Time{}
	if got, want := tookWords(r), "took 0:07; from detection 3 h; from first sight 41 d."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Steps[0].Proof.Grade = revoke.Accepted
	if got, want := tookWords(r), "took 0:07"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What two steps would say alike is said once.
func TestACopiedPlanSaysAThingOnce(t *testing.T) {
	d := planned(t)
	p := providerPlan(d)
	kept := revoke.Step{Source: "local", Action: revoke.ActionManual, Summary: "the history keeps it", Git: &revoke.InGit{Root: "/r", File: "f", History: true}}
	p.Steps = []revoke.Step{kept, p.Steps[0], kept}
	got := (&planPage{plan: p}).Copy()
	if strings.Count(got, "filter-repo --replace-text") != 1 || !strings.Contains(got, "# '3 [local] the history keeps it'\n# 'as for step 1'\n") {
		t.Error(got)
	}
}
