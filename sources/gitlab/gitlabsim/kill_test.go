package gitlabsim

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestKills(t *testing.T) {
	for _, c := range []struct {
		ask    string // who asks, method and path; ID(x) stands for the id of x
		status int
		second int
		dead   func(s *Sim) bool
	}{
		{"admin DELETE /personal_access_tokens/ID(ana-api)", 204, 204, func(s *Sim) bool { return !s.Works("ana-api") }},
		{"ana-repo DELETE /personal_access_tokens/self", 204, 401, func(s *Sim) bool { return !s.Works("ana-repo") }},
		{"ana-repo DELETE /personal_access_tokens/ID(ana-api)", 403, 403, func(s *Sim) bool { return s.Works("ana-api") }},
		{"ana-api DELETE /projects/301/access_tokens/ID(bot)", 204, 204, func(s *Sim) bool { return !s.Works("bot") }},
		{"ana-api DELETE /groups/acme/service_accounts/ID(svc-claude)/personal_access_tokens/ID(claude)", 204, 204, func(s *Sim) bool { return !s.Works("claude") }},
		{"ana-api DELETE /groups/acme/service_accounts/ID(svc-claude)", 204, 404, func(s *Sim) bool { return !s.Works("claude") && s.State("svc-claude") == "gone" }},
		{"ana-api DELETE /projects/301/deploy_tokens/ID(registry)", 204, 404, func(s *Sim) bool { return !s.Works("registry") }},
		{"ana-api DELETE /projects/301/deploy_keys/ID(laptop)", 204, 404, func(s *Sim) bool { return s.State("laptop@acme/core/api") == "gone" }},
		{"ana-api DELETE /projects/301/triggers/ID(nightly)", 204, 404, func(s *Sim) bool { return len(s.triggers) == 0 }},
		{"admin DELETE /runners/ID(build)", 204, 404, func(s *Sim) bool { return s.State("build") == "gone" }},
		{"admin POST /users/ID(svc-claude)/block", 201, 201, func(s *Sim) bool { return !s.Works("claude") && s.State("svc-claude") == "blocked" }},
		{"ana-api POST /users/ID(svc-claude)/block", 403, 403, func(s *Sim) bool { return s.Works("claude") }},
	} {
		s := New(small(), (&clock{start}).now)
		f := strings.Fields(c.ask)
		path := f[2]
		for strings.Contains(path, "ID(") {
			before, rest, _ := strings.Cut(path, "ID(")
			name, after, _ := strings.Cut(rest, ")")
			path = before + fmt.Sprint(s.ID(name)) + after
		}
		first := ask(s, f[0], f[1], path)
		second := ask(s, f[0], f[1], path)
		if first.status != c.status || second.status != c.second || !c.dead(s) {
			t.Errorf("%s: %d %s, again %d", c.ask, first.status, first.text, second.status)
		}
	}
}

func TestContainmentComesBack(t *testing.T) {
	s := New(small(), (&clock{start}).now)
	user := fmt.Sprint(s.ID("svc-claude"))
	ask(s, "admin", "POST", "/users/"+user+"/block")
	if a := ask(s, "claude", "GET", "/personal_access_tokens/self"); a.status != 403 {
		t.Errorf("blocked: %d", a.status)
	}
	ask(s, "admin", "POST", "/users/"+user+"/unblock")
	if a := ask(s, "claude", "GET", "/personal_access_tokens/self"); a.status != 200 {
		t.Errorf("unblocked: %d", a.status)
	}
	ask(s, "ana-api", "PUT", "/groups/acme/members/"+user, `{"access_level":10}`)
	if s.Role("svc-claude", "acme/core/api") != Guest {
		t.Error("not narrowed")
	}
	key := "/projects/301/deploy_keys/" + fmt.Sprint(s.ID("laptop"))
	ask(s, "ana-api", "PUT", key, `{"can_push":false}`)
	if s.State("laptop@acme/core/api") != "read" {
		t.Error("the key may still push")
	}
	ask(s, "admin", "PUT", "/runners/"+fmt.Sprint(s.ID("build")), `{"paused":true}`)
	ask(s, "ana-api", "PUT", "/groups/acme", `{"duo_features_enabled":false}`)
	if s.State("build") != "paused" || s.State("acme/core/api") != "off" {
		t.Error(s.State("build"), s.State("acme/core/api"))
	}
	if a := ask(s, "ana-api", "PUT", "/projects/301/members/"+fmt.Sprint(s.botOf("bot")), `{"access_level":10}`); a.status != 403 {
		t.Errorf("the bot of a token: %d", a.status)
	}
}

func (s *Sim) botOf(token string) int {
	for _, t := range s.tokens {
		if t.Name == token {
			return t.user.id
		}
	}
	return 0
}

// To rotate a revoked token, as a probe might, ends its successor too.
func TestRotationEndsTheFamily(t *testing.T) {
	for _, probe := range []string{"ana-api POST /personal_access_tokens/self/rotate", "admin POST /personal_access_tokens/ID/rotate"} {
		s := New(small(), (&clock{start}).now)
		old := s.Value("ana-api")
		var next withToken
		ask(s, "ana-api", "POST", "/personal_access_tokens/self/rotate", `{"expires_at":"2027-01-01"}`).into(t, &next)
		if !s.Works("ana-api'") || s.Works("ana-api") || next.Token == old || *next.Expires != "2027-01-01" {
			t.Fatalf("%+v", next)
		}
		f := strings.Fields(strings.Replace(probe, "ID", fmt.Sprint(s.ID("ana-api")), 1))
		if a := ask(s, f[0], f[1], f[2]); a.status != 400 && a.status != 401 {
			t.Error(a)
		}
		if s.Works("ana-api'") {
			t.Errorf("%s left the successor alive", probe)
		}
	}
	s := New(small(), (&clock{start}).now)
	ask(s, "admin", "DELETE", "/personal_access_tokens/"+fmt.Sprint(s.ID("ana-api")))
	ask(s, "ana-api", "GET", "/personal_access_tokens/self") // looking is harmless
	if !s.Works("ana-repo") {
		t.Error("another token is dead")
	}
}

func TestAdminToken(t *testing.T) {
	s := New(small(), (&clock{start}).now)
	for _, c := range []struct {
		name   string
		status int
	}{{"bot", 200}, {"registry", 200}, {"nightly", 200}} {
		if a := ask(s, "admin", "POST", "/admin/token", `{"token":"`+s.Value(c.name)+`"}`); a.status != c.status {
			t.Errorf("%s: %d %s", c.name, a.status, a.text)
		}
		if a := ask(s, "admin", "DELETE", "/admin/token", `{"token":"`+s.Value(c.name)+`"}`); a.status != 204 {
			t.Errorf("%s: %d", c.name, a.status)
		}
	}
	if s.Works("bot") || s.Works("registry") || len(s.triggers) > 0 {
		t.Error("alive")
	}
	for body, want := range map[string]int{`{"token":"glpat-` + `FAKEnothing"}`: 404, `{"token":"hello"}`: 422, `{}`: 400} {
		if a := ask(s, "admin", "POST", "/admin/token", body); a.status != want {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	if a := ask(s, "ana-api", "POST", "/admin/token", `{}`); a.status != 403 {
		t.Error(a.status)
	}
}

func TestLies(t *testing.T) {
	c := &clock{start}
	kill := func(s *Sim) answer {
		return ask(s, "admin", "DELETE", "/personal_access_tokens/"+fmt.Sprint(s.ID("ana-api")))
	}
	for name, l := range map[string]Lie{"lag": {Lag: time.Minute}, "lives": {Lives: true}, "nothing": {Nothing: true}} {
		s := New(small(), c.now)
		s.Revocations(l)
		if a := kill(s); a.status != 204 || !s.Works("ana-api") {
			t.Errorf("%s: %d", name, a.status)
		}
		var p patShape
		ask(s, "admin", "GET", "/personal_access_tokens/"+fmt.Sprint(s.ID("ana-api"))).into(t, &p)
		if p.Revoked == l.Nothing {
			t.Errorf("%s: the list says %v", name, p.Revoked)
		}
	}
	s := New(small(), c.now)
	s.Revocations(Lie{Lag: time.Minute})
	kill(s)
	c.at = c.at.Add(time.Minute)
	if s.Works("ana-api") {
		t.Error("still works after its time")
	}
}

func TestFaults(t *testing.T) {
	s := New(small(), (&clock{start}).now)
	srv := httptest.NewServer(s)
	defer srv.Close()
	get := func(method, path string) (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/api/v4"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.Value("admin"))
		resp, err := srv.Client().Do(r)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text), err
	}
	s.Inject(Fault{Path: "/user", Skip: 1, Times: 2, Status: 503, RetryAfter: 7 * time.Second})
	for i, want := range []int{200, 503, 503, 200} {
		if got, _, _ := get("GET", "/user"); got != want {
			t.Errorf("request %d: %d", i, got)
		}
	}
	s.Inject(Fault{Path: "/groups/*/members", Cut: true})
	if _, _, err := get("GET", "/groups/acme/members"); err == nil {
		t.Error("the answer came whole")
	}
	s.Heal()
	s.Inject(Fault{Method: "DELETE", After: true})
	if _, _, err := get("DELETE", "/personal_access_tokens/"+fmt.Sprint(s.ID("ana-api"))); err == nil || s.Works("ana-api") {
		t.Error("done and cut off:", err, s.Works("ana-api"))
	}
	s.Heal()
	s.Inject(Fault{Body: "{{"})
	if _, text, _ := get("GET", "/user"); text != "{{" {
		t.Error(text)
	}
	s.Heal()
	s.Forget()
	if _, _, err := get("GET", "/user"); err != nil || len(s.Requests()) != 1 || s.Requests()[0].Token != "admin" {
		t.Error(err, s.Requests())
	}
}

func TestAWorldMustHold(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), `no user "nobody"`) {
			t.Error(p)
		}
	}()
	New(World{Tokens: []Token{{Name: "x", User: "nobody"}}}, nil)
}
