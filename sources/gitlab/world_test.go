package gitlab

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const host = "gitlab.example.com"

func days(n int) time.Time { return at.AddDate(0, 0, n) }

var (
	nobody      = []gitlabsim.Allowed{}
	maintainers = []gitlabsim.Allowed{{Level: gitlabsim.Maintainer}}
	developers  = []gitlabsim.Allowed{{Level: gitlabsim.Developer}}
)

// company is a GitLab with a bit of everything.
func company() gitlabsim.World {
	return gitlabsim.World{
		Users: []gitlabsim.User{
			{Username: "root", Name: "Administrator", Admin: true, Email: "root@example.com"},
			{Username: "ana", Name: "Ana Lima", Email: "ana@example.com"},
			{Username: "ben", Name: "Ben Roth", Email: "ben@example.com", State: "blocked"},
			{Username: "cem", Name: "Cem Kaya", Email: "cem@example.com"},
			{Username: "svc-claude", Name: "Claude Code", Service: "group:acme"},
			{Username: "svc-terraform", Name: "Terraform", Service: "group:acme"},
		},
		Groups: []gitlabsim.Group{
			{Path: "acme", Members: map[string]gitlabsim.Access{"ana": gitlabsim.Owner, "svc-claude": gitlabsim.Developer, "cem": gitlabsim.Developer, "svc-terraform": gitlabsim.Maintainer},
				Environments: []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: maintainers, Approvals: maintainers}}},
			{Path: "acme/core", Members: map[string]gitlabsim.Access{"ben": gitlabsim.Owner}},
		},
		Projects: []gitlabsim.Project{
			{Path: "acme/core/api", Files: map[string]string{
				".gitlab-ci.yml": "review:\n  image: node:22\n  tags: [build]\n  script:\n    - npm i -g @anthropic-ai/claude-code\n    - claude -p \"$CI_MERGE_REQUEST_DESCRIPTION\" --dangerously-skip-permissions\n  variables: { ANTHROPIC_API_KEY: $ANTHROPIC_API_KEY }\n" +
					"deploy:\n  environment: production\n  script: [kubectl apply -f k8s]\n",
				"CODEOWNERS": "* @ana\n",
			}, Branches: []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: maintainers}}, Environments: []gitlabsim.Environment{{Name: "production", Tier: "production"}},
				Rules: []gitlabsim.ApprovalRule{{Name: "two eyes", Required: 1, AnyOne: true}}},
			{Path: "acme/core/open", Branches: nil},
			{Path: "acme/site", Visibility: "public", Files: map[string]string{".gitlab-ci.yml": "test: { script: [make] }\n"}, Branches: []gitlabsim.Branch{{Name: "main", Push: developers, Merge: developers}}},
			{Path: "acme/old", Archived: true},
		},
		Tokens: []gitlabsim.Token{
			{Name: "admin", User: "root", Scopes: []string{"read_api"}, Created: days(-5), Expires: days(30)},
			{Name: "admin-api", User: "root", Scopes: []string{"api"}, Created: days(-5), Expires: days(30)},
			{Name: "ana-read", User: "ana", Scopes: []string{"read_api"}, Created: days(-5), Expires: days(30)},
			{Name: "ana-api", User: "ana", Scopes: []string{"api"}, Created: days(-5), Expires: days(30)},
			{Name: "cem-laptop", Title: "cursor on my laptop", User: "cem", Scopes: []string{"api"}, Created: days(-400), LastUsed: days(-1)},
			{Name: "ben-old", User: "ben", Scopes: []string{"write_repository"}, Created: days(-300)},
			{Name: "claude", Title: "agent", User: "svc-claude", Scopes: []string{"api"}, Created: days(-40), Expires: days(60), LastUsed: days(-2)},
			{Name: "terraform", User: "svc-terraform", Scopes: []string{"api"}, Created: days(-40), Expires: days(60)},
			{Name: "bot", Title: "codex", On: "project:acme/core/api", Level: gitlabsim.Maintainer, Scopes: []string{"api", "write_repository"}, Created: days(-20), Expires: days(20)},
			{Name: "reader", Title: "docs reader", On: "group:acme", Level: gitlabsim.Reporter, Scopes: []string{"read_repository"}, Created: days(-20), Expires: days(20)},
			{Name: "revoked", User: "cem", Scopes: []string{"api"}, Revoked: true},
		},
		DeployTokens: []gitlabsim.DeployToken{{Name: "publish", On: "project:acme/site", Scopes: []string{"write_package_registry"}}, {Name: "pull", On: "group:acme", Scopes: []string{"read_registry"}}},
		DeployKeys:   []gitlabsim.DeployKey{{Title: "mirror", Projects: []string{"acme/core/api", "acme/core/open"}, CanPush: []string{"acme/core/open"}, Created: days(-100)}},
		Triggers:     []gitlabsim.Trigger{{Description: "nightly", Project: "acme/core/api", Owner: "ana", Created: days(-10)}},
		Applications: []gitlabsim.Application{{Name: "Windsurf connector", Callback: "https://cursor.example.com/cb", Confidential: true, Scopes: []string{"api"}}},
		Agents:       []gitlabsim.Agent{{Name: "prod-cluster", Project: "acme/core/api", CreatedBy: "ana", Created: days(-90), Tokens: []gitlabsim.AgentToken{{Name: "in the cluster", Created: days(-90), LastUsed: days(-1)}}}},
		Runners:      []gitlabsim.Runner{{Description: "shared", On: "instance", Untagged: true}, {Description: "builder", On: "group:acme", Tags: []string{"build"}, Contacted: days(0), Created: days(-50)}},
	}
}

// opened is a source on a simulator.
type opened struct {
	*Source
	sim *gitlabsim.Sim
	rec *httpxtest.Recorder
	t   *testing.T
}

// open makes a source that reads with a token of the world, through wrap if that is given.
func open(t *testing.T, sim *gitlabsim.Sim, token string, wrap func(http.RoundTripper) http.RoundTripper, change ...func(*Options)) *opened {
	t.Helper()
	rec := httpxtest.Record(httpx.InProcess(sim))
	var way http.RoundTripper = rec
	if wrap != nil {
		way = wrap(rec)
	}
	env := testEnv(sim, way)
	o := Defaults()
	o.URL = "https://" + host
	o.Token.Env = "TOKEN_" + token
	for _, f := range change {
		f(&o)
	}
	s, err := New(o, env)
	if err != nil {
		t.Fatal(err)
	}
	return &opened{s.(*Source), sim, rec, t}
}

// testEnv finds the token NAME of the world in the variable TOKEN_NAME.
func testEnv(sim *gitlabsim.Sim, way http.RoundTripper) sources.Env {
	return sources.Env{
		Now: func() time.Time { return at }, Sleep: httpxtest.NoSleep,
		Transport: func(string) http.RoundTripper { return way },
		Getenv: func(name string) string {
			if len(name) > len("TOKEN_") && name[:len("TOKEN_")] == "TOKEN_" {
				return sim.Value(name[len("TOKEN_"):])
			}
			return ""
		},
	}
}

// read collects once.
func (o *opened) read() (inventory.Batch, inventory.SourceStatus) {
	o.t.Helper()
	sink := inventory.NewSink(o.Info().Name, inventory.Key{1}, func() time.Time { return at })
	st := sources.Collector{Now: func() time.Time { return at }, Deadline: time.Minute}.Collect(context.Background(), o.Source, sink)
	return sink.Batch(), st
}

// openWith makes a source with a transport of its own.
func openWith(t *testing.T, sim *gitlabsim.Sim, token string, way func() http.RoundTripper, change ...func(*Options)) *opened {
	t.Helper()
	rec := httpxtest.Record(way())
	o := Defaults()
	o.URL, o.Token.Env, o.Concurrency = "https://"+host, "TOKEN_"+token, 1
	for _, c := range change {
		c(&o)
	}
	s, err := New(o, testEnv(sim, rec))
	if err != nil {
		t.Fatal(err)
	}
	return &opened{s.(*Source), sim, rec, t}
}

// newAnswer is an answer of JSON.
func newAnswer(body []byte) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}
