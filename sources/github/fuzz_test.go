package github

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/httpx"
)

// A page of repositories may be anything: it is read without harm, and what comes out of it is complete.
func FuzzRepositories(f *testing.F) {
	var page string
	s := scene{world: full(), opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper {
		return &pagesOf{next: rt, change: func(_ int, _ map[string]any, a []byte) (int, []byte) { page = string(a); return http.StatusOK, a }}
	}}
	skipTokens(&s.opt)
	if _, err := s.read(f); err != nil {
		f.Fatal(err)
	}
	f.Add(page)
	f.Add(`{"data":{"organization":{"repositories":{"totalCount":1,"pageInfo":{"hasNextPage":false},"nodes":[null,{},{"name":"a","nameWithOwner":"acme/a","branchProtectionRules":{"nodes":[null]},"all":{"nodes":[null]},"own":{"nodes":[null]},"environments":{"nodes":[null]}}]}}}}`)
	f.Add(`{"data":null,"errors":[{"path":["organization","repositories","nodes",0,"deployKeys"]}]}`)
	world := full()
	world.Limits = githubsim.Limits{User: 1 << 30, GraphQL: 1 << 30, AuditLog: 1 << 30}
	sim := httpx.InProcess(githubsim.New(world))
	f.Fuzz(func(t *testing.T, page string) {
		s := scene{opt: options(), plain: true}
		skipTokens(&s.opt)
		s.simulate(t)
		s.env.Transport = func(string) http.RoundTripper {
			return tripper(func(r *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/graphql") {
					return sim.RoundTrip(r)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(page))}, nil
			})
		}
		src, err := New(s.opt, s.env)
		if err != nil {
			t.Fatal(err)
		}
		sink := inventory.NewSink("github:acme", inventory.Key{1}, s.env.Now)
		_ = src.Collect(t.Context(), sink) // partial or not: it came to its end
		for _, e := range sink.Batch().Records.Entitlements {
			if e.Via == "" || e.Gate == "" || len(e.Path) == 0 {
				t.Errorf("%+v", e)
			}
		}
	})
}
