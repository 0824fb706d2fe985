package local

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/gitrepo"
)

const ciExamples = "../internal/pipeline/testdata/github"

func ciSink() inventory.Sink {
	return inventory.NewSink("local", inventory.Key{1}, func() time.Time { return time.Unix(1_790_000_000, 0) })
}

// collectExamples reads pipeline examples as those of a repository.
func collectExamples(t *testing.T, root string, git *gitrepo.Repo, files ...string) inventory.Records {
	t.Helper()
	read := func(rel string) ([]byte, error) { return os.ReadFile(filepath.Join(root, filepath.FromSlash(rel))) }
	for i, f := range files {
		if !strings.HasPrefix(f, ".") {
			files[i] = ".github/workflows/" + f
		}
	}
	sink := ciSink()
	if err := collectCI(t.Context(), catalogue.Embedded(), root, "~/app", files, read, git, sink, "host", true); err != nil {
		t.Fatal(err)
	}
	return sink.Batch().Records
}

func TestCIAssistant(t *testing.T) {
	r := collectExamples(t, ciExamples, nil, "claude.yml")
	if len(r.Assistants) != 1 {
		t.Fatalf("%d assistants", len(r.Assistants))
	}
	a := r.Assistants[0]
	if a.Kind != "claude-code" || a.Scope != "ci" || a.Environment != "ci" || a.Path != "~/app" || a.Class != inventory.ClassNHI || a.Job == nil ||
		a.Name != "claude-code in ci: Claude Code/claude" {
		t.Errorf("%+v", a)
	}
	for c, want := range map[inventory.Capability]inventory.Answer{
		inventory.WriteSource: "yes", inventory.OpenPR: "yes", inventory.TicketWrite: "yes", inventory.ExecLocal: "yes", inventory.NetworkOut: "yes",
		inventory.ApprovePR: "unknown", inventory.CloudWrite: "unknown", inventory.MergeProtected: "unknown",
	} {
		if got := a.Capabilities[c]; got != want {
			t.Errorf("%s: %s, want %s", c, got, want)
		}
	}
	if len(r.Tools) != 1 || r.Tools[0].Pinned != inventory.Yes || len(r.Tools[0].Secrets) != 1 || r.Tools[0].Assistant != a.ID {
		t.Errorf("tools %+v", r.Tools)
	}
	names := map[string]bool{}
	for _, s := range r.Secrets {
		names[s.Note] = true
		if s.Storage != inventory.StorageCI || s.Exposure != inventory.ExposureNone || s.Locations[0].Scope != inventory.ScopeCI || s.Locations[0].Line == 0 || !slices.Contains(a.Secrets, s.ID) {
			t.Errorf("secret %+v", s)
		}
	}
	if !names["ANTHROPIC_API_KEY"] || !names["SENTRY_TOKEN"] || names["GITHUB_TOKEN"] {
		t.Errorf("secrets %v", names)
	}
	for _, e := range r.Entitlements {
		if len(e.Path) < 3 || len(e.Evidence) == 0 || e.Evidence[0].Path != "~/app/.github/workflows/claude.yml" || e.Assistant != a.ID {
			t.Errorf("entitlement %+v", e)
		}
	}
}

func TestCIRights(t *testing.T) {
	for _, c := range []struct {
		file  string
		wants map[inventory.Capability]inventory.Answer
	}{
		{"codex.yml", map[inventory.Capability]inventory.Answer{inventory.ReadSource: "yes", inventory.WriteSource: "no", inventory.OpenPR: "no"}},
		{"base.yml", map[inventory.Capability]inventory.Answer{inventory.WriteSource: "unknown", inventory.PublishPackage: "unknown"}},
		{"claude-open.yml", map[inventory.Capability]inventory.Answer{inventory.WriteSource: "yes", inventory.RunCI: "yes", inventory.PublishPackage: "yes", inventory.DeployProd: "unknown"}},
		{"report.lock.yml", map[inventory.Capability]inventory.Answer{inventory.TicketWrite: "yes", inventory.WriteSource: "no"}},
		{"daily.md", map[inventory.Capability]inventory.Answer{inventory.OpenPR: "yes", inventory.TicketWrite: "yes"}},
		{"copilot-setup-steps.yml", map[inventory.Capability]inventory.Answer{inventory.OpenPR: "yes", inventory.NetworkOut: "unknown"}},
	} {
		r := collectExamples(t, ciExamples, nil, c.file)
		if len(r.Assistants) != 1 {
			t.Errorf("%s: %d assistants", c.file, len(r.Assistants))
			continue
		}
		for capability, want := range c.wants {
			if got := r.Assistants[0].Capabilities[capability]; got != want {
				t.Errorf("%s: %s is %q, want %q", c.file, capability, got, want)
			}
		}
	}
}

func TestCITextOnly(t *testing.T) {
	root := t.TempDir()
	ciWrite(t, root, ".github/workflows/a.yml", "on: issues\npermissions: {models: read, contents: write}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/ai-inference@v1\n        with: {prompt: x}\n")
	a := collectExamples(t, root, nil, "a.yml").Assistants[0]
	if a.Class != inventory.ClassTextOnly || a.Capabilities[inventory.ExecLocal] != inventory.No {
		t.Errorf("%s %v", a.Class, a.Capabilities)
	}
}

func ciWrite(t *testing.T, root, name, text string) {
	t.Helper()
	p := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCIOwnersAndCalls(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(ciExamples)); err != nil {
		t.Fatal(err)
	}
	ciWrite(t, root, ".git/HEAD", "ref: refs/heads/main\n")
	ciWrite(t, root, ".git/config", "[remote \"origin\"]\n\turl = https://github.com/acme/app\n[user]\n\temail = me@example.com\n")
	ciWrite(t, root, ".github/CODEOWNERS", "* @all\n/.github/workflows/ @acme/platform\n")
	git, ok := gitrepo.Open(root)
	if !ok {
		t.Fatal("not a repository")
	}
	r := collectExamples(t, root, git, "caller.yml", "shared.yml", "raw.yml")
	if len(r.Owners) == 0 || r.Owners[0].Name != "acme/platform" || r.Owners[0].Kind != "team" || r.Owners[0].Evidence[0].Path != "~/app/.github/CODEOWNERS" || r.Owners[0].Evidence[0].Line != 2 {
		t.Errorf("owners %+v", r.Owners)
	}
	var names []string
	for _, a := range r.Assistants {
		names = append(names, a.Name)
		if len(a.Owners) != 1 {
			t.Errorf("%s: owners %v", a.Name, a.Owners)
		}
	}
	if len(names) != 5 || slices.Contains(names, "aider in ci: Shared/work") {
		t.Errorf("a workflow that only others call is shown where they call it: %v", names)
	}
	for _, res := range r.Resources {
		if res.Kind == "repository" && res.Name != "github.com/acme/app" && !strings.HasPrefix(res.Name, "by secret ") {
			t.Errorf("repository %q", res.Name)
		}
	}
}

func TestCIKeepsNoValue(t *testing.T) {
	var files []string
	list, _ := filepath.Glob(ciExamples + "/.github/workflows/*")
	for _, f := range list {
		files = append(files, filepath.Base(f))
	}
	r := collectExamples(t, ciExamples, nil, files...)
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, planted := range []string{"S3cr3tFAKE", "FAKEpw77", "FAKE_not_a_real", "FAKE1AA"} {
		if strings.Contains(string(out), planted) {
			t.Errorf("%q shows", planted)
		}
	}
	live := 0
	for _, s := range r.Secrets {
		if s.Fingerprint != "" {
			live++
			if s.Storage != inventory.StoragePlaintext || s.Locations[0].Line == 0 || len(s.Assistants) != 1 {
				t.Errorf("%+v", s)
			}
		}
	}
	if live != 2 {
		t.Errorf("%d credentials written in the examples were found, want 2", live)
	}
	slices.Reverse(files)
	again, err := json.Marshal(collectExamples(t, ciExamples, nil, files...))
	if err != nil || string(again) != string(out) {
		t.Error("the order of the files shows in the result")
	}
}

func TestCILedger(t *testing.T) {
	root := t.TempDir()
	ciWrite(t, root, ".github/workflows/bad.yml", "\xff\xfe")
	ciWrite(t, root, ".github/workflows/half.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: claude -p x\n  b: [\n")
	read := func(rel string) ([]byte, error) { return os.ReadFile(filepath.Join(root, rel)) }
	sink := ciSink()
	files := []string{".github/workflows/half.yml", ".github/workflows/bad.yml", ".github/workflows/gone.yml"}
	if err := collectCI(t.Context(), catalogue.Embedded(), root, "/r", files, read, nil, sink, "", true); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, l := range sink.Batch().Ledger {
		got[filepath.Base(l.Path)] = l.State
	}
	want := map[string]string{"half.yml": "read", "bad.yml": "unparsed", "gone.yml": "vanished"}
	for f, s := range want {
		if got[f] != s {
			t.Errorf("%s: %s, want %s", f, got[f], s)
		}
	}
	if n := len(sink.Batch().Records.Assistants); n != 1 {
		t.Errorf("%d assistants in what was understood", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := collectCI(ctx, catalogue.Embedded(), root, "/r", files, read, nil, ciSink(), "", true); err == nil {
		t.Error("it goes on after the end of its context")
	}
}

func TestCIBelowTheTop(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "examples", "app")
	ciWrite(t, top, ".git/HEAD", "ref: refs/heads/main\n")
	ciWrite(t, top, "CODEOWNERS", "/examples/ @docs\n")
	ciWrite(t, root, ".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: claude -p x\n")
	git, ok := gitrepo.Open(top)
	if !ok {
		t.Fatal("not a repository")
	}
	read := func(rel string) ([]byte, error) { return os.ReadFile(filepath.Join(root, rel)) }
	sink := ciSink()
	if err := collectCI(t.Context(), catalogue.Embedded(), root, "/r/examples/app", []string{".github/workflows/a.yml"}, read, git, sink, "", true); err != nil {
		t.Fatal(err)
	}
	r := sink.Batch().Records
	if len(r.Owners) != 1 || r.Owners[0].Name != "docs" || r.Owners[0].Evidence[0].Path != "/r/CODEOWNERS" {
		t.Errorf("owners %+v", r.Owners)
	}
	if r.Assistants[0].Status != "idle" {
		t.Errorf("status %q", r.Assistants[0].Status)
	}
}
