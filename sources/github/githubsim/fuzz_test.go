package githubsim

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever is asked, the simulator answers with a status of HTTP and does not panic.
func FuzzServe(f *testing.F) {
	for _, r := range routes {
		method, path, _ := strings.Cut(pathValues.Replace(r.pattern), " ")
		f.Add(method, path, `{"action":"revoke","pat_ids":[601],"credentials":["x"],"selected_usernames":["max"],"repositories":["shop"]}`, true)
	}
	f.Add("POST", "/graphql", `{"query":`+quote(reposQuery)+`,"variables":{"org":"acme","n":100}}`, true)
	f.Add("POST", "/graphql", `{"query":"{viewer{...a}} fragment a on User{...a}"}`, false)
	f.Add("GET", "/orgs/acme/audit-log?after=%FF&phrase=created:x", "", true)
	f.Add("GET", "/orgs/acme/repos?per_page=-1&page=99999999999", "", true)
	f.Fuzz(func(t *testing.T, method, path, body string, own bool) {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(method+path, " \x00\t\r\n") || method == "" {
			t.Skip()
		}
		defer func() {
			if p := recover(); p != nil && !strings.Contains(badRequest(p), "invalid NewRequest") {
				panic(p)
			}
		}()
		r := httptest.NewRequest(method, "https://api.github.com"+path, strings.NewReader(body))
		r.Header.Set("User-Agent", "fuzz")
		if own {
			r.Header.Set("Authorization", "Bearer "+ownerToken)
		}
		w := httptest.NewRecorder()
		New(rich(&clock{Noon})).ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("%d", w.Code)
		}
	})
}

// badRequest is what httptest panics with for a request that cannot be made.
func badRequest(p any) string {
	text, _ := p.(string)
	return text
}

func quote(s string) string { return string(mustJSON(s)) }
