package local_test

import (
	"slices"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Whatever a step takes away or moves, it says which secrets can no longer be read where they stood: all of them, and of
// what only switches something off next to none.
func TestAStepSaysOfWhichSecretsItTakesThePlace(t *testing.T) {
	lost, quiet := map[string]int{}, map[string]int{}
	for _, tree := range corpusTrees {
		b := newBench(t, tree)
		before, snap := b.files(), b.snapshot()
		r := b.src.(interface {
			revoke.Keeper
			revoke.Undoer
		})
		sink := inventory.NewSink("x", inventory.Key{1}, time.Now)
		readable := func() map[inventory.ID]int {
			n := map[inventory.ID]int{}
			for _, x := range snap.Records().Secrets {
				for _, l := range x.Locations {
					one := x
					one.Locations = []inventory.Location{l}
					if slices.ContainsFunc(r.Values(t.Context(), &one, snap), func(v inventory.Value) bool { return sink.SecretID(v) == x.ID }) {
						n[x.ID]++
					}
				}
			}
			return n
		}
		could := readable()
		for _, x := range everything(snap) {
			for _, s := range b.plan(snap, x.target).Steps {
				if s.Action == revoke.ActionManual {
					continue
				}
				receipt, err := r.Apply(t.Context(), s)
				if err != nil {
					t.Fatal(x.name, err)
				}
				can := readable()
				for id, n := range could {
					held := slices.Contains(s.Holds, id) || s.Layer == revoke.LayerCopy && s.Target == id
					switch {
					case can[id] < n && !held:
						t.Errorf("%s: %s takes a place of %s and does not say so", tree, s.Summary, id)
					case can[id] < n:
						lost[s.Action]++
					case held:
						quiet[s.Action]++
					}
				}
				if _, err := r.Undo(t.Context(), s, receipt); err != nil {
					t.Fatal(x.name, err)
				}
			}
		}
		b.sameFiles(tree, before)
	}
	t.Logf("places lost %v; said to be, and still read %v", lost, quiet)
	if lost[revoke.ActionRemoveServer] < 20 || lost[revoke.ActionRemoveSecret] < 50 || lost[revoke.ActionDeleteFile] == 0 {
		t.Errorf("too few: %v", lost)
	}
	for _, a := range []string{revoke.ActionSetMode, revoke.ActionDisableServer} {
		if lost[a]+quiet[a] > 0 {
			t.Errorf("%s leaves every place as it is: %d, %d", a, lost[a], quiet[a])
		}
	}
}
