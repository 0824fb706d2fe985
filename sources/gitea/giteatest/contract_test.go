package giteatest

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// The table says what Gitea says: compared with the description that the real server publishes of itself.
func TestTheTableIsWhatGiteaPublishes(t *testing.T) {
	s := Real(t)
	d, err := s.Description()
	if err != nil {
		t.Fatal(err)
	}
	if err := Published().Compare(d); err != nil {
		t.Error(err)
	}
}

// And what the simulator answers is in the table.
func TestAnswersAreOfTheTable(t *testing.T) {
	c := Published()
	Each(t, func(t *testing.T, s *Server) {
		s.User(t, "nh-ann")
		s.Repo(t, "nh-acme", "shop")
		team := s.Team(t, "nh-acme", "bots", "write", []string{"nh-ann"}, []string{"shop"})
		s.Token(t, "nh-ann", "t", "read:user")
		s.Key(t, "nh-acme/shop", "deploy", PublicKey(2), true)
		s.PublicKey(t, "nh-ann", "laptop", PublicKey(4))
		s.App(t, s.Admin, "Cursor")
		t.Cleanup(func() {
			var apps []struct{ ID int64 }
			s.Do(t, s.Boss(), "GET", "/user/applications/oauth2", nil).Into(t, &apps)
			for _, a := range apps {
				s.Do(t, s.Boss(), "DELETE", "/user/applications/oauth2/"+itoa(a.ID), nil)
			}
		})
		s.Collaborator(t, "nh-acme/shop", "nh-ann", "write")
		s.File(t, "nh-acme/shop", ".gitea/workflows/ai.yml", "on: [push]\n")
		s.Set(t, "nh-acme/shop", "NPM_TOKEN")
		s.Protect(t, "nh-acme/shop", map[string]any{"rule_name": "main"})
		for _, path := range []string{
			"/version", "/user", "/users/nh-ann", "/users/search?limit=50", "/users/nh-ann/tokens", "/users/nh-ann/keys", "/user/applications/oauth2", "/admin/users?limit=50", "/admin/actions/runners",
			"/repos/search?limit=50", "/repos/nh-acme/shop", "/repos/nh-acme/shop/keys", "/repos/nh-acme/shop/collaborators", "/repos/nh-acme/shop/collaborators/nh-ann/permission",
			"/repos/nh-acme/shop/teams", "/repos/nh-acme/shop/branches/main", "/user/orgs", "/repos/nh-acme/shop/actions/workflows", "/repos/nh-acme/shop/branch_protections", "/repos/nh-acme/shop/contents/.gitea/workflows", "/repos/nh-acme/shop/contents/.gitea/workflows/ai.yml",
			"/repos/nh-acme/shop/actions/secrets", "/repos/nh-acme/shop/actions/runners", "/orgs?limit=50", "/orgs/nh-acme/teams", "/orgs/nh-acme/actions/secrets", "/orgs/nh-acme/actions/runners",
			"/teams/" + itoa(team) + "/members", "/teams/" + itoa(team) + "/repos",
		} {
			u, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			a := s.Do(t, s.Boss(), "GET", path, nil)
			if a.Status != 200 {
				t.Errorf("%s: %d %s", path, a.Status, a.Body)
				continue
			}
			if err := c.Request("GET", u.Path, u.Query(), nil); err != nil {
				t.Error(err)
			}
			// A real server may tell more than the part that is used here; the simulator may not.
			if err := c.Answer("GET", u.Path, a.Body); err != nil && (s.Sim != nil || !strings.Contains(err.Error(), "which Gitea does not publish")) {
				t.Error(err)
			}
		}
	})
}

func TestTheContractCatches(t *testing.T) {
	c := Published()
	for what, err := range map[string]error{
		"another path":  c.Request("GET", "/repos/a/b/nothing", nil, nil),
		"another query": c.Request("GET", "/admin/users", url.Values{"per_page": {"50"}}, nil),
		"another field": c.Request("PATCH", "/admin/users/ann", nil, []byte(`{"prohibited":true}`)),
		"no list":       c.Answer("GET", "/admin/users", []byte(`{}`)),
		"another type":  c.Answer("GET", "/version", []byte(`{"version":1}`)),
		"too much":      c.Answer("GET", "/version", []byte(`{"version":"1","x":1}`)),
		"too little":    c.Answer("GET", "/version", []byte(`{}`)),
		"no such type":  c.Compare([]byte(`{"definitions":{},"paths":{}}`)),
	} {
		if err == nil {
			t.Errorf("%s is not caught", what)
		}
	}
	if err := c.Request("GET", "/repos/a/b/raw/x/y.yml", url.Values{"ref": {"main"}}, nil); err != nil {
		t.Error(err)
	}
}

func TestOnlyLoopbackIsTestedAgainst(t *testing.T) {
	for at, ok := range map[string]bool{
		"http://127.0.0.1:3000": true, "http://127.0.0.1:3000/": true, "http://[::1]:3000": true, "http://localhost:3000": false, "http://10.0.0.1": false,
		"https://git.acme.example": false, "127.0.0.1:3000": false, "": false, "http://127.0.0.1.example": false,
	} {
		if got, err := onLoopback(at); (err == nil) != ok || strings.HasSuffix(got, "/") {
			t.Errorf("%q: %q %v", at, got, err)
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
