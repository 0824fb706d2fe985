package posture

import (
	"context"

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
					return revoke.Held{ID: id, Kind: x.Kind, Issuer: x.Issuer, Account: x.Account, Value: v}, true
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
