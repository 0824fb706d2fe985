package giteasim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"nhitop/sources/gitea/giteatest"
)

// one is one request, and what a Gitea 1.25.5 answered to it.
type one struct {
	what         string
	as           giteatest.As
	method, path string
	body         any
	status       int
	says         string // a part of the message, or of the body
}

func ask(t *testing.T, s *giteatest.Server, rows []one) {
	t.Helper()
	for _, r := range rows {
		a := s.Do(t, r.as, r.method, r.path, r.body)
		if a.Status != r.status || !strings.Contains(a.Message+string(a.Body), r.says) {
			t.Errorf("%s: %s %s: %d %s; want %d %s", r.what, r.method, r.path, a.Status, a.Body, r.status, r.says)
		}
	}
}

func TestWhoIsRefusedAndHow(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		ann, _ := s.User(t, "nh-ann"), s.User(t, "nh-ben")
		reader, _ := s.Token(t, "nh-ann", "reader", "read:user")
		repos, _ := s.Token(t, "nh-ann", "repos", "read:repository")
		const list, tokens = "/user", "/users/nh-ann/tokens"
		ask(t, s, []one{
			{"nobody", giteatest.As{}, "GET", list, nil, 401, "token is required"},
			{"nobody, where none is needed", giteatest.As{}, "GET", "/version", nil, 200, "version"},
			{"a wrong token", giteatest.As{Token: "0000"}, "GET", list, nil, 401, "invalid username, password or token"},
			{"a wrong token, where none is needed", giteatest.As{Token: "0000"}, "GET", "/version", nil, 401, "invalid username, password or token"},
			{"a wrong password", giteatest.As{Name: "nh-ann", Password: "FAKE-wrong"}, "GET", list, nil, 401, "invalid username, password or token"},
			{"a token", giteatest.As{Token: reader}, "GET", list, nil, 200, `"login":"nh-ann"`},
			{"a token without the scope", giteatest.As{Token: repos}, "GET", list, nil, 403, "required=[read:user], token scope=read:repository"},
			{"tokens, by token", giteatest.As{Token: reader}, "GET", tokens, nil, 401, "auth required"},
			{"tokens, by token as password", giteatest.As{Name: "nh-ann", Token: reader}, "GET", tokens, nil, 200, `"token_last_eight":"` + reader[32:] + `"`},
			{"tokens, with any name before it", giteatest.As{Name: "x", Token: reader}, "GET", tokens, nil, 200, "reader"},
			{"tokens, by password", ann, "GET", tokens, nil, 200, "reader"},
			{"tokens of another", giteatest.As{Name: "nh-ann", Token: reader}, "GET", "/users/nh-ben/tokens", nil, 403, "doer should be the site admin or be same as the contextUser"},
			{"tokens, nobody", giteatest.As{}, "GET", tokens, nil, 403, "doer should be the site admin or be same as the contextUser"},
			{"tokens of nobody", s.Boss(), "GET", "/users/nh-none/tokens", nil, 404, "user redirect does not exist [name: nh-none]"},
			{"users, without the scope", giteatest.As{Token: reader}, "GET", "/admin/users", nil, 403, "required=[read:admin]"},
			{"users, not as administrator", ann, "GET", "/admin/users", nil, 403, "user should be the site admin"},
			{"organisations, without the scope", giteatest.As{Token: reader}, "GET", "/orgs", nil, 200, "["},
			{"sudo, not as administrator", giteatest.As{Name: ann.Name, Password: ann.Password, Sudo: s.Admin}, "GET", list, nil, 403, "Only administrators allowed to sudo."},
			{"sudo", giteatest.As{Name: s.Admin, Password: s.Password, Sudo: "nh-ann"}, "GET", list, nil, 200, `"login":"nh-ann"`},
			{"a path that is not there", s.Boss(), "GET", "/nosuch", nil, 404, "404 page not found"},
		})
	})
}

func TestKillsAreAnsweredAsGiteaDoes(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		s.User(t, "nh-ann")
		s.Repo(t, "nh-acme", "shop")
		dead, id := s.Token(t, "nh-ann", "dead", "read:user")
		_, named := s.Token(t, "nh-ann", "named", "read:user")
		weak, _ := s.Token(t, "nh-ann", "weak", "read:user", "read:repository")
		self, own := s.Token(t, "nh-ann", "self", "write:user")
		key := s.Key(t, "nh-acme/shop", "deploy", giteatest.PublicKey(1), false)
		app := s.App(t, "nh-ann", "Cursor")
		ben := s.User(t, "nh-ben")
		sshAt := fmt.Sprintf("/admin/users/nh-ann/keys/%d", s.PublicKey(t, "nh-ann", "laptop", giteatest.PublicKey(5)))
		s.Collaborator(t, "nh-acme/shop", "nh-ann", "write")
		tok := func(id int64) string { return fmt.Sprintf("/users/nh-ann/tokens/%d", id) }
		keyAt, ann := fmt.Sprintf("/repos/nh-acme/shop/keys/%d", key), giteatest.As{Name: s.Admin, Password: s.Password, Sudo: "nh-ann"}
		appAt := fmt.Sprintf("/user/applications/oauth2/%d", app)
		ask(t, s, []one{
			{"under-scoped", giteatest.As{Name: "nh-ann", Token: weak}, "DELETE", tok(id), nil, 403, "required=[write:user]"},
			{"a token", s.Boss(), "DELETE", tok(id), nil, 204, ""},
			{"again", s.Boss(), "DELETE", tok(id), nil, 404, "not found"},
			{"it is refused", giteatest.As{Token: dead}, "GET", "/user", nil, 401, "invalid username, password or token"},
			{"as a password too", giteatest.As{Name: "nh-ann", Token: dead}, "GET", "/user", nil, 401, "invalid username, password or token"},
			{"by its name", s.Boss(), "DELETE", "/users/nh-ann/tokens/named", nil, 204, ""},
			{"the same by its id", s.Boss(), "DELETE", tok(named), nil, 404, "not found"},
			{"itself", giteatest.As{Name: "nh-ann", Token: self}, "DELETE", tok(own), nil, 204, ""},
			{"itself again", giteatest.As{Name: "nh-ann", Token: self}, "DELETE", tok(own), nil, 401, "invalid username, password or token"},
			{"the key", s.Boss(), "GET", keyAt, nil, 200, `"title":"deploy"`},
			{"a deploy key", s.Boss(), "DELETE", keyAt, nil, 204, ""},
			{"again", s.Boss(), "DELETE", keyAt, nil, 204, ""},
			{"no key", s.Boss(), "GET", keyAt, nil, 404, "not found"},
			{"keys, to anybody who signs in", ben, "GET", "/users/nh-ann/keys", nil, 200, `"title":"laptop"`},
			{"keys, to nobody", giteatest.As{}, "GET", "/users/nh-ann/keys", nil, 401, "token is required"},
			{"an SSH key", s.Boss(), "DELETE", sshAt, nil, 204, ""},
			{"again", s.Boss(), "DELETE", sshAt, nil, 404, "not found"},
			{"an application of another", s.Boss(), "GET", appAt, nil, 404, "not found"},
			{"an application", ann, "DELETE", appAt, nil, 204, ""},
			{"again", ann, "DELETE", appAt, nil, 404, "not found"},
			{"is one", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/nh-ann", nil, 204, ""},
			{"narrowed", s.Boss(), "PUT", "/repos/nh-acme/shop/collaborators/nh-ann", map[string]string{"permission": "read"}, 204, ""},
			{"to reading", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/nh-ann/permission", nil, 200, `"permission":"read"`},
			{"a collaborator", s.Boss(), "DELETE", "/repos/nh-acme/shop/collaborators/nh-ann", nil, 204, ""},
			{"again", s.Boss(), "DELETE", "/repos/nh-acme/shop/collaborators/nh-ann", nil, 204, ""},
			{"is none", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/nh-ann", nil, 404, "not found"},
			{"may nothing", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/nh-ann/permission", nil, 200, `"permission":"none"`},
			{"nobody", s.Boss(), "DELETE", "/repos/nh-acme/shop/collaborators/nh-none", nil, 422, "user does not exist [uid: 0, name: nh-none]"},
		})
	})
}

func TestASuspendedUserIs403AndComesBack(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		ann := s.User(t, "nh-ann")
		token, _ := s.Token(t, "nh-ann", "t", "read:user")
		edit := func(key string, value bool) map[string]any {
			return map[string]any{"source_id": 0, "login_name": "nh-ann", key: value}
		}
		const at, out = "/admin/users/nh-ann", "This account is prohibited from signing in"
		as := giteatest.As{Token: token}
		ask(t, s, []one{
			{"before", as, "GET", "/user", nil, 200, ""},
			{"the name is needed", s.Boss(), "PATCH", at, map[string]any{"prohibit_login": true}, 422, "[LoginName]: Required"},
			{"suspend", s.Boss(), "PATCH", at, edit("prohibit_login", true), 200, `"prohibit_login":true`},
			{"the token", as, "GET", "/user", nil, 403, out},
			{"where none is needed", as, "GET", "/version", nil, 403, out},
			{"the password, which looks as if it were wrong", ann, "GET", "/user", nil, 401, "invalid username, password or token"},
			{"lift", s.Boss(), "PATCH", at, edit("prohibit_login", false), 200, `"prohibit_login":false`},
			{"after", as, "GET", "/user", nil, 200, ""},
			{"deactivate", s.Boss(), "PATCH", at, edit("active", false), 200, `"active":false`},
			{"the token", as, "GET", "/user", nil, 403, out},
			{"the password", ann, "GET", "/user", nil, 403, out},
			{"activate", s.Boss(), "PATCH", at, edit("active", true), 200, `"active":true`},
			{"not to a stranger", giteatest.As{Token: token}, "GET", "/users/" + s.Admin, nil, 200, `"active":false`},
			{"to an administrator", s.Boss(), "GET", "/users/nh-ann", nil, 200, `"active":true`},
		})
	})
}

func TestWhatListsLeaveOut(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		s.User(t, "nh-ann")
		s.Repo(t, "nh-acme", "shop")
		s.Team(t, "nh-acme", "bots", "write", []string{"nh-ann"}, []string{"shop"})
		s.Token(t, "nh-ann", "new", "read:user", "write:repository")
		ask(t, s, []one{
			{"what a team gives by units is no permission", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/nh-ann/permission", nil, 200, `"permission":"none"`},
			{"an administrator owns everything", s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/" + s.Admin + "/permission", nil, 200, `"permission":"owner"`},
			{"the team says it", s.Boss(), "GET", "/repos/nh-acme/shop/teams", nil, 200, `"units_map":{"repo.actions":"write","repo.code":"write","repo.pulls":"write"}`},
			{"and is called none", s.Boss(), "GET", "/orgs/nh-acme/teams", nil, 200, `"permission":"none"`},
			{"no folder", s.Boss(), "GET", "/repos/nh-acme/shop/contents/.gitea/workflows", nil, 404, "GetContentsOrList"},
			{"no file", s.Boss(), "GET", "/repos/nh-acme/shop/raw/CODEOWNERS", nil, 404, "not found"},
			{"runners", s.Boss(), "GET", "/repos/nh-acme/shop/actions/runners", nil, 200, `"runners":[]`},
		})
		var tokens []struct {
			Created string `json:"created_at"`
			Used    string `json:"last_used_at"`
			Value   string `json:"sha1"`
		}
		a := s.Do(t, s.Boss(), "GET", "/users/nh-ann/tokens", nil)
		a.Into(t, &tokens)
		if len(tokens) != 1 || tokens[0].Used != tokens[0].Created || tokens[0].Value != "" || a.Header.Get("X-Total-Count") != "1" || a.Header.Get("Link") != "" {
			t.Errorf("a token that was never used: %+v, %v", tokens, a.Header)
		}
		s.User(t, "nh-ben")
		a = s.Do(t, s.Boss(), "GET", "/admin/users?limit=1&page=1", nil)
		if !strings.Contains(a.Header.Get("Link"), `rel="next"`) || !strings.Contains(a.Header.Get("Link"), s.Base+"/api/v1/admin/users?") {
			t.Errorf("Link: %q", a.Header.Get("Link"))
		}
	})
}

func TestFilesAndRules(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		s.Repo(t, "nh-acme", "shop")
		s.File(t, "nh-acme/shop", ".gitea/workflows/ai.yml", "on: [push]\n")
		s.Set(t, "nh-acme/shop", "NPM_TOKEN")
		s.Protect(t, "nh-acme/shop", map[string]any{"rule_name": "main", "enable_push": true, "enable_push_whitelist": true, "push_whitelist_usernames": []string{s.Admin}, "required_approvals": 1})
		ask(t, s, []one{
			{"a folder", s.Boss(), "GET", "/repos/nh-acme/shop/contents/.gitea/workflows", nil, 200, `"path":".gitea/workflows/ai.yml"`},
			{"a file", s.Boss(), "GET", "/repos/nh-acme/shop/contents/.gitea/workflows/ai.yml", nil, 200, `"content":"b246IFtwdXNoXQo="`},
			{"its text", s.Boss(), "GET", "/repos/nh-acme/shop/raw/.gitea/workflows/ai.yml", nil, 200, "on: [push]\n"},
			{"rules", s.Boss(), "GET", "/repos/nh-acme/shop/branch_protections", nil, 200, `"push_whitelist_usernames":["` + s.Admin + `"]`},
			{"workflows", s.Boss(), "GET", "/repos/nh-acme/shop/actions/workflows", nil, 200, `"path":".gitea/workflows/ai.yml","state":"active"`},
			{"what everybody is told of it", s.Boss(), "GET", "/repos/nh-acme/shop/branches/main", nil, 200, `"protected":true`},
			{"that it may push", s.Boss(), "GET", "/repos/nh-acme/shop/branches/main", nil, 200, `"user_can_push":true`},
			{"no branch", s.Boss(), "GET", "/repos/nh-acme/shop/branches/none", nil, 404, "not found"},
			{"secrets", s.Boss(), "GET", "/repos/nh-acme/shop/actions/secrets", nil, 200, `"name":"NPM_TOKEN"`},
			{"nobody sees it", giteatest.As{}, "GET", "/repos/nh-acme/shop", nil, 404, "not found"},
		})
		if a := s.Do(t, s.Boss(), "GET", "/repos/nh-acme/shop/raw/.gitea/workflows/ai.yml", nil); len(a.Header.Get("Etag")) != 42 {
			t.Errorf("Etag %q", a.Header.Get("Etag"))
		}
		if a := s.Do(t, s.Boss(), http.MethodGet, "/repos/search?limit=50", nil); a.Status != 200 || !strings.Contains(string(a.Body), `"full_name":"nh-acme/shop"`) {
			t.Errorf("search: %d", a.Status)
		}
	})
}
