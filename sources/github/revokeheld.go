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
	"nhitop/sources/internal/httpx"
)

const heldSelf = "held" // value of paramWhat: the credential in hand ends itself

// endable are the kinds that POST /credentials/revoke takes (github.com only; OpenAPI document, 2026-03-10).
var endable = []string{"github-pat-classic", "github-pat-fine-grained", "github-oauth", "github-app-user", "github-refresh-token", "github-token"}

const installationToken = "github-app-installation"

// takes reports whether a credential of that kind can end itself here.
func (s *Source) takes(kind string) bool {
	return kind == installationToken || slices.Contains(endable, kind) && !s.server()
}

// open is a client that adds no credential of its own.
func (s *Source) open() (*httpx.Client, error) { return s.client(nil, nil) }

// PlanHeld implements revoke.HeldRevoker. It asks nothing.
func (s *Source) PlanHeld(_ context.Context, held revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	switch {
	case s.elsewhere(held, snap):
		return nil, nil
	case s.byApp(held.Kind):
		return []revoke.Step{s.planByApp(held)}, nil
	case !s.takes(held.Kind):
		return nil, nil
	}
	name := nameOf(held)
	st := revoke.Step{
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: held.ID, TargetName: name, Summary: "end " + name + " at " + s.host + ", by itself",
		Request: "POST " + strings.TrimRight(s.opt.URL, "/") + `/credentials/revoke {"credentials":["$SECRET"]}` + "\n# without a credential: with one GitHub answers 403",
		Effect:  "GitHub refuses it from now on, everywhere; this cannot be taken back", Tells: mailsOwner, Breaks: "whatever still uses it", Horizon: 2 * horizon,
		Promises: revoke.Proven, Params: map[string]string{paramWhat: heldSelf, paramKind: held.Kind},
	}
	if s.issued(held, snap) {
		st.Params[paramIssued] = "yes"
	}
	switch held.Kind {
	case installationToken:
		st.Request = "DELETE " + strings.TrimRight(s.opt.URL, "/") + "/installation/token\n# with the token itself"
		st.Effect, st.Tells = "GitHub refuses it from now on", ""
		st.Residual = "the app's private key, which makes new tokens"
	case "github-refresh-token":
		st.Promises = revoke.Accepted // nothing can be asked with it
	}
	return []revoke.Step{st}, nil
}

// nameOf is what a credential in hand is called.
func nameOf(held revoke.Held) string {
	if hint := held.Value.Hint(); hint != "" {
		return held.Kind + " …" + hint
	}
	return held.Kind
}

// issued reports whether this GitHub itself lists the credential, as a grant or an authorisation. An alert about a text that
// looks like one is no such list.
func (s *Source) issued(held revoke.Held, snap *inventory.Snapshot) bool {
	if snap == nil || snap.Secret(held.ID) == nil {
		return false
	}
	return slices.ContainsFunc(snap.Secret(held.ID).Locations, func(l inventory.Location) bool {
		return l.Scope == inventory.ScopeProvider && s.below(l.Path) != "" && !strings.Contains(l.Path, "/secret-scanning/")
	})
}

// elsewhere reports whether the inventory places a credential at another GitHub, and not at this one.
func (s *Source) elsewhere(held revoke.Held, snap *inventory.Snapshot) bool {
	if snap == nil {
		return false
	}
	x := snap.Secret(held.ID)
	if x == nil {
		return false
	}
	other := false
	for _, l := range x.Locations {
		switch {
		case l.Scope != inventory.ScopeProvider:
		case s.below(l.Path) != "":
			return false
		case strings.HasPrefix(l.Path, Cloud+"/"), strings.Contains(l.Path, "/api/v3/"):
			other = true
		}
	}
	return other
}

// answer is what GitHub says of a token.
type answer struct {
	status  int
	text    string
	account string
	scopes  []string
}

// probe shows a token to GitHub by a call that changes nothing.
func (s *Source) probe(ctx context.Context, kind string, v inventory.Value) (answer, error) {
	c, err := s.open()
	if err != nil {
		return answer{}, err
	}
	path := "/user"
	if kind == installationToken {
		path = "/installation/repositories"
	}
	var me struct {
		Login string `json:"login"`
	}
	resp, err := c.Do(ctx, httpx.Request{Path: path, Into: &me, As: httpx.Bearer(httpx.Held(v))})
	a := answer{status: httpx.Status(err)}
	if a.status == 0 && err != nil {
		return a, err
	}
	if err == nil {
		a.status, a.account = resp.Status, me.Login
		a.scopes = strings.FieldsFunc(resp.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	}
	a.text = fmt.Sprintf("GET %s with it: %d", path, a.status)
	return a, nil
}

// up is the control: GitHub answers somebody who shows nothing.
func (s *Source) up(ctx context.Context) (bool, string) {
	c, err := s.open()
	if err != nil {
		return false, ""
	}
	var any1 any
	resp, err := c.Do(ctx, httpx.Request{Path: "/meta", Into: &any1, Anonymous: true})
	if err != nil {
		return false, "the control GET /meta had no answer"
	}
	return true, fmt.Sprintf("the control GET /meta without it: %d", resp.Status)
}

// Ask implements revoke.HeldRevoker.
func (s *Source) Ask(ctx context.Context, held revoke.Held) (*revoke.Answer, error) {
	if !s.takes(held.Kind) && !s.byApp(held.Kind) || held.Kind == "github-refresh-token" {
		return nil, nil
	}
	got, err := s.probe(ctx, held.Kind, held.Value)
	if err != nil {
		return nil, err
	}
	a := &revoke.Answer{State: inventory.StateUnknown, Account: inventory.Clean(got.account), Detail: "GitHub: " + got.text}
	for _, w := range got.scopes {
		a.Scopes = append(a.Scopes, inventory.Clean(w))
	}
	switch got.status {
	case http.StatusOK:
		a.State = inventory.StateLive
	case http.StatusForbidden: // neither: an address list, single sign-on, a limit
	case http.StatusUnauthorized:
		a.Detail += ": revoked, expired, of another GitHub, or with a wrong letter; its value does not tell"
	}
	return a, nil
}

func (s *Source) applyHeld(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	held, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	kind := step.Params[paramKind]
	rec := revoke.Receipt{}
	if kind != "github-refresh-token" {
		switch got, err := s.probe(ctx, kind, held.Value); {
		case err != nil: // the kill is tried all the same: time counts
		case got.status == http.StatusOK:
			rec.Seen = map[string]string{revoke.SeenBefore: revoke.SeenAccepted}
			if err := revoke.SawAccepted(ctx); err != nil {
				return revoke.Receipt{}, errors.Join(err, revoke.ErrUntouched)
			}
		case got.status == http.StatusUnauthorized:
			return revoke.Receipt{At: s.env.Now().UTC(), Already: true, Detail: "it was refused before anything was done: " + got.text}, nil
		}
	}
	c, err := s.open()
	if err != nil {
		return revoke.Receipt{}, err
	}
	q := httpx.Request{Method: http.MethodPost, Path: "/credentials/revoke", Body: map[string]any{"credentials": []string{"{secret}"}}, Secret: held.Value, Anonymous: true, Idempotent: true}
	if kind == installationToken {
		q = httpx.Request{Method: http.MethodDelete, Path: "/installation/token", As: httpx.Bearer(httpx.Held(held.Value))}
	}
	resp, err := c.Do(httpx.Armed(ctx, step.ID), q)
	if err != nil {
		return revoke.Receipt{}, err
	}
	rec.At, rec.Detail = s.env.Now().UTC().Round(time.Millisecond), fmt.Sprintf("%s %s: %d", q.Method, q.Path, resp.Status)
	return rec, nil
}

func (s *Source) verifyHeld(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	held, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return p, revoke.ErrNotHeld
	}
	if step.Params[paramKind] == "github-refresh-token" {
		p.Grade, p.Detail = revoke.Accepted, "GitHub took the request, as it takes any; nothing can be asked with a refresh token"
		return p, nil
	}
	got, err := s.probe(ctx, step.Params[paramKind], held.Value)
	if err != nil {
		return p, err
	}
	switch got.status {
	case http.StatusOK:
		p.Grade, p.Detail = revoke.Alive, got.text+": it is still accepted"
	case http.StatusUnauthorized:
		switch ok, control := s.up(ctx); {
		case !ok:
			p.Detail = got.text + ", and nothing shows that GitHub is up; " + control
		case !rec.Accepted() && step.Params[paramIssued] == "":
			return p, fmt.Errorf("%s; %s; %w", got.text, control, revoke.ErrNeverAccepted)
		default:
			p.Grade, p.Detail = revoke.Proven, got.text+"; "+control
		}
	default:
		p.Detail = got.text + ": that says neither that it lives nor that it is dead"
	}
	return p, nil
}

func (s *Source) recoverHeld(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	held, ok := revoke.HeldFor(ctx, step.Target)
	switch {
	case !ok:
		return revoke.Receipt{}, "", revoke.ErrNotHeld
	case step.Params[paramKind] == "github-refresh-token":
		return revoke.Receipt{}, revoke.StatePlanned, nil // asking twice is the same as once
	}
	got, err := s.probe(ctx, step.Params[paramKind], held.Value)
	switch {
	case err != nil:
		return revoke.Receipt{}, "", errors.New("GitHub could not be asked")
	case got.status == http.StatusOK:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case got.status == http.StatusUnauthorized:
		return revoke.Receipt{At: s.env.Now().UTC(), Already: true, Detail: "found refused: " + got.text}, revoke.StateDone, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
