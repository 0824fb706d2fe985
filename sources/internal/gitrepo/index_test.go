package gitrepo

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func sampleFiles() []string {
	files := []string{"a", "a.b", "a-b", "ab", "docs/.x", "docs/x y", "ünï/côdé", "README.md", ".mcp.json", strings.Repeat("long/", 30) + "name"}
	for i := range 400 {
		files = append(files, fmt.Sprintf("src/pkg%d/file%d.go", i%7, i))
	}
	return files
}

// TestTrackedAgrees compares with git ls-files for each index version and both hashes.
func TestTrackedAgrees(t *testing.T) {
	for _, c := range []struct {
		name string
		init []string
		with func(git func(...string) string)
	}{
		{"v2", nil, func(git func(...string) string) { git("update-index", "--index-version", "2") }},
		{"v3", nil, func(git func(...string) string) { git("add", "-N", "intent") }},
		{"v4", nil, func(git func(...string) string) { git("update-index", "--index-version", "4") }},
		{"sha256 v4", []string{"--object-format=sha256"}, func(git func(...string) string) { git("update-index", "--index-version", "4") }},
		{"sha256 v2", []string{"--object-format=sha256"}, func(func(...string) string) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			git := needGit(t, root)
			git(append([]string{"init", "-q"}, c.init...)...)
			for _, f := range sampleFiles() {
				write(t, root, f, "x")
			}
			git("add", ".")
			write(t, root, "intent", "x")
			write(t, root, "untracked", "x")
			write(t, root, "src/pkg1/other.go", "x")
			c.with(git)
			want := strings.Split(strings.TrimSuffix(git("ls-files", "-z"), "\x00"), "\x00")
			r, ok := Open(root)
			if !ok {
				t.Fatal("not opened")
			}
			for _, f := range append(sampleFiles(), "intent", "untracked", "src/pkg1/other.go", "src", "src/pkg1", "zzz", "0", "") {
				expect := inventory.No
				if slices.Contains(want, f) {
					expect = inventory.Yes
				}
				if f == "" {
					expect = inventory.Unknown
				}
				if got := r.Tracked(f); got != expect {
					t.Errorf("Tracked(%q) = %s, want %s", f, got, expect)
				}
			}
		})
	}
}

func TestTrackedSpecial(t *testing.T) {
	root := t.TempDir()
	git := needGit(t, root)
	git("init", "-q")
	r, ok := Open(root)
	if !ok || r.Tracked("x") != inventory.No {
		t.Error("a repository without commits tracks nothing")
	}
	write(t, root, "a", "x")
	write(t, root, "d/b", "x")
	git("add", ".")
	git("commit", "-qm", "x")
	git("config", "splitIndex.maxPercentChange", "100")
	git("update-index", "--split-index")
	write(t, root, "c", "x")
	git("add", "c")
	r, _ = Open(root)
	for f, want := range map[string]inventory.Answer{"c": inventory.Yes, "a": inventory.Unknown, "nope": inventory.Unknown} {
		if got := r.Tracked(f); got != want {
			t.Errorf("split index: Tracked(%q) = %s, want %s", f, got, want)
		}
	}
	if err := os.Remove(filepath.Join(root, ".git", "index")); err != nil {
		t.Fatal(err)
	}
	if r, _ = Open(root); r.Tracked("a") != inventory.Unknown {
		t.Error("commits without an index: not known what they hold")
	}
	git("pack-refs", "--all")
	if r, _ = Open(root); r.Tracked("a") != inventory.Unknown {
		t.Error("commits of a packed branch: not known what they hold")
	}
	write(t, root, ".git/index", "DIRCgarbage")
	if r, _ = Open(root); r.Tracked("a") != inventory.Unknown {
		t.Error("a damaged index tells nothing")
	}
}

func TestTrackedSparseAndSubmodule(t *testing.T) {
	root := t.TempDir()
	git := needGit(t, root)
	git("init", "-q")
	for _, f := range []string{"in/a", "out/deep/b", "top"} {
		write(t, root, f, "x")
	}
	git("add", ".")
	git("commit", "-qm", "x")
	head := strings.TrimSpace(git("rev-parse", "HEAD"))
	git("update-index", "--add", "--cacheinfo", "160000,"+head+",sub")
	git("commit", "-qm", "y")
	r, _ := Open(root)
	if got := r.Tracked("sub/file"); got != inventory.Unknown {
		t.Errorf("inside a submodule: %s", got)
	}
	git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
	r, _ = Open(root)
	for f, want := range map[string]inventory.Answer{
		"in/a": inventory.Yes, "in/b": inventory.No, "top": inventory.Yes, "out/deep/b": inventory.Unknown, "other/x": inventory.No,
	} {
		if got := r.Tracked(f); got != want {
			t.Errorf("sparse index: Tracked(%q) = %s, want %s", f, got, want)
		}
	}
}

func TestOpenLinked(t *testing.T) {
	base := t.TempDir()
	main := filepath.Join(base, "main")
	if err := os.Mkdir(main, 0o755); err != nil {
		t.Fatal(err)
	}
	git := needGit(t, main)
	git("init", "-q")
	write(t, main, "a", "x")
	git("add", ".")
	git("-c", "user.name=x", "commit", "-qm", "x")
	git("config", "user.email", "dev@example.com")
	git("worktree", "add", "-q", filepath.Join(base, "linked"))
	linked := filepath.Join(base, "linked")

	r, ok := Open(linked, Within(base))
	if !ok || r.Outside() || r.Tracked("a") != inventory.Yes {
		t.Error("a linked work tree of an allowed root is read")
	}
	if _, email, _, _ := r.Identity(); email != "dev@example.com" {
		t.Errorf("the main repository's configuration holds for it: %q", email)
	}
	r, ok = Open(linked)
	if !ok || !r.Outside() || r.Tracked("a") != inventory.Unknown {
		t.Error("a Git folder outside the roots is not read")
	}
	if _, email, _, _ := r.Identity(); email != "" {
		t.Error("nor is its configuration")
	}
	if _, ok := Open(base); ok {
		t.Error("a folder without .git is no work tree")
	}
	if err := os.Symlink(filepath.Join(main, ".git"), filepath.Join(base, ".git")); err == nil {
		if r, ok := Open(base); !ok || r.Outside() {
			t.Error("a link inside the root is followed")
		}
	}
	other := t.TempDir()
	if err := os.Symlink(filepath.Join(main, ".git"), filepath.Join(other, ".git")); err == nil {
		if r, ok := Open(other); !ok || !r.Outside() {
			t.Error("a link out of the root is not followed")
		}
	}
}

// makeIndex writes a version 2 index with n entries.
func makeIndex(n int) []byte {
	out := append([]byte("DIRC"), 0, 0, 0, 2)
	out = binary.BigEndian.AppendUint32(out, uint32(n))
	for i := range n {
		name := fmt.Sprintf("src/package%04d/internal/file%07d.go", i/100, i)
		start := len(out)
		out = append(out, make([]byte, statLen+20)...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(name)))
		out = append(out, name...)
		out = append(out, make([]byte, 8-(len(out)-start)%8)...)
	}
	return append(out, make([]byte, 20)...)
}

func TestIndexAllocates(t *testing.T) {
	data := makeIndex(20_000)
	if n := testing.AllocsPerRun(5, func() {
		if _, err := parseIndex(data, 20); err != nil {
			t.Fatal(err)
		}
	}); n > 4 {
		t.Errorf("%v allocations for 20,000 entries", n)
	}
}

func BenchmarkIndex200k(b *testing.B) {
	data := makeIndex(200_000)
	b.ReportAllocs()
	for b.Loop() {
		ix, err := parseIndex(data, 20)
		if err != nil {
			b.Fatal(err)
		}
		if ix.tracked("src/package0700/internal/file0070000.go") != inventory.Yes {
			b.Fatal("not found")
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add(makeIndex(3), false)
	f.Add([]byte("DIRC\x00\x00\x00\x04\x00\x00\x00\x00"), true)
	if _, err := exec.LookPath("git"); err == nil {
		dir := f.TempDir()
		for _, args := range [][]string{{"init", "-q"}, {"update-index", "--index-version", "4"}, {"add", "."}} {
			_ = os.WriteFile(filepath.Join(dir, "file"+args[0]), nil, 0o644)
			_ = exec.Command("git", append([]string{"-C", dir}, args...)...).Run()
		}
		if data, err := os.ReadFile(filepath.Join(dir, ".git", "index")); err == nil {
			f.Add(data, false)
		}
	}
	f.Fuzz(func(_ *testing.T, data []byte, long bool) {
		n := 20
		if long {
			n = 32
		}
		ix, err := parseIndex(data, n)
		if err != nil {
			return
		}
		for _, p := range []string{"a", "src/package0000/internal/file0000000.go", "zz/zz"} {
			ix.tracked(p)
		}
	})
}
