package github

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/github/githubsim/contract"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

// The credentials of the tests, put together here so that none stands in a file.
var (
	ownerToken = "gh" + "p_FAKEowner0000000000000000000000000000"
	agentToken = "gh" + "p_FAKEagent0000000000000000000000005wsT"
	literalKey = "sk-ant-" + "api03-FAKE" + strings.Repeat("q7Wm2Lk9Zx", 9)[:89] + "AA"
)

var ownerScopes = []string{"admin:org", "repo", "read:audit_log", "manage_billing:copilot"}

var noon = githubsim.Noon

func ago(days int) time.Time { return noon.AddDate(0, 0, -days) }

type obj = map[string]any

// scene is a world and how the source reads it.
type scene struct {
	world githubsim.World
	opt   Options
	env   sources.Env
	wrap  func(http.RoundTripper) http.RoundTripper
	plain bool // requests and answers are not held to the contract: another test does that
}

// company is one with an owner, and what the test adds.
func company(change func(*githubsim.Org)) githubsim.World {
	o := githubsim.Org{ID: 77, Login: "acme", Members: []githubsim.Member{{Login: "olga", Owner: true}, {Login: "max"}}, Actions: githubsim.Actions{}}
	change(&o)
	return githubsim.World{Orgs: []githubsim.Org{o}, Tokens: []githubsim.Token{{Value: ownerToken, Login: "olga", Scopes: ownerScopes}}}
}

func options() Options {
	o := Defaults()
	o.Org, o.Token = "acme", credref.Ref{Env: "TOKEN"}
	return o
}

// simulate serves a world to a source.
func (s *scene) simulate(t testing.TB) *githubsim.Sim {
	t.Helper()
	sim := githubsim.New(s.world)
	if !s.plain {
		contract.Hold(t, sim)
	}
	rt := httpx.InProcess(sim)
	if s.wrap != nil {
		rt = s.wrap(rt)
	}
	if s.opt.Org == "" && s.opt.Enterprise == "" {
		s.opt = options()
	}
	s.env.Transport = func(string) http.RoundTripper { return rt }
	if s.env.Getenv == nil {
		s.env.Getenv = func(string) string { return ownerToken }
	}
	if s.env.Now == nil {
		s.env.Now = func() time.Time { return noon }
	}
	if s.env.Sleep == nil {
		s.env.Sleep = httpxtest.NoSleep
	}
	s.env.UserAgent = "nhitop/test"
	return sim
}

// read collects once.
func (s *scene) read(t testing.TB) (inventory.Batch, error) {
	t.Helper()
	if s.env.Transport == nil {
		s.simulate(t)
	}
	src, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink(src.Info().Name, inventory.Key{1}, s.env.Now)
	err = src.Collect(t.Context(), sink)
	return sink.Batch(), err
}

// facts collects once and merges; nothing may be lost.
func facts(t testing.TB, w githubsim.World, change ...func(*Options)) inventory.Records {
	t.Helper()
	s := scene{world: w, opt: options()}
	for _, f := range change {
		f(&s.opt)
	}
	b, err := s.read(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	return merge.Merge([]inventory.Batch{b}, nil)
}

func ledgerText(b inventory.Batch) string {
	var lines []string
	for _, l := range b.Ledger {
		if l.State != inventory.LookedRead {
			lines = append(lines, l.Path+" "+l.State+" "+l.Reason)
		}
	}
	return strings.Join(lines, "\n")
}

func assistant(t testing.TB, r inventory.Records, name string) inventory.Assistant {
	t.Helper()
	i := slices.IndexFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Name == name })
	if i < 0 {
		var names []string
		for _, a := range r.Assistants {
			names = append(names, a.Name)
		}
		t.Fatalf("no assistant %q among %q", name, names)
	}
	return r.Assistants[i]
}

// right is the entitlement of an assistant, or of a secret nobody is known to hold.
func right(r inventory.Records, of inventory.ID, c inventory.Capability) (inventory.Entitlement, bool) {
	for _, e := range r.Entitlements {
		if (e.Assistant == of || e.Assistant == "" && e.Via == string(of)) && e.Capability == c {
			return e, true
		}
	}
	return inventory.Entitlement{}, false
}

// claudeWorkflow is a workflow in which an assistant runs; the key in it is a made-up one.
func claudeWorkflow(permissions, more string) string {
	text := "on: {issues: {types: [opened]}}\n"
	if permissions != "" {
		text += "permissions: " + permissions + "\n"
	}
	return text + "jobs:\n  fix:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          github_token: ${{ secrets.GITHUB_TOKEN }}\n" + more
}

const sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0ql70m+a0lQy0uKHUwYdoPlKkIrqfTzS2ITZRHYqCk"

// full is a company that has one of everything that is read.
func full() githubsim.World {
	w := company(func(o *githubsim.Org) {
		o.SSO, o.Enterprise = true, ""
		o.Members = append(o.Members, githubsim.Member{Login: "dana"})
		o.Installations = []githubsim.Installation{
			{ID: 501, App: "claude", Created: ago(90), Contact: "sec@acme.example"},
			{ID: 502, App: "devin-ai-integration", Repositories: []string{"web"}, Created: ago(30)},
			{ID: 503, App: "chat-bot", Created: ago(300)},
			{ID: 504, App: "acme-refactor-agent", Created: ago(5), SuspendedAt: ago(1), SuspendedBy: "olga"},
		}
		o.Authorizations = []githubsim.Authorization{
			{ID: 701, Login: "olga", Type: "personal access token", Token: ownerToken, Scopes: ownerScopes, Note: "nhitop", Accessed: ago(1), Granted: ago(10)},
			{ID: 702, Login: "max", Type: "SSH key", Print: "SHA256:FAKE", Title: "laptop", Granted: ago(200)},
			{ID: 703, Login: "max", Type: "personal access token", Token: agentToken, Scopes: []string{"repo", "workflow"}, Note: "cursor agent", Granted: ago(40), Accessed: ago(3)},
		}
		o.Copilot = &githubsim.Copilot{Plan: "business", CLI: "enabled", AgentEnabled: "selected", AgentSelected: []string{"web"},
			Seats: []githubsim.Seat{{Login: "max", LastActivity: ago(2), LastEditor: "vscode/1.9", Created: ago(100)}, {Login: "gone", Created: ago(200)}}}
		o.Secrets = []githubsim.Secret{{Name: "ALL_KEY", Visibility: "all", Created: ago(400), Updated: ago(400)}, {Name: "SOME_KEY", Visibility: "selected", Selected: []string{"web"}, Created: ago(4), Updated: ago(4)}}
		o.AgentSecrets = []githubsim.Secret{{Name: "COPILOT_MCP_JIRA_TOKEN", Visibility: "all", Created: ago(9), Updated: ago(9)}}
		o.Actions = githubsim.Actions{Workflow: githubsim.Workflow{Write: true, CanApprove: true}}
		o.Runners = []githubsim.Runner{{ID: 801, Name: "build-1", Labels: []string{"self-hosted", "build"}}}
		o.Rulesets = []githubsim.Ruleset{{ID: 901, Name: "all of acme", Rules: []githubsim.Rule{{Type: "pull_request", Parameters: obj{
			"dismiss_stale_reviews_on_push": true, "require_code_owner_review": false, "require_last_push_approval": false, "required_approving_review_count": 1,
			"required_review_thread_resolution": false}}}, Bypass: []githubsim.Bypass{{Type: "Integration", ID: 1002}}}}
		o.Audit = []githubsim.AuditEvent{
			{At: ago(90), Action: "integration_installation.create", Actor: "dana", Fields: obj{"integration": "claude", "installation_id": 501}},
			{At: ago(2), Action: "git.push", Actor: "claude[bot]", Repo: "acme/web", Access: "GitHub App server-to-server token"},
			{At: ago(1), Action: "repo.download_zip", Actor: "max", Repo: "acme/web", Token: "gh" + "o_FAKEunknown000000000000000000000000", Access: "OAuth access token"},
		}
		o.Repos = []githubsim.Repo{
			{ID: 1, Name: "web", Files: map[string]string{
				".github/workflows/claude.yml": claudeWorkflow("", "          anthropic_api_key: "+literalKey+"\n"),
				".github/workflows/ship.yml":   "on: workflow_dispatch\njobs: {ship: {environment: production, steps: [{run: kubectl apply -f x}]}}\n",
				".github/CODEOWNERS":           "* @acme/core\n/.github/ @dana\n",
			},
				Branches: []githubsim.Branch{{Name: "main", Protection: &githubsim.Protection{Reviews: &githubsim.Reviews{Count: 1, CodeOwners: true}, Admins: true}}},
				Keys:     []githubsim.DeployKey{{ID: 41, Title: "agent", Key: sshKey, AddedBy: "gone", Created: ago(500)}},
				Secrets:  []githubsim.Secret{{Name: "NPM_TOKEN", Created: ago(1), Updated: ago(1)}}, AgentSecrets: []githubsim.Secret{{Name: "AWS_SECRET_ACCESS_KEY", Created: ago(1), Updated: ago(1)}},
				Environments: []githubsim.Environment{{ID: 51, Name: "production", Users: []string{"olga"}, Secrets: []githubsim.Secret{{Name: "KUBE", Created: ago(1), Updated: ago(1)}}, Branches: []string{"main"}}},
				Alerts: []githubsim.Alert{{Type: "anthropic_api_key", Display: "Anthropic API Key", Provider: "anthropic", Secret: literalKey, Validity: "active", Path: ".github/workflows/claude.yml", Line: 9,
					Created: ago(20)}, {Type: "aws_access_key_id", Display: "AWS", Secret: "AKIAFAKE", Public: true, Path: "x.env", Line: 1, Created: ago(3)}},
				Agent: &githubsim.Agent{Firewall: false, WorkflowApproval: true, MCP: obj{"mcpServers": obj{"jira": obj{"type": "http", "url": "https://mcp.example.com/jira",
					"headers": obj{"Authorization": "COPILOT_MCP_JIRA_TOKEN"}, "tools": []any{"*"}}}}}},
			{ID: 2, Name: "site", Visibility: "public"},
			{ID: 3, Name: "old", Archived: true},
		}
	})
	w.Users = []githubsim.User{{ID: 11, Login: "olga"}, {ID: 12, Login: "max"}}
	w.Apps = []githubsim.App{
		{ID: 1001, Slug: "claude", Permissions: map[string]string{"contents": "write", "pull_requests": "write", "issues": "write", "metadata": "read"}},
		{ID: 1002, Slug: "devin-ai-integration", Permissions: map[string]string{"contents": "write", "pull_requests": "write", "workflows": "write"}},
		{ID: 1003, Slug: "chat-bot", Permissions: map[string]string{"metadata": "read"}},
		{ID: 1004, Slug: "acme-refactor-agent", Permissions: map[string]string{"contents": "write"}},
	}
	w.Tokens = append(w.Tokens, githubsim.Token{Value: agentToken, Login: "max", Scopes: []string{"repo", "workflow"}})
	return w
}

func facts2(bs ...inventory.Batch) inventory.Records { return merge.Merge(bs, nil) }
