package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Keys of [revoke.Step.Params] of steps about all that a person has here.
const (
	paramWho = "who" // login
	paramOf  = "of"  // the type of credential, or the numbers of grants
	paramOrg = "org" // login of the organisation whose lists show what is left
)

// mostGrants is how many grants one call takes (OpenAPI document, 2026-03-10).
const mostGrants = 100

// sweep is a call that ends several credentials of a person at once. GitHub queues the work and answers 202.
type sweep struct {
	layer    revoke.Layer
	promises revoke.Grade
	effect   string
	residual string
	request  func(s *Source, who, of string) request
	left     func(ctx context.Context, s *Source, h *hands, who, of string) (int, error) // how many are still listed
}

// sweeps are the values of paramWhat about a person. Source: the OpenAPI document of GitHub, API version 2026-03-10.
var sweeps = map[string]*sweep{
	"person-all": {layer: revoke.LayerGrant, promises: revoke.Attested, left: authorizationsLeft,
		effect:   "no token or key of theirs reaches anything of the organisation any more, until they authorise it again; this cannot be taken back",
		residual: "the credentials themselves: other organisations, their own repositories, what is public" + revoke.Also + "they can authorise them again",
		request: func(s *Source, who, _ string) request {
			return request{method: "POST", path: httpx.Path("/orgs/%s/credential-authorizations/%s/revoke", s.opt.Org, who)}
		}},
	"person-type": {layer: revoke.LayerGrant, promises: revoke.Attested, left: authorizationsLeft,
		effect:   "no credential of that type of theirs reaches anything of the organisation any more, until they authorise it again; this cannot be taken back",
		residual: "the credentials themselves: other organisations, their own repositories, what is public" + revoke.Also + "they can authorise them again",
		request: func(s *Source, who, of string) request {
			return request{method: "POST", path: httpx.Path("/orgs/%s/credential-authorizations/%s/revoke-credential-type", s.opt.Org, who), body: map[string]any{"credential_type": of}}
		}},
	"org-all": {layer: revoke.LayerGrant, promises: revoke.Attested, left: authorizationsLeft,
		effect:   "no token or key of anybody reaches anything of the organisation any more, until they authorise it again; this cannot be taken back",
		residual: "the credentials themselves, which their owners can authorise again" + revoke.Also + "fine-grained tokens, deploy keys and installed apps, which single sign-on does not hold",
		request: func(s *Source, _, _ string) request {
			return request{method: "POST", path: httpx.Path("/orgs/%s/credential-authorizations/revoke-all", s.opt.Org)}
		}},
	// That the credentials are destroyed GitHub shows nobody: it lists what they were authorised for.
	"person-destroy": {layer: revoke.LayerCredential, promises: revoke.Accepted, left: authorizationsLeft,
		effect:   "every personal access token and SSH key of theirs is destroyed, and every authorisation taken, in all organisations of the enterprise; this cannot be taken back",
		residual: "tokens of OAuth apps, which lose their authorisations alone" + revoke.Also + "deploy keys and apps" + revoke.Also + "their account, which can make new ones",
		request: func(s *Source, who, _ string) request {
			return request{method: "POST", path: httpx.Path("/enterprises/%s/credential-authorizations/%s/revoke", s.opt.Enterprise, who), body: map[string]any{"revoke_credentials": true}}
		}},
	"person-grants": {layer: revoke.LayerGrant, promises: revoke.Attested, left: grantsLeft,
		effect:   "the tokens reach nothing of the organisation any more, until their owner asks and is let in again; this cannot be taken back",
		residual: "the tokens themselves: other organisations, their owner's own repositories, what is public",
		request: func(s *Source, _, of string) request {
			var ids []int64
			for n := range strings.SplitSeq(of, ",") {
				if id, err := strconv.ParseInt(n, 10, 64); err == nil {
					ids = append(ids, id)
				}
			}
			return request{method: "POST", path: httpx.Path("/orgs/%s/personal-access-tokens", s.opt.Org), body: map[string]any{"action": "revoke", "pat_ids": ids}}
		}},
}

// credentialType is what revoke-credential-type calls a credential; "" for one that it does not know or that may be either
// of two.
func (a *authorization) credentialType() string {
	switch {
	case a.Type == "SSH key":
		return "ssh_key"
	case a.Type == "OAuth app token":
		return "oauth_app_token"
	case a.Type == "personal access token" && len(a.Scopes) > 0:
		return "classic_pat"
	}
	return ""
}

// listed are the authorisations and the grants of a person. What may not be read is as none: the single credentials are
// steps of their own.
func (s *Source) listed(ctx context.Context, h *hands, who string) ([]authorization, []tokenGrant, error) {
	as, err := s.authorizationsOf(ctx, h, who)
	if err != nil && !hidden(err) {
		return nil, nil, err
	}
	gs, err := s.grantsOf(ctx, h, who)
	if err != nil && !hidden(err) {
		return nil, nil, err
	}
	return as, gs, nil
}

// authorizationsOf are those of one person, whatever the filter of the list is taken for, and of everybody for "".
func (s *Source) authorizationsOf(ctx context.Context, h *hands, who string) ([]authorization, error) {
	var q url.Values
	if who != "" {
		q = url.Values{"login": {who}}
	}
	as, err := all[authorization](ctx, h, httpx.Path("/orgs/%s/credential-authorizations", s.opt.Org), q)
	return slices.DeleteFunc(as, func(a authorization) bool { return who != "" && !strings.EqualFold(a.Login, who) }), err
}

func (s *Source) grantsOf(ctx context.Context, h *hands, who string) ([]tokenGrant, error) {
	gs, err := all[tokenGrant](ctx, h, httpx.Path("/orgs/%s/personal-access-tokens", s.opt.Org), nil)
	return slices.DeleteFunc(gs, func(g tokenGrant) bool { return !strings.EqualFold(g.Owner.Login, who) }), err
}

// person plans the calls that end several credentials of a person at once: the narrowest one that covers them. Each
// credential is a step of its own besides, which shows that it is gone.
func (b *planning) person(owner inventory.ID, who string) error {
	if !b.wants(revoke.ActionUninstall) || b.myself(who) {
		return nil
	}
	as, gs, err := b.listed(b.ctx, b.h, who)
	if err != nil {
		return err
	}
	if b.opt.ManagedUsers && b.opt.Enterprise != "" && b.h.app == 0 && len(as)+len(gs) > 0 {
		b.sweep(owner, "person-destroy", who, "", fmt.Sprintf("destroy every token and SSH key of %s in the enterprise %s", who, b.opt.Enterprise))
		return nil
	}
	if kind := oneType(as); len(as) > 1 && kind != "" {
		b.sweep(owner, "person-type", who, kind, fmt.Sprintf("end all %d authorisations of type %s of %s for single sign-on", len(as), kind, who))
	} else if len(as) > 1 {
		b.sweep(owner, "person-all", who, "", fmt.Sprintf("end all %d authorisations of %s for single sign-on", len(as), who))
	}
	for part := range slices.Chunk(gs, mostGrants) {
		if len(part) < 2 {
			continue
		}
		var ids []string
		for i := range part {
			ids = append(ids, num(part[i].ID))
		}
		b.sweep(owner, "person-grants", who, strings.Join(ids, ","), fmt.Sprintf("end all %d grants of fine-grained tokens of %s", len(part), who))
	}
	return nil
}

// everybody plans the last resort: the authorisations of all people at once. It is a plan of its own, for the organisation.
func (b *planning) everybody(org inventory.ID) error {
	if !b.wants(revoke.ActionUninstall) || b.server() {
		return nil
	}
	as, err := b.authorizationsOf(b.ctx, b.h, "")
	if err != nil || len(as) == 0 {
		return err
	}
	people := map[string]bool{}
	for i := range as {
		people[strings.ToLower(as[i].Login)] = true
	}
	breaks := "whatever any of these people runs with a token or key of theirs"
	if b.h.app == 0 {
		breaks += revoke.Also + "the credential to revoke with, and that to read with, where they are tokens of a person"
	}
	w := sweeps["org-all"]
	r := w.request(b.Source, "", "")
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionUninstall, Layer: w.layer, Target: org, TargetName: b.opt.Org, Request: r.words(b.opt.URL),
		Summary: fmt.Sprintf("last resort: end all %d authorisations of all %d people of %s for single sign-on at %s", len(as), len(people), b.opt.Org, b.host),
		Effect:  w.effect, Breaks: breaks, Residual: w.residual, Horizon: horizon, Promises: w.promises,
		Params: map[string]string{paramPath: r.path, paramWhat: "org-all", paramOrg: b.opt.Org},
	})
	return nil
}

// oneType is the type of all of them, "" where they differ or one is not told.
func oneType(as []authorization) string {
	if len(as) == 0 {
		return ""
	}
	kind := as[0].credentialType()
	if slices.ContainsFunc(as, func(a authorization) bool { return a.credentialType() != kind }) {
		return ""
	}
	return kind
}

// myself reports whether the credential to revoke with is that person's own: it would be among what ends.
func (b *planning) myself(who string) bool {
	if b.h.app != 0 {
		return false
	}
	var me gUser
	_, err := b.h.act.Get(b.ctx, "/user", nil, &me)
	return err == nil && strings.EqualFold(me.Login, who)
}

func (b *planning) sweep(owner inventory.ID, what, who, of, does string) {
	w := sweeps[what]
	r := w.request(b.Source, who, of)
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionUninstall, Layer: w.layer, Target: owner, TargetName: who, Summary: does + " at " + b.host, Request: r.words(b.opt.URL),
		Effect: w.effect, Breaks: "whatever " + who + " runs with a token or key of theirs", Residual: w.residual, Horizon: horizon, Promises: w.promises,
		Params: map[string]string{paramPath: r.path, paramWhat: what, paramWho: who, paramOf: of, paramOrg: b.opt.Org},
	})
}

// applySweep sends the call, unless nothing is left of what it is for.
func (s *Source) applySweep(ctx context.Context, step revoke.Step, w *sweep) (revoke.Receipt, error) {
	h, err := s.hands()
	if err != nil {
		return revoke.Receipt{}, err
	}
	who, of := step.Params[paramWho], step.Params[paramOf]
	n, err := w.left(ctx, s, h, who, of)
	switch {
	case err != nil:
		return revoke.Receipt{}, err
	case n == 0:
		return revoke.Receipt{At: s.env.Now().UTC(), Already: true, Detail: "nothing of it was left"}, nil
	}
	resp, err := h.send(ctx, step, w.request(s, who, of))
	if err != nil {
		return revoke.Receipt{}, err
	}
	if who != "" {
		s.swept.Store(strings.ToLower(who), true)
	}
	return revoke.Receipt{At: s.env.Now().UTC(), Detail: fmt.Sprintf("GitHub answered %d for %d that were listed", resp.Status, n)}, nil
}

// verifySweep asks for the lists again.
func (s *Source) verifySweep(ctx context.Context, step revoke.Step, w *sweep) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	h, err := s.hands()
	if err != nil {
		return p, err
	}
	switch n, err := w.left(ctx, s, h, step.Params[paramWho], step.Params[paramOf]); {
	case err != nil:
		p.Detail = refusedWords(err)
	case n > 0:
		p.Grade, p.Detail = revoke.Alive, fmt.Sprintf("read back: %d of them are still listed", n)
	default:
		p.Grade, p.Detail = w.promises, "read back: the list was read to its end and has none of them"
	}
	return p, nil
}

func (s *Source) recoverSweep(ctx context.Context, step revoke.Step, w *sweep) (revoke.Receipt, string, error) {
	h, err := s.hands()
	if err != nil {
		return revoke.Receipt{}, "", err
	}
	switch n, err := w.left(ctx, s, h, step.Params[paramWho], step.Params[paramOf]); {
	case err != nil:
		return revoke.Receipt{}, revoke.StateUnknown, err
	case n > 0:
		return revoke.Receipt{}, revoke.StatePlanned, nil // asking twice is the same as once
	}
	return revoke.Receipt{At: s.env.Now().UTC(), Already: true, Detail: "found done after nhitop had been cut off"}, revoke.StateDone, nil
}

func authorizationsLeft(ctx context.Context, s *Source, h *hands, who, of string) (int, error) {
	as, err := s.authorizationsOf(ctx, h, who)
	n := 0
	for i := range as {
		if of == "" || as[i].credentialType() == of {
			n++
		}
	}
	return n, err
}

func grantsLeft(ctx context.Context, s *Source, h *hands, who, of string) (int, error) {
	gs, err := s.grantsOf(ctx, h, who)
	ids, n := strings.Split(of, ","), 0
	for i := range gs {
		if slices.Contains(ids, num(gs[i].ID)) {
			n++
		}
	}
	return n, err
}
