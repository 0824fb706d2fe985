package githubsim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nhitop/sources/github/githubsim/contract"
)

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

// acme is a small company that the tables below ask about. The values of its tokens are put together here.
func acme(c *clock) World {
	return World{
		Now:   c.now,
		Users: []User{{Login: "root", Name: "Root", Email: "root@acme.example"}},
		Apps:  []App{{ID: 1001, Slug: "claude", Permissions: map[string]string{"contents": "write", "pull_requests": "write", "metadata": "read"}}},
		Orgs: []Org{{
			ID: 77, Login: "acme", Members: []Member{{"root", true}, {"alice", false}},
			Repos: []Repo{
				{ID: 1, Name: "shop"},
				{ID: 2, Name: "site", Visibility: "public"},
				{ID: 3, Name: "vault", Archived: true},
			},
			Installations: []Installation{
				{ID: 501, App: "claude", Repositories: []string{"shop"}, Created: Noon.AddDate(0, -3, 0)},
				{ID: 502, App: "reader", Permissions: map[string]string{"metadata": "read", "members": "read", "organization_administration": "read"}},
			},
		}},
		Tokens: []Token{
			{Value: rootToken, Login: "root", Scopes: []string{"admin:org", "repo"}},
			{Value: weakToken, Login: "root", Scopes: []string{"repo"}},
			{Value: aliceToken, Login: "alice", Scopes: []string{"admin:org", "repo"}},
			{Value: appToken, Installation: 501},
			{Value: readerToken, Installation: 502},
		},
	}
}

var (
	rootToken   = "gh" + "p_FAKEroot"
	weakToken   = "gh" + "p_FAKEweak"
	aliceToken  = "gh" + "p_FAKEalice"
	appToken    = "gh" + "s_FAKEapp"
	readerToken = "gh" + "s_FAKEreader"
)

// got is an answer, read.
type got struct {
	status int
	header http.Header
	body   any
	text   string
}

// do asks the simulator; args after the path are the token, the body, and "Key: value" headers.
func do(t testing.TB, h http.Handler, what string, args ...string) got {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	body := ""
	if len(args) > 1 {
		body = args[1]
	}
	r := httptest.NewRequest(method, "https://api.github.com"+path, strings.NewReader(body))
	r.Header.Set("User-Agent", "test")
	if len(args) > 0 && args[0] != "" {
		r.Header.Set("Authorization", "Bearer "+args[0])
		if id, secret, basic := strings.Cut(args[0], ":"); basic {
			r.SetBasicAuth(id, secret)
		}
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range args[min(2, len(args)):] {
		k, v, _ := strings.Cut(h, ": ")
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	g := got{status: w.Code, header: w.Header(), text: w.Body.String()}
	if g.text != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &g.body); err != nil {
			t.Fatalf("%s: %v in %.80q", what, err, g.text)
		}
	}
	return g
}

// at finds a value in a body: "installations.0.id".
func (g got) at(path string) any {
	v := g.body
	for _, p := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i := atoi(p, 0)
			if p != "0" && i == 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// held is a simulator that stands to the contract.
func held(t testing.TB, w World) *Sim {
	t.Helper()
	s := New(w)
	contract.Hold(t, s)
	return s
}

func TestWhoMay(t *testing.T) {
	s := held(t, acme(&clock{Noon}))
	for _, c := range []struct {
		what, token string
		want        int
	}{
		{"GET /user", rootToken, 200},
		{"GET /user", "", 401},
		{"GET /user", "gh" + "p_FAKEother", 401},
		{"GET /user", appToken, 403},
		{"GET /orgs/acme", "", 200},
		{"GET /orgs/nobody", rootToken, 404},
		{"GET /orgs/acme/installations", rootToken, 200},
		{"GET /orgs/acme/installations", weakToken, 403},
		{"GET /orgs/acme/installations", aliceToken, 403},
		{"GET /orgs/acme/installations", appToken, 403},
		{"GET /orgs/acme/installations", readerToken, 200},
		{"GET /repos/acme/shop", "", 404},
		{"GET /repos/acme/site", "", 200},
		{"GET /repos/acme/vault", appToken, 404},
		{"GET /repos/acme/shop", appToken, 200},
		{"GET /installation/repositories", appToken, 200},
		{"GET /installation/repositories", rootToken, 403},
	} {
		if g := do(t, s, c.what, c.token); g.status != c.want {
			t.Errorf("%s: %d, want %d: %s", c.what, g.status, c.want, g.text)
		}
	}
}

func TestWhatIsSeen(t *testing.T) {
	s := held(t, acme(&clock{Noon}))
	for _, c := range []struct {
		what, token string
		want        []string
	}{
		{"GET /orgs/acme/repos", rootToken, []string{"shop", "site", "vault"}},
		{"GET /orgs/acme/repos", appToken, []string{"shop"}},
		{"GET /orgs/acme/repos", "", []string{"site"}},
		{"GET /orgs/acme/repos?type=private", rootToken, []string{"shop", "vault"}},
		{"GET /orgs/acme/repos?per_page=2&page=2", rootToken, []string{"vault"}},
	} {
		g := do(t, s, c.what, c.token)
		var names []string
		for _, r := range g.body.([]any) {
			names = append(names, r.(map[string]any)["name"].(string))
		}
		if strings.Join(names, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v, want %v", c.what, names, c.want)
		}
	}
}

func TestGraphQL(t *testing.T) {
	s := held(t, acme(&clock{Noon}))
	q := `{"query":"query($o:String!,$n:Int!,$a:String){rateLimit{cost nodeCount} organization(login:$o){login repositories(first:$n,after:$a){totalCount pageInfo{hasNextPage endCursor} nodes{name visibility isArchived defaultBranchRef{name}}}}}","variables":{"o":"acme","n":2}}`
	g := do(t, s, "POST /graphql", rootToken, q)
	for path, want := range map[string]any{
		"data.organization.repositories.totalCount":                    3.0,
		"data.organization.repositories.nodes.1.visibility":            "PUBLIC",
		"data.organization.repositories.nodes.0.defaultBranchRef.name": "main",
		"data.organization.repositories.pageInfo.hasNextPage":          true,
		"data.rateLimit.nodeCount":                                     2.0,
		"errors":                                                       nil,
	} {
		if v := g.at(path); v != want {
			t.Errorf("%s is %v, want %v in %s", path, v, want, g.text)
		}
	}
	next := g.at("data.organization.repositories.pageInfo.endCursor").(string)
	g = do(t, s, "POST /graphql", rootToken, strings.Replace(q, `"n":2`, `"n":2,"a":"`+next+`"`, 1))
	if v := g.at("data.organization.repositories.nodes.0.name"); v != "vault" {
		t.Errorf("second page: %s", g.text)
	}
	for _, c := range []struct{ query, kind string }{
		{"{organization(login:\\\"acme\\\"){repositories{totalCount}}}", "MISSING_PAGINATION_BOUNDARIES"},
		{"{organization(login:\\\"acme\\\"){repositories(first:101){totalCount}}}", "EXCESSIVE_PAGINATION"},
		{"{organization(login:\\\"other\\\"){id}}", "NOT_FOUND"},
		{"{organization(login:\\\"acme\\\"){repositories(first:100){nodes{branchProtectionRules(first:100){nodes{pushAllowances(first:100){totalCount}}}}}}}", "MAX_NODE_LIMIT_EXCEEDED"},
	} {
		if g := do(t, s, "POST /graphql", rootToken, `{"query":"`+c.query+`"}`); g.at("errors.0.type") != c.kind {
			t.Errorf("%s: %s", c.query, g.text)
		}
	}
}
