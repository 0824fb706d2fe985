package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

var _ revoke.Rotator = (*Source)(nil)

// What a step of a rotation is, under paramWhat.
const (
	rotates = "rotate"
	proves  = "prove"
)

const paramExpires = "expires" // the day on which the new token ends; "": GitLab's own choice

// rotatable are the tokens that GitLab rotates: POST .../rotate of the REST API pages of personal, project and group access
// tokens and of service accounts (2026-11). The lists of the credentials inventory have no such call.
var rotatable = regexp.MustCompile(`^/(?:personal_access_tokens|(?:groups|projects)/\d+/(?:service_accounts/\d+/personal_access_tokens|access_tokens))/\d+$`)

var errNoRotation = fmt.Errorf("%w: GitLab rotates access tokens that nhitop's credential may see; make another one where this was made, then revoke it", revoke.ErrNothing)

// PlanRotate implements revoke.Rotator. GitLab makes the new token and ends the old one in one call, in the same account; the
// plan says so, for between that and the handing over nothing has a token.
func (s *Source) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	x := snap.Secret(id)
	if x == nil {
		return nil, nil
	}
	b := &planning{Source: s, ctx: ctx, snap: snap, want: revoke.ActionRotate}
	paths := b.paths(x)
	for _, p := range paths {
		if !rotatable.MatchString(p) {
			continue
		}
		st, err := s.stand(ctx, p)
		switch {
		case err != nil && hidden(err):
			continue // another list may show it
		case err != nil:
			return nil, err
		case st.Revoked:
			return nil, fmt.Errorf("%w: the token is revoked already, and to rotate a revoked one ends its successors", revoke.ErrNothing)
		}
		made := s.rotation(b, x, p, st, to)
		made.ID = b.add(made)
		proof := handover.Prove(made, to, "GET "+s.http.URL(selfPath))
		proof.Source, proof.Params[paramWhat], proof.Params[paramPath] = s.name, proves, p
		b.add(proof)
		return b.steps, nil
	}
	if len(paths) > 0 {
		return nil, errNoRotation
	}
	return nil, nil
}

// rotation is the step that makes the new token.
func (s *Source) rotation(b *planning, x *inventory.Secret, p string, st *standing, to revoke.Place) revoke.Step {
	step := revoke.Step{
		Source: s.name, Action: revoke.ActionRotate, Layer: revoke.LayerCredential, Target: x.ID, TargetName: inventory.Clean(secretName(x, st)),
		Summary: fmt.Sprintf("rotate the %s %q at %s, and hand the new one to %s", kindOf(p).name, st.called(), b.host(), to),
		Effect:  "GitLab makes the new one and ends the old one in the same moment: the place is tried before; if it takes nothing all the same, the new one is revoked too",
		Breaks:  b.breaks(x), Residual: "the new token, which is meant to live" + revoke.Also + jobsRunOn, Horizon: horizon, Promises: revoke.Attested,
		Params: map[string]string{paramPath: p, paramWhat: rotates, paramName: st.called()},
	}
	body := ""
	switch life := x.Expires.Sub(x.Created); {
	case x.Expires.IsZero() || x.Created.IsZero() || life <= 0:
		step.Effect += ". How long the old one lives is not known: GitLab gives the new one a week"
	default:
		const day = 24 * time.Hour
		step.Params[paramExpires] = s.env.Now().UTC().Add(max(life.Round(day), day)).Format(time.DateOnly)
		body = ` {"expires_at":"` + step.Params[paramExpires] + `"}`
		step.Effect += ". The new one ends on " + step.Params[paramExpires]
	}
	step.Request = "POST " + s.http.URL(p+"/rotate") + body
	to.Put(step.Params)
	return step
}

// applyRotation makes the new token and hands it over. It is asked for once: asked for a revoked token GitLab ends the whole
// family.
func (s *Source) applyRotation(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	place, err := revoke.PlaceOf(step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	p := step.Params[paramPath]
	if !rotatable.MatchString(p) {
		return revoke.Receipt{}, errors.New("this step is not known")
	}
	st, err := s.stand(ctx, p)
	switch {
	case errors.Is(err, errGone):
		return revoke.Receipt{}, fmt.Errorf("not found (%w): %w", errGone, revoke.ErrChanged)
	case err != nil:
		return revoke.Receipt{}, err
	case st.Revoked, st.called() != step.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	hand, err := handover.Open(ctx, s.env.Places, place, step.ID)
	if err != nil {
		return revoke.Receipt{}, fmt.Errorf("%w: %w", revoke.ErrChanged, err)
	}
	defer hand.Drop()
	var made struct {
		ID    int    `json:"id"`
		Token string `json:"token"`
	}
	req := httpx.Request{Method: http.MethodPost, Path: p + "/rotate", Into: &made, As: s.withRevoke()}
	if day := step.Params[paramExpires]; day != "" {
		req.Body = map[string]any{"expires_at": day}
	}
	if _, err := s.http.Do(httpx.Armed(ctx, step.ID), req); err != nil {
		return revoke.Receipt{}, err
	}
	if made.Token == "" || made.ID == 0 {
		return revoke.Receipt{}, errors.New("GitLab answered without the new token; look at the tokens of the account")
	}
	next := path.Dir(p) + "/" + number(made.ID)
	said, err := s.fresh.Give(ctx, hand, step.ID, inventory.NewValue(made.Token), func(ctx context.Context) error {
		_, err := s.act(ctx, step, http.MethodDelete, next, nil)
		return err
	})
	if err != nil {
		return revoke.Receipt{}, fmt.Errorf("%w. The old one had ended with the rotation: make a new one by hand", err)
	}
	return revoke.Receipt{At: s.env.Now(), Detail: fmt.Sprintf("GitLab made token %d, and %s", made.ID, said)}, nil
}

// proveNew tries the new token.
func (s *Source) proveNew(ctx context.Context, step revoke.Step) (string, error) {
	v, err := s.fresh.Value(ctx, s.env.Places, step)
	if err != nil {
		return "", err
	}
	if got := s.probe(ctx, v); !got.alive {
		return "", errors.New("the new token is not seen to work: " + got.detail)
	}
	return "the new token works: GitLab accepts it (GET " + selfPath + ")", nil
}

// verifyRotation looks whether the old one has ended, or whether the new one works.
func (s *Source) verifyRotation(ctx context.Context, step revoke.Step, p *revoke.Proof) {
	if step.Params[paramWhat] == rotates {
		s.verifyEnd(ctx, step, p)
		p.Detail = strings.Replace(p.Detail, "read back:", "the old one, read back:", 1)
		return
	}
	detail, err := s.proveNew(ctx, step)
	if err != nil {
		p.Detail = clean(err)
		return
	}
	p.Grade, p.Detail = revoke.Proven, detail
	s.fresh.Drop(step)
}

// recoverRotation says what became of a rotation that was cut off: while the old one stands, none was made; else it is known
// only where the file has the new one.
func (s *Source) recoverRotation(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	st, err := s.stand(ctx, step.Params[paramPath])
	switch {
	case err != nil && !errors.Is(err, errGone):
		return revoke.Receipt{}, revoke.StateUnknown, err
	case err == nil && !st.Revoked:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	if place, err := revoke.PlaceOf(step); err == nil {
		if v, err := handover.Read(ctx, s.env.Places, place); err == nil && s.probe(ctx, v).alive {
			return revoke.Receipt{At: s.env.Now(), Detail: "found rotated and handed over after nhitop had been cut off", Already: true}, revoke.StateDone, nil
		}
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil // there may be a token whose value nobody has
}
