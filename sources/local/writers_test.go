package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
)

// Who added an assistant's configuration and workflow, and who changed them last, are signs of who answers for it.
func TestHistoryNamesOwners(t *testing.T) {
	bin, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed: there is no history to read")
	}
	home, repo := t.TempDir(), t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(bin, args...)
		cmd.Dir = repo
		cmd.Env = []string{"HOME=" + repo, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	commit := func(who, rel, text, message string) {
		t.Helper()
		path := filepath.Join(repo, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", "-A")
		run("-c", "user.name="+who, "-c", "user.email="+who+"@example.com", "commit", "-q", "-m", message)
	}
	const workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n"
	run("init", "-q")
	commit("alice", ".claude/settings.json", `{"permissions":{"allow":["Bash(ls)"]}}`, "add\n\nCo-authored-by: Claude <noreply@anthropic.com>")
	commit("bob", ".github/workflows/ai.yml", workflow, "a workflow\n\nCo-authored-by: carol <carol@example.com>")
	commit("dave", ".claude/settings.json", `{"permissions":{"allow":["Bash(ls)","Bash(cat)"]}}`, "more")
	if err := os.WriteFile(filepath.Join(repo, ".git", "config"), []byte("[core]\n\trepositoryformatversion = 0\n\tfsmonitor = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, history := range []bool{true, false} {
		o := Defaults()
		o.History = history
		s, err := New(o, sources.Env{Home: home, Paths: []string{repo}, Explicit: true})
		if err != nil {
			t.Fatal(err)
		}
		sink := inventory.NewSink("local", inventory.Key{1}, func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) })
		if err := s.Collect(t.Context(), sink); err != nil {
			t.Fatal(err)
		}
		b := sink.Batch()
		names := map[inventory.ID]string{}
		for _, x := range b.Records.Owners {
			names[x.ID] = x.Name
		}
		got := map[string][]string{}
		for _, a := range b.Records.Assistants {
			for _, sign := range a.OwnerSigns {
				if sign.Sign == inventory.SignGit {
					got[a.Scope] = append(got[a.Scope], names[sign.Owner])
					if names[sign.Owner] == "alice" && !strings.Contains(sign.Note, ", with Claude") {
						t.Errorf("nobody says what it was written with: %+v", sign)
					}
				}
			}
		}
		if !history {
			if len(got) != 0 {
				t.Errorf("switched off, and %v", got)
			}
			continue
		}
		if want := []string{"alice", "dave"}; !slices.Equal(got["project"], want) {
			t.Errorf("the project's: %v, not %v", got, want)
		}
		if want := []string{"bob", "carol"}; !slices.Equal(got["ci"], want) {
			t.Errorf("the workflow's: %v, not %v", got, want)
		}
	}
}
