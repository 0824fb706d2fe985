package anthropic

import (
	"context"
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/objects"
)

var _ revoke.Rotator = (*Source)(nil)

// madeByHand is what a step of a rotation is, under objects.ParamWhat; paramNew is the name that the new key is to have.
const (
	madeByHand = "made-by-hand"
	paramNew   = "new"
)

// PlanRotate implements revoke.Rotator. Anthropic lets nobody make a key by its API: it is a step for a person, which is seen
// done by reading back. The old key is not ended by it.
func (s *Source) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	x := snap.Secret(id)
	if x == nil {
		return nil, nil
	}
	b := &objects.Planning{Desk: s.desk, Ctx: ctx, Snap: snap, Want: revoke.ActionRotate}
	for _, p := range b.Paths(x) {
		if !b.KindOf(p).Key {
			continue
		}
		var k keyShape
		if err := s.getObject(ctx, p, &k); err != nil {
			return nil, err
		}
		where, next := "the organisation", k.Name+" "+s.env.Now().UTC().Format(time.DateOnly)
		if w := k.workspace(); w != "" {
			where = "workspace " + w
		}
		b.Add(revoke.Step{
			Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: x.ID, TargetName: k.Name,
			Summary: fmt.Sprintf("by hand: make an API key called %q in %s on %s, in the place of %q, and bring it to %s; then nhitop revoke %s", next, where, place(p), k.Name, to, x.ID),
			Effect:  "Anthropic lets nobody make a key by its API; that it is there is read back", Residual: "the old key, until it is revoked", Promises: revoke.Attested,
			Params: map[string]string{objects.ParamWhat: madeByHand, objects.ParamPath: p, paramNew: next},
		})
	}
	return b.Steps, nil
}

// Verify implements revoke.Revoker.
func (s *Source) Verify(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	if step.Params[objects.ParamWhat] == madeByHand {
		return s.verifyMade(ctx, step), nil
	}
	return s.desk.Verify(ctx, step, r)
}

// verifyMade looks for the new key among those of the organisation.
func (s *Source) verifyMade(ctx context.Context, step revoke.Step) revoke.Proof {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	for k, err := range httpx.Pages[keyShape](ctx, s.http, pathKeys, nil, byID) {
		if err != nil {
			p.Detail = "the list of keys cannot be read: " + inventory.Clean(err.Error())
			return p
		}
		if k.Name == step.Params[paramNew] && k.Status == keyActive {
			p.Grade, p.Detail = revoke.Attested, fmt.Sprintf("read back: Anthropic lists an active key %q", inventory.Clean(k.Name))
			return p
		}
	}
	p.Detail = fmt.Sprintf("read back: Anthropic lists no active key %q yet", inventory.Clean(step.Params[paramNew]))
	return p
}
