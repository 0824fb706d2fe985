package github

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
)

var (
	killToken = "gh" + "s_FAKEkill00000000000000000000000000000"
	fineToken = "github_" + "pat_FAKEfine00000000000000_000000000000000000000000000000000000000000000000000000000"
	rights    = map[string]string{"organization_personal_access_tokens": "write", "organization_personal_access_token_requests": "write", "organization_administration": "write", "members": "write",
		"metadata": "read", "contents": "read", "administration": "write", "organization_copilot_seat_management": "write", "organization_copilot_agent_settings": "write",
		"organization_agent_secrets": "write", "agent_secrets": "write", "organization_secrets": "write", "secrets": "write", "organization_self_hosted_runners": "write", "actions": "write", "workflows": "write", "environments": "write", "secret_scanning_alerts": "read"}
)

// key is made once: it takes time.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// victims is a company in which one of everything that can be taken away stands.
func victims() githubsim.World {
	w := company(func(o *githubsim.Org) {
		o.Enterprise, o.SSO = "acme-corp", true
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Keys: []githubsim.DeployKey{{ID: 41, Title: "claude deploy", Key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE", AddedBy: "max", Created: ago(90)}},
			Secrets: []githubsim.Secret{{Name: "NPM_TOKEN", Created: ago(10), Updated: ago(10)}}}, {ID: 2, Name: "api"}, {ID: 3, Name: "quarantine"}}
		o.Installations = []githubsim.Installation{{ID: 501, App: "claude", Created: ago(30)}, {ID: 502, App: "nhitop-kill", Permissions: rights, Created: ago(30)}}
		o.Grants = []githubsim.Grant{{ID: 601, TokenID: 9001, TokenName: "claude code laptop", Owner: "max", Granted: ago(20), Repository: map[string]string{"contents": "write", "metadata": "read"}}}
		o.Authorizations = []githubsim.Authorization{{ID: 701, Login: "max", Type: "personal access token", Token: agentToken, Scopes: []string{"repo"}, Granted: ago(50)}}
		o.AgentSecrets = []githubsim.Secret{{Name: "COPILOT_MCP_KEY", Created: ago(40), Updated: ago(40)}}
		o.Runners = []githubsim.Runner{{ID: 801, Name: "builder", OS: "linux"}}
		o.Copilot = &githubsim.Copilot{Plan: "business", SeatSetting: "assign_selected", AgentEnabled: "all", Seats: []githubsim.Seat{{Login: "max", Created: ago(100)}}}
	})
	w.Enterprises = []githubsim.Enterprise{{ID: 5, Slug: "acme-corp", Installations: []githubsim.Installation{{ID: 590, App: "nhitop-kill",
		Permissions: map[string]string{"enterprise_organization_installations": "write", "enterprise_organization_installation_repositories": "write"}}}}}
	w.Apps = append(w.Apps, githubsim.App{ID: 1001, Slug: "claude", Owner: "anthropics", Permissions: map[string]string{"contents": "write", "metadata": "read"}, Key: &key().PublicKey},
		githubsim.App{ID: 1002, Slug: "nhitop-kill", Owner: "acme", Permissions: rights, Key: &key().PublicKey})
	w.Tokens = append(w.Tokens, githubsim.Token{Value: killToken, Installation: 502}, githubsim.Token{Value: fineToken, Login: "max", ID: 9001},
		githubsim.Token{Value: agentToken, Login: "max", Scopes: []string{"repo"}})
	return w
}

// stage is a source that may revoke, what it read, and an executor for it.
type stage struct {
	src  *Source
	sim  *githubsim.Sim
	snap *inventory.Snapshot
	exec *revoke.Executor
	now  *time.Time
}

func newStage(t *testing.T, w githubsim.World, change ...func(*Options)) *stage {
	t.Helper()
	now := noon
	w.Now = func() time.Time { return now }
	s := scene{world: w, opt: options()}
	s.opt.Revoke = true
	s.opt.RevokeToken = credref.Ref{Env: "KILL"}
	for _, f := range change {
		f(&s.opt)
	}
	s.env.Getenv = func(string) string { return killToken } // an app alone may list fine-grained tokens
	s.env.Now = w.Now
	sim := s.simulate(t)
	made, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	src, ok := made.(*Source)
	if !ok {
		t.Fatal("another source")
	}
	sink := inventory.NewSink(src.Info().Name, inventory.Key{1}, s.env.Now)
	if err := src.Collect(t.Context(), sink); err != nil && !strings.Contains(err.Error(), "read in part") {
		t.Fatal(err)
	}
	dir := t.TempDir()
	st := &stage{src: src, sim: sim, now: &now, snap: inventory.NewSnapshot(noon, merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)}
	st.exec = &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit"), s.env.Now),
		Revokers: map[string]revoke.Revoker{src.name: src}, Now: s.env.Now, Sleep: func(_ context.Context, d time.Duration) { now = now.Add(d) }}
	return st
}

func (s *stage) plan(t *testing.T, id inventory.ID, action string) *revoke.Plan {
	t.Helper()
	steps, err := s.src.Plan(t.Context(), revoke.Target{ID: id, Action: action}, s.snap)
	if err != nil {
		t.Fatal(err)
	}
	return revoke.NewPlan(*s.now, 0, []revoke.Target{{ID: id}}, nil, steps)
}

func (s *stage) run(t *testing.T, p *revoke.Plan) revoke.Run {
	t.Helper()
	r, err := s.exec.Execute(t.Context(), p, revoke.Consent{By: "ana", Reason: "a test", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func words(r revoke.Run) string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, fmt.Sprintf("%s %s %s %s", s.Action, s.Params[paramWhat], s.State, s.Proof.Grade))
	}
	return strings.Join(out, "; ")
}

func (s *stage) secretAt(t *testing.T, piece string) inventory.ID {
	t.Helper()
	r := s.snap.Records()
	for i := range r.Secrets {
		for _, l := range r.Secrets[i].Locations {
			if strings.Contains(l.Path, piece) {
				return r.Secrets[i].ID
			}
		}
	}
	t.Fatalf("no secret stands at %s", piece)
	return ""
}

// Each kind of object: what the plan says, that it is done and attested, and that a second plan finds nothing to do.
func TestEachKill(t *testing.T) {
	for name, c := range map[string]struct {
		at    string // where the secret stands; "": the assistant of that name
		named string
		want  string
		layer revoke.Layer
	}{
		"grant":         {at: "/personal-access-tokens/601", want: "uninstall  done attested", layer: revoke.LayerGrant},
		"authorisation": {at: "/credential-authorizations/701", want: "uninstall  done attested", layer: revoke.LayerGrant},
		"deploy key":    {at: "/repos/acme/web/keys/41", want: "delete  done attested", layer: revoke.LayerCredential},
		"agent secret":  {at: "/agents/secrets/COPILOT_MCP_KEY", want: "delete  done attested", layer: revoke.LayerCopy},
		"CI secret":     {at: "/actions/secrets/NPM_TOKEN", want: "delete  done attested", layer: revoke.LayerCopy},
		"seat":          {named: "Copilot of max", want: "end-seat seat-end done attested", layer: revoke.LayerGrant},
		"cloud agent":   {named: "Copilot cloud agent", want: "suspend agent-off done attested", layer: revoke.LayerPrincipal},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, victims())
			var id inventory.ID
			if c.at != "" {
				id = s.secretAt(t, c.at)
			} else {
				id = assistant(t, s.snap.Records(), c.named).ID
			}
			p := s.plan(t, id, "")
			if len(p.Steps) != 1 || p.Steps[0].Layer != c.layer || len(p.Residual) == 0 || p.Steps[0].Request == "" || p.Steps[0].Effect == "" {
				t.Fatalf("%+v", p.Steps)
			}
			for _, tie := range p.Steps[0].Ties { // with the credential, or its copies, that is over
				end := revoke.Step{ID: "end", Layer: revoke.LayerCredential, Action: revoke.ActionRevoke, Target: tie.To}
				if tie.Copies {
					end.Layer, end.Action = revoke.LayerCopy, revoke.ActionDeleteFile
				}
				with := revoke.NewPlan(p.Created, 0, nil, nil, append(slices.Clone(p.Steps), end))
				if tie.To != id || !slices.Contains(p.Residual, tie.What) && tie.Copies || slices.Contains(with.Residual, tie.What) {
					t.Errorf("%+v: %q and %q", tie, p.Residual, with.Residual)
				}
			}
			if tied := len(p.Steps[0].Ties) > 0; tied != (c.at != "") {
				t.Errorf("ties %+v", p.Steps[0].Ties)
			}
			r := s.run(t, p)
			if got := words(r); got != c.want {
				t.Errorf("%s; %s %s", got, r.Steps[0].Error, r.Steps[0].Proof.Detail)
			}
			if again := s.plan(t, id, ""); len(again.Steps) != 0 {
				t.Errorf("a second plan: %+v", again.Steps)
			}
			if _, err := s.src.Apply(t.Context(), p.Steps[0]); err == nil && p.Steps[0].Params[paramWhat] == "" && c.want[:3] != "end" {
				t.Error("what is gone is done again")
			}
			text, err := json.Marshal(r)
			if err != nil || strings.Contains(string(text), killToken[:12]) || strings.Contains(string(text), ownerToken[:12]) {
				t.Errorf("a credential stands in the run: %v", err)
			}
		})
	}
}

// What can be taken back is, and what somebody changed meanwhile is left alone.
func TestCloudAgentIsSwitchedOnAgain(t *testing.T) {
	s := newStage(t, victims())
	id := assistant(t, s.snap.Records(), "Copilot cloud agent").ID
	r := s.run(t, s.plan(t, id, ""))
	back, err := s.exec.Undo(t.Context(), r.ID, revoke.Consent{By: "ana", Reason: "a mistake", Yes: true}, nil)
	if err != nil || words(back) != "suspend agent-off done attested" || !strings.Contains(back.Steps[0].Proof.Detail, "all again") {
		t.Errorf("%s %v %+v", words(back), err, back.Steps)
	}
	p := s.plan(t, id, "")
	if _, err := s.src.Apply(t.Context(), p.Steps[0]); err != nil {
		t.Fatal(err)
	}
	if rec, err := s.src.Apply(t.Context(), p.Steps[0]); err != nil || !rec.Already {
		t.Errorf("twice: %+v %v", rec, err)
	}
}

// Somebody else's app: a step for a person, that ends when the organisation's page shows it suspended; with an app on the
// enterprise it is narrowed first, can be widened again, and is then ended.
func TestInstallations(t *testing.T) {
	s := newStage(t, victims())
	id := assistant(t, s.snap.Records(), "claude").ID
	p := s.plan(t, id, "")
	if len(p.Steps) != 1 || p.Steps[0].Action != revoke.ActionManual || !strings.Contains(p.Steps[0].Summary, "https://github.com/organizations/acme/settings/installations/501") {
		t.Fatalf("%+v", p.Steps)
	}
	r := s.run(t, p)
	if words(r) != "manual  waiting " {
		t.Fatal(words(r))
	}
	if r, err := s.exec.LookAgain(t.Context(), r.ID, "ana", []string{p.Steps[0].ID}, nil); err != nil || r.Steps[0].State != revoke.StateWaiting || r.Steps[0].Proof.Grade != revoke.Alive {
		t.Errorf("it is still there, and is taken for done: %s %v", words(r), err)
	}

	dir := t.TempDir()
	pemFile := filepath.Join(dir, "key.pem")
	if err := os.WriteFile(pemFile, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())}), 0o600); err != nil {
		t.Fatal(err)
	}
	enterprise := func(o *Options) {
		o.Enterprise, o.Quarantine, o.RevokeToken = "acme-corp", "quarantine", credref.Ref{}
		o.RevokeApp = App{ID: 1002, Installation: 590, PrivateKey: credref.Ref{File: pemFile}}
	}
	s = newStage(t, victims(), enterprise)
	p = s.plan(t, id, "")
	var got []string
	for _, st := range p.Steps {
		got = append(got, st.Action)
	}
	if !slices.Equal(got, []string{revoke.ActionNarrow, revoke.ActionUninstall}) {
		t.Fatalf("%v", got)
	}
	narrow := s.plan(t, id, revoke.ActionNarrow)
	r = s.run(t, narrow)
	if words(r) != "narrow narrow done attested" || r.Steps[0].Proof.Detail != "read back: it is selected quarantine" {
		t.Errorf("%s %+v", words(r), r.Steps[0])
	}
	back, err := s.exec.Undo(t.Context(), r.ID, revoke.Consent{By: "ana", Reason: "a mistake", Yes: true}, nil)
	if err != nil || words(back) != "narrow narrow done attested" {
		t.Errorf("%s %v %+v", words(back), err, back.Steps)
	}
	r = s.run(t, s.plan(t, id, ""))
	if words(r) != "narrow narrow done attested; uninstall  done attested" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}

	// The app's own key suspends it, and lifts that.
	s = newStage(t, victims(), func(o *Options) {
		o.RevokeToken, o.RevokeApp = credref.Ref{}, App{ID: 1001, Installation: 501, PrivateKey: credref.Ref{File: pemFile}}
	})
	p = s.plan(t, id, "")
	if len(p.Steps) != 2 || p.Steps[0].Action != revoke.ActionSuspend || p.Steps[1].Action != revoke.ActionManual {
		t.Fatalf("%+v", p.Steps)
	}
	r = s.run(t, s.plan(t, id, revoke.ActionSuspend))
	if words(r) != "suspend suspend done attested" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	if back, err := s.exec.Undo(t.Context(), r.ID, revoke.Consent{By: "ana", Reason: "a mistake", Yes: true}, nil); err != nil || words(back) != "suspend suspend done attested" {
		t.Errorf("%s %v", words(back), err)
	}
}

// A revocation that is late is waited for; one that is a lie is seen to be one.
func TestLateAndLies(t *testing.T) {
	for name, c := range map[string]struct {
		kill githubsim.Kill
		want revoke.Grade
	}{"late": {githubsim.Kill{After: 40 * time.Second}, revoke.Attested}, "too late": {githubsim.Kill{After: time.Hour}, revoke.Alive}, "a lie": {githubsim.Kill{Lie: true}, revoke.Alive}} {
		s := newStage(t, victims())
		s.sim.Kill("", c.kill)
		r := s.run(t, s.plan(t, s.secretAt(t, "/keys/41"), ""))
		if r.Steps[0].State != revoke.StateDone || r.Steps[0].Proof.Grade != c.want {
			t.Errorf("%s: %s %s", name, words(r), r.Steps[0].Proof.Detail)
		}
	}
}

// A token in hand ends itself, with the proof of the token; 403 is no death.
func TestHeld(t *testing.T) {
	s := newStage(t, victims())
	h := revoke.Held{ID: "sec-held", Kind: "github-pat-classic", Value: inventory.NewValue(agentToken)}
	ctx := revoke.WithHeld(t.Context(), h)
	if a, err := s.src.Ask(ctx, h); err != nil || a.State != inventory.StateLive || a.Account != "max" || !slices.Equal(a.Scopes, []string{"repo"}) {
		t.Errorf("%+v %v", a, err)
	}
	steps, err := s.src.PlanHeld(ctx, h, nil)
	if err != nil || len(steps) != 1 {
		t.Fatal(steps, err)
	}
	steps[0].Source = s.src.name
	p := revoke.NewPlan(*s.now, 0, nil, nil, steps)
	r, err := s.exec.Execute(ctx, p, revoke.Consent{By: "ana", Reason: "a test", Word: p.Word()}, nil)
	if err != nil || words(r) != "revoke held done proven" {
		t.Errorf("%s %v %+v", words(r), err, r.Steps)
	}
	if rec, err := s.src.Apply(ctx, p.Steps[0]); err != nil || !rec.Already {
		t.Errorf("twice: %+v %v", rec, err)
	}
	if _, err := s.src.Apply(t.Context(), p.Steps[0]); err == nil {
		t.Error("done without the token")
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), agentToken[4:14]) {
		t.Errorf("the token stands in the run: %v", err)
	}
	// A lie: 202, and it goes on working.
	s = newStage(t, victims())
	s.sim.Kill("", githubsim.Kill{Lie: true})
	p = revoke.NewPlan(*s.now, 0, nil, nil, steps)
	if r, err := s.exec.Execute(ctx, p, revoke.Consent{By: "ana", Reason: "a test", Word: p.Word()}, nil); err != nil || words(r) != "revoke held done alive" {
		t.Errorf("%s %v", words(r), err)
	}
	if steps, err := s.src.PlanHeld(ctx, revoke.Held{ID: "sec-x", Kind: "gitlab-pat"}, nil); err != nil || steps != nil {
		t.Errorf("%v %v", steps, err)
	}
}

func TestNothingIsRevokedUnlessItIsSaid(t *testing.T) {
	s := newStage(t, victims())
	p := s.plan(t, s.secretAt(t, "/keys/41"), "")
	off := newStage(t, victims(), func(o *Options) { o.Revoke = false })
	if _, err := off.src.Apply(t.Context(), p.Steps[0]); err == nil {
		t.Error("done with revoke = false")
	}
	other := p.Steps[0]
	other.Params = map[string]string{paramPath: "/repos/elsewhere/web/keys/41", paramName: "x"}
	if _, err := s.src.Apply(t.Context(), other); err == nil {
		t.Error("done in another organisation")
	}
	named := p.Steps[0]
	named.Params = map[string]string{paramPath: p.Steps[0].Params[paramPath], paramName: "another key"}
	if _, err := s.src.Apply(t.Context(), named); err == nil {
		t.Error("done although it is another object by now")
	}
}
