package gitlab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Ways to end a credential by itself.
const (
	heldSelf  = "self"  // an access token ends itself, whatever its scopes (GitLab 15.4 or newer)
	heldAdmin = "admin" // an administrator ends any token by its value (self-managed, GitLab 17.10 or newer)
)

const identifyPath = "/admin/token"

// byValue are the kinds that an administrator can end by their value. Source: GitLab's token information API, 2026-11.
var byValue = map[string]string{
	"gitlab-deploy-token": "revoked", "gitlab-trigger-token": "revoked", "gitlab-agent-token": "revoked", "gitlab-feed-token": "reset", "gitlab-mail-token": "reset",
	"gitlab-runner-token": "reset", "gitlab-oauth-app-secret": "reset", "gitlab-feature-flag-token": "reset",
}

// ofHere reports whether a credential in hand may be of this GitLab: it is GitLab's, and nothing says that it is of
// another instance. The value does not tell.
func (s *Source) ofHere(h revoke.Held, snap *inventory.Snapshot) bool {
	if h.Issuer != Kind && !strings.HasPrefix(h.Kind, "gitlab-") {
		return false
	}
	if snap == nil {
		return true
	}
	if x := snap.Secret(h.ID); x != nil {
		elsewhere := slices.ContainsFunc(x.Locations, func(l inventory.Location) bool {
			return l.Scope == inventory.ScopeProvider && strings.Contains(l.Path, "/api/v4/") && s.below(l.Path) == ""
		})
		return !elsewhere || len(x.Locations) == 0 || slices.ContainsFunc(x.Locations, func(l inventory.Location) bool { return s.below(l.Path) != "" })
	}
	return true
}

// issued reports whether this GitLab itself lists the credential.
func (s *Source) issued(h revoke.Held, snap *inventory.Snapshot) bool {
	if snap == nil || snap.Secret(h.ID) == nil {
		return false
	}
	return slices.ContainsFunc(snap.Secret(h.ID).Locations, func(l inventory.Location) bool { return l.Scope == inventory.ScopeProvider && s.below(l.Path) != "" })
}

// PlanHeld implements revoke.HeldRevoker.
func (s *Source) PlanHeld(_ context.Context, h revoke.Held, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if !s.ofHere(h, snap) {
		return nil, nil
	}
	step := revoke.Step{
		Source: s.name, Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: h.ID, TargetName: inventory.Clean(h.Kind), Horizon: horizon,
		Effect: "GitLab refuses it from now on; this cannot be taken back. The value is sent to " + s.host() + " and nowhere else",
	}
	switch did := byValue[h.Kind]; {
	case h.Kind == "gitlab-pat":
		step.Summary, step.Request = "let the access token revoke itself at "+s.host(), "DELETE "+s.http.URL(selfPath)+"\n# with the token itself"
		step.Tells = mailsOwner
		step.Residual, step.Promises, step.Params = leftOfToken, revoke.Proven, map[string]string{paramWhat: heldSelf, paramPath: selfPath}
	case did != "":
		step.Summary, step.Request = "end the "+h.Kind+" by its value at "+s.host(), "DELETE "+s.http.URL(identifyPath)+` {"token":"$SECRET"}`
		step.Effect = "it is " + did + "; this needs an administrator's token and GitLab 17.10 or newer, self-managed. " + step.Effect
		step.Residual, step.Promises, step.Params = "what was done with it", revoke.Attested, map[string]string{paramWhat: heldAdmin, paramPath: identifyPath}
	default:
		return nil, nil
	}
	step.Ends = revoke.Endings(step.Residual, endings)
	if step.Params[paramWhat] == heldSelf && s.issued(h, snap) {
		step.Params[paramIssued] = "yes"
	}
	sum := sha256.Sum256([]byte(s.name + "\x00" + step.Params[paramWhat] + "\x00" + string(h.ID)))
	step.ID = hex.EncodeToString(sum[:8])
	return []revoke.Step{step}, nil
}

// probed is what trying a token came to.
type probed struct {
	alive, dead, blocked bool
	ended                bool // dead, and GitLab says that it was one of its own
	token                *tokenShape
	detail               string
}

func (p probed) sure() bool { return p.alive || p.dead }

func (p probed) grade() revoke.Grade {
	if p.alive {
		return revoke.Alive
	}
	return revoke.Proven
}

// probe tries an access token by a call that changes nothing: GET /personal_access_tokens/self, which every scope may. A 401
// is the end of it where a control call with another credential is answered; a 403 for lack of scope is a sign of life.
func (s *Source) probe(ctx context.Context, v inventory.Value) probed {
	t := &tokenShape{}
	_, err := s.http.Do(ctx, httpx.Request{Path: selfPath, Into: t, As: httpx.Header("PRIVATE-TOKEN", "", httpx.Held(v))})
	var se *httpx.StatusError
	switch {
	case err == nil:
		return probed{alive: true, token: t, detail: "tried: GitLab accepts it"}
	case !errors.As(err, &se):
		return probed{detail: "tried, without an answer: " + clean(err)}
	case se.Status == http.StatusUnauthorized && s.control(ctx):
		return probed{dead: true, ended: strings.Contains(se.Message, "expired") || strings.Contains(se.Message, "revoked"), detail: "tried: GitLab refuses it with 401 (" + orText(se.Message, "no reason is given") + "), and accepts another token"}
	case se.Status == http.StatusUnauthorized:
		return probed{detail: "tried: GitLab refuses it with 401, but the control with another token was not accepted either"}
	case se.Status == http.StatusForbidden && strings.Contains(se.Message, "higher privileges"):
		return probed{alive: true, detail: "tried: GitLab knows it, and only misses a scope (403 insufficient_scope)"}
	case se.Status == http.StatusForbidden && strings.Contains(se.Message, "blocked"):
		return probed{blocked: true, detail: "tried: GitLab refuses it because its account is blocked; it works again when that ends"}
	}
	return probed{detail: fmt.Sprintf("tried: GitLab answers %d, which proves nothing", se.Status)}
}

// Ask implements revoke.HeldRevoker.
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	if !s.ofHere(h, nil) {
		return nil, nil
	}
	a := &revoke.Answer{Source: s.name, State: inventory.StateUnknown}
	if h.Kind != "gitlab-pat" {
		return s.askAdmin(ctx, h, a)
	}
	got := s.probe(ctx, h.Value)
	a.Detail = "GET " + s.http.URL(selfPath) + ": " + got.detail
	switch {
	case got.alive:
		a.State = inventory.StateLive
	case got.blocked:
		a.State = inventory.StateDisabled
	case got.dead && strings.Contains(got.detail, "expired"):
		a.State = inventory.StateExpired
	case got.dead && strings.Contains(got.detail, "revoked"):
		a.State = inventory.StateRevoked
	case got.dead:
		a.Detail += "; it is of another instance, or was deleted"
	}
	if !got.alive {
		return a, nil
	}
	if got.token != nil {
		a.Scopes = got.token.Scopes
	}
	as := httpx.Header("PRIVATE-TOKEN", "", httpx.Held(h.Value))
	var me userShape
	if _, err := s.http.Do(ctx, httpx.Request{Path: "/user", Into: &me, As: as}); err == nil {
		a.Account = inventory.Clean(me.Username)
	}
	a.Reaches = s.associations(ctx, as)
	return a, nil
}

// associations are the groups and projects that a token reaches, the first hundred of each.
func (s *Source) associations(ctx context.Context, as httpx.Auth) []string {
	var got struct {
		Groups []struct {
			WebURL string `json:"web_url"`
		} `json:"groups"`
		Projects []struct {
			Path string `json:"path_with_namespace"`
		} `json:"projects"`
	}
	q := url.Values{"min_access_level": {number(reporter)}, "per_page": {number(pageSize)}}
	if _, err := s.http.Do(ctx, httpx.Request{Path: selfPath + "/associations", Query: q, Into: &got, As: as}); err != nil {
		return nil
	}
	var out []string
	for _, g := range got.Groups {
		if _, path, ok := strings.Cut(g.WebURL, "/groups/"); ok {
			out = append(out, inventory.Clean("group "+s.host()+"/"+path))
		}
	}
	for _, p := range got.Projects {
		out = append(out, inventory.Clean(s.host()+"/"+p.Path))
	}
	return out
}

// askAdmin asks by the value, which only an administrator may.
func (s *Source) askAdmin(ctx context.Context, h revoke.Held, a *revoke.Answer) (*revoke.Answer, error) {
	if byValue[h.Kind] == "" {
		return nil, nil
	}
	state, detail := s.identify(ctx, h)
	a.State, a.Detail = state, "POST "+s.http.URL(identifyPath)+": "+detail
	return a, nil
}

// identify asks what a value is: a POST that only reads.
func (s *Source) identify(ctx context.Context, h revoke.Held) (state, detail string) {
	var x standing
	_, err := s.http.Do(ctx, httpx.Request{Method: http.MethodPost, Path: identifyPath, Body: map[string]string{"token": "{secret}"}, Secret: h.Value, Into: &x, As: s.withRevoke()})
	var se *httpx.StatusError
	switch {
	case err == nil && x.Revoked:
		return inventory.StateRevoked, "GitLab says that it is revoked"
	case err == nil:
		return inventory.StateLive, "GitLab knows it"
	case errors.As(err, &se) && se.Status == http.StatusNotFound && se.Message == "":
		return inventory.StateUnknown, "GitLab knows no such token, or does not have this call"
	case errors.As(err, &se):
		return inventory.StateUnknown, fmt.Sprintf("GitLab answers %d", se.Status)
	}
	return inventory.StateUnknown, clean(err)
}

func (s *Source) applyHeld(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	h, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	armed := httpx.Armed(ctx, step.ID)
	if step.Params[paramWhat] == heldAdmin {
		state, detail := s.identify(ctx, h)
		switch state {
		case inventory.StateRevoked:
			return revoke.Receipt{At: s.env.Now(), Detail: "it was revoked already", Already: true}, nil
		case inventory.StateUnknown:
			return revoke.Receipt{}, errors.New("nothing is changed: " + detail)
		}
		_, err := s.http.Do(armed, httpx.Request{Method: http.MethodDelete, Path: identifyPath, Body: map[string]string{"token": "{secret}"}, Secret: h.Value, As: s.withRevoke(), Idempotent: true})
		if err != nil {
			return revoke.Receipt{}, err
		}
		return revoke.Receipt{At: s.env.Now(), Detail: "GitLab answered 204", Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}, nil
	}
	got := s.probe(ctx, h.Value)
	switch {
	case got.dead:
		return revoke.Receipt{At: s.env.Now(), Detail: "it was refused already: " + got.detail, Already: true}, nil
	case !got.alive && !got.blocked:
		return revoke.Receipt{}, errors.New("nothing is changed: " + got.detail)
	case got.blocked:
		return revoke.Receipt{}, errors.New("its account is blocked, so that it cannot revoke itself; an administrator can")
	}
	if err := revoke.SawAccepted(ctx); err != nil {
		return revoke.Receipt{}, errors.Join(err, revoke.ErrUntouched)
	}
	_, err := s.http.Do(armed, httpx.Request{Method: http.MethodDelete, Path: selfPath, As: httpx.Header("PRIVATE-TOKEN", "", httpx.Held(h.Value)), Idempotent: true})
	if httpx.Status(err) == http.StatusUnauthorized { // it was accepted a moment ago: an attempt whose answer was lost has done it
		return revoke.Receipt{At: s.env.Now(), Detail: "refused when asked again", Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}, nil
	}
	if err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now(), Detail: "GitLab answered 204", Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}, nil
}

func (s *Source) verifyHeld(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	h, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return p, revoke.ErrNotHeld
	}
	if step.Params[paramWhat] == heldAdmin {
		state, detail := s.identify(ctx, h)
		p.Detail = "asked again: " + detail
		switch state {
		case inventory.StateRevoked:
			p.Grade = revoke.Attested
		case inventory.StateLive:
			p.Grade = revoke.Alive
		default:
			p.Grade, p.Detail = s.goneByValue(ctx, p.Detail)
		}
		return p, nil
	}
	got := s.probe(ctx, h.Value)
	p.Detail = got.detail
	if got.dead && !got.ended && !rec.Accepted() && step.Params[paramIssued] == "" {
		return p, fmt.Errorf("%s; %w", got.detail, revoke.ErrNeverAccepted)
	}
	if got.sure() {
		p.Grade = got.grade()
	}
	return p, nil
}

// goneByValue takes "not known" for an answer only where the call itself is there: a value that cannot exist is not known
// either, with the same words, and one of no kind at all is refused as such (422).
func (s *Source) goneByValue(ctx context.Context, detail string) (revoke.Grade, string) {
	_, err := s.http.Do(ctx, httpx.Request{Method: http.MethodPost, Path: identifyPath, Body: map[string]string{"token": "control"}, As: s.withRevoke()})
	if httpx.Status(err) == http.StatusUnprocessableEntity {
		return revoke.Attested, detail + "; the control shows that the call is there"
	}
	return revoke.Unproven, detail
}

func (s *Source) recoverHeld(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	h, ok := revoke.HeldFor(ctx, step.Target)
	if !ok {
		return revoke.Receipt{}, revoke.StateUnknown, revoke.ErrNotHeld
	}
	found := revoke.Receipt{At: s.env.Now(), Detail: "found refused after nhitop had been cut off", Already: true}
	if step.Params[paramWhat] == heldAdmin {
		switch state, _ := s.identify(ctx, h); state {
		case inventory.StateRevoked:
			return found, revoke.StateDone, nil
		case inventory.StateLive:
			return revoke.Receipt{}, revoke.StatePlanned, nil
		}
		return revoke.Receipt{}, revoke.StateUnknown, nil
	}
	got := s.probe(ctx, h.Value)
	switch {
	case got.dead:
		return found, revoke.StateDone, nil
	case got.alive:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
