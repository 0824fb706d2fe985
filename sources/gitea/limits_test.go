package gitea

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/gitea/giteatest"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

// small is a world in which every kind of request is made once, and not much more.
func small() giteasim.World {
	return giteasim.World{
		Users: []giteasim.User{
			{Name: "ann", Email: "ann@acme.example", Tokens: []giteasim.Token{{Name: "codex", Scopes: []string{"write:repository"}}}},
			{Name: "agent", Bot: true, Tokens: []giteasim.Token{{Name: "work", Scopes: []string{"all"}}}},
		},
		Orgs: []giteasim.Org{{Name: "acme", Owners: []string{"boss"}, Teams: []giteasim.Team{{Name: "agents", Permission: "write", Members: []string{"agent"}, Repos: []string{"shop"}}}}},
		Repos: []giteasim.Repo{{
			Owner: "acme", Name: "shop", Collaborators: map[string]string{"ann": "write"}, Keys: []giteasim.Key{{Title: "mirror", Key: giteatest.PublicKey(1)}},
			Files: map[string]string{".gitea/workflows/ai.yml": workflow}, Secrets: []giteasim.Secret{{Name: "T"}}, Runners: []giteasim.Runner{{Name: "big"}},
		}},
	}
}

// reader makes a source over any transport, for a token that a simulator knows.
func reader(t *testing.T, token string, way http.RoundTripper) *Source {
	t.Helper()
	o := Defaults()
	o.URL, o.Token = "https://git.acme.example", credref.Ref{Env: "T"}
	src, err := New(o, sources.Env{
		Now: func() time.Time { return giteatest.Now }, Getenv: func(string) string { return token }, Sleep: httpxtest.NoSleep,
		Transport: func(string) http.RoundTripper { return way },
	})
	if err != nil {
		t.Fatal(err)
	}
	return src.(*Source)
}

func inProcess(s *giteatest.Server) http.RoundTripper { return httpx.InProcess(s.Sim) }

func once(ctx context.Context, src *Source) (inventory.Batch, inventory.SourceStatus) {
	now := func() time.Time { return giteatest.Now }
	sink := inventory.NewSink(Kind, inventory.Key{1}, now)
	st := sources.Collector{Now: now, Deadline: time.Hour}.Collect(ctx, src, sink)
	return sink.Batch(), st
}

// Every fault at every request in turn: the status says so, the rest is delivered, and the token goes nowhere else.
func TestFaultsAtEveryRequest(t *testing.T) {
	s := giteatest.Simulated(small())
	token := s.Own(t, "reads", "read:admin", "read:user", "read:repository", "read:organization")
	counter := httpxtest.Faults(httpx.InProcess(s.Sim), 0, "")
	whole, st := once(t.Context(), reader(t, token, counter))
	if st.Status != inventory.SourceOK {
		t.Fatalf("%s: %s", st.Status, st.Reason)
	}
	n := counter.Requests()
	if n < 20 {
		t.Fatalf("only %d requests", n)
	}
	for _, f := range httpxtest.All() {
		for at := 1; at <= n; at++ {
			t.Run(fmt.Sprintf("%s at %d", f, at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // a request that hangs is waited for by the clock of the test
					faulty := httpxtest.Faults(httpx.InProcess(s.Sim), at, f)
					rec := httpxtest.Record(faulty)
					b, st := once(t.Context(), reader(t, token, rec))
					rec.OnlyTo(t, "git.acme.example", token)
					rec.ReadsOnly(t)
					checkFault(t, whole, b, st, faulty.Hit(), f)
				})
			})
		}
	}
}

func checkFault(t *testing.T, whole, b inventory.Batch, st inventory.SourceStatus, hit string, f httpxtest.Fault) {
	t.Helper()
	full := func() bool {
		return len(b.Records.Secrets) == len(whole.Records.Secrets) && len(b.Records.Assistants) == len(whole.Records.Assistants)
	}
	// What some servers do not have is no failure, and a repository may have no workflows.
	if f == httpxtest.NotFound && (strings.Contains(hit, "/runners") || strings.HasSuffix(hit, "/actions/workflows") || strings.Contains(hit, "/raw/CODEOWNERS")) {
		if st.Status != inventory.SourceOK {
			t.Errorf("%s: %s %s", hit, st.Status, st.Reason)
		}
		return
	}
	if strings.Contains(hit, "/raw/") { // of a file any text is a text; a CODEOWNERS file that is not to be had names nobody
		return
	}
	switch {
	case st.Status == inventory.SourceOK:
		t.Errorf("%s: all is well, says the status (full: %v)", hit, full())
	case st.Reason == "":
		t.Errorf("%s: %s, and nobody says why", hit, st.Status)
	case f == httpxtest.Unauthorized && !strings.Contains(st.Reason, "does not accept the credential"):
		t.Errorf("%s: %s", hit, st.Reason)
	case f != httpxtest.Unauthorized && f != httpxtest.TooMany && st.Status == inventory.SourceFailed && !strings.HasSuffix(hit, "/version"):
		t.Errorf("%s: failed as a whole: %s", hit, st.Reason)
	}
	if len(b.Records.Secrets) > len(whole.Records.Secrets)+1 { // nhitop's own token, where the list does not tell that it is known
		t.Errorf("%s: more secrets than there are", hit)
	}
}

// With less than an administrator's token less is known, nothing is empty, and the ledger names the scope that is missing.
func TestWhatMayNotBeReadIsUnknown(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		company(t, s)
		value, _ := s.Token(t, "nh-ann", "reads little", "read:repository")
		x := connect(t, s, map[string]string{"reads": value}, func(o *Options) { o.Repositories = []string{"nh-acme/*"} })
		snap, st := x.inventory()
		if st.Status != inventory.SourcePartial {
			t.Errorf("%s: %s", st.Status, st.Reason)
		}
		var denied []string
		for _, l := range st.Ledger {
			if l.State == inventory.LookedDenied {
				denied = append(denied, strings.TrimPrefix(l.Path, s.Base+"/api/v1")+" "+l.Reason)
			}
		}
		all := strings.Join(denied, "\n")
		for _, want := range []string{
			"/user whose credential this is: token does not have at least one of required scope(s), required=[read:user]", "/admin/users the users of the instance and whether they may sign in",
			"required=[read:admin]", "/user/orgs the organisations: token does not have at least one of required scope(s), required=[read:user read:organization]", "/repos/nh-acme/shop/keys the deploy keys of nh-acme/shop: only administrators of the repository are told",
			"/repos/nh-acme/shop/branch_protections",
		} {
			if !strings.Contains(all, want) {
				t.Errorf("the ledger does not say %q:\n%s", want, all)
			}
		}
		for _, a := range snap.Records().Assistants {
			for c, v := range a.Capabilities {
				if v == inventory.No && a.Job == nil {
					t.Errorf("%s: %s is no, and nobody could tell", a.Name, c)
				}
			}
		}
		job := assistantOf(t, snap, "claude-code in ci: review.yml/review")
		if job.Capabilities[inventory.MergeProtected] != inventory.Unknown {
			t.Errorf("its rules could not be read: %v", job.Capabilities)
		}
		own := assistantOf(t, snap, "nhitop")
		if len(own.Secrets) != 1 || snap.Secret(own.Secrets[0]).Fingerprint == "" {
			t.Errorf("%+v", own)
		}
	})
}

// Users of the type bot stand in no list of users; they are found where they have access.
func TestBotsAreFoundByTheirAccess(t *testing.T) {
	s := giteatest.Simulated(small())
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all")}, nil)
	snap, st := x.inventory()
	if st.Status != inventory.SourceOK {
		t.Fatal(st.Reason)
	}
	bot := assistantOf(t, snap, "agent")
	if bot.Kind != "custom" || bot.Class != inventory.ClassNHI || len(bot.Secrets) != 1 || bot.Capabilities[inventory.MergeProtected] != inventory.Yes || !strings.Contains(bot.Evidence[0].Note, "type bot") {
		t.Errorf("%+v", bot)
	}
	for _, st := range x.plan(bot.ID, revoke.ActionSuspend, snap) {
		if !strings.Contains(st.Summary, "suspend agent") {
			t.Errorf("%+v", st)
		}
	}
}

func run(t *testing.T, x *setup, steps []revoke.Step) (revoke.Run, time.Duration) {
	t.Helper()
	dir := t.TempDir()
	now := giteatest.Now
	clock := func() time.Time { return now }
	e := &revoke.Executor{
		Journal: revoke.NewJournal(dir + "/journal"), Audit: audit.Open(dir+"/audit.jsonl", clock), Revokers: map[string]revoke.Revoker{x.src.Info().Name: x.src}, Now: clock,
		Sleep: func(_ context.Context, d time.Duration) { now = now.Add(d) },
	}
	x.src.env.Now = clock
	r, err := e.Execute(t.Context(), revoke.NewPlan(now, 0, nil, nil, steps), revoke.Consent{By: "ann", Reason: "a test", Yes: true, Word: "revoke 1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r, now.Sub(giteatest.Now)
}

// A server that lies is found out: what it hides and goes on accepting is alive where the token is in hand, and what it
// goes on listing is alive in any case.
func TestLiesAreFoundOut(t *testing.T) {
	for lie, want := range map[string]revoke.Grade{giteasim.LieIgnores: revoke.Alive, giteasim.LieHides: revoke.Attested} {
		s := giteatest.Simulated(giteasim.World{})
		x := armed(t, s)
		snap, _ := x.inventory()
		tok := secretOf(t, snap, "gitea-token", "claude-code laptop")
		steps := x.plan(tok.ID, "", snap)
		s.Sim.Break(giteasim.Fault{Method: "DELETE", Lie: lie})
		r, waited := run(t, x, steps)
		if got := r.Steps[0].Proof; got.Grade != want || lie == giteasim.LieIgnores && waited < horizon {
			t.Errorf("%s: %+v after %s", lie, got, waited)
		}
		h := revoke.Held{ID: tok.ID, Kind: tok.Kind, Value: inventory.NewValue(s.Sim.Token("nh-ann", "claude-code laptop"))}
		if p, err := x.src.Verify(revoke.WithHeld(t.Context(), h), steps[0], revoke.Receipt{}); err != nil || p.Grade != revoke.Alive {
			t.Errorf("%s, in hand: %+v %v", lie, p, err)
		}
	}
}

// A token that goes on being accepted for a while is looked at until it is not.
func TestADelayIsWaitedFor(t *testing.T) {
	now := giteatest.Now
	s := giteatest.Simulated(giteasim.World{Grace: 4 * time.Second, Now: func() time.Time { return now }})
	x := armed(t, s)
	snap, _ := x.inventory()
	own := secretOf(t, snap, "gitea-token", "nhitop "+t.Name())
	st := one(t, x.plan(own.ID, "", snap), "revoke")
	r, err := x.src.Apply(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	x.look(st, r, revoke.Alive)
	now = now.Add(3 * time.Second)
	x.look(st, r, revoke.Alive)
	now = now.Add(time.Second)
	x.look(st, r, revoke.Proven)
}

// Nothing that is not an answer to the question is taken for death.
func TestOnly401IsDeath(t *testing.T) {
	for _, c := range []struct {
		fault giteasim.Fault
		want  revoke.Grade
	}{
		{giteasim.Fault{Path: "/user", Status: 500}, revoke.Unproven}, {giteasim.Fault{Path: "/user", Status: 429}, revoke.Unproven}, {giteasim.Fault{Path: "/user", Status: 404}, revoke.Unproven},
		{giteasim.Fault{Path: "/user", Status: 403, Body: `{"message":"no"}`}, revoke.Alive}, {giteasim.Fault{Path: "/user", Cut: true}, revoke.Unproven},
		// Something before the server takes the credential off: everybody is nobody.
		{giteasim.Fault{Path: "/user", Status: 401, Body: `{"message":"token is required"}`}, revoke.Unproven},
		{giteasim.Fault{Path: "/version", Status: 502}, revoke.Unproven}, {giteasim.Fault{}, revoke.Alive},
	} {
		s := giteatest.Simulated(giteasim.World{})
		token := s.Own(t, "lives", "read:user")
		src := reader(t, token, httpx.InProcess(s.Sim))
		if c.fault.Path != "" {
			s.Sim.Break(c.fault)
		}
		value := inventory.NewValue(token)
		if c.fault.Path == "/version" {
			value = inventory.NewValue("fa4e" + strings.Repeat("0", 36))
		}
		if got, detail := src.probe(t.Context(), value); got != c.want {
			t.Errorf("%+v: %s %s", c.fault, got, detail)
		}
	}
}

// An answer that is lost after the deletion is no loss: it is sent again, and found done.
func TestALostAnswerIsAskedAgain(t *testing.T) {
	s := giteatest.Simulated(giteasim.World{})
	x := armed(t, s)
	snap, _ := x.inventory()
	st := one(t, x.plan(secretOf(t, snap, "gitea-token", "token backup").ID, "", snap), "revoke")
	s.Sim.Break(giteasim.Fault{Method: "DELETE", Cut: true, Times: 1})
	x.carry(st, revoke.Attested)
	s.Sim.Mend()
	gone := one(t, x.plan(secretOf(t, snap, "gitea-token", "token work").ID, "", snap), "revoke")
	s.Sim.Break(giteasim.Fault{Method: "DELETE", Status: 403, Body: `{"message":"no"}`})
	if _, err := x.src.Apply(t.Context(), gone); err == nil || !strings.Contains(err.Error(), "may not do that") {
		t.Error(err)
	}
	s.Sim.Mend()
	other := gone
	other.Params = map[string]string{paramKind: aToken, paramLogin: "codex-bot", paramID: gone.Params[paramID], paramName: "another"}
	if _, err := x.src.Apply(t.Context(), other); !errors.Is(err, revoke.ErrChanged) {
		t.Error(err)
	}
}

// A rate limit of a proxy is waited for, or ends the reading with what was read.
func TestLimitsEndTheReading(t *testing.T) {
	s := giteatest.Simulated(small())
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all")}, nil)
	s.Sim.Break(giteasim.Fault{Path: "/repos/*/*/keys", Status: 429, Header: map[string]string{"Retry-After": "7200"}})
	b, st := x.collect()
	if st.Status == inventory.SourceOK || !strings.Contains(st.Reason, "rate limit") || len(b.Records.Owners)+len(b.Records.Secrets) == 0 && st.Status != inventory.SourceFailed {
		t.Errorf("%s %s", st.Status, st.Reason)
	}
}
