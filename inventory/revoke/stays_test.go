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
