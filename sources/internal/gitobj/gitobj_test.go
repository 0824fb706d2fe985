package gitobj

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs the real one with nothing of the machine's configuration.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	bin, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed: what it writes cannot be compared")
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

var clock = 1_700_000_000

// commitAs writes a file and commits it.
func commitAs(t testing.TB, dir, who, file, text, message string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-A")
	clock += 60
	git(t, dir, "-c", "user.name=committer", "-c", "user.email=c@example.com", "commit", "-q", "--allow-empty", "--author="+who+" <"+who+"@example.com>", fmt.Sprintf("--date=%d +0100", clock), "-m", message)
}

const file = ".claude/settings.json"

// company is a repository with branches, a conflict and so many other commits.
func company(t testing.TB, format string, more int) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main", "--object-format="+format)
	commitAs(t, dir, "first", "README", "a", "begin")
	commitAs(t, dir, "alice", file, "{}", "add the assistant\n\nCo-authored-by: Claude <noreply@anthropic.com>\nCo-Authored-By: bob <bob@example.com>")
	for i := range more {
		commitAs(t, dir, "noise", fmt.Sprintf("src/%d/file", i%7), strings.Repeat(fmt.Sprint(i, "\n"), 50), "noise")
	}
	git(t, dir, "checkout", "-q", "-b", "side")
	commitAs(t, dir, "carol", file, `{"a":1}`, "side")
	git(t, dir, "checkout", "-q", "main")
	commitAs(t, dir, "dave", "src/x", "x", "main goes on")
	git(t, dir, "-c", "user.name=m", "-c", "user.email=m@example.com", "merge", "-q", "--no-ff", "-m", "merge", "side")
	commitAs(t, dir, "last", "README", "b", "more")
	return dir
}

func story(t testing.TB, dir string, hashLen int, path string, shallow map[string]bool) Story {
	t.Helper()
	s, err := Open(filepath.Join(dir, ".git", "objects"), hashLen)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.History(git(t, dir, "rev-parse", "HEAD"), path, shallow)
}

// What is found is what git log says, loose and packed, of SHA-1 and of SHA-256.
func TestHistoryIsThatOfGit(t *testing.T) {
	for format, hashLen := range map[string]int{"sha1": 20, "sha256": 32} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprint(format, packed), func(t *testing.T) {
				dir := company(t, format, 12)
				if packed {
					git(t, dir, "gc", "-q", "--aggressive")
				}
				for _, path := range []string{file, "README", "src/3/file", "src/x", "nothing", "src"} {
					st := story(t, dir, hashLen, path, nil)
					log := strings.Fields(git(t, dir, "log", "--format=%an", "--", path))
					if len(log) == 0 {
						if st.Last != nil || st.Added != nil {
							t.Errorf("%s: %+v", path, st)
						}
						continue
					}
					if !st.Whole || st.Last == nil || st.Added == nil || st.Last.Name != log[0] || st.Added.Name != log[len(log)-1] {
						t.Errorf("%s: %+v %+v, git says %v", path, st.Added, st.Last, log)
					}
				}
				st := story(t, dir, hashLen, file, nil)
				if want := []Who{{"Claude", "noreply@anthropic.com"}, {"bob", "bob@example.com"}}; !slices.Equal(st.Added.With, want) || st.Added.Email != "alice@example.com" || st.Last.Name != "carol" {
					t.Errorf("%+v", st.Added)
				}
			})
		}
	}
}

func TestShallowAndBroken(t *testing.T) {
	dir := company(t, "sha1", 3)
	clone := t.TempDir()
	git(t, clone, "clone", "-q", "--depth", "2", "file://"+dir, ".")
	text, err := os.ReadFile(filepath.Join(clone, ".git", "shallow"))
	if err != nil {
		t.Fatal(err)
	}
	shallow := map[string]bool{}
	for _, id := range strings.Fields(string(text)) {
		shallow[id] = true
	}
	if st := story(t, clone, 20, file, shallow); st.Whole || st.Added != nil {
		t.Errorf("who added it cannot be known in a shallow clone: %+v", st)
	}
	// Objects that are links, folders and rubbish cost only the history.
	objects := filepath.Join(dir, ".git", "objects")
	head := git(t, dir, "rev-parse", "HEAD")
	at := filepath.Join(objects, head[:2], head[2:])
	if err := os.Remove(at); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func() error{
		"gone": func() error { return nil }, "a link": func() error { return os.Symlink("/etc/passwd", at) }, "a folder": func() error { return os.Mkdir(at, 0o700) },
		"rubbish": func() error { return os.WriteFile(at, []byte("rubbish"), 0o600) }, "a bomb": func() error { return os.WriteFile(at, deflate(make0(64<<20)), 0o600) },
	} {
		_ = os.RemoveAll(at)
		if err := make(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(objects, 20)
		if err != nil {
			t.Fatal(err)
		}
		if st := s.History(head, file, nil); st.Whole || st.Last != nil {
			t.Errorf("%s: %+v", name, st)
		}
		s.Close()
	}
}

func make0(n int) []byte { return bytes.Repeat([]byte{0}, n) }

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// A repository cannot make us run anything: its hooks, filters and configuration are not looked at.
func TestNothingOfTheRepositoryRuns(t *testing.T) {
	dir := company(t, "sha1", 2)
	mark := filepath.Join(t.TempDir(), "ran")
	config := fmt.Sprintf("[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch %[1]s\n\tpager = touch %[1]s\n\tsshCommand = touch %[1]s\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = touch %[1]s\n[diff]\n\texternal = touch %[1]s\n", mark)
	head := git(t, dir, "rev-parse", "HEAD")
	if err := os.WriteFile(filepath.Join(dir, ".git", "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(dir, ".git", "objects"), 20)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if st := s.History(head, file, nil); st.Last == nil {
		t.Errorf("%+v", st)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("something of the repository ran")
	}
}

// FuzzPack gives the reader a pack and its index.
func FuzzPack(f *testing.F) {
	f.Add([]byte("PACK"), uint32(4))
	f.Add(append([]byte{0x95, 0x0a}, deflate([]byte("tree x"))...), uint32(0))
	f.Add(append([]byte{0x63, 0x01}, deflate([]byte{1, 2, 0x90, 1})...), uint32(1))
	f.Add(append([]byte{0x73}, bytes.Repeat([]byte{7}, 30)...), uint32(0))
	f.Fuzz(func(t *testing.T, data []byte, at uint32) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "pack"), 0o700); err != nil {
			t.Fatal(err)
		}
		id := strings.Repeat("07", 20)
		var ix bytes.Buffer
		ix.Write([]byte{0xff, 't', 'O', 'c', 0, 0, 0, 2})
		for i := range 256 {
			n := uint32(0)
			if i >= 7 {
				n = 1
			}
			_ = binary.Write(&ix, binary.BigEndian, n)
		}
		ix.Write(bytes.Repeat([]byte{7}, 20))
		ix.Write([]byte{0, 0, 0, 0})
		_ = binary.Write(&ix, binary.BigEndian, at)
		for name, b := range map[string][]byte{"p.idx": ix.Bytes(), "p.pack": data} {
			if err := os.WriteFile(filepath.Join(dir, "pack", name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(dir, 20)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if st := s.History(id, "a/b", nil); st.Last != nil && st.Last.ID == "" {
			t.Errorf("%+v", st)
		}
	})
}

// FuzzDelta gives the reader of deltas any base and any delta.
func FuzzDelta(f *testing.F) {
	f.Add([]byte("hello"), []byte{5, 5, 0x90, 5})
	f.Add([]byte("hello"), []byte{5, 3, 3, 'a', 'b', 'c'})
	f.Add([]byte{}, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, base, d []byte) {
		if out, ok := patch(base, d); ok && len(out) > maxObject {
			t.Error("larger than any object")
		}
	})
}
