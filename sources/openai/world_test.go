package openai

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
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/openai/openaisim"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const host = "api.openai.example"

func days(n int) time.Time { return at.AddDate(0, 0, n) }

// company is an organisation with a bit of everything.
func company() openaisim.World {
	return openaisim.World{
		Users: []openaisim.User{{Email: "ana@example.com", Name: "Ana Lima", Role: "owner", Added: days(-300)}, {Email: "ben@example.com", Name: "Ben Roth", Added: days(-200)}},
		Projects: []openaisim.Project{
			{Name: "web", Created: days(-200), Accounts: []openaisim.Account{{Name: "codex-ci", Created: days(-50)}, {Name: "batch", Role: "owner", Created: days(-40)}, {Name: "idle", Created: days(-30)}}, Keys: []openaisim.Key{
				{Name: "backend", Owner: "ana@example.com", Created: days(-100), LastUsed: days(-1)},
				{Name: "narrow", Owner: "ana@example.com", Scopes: []string{"api.model.request", "api.files.read"}, Created: days(-90), Expires: days(30)},
				{Name: "reader", Owner: "ben@example.com", Scopes: []string{"api.all.read"}, Created: days(-90)},
				{Name: "orphan", Owner: "gone@example.com", Created: days(-400), Orphan: true},
				{Name: "over", Owner: "ben@example.com", Created: days(-60), Expires: days(-1)},
				{Name: "ci", Owner: "codex-ci", Created: days(-50), LastUsed: days(-2)},
				{Name: "nightly", Owner: "batch", Created: days(-40), Expires: days(20)},
			}},
			{Name: "lab", Created: days(-100), Keys: []openaisim.Key{{Name: "cursor on my laptop", Owner: "ben@example.com", Created: days(-20)}}},
			{Name: "past", Archived: true, Created: days(-500)},
		},
		AdminKeys: []openaisim.AdminKey{{Name: "admin", Owner: "ana@example.com", Created: days(-10), Expires: days(80)}, {Name: "admin2", Owner: "ana@example.com", Created: days(-10), LastUsed: days(-1)}, {Name: "stray", Owner: "gone@example.com", Created: days(-300)}},
		Providers: []openaisim.Provider{
			{Name: "github", Issuer: "https://token.actions.example.com", Audience: "openai", Created: days(-50), Rules: []openaisim.Rule{
				{Name: "deploy", Project: "web", Account: "codex-ci", Matchers: map[string]string{"repository": "acme/*"}, Created: days(-50)},
				{Name: "past", Project: "web", Account: "batch", Scopes: []string{"api.model.request"}, Off: true, Created: days(-40)},
			}},
			{Name: "idle", Issuer: "https://idle.example.com", Audience: "openai", Off: true, Created: days(-50)},
		},
	}
}

type clock struct{ n atomic.Int64 }

func (c *clock) now() time.Time       { return at.Add(time.Duration(c.n.Load())) }
func (c *clock) pass(d time.Duration) { c.n.Add(int64(d)) }
func simOf(w openaisim.World) *openaisim.Sim {
	return openaisim.New(w, func() time.Time { return at })
}

// env finds the credential NAME of the world in the variable LOGIN_NAME.
func env(sim *openaisim.Sim, way http.RoundTripper, now func() time.Time) sources.Env {
	return sources.Env{
		Now: now, Sleep: httpxtest.NoSleep, Transport: func(string) http.RoundTripper { return way },
		Getenv: func(name string) string { return sim.Value(strings.TrimPrefix(name, "LOGIN_")) },
	}
}

// run is a source that may revoke, with what it has read.
type run struct {
	*Source
	t     *testing.T
	sim   *openaisim.Sim
	rec   *httpxtest.Recorder
	snap  *inventory.Snapshot
	batch inventory.Batch
	exec  *revoke.Executor
	ctx   context.Context
	clock *clock
	dir   string // of journal and audit log
}

func open(t *testing.T, w openaisim.World, change ...func(*Options)) *run {
	t.Helper()
	k := &clock{}
	sim := openaisim.New(w, k.now)
	rec := httpxtest.Record(httpx.InProcess(sim))
	o := Defaults()
	o.URL, o.Token.Env, o.RevokeToken.Env, o.Revoke = "https://"+host, "LOGIN_admin", "LOGIN_admin2", true
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
	r.dir = dir
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
			if strings.Contains(l.Note, `"`+name+`"`) {
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
func (r *run) held(name, kind string) revoke.Held {
	v := inventory.NewValue(r.sim.Value(name))
	h := revoke.Held{ID: inventory.NewID(inventory.NounSecret, inventory.Key{1}.Fingerprint(v)), Kind: kind, Issuer: Kind, Value: v}
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
