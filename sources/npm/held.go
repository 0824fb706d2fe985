package npm

import (
	"context"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// PlanHeld implements revoke.HeldRevoker. A token that the inventory does not place at this registry is left alone: it may
// be another's, and would be told to a stranger.
func (s *Source) PlanHeld(ctx context.Context, h revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	x := snap.Secret(h.ID)
	if x == nil {
		return nil, nil
	}
	return s.end(x, snap, s.own(x), true), ctx.Err()
}

// Ask implements revoke.HeldRevoker. The token is sent to this registry only if it is known to be of it: because the
// registry lists one that it is, or because it stands beside the registry's name.
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	if h.Kind != kind && h.Issuer != issuer {
		return nil, nil
	}
	v, err := s.o.Token.Read(ctx, s.lookup)
	if err != nil {
		return nil, err
	}
	c, err := s.client(httpx.Held(v), nil)
	if err != nil {
		return nil, err
	}
	t, err := s.listing(ctx, c, h.Value)
	if err != nil {
		return nil, err
	}
	if t == nil && h.Account != s.host() && !strings.HasSuffix(h.Account, "@"+s.host()) {
		return nil, nil
	}
	a := &revoke.Answer{State: inventory.StateUnknown}
	if t != nil {
		a.Scopes = t.scopes()
	}
	me, err := who(ctx, c, httpx.Request{As: httpx.Bearer(httpx.Held(h.Value))})
	switch fair, ok := s.control(ctx, c); {
	case err == nil:
		a.State, a.Account, a.Detail = inventory.StateLive, me, "GET "+pathWho+" answers with its account"
		if t == nil || !t.bound() {
			a.Reaches = []string{"publishing at " + s.host()}
		}
	case outcome(err) == refused && ok && t == nil:
		a.State, a.Detail = inventory.StateRevoked, "GET "+pathWho+" refuses it ("+said(err)+") "+fair
	default:
		a.Detail = "GET " + pathWho + " does not accept it (" + said(err) + ") " + fair
	}
	return a, nil
}

// listing finds the entry of the list that a value is.
func (s *Source) listing(ctx context.Context, c *httpx.Client, v inventory.Value) (*token, error) {
	for t, err := range tokens(ctx, c) {
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(t.clues(), func(q inventory.Clue) bool { return q.Fits(v) }) {
			return &t, nil
		}
	}
	return nil, nil
}
