package revoke

import (
	"slices"
	"testing"
)

// That the credential lives on is said only where nothing ends it: in the plan by what is planned, in the run by what was seen.
func TestWhatStaysUnlessItIsEnded(t *testing.T) {
	end := Step{ID: "end", Layer: LayerCredential, Action: ActionRevoke, Target: "sec-1", Promises: Proven}
	taken := Step{ID: "copy", Layer: LayerCopy, Action: ActionRemoveSecret, Target: "sec-1", Reversible: true, Residual: "a backup" + Also + "a history", Unended: "the credential lives on"}
	if got := NewPlan(at, 0, nil, nil, []Step{taken}).Residual; !slices.Equal(got, []string{"a backup", "a history", "the credential lives on"}) {
		t.Error(got)
	}
	if got := NewPlan(at, 0, nil, nil, []Step{taken, end}).Residual; !slices.Equal(got, []string{"a backup", "a history"}) {
		t.Error(got)
	}
	for grade, lives := range map[Grade]bool{Proven: false, Attested: false, Accepted: true, Unproven: true, Alive: true, "": true} {
		r := Run{Steps: []StepRun{{Step: end, State: StateDone, Proof: Proof{Grade: grade}}, {Step: taken, State: StateDone}}}
		if got := slices.Contains(r.Stays(r.Steps[1]), "the credential lives on"); got != lives {
			t.Errorf("%q: said to live on: %v", grade, got)
		}
	}
}

// What speaks of a credential is over with its end, whichever step says it and whoever ends it; what one source ends in several
// places is over with all of them, and what still works never is.
func TestWhatStaysIsOverWithWhatItSpeaksOf(t *testing.T) {
	const lives, key = "token a lives on", "the private key"
	end := Step{ID: "end", Source: "issuer", Layer: LayerCredential, Action: ActionRevoke, Target: "sec-a", TargetName: "token a", Promises: Proven}
	part := end
	part.ID, part.Summary = "part", "another place"
	server := Step{ID: "server", Source: "local", Layer: LayerSetting, Action: ActionRemoveServer, Target: "tool-1", Reversible: true,
		Residual: lives + Also + key + Also + "a backup", Ties: append(Ties(lives, "sec-a", lives), Tie{What: key, To: "sec-b", Copies: true})}
	file := Step{ID: "file", Source: "local", Layer: LayerCopy, Action: ActionDeleteFile, Target: "sec-b", Reversible: true}
	if got := NewPlan(at, 0, nil, nil, []Step{server}).Residual; !slices.Equal(got, []string{lives, key, "a backup"}) {
		t.Error(got)
	}
	if p := NewPlan(at, 0, nil, nil, []Step{server, end, file}); !slices.Equal(p.Residual, []string{"a backup"}) || !slices.Equal(p.Survives(server), p.Residual) {
		t.Error(p.Residual)
	}
	done := func(s Step, g Grade) StepRun { return StepRun{Step: s, State: StateDone, Proof: Proof{Grade: g}} }
	taken, failed, kept := done(server, Proven), StepRun{Step: part, State: StateFailed}, StepRun{Step: file, State: StateSkipped}
	for name, c := range map[string]struct {
		steps []StepRun
		want  []string
	}{
		"ended":                    {[]StepRun{taken, done(end, Attested), done(file, Proven)}, []string{"a backup"}},
		"accepted only, file kept": {[]StepRun{taken, done(end, Accepted), kept}, []string{lives, key, "a backup"}},
		"in one of two places":     {[]StepRun{taken, done(end, Attested), failed}, []string{lives, key, "a backup"}},
		"itself refused":           {[]StepRun{taken, done(end, Proven), failed}, []string{key, "a backup"}},
		"one look says it lives":   {[]StepRun{taken, done(end, Proven), done(part, Alive)}, []string{lives, key, "a backup"}},
	} {
		r := Run{Steps: c.steps}
		if got := r.Stays(r.Steps[0]); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	r := Run{Steps: []StepRun{taken, done(part, Alive)}}
	if got := r.LivesOn(); !slices.Equal(got, []string{"token a STILL WORKS, though step 2 was done"}) {
		t.Error(got)
	}
}

// What an undo puts back lives no more where the run had ended it.
func TestAnUndoKnowsWhatItsRunHasEnded(t *testing.T) {
	for _, ends := range []bool{true, false} {
		w := newWorld()
		e := newExecutor(t.TempDir(), fullRevoker{plainRevoker{w}})
		copied := Step{ID: "copy", Source: "fake", Layer: LayerCopy, Action: ActionRemoveSecret, Target: "sec-1", Reversible: true, Promises: Proven, Unended: "the credential lives on"}
		steps := []Step{copied}
		if ends {
			steps = append(steps, Step{ID: "end", Source: "fake", Layer: LayerCredential, Action: ActionRevoke, Target: "sec-1", Promises: Proven})
		}
		p := NewPlan(at, 0, nil, nil, steps)
		run, err := e.Execute(t.Context(), p, Consent{By: "ana", Reason: "leaked", Yes: true, Word: p.Word()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := e.UndoPlan(run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := back.Survives(back.Steps[len(back.Steps)-1]); slices.Contains(got, "the credential lives on") == ends {
			t.Errorf("ended %v: %q", ends, got)
		}
	}
}
