package anthropic

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/anthropic/anthropicsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const host = "api.anthropic.example"

func days(n int) time.Time { return at.AddDate(0, 0, n) }

// company is an organisation with a bit of everything.
func company() anthropicsim.World {
	return anthropicsim.World{
		Organization: "ACME",
		Users: []anthropicsim.User{
			{Email: "ana@example.com", Name: "Ana Lima", Role: "admin", Added: days(-300)}, {Email: "ben@example.com", Name: "Ben Roth", Role: "claude_code_user", Added: days(-200)},
		},
		Workspaces: []anthropicsim.Workspace{
			{Name: "web", Tags: map[string]string{"environment": "production"}, Created: days(-200), Members: map[string]string{"ana@example.com": "workspace_admin", "ben@example.com": "workspace_developer"},
				Accounts: map[string]string{"ci-runner": "workspace_developer", "claude-code-action": "workspace_developer"}},
			{Name: "lab", Created: days(-100), Members: map[string]string{"ben@example.com": "workspace_user"}},
		},
		Keys: []anthropicsim.Key{
			{Name: "backend", Workspace: "web", By: "ana@example.com", Created: days(-200)},
			{Name: "claude_code_key_ben", Workspace: "lab", By: "ben@example.com", As: "ben@example.com", Created: days(-20), Expires: days(40)},
			{Name: "laptop", Workspace: "lab", By: "ben@example.com", Created: days(-30)},
			{Name: "orphan", Workspace: "web", By: "gone@example.com", Created: days(-400)},
			{Name: "legacy", Created: days(-500)},
			{Name: "runner", By: "ci-runner", As: "ci-runner", Created: days(-10), Expires: days(20)},
			{Name: "off", Workspace: "lab", By: "ana@example.com", Status: "inactive", Created: days(-60)},
			{Name: "old", Workspace: "lab", By: "ana@example.com", Status: "archived", Created: days(-90)},
			{Name: "over", Workspace: "lab", By: "ana@example.com", Created: days(-60), Expires: days(-1)},
		},
		Accounts: []anthropicsim.Account{
			{Name: "ci-runner", Description: "deploys", Role: "admin", By: "ana@example.com", Created: days(-50)},
			{Name: "claude-code-action", By: "ana@example.com", Created: days(-40)},
			{Name: "ended", Created: days(-90), Archived: days(-30)},
		},
		Issuers: []anthropicsim.Issuer{{Name: "github", URL: "https://token.actions.example.com", By: "ana@example.com", Created: days(-50)}, {Name: "idle", URL: "https://idle.example.com", CheckJTI: true, Created: days(-50)}},
		Rules: []anthropicsim.Rule{
			{Name: "deploy", Issuer: "github", Account: "ci-runner", Subject: "repo:acme/*", Audience: "anthropic", Lifetime: time.Hour, All: true, By: "ana@example.com", Created: days(-49)},
			{Name: "review", Issuer: "github", Account: "claude-code-action", Subject: "repo:acme/web:ref:refs/heads/main", Claims: map[string]string{"repository_owner": "acme"}, Lifetime: 10 * time.Minute, Workspaces: []string{"web"}, Created: days(-48)},
			{Name: "boss", Issuer: "idle", Account: "ci-runner", Condition: "claims.x == 'y'", Scope: "org:admin", Lifetime: time.Minute, Workspaces: []string{"web"}, Created: days(-47)},
			{Name: "past", Issuer: "github", Account: "ci-runner", Subject: "x", Created: days(-47), Archived: days(-46)},
		},
		Usage: []anthropicsim.Usage{
			{Day: days(-1), Key: "laptop", Terminal: "vscode", Customer: "api", Sessions: 3}, {Day: days(-2), Key: "laptop", Terminal: "iTerm.app", Customer: "api", Sessions: 1},
			{Day: days(0), Email: "ana@example.com", Terminal: "ghostty", Customer: "subscription", Sessions: 2},
		},
		Logins: []anthropicsim.Login{{Name: "admin"}, {Name: "admin2"}, {Name: "oauth", OAuth: true}, {Name: "weak", OAuth: true, Scope: "user:profile"}},
	}
}

type clock struct{ n atomic.Int64 }

func (c *clock) now() time.Time       { return at.Add(time.Duration(c.n.Load())) }
func (c *clock) pass(d time.Duration) { c.n.Add(int64(d)) }
func simOf(w anthropicsim.World) *anthropicsim.Sim {
	return anthropicsim.New(w, func() time.Time { return at })
}

// env finds the credential NAME of the world in the variable LOGIN_NAME.
func env(sim *anthropicsim.Sim, way http.RoundTripper, now func() time.Time) sources.Env {
	return sources.Env{
		Now: now, Sleep: httpxtest.NoSleep, Transport: func(string) http.RoundTripper { return way },
		Getenv: func(name string) string { return sim.Value(strings.TrimPrefix(name, "LOGIN_")) },
	}
}

// run is a source that may revoke, with what it has read.
type run struct {
	*Source
	t     *testing.T
	sim   *anthropicsim.Sim
	rec   *httpxtest.Recorder
	snap  *inventory.Snapshot
	batch inventory.Batch
	exec  *revoke.Executor
	ctx   context.Context
	clock *clock
}

func open(t *testing.T, w anthropicsim.World, change ...func(*Options)) *run {
	t.Helper()
	k := &clock{}
	sim := anthropicsim.New(w, k.now)
	rec := httpxtest.Record(httpx.InProcess(sim))
	o := Defaults()
	o.URL, o.Token.Env, o.OAuth.Env, o.Revoke, o.UsageDays = "https://"+host, "LOGIN_admin", "LOGIN_oauth", true, 3
	for _, f := range change {
		f(&o)
	}
	e := env(sim, rec, k.now)
	e.Sleep = func(ctx context.Context, d time.Duration) error { k.pass(d); return ctx.Err() }
	s, err := New(o, e)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{Source: s.(*Source), t: t, sim: sim, rec: rec, ctx: t.Context(), clock: k}
	r.again()
	dir := t.TempDir()
	now := func() time.Time { k.pass(time.Second); return k.now() }
	r.exec = &revoke.Executor{
		Journal: revoke.NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit.jsonl"), now), Now: now,
		Revokers: map[string]revoke.Revoker{s.Info().Name: r.Source}, Sleep: func(_ context.Context, d time.Duration) { k.pass(d) },
	}
	return r
}

func (r *run) again() inventory.SourceStatus {
	r.t.Helper()
	sink := inventory.NewSink(r.Info().Name, inventory.Key{1}, r.clock.now)
	st := sources.Collector{Now: r.clock.now}.Collect(r.t.Context(), r.Source, sink)
	if st.Status == inventory.SourceFailed {
		r.t.Fatal(st.Reason)
	}
	r.batch = sink.Batch()
	r.snap = inventory.NewSnapshot(at, merge.Merge([]inventory.Batch{r.batch}, nil), false)
	r.rec.ReadsOnly(r.t)
	r.rec.Reset()
	return st
}

// secret finds a secret by the name in its place.
func (r *run) secret(name string) *inventory.Secret {
	r.t.Helper()
	for i := range r.snap.Records().Secrets {
		x := &r.snap.Records().Secrets[i]
		for _, l := range x.Locations {
			if strings.HasSuffix(l.Note, `"`+name+`"`) {
				return x
			}
		}
	}
	r.t.Fatalf("no secret %q", name)
	return nil
}

func (r *run) assistant(part string) *inventory.Assistant {
	r.t.Helper()
	for i := range r.snap.Records().Assistants {
		if x := &r.snap.Records().Assistants[i]; strings.Contains(x.Name, part) {
			return x
		}
	}
	r.t.Fatalf("no assistant with %q", part)
	return nil
}

func (r *run) owner(email string) *inventory.Owner {
	r.t.Helper()
	for i := range r.snap.Records().Owners {
		if x := &r.snap.Records().Owners[i]; x.Email == email {
			return x
		}
	}
	r.t.Fatalf("no owner %q", email)
	return nil
}

// plan makes a plan, and fails the test when making it changed something.
func (r *run) plan(id inventory.ID, action string) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	target := revoke.Target{ID: id, Action: action}
	steps, err := r.Plan(r.ctx, target, r.snap)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rec.ReadsOnly(r.t)
	return revoke.NewPlan(r.clock.now(), 0, []revoke.Target{target}, nil, steps)
}

func (r *run) do(p *revoke.Plan) revoke.Run {
	r.t.Helper()
	got, err := r.exec.Execute(r.ctx, p, revoke.Consent{By: "test", Reason: "test", Yes: true, Word: p.Word()}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rec.OnlyTo(r.t, host)
	return got
}

// held puts a key of the world in hand.
func (r *run) held(name string) revoke.Held {
	v := inventory.NewValue(r.sim.Value(name))
	h := revoke.Held{ID: inventory.NewID(inventory.NounSecret, inventory.Key{1}.Fingerprint(v)), Kind: kindKey, Issuer: Kind, Value: v}
	r.ctx = revoke.WithHeld(r.t.Context(), h)
	return h
}

// said is a run in a few words.
func said(r revoke.Run) string {
	var out []string
	for _, s := range r.Steps {
		x := s.Action + "=" + s.State
		if s.Proof.Grade != "" {
			x += "," + string(s.Proof.Grade)
		}
		out = append(out, x)
	}
	return strings.Join(out, " ")
}
