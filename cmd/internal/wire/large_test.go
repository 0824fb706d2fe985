package wire

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/ui"
)

var readToken = "gh" + "p_FAKEread0000000000000000000000000000"

// metropolis is an organisation of many repositories, each with a pipeline, and many apps.
func metropolis(repos, apps int) githubsim.World {
	o := githubsim.Org{ID: 7, Login: "acme", Members: []githubsim.Member{{Login: "olga", Owner: true}}}
	w := githubsim.World{Now: func() time.Time { return monday }, Tokens: []githubsim.Token{{Value: readToken, Login: "olga", Scopes: []string{"admin:org", "repo", "read:audit_log"}}}}
	for i := range repos {
		o.Repos = append(o.Repos, githubsim.Repo{ID: int64(i + 1), Name: fmt.Sprintf("repo-%05d", i), Files: map[string]string{".github/workflows/ci.yml": "on: push\njobs: {t: {runs-on: x, steps: [{run: make}]}}\n"}})
	}
	for i := range apps {
		slug := fmt.Sprintf("agent-%03d", i)
		w.Apps = append(w.Apps, githubsim.App{ID: int64(5000 + i), Slug: slug, Permissions: map[string]string{"contents": "write"}})
		o.Installations = append(o.Installations, githubsim.Installation{ID: int64(1000 + i), App: slug, Created: monday})
	}
	w.Orgs = []githubsim.Org{o}
	return w
}

// gate lets requests through until so many pages of repositories were asked for, and holds the next until it is opened.
type gate struct {
	next  http.RoundTripper
	pages int
	held  chan struct{} // closed when a page is held
	open  chan struct{}

	mu sync.Mutex
	n  int
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		g.mu.Lock()
		g.n++
		if g.n == g.pages {
			close(g.held)
		}
		shut := g.n >= g.pages
		g.mu.Unlock()
		if shut {
			select {
			case <-g.open:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	return g.next.RoundTrip(r)
}

// While a large organisation is read, the dashboard shows what the other sources have told and how far the reading is, every
// view is drawn, and a credential is taken away and proven gone without waiting for it.
func TestDashboardWhileALargeOrganisationIsRead(t *testing.T) {
	const repos, apps, page = 1200, 120, 5
	g := &gate{next: sources.InProcess(githubsim.New(metropolis(repos, apps))), pages: page, held: make(chan struct{}), open: make(chan struct{})}
	dir := t.TempDir()
	home, file := filepath.Join(dir, "home"), filepath.Join(dir, "config.toml")
	for path, text := range map[string]string{
		filepath.Join(home, ".claude.json"): `{"mcpServers":{"tickets":{"command":"npx","args":["tickets"],"env":{"TICKETS_TOKEN":"FAKE` + strings.Repeat("fa4e7c", 5) + `"}}}}`,
		file:                                "[[sources.github]]\norg = \"acme\"\ntoken = { env = \"READ\" }\nskip = [\"tokens\", \"requests\", \"sso\", \"copilot\", \"agent\"]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app, err := Open(Options{Config: file, State: filepath.Join(dir, "state"), Home: home, Paths: []string{home}, Now: func() time.Time { return monday }, Operator: "ana",
		Getenv:    func(name string) string { return map[string]string{"READ": readToken, "HOME": home}[name] },
		transport: func(string) http.RoundTripper { return g }})
	if err != nil {
		t.Fatal(err)
	}
	events, cancel := app.Service.Subscribe()
	defer cancel()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := app.Service.Collect(ctx); ended <- err }()
	<-g.held
	var snap *inventory.Snapshot
	told, want := "", fmt.Sprintf("reading repositories of acme: %d of %d", (page-1)*100, repos)
	for told != want || snap == nil || len(snap.Records().Secrets) == 0 {
		e := <-events
		if e.Snapshot != nil {
			snap = e.Snapshot
		}
		if p := e.Progress["github:acme"]; strings.HasPrefix(p, "reading repositories of acme: ") {
			told = p
		}
	}
	for _, view := range []string{"overview", "assistants", "secrets", "findings", "sources"} {
		frame := ui.Still(app.Service, ui.Options{Now: func() time.Time { return monday }}, view, 80, 24)
		if !strings.Contains(frame, view[:4]) {
			t.Errorf("%s:\n%s", view, frame)
		}
	}
	gone := make(chan revoke.Run, 1)
	finished := make(chan error, 1)
	go func() { finished <- takeAway(app, snap, gone) }()
	select {
	case run := <-gone:
		if st := run.Steps[0]; st.State != revoke.StateDone || st.Proof.Grade != revoke.Proven {
			t.Errorf("%s %+v", st.State, st.Proof)
		}
	case err := <-finished:
		t.Fatalf("nothing was taken away: %v", err)
	}
	select {
	case err := <-ended:
		t.Fatalf("the reading ended before it was let on: %v", err)
	default:
	}
	close(g.open)
	for _, c := range []chan error{ended, finished} {
		if err := <-c; err != nil {
			t.Error(err)
		}
	}
	stop()
	r := app.Service.Snapshot().Records()
	if n := len(r.Assistants); n < apps {
		t.Errorf("%d assistants in the end", n)
	}
	if err := app.Close(); err != nil {
		t.Error(err)
	}
}

// takeAway takes the first secret of this machine away, and tells of the run as soon as its one step is over.
func takeAway(app *App, snap *inventory.Snapshot, gone chan<- revoke.Run) error {
	s := app.Service
	r := snap.Records()
	var id inventory.ID
	for i := range r.Secrets {
		if strings.HasSuffix(r.Secrets[i].Locations[0].Path, ".claude.json") {
			id = r.Secrets[i].ID
		}
	}
	p, err := s.Plan(context.Background(), []revoke.Target{{ID: id}})
	if err != nil {
		return err
	}
	if err := s.Arm("arm"); err != nil {
		return err
	}
	var once sync.Once
	_, err = s.Execute(context.Background(), p, revoke.Consent{By: "ana", Reason: "a leak", Word: p.Word(), Yes: true}, func(e revoke.Event) {
		if e.Run.Steps[0].State == revoke.StateDone && e.Run.Steps[0].Proof.Grade != "" {
			once.Do(func() { gone <- e.Run })
		}
	})
	return err
}
