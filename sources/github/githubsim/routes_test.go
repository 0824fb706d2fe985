package githubsim

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/sources/github/githubsim/contract"
)

// in the paths of the rich world.
var pathValues = strings.NewReplacer("/{repo}/actions/runners/{runner_id}", "/shop/actions/runners/811", "{client_id}", "Iv1.FAKE", "{org}", "acme", "{owner}", "acme", "{repo}", "shop", "{username}", "max", "{team_slug}", "core", "{app_slug}", "claude",
	"{installation_id}", "501", "{enterprise}", "acme-corp", "{runner_id}", "801", "{secret_name}", "DEPLOY", "{credential_id}", "701", "{pat_id}", "601",
	"{pat_request_id}", "611", "{ruleset_id}", "901", "{branch}", "main", "{path...}", ".github/workflows", "{environment_name}", "production", "{key_id}", "41",
	"{alert_number}", "1", "{repository_id}", "1", "{workflow_id}", "agent.yml")

// The routes are the operations of the contract, each of them and no more.
func TestRoutesAreTheOperations(t *testing.T) {
	f, err := os.Open("contract/testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var want, have []string
	for s := bufio.NewScanner(f); s.Scan(); {
		want = append(want, s.Text())
	}
	for _, r := range routes {
		if r.pattern != "POST /graphql" {
			have = append(have, strings.Replace(r.pattern, "{path...}", "{path}", 1))
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	for _, x := range want {
		if !slices.Contains(have, x) {
			t.Errorf("not simulated: %s", x)
		}
	}
	for _, x := range have {
		if !slices.Contains(want, x) {
			t.Errorf("not in the contract: %s", x)
		}
	}
}

// The permissions of the routes are ones that there are.
func TestPermissionsAreKnown(t *testing.T) {
	names := contract.Load(t).Properties("app-permissions")
	for _, r := range routes {
		name, level, _ := strings.Cut(r.need.perm, ":")
		if r.need.perm != "" && (!slices.Contains(names, name) || levels[level] == 0) {
			t.Errorf("%s: %s", r.pattern, r.need.perm)
		}
	}
}

// rightToken is one that may do what a route is for.
func rightToken(t testing.TB, r *route) string {
	switch {
	case r.need.by == byJWT:
		return jwt(t, botKey(), 1001, Noon, Noon.Add(5*time.Minute))
	case r.need.enterprise:
		return entToken
	case r.need.by == byAppUsers:
		return userToken
	case r.need.by != 0 && r.need.by&byUsers == 0:
		return allToken
	}
	return ownerToken
}

var userToken = "gh" + "u_FAKEuser"

// Every read of a world that has one of everything answers, in the published shape; a stranger is refused.
func TestEveryRead(t *testing.T) {
	w := rich(&clock{Noon})
	w.Tokens = append(w.Tokens, Token{Value: userToken, Login: "max", App: "claude"}, Token{Value: "gh" + "p_FAKEstranger", Login: "stranger", Scopes: []string{"admin:org", "repo"}})
	w.Limits.Anonymous = 1000
	s := held(t, w)
	for i := range routes {
		r := &routes[i]
		if !strings.HasPrefix(r.pattern, "GET ") {
			continue
		}
		path := pathValues.Replace(r.pattern)
		if g := do(t, s, path, rightToken(t, r)); g.status != 200 && !(g.status == 204 && strings.HasSuffix(path, "/members/max")) {
			t.Errorf("%s: %d %s", path, g.status, g.text)
		}
		if r.need.by&byNobody != 0 || path == "GET /user" {
			continue
		}
		if g := do(t, s, path, "gh"+"p_FAKEstranger"); g.status != 401 && g.status != 403 && g.status != 404 && path != "GET /orgs/acme/members" {
			t.Errorf("%s: a stranger got %d %s", path, g.status, g.text)
		}
		if g := do(t, s, path, ""); g.status != 401 && g.status != 404 {
			t.Errorf("%s: nobody got %d %s", path, g.status, g.text)
		}
	}
}

// An app with all permissions reads all that one may read; without permissions it is refused, and told what is missing.
func TestEveryReadOfAnApp(t *testing.T) {
	w := rich(&clock{Noon})
	w.Orgs[0].Installations = append(w.Orgs[0].Installations, Installation{ID: 504, App: "poor", Permissions: map[string]string{}})
	w.Tokens = append(w.Tokens, Token{Value: "gh" + "s_FAKEpoor", Installation: 504})
	s := held(t, w)
	for i := range routes {
		r := &routes[i]
		if by := r.need.by; !strings.HasPrefix(r.pattern, "GET ") || by != 0 && by&byInstalls == 0 || r.need.enterprise || r.need.perm == "" {
			continue
		}
		path := pathValues.Replace(r.pattern)
		if g := do(t, s, path, allToken); g.status != 200 && g.status != 204 {
			t.Errorf("%s: %d %s", path, g.status, g.text)
		}
		g := do(t, s, path, "gh"+"s_FAKEpoor")
		if g.status != 403 || g.header.Get("X-Accepted-GitHub-Permissions") != strings.Replace(r.need.perm, ":", "=", 1) {
			t.Errorf("%s without permission: %d %v %s", path, g.status, g.header, g.text)
		}
	}
}
