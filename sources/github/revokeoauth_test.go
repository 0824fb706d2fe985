package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx/httpxtest"
)

var (
	givenToken = "gh" + "o_FAKEgiven000000000000000000000000000"
	userToken  = "gh" + "u_FAKEuser0000000000000000000000000000"
	appSecret  = "FAKEclientsecret0000000000000000"
)

const ghes = "https://ghe.example.com/api/v3"

// onServer has two apps at an Enterprise Server; the second was given the tokens.
func onServer(o *Options) {
	o.URL = ghes
	o.OAuthApps = []OAuthApp{{ClientID: "Iv1.other", ClientSecret: credref.Ref{Env: "OTHER"}}, {ClientID: "Iv1.portal", ClientSecret: credref.Ref{Env: "SECRET"}}}
}

// given is a company whose people use two OAuth apps.
func given() githubsim.World {
	w := victims()
	w.Apps = append(w.Apps, githubsim.App{ID: 1101, Slug: "other", ClientID: "Iv1.other", Secret: "FAKEother"}, githubsim.App{ID: 1102, Slug: "portal", ClientID: "Iv1.portal", Secret: appSecret})
	w.Tokens = append(w.Tokens, githubsim.Token{Value: givenToken, Login: "max", App: "portal", Scopes: []string{"repo"}}, githubsim.Token{Value: userToken, Login: "max", App: "portal"},
		githubsim.Token{Value: "gh" + "o_FAKEolga", Login: "olga", App: "portal"})
	return w
}

func newServerStage(t *testing.T, w githubsim.World, change ...func(*Options)) *stage {
	t.Helper()
	s := newStage(t, w, append([]func(*Options){onServer}, change...)...)
	s.src.env.Getenv = func(name string) string {
		return map[string]string{"KILL": killToken, "TOKEN": ownerToken, "OTHER": "FAKEother", "SECRET": appSecret}[name]
	}
	return s
}

func inHand(kind, value string) revoke.Held {
	return revoke.Held{ID: "sec-held", Kind: kind, Issuer: "github", Value: inventory.NewValue(value)}
}

func (s *stage) heldPlan(t *testing.T, h revoke.Held) *revoke.Plan {
	t.Helper()
	steps, err := s.src.PlanHeld(t.Context(), h, s.snap)
	if err != nil || len(steps) != 1 {
		t.Fatalf("%+v %v", steps, err)
	}
	steps[0].Source = s.src.name
	return revoke.NewPlan(*s.now, 0, nil, nil, steps)
}

func (s *stage) runHeld(t *testing.T, h revoke.Held, p *revoke.Plan) revoke.Run {
	t.Helper()
	r, err := s.exec.Execute(revoke.WithHeld(t.Context(), h), p, revoke.Consent{By: "ana", Reason: "a test", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The owner of an app ends a token in hand at an Enterprise Server: one alone, or with all that its user granted the app.
func TestTheOwnerOfAnAppEndsItsToken(t *testing.T) {
	for name, c := range map[string]struct {
		grants bool
		call   string
		other  string // how another token of the same person stands
	}{
		"a token": {false, "DELETE " + ghes + `/applications/Iv1.portal/token {"access_token":"$SECRET"}`, inventory.StateLive},
		"a grant": {true, "DELETE " + ghes + `/applications/Iv1.portal/grant {"access_token":"$SECRET"}`, inventory.StateUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServerStage(t, given(), func(o *Options) { o.OAuthGrants = c.grants })
			h := inHand("github-oauth", givenToken)
			ctx := revoke.WithHeld(t.Context(), h)
			if a, err := s.src.Ask(ctx, h); err != nil || a.State != inventory.StateLive || a.Account != "max" {
				t.Errorf("%+v %v", a, err)
			}
			p := s.heldPlan(t, h)
			if st := p.Steps[0]; !strings.Contains(st.Request, c.call) || st.Reversible || st.Residual == "" || st.Layer != revoke.LayerCredential || st.Promises != revoke.Proven {
				t.Errorf("%+v", st)
			}
			if _, state, err := s.src.Recover(ctx, p.Steps[0]); err != nil || state != revoke.StatePlanned {
				t.Errorf("nothing was done yet: %s %v", state, err)
			}
			r := s.runHeld(t, h, p)
			if words(r) != "revoke held-by-app done proven" || !strings.Contains(r.Steps[0].Proof.Detail, "the control POST /applications/Iv1.portal/token, by the app that knew it before: 404") {
				t.Errorf("%s %+v", words(r), r.Steps)
			}
			if a, err := s.src.Ask(ctx, inHand("github-app-user", userToken)); err != nil || a.State != c.other {
				t.Errorf("the other token: %+v %v", a, err)
			}
			if a, err := s.src.Ask(ctx, inHand("github-oauth", "gh"+"o_FAKEolga")); err != nil || a.State != inventory.StateLive {
				t.Errorf("somebody else's: %+v %v", a, err)
			}
			if _, err := s.src.Apply(ctx, p.Steps[0]); !errors.Is(err, errNoApp) {
				t.Errorf("twice: %v", err)
			}
			if _, state, err := s.src.Recover(ctx, p.Steps[0]); err != nil || state != revoke.StateUnknown {
				t.Errorf("after a crash nobody knows whose it was: %s %v", state, err)
			}
			text, err := json.Marshal(r)
			if err != nil || strings.Contains(string(text), givenToken[4:14]) || strings.Contains(string(text), appSecret) {
				t.Errorf("a secret stands in the run: %v", err)
			}
		})
	}
}

// Where all organisations of an enterprise are one source, the token is of none of them.
func TestAnEnterpriseEndsATokenOfAnApp(t *testing.T) {
	s := newServerStage(t, given())
	s.exec.Revokers[s.src.name] = &enterprise{Source: s.src}
	h := inHand("github-app-user", userToken)
	if r := s.runHeld(t, h, s.heldPlan(t, h)); words(r) != "revoke held-by-app done proven" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
}

// What is late is waited for, a lie is seen, and a token that no app knows is not said to be dead.
func TestATokenOfAnAppThatDoesNotDie(t *testing.T) {
	for name, c := range map[string]struct {
		kill  githubsim.Kill
		value string
		want  string
	}{
		"late":          {githubsim.Kill{After: 30 * time.Second}, givenToken, "revoke held-by-app done proven"},
		"a lie":         {githubsim.Kill{Lie: true}, givenToken, "revoke held-by-app done alive"},
		"of github.com": {githubsim.Kill{}, "gh" + "o_FAKEelsewhere", "revoke held-by-app failed "},
	} {
		s := newServerStage(t, given())
		s.sim.Kill("", c.kill)
		h := inHand("github-oauth", c.value)
		if r := s.runHeld(t, h, s.heldPlan(t, h)); words(r) != c.want {
			t.Errorf("%s: %s %+v", name, words(r), r.Steps)
		}
	}
	s := newServerStage(t, given())
	h := inHand("github-oauth", "gh"+"o_FAKEelsewhere")
	ctx := revoke.WithHeld(t.Context(), h)
	if a, err := s.src.Ask(ctx, h); err != nil || a.State != inventory.StateUnknown {
		t.Errorf("%+v %v", a, err)
	}
	p := s.heldPlan(t, h)
	if proof, err := s.src.Verify(ctx, p.Steps[0], revoke.Receipt{}); err != nil || proof.Grade != revoke.Unproven {
		t.Errorf("%+v %v", proof, err)
	}
	if _, err := s.src.Apply(t.Context(), p.Steps[0]); !errors.Is(err, revoke.ErrNotHeld) {
		t.Errorf("without the token: %v", err)
	}
}

// On github.com the value is enough; a token that is known at another GitHub, or of another kind, is left alone.
func TestWhichTokensAnAppEnds(t *testing.T) {
	s := newServerStage(t, given())
	for _, kind := range []string{"github-pat-classic", "github-refresh-token", "gitlab-oauth"} {
		if steps, err := s.src.PlanHeld(t.Context(), inHand(kind, "FAKE"), s.snap); err != nil || len(steps) != 0 {
			t.Errorf("%s: %+v %v", kind, steps, err)
		}
	}
	h := inHand("github-oauth", givenToken)
	at := func(path string) *inventory.Snapshot {
		x := inventory.Secret{ID: h.ID, Kind: h.Kind, Locations: []inventory.Location{{Scope: inventory.ScopeProvider, Path: path}}}
		return inventory.NewSnapshot(noon, inventory.Records{Secrets: []inventory.Secret{x}}, false)
	}
	cloud := newStage(t, given())
	for _, c := range []struct {
		src  *Source
		path string
		want int
	}{
		{s.src, Cloud + "/orgs/acme/credential-authorizations/1", 0}, {s.src, ghes + "/orgs/acme/credential-authorizations/1", 1},
		{cloud.src, Cloud + "/orgs/acme/credential-authorizations/1", 1}, {cloud.src, ghes + "/orgs/acme/credential-authorizations/1", 0},
	} {
		steps, err := c.src.PlanHeld(t.Context(), h, at(c.path))
		if err != nil || len(steps) != c.want {
			t.Errorf("%s at %s: %+v %v", c.src.host, c.path, steps, err)
		}
		for _, st := range steps {
			if byApp := st.Params[paramWhat] == heldByApp; byApp != (c.src == s.src) {
				t.Errorf("%s: %+v", c.src.host, st)
			}
		}
	}
	off := newServerStage(t, given(), func(o *Options) { o.Revoke = false })
	p := off.heldPlan(t, h)
	if _, err := off.src.Apply(revoke.WithHeld(t.Context(), h), p.Steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Errorf("with revoke = false: %v", err)
	}
	if n := off.sim.Asked()["POST /applications/{client_id}/token"]; n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// Whatever goes wrong at whichever call: nothing is said to be proven that is not so, and no secret goes elsewhere.
func TestFaultsWhileAnAppEndsItsToken(t *testing.T) {
	h := inHand("github-oauth", givenToken)
	proven := 0
	for call := 1; call <= 9; call++ {
		for _, fault := range httpxtest.All() {
			if fault == httpxtest.Hang || fault == httpxtest.HugeJSON {
				continue
			}
			s := newServerStage(t, given())
			good := s.src.env.Transport(ghes)
			rec := httpxtest.Record(httpxtest.Faults(good, call, fault))
			p := s.heldPlan(t, h)
			s.src.env.Transport = func(string) http.RoundTripper { return rec }
			r := s.runHeld(t, h, p)
			s.src.env.Transport = func(string) http.RoundTripper { return good }
			a, err := s.src.Ask(t.Context(), h)
			if err != nil {
				t.Fatal(err)
			}
			lives := a.State == inventory.StateLive
			grade := r.Steps[0].Proof.Grade
			if grade == revoke.Proven {
				proven++
			}
			if grade == revoke.Proven && lives || grade == revoke.Alive && !lives {
				t.Errorf("%s at call %d: %s, %s", fault, call, words(r), r.Steps[0].Proof.Detail)
			}
			rec.OnlyTo(t, "ghe.example.com", givenToken, appSecret)
		}
	}
	if proven == 0 {
		t.Error("nothing was proven at all")
	}
}
