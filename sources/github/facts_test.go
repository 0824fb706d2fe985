package github

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources/github/githubsim"
)

// skipTokens leaves out what an app alone may read.
func skipTokens(o *Options) { o.Skip = []string{"tokens", "requests"} }

func TestWhatIsRead(t *testing.T) {
	r := facts(t, full(), skipTokens)
	claude, devin := assistant(t, r, "claude"), assistant(t, r, "devin-ai-integration")
	ci, agent := assistant(t, r, "claude-code in ci: claude.yml/fix"), assistant(t, r, "Copilot cloud agent")
	refactor, seat, gone := assistant(t, r, "acme-refactor-agent"), assistant(t, r, "Copilot of max"), assistant(t, r, "Copilot of gone")
	if len(r.Assistants) != 10 { // and the token, the key and nhitop itself
		t.Errorf("%d assistants", len(r.Assistants))
	}
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"an app is known by its slug", claude.Kind == "claude-code" && !claude.Guessed && claude.Autonomy == inventory.AutonomyUnattended && claude.Vendor == "Anthropic"},
		{"who installed it owns it", len(claude.Owners) == 1 && owner1(r, claude.Owners[0]).Name == "dana" && owner1(r, claude.Owners[0]).Status == "active"},
		{"when it was last seen at work", claude.LastUsed.Equal(ago(2))},
		{"an app whose repositories are not told", devin.Capabilities[inventory.MergeProtected] == inventory.Unknown && devin.Capabilities[inventory.AdminRepo] == inventory.Unknown && devin.Capabilities[inventory.WriteSource] == inventory.Yes},
		{"a suspended app may do nothing", refactor.Status == "suspended" && refactor.Capabilities[inventory.WriteSource] == inventory.No && refactor.Guessed && refactor.Kind == custom},
		{"an app of which nothing speaks for an assistant is left out", !slices.ContainsFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Name == "chat-bot" })},
		{"a job has the default that the organisation sets", ci.Job != nil && ci.Job.PermissionsSet == "default-write" && ci.Job.Permissions["contents"] == "write" && ci.Job.Permissions["id-token"] == ""},
		{"a job is owned by CODEOWNERS", len(ci.Owners) == 1 && owner1(r, ci.Owners[0]).Name == "dana"},
		{"a job cannot merge by itself", ci.Capabilities[inventory.MergeProtected] == inventory.Asks && ci.Capabilities[inventory.EditWorkflow] == inventory.No},
		{"a job waits for a reviewer of production", ci.Capabilities[inventory.DeployProd] == inventory.Asks},
		{"the cloud agent never merges", agent.Capabilities[inventory.MergeProtected] == inventory.No && agent.Capabilities[inventory.OpenPR] == inventory.Yes},
		{"its firewall is off", agent.Network == "open" && slices.ContainsFunc(agent.Settings, func(s inventory.Setting) bool { return s.Name == "is_firewall_enabled" && s.Value == "false" })},
		{"it has a tool server with a secret", len(agent.Tools) == 1 && len(agent.Secrets) == 2},
		{"a secret by its name may open a cloud", agent.Capabilities[inventory.CloudWrite] == inventory.Unknown},
		{"a seat", seat.Kind == "copilot" && seat.Account == "max" && seat.LastUsed.Equal(ago(2)) && seat.Status == "active"},
		{"a seat that nobody uses, of somebody who has left", gone.Status == "idle" && owner1(r, gone.Owners[0]).Status == "departed"},
	} {
		if !c.ok {
			t.Error(c.what)
		}
	}
}

func owner1(r inventory.Records, id inventory.ID) inventory.Owner {
	i := slices.IndexFunc(r.Owners, func(o inventory.Owner) bool { return o.ID == id })
	if i < 0 {
		return inventory.Owner{}
	}
	return r.Owners[i]
}

func TestSecretsThatAreRead(t *testing.T) {
	r := facts(t, full(), skipTokens)
	find := func(want func(*inventory.Secret) bool) *inventory.Secret {
		for i := range r.Secrets {
			if want(&r.Secrets[i]) {
				return &r.Secrets[i]
			}
		}
		t.Helper()
		t.Error("a secret is missing")
		return &inventory.Secret{}
	}
	noted := func(s string) func(*inventory.Secret) bool {
		return func(x *inventory.Secret) bool { return x.Note == s }
	}
	key := find(func(x *inventory.Secret) bool { return x.Kind == "github-deploy-key" })
	if key.Used != inventory.No || !key.Created.Equal(ago(500)) || len(key.Aliases) != 1 || owner1(r, key.Owners[0]).Status != "departed" || key.Locations[0].Path != "https://api.github.com/repos/acme/web/keys/41" {
		t.Errorf("deploy key %+v", key)
	}
	if e, ok := right(r, key.Assistants[0], inventory.MergeProtected); !ok || e.Gate != inventory.GateBlocked {
		t.Errorf("a key that cannot open a pull request: %+v", e)
	}
	pat := find(func(x *inventory.Secret) bool { return x.Hint == "5wsT" })
	if pat.Kind != "github-pat-classic" || !pat.Broad || pat.Account != "max" || !pat.LastUsed.Equal(ago(3)) || strings.Join(pat.Scopes, " ") != "repo workflow" {
		t.Errorf("classic token %+v", pat)
	}
	oauth := find(func(x *inventory.Secret) bool { return x.Kind == "github-oauth" })
	if !strings.Contains(oauth.Note, "audit log alone") || len(oauth.Aliases) != 1 || inventory.AliasBy(oauth.Aliases[0]) != inventory.ClueSHA256 {
		t.Errorf("a token of the audit log %+v", oauth)
	}
	leak := find(func(x *inventory.Secret) bool { return x.Kind == "anthropic-api-key" })
	if leak.State != inventory.StateLive || leak.Exposure != inventory.ExposureCommitted || !leak.Leaked.Equal(ago(20)) || leak.Fingerprint == "" || len(leak.Locations) != 3 {
		t.Errorf("an alert about what stands in a workflow is about the credential that was read there: %+v", leak)
	}
	aws := find(func(x *inventory.Secret) bool { return x.Kind == "aws-secret-key" })
	if aws.Exposure != inventory.ExposureLeaked || aws.Fingerprint != "" || aws.Locations[0].Committed != inventory.Yes && aws.Locations[1].Committed != inventory.Yes {
		t.Errorf("an alert: %+v", aws)
	}
	for _, name := range []string{"ALL_KEY", "SOME_KEY", "NPM_TOKEN", "KUBE", "COPILOT_MCP_JIRA_TOKEN", "AWS_SECRET_ACCESS_KEY"} {
		x := find(noted(name))
		if x.Storage != inventory.StorageCI || x.Rotated.IsZero() || x.Fingerprint != "" {
			t.Errorf("%s: %+v", name, x)
		}
	}
}

// The same token found in a file is the one that GitHub knows, and its holder may do what GitHub says.
func TestATokenInAFileIsTheOneThatGitHubKnows(t *testing.T) {
	s := scene{world: full(), opt: options()}
	skipTokens(&s.opt)
	b, err := s.read(t)
	if err != nil {
		t.Fatal(err)
	}
	local := inventory.NewSink("local", inventory.Key{1}, s.env.Now)
	holder := inventory.NewID(inventory.NounAssistant, "laptop")
	x := local.Secret(inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Assistants: []inventory.ID{holder}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal,
		State: inventory.StateUnknown, Locations: []inventory.Location{{Path: "~/.cursor/mcp.json", Scope: inventory.ScopeUser}}}, inventory.NewValue(agentToken))
	local.Assistant(inventory.Assistant{ID: holder, Kind: "cursor", Name: "Cursor", Secrets: []inventory.ID{x}})
	r := facts2(b, local.Batch())
	if slices.ContainsFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Name == "cursor agent" }) {
		t.Error("the guess did not give way to the assistant that holds the token")
	}
	i := slices.IndexFunc(r.Secrets, func(s inventory.Secret) bool { return s.ID == x })
	if i < 0 || len(r.Secrets[i].Same) != 1 || r.Secrets[i].Same[0].By != inventory.ClueTail8 || len(r.Secrets[i].Locations) != 2 || r.Secrets[i].Account != "max" {
		t.Fatalf("%+v", r.Secrets)
	}
	if e, ok := right(r, holder, inventory.WriteSource); !ok || e.Via != string(x) || !strings.Contains(strings.Join(e.Path, " "), "scope repo") {
		t.Errorf("%+v", e)
	}
	// nhitop's own token is the one that was authorised for single sign-on.
	own := assistant(t, r, "nhitop")
	if len(own.Secrets) != 1 {
		t.Fatal(own.Secrets)
	}
	for _, s := range r.Secrets {
		if s.ID == own.Secrets[0] && (len(s.Same) != 1 || s.Storage != inventory.StorageEnv && s.Storage != inventory.StorageProvider || own.Capabilities[inventory.AdminOrg] != inventory.Yes) {
			t.Errorf("%+v", s)
		}
	}
}

func TestPatternsOfRepositoriesAndNames(t *testing.T) {
	w := full()
	r := facts(t, w, skipTokens, func(o *Options) {
		o.Exclude, o.Assistants, o.NoAssistants = []string{"web"}, []string{"chat-*"}, []string{"acme-refactor-agent"}
	})
	bot := assistant(t, r, "chat-bot")
	if bot.Guessed || bot.Kind != custom {
		t.Errorf("%+v", bot)
	}
	for _, a := range r.Assistants {
		if a.Job != nil || a.Name == "acme-refactor-agent" {
			t.Errorf("%s is there", a.Name)
		}
	}
	for _, x := range r.Secrets {
		if x.Kind == "github-deploy-key" || x.Kind == "aws-secret-key" {
			t.Errorf("%s is of a repository that is left out", x.Kind)
		}
	}
}

func TestRunnersAndSubjects(t *testing.T) {
	flow := "on: {issues: {types: [opened]}}\npermissions: {id-token: write, contents: read}\njobs: {fix: {runs-on: [self-hosted, build], steps: [{uses: anthropics/claude-code-action@v1}]}}\n"
	for name, c := range map[string]struct {
		ephemeral bool
		claims    []string
		want      inventory.Answer
		subject   string
	}{
		"lasting":     {false, nil, inventory.No, "repo context"},
		"thrown away": {true, []string{"repository_owner"}, inventory.Yes, "repository_owner"},
	} {
		r := facts(t, company(func(o *githubsim.Org) {
			o.Runners = []githubsim.Runner{{ID: 8, Name: "build-1", Labels: []string{"build"}, Ephemeral: c.ephemeral}}
			o.Repos = []githubsim.Repo{{ID: 1, Name: "web", OIDC: &githubsim.OIDC{Default: c.claims == nil, Claims: c.claims}, Files: map[string]string{".github/workflows/a.yml": flow}}}
		}), skipAll("sso"))
		j := r.Assistants[slices.IndexFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Job != nil })].Job
		if j.Ephemeral != c.want || j.SelfHosted != inventory.Yes || strings.Join(j.Subject, " ") != c.subject {
			t.Errorf("%s: ephemeral %s, self-hosted %s, subject %v", name, j.Ephemeral, j.SelfHosted, j.Subject)
		}
	}
}

// skipAll leaves out what the made-up company does not have.
func skipAll(more ...string) func(*Options) {
	return func(o *Options) { o.Skip = append([]string{"tokens", "requests", "copilot", "agent"}, more...) }
}
