package posture

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
	"nhitop/inventory/revoke"
)

// allOf makes of an owner all that the owner holds: every assistant that answers to them with all that it holds, and
// every secret that is theirs. Of assistants that somebody else answers for, and that name the owner by their surroundings
// only, nothing is taken.
func allOf(snap *inventory.Snapshot, targets []revoke.Target) []revoke.Target {
	out := make([]revoke.Target, 0, len(targets))
	seen := map[revoke.Target]bool{}
	add := func(t revoke.Target) {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, t := range targets {
		if t.ID.Noun() != inventory.NounOwner {
			add(t)
			continue
		}
		add(t) // a source may be able to suspend the account itself
		if o := snap.Owner(t.ID); o != nil {
			for _, id := range o.Same { // by which a source knows the account
				add(revoke.Target{ID: id, Action: t.Action})
			}
		}
		for _, a := range snap.AssistantsOf(t.ID) {
			if ownership.Holds(a, t.ID) {
				add(revoke.Target{ID: a.ID, Action: revoke.ActionAll})
			}
		}
		r := snap.Records()
		for i := range r.Secrets {
			if x := &r.Secrets[i]; slices.Contains(x.Owners, t.ID) {
				add(revoke.Target{ID: x.ID})
			}
		}
	}
	return out
}
