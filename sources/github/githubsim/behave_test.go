package githubsim

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nhitop/sources/internal/httpx"
)

func TestPages(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	g := do(t, s, "GET /orgs/acme/repos?per_page=1&page=2", ownerToken)
	want := `<https://api.github.com/orgs/acme/repos?page=1&per_page=1>; rel="prev", <https://api.github.com/orgs/acme/repos?page=3&per_page=1>; rel="next", ` +
		`<https://api.github.com/orgs/acme/repos?page=3&per_page=1>; rel="last", <https://api.github.com/orgs/acme/repos?page=1&per_page=1>; rel="first"`
	if g.header.Get("Link") != want {
		t.Errorf("have %s\nwant %s", g.header.Get("Link"), want)
	}
	for _, c := range []struct {
		what string
		n    int
		link string
	}{
		{"GET /orgs/acme/repos", 3, ""},
		{"GET /orgs/acme/repos?page=9", 0, "prev"},
		{"GET /orgs/acme/repos?per_page=1000", 3, ""},
	} {
		g := do(t, s, c.what, ownerToken)
		if list, _ := g.body.([]any); len(list) != c.n || !strings.Contains(g.header.Get("Link"), c.link) || c.link == "" && g.header.Get("Link") != "" {
			t.Errorf("%s: %d, %q", c.what, len(list), g.header.Get("Link"))
		}
	}
}

func TestUnchanged(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	g := do(t, s, "GET /orgs/acme/repos", ownerToken)
	tag := g.header.Get("ETag")
	used := g.header.Get("X-RateLimit-Used")
	if g := do(t, s, "GET /orgs/acme/repos", ownerToken, "", "If-None-Match: "+tag); g.status != 304 || g.text != "" || g.header.Get("X-RateLimit-Used") != used {
		t.Errorf("%d %s %v", g.status, g.text, g.header)
	}
	do(t, s, "DELETE /repos/acme/shop/keys/41", ownerToken)
	before := do(t, s, "GET /repos/acme/shop/keys", ownerToken)
	if before.header.Get("ETag") == tag || tag == "" {
		t.Error(tag)
	}
}

func TestPrimaryLimit(t *testing.T) {
	c := &clock{Noon}
	w := rich(c)
	w.Limits = Limits{User: 3, GraphQL: 1, AuditLog: 1}
	s := held(t, w)
	for range 3 {
		do(t, s, "GET /user", ownerToken)
	}
	g := do(t, s, "GET /user", ownerToken)
	if g.status != 403 || g.header.Get("X-RateLimit-Remaining") != "0" || g.header.Get("X-RateLimit-Reset") != "1795438800" || !strings.Contains(g.text, "rate limit exceeded") {
		t.Errorf("%d %v %s", g.status, g.header, g.text)
	}
	if g := do(t, s, "GET /rate_limit", ownerToken); g.status != 200 || g.at("resources.core.remaining") != 0.0 || g.at("resources.graphql.remaining") != 1.0 {
		t.Errorf("%s", g.text)
	}
	if g := do(t, s, "GET /installation/repositories", allToken); g.status != 200 {
		t.Errorf("another caller pays: %s", g.text)
	}
	do(t, s, "GET /orgs/acme/audit-log", ownerToken)
	if g := do(t, s, "GET /orgs/acme/audit-log", ownerToken); g.status != 403 || g.header.Get("X-RateLimit-Resource") != "audit_log" {
		t.Errorf("%d %v", g.status, g.header)
	}
	q := `{"query":"{viewer{login}}"}`
	do(t, s, "POST /graphql", ownerToken, q)
	if g := do(t, s, "POST /graphql", ownerToken, q); g.status != 200 || g.at("errors.0.type") != "RATE_LIMITED" {
		t.Errorf("%d %s", g.status, g.text)
	}
	c.t = Noon.Add(time.Hour)
	if g := do(t, s, "GET /user", ownerToken); g.status != 200 {
		t.Errorf("after the hour: %s", g.text)
	}
	s.SetLimits(Limits{User: 1})
	if g := do(t, s, "GET /user", ownerToken); g.status != 403 {
		t.Errorf("after the limit was lowered: %s", g.text)
	}
}

func TestSecondaryLimit(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	s.Secondary(1, 2, 429, time.Minute)
	for i, want := range []int{200, 429, 429, 200} {
		g := do(t, s, "GET /user", ownerToken)
		if g.status != want || (want == 429) != (g.header.Get("Retry-After") == "60") {
			t.Errorf("request %d: %d %v", i, g.status, g.header)
		}
	}
	s.Secondary(0, 9, 403, 0)
	if g := do(t, s, "GET /user", ownerToken); g.status != 403 || g.header.Get("Retry-After") != "" {
		t.Errorf("%d %v", g.status, g.header)
	}
	s.Heal()
	if g := do(t, s, "GET /user", ownerToken); g.status != 200 {
		t.Error(g.text)
	}
}

func TestFaults(t *testing.T) {
	var slept time.Duration
	w := rich(&clock{Noon})
	leave := func() {} // hangs up, while the request is being answered
	w.Sleep = func(_ context.Context, d time.Duration) error {
		slept += d
		leave()
		return nil
	}
	s := held(t, w)
	server := httptest.NewServer(s)
	defer server.Close()
	client, base := server.Client(), server.URL
	get := func(ctx context.Context, path string) (int, string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "token "+ownerToken)
		r.Header.Set("User-Agent", "test")
		a, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		return a.StatusCode, string(text), err
	}
	_, whole, err := get(t.Context(), "/user")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		fault  Fault
		status int
		text   string
		fails  bool
	}{
		{"status", Fault{Status: 500, Body: "<html>"}, 500, "<html>", false},
		{"cut", Fault{Cut: true}, 200, whole[:len(whole)/2], true},
		{"broken", Fault{Break: true}, 200, whole[:len(whole)/2], false},
		{"late", Fault{Delay: time.Minute}, 200, whole, false},
		{"hang", Fault{Delay: time.Second, Hang: true}, 0, "", true},
		{"elsewhere", Fault{Operation: "GET /meta", Status: 500}, 200, whole, false},
		{"another path", Fault{Path: "/meta", Status: 500}, 200, whole, false},
		{"later", Fault{After: 1, Status: 500}, 200, whole, false},
		{"of an operation", Fault{Operation: "GET /user", Status: 502}, 502, "", false},
	}
	for _, way := range []string{"socket", "process"} {
		if way == "process" {
			client, base = &http.Client{Transport: httpx.InProcess(s)}, "http://"+server.Listener.Addr().String()
		}
		for _, c := range cases {
			s.Heal()
			s.Fail(c.fault)
			ctx, end := context.WithCancel(t.Context())
			if leave = func() {}; c.fault.Hang {
				leave = end
			}
			status, text, err := get(ctx, "/user")
			end()
			if status != c.status || text != c.text || (err != nil) != c.fails {
				t.Errorf("%s, by %s: %d %.60q %v", c.name, way, status, text, err)
			}
		}
	}
	if slept != 2*time.Minute+2*time.Second {
		t.Errorf("slept %v", slept)
	}
	s.Heal()
	s.Fail(Fault{After: 1, Times: 1, Status: 503})
	for i, want := range []int{200, 503, 200} {
		if status, _, err := get(t.Context(), "/user"); status != want || err != nil {
			t.Errorf("request %d: %d %v", i, status, err)
		}
	}
	if n := s.Asked()["GET /user"]; n < 5 {
		t.Errorf("asked %d times", n)
	}
}

func TestServer(t *testing.T) {
	w := rich(&clock{Noon})
	w.Server = "3.19.0"
	s := held(t, w)
	for what, want := range map[string]int{
		"GET /api/v3/orgs/acme/installations?per_page=1": 200,
		"GET /api/v3/orgs/acme/copilot/billing":          404,
		"GET /api/v3/repos/acme/shop/branches/rel%2F1":   200,
	} {
		g := do(t, s, what, ownerToken)
		if g.status != want || g.header.Get("X-GitHub-Enterprise-Version") != "3.19.0" {
			t.Errorf("%s: %d %s", what, g.status, g.text)
		}
		if l := g.header.Get("Link"); l != "" && !strings.Contains(l, "<https://api.github.com/api/v3/orgs/acme/installations?page=2&per_page=1>") {
			t.Errorf("%s: %s", what, l)
		}
	}
	if g := do(t, s, "POST /api/graphql", ownerToken, `{"query":"{viewer{login}}"}`); g.at("data.viewer.login") != "olga" {
		t.Errorf("%s", g.text)
	}
	if g := do(t, s, "POST /api/v3/credentials/revoke", "", `{"credentials":["x"]}`); g.status != 404 {
		t.Errorf("%d", g.status)
	}
}

func TestHeaders(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	g := do(t, s, "GET /user", ownerToken, "", "X-GitHub-Api-Version: 2026-03-10")
	for k, v := range map[string]string{"X-OAuth-Scopes": "admin:org, repo, read:audit_log, manage_billing:copilot, user", "X-GitHub-Api-Version-Selected": "2026-03-10"} {
		if g.header.Get(k) != v {
			t.Errorf("%s: %q", k, g.header.Get(k))
		}
	}
	if g := do(t, s, "GET /user", ownerToken, "", "X-GitHub-Api-Version: 2031-01-01"); g.status != 400 {
		t.Errorf("an unknown version: %d", g.status)
	}
	if g := do(t, s, "GET /user", fineToken); g.header.Get("GitHub-Authentication-Token-Expiration") != "2026-12-03 12:00:00 UTC" {
		t.Errorf("%v", g.header)
	}
	if g := do(t, s, "GET /user", ownerToken, "", "User-Agent: "); g.status != 403 {
		t.Errorf("nobody's agent: %d", g.status)
	}
	if g := do(t, s, "GET /user", "", "", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("x:"+ownerToken))); g.at("login") != "olga" {
		t.Errorf("basic: %s", g.text)
	}
}

func TestSingleSignOn(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	for _, c := range []struct {
		what, token string
		want        int
	}{
		{"GET /repos/acme/shop", ownerToken, 200},
		{"GET /repos/acme/shop", memberToken, 403},
		{"GET /repos/acme/site", memberToken, 200},
		{"GET /orgs/acme/teams", memberToken, 403},
		{"GET /orgs/acme/teams", allToken, 200},
		{"GET /repos/acme/shop", fineToken, 200},
	} {
		g := do(t, s, c.what, c.token)
		if g.status != c.want || (c.want == 403) != strings.HasPrefix(g.header.Get("X-GitHub-SSO"), "required; url=") {
			t.Errorf("%s: %d %v", c.what, g.status, g.header)
		}
	}
	if g := do(t, s, "POST /graphql", memberToken, `{"query":"{organization(login:\"acme\"){login}}"}`); g.at("errors.0.extensions.saml_failure") != true {
		t.Errorf("%s", g.text)
	}
}
