package githubsim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// large is an organisation of many repositories, of which one in ten has a key and a workflow, and many apps.
func large(repos, apps int) World {
	w := World{
		Orgs:   []Org{{Login: "acme", Members: []Member{{"root", true}}, Rulesets: []Ruleset{{Name: "main", Rules: []Rule{{Type: "deletion"}}}}}},
		Tokens: []Token{{Value: rootToken, Login: "root", Scopes: []string{"admin:org", "repo"}}, {Value: readerToken, Installation: 502}},
	}
	o := &w.Orgs[0]
	for i := range repos {
		r := Repo{Name: fmt.Sprintf("repo-%05d", i)}
		if i%10 == 0 {
			r.Keys = []DeployKey{{Title: "ci", Key: "ssh-ed25519 AAAAFAKE"}}
			r.Files = map[string]string{".github/workflows/ci.yml": "on: push\n", "CODEOWNERS": "* @acme/core\n"}
		}
		o.Repos = append(o.Repos, r)
	}
	for i := range apps {
		o.Installations = append(o.Installations, Installation{App: fmt.Sprintf("app-%03d", i), Permissions: map[string]string{"metadata": "read", "contents": "write"}})
	}
	o.Installations = append(o.Installations, Installation{ID: 502, App: "reader", Permissions: everything})
	return w
}

var largePages = []struct{ name, method, path, body string }{
	{"repositories", "GET", "/orgs/acme/repos?per_page=100&page=2", ""},
	{"installations", "GET", "/orgs/acme/installations?per_page=100&page=2", ""},
	{"GraphQL", "POST", "/graphql", `{"query":"query($a:String){organization(login:\"acme\"){repositories(first:100,after:$a){pageInfo{endCursor hasNextPage} nodes{name visibility isArchived defaultBranchRef{name} ` +
		`branchProtectionRules(first:10){nodes{pattern}} rulesets(first:10){nodes{name bypassActors(first:10){nodes{bypassMode}}}} deployKeys(first:5){totalCount} environments(first:5){nodes{name}} workflows:object(expression:\"HEAD:.github/workflows\"){... on Tree{entries{name object{... on Blob{text}}}}}}}}}","variables":{"a":"` + cursor(99) + `"}}`},
	{"keys", "GET", "/repos/acme/repo-00100/keys", ""},
}

func code(h http.Handler, method, path, body, token string) int {
	r := httptest.NewRequest(method, "https://api.github.com"+path, strings.NewReader(body))
	r.Header.Set("User-Agent", "test")
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// The work of a page does not grow with the organisation.
func TestAPageCostsAPage(t *testing.T) {
	small, big := New(large(500, 250)), New(large(5000, 800))
	for _, s := range []*Sim{small, big} {
		s.SetLimits(Limits{User: 1 << 30, Installation: 1 << 30, GraphQL: 1 << 30})
	}
	for _, token := range []string{rootToken, readerToken} {
		for _, p := range largePages {
			cost := func(s *Sim) float64 {
				if code := code(s, p.method, p.path, p.body, token); code != 200 {
					t.Fatalf("%s: %d", p.name, code)
				}
				return testing.AllocsPerRun(3, func() { code(s, p.method, p.path, p.body, token) })
			}
			if a, b := cost(small), cost(big); b > a*1.1+20 {
				t.Errorf("%s: %.0f allocations in a small organisation, %.0f in a big one", p.name, a, b)
			}
		}
	}
}

func BenchmarkPage(b *testing.B) {
	s := New(large(5000, 800))
	s.SetLimits(Limits{User: 1 << 30, GraphQL: 1 << 30})
	for _, p := range largePages {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if code := code(s, p.method, p.path, p.body, rootToken); code != 200 {
					b.Fatal(code)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	w := large(5000, 800)
	b.ReportAllocs()
	for b.Loop() {
		New(w)
	}
}
