package githubsim

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"
)

func TestJWT(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := jwt(t, botKey(), 1001, Noon, Noon.Add(5*time.Minute))
	for _, c := range []struct {
		name, token string
		want        int
	}{
		{"good", good, 200},
		{"by client id", jwt(t, botKey(), "Iv23sim1001", Noon, Noon.Add(time.Minute)), 200},
		{"of another key", jwt(t, other, 1001, Noon, Noon.Add(time.Minute)), 401},
		{"changed", good[:len(good)-8] + "AAAAAAAA", 401},
		{"over", jwt(t, botKey(), 1001, Noon.Add(-time.Hour), Noon), 401},
		{"too long", jwt(t, botKey(), 1001, Noon, Noon.Add(time.Hour)), 401},
		{"of tomorrow", jwt(t, botKey(), 1001, Noon.Add(time.Hour), Noon.Add(5*time.Minute)), 401},
		{"of an app without a key", jwt(t, botKey(), 1002, Noon, Noon.Add(time.Minute)), 401},
		{"of no app", jwt(t, botKey(), 5, Noon, Noon.Add(time.Minute)), 404},
		{"no JSON", "x.y.z", 401},
		{"a token of a user", ownerToken, 401},
	} {
		if g := do(t, s, "GET /app", c.token); g.status != c.want {
			t.Errorf("%s: %d %s", c.name, g.status, g.text)
		}
	}
	if g := do(t, s, "GET /orgs/acme/members", good); g.status != 403 {
		t.Errorf("an app for itself reads an organisation: %d", g.status)
	}
	for what, want := range map[string]int{"GET /app/installations/502": 404, "PUT /app/installations/502/suspended": 404, "DELETE /app/installations/502": 404, "POST /app/installations/503/access_tokens": 404} {
		if g := do(t, s, what, good); g.status != want {
			t.Errorf("%s of another app: %d", what, g.status)
		}
	}
}

func TestTokensOfInstallations(t *testing.T) {
	c := &clock{Noon}
	s := held(t, rich(c))
	app := jwt(t, botKey(), 1001, Noon, Noon.Add(5*time.Minute))
	mint := func(body string) got { return do(t, s, "POST /app/installations/501/access_tokens", app, body) }
	g := mint("")
	all, _ := g.at("token").(string)
	if g.status != 201 || g.at("repository_selection") != "selected" || g.at("expires_at") != "2026-11-23T13:00:00Z" {
		t.Fatalf("%d %s", g.status, g.text)
	}
	narrow, _ := mint(`{"repositories":["site"],"permissions":{"metadata":"read"}}`).at("token").(string)
	for _, x := range []struct {
		what, token string
		want        int
	}{
		{"GET /repos/acme/shop/contents/README.md", all, 200},
		{"GET /repos/acme/shop/contents/README.md", narrow, 404},
		{"GET /repos/acme/site", narrow, 200},
		{"GET /repos/acme/vault", all, 404},
	} {
		if g := do(t, s, x.what, x.token); g.status != x.want {
			t.Errorf("%s: %d %s", x.what, g.status, g.text)
		}
	}
	for _, body := range []string{`{"permissions":{"administration":"write"}}`, `{"repositories":["vault"]}`, `{"repository_ids":[3]}`, `{"repositories":["none"]}`} {
		if g := mint(body); g.status != 422 {
			t.Errorf("%s: %d %s", body, g.status, g.text)
		}
	}
	suspended := "/app/installations/501/suspended"
	do(t, s, "PUT "+suspended, app)
	if g := mint(""); g.status != 403 {
		t.Errorf("a suspended app got a token: %s", g.text)
	}
	if g := do(t, s, "GET /app/installations/501", app); g.at("suspended_at") != "2026-11-23T12:00:00Z" {
		t.Errorf("%s", g.text)
	}
	if do(t, s, "DELETE "+suspended, app); do(t, s, "GET /repos/acme/shop", all).status != 200 {
		t.Error("an app that is not suspended any more is kept out")
	}
	c.t = Noon.Add(time.Hour)
	if g := do(t, s, "GET /repos/acme/site", all); g.status != 401 || g.at("message") != "Bad credentials" {
		t.Errorf("after an hour: %d %s", g.status, g.text)
	}
}

// A user's token of an app, and a fine-grained one, reach what both the user and the app or the grant reach.
func TestTokensThatAreHalfAUser(t *testing.T) {
	w := rich(&clock{Noon})
	w.Tokens = append(w.Tokens, Token{Value: userToken, Login: "max", App: "claude"}, Token{Value: userToken + "2", Login: "nobody", App: "claude"})
	s := held(t, w)
	for _, c := range []struct {
		what                   string
		ofApp, ofOther, byFine int
	}{
		{"GET /user", 200, 200, 200},
		{"GET /orgs/acme", 200, 200, 200},
		{"GET /repos/acme/shop", 200, 404, 200},
		{"GET /repos/acme/shop/contents/README.md", 200, 404, 200},
		{"GET /repos/acme/shop/keys", 403, 404, 403},
		{"GET /repos/acme/vault", 404, 404, 404},
		{"GET /repos/acme/site", 200, 200, 200},
		{"GET /orgs/acme/teams", 403, 403, 403},
		{"GET /orgs/acme/installations", 403, 403, 403},
		{"GET /user/installations", 200, 200, 403},
	} {
		for token, want := range map[string]int{userToken: c.ofApp, userToken + "2": c.ofOther, fineToken: c.byFine} {
			if g := do(t, s, c.what, token); g.status != want {
				t.Errorf("%s by %s: %d, want %d: %s", c.what, token, g.status, want, g.text)
			}
		}
	}
}

// What was narrowed can be widened again, and a wish can be granted.
func TestUndo(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	own := "/enterprises/acme-corp/apps/organizations/acme/installations/"
	for _, c := range []struct {
		what, token, body string
		want              int
		probe, with       string
		after             string
	}{
		{"PATCH " + own + "501/repositories/remove", entToken, `{"repositories":["shop"]}`, 200, "GET /repos/acme/shop", botToken, "404"},
		{"PATCH " + own + "501/repositories/remove", entToken, `{"repositories":["site"]}`, 422, "GET " + own + "501/repositories", entToken, `200 [{"full_name":"acme/site"`},
		{"PATCH " + own + "501/repositories/add", entToken, `{"repositories":["shop"]}`, 200, "GET /repos/acme/shop", botToken, "200"},
		{"PATCH " + own + "501/repositories", entToken, `{"repository_selection":"all"}`, 200, "GET /repos/acme/vault", botToken, "200"},
		{"PATCH " + own + "501/repositories/remove", entToken, `{"repositories":["shop"]}`, 422, "GET /repos/acme/shop", botToken, "200"},
		{"PATCH " + own + "501/repositories", entToken, `{"repository_selection":"selected"}`, 422, "GET /repos/acme/vault", botToken, "200"},
		{"PATCH " + own + "503/repositories", entToken, `{"repository_selection":"all"}`, 404, "GET /repos/acme/vault", botToken, "200"},
		{"DELETE " + own + "501", allToken, "", 403, "GET /repos/acme/vault", botToken, "200"},
		{"POST /orgs/acme/personal-access-token-requests/611", allToken, `{"action":"approve"}`, 204, "GET /orgs/acme/personal-access-tokens", allToken, `"wish"`},
		{"PUT /orgs/acme/copilot/coding-agent/permissions", ownerToken, `{"enabled_repositories":"none"}`, 204, "GET /orgs/acme/copilot/coding-agent/permissions/repositories", ownerToken, "409"},
		{"PUT /orgs/acme/copilot/coding-agent/permissions", ownerToken, `{"enabled_repositories":"selected"}`, 204, "GET /orgs/acme/copilot/coding-agent/permissions/repositories", ownerToken, `"total_count":1`},
		{"PUT /orgs/acme/copilot/coding-agent/permissions/repositories", ownerToken, `{"selected_repository_ids":[2,3]}`, 204, "GET /orgs/acme/copilot/coding-agent/permissions/repositories", ownerToken, `"total_count":2`},
		{"DELETE /orgs/acme/copilot/billing/selected_users", ownerToken, `{"selected_usernames":["max"]}`, 200, "GET /orgs/acme/copilot/billing/seats", ownerToken, `"2026-12-01"`},
		{"POST /orgs/acme/copilot/billing/selected_users", ownerToken, `{"selected_usernames":["max"]}`, 201, "GET /orgs/acme/copilot/billing", ownerToken, `"pending_cancellation":0`},
		{"DELETE /orgs/acme/memberships/otto", ownerToken, "", 204, "GET /orgs/acme/memberships/otto", ownerToken, "404"},
		{"PUT /orgs/acme/memberships/otto", ownerToken, `{"role":"admin"}`, 200, "GET /orgs/acme/memberships/otto", ownerToken, `"state":"pending"`},
		{"DELETE /orgs/acme/memberships/otto", ownerToken, "", 204, "GET /orgs/acme/memberships/otto", ownerToken, "404"},
		{"DELETE /orgs/acme/memberships/olga", ownerToken, "", 403, "GET /orgs/acme/memberships/olga", ownerToken, "200"},
		{"PUT /orgs/acme/memberships/max", ownerToken, `{"role":"admin"}`, 200, "GET /orgs/acme/memberships/max", ownerToken, `"role":"admin"`},
		{"PUT /orgs/acme/memberships/max", ownerToken, `{"role":"member"}`, 200, "GET /orgs/acme/memberships/max", ownerToken, `"role":"member"`},
	} {
		if g := do(t, s, c.what, c.token, c.body); g.status != c.want {
			t.Errorf("%s %s: %d %s", c.what, c.body, g.status, g.text)
		}
		if g := do(t, s, c.probe, c.with); !fits(g, c.after) {
			t.Errorf("%s %s, then %s: %d %s", c.what, c.body, c.probe, g.status, g.text)
		}
	}
}

// A seat ends with the month, and not before.
func TestSeatsEndWithTheCycle(t *testing.T) {
	c := &clock{Noon}
	s := held(t, rich(c))
	do(t, s, "DELETE /orgs/acme/copilot/billing/selected_users", ownerToken, `{"selected_usernames":["max"]}`)
	for _, x := range []struct {
		at   time.Time
		want float64
	}{{Noon.AddDate(0, 0, 7), 2}, {time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), 1}} {
		c.t = x.at
		if g := do(t, s, "GET /orgs/acme/copilot/billing/seats", ownerToken); g.at("total_seats") != x.want {
			t.Errorf("%v: %s", x.at, g.text)
		}
	}
}

func TestCredentialsAreRevokedByNobody(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	body := `{"credentials":["` + oauthToken + `"]}`
	if g := do(t, s, "POST /credentials/revoke", ownerToken, body); g.status != 403 || do(t, s, "GET /user", oauthToken).status != 200 {
		t.Errorf("with a credential: %d %s", g.status, g.text)
	}
	s = New(rich(&clock{Noon})) // the contract would refuse these by itself
	for _, body := range []string{`{"credentials":["` + strings.Repeat(`x","`, 1000) + `x"]}`, `{"credentials":[]}`} {
		if g := do(t, s, "POST /credentials/revoke", "", body); g.status != 422 {
			t.Errorf("%.30s: %d", body, g.status)
		}
	}
	for i := range 60 {
		g := do(t, s, "POST /credentials/revoke", "", `{"credentials":["junk"]}`)
		if want := i < 58; (g.status == 202) != want {
			t.Fatalf("request %d: %d %s", i, g.status, g.text)
		}
	}
}
