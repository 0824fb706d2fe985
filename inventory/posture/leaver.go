package posture

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
	"nhitop/inventory/revoke"
)

// allOf makes of an owner all that the owner holds: every assistant that answers to them with all that it holds, and
// every secret that is theirs, with what those assistants inherit from the account if nobody else's do. Of assistants that somebody else answers for, and that name the owner by their surroundings
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
			if !ownership.Holds(a, t.ID) {
				continue
			}
			add(revoke.Target{ID: a.ID, Action: revoke.ActionAll})
			for _, id := range a.Secrets {
				if x := snap.Secret(id); x != nil && x.Ambient && theirsAlone(snap, x, t.ID) {
					add(revoke.Target{ID: id})
				}
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

// theirsAlone reports whether an inherited secret is reached by the assistants of one owner only.
func theirsAlone(snap *inventory.Snapshot, x *inventory.Secret, owner inventory.ID) bool {
	if len(x.Owners) > 0 && !slices.Contains(x.Owners, owner) {
		return false
	}
	return !slices.ContainsFunc(snap.AssistantsOf(x.ID), func(a *inventory.Assistant) bool { return !ownership.Holds(a, owner) })
}

// untaken says what a plan leaves as it is of what it was asked to take away: secrets without a step, and those that an
// assistant inherits from the account that it runs as.
func untaken(snap *inventory.Snapshot, targets []revoke.Target, steps []revoke.Step) []string {
	taken, asked := map[inventory.ID]bool{}, map[inventory.ID]bool{}
	for _, st := range steps {
		taken[st.Target] = true
		for _, id := range slices.Concat(st.With, st.Holds) {
			taken[id] = true
		}
	}
	var out []string
	tell := func(id inventory.ID, why string) {
		x := snap.Secret(id)
		if x == nil || taken[id] || asked[id] || ended(x) != "" {
			return
		}
		asked[id] = true
		text := "not in this plan: " + nameOf(snap, id)
		if len(x.Locations) > 0 {
			text += " in " + inventory.Clean(x.Locations[0].Path)
		}
		out = append(out, text+", "+why)
	}
	const cannot = "which no source here can end"
	for _, t := range targets {
		if t.Action == "" || t.Action == revoke.ActionRevoke {
			tell(t.ID, cannot)
		}
	}
	for _, t := range targets {
		if a := snap.Assistant(t.ID); a != nil && t.Action == revoke.ActionAll {
			for _, id := range a.Secrets {
				why := cannot
				if x := snap.Secret(id); x != nil && x.Ambient {
					why = "which it inherits from the account that it runs as"
				}
				tell(id, why)
			}
		}
	}
	return out
}
