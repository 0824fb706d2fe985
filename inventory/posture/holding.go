package posture

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// holding gives a context in which a step finds the value of a secret again where it stands: to end a token by itself, and
// to try it afterwards. Nothing is kept: each call reads again. A value is taken only if it is the one that the inventory
// knows.
func (s *Service) holding(ctx context.Context) context.Context {
	return revoke.WithHolder(ctx, func(ctx context.Context, id inventory.ID) (revoke.Held, bool) {
		snap := s.Snapshot()
		if snap == nil {
			return revoke.Held{}, false
		}
		x := snap.Secret(id)
		if x == nil || x.Fingerprint == "" {
			return revoke.Held{}, false
		}
		for i := range s.cfg.Feeds {
			for _, v := range valuesOf(ctx, s.cfg.Feeds[i].Revoker, x, snap) {
				if s.key.Fingerprint(v) == x.Fingerprint {
					return revoke.Held{ID: id, Kind: x.Kind, Issuer: x.Issuer, Account: x.Account, KeyID: x.KeyID, Value: v}, true
				}
			}
		}
		return revoke.Held{}, false
	})
}

// valuesOf asks a source for what stands in the places of a secret. One that breaks down has nothing.
func valuesOf(ctx context.Context, r revoke.Revoker, x *inventory.Secret, snap *inventory.Snapshot) (vs []inventory.Value) {
	k, ok := r.(revoke.Keeper)
	if !ok {
		return nil
	}
	defer func() {
		if recover() != nil {
			vs = nil
		}
	}()
	return k.Values(ctx, x, snap)
}

// lacks refuses a plan of which steps need a credential that is neither in hand nor stands where it can be read.
func (s *Service) lacks(ctx context.Context, p *revoke.Plan) error {
	ctx = s.holding(ctx)
	var lack []string
	for _, st := range p.Steps {
		if !st.Held {
			continue
		}
		if _, ok := revoke.HeldFor(ctx, st.Target); !ok {
			lack = append(lack, inventory.Clean(st.Summary))
		}
	}
	if len(lack) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w (x on the plan in the dashboard, or nhitop revoke --plan %s --stdin --yes). Nothing is done, and its confirmation is not used up", strings.Join(lack, "; "), revoke.ErrNotHeld, p.ID)
}

// ends are the steps by which secrets that stand on this machine end themselves at their issuers.
func (a acts) ends(ctx context.Context, snap *inventory.Snapshot, targets []revoke.Target) (steps []revoke.Step, left []string, err error) {
	ctx = a.s.holding(ctx)
	for _, t := range targets {
		for _, id := range secretsOf(snap, t) {
			h, ok := revoke.HeldFor(ctx, id)
			if !ok {
				continue
			}
			found, also, err := a.held(ctx, snap, h)
			if err != nil {
				return nil, nil, err
			}
			// What a person is to do, the sources that hold it say.
			found = slices.DeleteFunc(found, func(st revoke.Step) bool { return st.Action == revoke.ActionManual })
			steps, left = append(steps, found...), append(left, also...)
		}
	}
	return steps, left, nil
}

// grantsFirst puts the end of a credential behind the ends of what one issuer granted to it: those go with it, and what
// is gone cannot be looked up.
func grantsFirst(steps, ends []revoke.Step) {
	for i := range ends {
		for _, st := range steps {
			if about(st, ends[i].Target) && st.Source == ends[i].Source && st.Layer == revoke.LayerGrant && st.Action != revoke.ActionManual {
				ends[i].Behind = append(ends[i].Behind, cmp.Or(st.ID, revoke.StepID(st)))
			}
		}
	}
}

// about reports whether a step is about a record, or about what hangs on it.
func about(st revoke.Step, id inventory.ID) bool {
	return st.Target == id || slices.ContainsFunc(st.Ties, func(t revoke.Tie) bool { return !t.Copies && t.To == id })
}

// ownKind is the kind of the assistant under which sources deliver the credentials that they work with themselves.
const ownKind = "nhitop"

// own marks the steps that take away what a source works with. Who found the same credential in a file does not work with it.
func (a acts) own(snap *inventory.Snapshot, steps []revoke.Step) {
	if snap == nil {
		return
	}
	mine := map[inventory.ID][]string{}
	r := snap.Records()
	for i := range r.Assistants {
		if r.Assistants[i].Kind != ownKind {
			continue
		}
		for _, id := range r.Assistants[i].Secrets {
			if x := snap.Secret(id); x != nil {
				mine[id] = slices.DeleteFunc(slices.Clone(x.Sources), a.onDisk)
			}
		}
	}
	for i := range steps {
		st := &steps[i]
		if by, ok := mine[st.Target]; ok && st.Layer != revoke.LayerCopy && st.Layer != revoke.LayerSetting {
			st.Own = slices.Clone(by)
			if !slices.Contains(by, st.Source) {
				st.Own = append(st.Own, st.Source)
			}
			slices.Sort(st.Own)
		}
	}
}

// onDisk reports whether a source reads files and needs no credential.
func (a acts) onDisk(name string) bool {
	return slices.ContainsFunc(a.s.cfg.Feeds, func(f Feed) bool { return f.Name == name && f.Kind == "local" })
}

// secretsOf are the secrets that a target is or, of an assistant with all that it holds, those that it was given.
func secretsOf(snap *inventory.Snapshot, t revoke.Target) []inventory.ID {
	if snap.Secret(t.ID) != nil && (t.Action == "" || t.Action == revoke.ActionRevoke) {
		return []inventory.ID{t.ID}
	}
	a := snap.Assistant(t.ID)
	if a == nil || t.Action != revoke.ActionAll {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.Secrets), func(id inventory.ID) bool {
		x := snap.Secret(id)
		return x == nil || x.Ambient
	})
}
