package npm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/npm"
	"nhitop/sources/npm/npmsim"
)

var (
	start    = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	password = "pass" + "word-FAKE-1"
)

// registry is one to test against: in the process, or real.
type registry struct {
	name string
	base string
	rt   http.RoundTripper // nil: the network
	late bool              // it says that it revokes, and does not
}

func simulated(o npmsim.Options) registry {
	o.Seed = "test"
	if o.Now == nil {
		o.Now = func() time.Time { return start }
	}
	r := registry{name: "simulated", base: "https://npm.example", rt: httpx.InProcess(npmsim.New(o)), late: o.Late}
	if o.Late {
		r.name += ", late"
	}
	return r
}

// call asks the registry for what the source never does: to make accounts and tokens.
func (r registry) call(t *testing.T, method, path, token string, body, into any) int {
	t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.base+path, in)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Transport: r.rt}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s %s: %s: %v", method, path, data, err)
		}
	}
	return resp.StatusCode
}

func (r registry) login(t *testing.T, name string) string {
	t.Helper()
	var out struct{ Token string }
	if s := r.call(t, "PUT", "/-/user/org.couchdb.user:"+name, "", map[string]string{"name": name, "password": password}, &out); s != 201 || out.Token == "" {
		t.Fatalf("no account: %d", s)
	}
	return out.Token
}

// again makes another token of an account by logging in.
func (r registry) again(t *testing.T, name, session string) string {
	t.Helper()
	var out struct{ Token string }
	if s := r.call(t, "PUT", "/-/user/org.couchdb.user:"+name, session, map[string]string{"name": name, "password": password}, &out); s != 201 || out.Token == "" {
		t.Fatalf("no second token: %d", s)
	}
	return out.Token
}

func (r registry) token(t *testing.T, session string, readonly bool, cidr ...string) (key, value string) {
	t.Helper()
	var out struct{ Key, Token string }
	if cidr == nil {
		cidr = []string{}
	}
	if s := r.call(t, "POST", "/-/npm/v1/tokens", session, map[string]any{"password": password, "readonly": readonly, "cidr_whitelist": cidr}, &out); s != 200 || out.Key == "" {
		t.Fatalf("no token: %d", s)
	}
	return out.Key, out.Token
}

// bench is a source at a registry with all that a revocation needs.
type bench struct {
	t      *testing.T
	r      registry
	src    *npm.Source
	rec    *httpxtest.Recorder
	values map[string]string // variables
	exec   *revoke.Executor
	dir    string
	now    time.Time
}

func newBench(t *testing.T, r registry, credential string, change func(*npm.Options, *sources.Env)) *bench {
	t.Helper()
	b := &bench{t: t, r: r, values: map[string]string{"NPM_TOKEN": credential}, dir: t.TempDir(), now: start}
	rt := r.rt
	if rt == nil {
		rt = http.DefaultTransport
	}
	b.rec = httpxtest.Record(rt)
	clock := func() time.Time { b.now = b.now.Add(time.Millisecond); return b.now }
	o := npm.Options{URL: r.base, Token: credref.Ref{Env: "NPM_TOKEN"}, Revoke: true}
	e := sources.Env{
		Now: clock, Sleep: httpxtest.NoSleep, Getenv: func(n string) string { return b.values[n] },
		Transport: func(string) http.RoundTripper { return b.rec }, UserAgent: "nhitop/test", StateDir: b.dir,
	}
	if change != nil {
		change(&o, &e)
	}
	src, err := npm.New(o, e)
	if err != nil {
		t.Fatal(err)
	}
	b.src = src
	b.exec = &revoke.Executor{
		Journal: revoke.NewJournal(filepath.Join(b.dir, "journal")), Audit: audit.Open(filepath.Join(b.dir, "audit.jsonl"), clock),
		Revokers: map[string]revoke.Revoker{src.Info().Name: src}, Now: clock, Sleep: func(_ context.Context, d time.Duration) { b.now = b.now.Add(d) },
	}
	return b
}

// batch collects once.
func (b *bench) batch() (inventory.Batch, error) {
	b.t.Helper()
	sink := inventory.NewSink(b.src.Info().Name, inventory.Key{1}, func() time.Time { return start })
	err := b.src.Collect(b.t.Context(), sink)
	return sink.Batch(), err
}

// snapshot is what is known: by this source, and of the values that stand somewhere on the machine.
func (b *bench) snapshot(held ...string) *inventory.Snapshot {
	b.t.Helper()
	mine, err := b.batch()
	if err != nil {
		b.t.Fatal(err)
	}
	local := inventory.NewSink("local", inventory.Key{1}, func() time.Time { return start })
	assistant := inventory.NewID(inventory.NounAssistant, "claude-code")
	var ids []inventory.ID
	for _, v := range held {
		ids = append(ids, local.Secret(inventory.Secret{
			Kind: "npm-token", Issuer: "npm", Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown,
			Locations: []inventory.Location{{Path: "~/.npmrc", Pointer: "/~1~1" + b.host() + "~1:_authToken", Scope: inventory.ScopeUser}}, Ambient: true,
		}, inventory.NewValue(v)))
	}
	local.Assistant(inventory.Assistant{ID: assistant, Kind: "claude-code", Name: "Claude Code", Secrets: ids})
	return inventory.NewSnapshot(start, merge.Merge([]inventory.Batch{mine, local.Batch()}, nil), false)
}

func (b *bench) host() string {
	req, err := http.NewRequest("GET", b.r.base, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return req.URL.Host
}

// holding is a context in which the operator has a value in hand.
func (b *bench) holding(id inventory.ID, value string) context.Context {
	return revoke.WithHeld(b.t.Context(), revoke.Held{ID: id, Kind: "npm-token", Issuer: "npm", Value: inventory.NewValue(value)})
}

// find returns the secret that has the key.
func (b *bench) find(s *inventory.Snapshot, key string) inventory.Secret {
	b.t.Helper()
	for _, x := range s.Records().Secrets {
		for _, l := range x.Locations {
			if l.Path == b.r.base+"/-/npm/v1/tokens/token/"+key {
				return x
			}
		}
	}
	b.t.Fatalf("no token with the key %s among %d", key, len(s.Records().Secrets))
	return inventory.Secret{}
}

// revoke plans and carries out the end of one secret.
func (b *bench) revoke(ctx context.Context, s *inventory.Snapshot, id inventory.ID) revoke.StepRun {
	b.t.Helper()
	target := revoke.Target{ID: id}
	steps, err := b.src.Plan(ctx, target, s)
	if err != nil || len(steps) != 1 {
		b.t.Fatalf("%d steps, %v", len(steps), err)
	}
	b.now = b.now.Add(time.Second) // so that it is another plan
	p := revoke.NewPlan(b.now, 0, []revoke.Target{target}, nil, steps)
	run, err := b.exec.Execute(ctx, p, revoke.Consent{By: "ana", Reason: "test", Word: p.Word()}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return run.Steps[0]
}
