package objects

import (
	"context"
	"errors"
	"strings"

	"nhitop/inventory/revoke"
)

// Verify is that of [revoke.Revoker]. With the credential at hand it is tried by itself; without, the provider is asked
// how the object stands. Time-outs, 429, 5xx and 403 prove nothing.
func (d *Desk) Verify(ctx context.Context, step revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: d.Now()}
	if step.Action == revoke.ActionManual {
		d.byHandDone(ctx, step, &p)
		return p, nil
	}
	k, c, err := d.of(step)
	if err != nil {
		p.Detail = err.Error()
		return p, nil
	}
	d.readBack(ctx, step, c, &p)
	h, ok := revoke.HeldFor(ctx, step.Target)
	if !ok || !k.Key || !c.Ends || d.Try == nil {
		return p, nil
	}
	switch got := d.Try(ctx, h.Value); {
	case got.Alive && p.Grade == revoke.Attested:
		p.Grade, p.Detail = revoke.Alive, "STILL ALIVE: "+got.Detail+"; though "+p.Detail
	case got.Alive:
		p.Grade, p.Detail = revoke.Alive, "STILL ALIVE: "+got.Detail
	case got.Dead && p.Grade == revoke.Alive:
		p.Grade, p.Detail = revoke.Unproven, got.Detail+", but "+p.Detail
	case got.Dead:
		p.Grade, p.Detail = revoke.Proven, got.Detail
	default:
		p.Detail += "; " + got.Detail
	}
	return p, nil
}

// readBack says what the provider shows of an object.
func (d *Desk) readBack(ctx context.Context, step revoke.Step, c *Change, p *revoke.Proof) {
	path := step.Params[ParamPath]
	o, err := d.Read(ctx, path, step.Params[ParamWhat])
	switch {
	case errors.Is(err, ErrGone) && d.parentShown(ctx, path):
		p.Grade, p.Detail = revoke.Attested, "read back: "+d.Provider+" shows it no more, and shows where it was"
	case errors.Is(err, ErrGone):
		p.Detail = d.Provider + " does not show it, nor where it was: this proves nothing"
	case err != nil:
		p.Detail = "it could not be read back: " + clean(err)
	case c.done(o.State):
		p.Grade, p.Detail = revoke.Attested, "read back: it is "+o.State
	case o.State == Unknown:
		p.Grade, p.Detail = revoke.Accepted, d.Provider+" does not show whether it took effect"
	case c.Late:
		p.Grade, p.Detail = revoke.Accepted, d.Provider+" does not show it yet: read back, it is "+o.State
	default:
		p.Grade, p.Detail = revoke.Alive, "read back: it is "+o.State
	}
}

// parentShown is the control for "not found": the list that the object stood in is still shown.
func (d *Desk) parentShown(ctx context.Context, path string) bool {
	i := strings.LastIndexByte(path, '/')
	return d.Get(ctx, path[:i]+"?limit=1", nil) == nil
}

// byHandDone looks whether a person has done it: any end of the object will do.
func (d *Desk) byHandDone(ctx context.Context, step revoke.Step, p *revoke.Proof) {
	path := step.Params[ParamPath]
	k := d.KindOf(path)
	if k == nil || len(k.Changes) == 0 {
		p.Detail = "this step is not known"
		return
	}
	what := k.Changes[len(k.Changes)-1]
	step.Params = map[string]string{ParamPath: path, ParamWhat: what}
	d.readBack(ctx, step, d.Changes[what], p)
}

// VerifyUndo is that of [revoke.UndoVerifier].
func (d *Desk) VerifyUndo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: d.Now()}
	if _, _, err := d.of(step); err != nil {
		p.Detail = err.Error()
		return p, nil
	}
	o, err := d.Read(ctx, step.Params[ParamPath], step.Params[ParamWhat])
	switch {
	case err != nil:
		p.Detail = "it could not be read back: " + clean(err)
	case o.State == r.Undo[ParamWas]:
		p.Grade, p.Detail = revoke.Attested, "read back: it is "+o.State+" again"
	case o.State == Unknown:
		p.Grade, p.Detail = revoke.Accepted, d.Provider+" does not show whether it took effect"
	default:
		p.Detail = "read back: it is " + o.State
	}
	return p, nil
}
