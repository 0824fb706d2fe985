package handover

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Keys of [revoke.Step.Params] of a rotation, besides the place.
const ParamMade = "made" // of the step that proves: the step that makes the new credential

// Fresh are the new credentials of rotations that are under way, in memory alone. Its zero value is ready; its methods may
// be called from several goroutines.
type Fresh struct{ m sync.Map }

// Give hands over what a step made, keeps it until it is proven, and says what was seen of it. Where it cannot be handed over,
// back takes it away again, and the error says whether it did. Where the place may have it, it lives on: who reads it there
// must not find a dead one.
func (f *Fresh) Give(ctx context.Context, h *Hand, step string, v inventory.Value, back func(context.Context) error) (string, error) {
	said, err := h.Give(ctx, v)
	if err == nil || errors.Is(err, ErrUnsure) {
		f.m.Store(step, v)
	}
	switch {
	case err == nil:
		return said, nil
	case errors.Is(err, ErrUnsure):
		return "", fmt.Errorf("%w; the new one lives on: look there, and end the one that is not in use", err)
	}
	if e := back(context.WithoutCancel(ctx)); e != nil {
		return "", fmt.Errorf("%w; the new one could not be ended again: %w", err, e)
	}
	return "", fmt.Errorf("%w; the new one was ended again", err)
}

// Value is the new credential that a step is to prove: as it was made, or read back from the place that it went to.
func (f *Fresh) Value(ctx context.Context, all Places, s revoke.Step) (inventory.Value, error) {
	if v, ok := f.m.Load(s.Params[ParamMade]); ok {
		if v, ok := v.(inventory.Value); ok {
			return v, nil
		}
	}
	place, err := revoke.PlaceOf(s)
	if err != nil {
		return inventory.Value{}, err
	}
	return Read(ctx, all, place)
}

// Drop forgets what a step was to prove.
func (f *Fresh) Drop(s revoke.Step) { f.m.Delete(s.Params[ParamMade]) }

// Told adds to a proof what was said when the new credential was handed over: where it is, and whether it is seen there.
func Told(p *revoke.Proof, r revoke.Receipt) {
	if r.Detail != "" && p.Detail != "" && p.Detail != r.Detail {
		p.Detail += "; " + r.Detail
	}
}

// Prove is the step that proves what another one made: the request tries it, and whatever ends the old one comes after it.
func Prove(made revoke.Step, to revoke.Place, request string) revoke.Step {
	s := revoke.Step{
		Action: revoke.ActionProve, Layer: revoke.LayerCredential, Target: made.Target, TargetName: made.TargetName, Summary: "prove that what was made in place of " + made.TargetName + " works",
		Request: request + "\n# with the new one", Effect: "nothing is changed by it", Reversible: true, Horizon: made.Horizon, Promises: revoke.Proven, After: []string{made.ID},
		Params: map[string]string{ParamMade: made.ID},
	}
	to.Put(s.Params)
	return s
}
