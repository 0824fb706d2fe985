package github

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/sourcetest"
)

var bossToken = "gh" + "p_FAKEboss00000000000000000000000000000"

// concern is an enterprise of three organisations; olga owns acme, otto owns the enterprise and all of them.
func concern() githubsim.World {
	w := company(func(o *githubsim.Org) {
		o.Enterprise = "acme-corp"
		o.Members = append(o.Members, githubsim.Member{Login: "otto", Owner: true})
		o.Installations = []githubsim.Installation{{ID: 501, App: "claude", Created: ago(90)}, {ID: 502, App: "nhitop-acme"}}
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{".github/workflows/claude.yml": claudeWorkflow("{contents: write}", "")},
			Keys: []githubsim.DeployKey{{ID: 41, Title: "agent", Key: sshKey, AddedBy: "lena", Created: ago(500)}}}}
	})
	w.Orgs = append(w.Orgs,
		githubsim.Org{ID: 78, Login: "acme-labs", Enterprise: "acme-corp", Members: []githubsim.Member{{Login: "lena"}, {Login: "otto", Owner: true}},
			Installations: []githubsim.Installation{{ID: 511, App: "devin-ai-integration", Created: ago(9)}, {ID: 512, App: "nhitop-acme"}},
			Repos:         []githubsim.Repo{{ID: 2, Name: "lab", Keys: []githubsim.DeployKey{{ID: 42, Title: "agent too", Key: sshKey, AddedBy: "gone", Created: ago(5)}}}}},
		githubsim.Org{ID: 79, Login: "other", Members: []githubsim.Member{{Login: "otto", Owner: true}}, Repos: []githubsim.Repo{{ID: 3, Name: "x"}}})
	w.Apps = []githubsim.App{{ID: 1001, Slug: "claude", Permissions: perms{"contents": "write"}}, {ID: 1002, Slug: "devin-ai-integration", Permissions: perms{"contents": "write"}},
		{ID: 99, Slug: "nhitop-acme", Permissions: readerPermissions, Key: &readerKey().PublicKey}}
	w.Enterprises = []githubsim.Enterprise{{ID: 9, Slug: "acme-corp", Owners: []string{"otto"}, Installations: []githubsim.Installation{{ID: 590, App: "nhitop-acme",
		Permissions: perms{"enterprise_organization_installations": "read"}}}}}
	w.Tokens = append(w.Tokens, githubsim.Token{Value: bossToken, Login: "otto", Scopes: append([]string{"read:enterprise"}, ownerScopes...)})
	return w
}

// ofTheWhole makes the source that reads them all.
func ofTheWhole(t *testing.T, w githubsim.World, wrap func(http.RoundTripper) http.RoundTripper, change ...func(*Options)) *enterprise {
	t.Helper()
	s := scene{world: w, opt: options(), wrap: wrap, plain: wrap != nil}
	s.opt.Org, s.opt.Enterprise = "", "acme-corp"
	s.opt.Skip = []string{"tokens", "requests", "sso", "copilot", "agent"}
	s.env.Getenv = func(name string) string {
		return map[string]string{"TOKEN": bossToken, "KEY": keyPEM()}[name]
	}
	for _, f := range change {
		f(&s.opt)
	}
	s.simulate(t)
	src, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := src.(*enterprise)
	if !ok {
		t.Fatalf("another source: %T", src)
	}
	return e
}

func byApp(o *Options) {
	o.Token, o.App = credref.Ref{}, App{ID: 99, PrivateKey: credref.Ref{Env: "KEY"}}
}

func readWhole(t *testing.T, e *enterprise) (inventory.Batch, error) {
	t.Helper()
	sink := inventory.NewSink(e.Info().Name, inventory.Key{1}, e.env.Now)
	err := e.Collect(t.Context(), sink)
	return sink.Batch(), err
}

// One source reads all organisations of an enterprise, as an app that is installed on it and as an owner of it.
func TestAnEnterpriseIsOneSource(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		list   string
	}{
		"by an owner": {func(*Options) {}, "https://api.github.com/enterprises/acme-corp/organizations"},
		"by an app":   {byApp, "https://api.github.com/enterprises/acme-corp/apps/installable_organizations"},
	} {
		t.Run(name, func(t *testing.T) {
			e := ofTheWhole(t, concern(), nil, c.change)
			if e.Info().Name != "github:acme-corp" {
				t.Error(e.Info().Name)
			}
			b, err := readWhole(t, e)
			if err != nil {
				t.Fatalf("%v\n%s", err, ledgerText(b))
			}
			r := facts2(b)
			if a := assistant(t, r, "claude"); a.Path != "github.com/acme" {
				t.Errorf("%+v", a)
			}
			if a := assistant(t, r, "devin-ai-integration"); a.Path != "github.com/acme-labs" {
				t.Errorf("%+v", a)
			}
			assistant(t, r, "claude-code in ci: claude.yml/fix")
			status := map[string]string{}
			for _, o := range r.Owners {
				status[o.Name] = o.Status
			}
			if status["lena"] != "active" || status["gone"] != "departed" {
				t.Errorf("who is in another organisation has not left: %v", status)
			}
			for _, x := range r.Resources {
				if strings.Contains(x.Name, "/other") {
					t.Errorf("an organisation of somebody else: %s", x.Name)
				}
			}
			if !slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool { return l.Path == c.list && l.State == inventory.LookedRead && l.Whole }) {
				t.Errorf("the ledger does not have %s", c.list)
			}
			n := 0
			for _, a := range r.Assistants {
				if a.Kind == "nhitop" {
					n++
				}
			}
			if n != 1 {
				t.Errorf("nhitop is there %d times", n)
			}
		})
	}
	e := ofTheWhole(t, concern(), nil, func(o *Options) { o.Orgs = []string{"*-labs"} })
	b, err := readWhole(t, e)
	if err != nil || slices.ContainsFunc(facts2(b).Assistants, func(a inventory.Assistant) bool { return a.Name == "claude" }) {
		t.Errorf("only those that are wanted: %v", err)
	}
}

// What one organisation costs is that organisation; where the list cannot be read nothing is known, and it is said what
// that takes.
func TestAnOrganisationThatCannotBeRead(t *testing.T) {
	w := concern()
	w.Orgs[1].Installations = w.Orgs[1].Installations[:1] // the app is not there
	b, err := readWhole(t, ofTheWhole(t, w, nil, byApp))
	if !errors.Is(err, sources.ErrPartial) || !strings.Contains(err.Error(), "acme-labs: ") {
		t.Errorf("%v", err)
	}
	r := facts2(b)
	assistant(t, r, "claude")
	for _, o := range r.Owners {
		if o.Status == "departed" {
			t.Errorf("%s may be in the organisation that was not read", o.Name)
		}
	}
	for name, change := range map[string]func(*githubsim.World){
		"no scope":         func(w *githubsim.World) { w.Tokens[1].Scopes = ownerScopes },
		"no such":          func(w *githubsim.World) { w.Enterprises[0].Slug = "else" },
		"an owner of none": func(w *githubsim.World) { w.Orgs[0].Enterprise, w.Orgs[1].Enterprise = "", "" },
	} {
		w := concern()
		change(&w)
		b, err := readWhole(t, ofTheWhole(t, w, nil))
		if err == nil || len(b.Records.Assistants) > 0 || name != "an owner of none" && !strings.Contains(err.Error(), "read:enterprise") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each call of the list fails in turn: it costs all, is said, and no credential goes elsewhere.
func TestFaultsOfTheList(t *testing.T) {
	for _, change := range []func(*Options){func(*Options) {}, byApp} {
		for at := 1; at <= 3; at++ {
			for _, fault := range httpxtest.All() {
				var rec *httpxtest.Recorder
				e := ofTheWhole(t, concern(), func(rt http.RoundTripper) http.RoundTripper {
					rec = httpxtest.Record(httpxtest.Faults(rt, at, fault))
					return rec
				}, change)
				if fault == httpxtest.Hang {
					continue // the time-out is that of every call
				}
				b, err := readWhole(t, e)
				rec.OnlyTo(t, apiHost, bossToken)
				rec.ReadsOnly(t, "/graphql", "/app/installations/590/access_tokens", "/app/installations/502/access_tokens", "/app/installations/512/access_tokens")
				told(t, string(fault), b, err)
				if err == nil && fault != httpxtest.TooMany && !recovers(fault) {
					t.Errorf("%s at %d: as if nothing had been", fault, at)
				}
			}
		}
	}
}

// recovers are faults that asking again gets over.
func recovers(f httpxtest.Fault) bool { return f == httpxtest.Cut }

// A step goes to its organisation, also in a process that has read nothing, and to none that is not the enterprise's.
func TestStepsOfAnEnterprise(t *testing.T) {
	e := ofTheWhole(t, concern(), nil, func(o *Options) { o.Revoke = true })
	b, err := readWhole(t, e)
	if err != nil {
		t.Fatal(err)
	}
	snap := inventory.NewSnapshot(noon, merge.Merge([]inventory.Batch{b}, nil), false)
	job := assistant(t, snap.Records(), "claude-code in ci: claude.yml/fix")
	steps, err := e.Plan(t.Context(), revoke.Target{ID: job.ID}, snap)
	if err != nil || len(steps) != 1 || steps[0].Source != "github:acme-corp" {
		t.Fatalf("%+v %v", steps, err)
	}
	e.orgs = nil // another process
	rec, err := e.Apply(t.Context(), steps[0])
	if err != nil {
		t.Fatal(err)
	}
	if p, err := e.Verify(t.Context(), steps[0], rec); err != nil || p.Grade != revoke.Attested {
		t.Errorf("%+v %v", p, err)
	}
	if _, state, err := e.Recover(t.Context(), steps[0]); err != nil || state != revoke.StateDone {
		t.Errorf("%s %v", state, err)
	}
	back, err := e.Undo(t.Context(), steps[0], rec)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := e.VerifyUndo(t.Context(), steps[0], rec); err != nil || p.Grade != revoke.Attested || back.Detail == "" {
		t.Errorf("%+v %v", p, err)
	}
	stranger := steps[0]
	stranger.Params = map[string]string{paramPath: "/repos/other/x/contents/.github/workflows/claude.yml", paramWhat: "workflow-off", paramName: "x"}
	if _, err := e.Apply(t.Context(), stranger); err == nil {
		t.Error("done in an organisation of somebody else")
	}
	for _, what := range []string{"", "x"} {
		stranger.Params = map[string]string{paramPath: what}
		if _, err := e.Apply(t.Context(), stranger); err == nil {
			t.Errorf("done without a place: %q", what)
		}
	}
	if steps, err := e.Plan(t.Context(), revoke.Target{ID: "sec-none"}, snap); err != nil || steps != nil {
		t.Errorf("%v %v", steps, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Collect(ctx, inventory.NewSink("x", inventory.Key{1}, e.env.Now)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAnEnterpriseConforms(t *testing.T) {
	rt := httpx.InProcess(githubsim.New(concern()))
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "an enterprise", Planted: []string{bossToken},
		Table: "enterprise = \"acme-corp\"\ntoken = { env = \"TOKEN\" }\nskip = [\"tokens\", \"requests\", \"sso\", \"copilot\", \"agent\"]",
		Env: sources.Env{Now: func() time.Time { return noon }, Sleep: httpxtest.NoSleep, Transport: func(string) http.RoundTripper { return rt },
			Getenv: func(string) string { return bossToken }}})
}
