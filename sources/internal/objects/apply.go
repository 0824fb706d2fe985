package objects

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

var errNoStep = errors.New("this step is not known")

// of finds what a step is about, and refuses one that is not of the tables.
func (d *Desk) of(step revoke.Step) (*Kind, *Change, error) {
	k, c := d.KindOf(step.Params[ParamPath]), d.Changes[step.Params[ParamWhat]]
	if k == nil || c == nil {
		return nil, nil, errNoStep
	}
	for _, what := range k.Changes {
		if what == step.Params[ParamWhat] {
			return k, c, nil
		}
	}
	return nil, nil, errNoStep
}

// Apply is that of [revoke.Revoker]. It looks at the object first.
func (d *Desk) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	if err := d.May(); err != nil {
		return revoke.Receipt{}, err
	}
	_, c, err := d.of(step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	path := step.Params[ParamPath]
	if err := d.fits(ctx, step); err != nil {
		return revoke.Receipt{}, err
	}
	o, err := d.Read(ctx, path, step.Params[ParamWhat])
	switch {
	case errors.Is(err, ErrGone):
		return revoke.Receipt{}, fmt.Errorf("%w (%w)", revoke.ErrGone, ErrGone)
	case err != nil:
		return revoke.Receipt{}, err
	case !sameName(o, step):
		return revoke.Receipt{}, revoke.ErrChanged
	case c.done(o.State):
		return revoke.Receipt{At: d.Now(), Detail: "it was so already: " + o.State, Already: true}, nil
	case o.State != step.Params[ParamWas] && !expected(o.State, step):
		return revoke.Receipt{}, revoke.ErrChanged
	}
	r := revoke.Receipt{At: d.Now()}
	if h, ok := revoke.HeldFor(ctx, step.Target); ok && d.Try != nil && c.Ends {
		if d.Try(ctx, h.Value).Alive {
			r.Seen = map[string]string{revoke.SeenBefore: revoke.SeenAccepted}
		}
	}
	resp, err := d.act(ctx, step, c.Method, path+c.Rest, c.Body)
	switch {
	case httpx.Status(err) == http.StatusNotFound && c.To == Gone: // it was there a moment ago: an attempt whose answer was lost has done it
		r.Detail = "gone when asked again"
		return r, nil
	case err != nil:
		return revoke.Receipt{}, err
	}
	r.Detail = fmt.Sprintf("%s answered %d; it was %s", d.Provider, resp.Status, o.State)
	if _, ok := c.back(path, o.State); ok {
		r.Undo = map[string]string{ParamWas: o.State}
	}
	return r, nil
}

// sameName reports whether an object is called as when the plan was made. What was planned for a credential in hand was
// held against that instead.
func sameName(o *Object, step revoke.Step) bool {
	return o.Name == step.Params[ParamName] || step.Params[ParamHeld] != "" && step.Params[ParamName] == ""
}

// expected reports whether a state is one that an earlier step of the same plan made.
func expected(state string, step revoke.Step) bool {
	return len(step.Behind) > 0 && (state == "inactive" || state == "disabled")
}

// fits makes sure that a credential in hand is that of the object, where a step was planned for one.
func (d *Desk) fits(ctx context.Context, step revoke.Step) error {
	if step.Params[ParamHeld] == "" {
		return nil
	}
	h, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.ErrNotHeld
	}
	return d.Fits(ctx, step.Params[ParamPath], h.Value)
}

// Undo is that of [revoke.Undoer]. It refuses with revoke.ErrChanged where somebody has changed it since.
func (d *Desk) Undo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	if err := d.May(); err != nil {
		return revoke.Receipt{}, err
	}
	_, c, err := d.of(step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	was := r.Undo[ParamWas]
	body, ok := c.back(step.Params[ParamPath], was)
	if !ok {
		return revoke.Receipt{}, errors.New("this cannot be taken back")
	}
	path := step.Params[ParamPath]
	o, err := d.Read(ctx, path, step.Params[ParamWhat])
	if errors.Is(err, ErrGone) {
		o, err = &Object{Name: step.Params[ParamName], State: Gone}, nil
	}
	switch {
	case err != nil:
		return revoke.Receipt{}, err
	case o.State == was:
		return revoke.Receipt{At: d.Now(), Detail: "it was already put back", Already: true}, nil
	case o.State != c.To && o.State != Unknown || !sameName(o, step):
		return revoke.Receipt{}, revoke.ErrChanged
	}
	method, to := c.Method, path+c.Rest
	if c.BackPath != nil {
		method, to = http.MethodPost, c.BackPath(path)
	}
	if _, err := d.act(ctx, step, method, to, body); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: d.Now(), Detail: "put back to " + was}, nil
}

// Recover is that of [revoke.Recoverer]: it reads back whether what was begun took effect.
func (d *Desk) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	_, c, err := d.of(step)
	if err != nil {
		return revoke.Receipt{}, revoke.StateUnknown, err
	}
	found := revoke.Receipt{At: d.Now(), Detail: "found done after nhitop had been cut off", Already: true}
	if _, ok := c.back(step.Params[ParamPath], step.Params[ParamWas]); ok {
		found.Undo = map[string]string{ParamWas: step.Params[ParamWas]}
	}
	o, err := d.Read(ctx, step.Params[ParamPath], step.Params[ParamWhat])
	switch {
	case errors.Is(err, ErrGone) && c.To == Gone:
		return found, revoke.StateDone, nil
	case err != nil:
		return revoke.Receipt{}, revoke.StateUnknown, err
	case c.done(o.State):
		return found, revoke.StateDone, nil
	case o.State == Unknown:
		return revoke.Receipt{}, revoke.StateUnknown, nil
	case o.State == step.Params[ParamWas] || expected(o.State, step):
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
