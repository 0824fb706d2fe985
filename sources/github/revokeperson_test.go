package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
)

// leaver is a company in which max has several credentials of two types, and grants for more tokens than one call takes.
func leaver(grants int) githubsim.World {
	w := victims()
	o := &w.Orgs[0]
	o.Authorizations = append(o.Authorizations,
		githubsim.Authorization{ID: 702, Login: "max", Type: "SSH key", Print: "SHA256:FAKE", Title: "laptop", Granted: ago(200)},
		githubsim.Authorization{ID: 703, Login: "olga", Type: "personal access token", Token: ownerToken, Scopes: ownerScopes, Granted: ago(9)})
	o.Grants = nil
	for i := range grants {
		o.Grants = append(o.Grants, githubsim.Grant{ID: int64(6000 + i), TokenID: int64(9000 + i), TokenName: fmt.Sprintf("token %03d", i), Owner: "max", Granted: ago(20), Repository: map[string]string{"contents": "read"}})
	}
	o.Grants = append(o.Grants, githubsim.Grant{ID: 5999, TokenID: 8999, TokenName: "another", Owner: "olga", Granted: ago(20), Repository: map[string]string{"contents": "read"}})
	return w
}

func (s *stage) owner(t *testing.T, login string) inventory.ID {
	t.Helper()
	r := s.snap.Records()
	i := slices.IndexFunc(r.Owners, func(o inventory.Owner) bool { return o.Name == login })
	if i < 0 {
		t.Fatalf("no owner %s", login)
	}
	return r.Owners[i].ID
}

func (s *stage) theOrg(t *testing.T) inventory.ID {
	t.Helper()
	r := s.snap.Records()
	i := slices.IndexFunc(r.Resources, func(x inventory.Resource) bool { return x.Kind == organisation })
	if i < 0 {
		t.Fatal("no record of the organisation")
	}
	return r.Resources[i].ID
}

// All that a person has is ended by few calls, and each credential is then seen to be gone by a step of its own.
func TestAllOfAPerson(t *testing.T) {
	s := newStage(t, leaver(101))
	who := s.owner(t, "max")
	p := s.plan(t, who, "")
	var asks []string
	for _, st := range p.Steps {
		asks = append(asks, st.Params[paramWhat]+" "+st.Params[paramPath])
		if st.Reversible || st.Target != who || st.Residual == "" || st.Layer != revoke.LayerGrant {
			t.Errorf("%+v", st)
		}
	}
	want := []string{"person-grants /orgs/acme/personal-access-tokens", "person-all /orgs/acme/credential-authorizations/max/revoke"}
	if !slices.Equal(asks, want) {
		t.Fatalf("%q", asks) // the last of 101 grants is alone: its own step ends it
	}
	single, err := s.src.Plan(t.Context(), revoke.Target{ID: s.secretAt(t, "/credential-authorizations/701")}, s.snap)
	if err != nil || len(single) != 1 {
		t.Fatal(single, err)
	}
	r := s.run(t, p)
	if words(r) != "uninstall person-grants done attested; uninstall person-all done attested" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	// What the plan has besides was ended with it.
	rec, err := s.src.Apply(t.Context(), single[0])
	if err != nil || !rec.Already || rec.Detail != "it ended with all that max has here" {
		t.Errorf("%+v %v", rec, err)
	}
	if proof, err := s.src.Verify(t.Context(), single[0], rec); err != nil || proof.Grade != revoke.Attested {
		t.Errorf("%+v %v", proof, err)
	}
	for _, st := range p.Steps {
		if rec, err := s.src.Apply(t.Context(), st); err != nil || !rec.Already {
			t.Errorf("twice: %+v %v", rec, err)
		}
		if _, state, err := s.src.Recover(t.Context(), st); err != nil || state != revoke.StateDone {
			t.Errorf("after a crash: %s %v", state, err)
		}
	}
	h, err := s.src.hands()
	if err != nil {
		t.Fatal(err)
	}
	if as, gs, err := s.src.listed(t.Context(), h, "olga"); err != nil || len(as) != 1 || len(gs) != 1 {
		t.Errorf("somebody else's: %v %v %v", as, gs, err)
	}
	if p := s.plan(t, who, ""); len(p.Steps) != 0 {
		t.Errorf("a second plan: %+v", p.Steps)
	}
}

// Of one type, the call for that type is enough; what is queued for too long, or a lie, is alive.
func TestAllOfOneType(t *testing.T) {
	w := leaver(0)
	w.Orgs[0].Authorizations[1] = githubsim.Authorization{ID: 702, Login: "max", Type: "personal access token", Token: "gh" + "p_FAKEother", Scopes: []string{"gist"}, Granted: ago(200)}
	for name, c := range map[string]struct {
		kill githubsim.Kill
		want string
	}{
		"queued": {githubsim.Kill{After: 30 * time.Second}, "uninstall person-type done attested"}, "too late": {githubsim.Kill{After: time.Hour}, "uninstall person-type done alive"},
		"a lie": {githubsim.Kill{Lie: true}, "uninstall person-type done alive"},
	} {
		s := newStage(t, w)
		s.sim.Kill("", c.kill)
		p := s.plan(t, s.owner(t, "max"), revoke.ActionAll)
		if len(p.Steps) != 1 || !strings.Contains(p.Steps[0].Request, `{"credential_type":"classic_pat"}`) {
			t.Fatalf("%s: %+v", name, p.Steps)
		}
		if _, state, err := s.src.Recover(t.Context(), p.Steps[0]); err != nil || state != revoke.StatePlanned {
			t.Errorf("%s: nothing was done yet: %s %v", name, state, err)
		}
		if r := s.run(t, p); words(r) != c.want {
			t.Errorf("%s: %s %s", name, words(r), r.Steps[0].Proof.Detail)
		}
	}
}

// An enterprise of managed users destroys the credentials themselves; that they are gone nobody shows, and so the proof is
// that the request was taken.
func TestCredentialsOfAManagedUserAreDestroyed(t *testing.T) {
	boss := "gh" + "p_FAKEboss00000000000000000000000000000"
	w := leaver(2)
	w.Enterprises[0].Owners, w.Enterprises[0].Managed = []string{"otto"}, true
	w.Users = append(w.Users, githubsim.User{ID: 21, Login: "otto"})
	w.Tokens = append(w.Tokens, githubsim.Token{Value: boss, Login: "otto", Scopes: []string{"admin:enterprise", "admin:org"}})
	w.Orgs[0].Members = append(w.Orgs[0].Members, githubsim.Member{Login: "otto", Owner: true})
	w.Orgs[0].Authorizations = append(w.Orgs[0].Authorizations, githubsim.Authorization{ID: 709, Login: "otto", Type: "personal access token", Token: boss, Scopes: []string{"admin:org"}, Granted: ago(1)})
	s := newStage(t, w, func(o *Options) { o.Enterprise, o.ManagedUsers = "acme-corp", true })
	s.src.env.Getenv = func(string) string { return boss }
	s.src.opt.RevokeToken = credref.Ref{Env: "BOSS"}
	who := s.owner(t, "max")
	p := s.plan(t, who, "")
	if len(p.Steps) != 1 || p.Steps[0].Layer != revoke.LayerCredential || p.Steps[0].Promises != revoke.Accepted || !strings.Contains(p.Steps[0].Request, `/enterprises/acme-corp/credential-authorizations/max/revoke {"revoke_credentials":true}`) {
		t.Fatalf("%+v", p.Steps)
	}
	if r := s.run(t, p); words(r) != "uninstall person-destroy done accepted" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	h := revoke.Held{ID: "sec-held", Kind: "github-pat-classic", Value: inventory.NewValue(agentToken)}
	if a, err := s.src.Ask(t.Context(), h); err != nil || a.State != inventory.StateUnknown || !strings.Contains(a.Detail, "GET /user with it: 401: revoked, ") {
		t.Errorf("the token itself: %+v %v", a, err)
	}
	// Nobody ends the credentials that the call is made with.
	if err := (&planning{Source: s.src, ctx: t.Context(), snap: s.snap, h: mustHands(t, s.src), seen: map[string]bool{}}).person(who, "otto"); err != nil {
		t.Error(err)
	}
	if b := (&planning{Source: s.src, ctx: t.Context(), h: mustHands(t, s.src)}); !b.myself("OTTO") || b.myself("max") {
		t.Error("whose credential it is")
	}
}

func mustHands(t *testing.T, s *Source) *hands {
	t.Helper()
	h, err := s.hands()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The last resort: all that the people of an organisation authorised, planned for the organisation's own record alone.
func TestAllOfAnOrganisation(t *testing.T) {
	w := leaver(1)
	s := newStage(t, w)
	r, org := s.snap.Records(), s.theOrg(t)
	for _, x := range r.Resources {
		if x.ID != org && x.Kind != "runner" {
			if p := s.plan(t, x.ID, ""); len(p.Steps) != 0 {
				t.Errorf("for %s %s: %+v", x.Kind, x.Name, p.Steps)
			}
		}
	}
	if p := s.plan(t, org, revoke.ActionNarrow); len(p.Steps) != 0 {
		t.Errorf("asked for something else: %+v", p.Steps)
	}
	p := s.plan(t, org, "")
	if len(p.Steps) != 1 {
		t.Fatalf("%+v", p.Steps)
	}
	if st := p.Steps[0]; st.Reversible || st.Layer != revoke.LayerGrant || st.Residual == "" || !strings.Contains(st.Breaks, "the credential to revoke with") ||
		!strings.HasPrefix(st.Summary, "last resort: end all 3 authorisations of all 2 people of acme") || st.Request != "POST https://api.github.com/orgs/acme/credential-authorizations/revoke-all" {
		t.Errorf("%+v", st)
	}
	lie := newStage(t, w)
	lie.sim.Kill("", githubsim.Kill{Lie: true})
	if r := lie.run(t, lie.plan(t, org, "")); words(r) != "uninstall org-all done alive" {
		t.Errorf("a lie: %s %+v", words(r), r.Steps)
	}
	if _, state, err := s.src.Recover(t.Context(), p.Steps[0]); err != nil || state != revoke.StatePlanned {
		t.Errorf("nothing was done yet: %s %v", state, err)
	}
	if r := s.run(t, p); words(r) != "uninstall org-all done attested" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	if rec, err := s.src.Apply(t.Context(), p.Steps[0]); err != nil || !rec.Already {
		t.Errorf("twice: %+v %v", rec, err)
	}
	if p := s.plan(t, org, ""); len(p.Steps) != 0 {
		t.Errorf("a second plan: %+v", p.Steps)
	}
	// A token of a person loses its own authorisation: what it can no longer see is not said to be gone.
	own := newStage(t, w, func(o *Options) { o.RevokeToken = credref.Ref{} })
	own.src.env.Getenv = func(string) string { return ownerToken }
	if r := own.run(t, own.plan(t, org, "")); words(r) != "uninstall org-all done unknown" {
		t.Errorf("by a token of a person: %s %+v", words(r), r.Steps)
	}
	off := newStage(t, w, func(o *Options) { o.Revoke = false })
	if _, err := off.src.Apply(t.Context(), p.Steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Errorf("with revoke = false: %v", err)
	}
	there := newStage(t, w, func(o *Options) { o.URL = ghes })
	if steps, err := there.src.Plan(t.Context(), revoke.Target{ID: org}, there.snap); err != nil || len(steps) != 0 {
		t.Errorf("an Enterprise Server: %+v %v", steps, err)
	}
}
