package gitlab

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/sourcetest"
)

// planted is a credential that somebody wrote into a pipeline.
var planted = "sk-" + "ant-api03-" + strings.Repeat("FAKEfa4e", 11) + "FAKEf-AA"

func TestConformance(t *testing.T) {
	w := company()
	w.Projects[0].Files[".gitlab-ci.yml"] += "fix:\n  script: [claude -p fix]\n  variables: { ANTHROPIC_API_KEY: \"" + planted + "\" }\n"
	saas := company()
	saas.SaaS = true
	free := company()
	free.Plan, free.Version = gitlabsim.Free, "17.11.0"
	bare := gitlabsim.World{Users: []gitlabsim.User{{Username: "ana"}}, Tokens: []gitlabsim.Token{{Name: "ana-read", User: "ana", Scopes: []string{"read_user"}}}}
	var cases []sourcetest.Case
	for _, c := range []struct {
		name, token, table string
		world              gitlabsim.World
		planted            bool
	}{
		{"the whole instance", "admin", "", w, true},
		{"with another token to revoke", "admin", "revoke = true\nrevoke_token = { env = \"TOKEN_ana-api\" }", w, true},
		{"a group's owner on gitlab.com", "ana-read", `groups = ["acme"]`, saas, false},
		{"one project", "ana-read", `projects = ["acme/site"]`, company(), false},
		{"free", "admin", "", free, false},
		{"a token that may read nothing", "ana-read", "", bare, false},
		{"no such group", "ana-read", `groups = ["nothing"]`, company(), false},
	} {
		sim := gitlabsim.New(c.world, func() time.Time { return at })
		env := testEnv(sim, httpx.InProcess(sim))
		x := sourcetest.Case{Name: c.name, Env: env, Table: "url = \"https://" + host + "\"\ntoken = { env = \"TOKEN_" + c.token + "\" }\n" + c.table, Planted: []string{sim.Value(c.token)}}
		if c.planted {
			x.Planted = append(x.Planted, planted)
		}
		cases = append(cases, x)
	}
	sourcetest.Run(t, Factory, cases...)
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		says   string
	}{
		{func(o *Options) { o.Token.Env = "" }, "token: a credential is needed"},
		{func(o *Options) { o.Token.File = "x" }, "token: one place only"},
		{func(o *Options) { o.URL = "https://gitlab.example.com/api/v4" }, "url: the address of the instance"},
		{func(o *Options) { o.URL = "http://gitlab.example.com" }, "url: plain http is for loopback alone"},
		{func(o *Options) { o.Name = "a b" }, "name: letters"},
		{func(o *Options) { o.Groups = []string{"https://x/y"} }, "groups: "},
		{func(o *Options) { o.Projects = []string{""} }, "projects: "},
		{func(o *Options) { o.Concurrency = 0 }, "concurrency: from 1 to 32"},
		{func(o *Options) { o.Assistants = map[string]string{"x": "no-such"} }, "assistants: "},
		{func(o *Options) { o.Assistants = map[string]string{"[": "custom"} }, "assistants: "},
		{func(o *Options) { o.CAFile = "/nowhere/ca.pem" }, "ca_file: "},
	} {
		o := Defaults()
		o.Token.Env = "TOKEN"
		c.change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("want %q, got %v", c.says, err)
		}
	}
}

// What one call breaks costs that call: the rest is read, the ledger says what happened, nothing is changed, and the token
// goes nowhere else. For every call of a collection, in turn.
func TestFaultsOnEveryCall(t *testing.T) {
	count := httpxtest.Faults(httpx.InProcess(gitlabsim.New(whole(), func() time.Time { return at })), 0, "")
	sim := gitlabsim.New(whole(), func() time.Time { return at })
	one := func(o *Options) { o.Concurrency, o.Variables = 1, true }
	open(t, sim, "admin", func(http.RoundTripper) http.RoundTripper { return count }, one).read()
	n := count.Requests()
	if n < 40 {
		t.Fatalf("only %d calls", n)
	}
	for _, fault := range httpxtest.All() {
		step := 1
		switch fault {
		case httpxtest.Hang:
			continue // see below
		case httpxtest.HugeJSON:
			step = 7 // it costs
		}
		for i := 1; i <= n; i += step {
			faulty(t, i, fault)
		}
	}
}

// whole is the company with what is read only where the configuration asks for it.
func whole() gitlabsim.World {
	w := company()
	w.Groups[0].Variables = []gitlabsim.Variable{{Key: "DEPLOY_TOKEN", Value: variableValue, Masked: true}}
	w.Projects[0].Variables = []gitlabsim.Variable{{Key: "REGION", Value: variableValue}}
	return w
}

func faulty(t *testing.T, call int, fault httpxtest.Fault) {
	t.Helper()
	sim := gitlabsim.New(whole(), func() time.Time { return at })
	var f *httpxtest.Faulty
	rec := httpxtest.Record(httpx.InProcess(sim))
	o := openWith(t, sim, "admin", func() http.RoundTripper { f = httpxtest.Faults(rec, call, fault); return httpxtest.Record(f) }, func(o *Options) { o.Variables = true })
	b, st := o.read()
	hit := f.Hit()
	if hit == "" {
		return // other calls before it made this one unneeded
	}
	name := string(fault) + " at " + hit
	switch {
	case st.Status == inventory.SourceOK && !harmless(hit, fault):
		t.Errorf("%s: %s, as if nothing had been", name, st.Status)
	case st.Status == inventory.SourceFailed && !strings.HasSuffix(hit, selfPath):
		t.Errorf("%s: %s: %s", name, st.Status, st.Reason)
	case st.Status != inventory.SourceFailed && len(b.Records.Assistants) == 0:
		t.Errorf("%s: nothing is left", name)
	}
	named := false
	for _, l := range b.Ledger {
		if l.State != inventory.LookedRead && strings.HasPrefix("GET "+strings.TrimPrefix(l.Path, "https://"+host), strings.ReplaceAll(hit, "/raw", "")) {
			named = named || l.Reason != "" || l.State == inventory.LookedAbsent
		}
	}
	if !named && !harmless(hit, fault) && !strings.Contains(hit, "/repository/") {
		t.Errorf("%s: the ledger does not name it", name)
	}
	o.rec.OnlyTo(t, host, sim.Value("admin"))
	o.rec.ReadsOnly(t)
}

// A call that is never answered: when the collection is told to stop it stops, and what was read before stays.
func TestHangOnEveryCall(t *testing.T) {
	for call := 1; call <= 50; call += 3 {
		sim := gitlabsim.New(company(), func() time.Time { return at })
		ctx, cancel := context.WithCancel(t.Context())
		var n atomic.Int64
		in := httpx.InProcess(sim)
		o := openWith(t, sim, "admin", func() http.RoundTripper {
			return way(func(r *http.Request) (*http.Response, error) {
				if n.Add(1) < int64(call) {
					return in.RoundTrip(r)
				}
				cancel()
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		})
		sink := inventory.NewSink(o.Info().Name, inventory.Key{1}, func() time.Time { return at })
		if err := o.Collect(ctx, sink); !errors.Is(err, context.Canceled) {
			t.Errorf("hang at call %d: %v", call, err)
		}
		if b := sink.Batch(); call > 20 && (len(b.Records.Secrets) == 0 || len(b.Ledger) == 0) {
			t.Errorf("hang at call %d: what was read before is lost", call)
		}
	}
}

type way func(*http.Request) (*http.Response, error)

func (f way) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// harmless are the answers that are no failure there: what a GitLab or its plan does not have, and a file that is not.
func harmless(hit string, f httpxtest.Fault) bool {
	path := strings.TrimPrefix(hit, "GET /api/v4")
	return f == httpxtest.NotFound && (needOf(path).plan || strings.Contains(path, "/repository/files/")) || strings.HasSuffix(path, "/raw") && (f == httpxtest.NotJSON || f == httpxtest.WrongJSON || f == httpxtest.DeepJSON)
}
