package githubsim

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// Answers of the rich world, piece by piece.
func TestAnswers(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	for _, c := range []struct {
		what, token string
		want        map[string]any
	}{
		{"GET /orgs/acme/installations", ownerToken, map[string]any{"total_count": 2, "installations.0.app_slug": "claude", "installations.0.repository_selection": "selected", "installations.1.repository_selection": "all", "installations.0.permissions.contents": "write", "installations.0.contact_email": "sec@acme.example", "installations.0.account.login": "acme"}},
		{"GET /apps/claude", "", map[string]any{"id": 1001, "permissions": map[string]any{"contents": "write", "metadata": "read"}}},
		{"GET /orgs/acme/personal-access-tokens?owner=max", allToken, map[string]any{"0.token_name": "ci", "0.repository_selection": "subset", "0.permissions.repository.contents": "write", "0.token_expired": false, "1": nil}},
		{"GET /orgs/acme/personal-access-tokens?token_id=7002", allToken, map[string]any{"0.owner.login": "olga", "0.repository_selection": "all", "0.token_expires_at": nil, "1": nil}},
		{"GET /orgs/acme/personal-access-tokens?last_used_before=2026-11-01T00:00:00Z", allToken, map[string]any{"0.token_name": "all", "1": nil}},
		{"GET /orgs/acme/personal-access-tokens?permission=members", allToken, map[string]any{"0.token_name": "all", "1": nil}},
		{"GET /orgs/acme/personal-access-token-requests", allToken, map[string]any{"0.reason": "agent", "0.repository_selection": "none"}},
		{"GET /orgs/acme/credential-authorizations", ownerToken, map[string]any{"0.token_last_eight": "00000000", "0.authorized_credential_note": "laptop", "1.fingerprint": "SHA256:FAKE", "1.token_last_eight": nil}},
		{"GET /orgs/acme/copilot/billing/seats", ownerToken, map[string]any{"total_seats": 2, "seats.0.assignee.login": "max", "seats.0.last_activity_editor": "vscode/1.9", "seats.1.assigning_team.slug": "core", "seats.1.last_activity_at": nil}},
		{"GET /repos/acme/shop/copilot/cloud-agent/configuration", ownerToken, map[string]any{"custom_allowlist": []any{"acme.example"}, "mcp_configuration": map[string]any{"mcpServers": map[string]any{}}, "is_firewall_enabled": true, "require_actions_workflow_approval": false}},
		{"GET /repos/acme/site/copilot/cloud-agent/configuration", ownerToken, map[string]any{"mcp_configuration": nil, "require_actions_workflow_approval": true}},
		{"GET /orgs/acme/actions/secrets", ownerToken, map[string]any{"secrets.0.selected_repositories_url": "https://api.github.com/orgs/acme/actions/secrets/DEPLOY/repositories", "secrets.1.visibility": "all"}},
		{"GET /repos/acme/site/actions/organization-secrets", ownerToken, map[string]any{"total_count": 1, "secrets.0.name": "ALL"}},
		{"GET /repos/acme/shop/actions/organization-secrets", ownerToken, map[string]any{"total_count": 2}},
		{"GET /orgs/acme/actions/oidc/customization/sub", ownerToken, map[string]any{"include_claim_keys": []any{"repo", "context"}}},
		{"GET /repos/acme/shop/actions/oidc/customization/sub", ownerToken, map[string]any{"use_default": false, "include_claim_keys": []any{"repo", "environment"}}},
		{"GET /repos/acme/site/actions/oidc/customization/sub", ownerToken, map[string]any{"use_default": true}},
		{"GET /orgs/acme/actions/runners", ownerToken, map[string]any{"runners.0.ephemeral": false, "runners.0.labels.1.name": "gpu", "runners.1.busy": true}},
		{"GET /orgs/acme/rulesets/901", ownerToken, map[string]any{"bypass_actors.0": map[string]any{"actor_id": 1001, "actor_type": "Integration", "bypass_mode": "always"}, "bypass_actors.1.bypass_mode": "exempt", "bypass_actors.3.actor_id": nil, "conditions.repository_name.include": []any{"~ALL"}, "rules.1.parameters.required_approving_review_count": 1}},
		{"GET /repos/acme/shop/rulesets", ownerToken, map[string]any{"0.name": "checks", "1.source_type": "Organization", "0.rules": nil}},
		{"GET /repos/acme/shop/rulesets?includes_parents=false", ownerToken, map[string]any{"0.name": "checks", "1": nil}},
		{"GET /repos/acme/shop/rules/branches/main", ownerToken, map[string]any{"0.type": "required_status_checks", "1.type": "deletion", "2.type": "pull_request", "2.ruleset_source": "acme"}},
		{"GET /repos/acme/shop/rules/branches/rel%2F1", ownerToken, map[string]any{"0": nil}},
		{"GET /repos/acme/shop/branches/main/protection", ownerToken, map[string]any{"required_pull_request_reviews.bypass_pull_request_allowances.apps.0.slug": "claude", "restrictions.teams.0.slug": "infra", "restrictions.teams.0.parent.slug": "core", "required_status_checks.contexts": []any{"ci"}, "enforce_admins.enabled": false}},
		{"GET /repos/acme/shop/branches/rel%2F1/protection", ownerToken, map[string]any{"enforce_admins.enabled": true, "restrictions": nil}},
		{"GET /repos/acme/site/branches/main/protection", ownerToken, map[string]any{"message": "Branch not protected"}},
		{"GET /repos/acme/shop/branches?protected=true", ownerToken, map[string]any{"0.name": "main", "1.name": "rel/1"}},
		{"GET /repos/acme/shop/environments", ownerToken, map[string]any{"environments.0.protection_rules.0.wait_timer": 5, "environments.0.protection_rules.1.reviewers.1.reviewer.slug": "core", "environments.0.deployment_branch_policy.custom_branch_policies": true, "environments.1.deployment_branch_policy.protected_branches": true}},
		{"GET /repos/acme/shop/environments/production/deployment-branch-policies", ownerToken, map[string]any{"branch_policies.0.name": "main"}},
		{"GET /orgs/acme/secret-scanning/alerts?hide_secret=true&state=open", ownerToken, map[string]any{"0.secret": nil, "0.publicly_leaked": true, "0.first_location_detected.start_line": 3, "0.repository.full_name": "acme/shop", "1": nil}},
		{"GET /repos/acme/shop/secret-scanning/alerts", ownerToken, map[string]any{"0.secret": ownerToken, "1.resolution": "revoked", "0.push_protection_bypassed_by.login": "max"}},
		{"GET /orgs/acme/secret-scanning/alerts?hide_secret=true&validity=active&secret_type=aws_access_key_id", ownerToken, map[string]any{"0": nil}},
		{"GET /repos/acme/shop/collaborators?affiliation=direct", ownerToken, map[string]any{"0.login": "ext", "0.role_name": "write", "1": nil}},
		{"GET /repos/acme/shop/collaborators", ownerToken, map[string]any{"1.login": "max", "1.permissions.push": true, "1.permissions.admin": false, "2.role_name": "admin"}},
		{"GET /repos/acme/shop/teams", ownerToken, map[string]any{"0.permission": "push", "1.permissions.admin": true}},
		{"GET /orgs/acme/teams/core/repos", ownerToken, map[string]any{"0.role_name": "write", "1": nil}},
		{"GET /orgs/acme/members?role=admin", ownerToken, map[string]any{"0.login": "olga", "1.login": "otto", "2": nil}},
		{"GET /orgs/acme", memberToken, map[string]any{"login": "acme", "two_factor_requirement_enabled": nil}},
		{"GET /orgs/acme", ownerToken, map[string]any{"two_factor_requirement_enabled": true, "default_repository_permission": "read"}},
		{"GET /user", memberToken, map[string]any{"login": "max", "two_factor_authentication": nil}},
		{"GET /user/installations", ownerToken, map[string]any{"message": "Resource not accessible by integration"}},
	} {
		g := do(t, s, c.what, c.token)
		for path, v := range c.want {
			if have := g.at(path); fmt.Sprint(have) != fmt.Sprint(v) {
				t.Errorf("%s: %s is %v, want %v", c.what, path, have, v)
			}
		}
	}
}

// What a test sees of whether secrets were asked to be hidden.
func TestShown(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	do(t, s, "GET /orgs/acme/secret-scanning/alerts?hide_secret=true", ownerToken)
	if s.Shown() != 0 {
		t.Error(s.Shown())
	}
	do(t, s, "GET /orgs/acme/secret-scanning/alerts", ownerToken)
	if s.Shown() != 2 {
		t.Error(s.Shown())
	}
}

func TestAlertsByCursor(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	var seen []string
	for next := "/orgs/acme/secret-scanning/alerts?hide_secret=true&per_page=1&after="; next != ""; {
		g := do(t, s, "GET "+next, ownerToken)
		if len(g.body.([]any)) == 0 {
			break
		}
		seen = append(seen, fmt.Sprint(g.at("0.secret_type")))
		next = ""
		if link := g.header.Get("Link"); strings.Contains(link, `rel="next"`) {
			next = strings.TrimPrefix(link[1:strings.Index(link, ">")], "https://api.github.com")
		}
	}
	if fmt.Sprint(seen) != "[github_personal_access_token aws_access_key_id]" {
		t.Error(seen)
	}
}

func TestFiles(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	g := do(t, s, "GET /repos/acme/shop/contents/.github/workflows", ownerToken)
	if g.at("0.name") != "agent.yml" || g.at("1.type") != "dir" || g.at("2") != nil {
		t.Errorf("%s", g.text)
	}
	g = do(t, s, "GET /repos/acme/shop/contents/.github/workflows/agent.yml?ref=main", ownerToken)
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(fmt.Sprint(g.at("content")), "\n", ""))
	if err != nil || string(text) != "on: issue_comment\n" {
		t.Errorf("%q %v", text, err)
	}
	for what, want := range map[string]int{"/none": 404, "/README.md?ref=gone": 404, "/.git": 404, "/README.md?ref=refs/heads/rel/1": 200} {
		if g := do(t, s, "GET /repos/acme/shop/contents"+what, ownerToken); g.status != want {
			t.Errorf("%s: %d", what, g.status)
		}
	}
}

func TestAuditLog(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"", []string{"repo.download_zip", "integration_installation.create"}},
		{"?include=all", []string{"repo.download_zip", "git.clone", "integration_installation.create"}},
		{"?include=git", []string{"git.clone"}},
		{"?order=asc", []string{"integration_installation.create", "repo.download_zip"}},
		{"?phrase=action:integration_installation", []string{"integration_installation.create"}},
		{"?phrase=actor:max+repo:acme/shop", []string{"repo.download_zip"}},
		{"?phrase=created:%3E%3D2026-11-22", []string{"repo.download_zip"}},
		{"?phrase=created:2026-01-01..2026-11-20", []string{"integration_installation.create", "org.create"}},
		{"?phrase=hashed_token:%22" + strings.ReplaceAll(strings.ReplaceAll(HashedToken(ownerToken), "+", "%2B"), "=", "%3D") + "%22", []string{"repo.download_zip"}},
	} {
		g := do(t, s, "GET /orgs/acme/audit-log"+c.query, ownerToken)
		var have []string
		for i := range g.body.([]any) {
			have = append(have, fmt.Sprint(g.at(fmt.Sprintf("%d.action", i))))
		}
		if strings.Join(have, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v, want %v", c.query, have, c.want)
		}
	}
	g := do(t, s, "GET /orgs/acme/audit-log?include=all&per_page=2", ownerToken)
	link := g.header.Get("Link")
	next := link[1:strings.Index(link, ">")]
	if g = do(t, s, "GET "+strings.TrimPrefix(next, "https://api.github.com"), ownerToken); g.at("0.action") != "integration_installation.create" || !strings.Contains(g.header.Get("Link"), `rel="prev"`) {
		t.Errorf("%s: %s", next, g.text)
	}
	if strings.Contains(g.text, ownerToken) {
		t.Error("the log shows a token")
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"main", "main", true}, {"rel/*", "rel/1", true}, {"rel/*", "rel/1/2", false}, {"rel/**", "rel/1/2", true}, {"**/x", "a/b/x", true}, {"**/x", "x", true},
		{"*", "a/b", false}, {"**", "a/b", true}, {"[", "[", false}, {"rel/**/x", "rel/x", true}, {"rel/**", "other", false},
	} {
		if glob(c.pattern, c.name) != c.want {
			t.Errorf("%s on %s", c.pattern, c.name)
		}
	}
}

// An alert about a token of GitHub's own says inactive once the token is ended.
func TestAlertKnowsThatItsTokenIsDead(t *testing.T) {
	leaked := "gh" + "p_FAKEMcpnotARealSecret0FAKEMcpn2fglSm"
	s := New(World{Orgs: []Org{{Login: "acme", Members: []Member{{Login: "olga", Owner: true}, {Login: "max"}}, Repos: []Repo{{Name: "web",
		Alerts: []Alert{{Type: "github_personal_access_token", Secret: leaked, Validity: "active", Path: "a.env", Line: 3}}}}}},
		Tokens: []Token{{Value: ownerToken, Login: "olga", Scopes: []string{"repo", "admin:org", "security_events"}}, {Value: leaked, Login: "max"}}})
	for _, want := range []string{"active", "inactive"} {
		a := do(t, s, "GET /orgs/acme/secret-scanning/alerts?hide_secret=true", ownerToken)
		if got := a.at("0.validity"); got != want {
			t.Errorf("%v, want %s", got, want)
		}
		do(t, s, "POST /credentials/revoke", "", `{"credentials":["`+leaked+`"]}`)
	}
}
