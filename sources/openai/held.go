package openai

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/objects"
)

// try shows a key to OpenAI by a call that changes nothing: GET /v1/models. A 401 is the end of it where a control call with
// another key is answered; a 403 for lack of a scope is a sign of life; any other 403, 429 and 5xx prove nothing.
func (s *Source) try(ctx context.Context, v inventory.Value) objects.Tried {
	var list struct {
		Data *[]struct{} `json:"data"`
	}
	_, err := s.http.Do(ctx, httpx.Request{Path: pathModels, Into: &list, As: httpx.Bearer(httpx.Held(v))})
	var se *httpx.StatusError
	switch {
	case err == nil && list.Data == nil:
		return objects.Tried{Detail: "tried: the answer is no list of models"}
	case err == nil:
		return objects.Tried{Alive: true, Detail: "tried: OpenAI accepts it (GET " + pathModels + ")"}
	case !errors.As(err, &se):
		return objects.Tried{Detail: "tried, without an answer: " + inventory.Clean(err.Error())}
	case se.Status == http.StatusForbidden && strings.Contains(se.Message, "insufficient permissions"):
		return objects.Tried{Alive: true, Detail: "tried: OpenAI knows it, and only misses a scope (403)"}
	case se.Status != http.StatusUnauthorized:
		return objects.Tried{Detail: fmt.Sprintf("tried: OpenAI answers %d, which proves nothing", se.Status)}
	case s.control(ctx):
		return objects.Tried{Dead: true, Detail: "tried: OpenAI refuses it with 401, and accepts another key"}
	}
	return objects.Tried{Detail: "tried: OpenAI refuses it with 401, but the control with another key was not accepted either"}
}

// control reports whether the key to act with is accepted now.
func (s *Source) control(ctx context.Context) bool {
	var list struct {
		Data *[]struct{} `json:"data"`
	}
	_, err := s.http.Do(ctx, httpx.Request{Path: pathProjects + "?limit=1", Into: &list, As: s.acting()})
	return err == nil && list.Data != nil
}

// fits makes sure that a value is that of a key, as far as OpenAI shows it.
func (s *Source) fits(ctx context.Context, p string, v inventory.Value) error {
	var k keyShape
	if err := s.getObject(ctx, p, &k); err != nil {
		return err
	}
	if !v.Shows(k.Hint) {
		return fmt.Errorf("%w: the key %q does not begin and end like the one in hand", revoke.ErrChanged, inventory.Clean(k.Name))
	}
	return nil
}

// mine are the kinds of keys that this source knows in hand.
func mine(kind string) bool { return kind == kindKey || kind == kindAccount || kind == kindAdmin }

// PlanHeld implements revoke.HeldRevoker. A key in hand is known by the record that it was found as, or by the one key of
// the organisation that ends as it does; that it is that one is looked at before the act.
func (s *Source) PlanHeld(ctx context.Context, h revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil || !mine(h.Kind) {
		return nil, nil
	}
	b := &objects.Planning{Desk: s.desk, Ctx: ctx, Snap: snap, Held: true, Want: revoke.ActionRevoke}
	x := snap.Secret(h.ID)
	if x == nil || len(b.Paths(x)) == 0 {
		x = b.ByHint(h, Kind)
	}
	if x == nil {
		return nil, nil
	}
	for _, p := range b.Paths(x) {
		b.Known(h.ID, p, cmp.Or(b.Note(x, p), "key"), on, b.Breaks(x))
	}
	return b.Steps, nil
}

// Ask implements revoke.HeldRevoker. The key is shown to OpenAI, which it is of by its form.
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	if !mine(h.Kind) {
		return nil, nil
	}
	got := s.try(ctx, h.Value)
	a := &revoke.Answer{Source: s.name, State: inventory.StateUnknown, Account: h.Account, Detail: "GET " + s.http.URL(pathModels) + ": " + got.Detail}
	switch {
	case got.Alive:
		a.State = inventory.StateLive
	case got.Dead:
		a.State = inventory.StateRevoked
	}
	return a, nil
}
