package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// known are the sources of the organisations, by login in order. A process that has not read yet asks for the list.
func (e *enterprise) known(ctx context.Context) ([]*Source, error) {
	e.mu.Lock()
	var out []*Source
	for _, k := range inventory.SortedKeys(e.orgs) {
		out = append(out, e.orgs[k])
	}
	e.mu.Unlock()
	if len(out) > 0 {
		return out, nil
	}
	return e.list(ctx, func(inventory.Looked) {})
}

// at is the source of the organisation that a step is about; what is about none is done by the whole. A step about one that
// is not the enterprise's is none of ours.
func (e *enterprise) at(ctx context.Context, step revoke.Step) (*Source, error) {
	if what := step.Params[paramWhat]; what == heldSelf || what == heldByApp {
		return e.Source, nil
	}
	org := step.Params[paramOrg]
	for _, room := range []string{"/orgs/", "/repos/"} {
		if rest, ok := strings.CutPrefix(step.Params[paramPath], room); ok && org == "" {
			org, _, _ = strings.Cut(rest, "/")
		}
	}
	list, err := e.known(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if strings.EqualFold(s.opt.Org, org) {
			return s, nil
		}
	}
	return nil, errNotKnown
}

// Plan implements revoke.Revoker: the steps of every organisation. What is done for the whole enterprise is planned once.
func (e *enterprise) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil || !e.concerns(t, snap) {
		return nil, nil
	}
	list, err := e.known(ctx)
	if err != nil {
		return nil, err
	}
	var out []revoke.Step
	var errs []error
	for _, s := range list {
		steps, err := s.Plan(ctx, t, snap)
		errs = append(errs, err)
		for _, st := range steps {
			if !slices.ContainsFunc(out, func(x revoke.Step) bool { return x.Layer == st.Layer && x.Request == st.Request }) {
				out = append(out, st)
			}
		}
	}
	return out, errors.Join(errs...)
}

// concerns reports whether a target has anything to do with this GitHub: else nothing is asked.
func (e *enterprise) concerns(t revoke.Target, snap *inventory.Snapshot) bool {
	here := func(path string) bool { return e.below(path) != "" }
	secret := func(x *inventory.Secret) bool {
		return x != nil && slices.ContainsFunc(x.Locations, func(l inventory.Location) bool { return here(l.Path) })
	}
	proof := func(es []inventory.Evidence) bool {
		return slices.ContainsFunc(es, func(v inventory.Evidence) bool { return here(v.Path) })
	}
	if a := snap.Assistant(t.ID); a != nil {
		return proof(a.Evidence) || slices.ContainsFunc(a.Secrets, func(id inventory.ID) bool { return secret(snap.Secret(id)) })
	}
	if o := snap.Owner(t.ID); o != nil {
		return proof(o.Evidence)
	}
	if r := snap.Resource(t.ID); r != nil {
		return proof(r.Evidence)
	}
	return secret(snap.Secret(t.ID))
}

// Apply implements revoke.Revoker.
func (e *enterprise) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	s, err := e.at(ctx, step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	return s.Apply(ctx, step)
}

// Verify implements revoke.Revoker.
func (e *enterprise) Verify(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	s, err := e.at(ctx, step)
	if err != nil {
		return revoke.Proof{Grade: revoke.Unproven, At: e.env.Now().UTC()}, err
	}
	return s.Verify(ctx, step, rec)
}

// Undo implements revoke.Undoer.
func (e *enterprise) Undo(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Receipt, error) {
	s, err := e.at(ctx, step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	return s.Undo(ctx, step, rec)
}

// VerifyUndo implements revoke.UndoVerifier.
func (e *enterprise) VerifyUndo(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	s, err := e.at(ctx, step)
	if err != nil {
		return revoke.Proof{Grade: revoke.Unproven, At: e.env.Now().UTC()}, err
	}
	return s.VerifyUndo(ctx, step, rec)
}

// Recover implements revoke.Recoverer.
func (e *enterprise) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	s, err := e.at(ctx, step)
	if err != nil {
		return revoke.Receipt{}, revoke.StateUnknown, err
	}
	return s.Recover(ctx, step)
}
