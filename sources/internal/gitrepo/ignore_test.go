package gitrepo

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// needGit returns a function that runs the real git in dir, apart from the configuration of whoever runs the test.
func needGit(t *testing.T, dir string) func(args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: nothing to compare with")
	}
	return func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir+"/.none", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	p := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// folders is a tree that the patterns below pick from.
var folders = []string{
	"build", "src/build", "src/a/build", "node_modules", "web/node_modules", "docs", "docs/api", "docs/api/v1", "foo", "foo/bar",
	"foo/bar/baz", "a/foo/bar", "x/y/z", "x/y/b", "x/b", "abc", "abd", "ab]", "a[b", "ab-c", "#hash", "!bang", "sp ", "sp", "star*", "q?",
	"Upper", "data1", "data2", "dataX", "dist.old", "dist.new", ".cache", ".cache/deep", "logs", "logs/debug", "a/logs/debug",
	"back\\slash", "tail.d", "a/b/c/d", "a/x/b", "a/x/y/b", "a/b",
}

var patternTable = []string{
	"build", "build/", "/build", "/build/", "src/build", "src/build/", "/src/*/build", "node_modules/", "**/node_modules", "docs/*",
	"docs/**", "docs/*/", "/docs/**/v1", "foo/bar", "/foo/bar/", "**/foo/bar", "foo/**", "x/**/b", "x/**/b/", "a/**/b", "ab[cd]", "ab[!c]", "ab[^c]",
	"ab[]]", "a[[]b", "ab[]-]", "a[a-c]c", "[[:upper:]]pper", "data[0-9]", "data[[:digit:]]", "data[![:digit:]]", "dist.*", "*.d", "*", "*/", "/*", "**", "**/", "/**",
	"\\#hash", "\\!bang", "#hash", "sp\\ ", "sp ", "sp   ", "star\\*", "q\\?", "q?", "?oo", "f*o", "f**o", ".*", ".cache/deep", "logs/**/debug", "**/logs/debug",
	"back\\\\slash", "back\\slash", "tail\\", "[", "a[", "ab[c", "/", "//", "foo//", "//foo", "\\/foo", "foo\\/bar", "a/*/b", "a/**/c/d", "**/b", "***", "a**", "x/***/b",
	"d?ta1", "[a-", "[z-a]bc", "ab[[:nope:]]", "ab[\\]]", "a[b/c]d", "a/b/c/d/", "Build", "*b*", "*a*b*c*", "[!a]*", "a/?", "x/[y]/z", "ab[c-]", "ab[--]c",
}

func makeFolders(t *testing.T, root string) {
	t.Helper()
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(f)), 0o755); err != nil {
			t.Skipf("this file system takes no folder called %q", f)
		}
	}
}

func allFolders() []string {
	seen := map[string]bool{}
	var out []string
	for _, f := range folders {
		for d := f; d != "."; d = path.Dir(d) {
			if !seen[d] {
				seen[d] = true
				out = append(out, d)
			}
		}
	}
	return out
}

// walkIgnored answers as the walk does: a folder below an ignored one is not reached.
func walkIgnored(ig *Ignore, rel string) bool {
	for i := 0; i <= len(rel); i++ {
		if (i == len(rel) || rel[i] == '/') && ig.Dir(rel[:i]) {
			return true
		}
	}
	return false
}

func checkIgnore(t *testing.T, root string, dirs []string) map[string]bool {
	t.Helper()
	got := map[string]bool{}
	cmd := exec.Command("git", "-C", root, "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Env = append(os.Environ(), "HOME="+root, "XDG_CONFIG_HOME="+root+"/.none", "GIT_CONFIG_NOSYSTEM=1")
	cmd.Stdin = strings.NewReader(strings.Join(dirs, "\x00") + "\x00")
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: none is ignored
		t.Fatal(err)
	}
	for p := range strings.SplitSeq(string(out), "\x00") {
		got[p] = true
	}
	return got
}

func TestIgnoreAgrees(t *testing.T) {
	root := t.TempDir()
	git := needGit(t, root)
	git("init", "-q")
	makeFolders(t, root)
	dirs := allFolders()
	for _, p := range patternTable {
		for _, text := range []string{p + "\n", "*\n!" + p + "\n", "foo\n" + p + "\n!foo\n", p + "\r\n"} {
			write(t, root, ".gitignore", text)
			want := checkIgnore(t, root, dirs)
			ig := (*Ignore)(nil).Child("", []byte(text))
			for _, d := range dirs {
				if got := walkIgnored(ig, d); got != want[d] {
					t.Errorf("%q on %q: ignored %v, git says %v", text, d, got, want[d])
				}
			}
		}
	}
}

func TestIgnoreChain(t *testing.T) {
	root := t.TempDir()
	git := needGit(t, root)
	git("init", "-q")
	makeFolders(t, root)
	files := map[string]string{
		".git/info/exclude": "logs\nabc\n",
		".gitignore":        "\ufeffbuild\n# note\n\n!abc\n",
		"src/.gitignore":    "!build\n/a\n",
		"a/.gitignore":      "/b\nx/b\n!/b\n",
		"x/.gitignore":      "*\n!b\n",
	}
	for name, text := range files {
		write(t, root, name, text)
	}
	r, ok := Open(root)
	if !ok {
		t.Fatal("not opened")
	}
	dirs := allFolders()
	want := checkIgnore(t, root, dirs)
	for _, d := range dirs {
		ig := r.Ignore().Child("", []byte(files[".gitignore"]))
		for i, c := range d {
			if c == '/' {
				ig = ig.Child(d[:i], []byte(files[d[:i]+"/.gitignore"]))
			}
		}
		if got := walkIgnored(ig, d); got != want[d] {
			t.Errorf("%q: ignored %v, git says %v", d, got, want[d])
		}
	}
}

func TestIgnoreFile(t *testing.T) {
	ig := (*Ignore)(nil).Child(".", []byte("*.log\nbuild/\n"))
	for name, want := range map[string]bool{"a.log": true, "x/a.log": true, "build": false, "a.txt": false} {
		if got := ig.File(name); got != want {
			t.Errorf("File(%q) = %v", name, got)
		}
	}
	if (*Ignore)(nil).Dir("x") {
		t.Error("nothing ignores nothing")
	}
}

func TestIgnoreAllocates(t *testing.T) {
	ig := (*Ignore)(nil).Child("", []byte(strings.Join(patternTable, "\n"))).Child("src", []byte("a/**/b\n*.x\n[a-z]q\n"))
	if n := testing.AllocsPerRun(100, func() { ig.Dir("src/a/x/y/zz/longer-name") }); n != 0 {
		t.Errorf("%v allocations for a match", n)
	}
}

func FuzzIgnore(f *testing.F) {
	for _, p := range patternTable {
		f.Add(p, "a/b/c")
	}
	f.Add("a*a*a*a*a*a*a*a*b", strings.Repeat("a", 200))
	f.Add("**/**/a/**/b/**/c", strings.Repeat("a/b/", 100))
	f.Fuzz(func(_ *testing.T, text, rel string) {
		if len(text)*len(rel) > 1<<16 {
			return
		}
		ig := (*Ignore)(nil).Child("", []byte(text)).Child("a", []byte(text))
		ig.Dir(rel)
		ig.File(rel)
		parseOwners(text)
	})
}
