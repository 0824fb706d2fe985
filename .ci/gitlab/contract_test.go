package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gl "gitlab.com/gitlab-org/api/client-go/v2"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/gitlab"
	"nhitop/sources/gitlab/gitlabsim"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const base = "https://gitlab.example.com"

func company() gitlabsim.World {
	dev := []gitlabsim.Allowed{{Level: gitlabsim.Developer}, {User: "ana"}}
	return gitlabsim.World{
		Users: []gitlabsim.User{{Username: "root", Admin: true}, {Username: "ana", Email: "ana@example.com"}, {Username: "svc-claude", Service: "group:acme"}, {Username: "svc-p", Service: "project:acme/api"}, {Username: "svc-i", Service: "instance"}},
		Groups: []gitlabsim.Group{{Path: "acme", Members: map[string]gitlabsim.Access{"ana": gitlabsim.Owner, "svc-claude": gitlabsim.Developer}, Variables: []gitlabsim.Variable{{Key: "GROUP_TOKEN", Value: "FAKE"}},
			Environments: []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: dev, Approvals: dev}}}, {Path: "acme/below"}},
		Projects: []gitlabsim.Project{{Path: "acme/api", Files: map[string]string{".gitlab-ci.yml": "x: {script: [claude -p x]}\n"}, Branches: []gitlabsim.Branch{{Name: "main", Push: dev, Merge: dev}},
			Environments: []gitlabsim.Environment{{Name: "production", Tier: "production"}}, Protected: []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: dev, Approvals: dev}},
			Rules: []gitlabsim.ApprovalRule{{Name: "two", Required: 1, Users: []string{"ana"}, Branches: []string{"main"}}}, Variables: []gitlabsim.Variable{{Key: "K", Value: "FAKE", Masked: true}},
			Members: map[string]gitlabsim.Access{"svc-p": gitlabsim.Developer}, SharedWith: map[string]gitlabsim.Access{"acme/below": gitlabsim.Guest}}},
		Tokens: []gitlabsim.Token{
			{Name: "admin", User: "root", Scopes: []string{"api"}, Created: at},
			{Name: "anas", User: "ana", Scopes: []string{"api"}, Created: at, Expires: at.AddDate(0, 1, 0), LastUsed: at, Description: "for work"},
			{Name: "claude", User: "svc-claude", Scopes: []string{"api"}, Created: at},
			{Name: "p", User: "svc-p", Scopes: []string{"api"}, Created: at},
			{Name: "bot", On: "project:acme/api", Level: gitlabsim.Maintainer, Scopes: []string{"api"}, Created: at, CreatedBy: "ana"},
			{Name: "reader", On: "group:acme", Level: gitlabsim.Reporter, Scopes: []string{"read_api"}, Created: at},
		},
		DeployTokens: []gitlabsim.DeployToken{{Name: "deploy", On: "project:acme/api", Scopes: []string{"read_registry"}, Expires: at.AddDate(1, 0, 0)}, {Name: "pull", On: "group:acme", Scopes: []string{"read_registry"}}},
		DeployKeys:   []gitlabsim.DeployKey{{Title: "mirror", Projects: []string{"acme/api"}, CanPush: []string{"acme/api"}, Created: at}},
		Triggers:     []gitlabsim.Trigger{{Description: "nightly", Project: "acme/api", Owner: "ana", Created: at}},
		Runners:      []gitlabsim.Runner{{Description: "builder", On: "project:acme/api", Tags: []string{"x"}, Created: at, Contacted: at}},
		Applications: []gitlabsim.Application{{Name: "connector", Callback: "https://app.example.com/cb", Confidential: true, Scopes: []string{"api"}}},
		Agents:       []gitlabsim.Agent{{Name: "prod", Project: "acme/api", CreatedBy: "ana", Created: at, Tokens: []gitlabsim.AgentToken{{Name: "in the cluster", Created: at, LastUsed: at}}}},
		SSHKeys:      []gitlabsim.SSHKey{{Title: "laptop", User: "ana", Created: at}},
	}
}

// exchange is a request and its answer.
type exchange struct {
	method, path string // the path below /api/v4
	query        url.Values
	sent, got    []byte
	status       int
	header       http.Header
	req          *http.Request
}

// tape keeps what passes.
type tape struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []exchange
}

func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, exchange{r.Method, strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4"), r.URL.Query(), sent, got, resp.StatusCode, resp.Header, r.Clone(context.Background())})
	return resp, nil
}

var number = regexp.MustCompile(`/\d+(/|$)`)

// shape is a request with its numbers left out.
func (x exchange) shape() string {
	p := x.path
	for number.MatchString(p) {
		p = number.ReplaceAllString(p, "/{}$1")
	}
	p = regexp.MustCompile(`/variables/[^/]+$`).ReplaceAllString(p, "/variables/{}")
	p = regexp.MustCompile(`/files/[^/]+/raw`).ReplaceAllString(p, "/files/{}/raw")
	p = regexp.MustCompile(`^/(groups|projects)/acme[^/]*`).ReplaceAllString(p, "/$1/{}")
	return x.method + " " + p
}

// keys are the names of the parameters, in query and body.
func (x exchange) keys() []string {
	out := inventory.SortedKeys(x.query)
	var body map[string]any
	if json.Unmarshal(x.sent, &body) == nil {
		out = append(out, inventory.SortedKeys(body)...)
	}
	return out
}

func sim(w gitlabsim.World) (*gitlabsim.Sim, *tape, world) {
	s := gitlabsim.New(w, func() time.Time { return at })
	id := func(n string) int64 { return int64(s.ID(n)) }
	return s, &tape{next: sources.InProcess(s)}, world{group: id("acme"), project: id("acme/api"), user: id("ana"), service: id("svc-claude"), person: id("ana"), pat: id("anas"), bot: id("bot"), reader: id("reader"),
		claude: id("claude"), deployToken: id("deploy"), deployKey: id("mirror"), trigger: id("nightly"), runner: id("builder"), application: id("connector"), agent: id("prod"), agentToken: id("in the cluster")}
}

func client(t *testing.T, s *gitlabsim.Sim, p *tape) *gl.Client {
	t.Helper()
	c, err := gl.NewClient(s.Value("admin"), gl.WithBaseURL(base), gl.WithHTTPClient(&http.Client{Transport: p}), gl.WithCustomRetryMax(0))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newer are fields that GitLab's OpenAPI document of June 2026 has, and the client of 2.64.0 has not, by a part of the
// request's path; "" : everywhere.
var newer = map[string][]string{
	"":                    {"resource_type", "resource_id", "duo_remote_flows_enabled", "public_email", "locked", "created_by", "membership_state"},
	"/runners":            {"created_at"},
	"/deploy_keys":        {"last_used_at", "usage_type"},
	"/protected_branches": {"inherited"},
	"/approval_rules":     {"inherited"},
	"/triggers":           {"expires_at"},
}

// prune takes the newer fields out of an answer, at every depth.
func prune(path string, v any) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = prune(path, x[i])
		}
	case map[string]any:
		for part, names := range newer {
			for _, k := range names {
				if strings.Contains(path, part) {
					delete(x, k)
				}
			}
		}
		for k := range x {
			x[k] = prune(path, x[k])
		}
	}
	return v
}

// Every field that the simulator answers with is one that GitLab's client knows, of the type that it knows.
func TestTheClientReadsTheSimulator(t *testing.T) {
	for _, list := range [][]op{reads, kills} {
		for _, o := range list {
			s, p, w := sim(company())
			if err := o.call(client(t, s, p), w); err != nil {
				t.Errorf("%s: %v", o.name, err)
				continue
			}
			x := p.all[len(p.all)-1]
			if o.into == nil {
				continue
			}
			var v any
			if err := json.Unmarshal(x.got, &v); err != nil {
				t.Errorf("%s: %v", o.name, err)
				continue
			}
			if a, ok := v.([]any); ok && len(a) == 0 {
				t.Errorf("%s: an empty list shows nothing", o.name)
			}
			text, err := json.Marshal(prune(x.path, v))
			if err != nil {
				t.Fatal(err)
			}
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(o.into); err != nil {
				t.Errorf("%s (%s): %v", o.name, x.shape(), err)
			}
		}
	}
}

// known are our requests that the client of 2.64.0 does not have, each with where it is said that GitLab does.
var known = map[string]string{
	"GET /groups/{}/manage/resource_access_tokens":                      "OpenAPI document of June 2026",
	"DELETE /groups/{}/manage/resource_access_tokens/{}":                "OpenAPI document of June 2026",
	"GET /groups/{}/manage/personal_access_tokens":                      "OpenAPI document of June 2026",
	"DELETE /groups/{}/manage/ssh_keys/{}":                              "OpenAPI document of June 2026",
	"GET /groups/{}/manage/ssh_keys":                                    "OpenAPI document of June 2026",
	"GET /projects/{}/service_accounts/{}/personal_access_tokens":       "OpenAPI document of June 2026",
	"DELETE /projects/{}/service_accounts/{}/personal_access_tokens/{}": "OpenAPI document of June 2026",
	"GET /personal_access_tokens/self/associations":                     "OpenAPI document of June 2026",
	"POST /admin/token":                                                 "lib/api/admin/token.rb and the documentation of the token information API, 2026-11",
	"DELETE /admin/token":                                               "the same",
	"GET /groups/{}/deploy_tokens/{}":                                   "client: GetGroupDeployToken",
	"DELETE /groups/{}/deploy_tokens/{}":                                "client: DeleteGroupDeployToken",
}

// more are parameters of ours that the client of 2.64.0 does not send.
var more = map[string][]string{
	"GET /deploy_tokens":                                        {"active", "page", "per_page"},
	"GET /projects/{}/deploy_tokens":                            {"active"},
	"GET /groups/{}/deploy_tokens":                              {"active"},
	"GET /groups/{}/service_accounts/{}/personal_access_tokens": {"state"},
}

// Every request of ours is one that the client sends too, with parameters that it knows.
func TestOurRequestsAreTheClients(t *testing.T) {
	theirs := map[string][]string{}
	for _, list := range [][]op{reads, kills} {
		for _, o := range list {
			s, p, w := sim(company())
			_ = o.call(client(t, s, p), w)
			for _, x := range p.all {
				theirs[x.shape()] = append(theirs[x.shape()], x.keys()...)
			}
		}
	}
	for _, x := range ours(t) {
		keys, ok := theirs[x.shape()]
		if !ok && known[x.shape()] == "" {
			t.Errorf("the client has no %s, and nobody says where it is documented", x.shape())
		}
		for _, k := range x.keys() {
			if ok && !slices.Contains(keys, k) && !slices.Contains(more[x.shape()], k) && k != "per_page" && k != "page" {
				t.Errorf("%s: the client knows no %q", x.shape(), k)
			}
		}
	}
}

// ours is everything that nhitop asks of GitLab: as an administrator and as a group's owner on gitlab.com, reading and
// revoking.
func ours(t *testing.T) []exchange {
	t.Helper()
	var out []exchange
	for _, c := range []struct {
		token  string
		saas   bool
		groups []string
	}{{"admin", false, nil}, {"anas", true, []string{"acme"}}, {"anas", false, nil}} {
		w := company()
		w.SaaS = c.saas
		s, p, _ := sim(w)
		o := gitlab.Defaults()
		o.URL, o.Token.Env, o.Revoke, o.Variables, o.Groups = base, "T", true, true, c.groups
		src, err := gitlab.New(o, sources.Env{
			Now: func() time.Time { return at }, Getenv: func(string) string { return s.Value(c.token) }, Transport: func(string) http.RoundTripper { return p },
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
		if err != nil {
			t.Fatal(err)
		}
		sink := inventory.NewSink("gitlab", inventory.Key{}, func() time.Time { return at })
		if err := src.Collect(t.Context(), sink); err != nil {
			t.Logf("as %s: %v", c.token, err)
		}
		revokeAll(t, src.(revoke.HeldRevoker), inventory.NewSnapshot(at, merge.Merge([]inventory.Batch{sink.Batch()}, nil), false), s)
		out = append(out, p.all...)
	}
	if len(out) < 100 {
		t.Fatalf("only %d requests", len(out))
	}
	return out
}

// revokeAll plans, does, checks and undoes everything that there is.
func revokeAll(t *testing.T, r revoke.HeldRevoker, snap *inventory.Snapshot, s *gitlabsim.Sim) {
	t.Helper()
	ctx := t.Context()
	each := func(steps []revoke.Step, err error) {
		if err != nil {
			t.Errorf("plan: %v", err)
		}
		for _, st := range steps {
			if st.Action == revoke.ActionManual {
				continue
			}
			got, err := r.Apply(ctx, st)
			if err != nil {
				continue // one that an earlier step has ended
			}
			_, _ = r.Verify(ctx, st, got)
			if u, ok := r.(revoke.Undoer); ok && len(got.Undo) > 0 {
				if _, err := u.Undo(ctx, st, got); err != nil {
					t.Errorf("undo of %s: %v", st.Summary, err)
				}
			}
		}
	}
	held := revoke.Held{ID: "sec-x", Kind: "gitlab-deploy-token", Issuer: "gitlab", Value: inventory.NewValue(s.Value("pull"))}
	ctx = revoke.WithHeld(ctx, held)
	_, _ = r.Ask(ctx, held)
	each(r.PlanHeld(ctx, held, snap))
	held = revoke.Held{ID: "sec-y", Kind: "gitlab-pat", Issuer: "gitlab", Value: inventory.NewValue(s.Value("p"))}
	_, _ = r.Ask(ctx, held)
	for _, a := range snap.Records().Assistants {
		for _, action := range []string{"", revoke.ActionNarrow} {
			each(r.Plan(ctx, revoke.Target{ID: a.ID, Action: action}, snap))
		}
	}
	for _, x := range snap.Records().Secrets {
		if !strings.Contains(x.Note, `"admin"`) && !strings.Contains(x.Note, `"anas"`) {
			each(r.Plan(ctx, revoke.Target{ID: x.ID}, snap))
		}
	}
	for _, a := range snap.Records().Assistants {
		each(r.Plan(ctx, revoke.Target{ID: a.ID, Action: revoke.ActionUninstall}, snap))
	}
	ctx = revoke.WithHeld(ctx, held)
	each(r.PlanHeld(ctx, held, snap))
}
