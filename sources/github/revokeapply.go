package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

const undoWas = "was"

var errNotKnown = errors.New("this step is not known")

// begin finds the object of a step and reads it back.
func (s *Source) begin(ctx context.Context, step revoke.Step) (*hands, *object, []string, *readBack, error) {
	h, err := s.hands()
	if err != nil {
		return nil, nil, nil, nil, err
	}
	o, m := objectOf(step.Params[paramPath])
	if o == nil || !s.own(step.Params[paramPath]) {
		return nil, nil, nil, nil, errNotKnown
	}
	x, err := o.read(ctx, s, h, m)
	return h, o, m, x, err
}

// Apply implements revoke.Revoker. It looks at the object first: one that is another by now is left alone, and what was so
// before is said to have been so.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	switch {
	case !s.mayRevoke():
		return revoke.Receipt{}, revoke.ErrReadOnly
	case step.Params[paramWhat] == heldSelf:
		return s.applyHeld(ctx, step)
	case step.Params[paramWhat] == heldByApp:
		return s.applyByApp(ctx, step)
	case sweeps[step.Params[paramWhat]] != nil:
		return s.applySweep(ctx, step, sweeps[step.Params[paramWhat]])
	}
	h, o, m, x, err := s.begin(ctx, step)
	switch {
	case errors.Is(err, errGone) && s.sweptOf(step):
		return revoke.Receipt{At: s.env.Now().UTC(), Already: true, Detail: "it ended with all that " + step.Params[paramWho] + " has here"}, nil
	case errors.Is(err, errGone):
		return revoke.Receipt{}, fmt.Errorf("%w (%w)", revoke.ErrGone, errGone)
	case err != nil:
		return revoke.Receipt{}, err
	case x.name != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	now := s.env.Now().UTC()
	if key := step.Params[paramWhat]; key != "" {
		c := changes[key]
		switch {
		case c == nil:
			return revoke.Receipt{}, errNotKnown
		case c.done(s, x.state):
			return revoke.Receipt{At: now, Detail: "it was so already", Already: true}, nil
		case x.state != step.Params[paramWas]:
			return revoke.Receipt{}, revoke.ErrChanged
		}
		resp, err := h.send(ctx, step, c.there(s, m))
		if err != nil {
			return revoke.Receipt{}, err
		}
		return revoke.Receipt{At: s.env.Now().UTC(), Detail: fmt.Sprintf("GitHub answered %d; it was %s", resp.Status, x.state), Undo: map[string]string{undoWas: x.state}}, nil
	}
	if o.end == nil {
		return revoke.Receipt{}, errNotKnown
	}
	r := o.end(s, m, x)
	if r == nil {
		return revoke.Receipt{}, errors.New("only a person can do this")
	}
	resp, err := h.send(ctx, step, *r)
	switch {
	case httpx.Status(err) == http.StatusNotFound: // it was there a moment ago: an attempt whose answer was lost has done it
		return revoke.Receipt{At: s.env.Now().UTC(), Detail: "gone when asked again"}, nil
	case err != nil:
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now().UTC(), Detail: fmt.Sprintf("GitHub answered %d", resp.Status)}, nil
}

// sweptOf reports whether what a step is about was ended by a call of ours for the whole person.
func (s *Source) sweptOf(step revoke.Step) bool {
	_, ok := s.swept.Load(strings.ToLower(step.Params[paramWho]))
	return ok
}

// Undo implements revoke.Undoer. It refuses with revoke.ErrChanged where somebody has changed it since.
func (s *Source) Undo(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Receipt, error) {
	c, was := changes[step.Params[paramWhat]], rec.Undo[undoWas]
	switch {
	case !s.mayRevoke():
		return revoke.Receipt{}, revoke.ErrReadOnly
	case c == nil || was == "":
		return revoke.Receipt{}, errors.New("this cannot be taken back")
	}
	h, _, m, x, err := s.begin(ctx, step)
	switch {
	case err != nil:
		return revoke.Receipt{}, err
	case x.state == was:
		return revoke.Receipt{At: s.env.Now().UTC(), Detail: "it was already put back", Already: true}, nil
	case !c.done(s, x.state) || x.name != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	r, ok := c.back(s, m, was)
	if !ok {
		return revoke.Receipt{}, errors.New("how it was is not known any more")
	}
	if _, err := h.send(ctx, step, r); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now().UTC(), Detail: "put back to " + was}, nil
}

// Recover implements revoke.Recoverer: it reads back whether what was begun took effect.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	if step.Params[paramWhat] == heldSelf {
		return s.recoverHeld(ctx, step)
	}
	if step.Params[paramWhat] == heldByApp {
		return s.recoverByApp(ctx, step)
	}
	if w := sweeps[step.Params[paramWhat]]; w != nil {
		return s.recoverSweep(ctx, step, w)
	}
	found := revoke.Receipt{At: s.env.Now().UTC(), Detail: "found done after nhitop had been cut off", Already: true}
	_, _, _, x, err := s.begin(ctx, step)
	c := changes[step.Params[paramWhat]]
	switch {
	case errors.Is(err, errGone) && (c == nil || c.gone):
		return found, revoke.StateDone, nil
	case err != nil:
		return revoke.Receipt{}, revoke.StateUnknown, err
	case c == nil:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case c.done(s, x.state):
		found.Undo = map[string]string{undoWas: step.Params[paramWas]}
		return found, revoke.StateDone, nil
	case x.state == step.Params[paramWas]:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
