package gitea

import (
	"context"
	"net/http"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// ours reports whether a credential in hand is known to be a token of a Gitea: by the inventory, or by what was pasted with
// it. A text that only looks like one is sent to nobody.
func ours(h revoke.Held) bool { return h.Kind == "gitea-token" }

// PlanHeld implements revoke.HeldRevoker: a token with write:user deletes itself. It asks nobody.
func (s *Source) PlanHeld(_ context.Context, h revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if !ours(h) {
		return nil, nil
	}
	p := place{kind: aToken, login: h.Account}
	var x inventory.Secret
	if snap != nil && snap.Secret(h.ID) != nil {
		x = *snap.Secret(h.ID)
		known := false
		for _, l := range x.Locations {
			if at, ok := s.placeOf(l.Path); ok && at.kind == aToken {
				p, known = at, true
			}
		}
		if !known && onAnother(x) {
			return nil, nil // a token of another server
		}
	}
	if x.ID != "" && !(append(scopes{}, x.Scopes...)).has("write", "user") {
		return nil, nil // it may not; what the inventory knows of it is planned with the credential for revoking
	}
	st := revoke.Step{
		ID: stepID(revoke.ActionRevoke, p), Source: s.name, Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: h.ID, TargetName: "the token in hand", Params: p.params(),
		Summary: "revoke the token in hand by itself", Request: "DELETE " + inventory.Clean(s.base) + "/users/(its user)/tokens/(its id)", Effect: "the server refuses the token (401)",
		Horizon: horizon, Promises: revoke.Proven, Residual: residualOf(&x, h.Account), Ends: endings,
	}
	return []revoke.Step{st}, nil
}

// onAnother reports whether the inventory knows a place of the token at another server.
func onAnother(x inventory.Secret) bool {
	for _, l := range x.Locations {
		if l.Scope == inventory.ScopeProvider && strings.Contains(l.Path, "://") {
			return true
		}
	}
	return false
}

// Ask implements revoke.HeldRevoker: it asks the server for the account of the token, which changes nothing there but the
// time of its last use.
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	if !ours(h) {
		return nil, nil
	}
	a, err := s.holding(h.Value)
	if err != nil {
		return nil, err
	}
	out := &revoke.Answer{Source: s.name, State: inventory.StateUnknown, Detail: "GET /user with it: "}
	u, err := a.who(ctx)
	switch status := httpx.Status(err); {
	case err == nil:
		out.State, out.Account = inventory.StateLive, inventory.Clean(u.Login)
		out.Detail += "200"
	case status == http.StatusForbidden && strings.Contains(err.Error(), "prohibited from signing in"):
		out.State = inventory.StateDisabled
		out.Detail += "403, its account may not sign in"
		return out, nil
	case status == http.StatusForbidden:
		out.State = inventory.StateLive
		out.Detail += "403, it lives and lacks read:user"
		return out, nil
	case status == http.StatusUnauthorized:
		out.Detail += "401, " + textUnknown
		return out, nil
	default:
		return nil, err
	}
	list, err := all[tokenAnswer](ctx, a, ask{path: httpx.Path("/users/%s/tokens", u.Login), basic: true})
	for _, t := range list {
		if err == nil && endsIn(h.Value, t.Tail) {
			out.Scopes = append(out.Scopes, t.Scopes...)
		}
	}
	if u.Admin {
		out.Reaches = append(out.Reaches, "the whole instance, as its administrator")
	}
	return out, ctx.Err()
}
