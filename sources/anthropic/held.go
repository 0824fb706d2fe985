package anthropic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/objects"
)

// try shows a key to Anthropic by a call that changes nothing: GET /v1/models. A 401 is the end of it where a control call
// with another credential is answered; 403, 429 and 529 prove nothing.
func (s *Source) try(ctx context.Context, v inventory.Value) objects.Tried {
	var list struct {
		Data *[]struct{} `json:"data"`
	}
	_, err := s.http.Do(ctx, httpx.Request{Path: pathModels + "?limit=1", Into: &list, As: httpx.Header("x-api-key", "", httpx.Held(v))})
	var se *httpx.StatusError
	switch {
	case err == nil && list.Data == nil:
		return objects.Tried{Detail: "tried: the answer is no list of models"}
	case err == nil:
		return objects.Tried{Alive: true, Detail: "tried: Anthropic accepts it (GET " + pathModels + ")"}
	case !errors.As(err, &se):
		return objects.Tried{Detail: "tried, without an answer: " + inventory.Clean(err.Error())}
	case se.Status != http.StatusUnauthorized:
		return objects.Tried{Detail: fmt.Sprintf("tried: Anthropic answers %d, which proves nothing", se.Status)}
	case s.control(ctx):
		return objects.Tried{Dead: true, Detail: "tried: Anthropic refuses it with 401, and accepts another credential"}
	}
	return objects.Tried{Detail: "tried: Anthropic refuses it with 401, but the control with another credential was not accepted either"}
}

// control reports whether the credential to act with is accepted now.
func (s *Source) control(ctx context.Context) bool {
	var me orgShape
	_, err := s.http.Do(ctx, httpx.Request{Path: pathMe, Into: &me, As: s.auth(acting)})
	return err == nil && me.ID != ""
}

// fits makes sure that a value is that of a key, as far as Anthropic shows it.
func (s *Source) fits(ctx context.Context, p string, v inventory.Value) error {
	var k keyShape
	if err := s.getObject(ctx, p, &k); err != nil {
		return err
	}
	if !v.Shows(k.Hint) {
		return fmt.Errorf("%w: the API key %q does not begin and end like the one in hand", revoke.ErrChanged, inventory.Clean(k.Name))
	}
	return nil
}

// PlanHeld implements revoke.HeldRevoker. A key in hand is known by the record that it was found as, or, since Anthropic
// shows its end, by the one key of the organisation that ends so; that it is that one is looked at before the act.
func (s *Source) PlanHeld(ctx context.Context, h revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil || h.Kind != kindKey {
		return nil, nil
	}
	b := &objects.Planning{Desk: s.desk, Ctx: ctx, Snap: snap, Held: true}
	x := snap.Secret(h.ID)
	if x == nil || len(b.Paths(x)) == 0 {
		x = b.ByHint(h, Kind)
	}
	if x == nil {
		return nil, nil
	}
	for _, p := range b.Paths(x) {
		b.Known(h.ID, p, cmp.Or(b.Note(x, p), "API key"), s.standing(x), b.Breaks(x))
	}
	return b.Steps, nil
}

// standing is how a key stands, in Anthropic's words, as the inventory knows it.
func (s *Source) standing(x *inventory.Secret) string {
	for _, word := range inventory.SortedKeys(states) {
		if states[word] == x.State {
			return word
		}
	}
	return keyActive
}

// Ask implements revoke.HeldRevoker. The key is shown to Anthropic, which it is of by its form.
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	if h.Kind != kindKey {
		return nil, nil
	}
	got := s.try(ctx, h.Value)
	a := &revoke.Answer{Source: s.name, State: inventory.StateUnknown, Detail: "GET " + s.http.URL(pathModels) + ": " + got.Detail}
	if got.Alive {
		a.State = inventory.StateLive
	}
	k, err := s.find(ctx, h.Value)
	switch {
	case err != nil:
		a.Detail += "; the list of keys cannot be read: " + inventory.Clean(err.Error())
	case k == nil:
		a.Detail += "; no key of this organisation looks like it"
	default:
		a.Detail += fmt.Sprintf("; it looks like the API key %q, which is %s", inventory.Clean(k.Name), inventory.Clean(k.Status))
		if got.Dead && states[k.Status] != "" && k.Status != keyActive {
			a.State = states[k.Status]
		}
		if w := k.workspace(); w != "" {
			a.Scopes = []string{inventory.Clean("workspace " + w)}
		}
	}
	return a, nil
}

// find looks for the one key of the organisation that looks like a value.
func (s *Source) find(ctx context.Context, v inventory.Value) (*keyShape, error) {
	var found *keyShape
	for k, err := range httpx.Pages[keyShape](ctx, s.http, pathKeys, nil, byID) {
		if err != nil {
			return nil, err
		}
		if !v.Shows(k.Hint) {
			continue
		}
		if found != nil {
			return nil, nil // what fits several is no answer
		}
		found = &k
	}
	return found, nil
}
