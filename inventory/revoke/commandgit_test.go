package revoke

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// workTree is a repository with files in it, and somebody else's change that is not committed.
type workTree struct {
	t          *testing.T
	home, root string
}

func newWorkTree(t *testing.T, name string) *workTree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("there is no patch here")
	}
	w := &workTree{t: t, home: t.TempDir()}
	w.root = filepath.Join(w.home, name)
	if err := os.MkdirAll(w.root, 0o700); err != nil {
		t.Fatal(err)
	}
	w.run("sh", "-c", `git init -q -b main "$1" && git -C "$1" config user.name a && git -C "$1" config user.email a@b.example && git -C "$1" config commit.gpgsign false`, "sh", w.root)
	return w
}

// run gives what a program printed. It gets the secret as a person's shell has it: a variable that is not exported.
func (w *workTree) run(name string, args ...string) string {
	w.t.Helper()
	out, err := w.try(name, args...)
	if err != nil {
		w.t.Fatalf("%v: %s\n%q", err, out, args)
	}
	return out
}

func (w *workTree) try(name string, args ...string) (string, error) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), name, args...)
	cmd.Dir = w.home
	cmd.Env = []string{"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "TMPDIR=" + w.home, "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (w *workTree) paste(shell, command string) string {
	return w.run(shell, "-c", "SECRET=secret-FAKE-$0\n"+command, "1")
}

func (w *workTree) git(args ...string) string {
	w.t.Helper()
	return w.run("git", append([]string{"--literal-pathspecs", "-C", w.root}, args...)...)
}

func (w *workTree) write(file, text string) {
	w.t.Helper()
	path := filepath.Join(w.root, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workTree) read(file string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.root, file))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// hostile are names that a shell, Git or a terminal would take for something else, and some more of the same letters.
func hostileNames(n int) []string {
	out := []string{"a b.json", "-rf", "--all", "$(touch hacked)", "`touch hacked`", "it's", `"q"`, "new\nline", "trail\n", "tab\there", ":(glob)*", ":!x", ":/x", "*", "[a]", `back\slash`, `\0101`, "$SECRET",
		"~", "#c", "!!", "{a,b}", "EOF", "%s%n", "; touch hacked", "& touch hacked", "> hacked", "\u202ebidi", "paste\x1b[201~", "c1\u009bx", "zero\u200bwidth", "\x7f", "dir/-x/it's $(touch hacked)", "ä/é"}
	letters := []string{"a", "'", `"`, "$", "(", ")", "`", `\`, "\n", "-", " ", "*", ":", "!", "%", "0", "\x1b", "\u202e", "é", "#", ";", "touch hacked"}
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		var b strings.Builder
		b.WriteString("r")
		for range 1 + r.IntN(8) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		out = append(out, b.String())
	}
	return out
}

const holds = "{\n  \"url\": \"https://x.example/$HOME\",\n  \"token\": \"secret-FAKE-1\"\n}\n"

// removal is the step that takes the secret out of a file of the work tree.
func (w *workTree) removal(file string) Step {
	return Step{Action: ActionRemoveSecret, Layer: LayerCopy, Summary: "take it out", Path: filepath.Join(w.root, file), Git: &InGit{Root: w.root, File: file},
		Request: "--- ~/shown otherwise\n+++ ~/shown otherwise\n@@ -1,4 +1,3 @@\n {\n-  \"url\": \"https://x.example/$HOME\",\n-  \"token\": \"[redacted]\"\n+  \"url\": \"https://x.example/$HOME\"\n }\n"}
}

// What is copied of a step about a file that Git tracks changes that file and commits it alone, whatever it is called, in
// every shell that is here; nothing of a name is run or seen by the terminal, and the secret is nobody's argument.
func TestTheGitCommandsOfAStep(t *testing.T) {
	shells := slices.DeleteFunc([]string{"dash", "bash", "zsh", "busybox", "sh"}, func(s string) bool { _, err := exec.LookPath(s); return err != nil || s == "busybox" })
	w := newWorkTree(t, "ro$(touch hacked)'ot -x\n\u202e")
	names := hostileNames(30)
	if testing.Short() {
		few := names[:0:0]
		for i := 0; i < len(names); i += 5 {
			few = append(few, names[i])
		}
		names = few
	}
	w.write("another", "as it was\n")
	for _, name := range names {
		w.write(name, holds)
	}
	w.git("add", "-A")
	w.git("commit", "-qm", "first")
	w.write("another", "a change of somebody else\n")
	for i, name := range names {
		command := w.removal(name).Command()
		if strings.ContainsFunc(command, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e' || r == '\u200b') }) {
			t.Errorf("%q: a terminal would obey it: %q", name, command)
		}
		w.paste(shells[i%len(shells)], command)
		if got := w.git("show", "--format=%s", "--name-only", "-z", "HEAD"); !strings.HasSuffix(got, "\n"+name+"\x00") || !strings.HasPrefix(got, "Take a secret out of ") {
			t.Fatalf("%q: committed was %q by\n%s", name, got, command)
		}
		if got := w.git("show", "HEAD:"+name); strings.Contains(got, "FAKE") || !strings.Contains(got, "$HOME\"\n}") || got != w.read(name) {
			t.Fatalf("%q: in the commit stands %q", name, got)
		}
		kept := (&Step{Action: ActionManual, Git: &InGit{Root: w.root, File: name, History: true}}).Command()
		if got := w.paste(shells[i%len(shells)], kept); strings.Count(got, "\n") != 2 || !strings.Contains(got, "first") {
			t.Fatalf("%q: its history is %q by\n%s", name, got, kept)
		}
	}
	if got := w.git("status", "--porcelain"); got != " M another\n" {
		t.Errorf("left over: %q", got)
	}
	w.notHacked()
}

func (w *workTree) notHacked() {
	w.t.Helper()
	for _, dir := range []string{w.home, w.root} {
		if _, err := os.Stat(filepath.Join(dir, "hacked")); err == nil {
			w.t.Error("a part of a name was run")
		}
	}
}

// A credential file that goes as a whole is removed, and its removal committed.
func TestTheGitCommandsOfADeletion(t *testing.T) {
	w := newWorkTree(t, "repo")
	const name = "-key $(touch hacked)"
	w.write(name, "secret-FAKE-1\n")
	w.git("add", "-A")
	w.git("commit", "-qm", "first")
	s := Step{Action: ActionDeleteFile, Layer: LayerCopy, Path: filepath.Join(w.root, name), Git: &InGit{Root: w.root, File: name}, Request: "--- x\n+++ x\n@@ -1 +0,0 @@\n-[redacted]\n"}
	w.paste("sh", s.Command())
	if got := w.git("show", "--format=", "--name-status", "HEAD"); !strings.HasPrefix(got, "D\t") || w.git("status", "--porcelain") != "" {
		t.Errorf("%q", got)
	}
	w.notHacked()
	// of an undo nothing is left of it that would remove the file again
	if got := (Step{Action: ActionDeleteFile, Summary: "put back"}).Command(); got != "# 'by hand: put back'\n" {
		t.Errorf("%q", got)
	}
}

// Of a file at a forge a clone is changed, on a branch of its own; pasted without a change between, nothing is pushed.
func TestTheGitCommandsOfAClone(t *testing.T) {
	w := newWorkTree(t, "repo")
	const name = ".github/it's $(touch hacked).yml"
	w.write(name, "token: secret-FAKE-1\n")
	w.git("add", "-A")
	w.git("commit", "-qm", "first")
	w.git("config", "receive.denyCurrentBranch", "refuse")
	identity := "git config --global user.name a; git config --global user.email a@b.example\n"
	for _, of := range []string{"", "main"} {
		command := (&Step{Action: ActionManual, Summary: "take it out", Git: &InGit{Clone: w.root, Branch: of, File: name}}).Command()
		before, rest, ok := strings.Cut(command, "# 'now change ")
		if !ok || strings.Contains(command, "FAKE") {
			t.Fatal(command)
		}
		if out, err := w.try("sh", "-c", identity+command); err != nil && !strings.Contains(out, "nothing to commit") {
			t.Errorf("unchanged: %v %s", err, out)
		}
		if got := w.git("branch", "--list", branch); got != "" {
			t.Errorf("unchanged, and pushed: %q", got)
		}
		w.paste("sh", identity+before+"\nprintf '' >\"$WORK\"/"+literal(name)+"\n# 'now change "+rest)
		if got := w.git("show", "--format=%s", "--name-only", "-z", branch); !strings.HasSuffix(got, "\n"+name+"\x00") {
			t.Errorf("%q", got)
		}
		w.git("branch", "-D", branch)
	}
	w.notHacked()
}

// literal is one word, and the same text, in every shell.
func FuzzLiteral(f *testing.F) {
	for _, s := range append(hostileNames(20), "", "\xff\xfe", "$SECRET", strings.Repeat("x", 5000)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) || len(s) > 8<<10 {
			t.Skip()
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "printf %s. "+literal(s))
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SECRET=hacked"}
		out, err := cmd.Output()
		if err != nil || !bytes.Equal(out, []byte(s+".")) {
			t.Errorf("%q became %q by %s (%v)", s, out, literal(s), err)
		}
	})
}
