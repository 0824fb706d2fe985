package posture

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Together is the incident with all that leaked with the credential in hand: a plan for it ends those secrets too.
func (in *Incident) Together() *Incident {
	all := *in
	all.together = true
	return &all
}

// leakedWith are the other secrets that stand in the files with which a secret was committed: who has the commit has them all.
func leakedWith(snap *inventory.Snapshot, x *inventory.Secret) []*inventory.Secret {
	given := map[string]bool{}
	for _, l := range x.Locations {
		if l.Committed == inventory.Yes {
			given[l.Path] = true
		}
	}
	if len(given) == 0 {
		return nil
	}
	var out []*inventory.Secret
	r := snap.Records()
	for i := range r.Secrets {
		y := &r.Secrets[i]
		if y.ID != x.ID && ended(y) == "" && slices.ContainsFunc(y.Locations, func(l inventory.Location) bool { return given[l.Path] && l.Committed == inventory.Yes }) {
			out = append(out, y)
		}
	}
	return out
}

// ended says how a secret came to its end; "" if it may be alive.
func ended(x *inventory.Secret) string {
	if x.State == inventory.StateRevoked || x.State == inventory.StateExpired {
		return x.State
	}
	return ""
}

// targets are what a plan for the incident is about, and their names.
func (in *Incident) targets(snap *inventory.Snapshot) (ts []revoke.Target, names []string) {
	name := in.Held.Kind
	if in.Hint != "" {
		name += " …" + in.Hint
	}
	ts, names = []revoke.Target{{ID: in.Held.ID}}, []string{name}
	if in.together {
		for _, x := range in.With {
			ts, names = append(ts, revoke.Target{ID: x.ID}), append(names, nameOf(snap, x.ID))
		}
	}
	return ts, names
}
