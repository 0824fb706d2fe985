package issuers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Plan has no steps: without the credential in hand there is nothing that this source could do.
func (s *Source) Plan(context.Context, revoke.Target, *inventory.Snapshot) ([]revoke.Step, error) {
	return nil, nil
}

var _ revoke.Adviser = (*Source)(nil)

// ByHand implements [revoke.Adviser]. What the issuer would take by itself it names too.
func (s *Source) ByHand(h revoke.Held) []revoke.Step {
	r := issuerOf(h.Kind, h.KeyID)
	if r == nil || r.Kill == nil || s.base(r) == "" {
		return s.byHand(r, h, nameOf(h))
	}
	asked := *r
	asked.Kill = nil
	steps := s.byHand(&asked, h, nameOf(h))
	steps[0].Summary += fmt.Sprintf(" nhitop can do it with revoke = true in [%s].", "sources."+Kind)
	return steps
}

func nameOf(h revoke.Held) string {
	if hint := h.Value.Hint(); hint != "" {
		return h.Kind + " …" + hint
	}
	return h.Kind
}

// PlanHeld returns the step that lets the credential end itself, or where its issuer has no such call, the step for a
// person.
func (s *Source) PlanHeld(_ context.Context, h revoke.Held, _ *inventory.Snapshot) ([]revoke.Step, error) {
	name := nameOf(h)
	r := issuerOf(h.Kind, h.KeyID)
	if r == &aws && !h.Value.IsZero() {
		return planAWS(h, name), nil
	}
	if r == nil || r.Kill == nil || s.base(r) == "" {
		return s.byHand(r, h, name), nil
	}
	st := revoke.Step{
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: h.ID, TargetName: name,
		Summary:  fmt.Sprintf("end %s at %s, by itself", name, r.Service),
		Request:  request(s.base(r), r),
		Auth:     r.Auth,
		Effect:   "the credential is refused from then on, everywhere",
		Breaks:   "whatever still uses it",
		Residual: r.Survives,
		Tells:    r.Tells,
		Horizon:  time.Duration(r.Horizon), Promises: revoke.Proven,
		Params: map[string]string{"kind": h.Kind, "issuer": r.ID},
	}
	if r.Ask == nil {
		st.Promises = revoke.Accepted
	}
	return []revoke.Step{st}, nil
}

// byHand is the step for a person. Where the issuer can be asked, it is looked at again with the credential.
func (s *Source) byHand(r *row, h revoke.Held, name string) []revoke.Step {
	k := s.cat.Kind(h.Kind)
	how := byHandAWS(h)
	if k != nil && how == "" {
		how = k.Revoke
	}
	switch {
	case r != nil && r.Kill != nil:
		how = fmt.Sprintf("The address of your %s is not known: set urls.%s in [sources.issuers] and nhitop can end it, or end it there yourself.", r.Service, r.ID)
	case how != "":
	case r != nil:
		how = fmt.Sprintf("End it at %s: nhitop knows no call that ends it by itself.", r.Service)
	default:
		how = "Its issuer is not known: find out where it is from, and end it there."
	}
	st := revoke.Step{
		Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: h.ID, TargetName: name,
		Summary: "end " + name + " by hand: " + how, Effect: "the credential is refused from then on", Promises: revoke.Unproven,
		Params: map[string]string{"kind": h.Kind},
	}
	if r != nil && r.Ask != nil && s.base(r) != "" {
		st.Promises, st.Params["issuer"] = revoke.Proven, r.ID
		// The plan is where the operator agrees to that.
		st.Summary = strings.TrimSuffix(st.Summary, ".") + fmt.Sprintf(". Meanwhile %s is asked with it whether it is still accepted.", r.Service)
	}
	return []revoke.Step{st}
}

// request is the call, the credential left out.
func request(base string, r *row) string {
	c := r.Kill
	hidden := func(s string) string { return strings.ReplaceAll(s, "{secret}", "$SECRET") }
	text := strings.TrimSpace(method(c)+" "+base+hidden(c.Path)+" "+hidden(c.Body)) + "\n"
	if c.Anonymous {
		return text + "# without a credential"
	}
	return text + "# with the token itself"
}

// in finds the row and the value for a step.
func (s *Source) in(ctx context.Context, st revoke.Step) (*row, inventory.Value, error) {
	h, ok := revoke.HeldFor(ctx, st.Target)
	if !ok {
		return nil, inventory.Value{}, revoke.ErrNotHeld
	}
	r := issuerOf(st.Params["kind"], st.Params[paramKeyID])
	if r == nil || s.base(r) == "" {
		return nil, inventory.Value{}, errors.New("its issuer is not known")
	}
	return r, h.Value, nil
}

// Apply ends the credential. One that is refused already is left alone, and that is said. Of a rotation it does each step.
func (s *Source) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if what := st.Params[paramWhat]; what == makes || what == proves {
		return s.applyRotation(ctx, st)
	}
	r, v, err := s.in(ctx, st)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if r.Kill == nil {
		return revoke.Receipt{}, errors.New("only a person can do this")
	}
	rec := revoke.Receipt{Seen: map[string]string{}}
	account := ""
	if r.Ask != nil {
		switch got, err := s.ask(ctx, r, st.Params[paramKeyID], v); {
		case err != nil: // the kill is tried all the same: time counts
		case got.verdict == live:
			rec.Seen[revoke.SeenBefore] = revoke.SeenAccepted
			account = got.account
			if err := revoke.SawAccepted(ctx); err != nil {
				return revoke.Receipt{}, errors.Join(err, revoke.ErrUntouched)
			}
		case got.gone():
			rec.Already, rec.Detail, rec.At = true, "it was refused before anything was done: "+got.text, s.env.Now().UTC()
			return rec, nil
		}
	}
	if r == &aws {
		err := s.disableAWS(httpx.Armed(ctx, st.ID), st.Params[paramKeyID], v, account)
		rec.Detail, rec.At, rec.Undo = "iam UpdateAccessKey Status=Inactive: 200", s.env.Now().UTC(), undoOf(st)
		return rec, err
	}
	status, body, _, err := s.send(httpx.Armed(ctx, st.ID), r, r.Kill, v)
	rec.At = s.env.Now().UTC()
	if err != nil {
		return revoke.Receipt{}, err
	}
	m := members(body)
	if !slices.Contains(r.Kill.Done, status) || r.Kill.DoneIf.Member != "" && !r.Kill.DoneIf.holds(m) {
		why := fmt.Sprintf("%s answered %d", r.Service, status)
		if e := value(m, "error"); e != "" {
			why += ": " + inventory.Clean(e)
		}
		return revoke.Receipt{}, errors.New(why)
	}
	rec.Detail = fmt.Sprintf("%s %s: %d", method(r.Kill), r.Kill.Path, status)
	return rec, nil
}

// Verify shows the credential to its issuer once more.
func (s *Source) Verify(ctx context.Context, st revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	if what := st.Params[paramWhat]; what == makes || what == proves {
		return s.verifyRotation(ctx, st, rec)
	}
	r, v, err := s.in(ctx, st)
	if err != nil {
		return revoke.Proof{}, err
	}
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	if r.Ask == nil {
		p.Grade, p.Detail = revoke.Accepted, "the issuer took the request; nothing can be asked with this kind of credential"
		return p, nil
	}
	got, err := s.ask(ctx, r, st.Params[paramKeyID], v)
	if err != nil {
		return revoke.Proof{}, err
	}
	before := rec.Accepted()
	switch {
	case got.verdict == live:
		p.Grade, p.Detail = revoke.Alive, got.text+": it is still accepted"
	case got.verdict == refused && !before:
		return revoke.Proof{}, fmt.Errorf("%s; %w", got.text, revoke.ErrNeverAccepted)
	case got.verdict == dead, got.verdict == refused:
		ok, control := s.up(ctx, r)
		switch {
		case ok:
			p.Grade, p.Detail = revoke.Proven, got.text+"; "+control
		case before && control == "":
			p.Grade, p.Detail = revoke.Proven, got.text+"; the same call accepted it before"
		default:
			p.Detail = strings.Trim(got.text+", and nothing shows that the endpoint is up; "+control, "; ")
		}
	default:
		p.Detail = got.text + ": that says neither that it lives nor that it is dead"
	}
	return p, nil
}

// Recover asks the issuer what became of a step that was begun.
func (s *Source) Recover(ctx context.Context, st revoke.Step) (revoke.Receipt, string, error) {
	if rec, state, ok, err := s.recoverRotation(ctx, st); ok {
		return rec, state, err
	}
	r, v, err := s.in(ctx, st)
	if err != nil {
		return revoke.Receipt{}, "", err
	}
	if r.Ask == nil {
		if r.Kill != nil && r.Kill.Idempotent {
			return revoke.Receipt{}, revoke.StatePlanned, nil
		}
		return revoke.Receipt{}, revoke.StateUnknown, nil
	}
	got, err := s.ask(ctx, r, st.Params[paramKeyID], v)
	switch {
	case err != nil:
		return revoke.Receipt{}, revoke.StateUnknown, nil //nolint:nilerr // not to be told now
	case got.verdict == live:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case got.gone():
		return revoke.Receipt{Already: true, Detail: "found refused: " + got.text, At: s.env.Now().UTC()}, revoke.StateDone, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}

var _ revoke.HeldRevoker = (*Source)(nil)
