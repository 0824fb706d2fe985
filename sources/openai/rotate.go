package openai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/objects"
)

var _ revoke.Rotator = (*Source)(nil)

// Keys of [revoke.Step.Params] of a rotation, besides the place.
const (
	paramMake   = "account" // path of the service account
	paramNew    = "new"     // the name of the new key
	paramScopes = "scopes"  // as the old one has them; "": not known
	paramLife   = "life"    // seconds; "": without an end
)

var errNoRotation = fmt.Errorf("%w: OpenAI lets only keys of service accounts be made by its API; make this one on https://platform.openai.com/api-keys, then revoke the old one", revoke.ErrNothing)

// PlanRotate implements revoke.Rotator: another key for the same service account, with the scopes and the lifetime of the
// old one as far as they are known.
func (s *Source) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	x := snap.Secret(id)
	if x == nil {
		return nil, nil
	}
	b := &objects.Planning{Desk: s.desk, Ctx: ctx, Snap: snap, Want: revoke.ActionRevoke}
	for _, p := range b.Paths(x) {
		if k := b.KindOf(p); k.Changes[0] != "key-read" {
			return nil, errNoRotation
		}
		var k keyShape
		if err := s.getObject(ctx, p, &k); err != nil {
			return nil, err
		}
		if k.Owner.Account == nil {
			return nil, errNoRotation
		}
		made := b.Add(s.rotation(x, p, &k, s.scopes(ctx, k.ID), to))
		first := b.Steps[len(b.Steps)-1]
		first.ID = made
		proof := handover.Prove(first, to, "GET "+s.http.URL(pathModels))
		proof.Params[objects.ParamWhat] = revoke.ActionProve
		if _, err := b.Object(x.ID, p, b.Breaks(x), []string{b.Add(proof)}); err != nil {
			return nil, err
		}
	}
	return b.Steps, nil
}

// rotation is the step that makes the new key.
func (s *Source) rotation(x *inventory.Secret, p string, k *keyShape, scopes string, to revoke.Place) revoke.Step {
	account := path.Dir(path.Dir(p)) + "/service_accounts/" + k.Owner.Account.ID
	step := revoke.Step{
		Action: revoke.ActionRotate, Layer: revoke.LayerCredential, Target: x.ID, TargetName: k.Name,
		Summary: fmt.Sprintf("make a new key for service account %q in place of %q, and hand it to %s", k.Owner.Account.Name, k.Name, to),
		Request: "POST " + s.http.URL(account+"/api_keys"), Residual: "the new key, which is meant to live", Horizon: horizon, Promises: revoke.Attested,
		Params: map[string]string{objects.ParamWhat: revoke.ActionRotate, paramMake: account, paramNew: k.Name + " " + s.env.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	step.Effect = "a key with the scopes of the old one: " + scopes
	if scopes == objects.Unknown {
		step.Effect = "a key with everything that the service account may: the scopes of the old one are not known"
	} else {
		step.Params[paramScopes] = scopes
	}
	if life := k.Expires - k.Created; k.Expires > 0 && life > 0 {
		step.Params[paramLife] = strconv.FormatInt(int64(life), 10)
		step.Effect += "; it ends after " + (time.Duration(life) * time.Second).String()
	}
	to.Put(step.Params)
	return step
}

// applyRotation makes the new key and hands it over. A key that cannot be handed over is deleted again.
func (s *Source) applyRotation(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	place, err := revoke.PlaceOf(step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if k := s.desk.KindOf(step.Params[paramMake]); k == nil || k.Changes[0] != "account-delete" {
		return revoke.Receipt{}, errors.New("this step is not known")
	}
	hand, err := handover.Open(ctx, s.env.Places, place, step.ID)
	if err != nil {
		return revoke.Receipt{}, err
	}
	defer hand.Drop()
	body := map[string]any{"name": step.Params[paramNew]}
	if scopes := step.Params[paramScopes]; scopes != "" && scopes != allScope {
		body["scopes"] = strings.Fields(scopes)
	}
	if life, err := strconv.ParseInt(step.Params[paramLife], 10, 64); err == nil {
		body["expires_in_seconds"] = life
	}
	var made struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	if _, err := s.http.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: http.MethodPost, Path: step.Params[paramMake] + "/api_keys", Body: body, Into: &made, As: s.acting()}); err != nil {
		return revoke.Receipt{}, err
	}
	v := inventory.NewValue(made.Value)
	if made.Value == "" || made.ID == "" {
		return revoke.Receipt{}, errors.New("OpenAI answered without the new key; look at the keys of the service account")
	}
	said, err := s.fresh.Give(ctx, hand, step.ID, v, func(ctx context.Context) error {
		key := httpx.Path(path.Dir(path.Dir(step.Params[paramMake]))+"/api_keys/%s", made.ID)
		_, err := s.http.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: http.MethodDelete, Path: key, As: s.acting(), Idempotent: true})
		return err
	})
	if err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now(), Detail: "OpenAI made the key " + inventory.Clean(made.ID) + ", and " + said}, nil
}

// proveNew tries the new key: as it was made, or read back from its file. An error keeps the old one alive.
func (s *Source) proveNew(ctx context.Context, step revoke.Step) (string, error) {
	value, err := s.fresh.Value(ctx, s.env.Places, step)
	if err != nil {
		return "", err
	}
	if got := s.try(ctx, value); !got.Alive {
		return "", errors.New("the new key is not seen to work: " + got.Detail)
	}
	return "the new key works: OpenAI accepts it (GET " + pathModels + ")", nil
}

// hasNew reports whether the project lists the new key.
func (s *Source) hasNew(ctx context.Context, step revoke.Step) (bool, error) {
	list := path.Dir(path.Dir(step.Params[paramMake])) + "/api_keys?owner_project_access=any&limit=100"
	const most = 1000
	after := ""
	for range most {
		var p struct {
			Data []keyShape `json:"data"`
			More bool       `json:"has_more"`
		}
		if _, err := s.http.Do(ctx, httpx.Request{Path: list + after, Into: &p, As: s.acting()}); err != nil {
			return false, err
		}
		if slices.ContainsFunc(p.Data, func(k keyShape) bool { return k.Name == step.Params[paramNew] }) {
			return true, nil
		}
		if !p.More || len(p.Data) == 0 {
			return false, nil
		}
		after = httpx.Path("&after=%s", p.Data[len(p.Data)-1].ID)
	}
	return false, errors.New("the list of keys does not end")
}

// rotate carries out a step of a rotation; ok is false for any other.
func (s *Source) rotate(ctx context.Context, step revoke.Step) (r revoke.Receipt, ok bool, err error) {
	what := step.Params[objects.ParamWhat]
	if what != revoke.ActionRotate && what != revoke.ActionProve {
		return r, false, nil
	}
	if err := s.may(); err != nil {
		return r, true, err
	}
	if what == revoke.ActionRotate {
		r, err = s.applyRotation(ctx, step)
		return r, true, err
	}
	r.At = s.env.Now()
	r.Detail, err = s.proveNew(ctx, step)
	return r, true, err
}

// verifyRotation looks at a step of a rotation; ok is false for any other.
func (s *Source) verifyRotation(ctx context.Context, step revoke.Step) (p revoke.Proof, ok bool) {
	p = revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	switch step.Params[objects.ParamWhat] {
	case revoke.ActionRotate:
		switch found, err := s.hasNew(ctx, step); {
		case err != nil:
			p.Detail = "it could not be read back: " + inventory.Clean(err.Error())
		case found:
			p.Grade, p.Detail = revoke.Attested, "read back: OpenAI lists the new key"
		default:
			p.Detail = "read back: OpenAI does not list the new key"
		}
	case revoke.ActionProve:
		detail, err := s.proveNew(ctx, step)
		if err != nil {
			p.Detail = inventory.Clean(err.Error())
		} else {
			p.Grade, p.Detail = revoke.Proven, detail
			s.fresh.Drop(step)
		}
	default:
		return p, false
	}
	return p, true
}

// recoverRotation says what became of a step of a rotation; ok is false for any other.
func (s *Source) recoverRotation(ctx context.Context, step revoke.Step) (r revoke.Receipt, state string, ok bool, err error) {
	switch step.Params[objects.ParamWhat] {
	case revoke.ActionProve:
		return r, revoke.StatePlanned, true, nil // it changes nothing
	case revoke.ActionRotate:
	default:
		return r, "", false, nil
	}
	found, err := s.hasNew(ctx, step)
	switch {
	case err != nil:
		return r, revoke.StateUnknown, true, err
	case !found:
		return r, revoke.StatePlanned, true, nil
	}
	if place, err := revoke.PlaceOf(step); err == nil {
		if _, err := handover.Read(ctx, s.env.Places, place); err == nil {
			return revoke.Receipt{At: s.env.Now(), Detail: "found made and handed over after nhitop had been cut off", Already: true}, revoke.StateDone, true, nil
		}
	}
	return r, revoke.StateUnknown, true, nil // there is a key whose value nobody may have
}
