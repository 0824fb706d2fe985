package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/httpx/httpxtest"
)

// large is an organisation of so many repositories, members and installed apps, of which one in sixty is an assistant.
func large(repos, apps int) githubsim.World {
	w := company(func(o *githubsim.Org) {
		for i := range repos {
			r := githubsim.Repo{ID: int64(i + 1), Name: fmt.Sprintf("repo-%05d", i), Files: map[string]string{
				".github/workflows/ci.yml": "on: [push, pull_request]\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: go test ./...}]}}\n", "CODEOWNERS": "* @acme/core\n"}}
			if i%3 != 0 {
				r.Branches = []githubsim.Branch{{Name: "main", Protection: &githubsim.Protection{Reviews: &githubsim.Reviews{Count: 1}, Admins: true}}}
			}
			if i%500 == 7 {
				r.Files[".github/workflows/claude.yml"] = claudeWorkflow("{contents: read}", "")
			}
			o.Repos = append(o.Repos, r)
		}
		for i := range repos {
			o.Members = append(o.Members, githubsim.Member{Login: fmt.Sprintf("person-%05d", i)})
		}
		for i := range apps {
			o.Installations = append(o.Installations, githubsim.Installation{ID: int64(1000 + i), App: fmt.Sprintf("app-%03d", i), Created: ago(40)})
		}
		o.Rulesets = []githubsim.Ruleset{{ID: 901, Name: "all", Rules: []githubsim.Rule{{Type: "deletion"}}}}
		o.Copilot = &githubsim.Copilot{Plan: "business", AgentEnabled: "none"}
		for i := range min(repos, 300) {
			o.Copilot.Seats = append(o.Copilot.Seats, githubsim.Seat{Login: fmt.Sprintf("person-%05d", i), Created: ago(90), LastActivity: ago(i % 60)})
		}
	})
	for i := range apps {
		slug := fmt.Sprintf("app-%03d", i)
		if i%60 == 0 {
			w.Orgs[0].Installations[i].App, slug = fmt.Sprintf("agent-%03d", i), fmt.Sprintf("agent-%03d", i)
		}
		w.Apps = append(w.Apps, githubsim.App{ID: int64(5000 + i), Slug: slug, Permissions: perms{"contents": "write", "pull_requests": "write"}})
	}
	return w
}

// meter counts requests, and looks at the memory that is in use while pages of repositories are asked for.
type meter struct {
	next http.RoundTripper
	mu   sync.Mutex
	n    map[string]int
	heap []uint64
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.n[r.Method+" "+r.URL.Path]++
	if strings.HasSuffix(r.URL.Path, "/graphql") && m.heap != nil {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.heap = append(m.heap, s.HeapAlloc)
	}
	m.mu.Unlock()
	return m.next.RoundTrip(r)
}

func (m *meter) all() (n int) {
	for _, k := range m.n {
		n += k
	}
	return n
}

// An organisation of 5,000 repositories and 800 installed apps is read in the number of requests that doc.go states, each
// list in pages of a hundred, and without holding repositories in memory.
func TestALargeOrganisationInFewRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 repositories")
	}
	const repos, apps = 5000, 800
	m := &meter{n: map[string]int{}, heap: []uint64{}}
	s := scene{world: large(repos, apps), opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper { m.next = rt; return m }}
	s.opt.Skip = []string{"tokens", "requests", "sso"}
	b, err := s.read(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	ais := 10 // repositories in which an assistant runs: their own secrets, runners, and subject of identities
	want := map[string]int{
		"POST /graphql": repos / 100, "GET /orgs/acme/installations": apps / 100, "GET /orgs/acme/members": 1 + repos/100 + 1, "GET /orgs/acme/outside_collaborators": 1,
		"GET /orgs/acme/copilot/billing/seats": 3, "GET /orgs/acme/audit-log": 2, "GET /orgs/acme/rulesets": 1, "GET /orgs/acme/rulesets/901": 1,
		"GET /repos/acme/repo-00000/branches/main/protection": 1,
	}
	for path, n := range want {
		if m.n[path] != n {
			t.Errorf("%s: %d requests, want %d", path, m.n[path], n)
		}
	}
	const once = 12 // organisation, user, policies, stores, settings of Actions, runners, subject, alerts
	sum := once + 3*ais
	for _, n := range want {
		sum += n
	}
	t.Logf("%d requests, %d of them for repositories where an assistant runs", m.all(), 3*ais)
	if m.all() > sum {
		t.Errorf("%d requests, at most %d: %v", m.all(), sum, m.n)
	}
	if n := len(b.Records.Assistants); n < apps/60+ais+300 {
		t.Errorf("%d assistants", n)
	}
	flat(t, m.heap)
	texts, _ := json.Marshal(b)
	t.Logf("%d KiB of records", len(texts)>>10)
}

// flat checks that the memory in use after the first pages is that after the last ones: a page is some megabytes.
func flat(t *testing.T, heap []uint64) {
	t.Helper()
	if len(heap) < 40 {
		t.Fatalf("%d pages", len(heap))
	}
	early, late := heap[5], heap[len(heap)-1]
	t.Logf("memory in use at page 6: %d KiB, at page %d: %d KiB", early>>10, len(heap), late>>10)
	if late > early+(3<<20) {
		t.Errorf("it grows with the repositories: from %d to %d KiB", early>>10, late>>10)
	}
}

// The rate limit strikes in the middle: the source waits, says so, and goes on where it was.
func TestGoesOnAfterARateLimit(t *testing.T) {
	const repos, apps = 700, 60
	read := func(limits githubsim.Limits) (inventory.Batch, *meter, []string) {
		var mu sync.Mutex
		at := noon
		now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
		w := large(repos, apps)
		w.Now, w.Limits = now, limits
		m := &meter{n: map[string]int{}}
		var said []string
		var sink inventory.Sink
		s := scene{world: w, opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper { m.next = rt; return m }}
		s.opt.Skip, s.opt.AuditDays = []string{"tokens", "requests", "sso"}, 30
		s.env.Now = now
		s.env.Sleep = func(ctx context.Context, d time.Duration) error {
			if d > 10*time.Second {
				text, _ := sink.State()
				said = append(said, text)
			}
			mu.Lock()
			at = at.Add(d)
			mu.Unlock()
			return ctx.Err()
		}
		s.simulate(t)
		src, err := New(s.opt, s.env)
		if err != nil {
			t.Fatal(err)
		}
		sink = inventory.NewSink("github:acme", inventory.Key{1}, func() time.Time { return noon })
		if err := src.Collect(t.Context(), sink); err != nil {
			t.Fatal(err)
		}
		return sink.Batch(), m, said
	}
	plain, m, said := read(githubsim.Limits{})
	if len(said) != 0 {
		t.Errorf("it waits without a limit: %q", said)
	}
	limited, n, said := read(githubsim.Limits{User: 12, GraphQL: 120, AuditLog: 1})
	if len(said) < 3 || !strings.HasPrefix(said[0], "waiting ") || !strings.Contains(said[0], "GitHub") {
		t.Errorf("it says %q", said)
	}
	if n.n["POST /graphql"] > m.n["POST /graphql"]+8 {
		t.Errorf("it begins anew: %d pages of repositories, %d without a limit", n.n["POST /graphql"], m.n["POST /graphql"])
	}
	a, _ := json.Marshal(plain.Records)
	b, _ := json.Marshal(limited.Records)
	if string(a) != string(b) {
		t.Error("what is read under a limit differs")
	}
}

// A secondary limit, which GitHub may leave without a time, is waited for too.
func TestSecondaryLimit(t *testing.T) {
	s := scene{world: full(), opt: options()}
	skipTokens(&s.opt)
	sim := s.simulate(t)
	sim.Secondary(5, 2, http.StatusForbidden, 0)
	if b, err := s.read(t); err != nil {
		t.Errorf("%v\n%s", err, ledgerText(b))
	}
}

func BenchmarkCollect(b *testing.B) {
	s := scene{world: large(1000, 100), opt: options(), plain: true}
	s.opt.Skip = []string{"tokens", "requests", "sso"}
	s.env.Sleep = httpxtest.NoSleep
	s.simulate(b)
	src, err := New(s.opt, s.env)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := src.Collect(b.Context(), inventory.NewSink("github:acme", inventory.Key{1}, s.env.Now)); err != nil {
			b.Fatal(err)
		}
	}
}
