package gitlab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/internal/self"
)

func notes(b inventory.Batch) map[string]inventory.Secret {
	out := map[string]inventory.Secret{}
	for _, s := range b.Records.Secrets {
		name := s.Note
		if f := strings.Split(s.Note, `"`); len(f) > 1 {
			name = f[1]
		}
		out[name] = s
	}
	return out
}

func line(b inventory.Batch, path string) inventory.Looked {
	for _, l := range b.Ledger {
		if strings.HasSuffix(l.Path, path) {
			return l
		}
	}
	return inventory.Looked{}
}

func TestWhatAnAdministratorSees(t *testing.T) {
	w := company()
	w.Tokens[8].CreatedBy = "cem" // the project's codex
	sim := gitlabsim.New(w, func() time.Time { return at })
	o := open(t, sim, "admin", nil)
	b, st := o.read()
	if st.Status != inventory.SourceOK {
		t.Fatal(st.Status, st.Reason)
	}
	got := notes(b)
	for name, want := range map[string]struct{ kind, state, account string }{
		"cursor on my laptop": {"gitlab-pat", inventory.StateLive, "cem"},
		"ben-old":             {"gitlab-pat", inventory.StateDisabled, "ben"},
		"agent":               {"gitlab-pat", inventory.StateLive, "svc-claude"},
		"codex":               {"gitlab-pat", inventory.StateLive, "project_301_bot_fa4e1011"},
		"docs reader":         {"gitlab-pat", inventory.StateLive, "group_201_bot_fa4e1013"},
		"publish":             {"gitlab-deploy-token", inventory.StateLive, "gitlab+deploy-token-1016"},
		"mirror":              {"ssh-private-key", inventory.StateLive, ""},
		"nightly":             {"gitlab-trigger-token", inventory.StateLive, "ana"},
		"builder":             {"gitlab-runner-token", inventory.StateLive, ""},
	} {
		s, ok := got[name]
		if !ok || s.Kind != want.kind || s.State != want.state || s.Account != want.account || s.Storage == "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if _, ok := got["revoked"]; ok {
		t.Error("a revoked token is listed")
	}
	x := got["cursor on my laptop"]
	if x.LongLived != inventory.Yes || !x.LastUsed.Equal(days(-1)) || !x.Created.Equal(days(-400)) || len(x.Scopes) != 1 {
		t.Errorf("%+v", x)
	}
	if m := got["mirror"]; len(m.Aliases) != 1 || len(m.Locations) != 2 {
		t.Errorf("a deploy key is known again by its fingerprint: %+v", m)
	}
	names := map[inventory.ID]inventory.Owner{}
	for _, x := range b.Records.Owners {
		names[x.ID] = x
	}
	if c := got["codex"]; len(c.Owners) != 1 || names[c.Owners[0]].Name != "Cem Kaya" {
		t.Errorf("who made a project token: %+v", c.Owners)
	}
	kinds, where := map[string]int{}, map[string]string{}
	for _, a := range b.Records.Assistants {
		kinds[a.Kind]++
		where[a.Kind] = a.Path
	}
	if where["codex"] != host+"/acme/core/api" || where["gitlab-duo"] != host+"/acme" || where["claude-code"] != "" {
		t.Errorf("what an assistant was made for: %v", where)
	}
	for kind, n := range map[string]int{"claude-code": 2, "codex": 1, "cursor": 1, "gitlab-duo": 1, self.Kind: 1} {
		if kinds[kind] != n {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, n)
		}
	}
	o.rec.ReadsOnly(t)
	o.rec.OnlyTo(t, host, sim.Value("admin"))
	if n := len(o.rec.Sent()); n != 61 {
		t.Errorf("%d calls: the table in doc.go speaks of another number", n)
	}
}

// On gitlab.com the owner of the top group sees all tokens at once, and no list of each project is asked for.
func TestCredentialsInventory(t *testing.T) {
	w := company()
	w.SaaS = true
	sim := gitlabsim.New(w, func() time.Time { return at })
	o := open(t, sim, "ana-read", nil)
	b, st := o.read()
	if st.Status != inventory.SourceOK {
		t.Fatal(st.Status, st.Reason)
	}
	got := notes(b)
	for _, name := range []string{"cursor on my laptop", "codex", "docs reader", "agent", "publish"} {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if c := got["codex"]; !strings.Contains(c.Note, "acme/core/api") {
		t.Errorf("%+v", c)
	}
	for _, s := range o.rec.Sent() {
		if strings.HasSuffix(s.Path, "/access_tokens") && !strings.Contains(s.Path, "manage") && !strings.Contains(s.Path, "service_accounts") {
			t.Errorf("asked for %s", s.Path)
		}
	}
}

// What a token may not read is named, with what is missing, and is unknown: never empty, never "no".
func TestWhatIsNotShown(t *testing.T) {
	w := company()
	w.Tokens = append(w.Tokens, gitlabsim.Token{Name: "dev", User: "cem", Scopes: []string{"read_api"}}, gitlabsim.Token{Name: "narrow", User: "ana", Scopes: []string{"read_repository"}})
	sim := gitlabsim.New(w, func() time.Time { return at })
	b, st := open(t, sim, "dev", nil).read()
	if st.Status != inventory.SourcePartial {
		t.Errorf("%s %s", st.Status, st.Reason)
	}
	for path, says := range map[string]string{
		"/groups/201/access_tokens": "Owner of the group", "/groups/201/deploy_tokens": "Maintainer", "/projects/301/deploy_keys": "Maintainer", "/groups/201/service_accounts": "Owner of the group",
	} {
		if l := line(b, path); l.State != inventory.LookedDenied || !strings.Contains(l.Reason, says) {
			t.Errorf("%s: %+v", path, l)
		}
	}
	for _, a := range b.Records.Assistants {
		if a.Kind != "cursor" {
			continue
		}
		for c, answer := range a.Capabilities {
			if answer == inventory.No && c != inventory.BypassReview && c != inventory.DeployProd && c != inventory.MergeProtected {
				t.Errorf("%s is a plain no although not everything was read", c)
			}
		}
	}
	b, st = open(t, sim, "narrow", nil).read()
	if l := line(b, "/groups"); st.Status != inventory.SourcePartial || !strings.Contains(l.Reason, "lacks the scope read_api") {
		t.Errorf("%s %+v", st.Status, l)
	}
	b, st = open(t, sim, "revoked", nil).read()
	if st.Status != inventory.SourceFailed || !strings.Contains(st.Reason, "refuses the token (env TOKEN_revoked)") || len(b.Records.Secrets) > 0 {
		t.Errorf("%s %s", st.Status, st.Reason)
	}
}

func TestNamedPlaces(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	o := open(t, sim, "admin", nil, func(o *Options) { o.Groups = []string{"acme/core"}; o.Projects = []string{"acme/site"} })
	b, _ := o.read()
	got := notes(b)
	for name, want := range map[string]bool{"codex": true, "publish": true, "docs reader": false, "nightly": true} {
		if _, ok := got[name]; ok != want && name != "docs reader" {
			t.Errorf("%s: %v", name, ok)
		}
	}
	for _, s := range o.rec.Sent() {
		if strings.HasSuffix(s.Path, "/users") || strings.HasPrefix(s.Path, "/api/v4/groups/201/") {
			t.Errorf("asked for %s", s.Path)
		}
	}
	w := company()
	w.Groups = append(w.Groups, gitlabsim.Group{Path: "guests", Members: map[string]gitlabsim.Access{"svc-claude": gitlabsim.Maintainer}}, gitlabsim.Group{Path: "far"})
	w.Projects = append(w.Projects, gitlabsim.Project{Path: "far/away", SharedWith: map[string]gitlabsim.Access{"guests": gitlabsim.Developer}})
	b, _ = open(t, gitlabsim.New(w, func() time.Time { return at }), "admin", nil).read()
	for _, e := range b.Records.Entitlements {
		if e.Capability == inventory.WriteSource && strings.Contains(e.Path[0], "svc-claude") && !strings.Contains(strings.Join(e.Path, " "), "in 4 of 4") {
			t.Errorf("an invited group does not count: %v", e.Path)
		}
	}
}

// A rate limit is waited for, and shown; nothing is lost by it.
func TestRateLimitIsWaitedFor(t *testing.T) {
	w := company()
	want, _ := open(t, gitlabsim.New(w, func() time.Time { return at }), "admin", nil).read()
	w.RateLimit = 10
	var past atomic.Int64
	now := func() time.Time { return at.Add(time.Duration(past.Load())) }
	sim := gitlabsim.New(w, now)
	o := open(t, sim, "admin", nil)
	var said texts
	env := testEnv(sim, o.rec)
	env.Now = now
	env.Sleep = func(ctx context.Context, d time.Duration) error { past.Add(int64(d)); return ctx.Err() }
	opt := o.opt
	opt.Concurrency = 1
	made, err := New(opt, env)
	if err != nil {
		t.Fatal(err)
	}
	s := made.(*Source)
	sink := inventory.NewSink("gitlab", inventory.Key{1}, func() time.Time { return at })
	st := sources.Collector{Now: now}.Collect(t.Context(), watched{s, &said}, sink)
	if st.Status != inventory.SourceOK || now().Sub(at) < 5*time.Minute {
		t.Fatalf("%s %s after %s", st.Status, st.Reason, now().Sub(at))
	}
	if got := sink.Batch(); len(got.Records.Secrets) != len(want.Records.Secrets) || len(got.Records.Entitlements) != len(want.Records.Entitlements) {
		t.Errorf("%d secrets of %d", len(got.Records.Secrets), len(want.Records.Secrets))
	}
	if !slices.ContainsFunc(said.all, func(x string) bool { return strings.Contains(x, "waiting") && strings.Contains(x, "GitLab") }) {
		t.Error("nobody was told that it waits:", said.all)
	}
}

// texts are what somebody was told.
type texts struct {
	mu  sync.Mutex
	all []string
}

func (x *texts) add(s string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all = append(x.all, s)
}

// watched notes what a source says while it waits.
type watched struct {
	*Source
	said *texts
}

func (w watched) Collect(ctx context.Context, sink inventory.Sink) error {
	return w.collect(ctx, sink, w.said.add)
}

// A large instance costs so many calls as doc.go says.
func TestLargeInstance(t *testing.T) {
	calls := func(projects int) int {
		w := company()
		for i := range projects {
			w.Projects = append(w.Projects, gitlabsim.Project{Path: fmt.Sprintf("acme/core/p%04d", i), Branches: []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: maintainers}}})
		}
		o := open(t, gitlabsim.New(w, func() time.Time { return at }), "admin", nil)
		b, st := o.read()
		if st.Status != inventory.SourceOK || len(b.Records.Resources) > 20 {
			t.Fatalf("%s %s: %d resources", st.Status, st.Reason, len(b.Records.Resources))
		}
		return len(o.rec.Sent())
	}
	// Members, triggers, service accounts, cluster agents and pipeline; protected branches, environments, protected environments and approval
	// rules; and a page of the list for each hundred.
	if per := float64(calls(600)-calls(100)) / 500; per < 9 || per > 9.02 {
		t.Errorf("%.2f calls for one more project", per)
	}
}
