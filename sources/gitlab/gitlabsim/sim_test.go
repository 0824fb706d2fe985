package gitlabsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a clock that goes when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func small() World {
	return World{
		Users: []User{
			{Username: "root", Admin: true, Email: "root@example.com"},
			{Username: "ana", Name: "Ana", Email: "ana@example.com"},
			{Username: "ben", State: "blocked"},
			{Username: "svc-claude", Service: "group:acme"},
		},
		Groups: []Group{
			{Path: "acme", Members: map[string]Access{"ana": Owner, "svc-claude": Developer}},
			{Path: "acme/core", Members: map[string]Access{"ben": Maintainer}},
		},
		Projects: []Project{
			{Path: "acme/core/api", Files: map[string]string{".gitlab-ci.yml": "job: {script: [make]}\n"}, Branches: []Branch{{Name: "main", Push: []Allowed{{Level: Maintainer}}, Merge: []Allowed{{Level: Developer}}}}},
			{Path: "acme/web", Visibility: "public"},
		},
		Tokens: []Token{
			{Name: "admin", User: "root", Scopes: []string{"api"}},
			{Name: "ana-api", User: "ana", Scopes: []string{"api"}},
			{Name: "ana-repo", User: "ana", Scopes: []string{"read_repository"}},
			{Name: "ben-api", User: "ben", Scopes: []string{"api"}},
			{Name: "bot", On: "project:acme/core/api", Level: Maintainer, Scopes: []string{"api"}},
			{Name: "claude", User: "svc-claude", Scopes: []string{"api"}, Expires: start.AddDate(0, 1, 0)},
		},
		DeployTokens: []DeployToken{{Name: "registry", On: "project:acme/core/api", Scopes: []string{"read_registry"}}},
		DeployKeys:   []DeployKey{{Title: "laptop", Projects: []string{"acme/core/api"}, CanPush: []string{"acme/core/api"}}},
		Triggers:     []Trigger{{Description: "nightly", Project: "acme/core/api", Owner: "ana"}},
		Runners:      []Runner{{Description: "shared", On: "instance"}, {Description: "build", On: "project:acme/core/api", Contacted: start}},
	}
}

type answer struct {
	status int
	header http.Header
	text   string
}

func (a answer) into(t *testing.T, x any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.text), x); err != nil {
		t.Fatalf("%v in %s", err, a.text)
	}
}

// ask sends a request as the holder of a token of the world.
func ask(s *Sim, token, method, path string, body ...string) answer {
	var in io.Reader
	if len(body) > 0 {
		in = bytes.NewBufferString(body[0])
	}
	r := httptest.NewRequest(method, "https://gitlab.example.com/api/v4"+path, in)
	if token != "" {
		r.Header.Set("PRIVATE-TOKEN", s.Value(token))
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func TestWhoMayWhat(t *testing.T) {
	s := New(small(), (&clock{start}).now)
	s.addToken(Token{Name: "old", User: "ana", Scopes: []string{"api"}, Expires: start.AddDate(0, 0, -1)})
	s.addToken(Token{Name: "dead", User: "ana", Scopes: []string{"api"}, Revoked: true})
	s.addToken(Token{Name: "low", On: "project:acme/core/api", Level: Guest, Scopes: []string{"api"}})
	for _, c := range []struct {
		token, ask string
		status     int
		says       string
	}{
		{"ana-api", "GET /personal_access_tokens/self", 200, `"active":true`},
		{"ana-repo", "GET /personal_access_tokens/self", 200, `"scopes":["read_repository"]`},
		{"", "GET /personal_access_tokens/self", 401, "401 Unauthorized"},
		{"old", "GET /personal_access_tokens/self", 401, "Token is expired"},
		{"dead", "GET /personal_access_tokens/self", 401, "Token was revoked"},
		{"ben-api", "GET /personal_access_tokens/self", 403, "Your account has been blocked"},
		{"ana-repo", "GET /user", 403, "insufficient_scope"},
		{"ana-repo", "GET /projects/acme%2Fcore%2Fapi/repository/files/.gitlab-ci.yml/raw", 200, "script"},
		{"ana-api", "GET /projects/acme%2Fcore%2Fapi/repository/files/none/raw", 404, "404 File Not Found"},
		{"low", "GET /projects/acme%2Fcore%2Fapi/repository/files/.gitlab-ci.yml/raw", 403, "403 Forbidden"},
		{"low", "GET /projects/acme%2Fcore%2Fapi/access_tokens", 401, "401 Unauthorized"},
		{"bot", "GET /projects/acme%2Fcore%2Fapi/access_tokens", 200, `"resource_type":"project"`},
		{"bot", "GET /groups/acme/access_tokens", 404, "404 Group Not Found"},
		{"bot", "GET /groups/acme", 404, "404 Group Not Found"},
		{"bot", "GET /projects/acme%2Fweb/deploy_keys", 403, "403 Forbidden"},
		{"bot", "GET /projects/acme%2Fnone", 404, "404 Project Not Found"},
		{"ana-api", "GET /deploy_keys", 403, "403 Forbidden"},
		{"admin", "GET /deploy_keys", 200, "projects_with_write_access"},
		{"ana-api", "GET /personal_access_tokens?user_id=1", 401, "401 Unauthorized"},
		{"ana-api", "GET /personal_access_tokens/1", 401, "401 Unauthorized"},
		{"admin", "GET /personal_access_tokens/1", 404, "404 Not Found"},
		{"admin", "GET /nothing", 404, "404 Not Found"},
	} {
		method, path, _ := strings.Cut(c.ask, " ")
		a := ask(s, c.token, method, path)
		if a.status != c.status || !strings.Contains(a.text, c.says) {
			t.Errorf("%s asks %s: %d %s", c.token, c.ask, a.status, a.text)
		}
	}
}

func TestPlansAndVersions(t *testing.T) {
	w := small()
	w.Plan, w.NoAdminToken, w.OldSelf = Free, true, true
	s := New(w, (&clock{start}).now)
	for _, path := range []string{"/groups/acme/service_accounts", "/projects/301/protected_environments", "/projects/301/approval_rules", "/groups/acme/manage/resource_access_tokens"} {
		if a := ask(s, "ana-api", "GET", path); a.status != 404 {
			t.Errorf("%s on the free tier: %d", path, a.status)
		}
	}
	if a := ask(s, "ana-repo", "GET", "/personal_access_tokens/self"); a.status != 403 || !strings.Contains(a.text, "insufficient_scope") {
		t.Errorf("an old GitLab: %d %s", a.status, a.text)
	}
	if a := ask(s, "admin", "POST", "/admin/token", `{"token":"`+s.Value("bot")+`"}`); a.status != 404 {
		t.Error(a.status)
	}
	w = small()
	w.SaaS = true
	s = New(w, (&clock{start}).now)
	var ts []resourcePAT
	ask(s, "ana-api", "GET", "/groups/acme/manage/resource_access_tokens").into(t, &ts)
	if len(ts) != 1 || ts[0].ResourceType != "project" {
		t.Error(ts)
	}
	if a := ask(s, "admin", "GET", "/users/102"); strings.Contains(a.text, "is_admin") {
		t.Error("gitlab.com has an administrator")
	}
}

func TestPages(t *testing.T) {
	w := small()
	for i := range 250 {
		w.Projects = append(w.Projects, Project{Path: fmt.Sprintf("acme/p%03d", i)})
	}
	s := New(w, (&clock{start}).now)
	n, path := 0, "/projects?per_page=100"
	for pages := 0; path != ""; pages++ {
		a := ask(s, "admin", "GET", path)
		var ps []projectShape
		a.into(t, &ps)
		n += len(ps)
		if a.header.Get("X-Total") != "252" || a.header.Get("X-Total-Pages") != "3" || pages > 3 {
			t.Fatal(a.header)
		}
		path = ""
		if next := a.header.Get("X-Next-Page"); next != "" {
			path = "/projects?per_page=100&page=" + next
			if !strings.Contains(a.header.Get("Link"), `rel="next"`) {
				t.Error(a.header.Get("Link"))
			}
		}
	}
	if n != 252 {
		t.Errorf("%d by number", n)
	}
	n, path = 0, "/projects?pagination=keyset&order_by=id&sort=asc&per_page=100"
	for path != "" {
		a := ask(s, "admin", "GET", path)
		var ps []projectShape
		a.into(t, &ps)
		n += len(ps)
		if a.header.Get("X-Total") != "" {
			t.Error("keyset pages are not counted")
		}
		path = ""
		if link := a.header.Get("Link"); link != "" {
			_, rest, _ := strings.Cut(link, "/api/v4")
			path, _, _ = strings.Cut(rest, ">")
		}
	}
	if n != 252 {
		t.Errorf("%d by keyset", n)
	}
	if a := ask(s, "admin", "GET", "/projects?page=600&per_page=100"); a.status != 405 {
		t.Errorf("beyond the last offset: %d", a.status)
	}
	if a := ask(s, "admin", "GET", "/groups?min_access_level=50&page=9"); a.text != "[]\n" {
		t.Error(a.text)
	}
}

func TestRateLimit(t *testing.T) {
	w := small()
	w.RateLimit = 3
	c := &clock{start.Add(20 * time.Second)}
	s := New(w, c.now)
	var a answer
	for range 4 {
		a = ask(s, "ana-api", "GET", "/user")
	}
	if a.status != 429 || a.header.Get("Retry-After") != "40" || a.header.Get("RateLimit-Remaining") != "0" || a.text != "Retry later\n" {
		t.Error(a)
	}
	if a := ask(s, "admin", "GET", "/user"); a.status != 200 {
		t.Error("another user is limited too")
	}
	c.at = c.at.Add(time.Minute)
	if a := ask(s, "ana-api", "GET", "/user"); a.status != 200 || a.header.Get("RateLimit-Observed") != "1" {
		t.Error(a)
	}
}
