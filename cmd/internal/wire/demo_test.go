package wire

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/ui"
)

var update = flag.Bool("update", false, "write the golden frame anew")

// monday is the moment at which the company is looked at in the tests.
var monday = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// keptIn is where the company of these tests is kept, for those that open it again.
var keptIn string

// company is the demo, played behind a screen and collected once for all tests.
var company = sync.OnceValues(func() (*staged, error) {
	app, err := Open(Options{Demo: true, State: keptIn, Now: func() time.Time { return monday }})
	if err != nil {
		return nil, err
	}
	e := stage(context.Background(), app)
	return e, followed(e)
})

// followed sees to it that nothing of the past is shown as if it were now, while it is played.
func followed(e *staged) error {
	events, cancel := e.Subscribe()
	defer cancel()
	if e.Snapshot() != nil {
		return errors.New("something is shown before it was collected")
	}
	told := false
	for ev := range events {
		told = told || strings.Contains(ev.Progress["demo"], "company")
		if ev.Snapshot != nil {
			break
		}
	}
	if !told {
		return errors.New("it was not told how far the past is")
	}
	_, err := e.Collect(context.Background())
	return err
}

func demoApp(t *testing.T) *App {
	t.Helper()
	e, err := company()
	if err != nil {
		t.Fatal(err)
	}
	return e.app
}

func TestMain(m *testing.M) {
	code := func() int {
		dir, err := os.MkdirTemp("", "wire-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		os.Setenv("TMPDIR", dir)
		keptIn = filepath.Join(dir, "kept")
		code := m.Run()
		if e, err := company(); err == nil {
			if err := e.app.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "nhitop-demo-*")); len(left) > 0 {
			fmt.Fprintln(os.Stderr, "the demo left behind:", left)
			code = 1
		}
		return code
	}()
	os.Exit(code)
}

func TestDemoIsACompany(t *testing.T) {
	s := demoApp(t).Service.Snapshot()
	r := s.Records()
	kinds := map[string]bool{}
	for _, a := range r.Assistants {
		kinds[a.Kind] = true
	}
	left := 0
	for _, o := range r.Owners {
		if o.Status == "departed" {
			left++
		}
	}
	for _, c := range []struct {
		what           string
		n, least, most int
	}{
		{"assistants", len(r.Assistants), 40, 60}, {"kinds", len(kinds), 15, 25}, {"owners", len(r.Owners), 20, 40}, {"owners who left", left, 2, 6},
		{"secrets", len(r.Secrets), 120, 190}, {"entitlements", len(r.Entitlements), 400, 1200}, {"tool servers", len(r.Tools), 15, 60},
	} {
		if c.n < c.least || c.n > c.most {
			t.Errorf("%d %s, from %d to %d are wanted", c.n, c.what, c.least, c.most)
		}
	}
	for _, x := range r.Sources {
		// The app that reads GitHub may not read everything, as in life, and it is said what.
		part := x.Name == "github:acme" && x.Status == inventory.SourcePartial && strings.Contains(x.Reason, "Copilot seats")
		if x.Status != inventory.SourceOK && !part {
			t.Errorf("source %s: %s, %s", x.Name, x.Status, x.Reason)
		}
		for _, w := range x.Warnings {
			t.Errorf("source %s: %s:%d %s", x.Name, w.Path, w.Line, w.Text)
		}
	}
	// Only what nhitop itself reads is shown by where it lies: everything else is what the company's machine calls it.
	text := strings.ReplaceAll(fmt.Sprintf("%+v", r), demoApp(t).Config.File, "")
	text = strings.ReplaceAll(text, filepath.Join(keptIn, "github-app.pem"), "") // nhitop's own key
	if at := strings.Index(text, keptIn); at >= 0 {
		t.Errorf("where the demo lies is shown: ...%s", text[max(0, at-80):at+40])
	}
}

// The past is what the program made of it: collections over ninety days, first sights, and what was revoked with proof.
func TestDemoHasAPast(t *testing.T) {
	app := demoApp(t)
	cs, err := app.Service.Collections(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) < 12 || monday.Sub(cs[0].At) < 89*24*time.Hour || !cs[len(cs)-1].At.Equal(monday) {
		t.Errorf("%d collections, the first of %s", len(cs), cs[0].At)
	}
	old := 0
	for _, f := range app.Service.Snapshot().Records().Findings {
		if monday.Sub(f.FirstSeen) > 30*24*time.Hour {
			old++
		}
	}
	if old < 50 {
		t.Errorf("only %d findings are older than a month", old)
	}
	runs, err := app.Service.Runs()
	if err != nil || len(runs) < 4 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		if g := r.Steps[0].Proof.Grade; r.State != revoke.StateDone || g != revoke.Proven && g != revoke.Attested {
			t.Errorf("%s: %s, %+v", r.Reason, r.State, r.Steps[0].Proof)
		}
	}
	if n, err := app.Service.VerifyAudit(); err != nil || n < 8 {
		t.Errorf("%d entries of the audit log, %v", n, err)
	}
}

// held lists the rules that hold for an assistant at a path, itself or its secrets.
func held(s *inventory.Snapshot, kind, scope, path string) ([]string, *inventory.Assistant) {
	r := s.Records()
	i := slices.IndexFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Kind == kind && a.Scope == scope && a.Path == path })
	if i < 0 {
		return nil, nil
	}
	a := &r.Assistants[i]
	var rules []string
	for _, id := range append([]inventory.ID{a.ID}, a.Secrets...) {
		for _, f := range s.FindingsOf(id) {
			if f.Subject == id && !slices.Contains(rules, f.Rule) {
				rules = append(rules, f.Rule)
			}
		}
	}
	slices.Sort(rules)
	return rules, a
}

// The five cases that must be told apart, each from the facts that the sources give of the company.
func TestDemoTellsTheModelCasesApart(t *testing.T) {
	s := demoApp(t).Service.Snapshot()
	yes, asks, no := inventory.Yes, inventory.Asks, inventory.No
	type caps map[inventory.Capability]inventory.Answer
	for _, c := range []struct {
		name, kind, scope, path string
		holds, not              []string // rules
		caps                    caps
		owned                   bool
	}{
		{"a person approves", "claude-code", "project", "/home/dana/src/api", nil, []string{"AUT-01", "CLS-03", "CLS-04", "ENT-06", "OWN-01", "OWN-05", "SEC-17"},
			caps{inventory.ReadSource: yes, inventory.WriteSource: asks, inventory.ExecLocal: asks}, true},
		{"reads a monorepo", "claude-code", "ci", "github.com/acme/mono", nil, []string{"AUT-01", "CLS-03", "CLS-04", "ENT-06", "OWN-01", "OWN-05", "SEC-17"},
			caps{inventory.ReadSource: yes, inventory.WriteSource: no, inventory.OpenPR: no, inventory.MergeProtected: no, inventory.DeployProd: no}, true},
		{"opens pull requests", "claude-code", "ci", "github.com/acme/mobile", nil, []string{"AUT-01", "CLS-03", "CLS-04", "ENT-06", "OWN-01", "OWN-05", "SEC-17"},
			caps{inventory.OpenPR: yes, inventory.MergeProtected: asks, inventory.ApprovePR: no, inventory.RunCI: no, inventory.DeployProd: no, inventory.DataRead: "", inventory.CloudWrite: ""}, true},
		{"exposed since this morning", "claude-code", "project", "/home/alice/src/web", []string{"SEC-01", "SEC-03", "SEC-17"}, []string{"AUT-01", "CLS-03", "OWN-01"}, caps{}, true},
		{"inherited, nobody answers", "goose", "user", "/home/build", []string{"AUT-01", "CLS-03", "OWN-05"}, []string{"SEC-17"},
			caps{inventory.CloudWrite: inventory.Unknown, inventory.ClusterWrite: inventory.Unknown}, false},
	} {
		rules, a := held(s, c.kind, c.scope, c.path)
		if a == nil {
			t.Errorf("%s: no %s in %s", c.name, c.kind, c.path)
			continue
		}
		for _, r := range c.holds {
			if !slices.Contains(rules, r) {
				t.Errorf("%s: %s does not hold", c.name, r)
			}
		}
		for _, r := range c.not {
			if slices.Contains(rules, r) {
				t.Errorf("%s: %s holds", c.name, r)
			}
		}
		for k, want := range c.caps {
			if a.Capabilities[k] != want {
				t.Errorf("%s: %s %q, want %q (%s)", c.name, k, a.Capabilities[k], want, a.AutonomyReason)
			}
		}
		if (len(a.Owners) > 0) != c.owned {
			t.Errorf("%s: owners %v", c.name, a.Owners)
		}
	}
}

// without leaves out of the golden frame what each new rule and each new fact changes: how many there are. It keeps what a
// reader sees first, in which words and in which order.
var without = []struct {
	what *regexp.Regexp
	by   string
}{{regexp.MustCompile(`[0-9]+`), "#"}, {regexp.MustCompile(`[▇▁]+`), "▇"}, {regexp.MustCompile(` {3,}`), "  "}}

func TestDemoOverview(t *testing.T) {
	app := demoApp(t)
	frame := ui.Still(app.Service, ui.Options{Profile: app.Config.Profile, Operator: app.Operator, Demo: true, Now: func() time.Time { return monday }}, "overview", 80, 24)
	if n := strings.Count(frame, "\n"); n != 23 {
		t.Errorf("%d lines", n+1)
	}
	var b strings.Builder
	for line := range strings.Lines(frame) {
		for _, r := range without {
			line = r.what.ReplaceAllString(line, r.by)
		}
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	const path = "testdata/overview.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s differs; go test ./cmd/internal/wire -update writes it anew\n%s", path, b.String())
	}
}

// TestDemoViews draws every view of the company, as large and as small as a terminal is.
func TestDemoViews(t *testing.T) {
	app := demoApp(t)
	for _, view := range []string{"assistants", "owners", "secrets", "entitlements", "tools", "findings", "fixes", "sources", "matrix", "ledger", "controls", "metrics", "rules", "changes", "revocations", "audit"} {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 10}} {
			frame := ui.Still(app.Service, ui.Options{Demo: true, Now: func() time.Time { return monday }}, view, size[0], size[1])
			if n := strings.Count(frame, "\n"); n >= size[1] || !strings.Contains(frame, view[:4]) {
				t.Errorf("%s at %v has %d lines:\n%s", view, size, n+1, frame)
			}
		}
	}
}

// What leaked this morning comes first, is one secret wherever it stands, and is gone when it was revoked.
func TestDemoLeak(t *testing.T) {
	app, err := Open(Options{Demo: true, Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	if err := app.company.Today(); err != nil {
		t.Fatal(err)
	}
	before, err := app.Service.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.company.SecretID("github-pat-fine-grained", "alice-web")
	if err != nil {
		t.Fatal(err)
	}
	first, leak := before.Records().Issues[0], before.Secret(id)
	if first.Subject != id || first.Decision != inventory.ActNow {
		t.Errorf("first comes %s: %s", first.Decision, first.Title)
	}
	if leak.State != inventory.StateLive || leak.Exposure != inventory.ExposureLeaked || len(leak.Sources) < 2 || len(leak.Assistants) < 2 || monday.Sub(leak.Leaked) > 6*time.Hour {
		t.Errorf("%+v", leak)
	}
	run := revoked(t, app, id)
	grades := map[string]revoke.Grade{}
	for _, st := range run.Steps {
		if st.Action != revoke.ActionManual && (st.State != revoke.StateDone || st.Proof.Grade != revoke.Proven && st.Proof.Grade != revoke.Attested) {
			t.Errorf("%s: %s %+v", st.Summary, st.State, st.Proof)
		}
		grades[string(st.Layer)] = st.Proof.Grade
	}
	if grades[string(revoke.LayerCredential)] != revoke.Proven || grades[string(revoke.LayerGrant)] != revoke.Attested {
		t.Errorf("%v", grades)
	}
	after := app.Service.Snapshot()
	for _, f := range after.FindingsOf(id) {
		if f.Rule == "SEC-01" {
			t.Errorf("still: %s", f.Detail)
		}
	}
	if x := after.Secret(id); x != nil && x.State == inventory.StateLive {
		t.Errorf("still live: %+v", x)
	}
	if after.Records().Issues[0].Subject == id {
		t.Error("it is still the first thing to do")
	}
}

// The token that leaked leaked with three more, of as many providers, and one plan ends all of them: what is granted to a
// token goes before it, for afterwards nobody can look it up.
func TestDemoLeakedTogether(t *testing.T) {
	app := demoApp(t)
	text, err := os.ReadFile(filepath.Join(keptIn, "disk", "home", "alice", "src", "web", ".mcp.json"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := app.Service.Identify(inventory.NewValue(regexp.MustCompile(`github_pat_\w+`).FindString(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := app.Service.PlanIncident(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	all, err := app.Service.PlanIncident(t.Context(), in.Together())
	if err != nil {
		t.Fatal(err)
	}
	ends := func(p *revoke.Plan) (kinds []string) {
		for _, st := range p.Steps {
			if st.Layer != revoke.LayerCredential {
				continue
			}
			kinds = append(kinds, app.Service.Snapshot().Secret(st.Target).Kind)
			for _, g := range p.Steps {
				if g.Layer == revoke.LayerGrant && g.Target == st.Target && g.Source == st.Source && !slices.Contains(st.Behind, g.ID) {
					t.Errorf("%s does not wait for %s", st.Summary, g.Summary)
				}
			}
		}
		slices.Sort(kinds)
		return kinds
	}
	if got := ends(alone); !slices.Equal(got, []string{"github-pat-fine-grained"}) {
		t.Errorf("alone: %v", got)
	}
	if got := ends(all); !slices.Equal(got, []string{"github-pat-fine-grained", "gitlab-pat", "slack-bot-token", "vault-service-token"}) {
		t.Errorf("together: %v", got)
	}
}

// revoked plans and carries out.
func revoked(t *testing.T, app *App, id inventory.ID) revoke.Run {
	t.Helper()
	plan, err := app.Service.Plan(t.Context(), []revoke.Target{{ID: id}})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Service.Arm("arm"); err != nil {
		t.Fatal(err)
	}
	run, err := app.Service.Execute(t.Context(), plan, revoke.Consent{Reason: "a test", Word: plan.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// At every provider something can be taken away, with proof.
func TestDemoRevokesAtEveryProvider(t *testing.T) {
	app, err := Open(Options{Demo: true, Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	if err := app.company.Today(); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Service.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ kind, name, source, auth string }{
		{"npm", "kim-publish", "npm:acme", "Authorization: Bearer %s"}, {"gitlab-pat", "erin-pipelines", "gitlab:acme-data", "PRIVATE-TOKEN: %s"},
		{"hex", "gitea-nils-opencode", "gitea:acme", `user = "nhitop:%s`}, {"github-pat-classic", "bob-admin", "github:acme", "# 'without a credential"},
	} {
		id, err := app.company.SecretID(c.kind, c.name)
		if err != nil {
			t.Fatal(err)
		}
		snap := app.Service.Snapshot()
		if snap.Secret(id) == nil { // a token that only its provider knows has an id of its provider's
			r := snap.Records()
			i := slices.IndexFunc(r.Secrets, func(x inventory.Secret) bool {
				return slices.Contains(x.Sources, c.source) && strings.Contains(fmt.Sprint(x), c.name[strings.LastIndexByte(c.name, '-')+1:])
			})
			if i < 0 {
				t.Errorf("%s is not there", c.name)
				continue
			}
			id = r.Secrets[i].ID
		}
		run := revoked(t, app, id)
		i := slices.IndexFunc(run.Steps, func(st revoke.StepRun) bool { return st.Source == c.source && st.Layer == revoke.LayerCredential })
		if i < 0 {
			t.Errorf("%s: no step at %s: %+v", c.name, c.source, run.Steps)
			continue
		}
		if st := run.Steps[i]; st.State != revoke.StateDone || st.Proof.Grade != revoke.Proven && st.Proof.Grade != revoke.Attested {
			t.Errorf("%s: %s %s %+v", c.name, st.State, st.Error, st.Proof)
		} else if text := st.Command(); !strings.Contains(text, c.auth) {
			t.Errorf("%s is copied as %s", c.name, text)
		}
	}
}

func TestDemoProtectsBreakGlass(t *testing.T) {
	app := demoApp(t)
	id, err := app.company.SecretID("aws-secret-key", "break-glass")
	if err != nil {
		t.Fatal(err)
	}
	if ok, why := app.Service.MayRevoke(id); ok || !strings.HasPrefix(why, "protected") {
		t.Errorf("%v %s", ok, why)
	}
}

func TestDemoBringsItsOwn(t *testing.T) {
	for _, o := range []Options{{Config: "x"}, {Home: "x"}, {Paths: []string{"x"}}} {
		o.Demo = true
		if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "--demo") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// Kept state begins where it was left, and is not played again; what limits a run does not limit the past.
func TestDemoIsKept(t *testing.T) {
	demoApp(t)
	app, err := Open(Options{Demo: true, State: keptIn, ReadOnly: true, Sources: []string{"local"}, Now: func() time.Time { return monday.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	if err := app.Ready(t.Context(), func(text string) { t.Errorf("played again: %s", text) }); err != nil {
		t.Fatal(err)
	}
	s, err := app.Service.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Records().Assistants); n < 36 {
		t.Errorf("%d assistants", n)
	}
	if runs, err := app.Service.Runs(); err != nil || len(runs) < 4 || !app.Service.ReadOnly() || app.player == app.Service || app.player.ReadOnly() {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}
