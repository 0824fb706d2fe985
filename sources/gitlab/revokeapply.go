package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Apply implements revoke.Revoker. It looks at the object first: one that is another by now is left alone, and what was so
// before is said to have been so.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	if !s.mayRevoke() {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	switch step.Params[paramWhat] {
	case heldSelf, heldAdmin:
		return s.applyHeld(ctx, step)
	case rotates:
		return s.applyRotation(ctx, step)
	case proves:
		detail, err := s.proveNew(ctx, step)
		return revoke.Receipt{At: s.env.Now(), Detail: detail}, err
	case "":
		return s.applyEnd(ctx, step)
	}
	c := changes[step.Params[paramWhat]]
	if c == nil {
		return revoke.Receipt{}, errors.New("this step is not known")
	}
	return s.applyChange(ctx, step, c)
}

// applyEnd ends an object for good.
func (s *Source) applyEnd(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	path := step.Params[paramPath]
	if kindOf(path) == nil {
		return revoke.Receipt{}, errors.New("this step is not known")
	}
	st, err := s.stand(ctx, path)
	switch {
	case errors.Is(err, errGone):
		return revoke.Receipt{}, fmt.Errorf("%w (%w)", revoke.ErrGone, errGone)
	case err != nil:
		return revoke.Receipt{}, err
	case st.called() != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	case st.Revoked:
		return revoke.Receipt{At: s.env.Now(), Detail: "it was revoked already", Already: true}, nil
	}
	resp, err := s.act(ctx, step, http.MethodDelete, path, nil)
	switch {
	case httpx.Status(err) == http.StatusNotFound: // it was there a moment ago: an attempt whose answer was lost has done it
		return revoke.Receipt{At: s.env.Now(), Detail: "gone when asked again"}, nil
	case err != nil:
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now(), Detail: fmt.Sprintf("GitLab answered %d", resp.Status)}, nil
}

const undoWas = "was"

// applyChange makes a change that can be taken back.
func (s *Source) applyChange(ctx context.Context, step revoke.Step, c *change) (revoke.Receipt, error) {
	path := step.Params[paramPath]
	st, err := s.stand(ctx, path)
	if err != nil {
		return revoke.Receipt{}, err
	}
	was, done := c.now(st)
	switch {
	case st.called() != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	case done:
		return revoke.Receipt{At: s.env.Now(), Detail: "it was so already", Already: true}, nil
	case was != step.Params[paramWas]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	resp, err := s.act(ctx, step, c.method, path+c.rest, anyBody(c.body))
	if err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now(), Detail: fmt.Sprintf("GitLab answered %d; it was %s", resp.Status, was), Undo: map[string]string{undoWas: was}}, nil
}

// anyBody keeps a nil map from being sent as JSON null.
func anyBody(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

// Undo implements revoke.Undoer. It refuses with revoke.ErrChanged where somebody has changed it since.
func (s *Source) Undo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	c := changes[step.Params[paramWhat]]
	switch {
	case !s.mayRevoke():
		return revoke.Receipt{}, revoke.ErrReadOnly
	case c == nil || r.Undo[undoWas] == "":
		return revoke.Receipt{}, errors.New("this cannot be taken back")
	}
	path := step.Params[paramPath]
	st, err := s.stand(ctx, path)
	if err != nil {
		return revoke.Receipt{}, err
	}
	was, done := c.now(st)
	switch {
	case was == r.Undo[undoWas]:
		return revoke.Receipt{At: s.env.Now(), Detail: "it was already put back", Already: true}, nil
	case !done || st.called() != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	rest, body := c.rest, c.backBody
	switch {
	case c.back != "":
		rest = c.back
	case step.Params[paramWhat] == "narrow":
		level, err := strconv.Atoi(r.Undo[undoWas])
		if err != nil {
			return revoke.Receipt{}, errors.New("the role that it had is not known any more")
		}
		body = map[string]any{"access_level": level}
	}
	if _, err := s.act(ctx, step, c.method, path+rest, anyBody(body)); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now(), Detail: "put back to " + r.Undo[undoWas]}, nil
}

// Recover implements revoke.Recoverer: it reads back whether what was begun took effect.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	switch step.Params[paramWhat] {
	case heldSelf, heldAdmin:
		return s.recoverHeld(ctx, step)
	case rotates:
		return s.recoverRotation(ctx, step)
	case proves:
		return revoke.Receipt{}, revoke.StatePlanned, nil // it changes nothing
	}
	found := revoke.Receipt{At: s.env.Now(), Detail: "found done after nhitop had been cut off", Already: true}
	st, err := s.stand(ctx, step.Params[paramPath])
	c := changes[step.Params[paramWhat]]
	switch {
	case errors.Is(err, errGone) && c == nil:
		return found, revoke.StateDone, nil
	case err != nil:
		return revoke.Receipt{}, revoke.StateUnknown, err
	case c == nil && st.Revoked:
		return found, revoke.StateDone, nil
	case c == nil:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	was, done := c.now(st)
	switch {
	case done:
		found.Undo = map[string]string{undoWas: step.Params[paramWas]}
		return found, revoke.StateDone, nil
	case was == step.Params[paramWas]:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
