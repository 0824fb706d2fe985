package local_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nhitop/inventory/revoke"
)

// pasted runs what is copied of a step, with the secrets that it asks for filled in as a person would: from the file.
func (b *bench) pasted(s revoke.Step) (text string, ran bool) {
	b.t.Helper()
	command := s.Command()
	if !strings.Contains(command, "| patch ") && !strings.HasPrefix(command, "rm ") {
		return command, false
	}
	data, err := os.ReadFile(s.Path)
	if err != nil {
		b.t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	var script strings.Builder
	at, n := 0, 0
	for line := range strings.Lines(command) {
		line, ok := strings.CutSuffix(strings.TrimPrefix(line, "  '"), "' \\\n")
		if line = strings.ReplaceAll(line, `'\''`, "'"); !ok {
			continue
		}
		if _, err := fmt.Sscanf(line, "@@ -%d", &at); err == nil {
			continue
		}
		parts := regexp.MustCompile(`'"\$SECRET(_\d+)?"'`).Split(line, -1)
		old := ""
		if at > 0 && !strings.HasPrefix(line, "+") && at <= len(lines) {
			old = lines[at-1]
			at++
		}
		if len(parts) == 1 || at == 0 {
			continue
		}
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		parts[0] = strings.TrimLeft(parts[0][:1], "- ") + parts[0][1:]
		m := regexp.MustCompile("^" + strings.Join(parts, "(.*)") + "$").FindStringSubmatch(old)
		if m == nil {
			b.t.Errorf("the file has %q, not a line like %q", old, line)
			continue
		}
		for _, v := range m[1:] {
			n++
			name := "SECRET"
			if strings.Contains(command, "$SECRET_") {
				name = fmt.Sprintf("SECRET_%d", n)
			}
			fmt.Fprintf(&script, "%s='%s'\n", name, strings.ReplaceAll(v, "'", `'\''`))
		}
	}
	cmd := exec.CommandContext(b.t.Context(), "sh", "-c", script.String()+command)
	cmd.Env = []string{"HOME=" + b.dir, "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Errorf("%s: %v %s\n%s", s.Summary, err, out, command)
	}
	return command, true
}

// What is copied of a step does to the file what the step itself does, for every secret, server and mode of the corpus. What
// cannot be said as a command is a comment, all of it.
func TestWhatIsPastedDoesWhatTheStepDoes(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("there is no patch here")
	}
	same, byHand := 0, 0
	for _, tree := range corpusTrees {
		b := newBench(t, tree)
		snap := b.snapshot()
		for _, x := range everything(snap) {
			for _, s := range b.plan(snap, x.target).Steps {
				if s.Action == revoke.ActionManual {
					continue
				}
				before, err := os.ReadFile(s.Path)
				if err != nil {
					t.Fatal(err)
				}
				command, ran := b.pasted(s)
				got, _ := os.ReadFile(s.Path)
				if err := os.WriteFile(s.Path, before, 0o600); err != nil {
					t.Fatal(err)
				}
				if !ran {
					byHand++
					for line := range strings.Lines(command) {
						if !strings.HasPrefix(line, "#") {
							t.Errorf("%s: half a command:\n%s", s.Summary, command)
						}
					}
					continue
				}
				r := b.src.(interface {
					revoke.Revoker
					revoke.Undoer
				})
				receipt, err := r.Apply(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := os.ReadFile(s.Path)
				if !bytes.Equal(got, want) {
					t.Errorf("%s: pasted\n%s\nmade\n%s\nand the step makes\n%s", s.Summary, command, got, want)
				}
				if _, err := r.Undo(t.Context(), s, receipt); err != nil {
					t.Fatal(err)
				}
				same++
			}
		}
	}
	t.Logf("%d do the same, %d are by hand", same, byHand)
	if same < 150 || byHand > same/4 {
		t.Errorf("%d do the same, %d are by hand", same, byHand)
	}
}

// Of a file that Git tracks the change is committed too, and what the history keeps is shown; the plan knows it from Git's
// files, without running git.
func TestWhatIsPastedCommits(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("there is no patch here")
	}
	b := newBench(t, "claude")
	repo := filepath.Join(b.dir, "repo")
	shell := func(text string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-c", text)
		cmd.Dir, cmd.Env = repo, []string{"HOME=" + b.dir, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v %s\n%s", err, out, text)
		}
		return string(out)
	}
	shell("git config --global user.name a; git config --global user.email a@b.example; git init -q -b main . && git add -A && git commit -qm first")
	snap := b.snapshot()
	commits, histories := 1, 0
	for _, x := range snap.Records().Secrets {
		steps := b.plan(snap, revoke.Target{ID: x.ID}).Steps
		for _, s := range steps {
			switch {
			case s.Git == nil:
			case s.Git.Root != repo:
				t.Errorf("%s: %+v", s.Summary, s.Git)
			case s.Action == revoke.ActionManual:
				histories++
				if got := shell(s.Command()); !strings.Contains(got, "first") {
					t.Errorf("%s: %q", s.Summary, got)
				}
			case s.Path == filepath.Join(repo, ".mcp.json"):
				commits++
				if _, ran := b.pasted(s); !ran {
					t.Errorf("%s: %s", s.Summary, s.Command())
				}
				if got := shell("git show --format=%s --name-only HEAD; git status --porcelain; git rev-list --count HEAD"); got != "Take a secret out of .mcp.json\n\n.mcp.json\n"+fmt.Sprintln(commits) {
					t.Errorf("%s: %q", s.Summary, got)
				}
			}
		}
	}
	if commits < 2 || histories < 2 {
		t.Errorf("%d commits, %d histories", commits, histories)
	}
}
