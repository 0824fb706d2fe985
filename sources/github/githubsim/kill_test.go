package githubsim

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// kills are the revocations of the rich world: what is asked, by whom, what it answers, what shows that it worked (a
// request, and its answers before and after), and what a second one answers.
var kills = []struct {
	name, what, token, body string
	want                    int
	probe, with             string
	before, after           string // status, or a piece of the body behind it
	again                   int
}{
	{"grant", "POST /orgs/acme/personal-access-tokens/601", allToken, `{"action":"revoke"}`, 204, "GET /repos/acme/shop", fineToken, "200", "404", 404},
	{"grant leaves the token", "POST /orgs/acme/personal-access-tokens/601", allToken, `{"action":"revoke"}`, 204, "GET /user", fineToken, "200", "200", 404},
	{"grants", "POST /orgs/acme/personal-access-tokens", allToken, `{"action":"revoke","pat_ids":[601,602]}`, 202, "GET /orgs/acme/personal-access-tokens", allToken, `"id":601`, "200 []", 202},
	{"credential", "POST /credentials/revoke", "", `{"credentials":["` + ownerToken + `","junk"]}`, 202, "GET /user", ownerToken, "200", "401", 202},
	{"fine-grained credential", "POST /credentials/revoke", "", `{"credentials":["` + fineToken + `"]}`, 202, "GET /orgs/acme/personal-access-tokens?per_page=100", allToken, `"id":601`, `200 [{"access_granted_at"`, 202},
	{"no installation token", "POST /credentials/revoke", "", `{"credentials":["` + botToken + `"]}`, 202, "GET /installation/repositories", botToken, "200", "200", 202},
	{"authorization", "DELETE /orgs/acme/credential-authorizations/703", ownerToken, "", 204, "GET /repos/acme/shop", oauthToken, "200", "403", 404},
	{"authorizations of a person", "POST /orgs/acme/credential-authorizations/max/revoke", ownerToken, "", 202, "GET /orgs/acme/credential-authorizations?login=max", ownerToken, `"credential_id":702`, "200 []", 202},
	{"of a type", "POST /orgs/acme/credential-authorizations/max/revoke-credential-type", ownerToken, `{"credential_type":"ssh_key"}`, 202, "GET /orgs/acme/credential-authorizations?login=max", ownerToken, `"credential_id":702`, `200 [{`, 202},
	{"all of a person in the enterprise", "POST /enterprises/acme-corp/credential-authorizations/max/revoke", bossToken, "", 202, "GET /orgs/acme/credential-authorizations?login=max", ownerToken, `"credential_id":702`, "200 []", 202},
	{"all of a person destroyed", "POST /enterprises/acme-corp/credential-authorizations/max/revoke", bossToken, `{"revoke_credentials":true}`, 202, "GET /user", fineToken, "200", "401", 202},
	{"of a type in the enterprise", "POST /enterprises/acme-corp/credential-authorizations/max/revoke-credential-type", bossToken, `{"credential_type":"ssh_key","revoke_credentials":true}`, 202, "GET /orgs/acme/credential-authorizations?login=max", ownerToken, `"credential_id":702`, `200 [{`, 202},
	{"all of an organisation", "POST /orgs/acme/credential-authorizations/revoke-all", allToken, "", 202, "GET /orgs/acme/credential-authorizations", allToken, `"credential_id":702`, "200 []", 202},
	{"a token of an app", "DELETE /applications/Iv1.FAKE/token", client1, `{"access_token":"` + givenToken + `"}`, 204, "GET /user", givenToken, "200", "401", 422},
	{"a token of an app leaves the others", "DELETE /applications/Iv1.FAKE/token", client1, `{"access_token":"` + givenToken + `"}`, 204, "GET /user", givenToken + "2", "200", "200", 422},
	{"a grant of an app", "DELETE /applications/Iv1.FAKE/grant", client1, `{"access_token":"` + givenToken + `"}`, 204, "GET /user", givenToken + "2", "200", "401", 422},
	{"a token of another app", "DELETE /applications/Iv1.FAKE/token", client1, `{"access_token":"` + oauthToken + `"}`, 422, "GET /user", oauthToken, "200", "200", 422},
	{"a token of an app, with another secret", "DELETE /applications/Iv1.FAKE/token", "Iv1.FAKE:no", `{"access_token":"` + givenToken + `"}`, 404, "GET /user", givenToken, "200", "200", 404},
	{"a token of an app, by a person", "DELETE /applications/Iv1.FAKE/token", ownerToken, `{"access_token":"` + givenToken + `"}`, 401, "GET /user", givenToken, "200", "200", 401},
	{"suspended", "PUT /app/installations/501/suspended", "jwt", "", 204, "GET /installation/repositories", botToken, "200", "403", 204},
	{"uninstalled by itself", "DELETE /app/installations/501", "jwt", "", 204, "GET /installation/repositories", botToken, "200", "401", 404},
	{"uninstalled by the enterprise", "DELETE /enterprises/acme-corp/apps/organizations/acme/installations/501", entToken, "", 204, "GET /repos/acme/shop", botToken, "200", "401", 404},
	{"narrowed", "PATCH /enterprises/acme-corp/apps/organizations/acme/installations/501/repositories/remove", entToken, `{"repositories":["shop"]}`, 200, "GET /repos/acme/shop", botToken, "200", "404", 200},
	{"selected", "PATCH /enterprises/acme-corp/apps/organizations/acme/installations/501/repositories", entToken, `{"repository_selection":"selected","repositories":["site"]}`, 200, "GET /repos/acme/shop", botToken, "200", "404", 200},
	{"own token", "DELETE /installation/token", botToken, "", 204, "GET /installation/repositories", botToken, "200", "401", 401},
	{"deploy key", "DELETE /repos/acme/shop/keys/41", ownerToken, "", 204, "GET /repos/acme/shop/keys/41", ownerToken, "200", "404", 404},
	{"agent off", "PUT /orgs/acme/copilot/coding-agent/permissions", ownerToken, `{"enabled_repositories":"none"}`, 204, "GET /orgs/acme/copilot/coding-agent/permissions", ownerToken, `"selected"`, `200 {"enabled_repositories":"none"}`, 204},
	{"agent off in a repository", "DELETE /orgs/acme/copilot/coding-agent/permissions/repositories/1", ownerToken, "", 204, "GET /orgs/acme/copilot/coding-agent/permissions/repositories", ownerToken, `"total_count":1`, `200 {"repositories":[],"total_count":0}`, 204},
	{"seat", "DELETE /orgs/acme/copilot/billing/selected_users", ownerToken, `{"selected_usernames":["max"]}`, 200, "GET /orgs/acme/copilot/billing", ownerToken, `"pending_cancellation":0`, "200", 200},
	{"seat of a team", "DELETE /orgs/acme/copilot/billing/selected_users", ownerToken, `{"selected_usernames":["olga"]}`, 422, "GET /orgs/acme/copilot/billing", ownerToken, `"pending_cancellation":0`, "200", 422},
	{"runner", "DELETE /orgs/acme/actions/runners/801", ownerToken, "", 204, "GET /orgs/acme/actions/runners/801", ownerToken, "200", "404", 404},
	{"runner at work", "DELETE /orgs/acme/actions/runners/802", ownerToken, "", 422, "GET /orgs/acme/actions/runners/802", ownerToken, "200", "200", 422},
	{"runner of a repository", "DELETE /repos/acme/shop/actions/runners/811", ownerToken, "", 204, "GET /repos/acme/shop/actions/runners", ownerToken, `"id":811`, `200 {"runners":[],"total_count":0}`, 404},
	{"agents' secret", "DELETE /orgs/acme/agents/secrets/COPILOT_MCP_KEY", ownerToken, "", 204, "GET /orgs/acme/agents/secrets/COPILOT_MCP_KEY", ownerToken, "200", "404", 404},
	{"agents' secret of a repository", "DELETE /repos/acme/shop/agents/secrets/KEY", ownerToken, "", 204, "GET /repos/acme/shop/agents/secrets", ownerToken, `"KEY"`, `200 {"secrets":[],"total_count":0}`, 404},
	{"secret", "DELETE /orgs/acme/actions/secrets/DEPLOY", ownerToken, "", 204, "GET /orgs/acme/actions/secrets/DEPLOY", ownerToken, "200", "404", 404},
	{"secret of a repository", "DELETE /repos/acme/shop/actions/secrets/NPM", ownerToken, "", 204, "GET /repos/acme/shop/actions/secrets", ownerToken, `"NPM"`, `200 {"secrets":[],"total_count":0}`, 404},
	{"secret of an environment", "DELETE /repos/acme/shop/environments/production/secrets/PROD", ownerToken, "", 204, "GET /repos/acme/shop/environments/production/secrets", ownerToken, `"PROD"`, `200 {"secrets":[],"total_count":0}`, 404},
	{"job token", "PUT /orgs/acme/actions/permissions/workflow", ownerToken, `{"default_workflow_permissions":"read","can_approve_pull_request_reviews":false}`, 204, "GET /repos/acme/shop/actions/permissions/workflow", ownerToken, `"write"`, `200 {"can_approve_pull_request_reviews":false,"default_workflow_permissions":"read"}`, 204},
	{"workflow", "PUT /repos/acme/shop/actions/workflows/agent.yml/disable", ownerToken, "", 204, "GET /repos/acme/shop/actions/workflows/agent.yml", ownerToken, `"state":"active"`, `"state":"disabled_manually"`, 204},
	{"member", "DELETE /orgs/acme/memberships/max", ownerToken, "", 204, "GET /orgs/acme/memberships/max", ownerToken, "200", "404", 404},
	{"collaborator", "DELETE /repos/acme/shop/collaborators/ext", ownerToken, "", 204, "GET /repos/acme/shop/collaborators/ext/permission", ownerToken, `"permission":"write"`, "200", 204},
	{"outside", "DELETE /orgs/acme/outside_collaborators/ext", ownerToken, "", 204, "GET /orgs/acme/outside_collaborators", ownerToken, `"ext"`, "200 []", 404},
}

// A token is known to its app for as long as it lives, and to no other.
func TestAnAppChecksItsToken(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	ask := func(token string) got {
		return do(t, s, "POST /applications/Iv1.FAKE/token", client1, `{"access_token":"`+token+`"}`)
	}
	if g := ask(givenToken); g.status != 200 || g.at("app.client_id") != "Iv1.FAKE" {
		t.Errorf("%d %s", g.status, g.text)
	}
	do(t, s, "DELETE /applications/Iv1.FAKE/token", client1, `{"access_token":"`+givenToken+`"}`)
	for _, token := range []string{givenToken, oauthToken, ownerToken, "junk"} {
		if g := ask(token); g.status != 404 {
			t.Errorf("%.8s: %d %s", token, g.status, g.text)
		}
	}
}

func killer(t *testing.T, token string) string {
	if token == "jwt" {
		return jwt(t, botKey(), 1001, Noon, Noon.Add(5*time.Minute))
	}
	return token
}

func fits(g got, want string) bool {
	line := strings.TrimSpace(itoa(g.status) + " " + g.text)
	return strings.HasPrefix(line, want) || want[0] == '"' && strings.Contains(line, want)
}

func itoa(n int) string { return num(int64(n)) }

func TestKills(t *testing.T) {
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			s := held(t, rich(&clock{Noon}))
			if g := do(t, s, k.probe, k.with); !fits(g, k.before) {
				t.Errorf("before: %d %s", g.status, g.text)
			}
			if g := do(t, s, k.what, killer(t, k.token), k.body); g.status != k.want {
				t.Fatalf("%d %s", g.status, g.text)
			}
			if g := do(t, s, k.probe, k.with); !fits(g, k.after) {
				t.Errorf("after: %d %s", g.status, g.text)
			}
			if g := do(t, s, k.what, killer(t, k.token), k.body); g.status != k.again {
				t.Errorf("again: %d %s", g.status, g.text)
			}
		})
	}
}

// A late revocation takes effect by the clock, a lie never, and neither is to be told from a good one by its answer.
func TestKillsThatGoWrong(t *testing.T) {
	for _, k := range kills {
		if k.want > 299 {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			c := &clock{Noon}
			late, lie := held(t, rich(c)), held(t, rich(c))
			late.Kill("", Kill{After: 40 * time.Second})
			lie.Kill("", Kill{Lie: true})
			for _, s := range []*Sim{late, lie} {
				if g := do(t, s, k.what, killer(t, k.token), k.body); g.status != k.want {
					t.Fatalf("%d %s", g.status, g.text)
				}
				if g := do(t, s, k.probe, k.with); !fits(g, k.before) {
					t.Errorf("at once: %d %s", g.status, g.text)
				}
			}
			c.t = c.t.Add(39 * time.Second)
			if g := do(t, late, k.probe, k.with); !fits(g, k.before) {
				t.Errorf("after 39 s: %d %s", g.status, g.text)
			}
			c.t = c.t.Add(time.Second)
			if g := do(t, late, k.probe, k.with); !fits(g, k.after) {
				t.Errorf("after 40 s: %d %s", g.status, g.text)
			}
			if g := do(t, lie, k.probe, k.with); !fits(g, k.before) {
				t.Errorf("lie: %d %s", g.status, g.text)
			}
		})
	}
}

// A revocation is in the audit log when it took effect, and a lie never is.
func TestKillsAreLogged(t *testing.T) {
	for _, k := range kills {
		if pattern := patternOf(t, k.what); k.want > 299 || auditNames[pattern] == "" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			for _, how := range []Kill{{}, {Lie: true}} {
				s := held(t, rich(&clock{Noon}))
				s.Kill("", how)
				do(t, s, k.what, killer(t, k.token), k.body)
				g := do(t, s, "GET /orgs/acme/audit-log?phrase=created:2026-11-23+action:"+auditNames[patternOf(t, k.what)], ownerToken)
				if logged := g.at("0.action") != nil; logged == how.Lie {
					t.Errorf("%+v: %s", how, g.text)
				}
			}
		})
	}
}

func patternOf(t *testing.T, what string) string {
	method, path, _ := strings.Cut(what, " ")
	_, pattern := New(World{}).mux.Handler(httptest.NewRequest(method, path, nil))
	if pattern == "" {
		t.Fatalf("%s: no such route", what)
	}
	return pattern
}

func TestKillOfOneOperation(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	s.Kill("DELETE /repos/{owner}/{repo}/keys/{key_id}", Kill{Lie: true})
	do(t, s, "DELETE /repos/acme/shop/keys/41", ownerToken)
	do(t, s, "DELETE /orgs/acme/actions/runners/801", ownerToken)
	if g := do(t, s, "GET /repos/acme/shop/keys/41", ownerToken); g.status != 200 {
		t.Error(g.text)
	}
	if g := do(t, s, "GET /orgs/acme/actions/runners/801", ownerToken); g.status != 404 {
		t.Error(g.text)
	}
	defer func() {
		if recover() == nil {
			t.Error("an operation that does not exist is taken")
		}
	}()
	s.Kill("DELETE /made/up", Kill{})
}
