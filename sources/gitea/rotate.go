package gitea

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

var _ revoke.Rotator = (*Source)(nil)

// Keys of [revoke.Step.Params] of a rotation, besides those of the place and of the old token.
const (
	paramRotation = "rotation" // makes or proves
	paramNew      = "new"      // the name of the new token
	paramScopes   = "scopes"   // of the new token, as the old one has them, apart by blanks

	makes  = "makes"
	proves = "proves"
)

// PlanRotate implements revoke.Rotator: another token of the same user with the same scopes, and the end of the old one when
// the new one is proven. Gitea lets a user, or an administrator, make tokens.
func (s *Source) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	x := snap.Secret(id)
	if x == nil {
		return nil, nil
	}
	b := &planning{Source: s, ctx: ctx, snap: snap}
	for _, l := range x.Locations {
		p, ok := b.placeOf(l.Path)
		if !ok || p.kind != aToken {
			continue
		}
		if err := b.begin(); err != nil {
			return nil, err
		}
		if lack := b.lacks(!strings.EqualFold(p.login, b.me.Login), "user"); lack != "" {
			return nil, fmt.Errorf("%w: nhitop cannot make another token: %s", revoke.ErrNothing, lack)
		}
		t, err := b.api.token(ctx, p)
		switch {
		case err != nil:
			return nil, err
		case t == nil:
			return nil, fmt.Errorf("%w: the server does not list the token any more", revoke.ErrNothing)
		case len(t.Scopes) == 0:
			return nil, fmt.Errorf("%w: the server does not tell the scopes of the token; make another one there, then revoke it", revoke.ErrNothing)
		}
		made := b.rotation(x, p, t, to)
		proof := handover.Prove(made, to, "GET "+inventory.Clean(b.base)+"/user")
		proof.ID, proof.Source, proof.Params[paramRotation] = stepID(revoke.ActionProve, p), s.name, proves
		if err := b.token(x, p); err != nil {
			return nil, err
		}
		for i := range b.steps {
			b.steps[i].After = append(b.steps[i].After, proof.ID)
		}
		return append([]revoke.Step{made, proof}, b.steps...), nil
	}
	return nil, nil
}

// rotation is the step that makes the new token.
func (b *planning) rotation(x *inventory.Secret, p place, t *tokenAnswer, to revoke.Place) revoke.Step {
	name := t.Name + " " + b.env.Now().UTC().Format("2006-01-02T15:04:05Z")
	st := b.step(revoke.ActionRotate, p, x.ID, secretName(x))
	st.Layer, st.Promises, st.Horizon, st.Auth = revoke.LayerCredential, revoke.Attested, horizon, "basic"
	st.Summary = inventory.Clean(fmt.Sprintf("make another token of %s in the place of %q, and hand it to %s", p.login, t.Name, to))
	if body, err := json.Marshal(map[string]any{"name": name, "scopes": t.Scopes}); err == nil { // texts
		st.Request = "POST " + inventory.Clean(b.base+httpx.Path("/users/%s/tokens", p.login)+" "+string(body))
	}
	st.Effect = "a token with the scopes of the old one: " + inventory.Clean(strings.Join(t.Scopes, " ")) + "; Gitea gives tokens no end"
	st.Residual = "the new token, which is meant to live"
	st.Params[paramRotation], st.Params[paramNew], st.Params[paramScopes] = makes, name, strings.Join(t.Scopes, " ")
	to.Put(st.Params)
	return st
}

// rotate carries out a step of a rotation; ok is false for any other.
func (s *Source) rotate(ctx context.Context, a *api, st revoke.Step) (r revoke.Receipt, ok bool, err error) {
	switch st.Params[paramRotation] {
	case makes:
		r, err = s.makeToken(ctx, a, st)
	case proves:
		r.Detail, err = s.proveNew(ctx, st)
	default:
		return r, false, nil
	}
	r.At = s.env.Now()
	return r, true, err
}

// makeToken makes the new token and hands it over. One that cannot be handed over is deleted again.
func (s *Source) makeToken(ctx context.Context, a *api, st revoke.Step) (revoke.Receipt, error) {
	place, err := revoke.PlaceOf(st)
	if err != nil {
		return revoke.Receipt{}, err
	}
	p := placeIn(st)
	if p.kind != aToken || p.login == "" {
		return revoke.Receipt{}, errors.New("the step says nothing that this source can do")
	}
	hand, err := handover.Open(ctx, s.env.Places, place, st.ID)
	if err != nil {
		return revoke.Receipt{}, fmt.Errorf("%w: %w", revoke.ErrChanged, err)
	}
	defer hand.Drop()
	list := httpx.Path("/users/%s/tokens", p.login)
	var made struct {
		ID    int64  `json:"id"`
		Value string `json:"sha1"`
	}
	body := map[string]any{"name": st.Params[paramNew], "scopes": strings.Fields(st.Params[paramScopes])}
	if _, err := a.Do(httpx.Armed(ctx, st.ID), httpx.Request{Method: http.MethodPost, Path: list, Body: body, Into: &made, As: a.basic}); err != nil {
		return revoke.Receipt{}, refusal(st.Summary, err)
	}
	if made.Value == "" || made.ID == 0 {
		return revoke.Receipt{}, errors.New("the server answered without the new token; look at the tokens of its user")
	}
	said, err := s.fresh.Give(ctx, hand, st.ID, inventory.NewValue(made.Value), func(ctx context.Context) error {
		_, err := a.Do(httpx.Armed(ctx, st.ID), httpx.Request{Method: http.MethodDelete, Path: list + "/" + itoa(made.ID), As: a.basic, Idempotent: true})
		return err
	})
	return revoke.Receipt{Detail: fmt.Sprintf("the server made token %d, and %s", made.ID, said)}, err
}

// proveNew tries the new token. An error keeps the old one alive.
func (s *Source) proveNew(ctx context.Context, st revoke.Step) (string, error) {
	v, err := s.fresh.Value(ctx, s.env.Places, st)
	if err != nil {
		return "", err
	}
	a, err := s.holding(v)
	if err != nil {
		return "", err
	}
	_, err = a.who(ctx)
	switch {
	case err == nil:
		return "the new token works: GET /user with it: 200", nil
	case httpx.Status(err) == http.StatusForbidden && !strings.Contains(err.Error(), "prohibited from signing in"):
		return "the new token works: GET /user with it: 403, for it lacks read:user as the old one does", nil
	}
	return "", fmt.Errorf("the new token is not seen to work: %w", err)
}

// hasNew reports whether the server lists the new token.
func (s *Source) hasNew(ctx context.Context, st revoke.Step) (bool, error) {
	a, err := s.revoking()
	if err != nil {
		return false, err
	}
	list, err := all[tokenAnswer](ctx, a, ask{path: httpx.Path("/users/%s/tokens", placeIn(st).login), basic: true})
	return slices.ContainsFunc(list, func(t tokenAnswer) bool { return t.Name == st.Params[paramNew] }), err
}

// verifyRotation looks at a step of a rotation; ok is false for any other.
func (s *Source) verifyRotation(ctx context.Context, st revoke.Step) (proof revoke.Proof, ok bool) {
	proof = revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	switch st.Params[paramRotation] {
	case makes:
		switch found, err := s.hasNew(ctx, st); {
		case err != nil:
			proof.Detail = "it could not be read back: " + inventory.Clean(err.Error())
		case found:
			proof.Grade, proof.Detail = revoke.Attested, "read back: the server lists the new token"
		default:
			proof.Detail = "read back: the server does not list the new token"
		}
	case proves:
		detail, err := s.proveNew(ctx, st)
		if err != nil {
			proof.Detail = inventory.Clean(err.Error())
			return proof, true
		}
		proof.Grade, proof.Detail = revoke.Proven, detail
		s.fresh.Drop(st)
	default:
		return proof, false
	}
	return proof, true
}

// recoverRotation says what became of a step of a rotation; ok is false for any other.
func (s *Source) recoverRotation(ctx context.Context, st revoke.Step) (r revoke.Receipt, state string, ok bool, err error) {
	switch st.Params[paramRotation] {
	case proves:
		return r, revoke.StatePlanned, true, nil // it changes nothing
	case makes:
	default:
		return r, "", false, nil
	}
	found, err := s.hasNew(ctx, st)
	switch {
	case err != nil:
		return r, revoke.StateUnknown, true, err
	case !found:
		return r, revoke.StatePlanned, true, nil
	}
	if place, err := revoke.PlaceOf(st); err == nil {
		if _, err := handover.Read(ctx, s.env.Places, place); err == nil {
			return revoke.Receipt{At: s.env.Now(), Detail: "found made and handed over after nhitop had been cut off", Already: true}, revoke.StateDone, true, nil
		}
	}
	return r, revoke.StateUnknown, true, nil // there is a token whose value nobody may have
}
