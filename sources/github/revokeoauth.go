package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

const (
	heldByApp = "held-by-app" // value of paramWhat: the owner of an app ends a token in hand that the app was given
	knownTo   = "known to"    // key of Receipt.Seen: the client id of the app that knew the token before
)

// ofApps are the kinds of tokens that an app is given by its user.
var ofApps = []string{"github-oauth", "github-app-user"}

var errNoApp = errors.New("no app of oauth_apps knows this token: another was given it, it is of another GitHub, or it was ended before")

// byApp reports whether the owner of an app can end a credential of that kind here. On github.com its value is enough.
func (s *Source) byApp(kind string) bool {
	return s.server() && len(s.opt.OAuthApps) > 0 && slices.Contains(ofApps, kind)
}

func (o Options) checkOAuth() []error {
	var errs []error
	if len(o.OAuthApps) > 0 && !strings.HasSuffix(strings.TrimRight(o.URL, "/"), "/api/v3") {
		errs = append(errs, errors.New("oauth_apps: take it out; it is for an Enterprise Server, and here a token in hand ends by its value alone"))
	}
	if o.OAuthGrants && len(o.OAuthApps) == 0 {
		errs = append(errs, errors.New("oauth_grants: name the apps in oauth_apps"))
	}
	for i, a := range o.OAuthApps {
		if a.ClientID == "" || strings.ContainsAny(a.ClientID, "/: \t") {
			errs = append(errs, fmt.Errorf("oauth_apps[%d].client_id: the client id of the app, from its settings", i))
		}
		errs = append(errs, a.ClientSecret.Check(fmt.Sprintf("oauth_apps[%d].client_secret", i)))
	}
	return errs
}

func (a OAuthApp) path(call string) string {
	return httpx.Path("/applications/%s/"+call, a.ClientID)
}

// ends is the call that ends a token of the app, or all that the token's user granted it. Source: the OpenAPI document of
// GitHub, API version 2026-03-10 (apps/delete-token, apps/delete-authorization).
func (s *Source) ends(a OAuthApp) string {
	if s.opt.OAuthGrants {
		return a.path("grant")
	}
	return a.path("token")
}

// as shows the server that one is the owner of the app.
func (s *Source) as(a OAuthApp) httpx.Auth {
	return httpx.Basic(a.ClientID, func(ctx context.Context) (inventory.Value, error) {
		return a.ClientSecret.Read(ctx, credref.Lookup{Getenv: s.env.Getenv})
	})
}

func (s *Source) planByApp(held revoke.Held) revoke.Step {
	name := nameOf(held)
	st := revoke.Step{
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: held.ID, TargetName: name, Summary: "end " + name + " at " + s.host + ", as the owner of its app",
		Effect: "the server refuses it from now on; this cannot be taken back", Breaks: "whatever still uses it", Horizon: horizon, Promises: revoke.Proven,
		Residual: "other tokens that its user gave the app, those to refresh with too",
	}
	if s.opt.OAuthGrants {
		st.Summary += ", with all that its user granted the app"
		st.Effect = "the server refuses every token that its user gave the app, until they let the app in again; this cannot be taken back"
		st.Breaks, st.Residual = "whatever its user does through the app", "what other people granted the app; the app's own secret"
	}
	var calls, paths []string
	for _, a := range s.opt.OAuthApps {
		calls = append(calls, "DELETE "+strings.TrimRight(s.opt.URL, "/")+s.ends(a)+` {"access_token":"$SECRET"}`)
		paths = append(paths, s.ends(a))
	}
	st.Request = strings.Join(calls, "\n") + "\n# with the client id and secret of the app as name and password"
	if len(calls) > 1 {
		st.Request += "\n# only the one whose app knows the token"
	}
	st.Params = map[string]string{paramWhat: heldByApp, paramKind: held.Kind, paramApps: strings.Join(paths, " ")}
	return st
}

// check asks an app whether it knows a token: 200 for one of its own that lives, 404 else.
func (s *Source) check(ctx context.Context, a OAuthApp, v inventory.Value) (int, error) {
	c, err := s.client(nil, []string{a.path("token")})
	if err != nil {
		return 0, err
	}
	var got struct {
		App struct {
			ClientID string `json:"client_id"`
		} `json:"app"`
	}
	resp, err := c.Do(ctx, httpx.Request{Method: http.MethodPost, Path: a.path("token"), Body: map[string]any{"access_token": "{secret}"}, Secret: v, As: s.as(a), Into: &got, Idempotent: true})
	if st := httpx.Status(err); st == http.StatusNotFound || st == http.StatusUnprocessableEntity {
		return http.StatusNotFound, nil
	}
	switch {
	case err != nil:
		return 0, err
	case got.App.ClientID != a.ClientID:
		return 0, errors.New("the answer does not name the app")
	}
	return resp.Status, nil
}

// planned are the apps that a step is about and that are still configured.
func (s *Source) planned(step revoke.Step) []OAuthApp {
	paths := strings.Fields(step.Params[paramApps])
	var out []OAuthApp
	for _, a := range s.opt.OAuthApps {
		if slices.Contains(paths, s.ends(a)) {
			out = append(out, a)
		}
	}
	return out
}

// giver finds the app that knows a token. No app is errNoApp; one that could not be asked is its error.
func (s *Source) giver(ctx context.Context, step revoke.Step, v inventory.Value) (OAuthApp, error) {
	var errs []error
	for _, a := range s.planned(step) {
		st, err := s.check(ctx, a, v)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("oauth_apps, client_id %s: %w", inventory.Clean(a.ClientID), err))
		case st == http.StatusOK:
			return a, nil
		}
	}
	if len(errs) > 0 {
		return OAuthApp{}, errors.Join(errs...)
	}
	return OAuthApp{}, errNoApp
}

// applyByApp ends a token that one of the apps knows. That none knows it is no success: it may live elsewhere.
func (s *Source) applyByApp(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	held, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	a, err := s.giver(ctx, step, held.Value)
	if err != nil { // nothing but questions was sent
		return revoke.Receipt{}, errors.Join(err, revoke.ErrUntouched)
	}
	rec := revoke.Receipt{Seen: map[string]string{knownTo: a.ClientID}}
	if got, err := s.probe(ctx, step.Params[paramKind], held.Value); err == nil && got.status == http.StatusOK {
		rec.Seen[revoke.SeenBefore] = revoke.SeenAccepted
	}
	c, err := s.open()
	if err != nil {
		return revoke.Receipt{}, err
	}
	path := s.ends(a)
	resp, err := c.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: http.MethodDelete, Path: path, Body: map[string]any{"access_token": "{secret}"}, Secret: held.Value, As: s.as(a), Idempotent: true})
	rec.At = s.env.Now().UTC().Round(time.Millisecond)
	switch st := httpx.Status(err); {
	case st == http.StatusNotFound || st == http.StatusUnprocessableEntity: // the app knew it a moment ago: an attempt whose answer was lost has done it
		rec.Detail = "gone when asked again"
	case err != nil:
		return revoke.Receipt{}, err
	default:
		rec.Detail = fmt.Sprintf("DELETE %s: %d", path, resp.Status)
	}
	return rec, nil
}

// verifyByApp wants both: the server refuses the token, and the app that knew it, whose own credential is the control, knows
// it no more.
func (s *Source) verifyByApp(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	held, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return p, revoke.ErrNotHeld
	}
	got, err := s.probe(ctx, step.Params[paramKind], held.Value)
	if err != nil {
		return p, err
	}
	if got.status == http.StatusOK {
		p.Grade, p.Detail = revoke.Alive, got.text+": it is still accepted"
		return p, nil
	}
	p.Detail = got.text + ": that says neither that it lives nor that it is dead"
	apps := s.planned(step)
	i := slices.IndexFunc(apps, func(a OAuthApp) bool { return a.ClientID == rec.Seen[knownTo] })
	if got.status != http.StatusUnauthorized || i < 0 {
		return p, nil
	}
	switch st, err := s.check(ctx, apps[i], held.Value); {
	case err != nil:
		p.Detail = got.text + ", and its app could not be asked: " + said(err)
	case st == http.StatusOK:
		p.Grade, p.Detail = revoke.Alive, got.text+", but its app still knows it"
	default:
		p.Grade, p.Detail = revoke.Proven, got.text+fmt.Sprintf("; the control POST %s, by the app that knew it before: %d", apps[i].path("token"), st)
	}
	return p, nil
}

// recoverByApp can tell only that the token lives: that no app knows it says nothing where none was seen to.
func (s *Source) recoverByApp(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	held, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.Receipt{}, "", revoke.ErrNotHeld
	}
	switch _, err := s.giver(ctx, step, held.Value); {
	case err == nil:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case errors.Is(err, errNoApp):
		return revoke.Receipt{}, revoke.StateUnknown, nil
	default:
		return revoke.Receipt{}, revoke.StateUnknown, err
	}
}
