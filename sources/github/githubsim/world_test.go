package githubsim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sync"
	"testing"
	"time"
)

// The tokens of the rich world, put together here so that none stands in a file.
var (
	ownerToken  = "gh" + "p_FAKEowner0000000000000000000000000000"
	memberToken = "gh" + "p_FAKEmember000000000000000000000000000"
	fineToken   = "github" + "_pat_FAKEfine00000000000000"
	allToken    = "gh" + "s_FAKEall"
	entToken    = "gh" + "s_FAKEent"
	botToken    = "gh" + "s_FAKEbot"
	bossToken   = "gh" + "p_FAKEboss00000000000000000000000000000"
	givenToken  = "gh" + "o_FAKEgiven000000000000000000000000000"
	client1     = "Iv1.FAKE:FAKEsecret"
	oauthToken  = "gh" + "o_FAKEoauth000000000000000000000000000"
)

var botKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// jwt is an app's token for itself.
func jwt(t testing.TB, key *rsa.PrivateKey, issuer any, issued, expires time.Time) string {
	t.Helper()
	seg := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := seg(obj{"alg": "RS256", "typ": "JWT"}) + "." + seg(obj{"iss": issuer, "iat": issued.Unix(), "exp": expires.Unix()})
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

var everything = map[string]string{
	"metadata": "read", "contents": "write", "administration": "write", "actions": "write", "secrets": "write", "agent_secrets": "write", "environments": "write",
	"secret_scanning_alerts": "read", "copilot_agent_settings": "read", "members": "write", "organization_administration": "write", "organization_secrets": "write",
	"organization_agent_secrets": "write", "organization_self_hosted_runners": "write", "organization_personal_access_tokens": "write",
	"organization_personal_access_token_requests": "write", "organization_copilot_seat_management": "write", "organization_copilot_agent_settings": "write",
}

// rich is a company that has one of everything.
func rich(c *clock) World {
	ago := func(days int) time.Time { return c.t.AddDate(0, 0, -days) }
	return World{
		Now:   c.now,
		Users: []User{{Login: "olga", Name: "Olga", Email: "olga@acme.example"}, {Login: "max"}},
		Apps: []App{
			{ID: 1001, Slug: "claude", Owner: "anthropics", Permissions: map[string]string{"contents": "write", "metadata": "read"}, Key: &botKey().PublicKey},
			{ID: 1002, Slug: "reader", Permissions: everything},
			{ID: 1003, Slug: "warden"},
			{ID: 1004, Slug: "portal", ClientID: "Iv1.FAKE", Secret: "FAKEsecret"},
		},
		Enterprises: []Enterprise{{ID: 9, Slug: "acme-corp", Owners: []string{"otto"}, Managed: true, Installations: []Installation{{ID: 503, App: "warden", Permissions: map[string]string{
			"enterprise_organization_installations": "write", "enterprise_organization_installation_repositories": "write"}},
			{ID: 506, App: "claude", Permissions: map[string]string{"enterprise_organization_installations": "read"}}}}},
		Orgs: []Org{{
			ID: 77, Login: "acme", Enterprise: "acme-corp", SSO: true, TwoFactor: true,
			Members: []Member{{"olga", true}, {"max", false}, {"otto", true}},
			Outside: []string{"ext"},
			Teams:   []Team{{ID: 31, Slug: "core", Members: []string{"max"}, Maintainers: []string{"olga"}, Repos: map[string]string{"shop": "push"}}, {ID: 32, Slug: "infra", Parent: "core", Repos: map[string]string{"shop": "admin"}}},
			Repos:   richRepos(ago),
			Installations: []Installation{
				{ID: 501, App: "claude", Repositories: []string{"shop", "site"}, Created: ago(90), Contact: "sec@acme.example"},
				{ID: 502, App: "reader"},
			},
			Grants: []Grant{
				{ID: 601, TokenID: 7001, TokenName: "ci", Owner: "max", Repositories: []string{"shop"}, Repository: map[string]string{"contents": "write", "metadata": "read"}, Granted: ago(20), Expires: ago(-10), LastUsed: ago(1)},
				{ID: 602, TokenID: 7002, TokenName: "all", Owner: "olga", Organization: map[string]string{"members": "read"}, Granted: ago(30)},
			},
			Requests:       []Grant{{ID: 611, TokenID: 7003, TokenName: "wish", Owner: "max", Repositories: []string{}, Reason: "agent", Granted: ago(1)}},
			Authorizations: []Authorization{{ID: 701, Login: "olga", Type: "personal access token", Token: ownerToken, Scopes: []string{"repo"}, Note: "laptop", Accessed: ago(1)}, {ID: 702, Login: "max", Type: "SSH key", Print: "SHA256:FAKE", Title: "key"}, {ID: 703, Login: "max", Type: "OAuth app token", Token: oauthToken}},
			Copilot:        &Copilot{Plan: "business", CLI: "enabled", AgentEnabled: "selected", AgentSelected: []string{"shop"}, Seats: []Seat{{Login: "max", LastActivity: ago(2), LastEditor: "vscode/1.9"}, {Login: "olga", Team: "core"}}},
			Secrets:        []Secret{{Name: "DEPLOY", Visibility: "selected", Selected: []string{"shop"}}, {Name: "ALL", Visibility: "all"}},
			AgentSecrets:   []Secret{{Name: "COPILOT_MCP_KEY", Visibility: "all"}, {Name: "DEPLOY", Visibility: "selected", Selected: []string{"site"}}},
			Actions:        Actions{Workflow: Workflow{Write: true, CanApprove: true}},
			Runners:        []Runner{{ID: 801, Name: "r1", Labels: []string{"gpu"}}, {ID: 802, Name: "r2", Busy: true}},
			Rulesets: []Ruleset{{ID: 901, Name: "main", Bypass: []Bypass{{Type: "Integration", ID: 1001}, {Type: "OrganizationAdmin", ID: 1, Mode: "exempt"}, {Type: "User", ID: 5}, {Type: "DeployKey"}},
				Rules: []Rule{{Type: "deletion"}, {Type: "pull_request", Parameters: obj{"dismiss_stale_reviews_on_push": true, "require_code_owner_review": true, "require_last_push_approval": false, "required_approving_review_count": 1, "required_review_thread_resolution": false}}}}},
			Audit: []AuditEvent{{At: ago(3), Action: "integration_installation.create", Actor: "olga", Fields: obj{"integration": "claude"}}, {At: ago(1), Action: "repo.download_zip", Actor: "max", Repo: "acme/shop", Token: ownerToken, Access: "Personal access token (classic)"}, {At: ago(1), Action: "git.clone", Actor: "max", Repo: "acme/shop"}, {At: ago(200), Action: "org.create", Actor: "olga"}},
		}},
		Tokens: []Token{
			{Value: bossToken, Login: "otto", Scopes: []string{"admin:enterprise"}},
			{Value: ownerToken, Login: "olga", Scopes: []string{"admin:org", "repo", "read:audit_log", "manage_billing:copilot", "user"}},
			{Value: memberToken, Login: "max", Scopes: []string{"admin:org", "repo"}},
			{Value: oauthToken, Login: "max", Scopes: []string{"repo"}},
			{Value: givenToken, Login: "max", App: "portal", Scopes: []string{"repo"}},
			{Value: givenToken + "2", Login: "max", App: "portal", Scopes: []string{"gist"}},
			{Value: fineToken, Login: "max", ID: 7001, Expires: ago(-10)},
			{Value: allToken, Installation: 502},
			{Value: entToken, Installation: 503},
			{Value: botToken, Installation: 501},
		},
	}
}

func richRepos(ago func(int) time.Time) []Repo {
	return []Repo{
		{ID: 1, Name: "shop", Description: "The shop", Language: "Go", Topics: []string{"prod"}, Pushed: ago(1),
			Files:         map[string]string{".github/workflows/agent.yml": "on: issue_comment\n", ".github/CODEOWNERS": "* @acme/core\n", "README.md": "shop\n", ".github/workflows/sub/x.yml": "on: push\n"},
			Branches:      []Branch{{Name: "main", Protection: &Protection{Reviews: &Reviews{Count: 2, CodeOwners: true, Bypass: &Actors{Apps: []string{"claude"}, Users: []string{"olga"}, Teams: []string{"core"}}, Dismissers: &Actors{}}, Checks: []string{"ci"}, Restrict: &Actors{Teams: []string{"infra"}, Apps: []string{"claude"}}}}, {Name: "rel/1"}, {Protection: &Protection{Pattern: "rel/*", Admins: true}}},
			Collaborators: map[string]string{"ext": "write"},
			Keys:          []DeployKey{{ID: 41, Title: "agent", Key: "ssh-ed25519 AAAAFAKE", AddedBy: "max", LastUsed: ago(4)}},
			Secrets:       []Secret{{Name: "NPM"}}, AgentSecrets: []Secret{{Name: "KEY"}},
			Environments: []Environment{{ID: 51, Name: "production", Wait: 5, Users: []string{"olga"}, Teams: []string{"core"}, PreventSelfReview: true, Secrets: []Secret{{Name: "PROD"}}, Branches: []string{"main"}}, {ID: 52, Name: "dev", ProtectedBranches: true}},
			Rulesets:     []Ruleset{{ID: 911, Name: "checks", Rules: []Rule{{Type: "required_status_checks", Parameters: obj{"strict_required_status_checks_policy": true, "required_status_checks": []any{obj{"context": "ci", "integration_id": 1002}}}}}, Bypass: []Bypass{{Type: "RepositoryRole", ID: 5, Mode: "pull_request"}, {Type: "Team", ID: 31}}}},
			Runners:      []Runner{{ID: 811, Name: "own", Ephemeral: true}},
			Alerts:       []Alert{{Type: "github_personal_access_token", Provider: "GitHub", Secret: ownerToken, Validity: "active", Path: "a.env", Line: 3, Bypassed: "max", Public: true, Created: ago(1)}, {Type: "aws_access_key_id", Secret: "AKIAFAKE", Resolution: "revoked", Created: ago(9), Resolved: ago(8)}},
			OIDC:         &OIDC{Claims: []string{"repo", "environment"}},
			Agent:        &Agent{MCP: obj{"mcpServers": obj{}}, Firewall: true, Allowlist: []string{"acme.example"}}},
		{ID: 2, Name: "site", Visibility: "public"},
		{ID: 3, Name: "vault", Archived: true},
	}
}
