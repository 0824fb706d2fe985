package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
)

// A project that is read in every test below, beside what is hard to read.
const goodServers = `{"mcpServers":{"ok":{"command":"npx","args":["-y","some-server"]}}}`

func TestWhatIsNoFileIsNotWaitedFor(t *testing.T) {
	home, repo := realTemp(t), realTemp(t)
	plant(t, repo, map[string]string{"good/.mcp.json": goodServers, "fifo/": "", "dir/.mcp.json/": "", "fifo/x": ""})
	makeSpecial(t, filepath.Join(repo, "fifo", ".mcp.json"), filepath.Join(home, ".claude.json"))
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	if got.status.Status != inventory.SourceOK {
		t.Errorf("status %s: %s", got.status.Status, got.status.Reason)
	}
	got.lookedState(t, "~/.claude.json", inventory.LookedNotRegular)
	got.lookedState(t, filepath.Join(repo, "fifo", ".mcp.json"), inventory.LookedNotRegular)
	got.lookedState(t, filepath.Join(repo, "dir", ".mcp.json"), inventory.LookedNotRegular)
	if len(got.Records.Tools) != 1 {
		t.Errorf("want the one good server, have %d", len(got.Records.Tools))
	}
}

func TestDeviceIsNotOpened(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no device files")
	}
	home := realTemp(t)
	o := testOptions(t)
	if got := readFile(os.DevNull, newRoots("/"), 10); got.State != inventory.LookedNotRegular {
		t.Errorf("state %q", got.State)
	}
	must(t, os.Symlink("/dev/zero", filepath.Join(home, ".claude.json")))
	got := collect(t, o, sources.Env{Home: home, Paths: []string{realTemp(t)}})
	got.lookedState(t, "~/.claude.json", inventory.LookedLinkOut)
}

func TestLinks(t *testing.T) {
	home, repo, outside := realTemp(t), realTemp(t), realTemp(t)
	secret := fakeToken(1)
	plant(t, outside, map[string]string{
		"claude.json":    `{"mcpServers":{"out":{"command":"x","env":{"GITHUB_TOKEN":"` + secret + `"}}}}`,
		"proj/.mcp.json": `{"mcpServers":{"out":{"command":"x"}}}`})
	plant(t, home, map[string]string{"dotfiles/settings.json": `{"permissions":{"defaultMode":"acceptEdits"}}`, ".claude/": ""})
	plant(t, repo, map[string]string{"a/b/": ""})
	must(t, os.Symlink(filepath.Join(outside, "claude.json"), filepath.Join(home, ".claude.json")))
	must(t, os.Symlink(filepath.Join(home, "dotfiles", "settings.json"), filepath.Join(home, ".claude", "settings.json")))
	must(t, os.Symlink(filepath.Join(outside, "proj"), filepath.Join(repo, "linked")))
	must(t, os.Symlink("..", filepath.Join(repo, "a", "b", "loop")))
	must(t, os.Symlink(".mcp.json", filepath.Join(repo, "a", ".mcp.json"))) // leads to itself
	must(t, os.Symlink("nowhere", filepath.Join(repo, ".mcp.json")))
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	got.lookedState(t, "~/.claude.json", inventory.LookedLinkOut)
	got.lookedState(t, "~/.claude/settings.json", inventory.LookedRead) // a link that stays in the home
	got.lookedState(t, filepath.Join(repo, "a", ".mcp.json"), inventory.LookedNotRegular)
	got.lookedState(t, filepath.Join(repo, ".mcp.json"), inventory.LookedAbsent)
	if len(got.Records.Tools) != 0 || len(got.Records.Secrets) != 0 {
		t.Errorf("followed a link out: %d tools, %d secrets", len(got.Records.Tools), len(got.Records.Secrets))
	}
	if a := got.assistant(t, "claude-code", "user"); a.Autonomy != inventory.AutonomyAutoEdit {
		t.Errorf("autonomy %s", a.Autonomy)
	}
}

func TestLinkedFolderOutOfTheRootsIsNotLookedInto(t *testing.T) {
	home, repo, outside := realTemp(t), realTemp(t), realTemp(t)
	plant(t, outside, map[string]string{"rules/x.md": "x", "settings.json": `{}`})
	must(t, os.Symlink(outside, filepath.Join(repo, ".claude")))
	must(t, os.Symlink(outside, filepath.Join(home, ".claude")))
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	if len(got.Records.Assistants) != 0 {
		t.Errorf("assistants from outside: %v", got.names())
	}
	got.lookedState(t, filepath.Join(repo, ".claude", "settings.json"), inventory.LookedLinkOut)
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("needs a user whom permissions bind; root reads everything")
	}
	home, repo := realTemp(t), realTemp(t)
	plant(t, home, map[string]string{".claude.json": "{}"})
	plant(t, repo, map[string]string{"locked/.mcp.json": goodServers, "open/.mcp.json": goodServers})
	must(t, os.Chmod(filepath.Join(home, ".claude.json"), 0))
	must(t, os.Chmod(filepath.Join(repo, "locked"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(repo, "locked"), 0o755) })
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	got.lookedState(t, "~/.claude.json", inventory.LookedDenied)
	got.lookedState(t, filepath.Join(repo, "locked"), inventory.LookedDenied)
	if len(got.Records.Tools) != 1 {
		t.Errorf("want the server of the open folder, have %d", len(got.Records.Tools))
	}
}

// Whatever the operating system answers, the ledger says it.
func TestWhyNot(t *testing.T) {
	for _, c := range []struct {
		err    error
		listed bool
		want   string
	}{
		{os.ErrNotExist, false, inventory.LookedAbsent},
		{os.ErrNotExist, true, inventory.LookedVanished},
		{os.ErrPermission, true, inventory.LookedDenied},
		{&os.PathError{Op: "open", Err: os.ErrPermission}, false, inventory.LookedDenied},
		{errors.New("EvalSymlinks: too many links"), true, inventory.LookedNotRegular},
		{errors.New("input/output error"), true, inventory.LookedDenied},
	} {
		if got, _ := whyNot(c.err, c.listed); got != c.want {
			t.Errorf("%v, listed %v: %s, want %s", c.err, c.listed, got, c.want)
		}
	}
}

// A file that goes between the listing of its folder and its opening.
func TestVanished(t *testing.T) {
	repo := realTemp(t)
	plant(t, repo, map[string]string{"x/.mcp.json": goodServers})
	src, err := New(testOptions(t), sources.Env{Home: realTemp(t), Paths: []string{repo}, Explicit: true})
	must(t, err)
	sink := inventory.NewSink("local", inventory.Key{}, time.Now)
	c, err := src.(*Source).begin(t.Context(), sink)
	must(t, err)
	must(t, c.walkPaths())
	must(t, os.RemoveAll(filepath.Join(repo, "x")))
	must(t, c.readProjects())
	c.finish()
	b := sink.Batch()
	if len(b.Records.Assistants) != 0 {
		t.Error("an assistant from a file that is gone")
	}
	got := ran{Batch: b}
	if ls := got.looked(filepath.Join(repo, "x", ".mcp.json")); len(ls) == 0 || ls[0].State != inventory.LookedAbsent && ls[0].State != inventory.LookedVanished {
		t.Errorf("ledger: %v", ls)
	}
}

func TestHugeFileIsNotRead(t *testing.T) {
	home, repo := realTemp(t), realTemp(t)
	path := filepath.Join(repo, ".mcp.json")
	f, err := os.Create(path)
	must(t, err)
	must(t, f.Truncate(64<<30)) // sparse
	must(t, f.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	runtime.ReadMemStats(&after)
	got.lookedState(t, path, inventory.LookedTooLarge)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("took %d MiB", used>>20)
	}
}

func TestBrokenFiles(t *testing.T) {
	token := fakeToken(7)
	body := `{"mcpServers":{"a":{"command":"npx","env":{"GITHUB_TOKEN":"` + token + `"}}`
	for name, c := range map[string]struct {
		text   string
		state  string
		line   int
		secret bool
	}{
		"half":    {body, inventory.LookedUnparsed, 1, true},
		"garbage": {"\x00\x01\x02 " + token, inventory.LookedUnparsed, 1, true},
		"bom":     {"\xef\xbb\xbf" + body + "}}", inventory.LookedRead, 0, true},
		"crlf":    {"{\r\n\"mcpServers\":{\r\n\"a\":{\"command\":\"x\",\r\n\"env\":{\"GITHUB_TOKEN\":\"" + token + "\"}}}}\r\n", inventory.LookedRead, 0, true},
		"invalid": {"{\"x\":\"\xff\xfe\",\"env\":{\"GITHUB_TOKEN\":\"" + token + "\"}}", inventory.LookedRead, 0, true},
		"empty":   {"", inventory.LookedRead, 0, false},
		"blank":   {" \n\t\n", inventory.LookedRead, 0, false},
		"deep":    {strings.Repeat("[", 100_000), inventory.LookedUnparsed, 1, false},
		"scalar":  {"42", inventory.LookedRead, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			home, repo := realTemp(t), realTemp(t)
			plant(t, repo, map[string]string{".mcp.json": c.text, "good/.mcp.json": goodServers})
			got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
			path := filepath.Join(repo, ".mcp.json")
			got.lookedState(t, path, c.state)
			if c.state == inventory.LookedUnparsed {
				var lines []int
				for _, w := range got.Warnings {
					if w.Path == path {
						lines = append(lines, w.Line)
					}
				}
				if len(lines) != 1 || lines[0] != c.line {
					t.Errorf("warnings at lines %v, want %d", lines, c.line)
				}
			}
			if found := len(got.Records.Secrets) > 0; found != c.secret {
				t.Errorf("secret found: %v, want %v", found, c.secret)
			}
			if len(got.Records.Tools) == 0 {
				t.Error("the good file beside it was not read")
			}
			noLeak(t, got, token)
		})
	}
}

func TestOddNames(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the file system takes no such names")
	}
	home, repo := realTemp(t), realTemp(t)
	for _, dir := range []string{"new\nline", "esc\x1b[31m", "inv\xff\xfe", "bidi\u202e", " ", "-rf", "*", "[a", `back\slash`, strings.Repeat("n", 255)} {
		plant(t, filepath.Join(repo, dir), map[string]string{".mcp.json": goodServers, ".claude/rules/x.md": "x"})
	}
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	if n := len(got.Records.Tools); n != 10 {
		t.Errorf("%d servers of 10", n)
	}
	for _, l := range got.Ledger {
		if strings.ContainsAny(l.Path, "\x1b\n\u202e") {
			t.Errorf("raw control character in %q", l.Path)
		}
	}
}

func TestDeepNesting(t *testing.T) {
	home, repo := realTemp(t), realTemp(t)
	deep := filepath.Join(repo, filepath.Join(strings.Split(strings.Repeat("d ", 80), " ")...))
	plant(t, deep, map[string]string{".mcp.json": goodServers})
	o := testOptions(t)
	got := collect(t, o, sources.Env{Home: home, Paths: []string{repo}})
	if len(got.Records.Tools) != 0 {
		t.Error("walked below max_depth")
	}
	cut := filepath.Join(repo, filepath.Join(strings.Split(strings.TrimSpace(strings.Repeat("d ", o.MaxDepth+1)), " ")...))
	got.lookedState(t, cut, inventory.LookedSkipped)
	o.MaxDepth = 100
	if got := collect(t, o, sources.Env{Home: home, Paths: []string{repo}}); len(got.Records.Tools) != 1 {
		t.Error("not found below a larger max_depth")
	}
}

func TestManyRepositories(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	home, root := realTemp(t), realTemp(t)
	plant(t, home, map[string]string{".claude/settings.json": `{}`})
	for i := range n {
		dir := filepath.Join(root, fmt.Sprint(i%100), fmt.Sprint(i))
		must(t, os.MkdirAll(filepath.Join(dir, ".git"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, ".git", "HEAD"), []byte("ref: refs/heads/main\n"), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "CLAUDE.md"), []byte("be kind\n"), 0o644))
	}
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{root}})
	if have := len(got.Records.Assistants); have != n+1 {
		t.Errorf("%d assistants, want %d", have, n+1)
	}
}

func TestCancel(t *testing.T) {
	home, root := realTemp(t), realTemp(t)
	for i := range 300 {
		plant(t, filepath.Join(root, fmt.Sprint(i)), map[string]string{".mcp.json": goodServers})
	}
	src, err := New(testOptions(t), sources.Env{Home: home, Paths: []string{root}, Explicit: true})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	sink := inventory.NewSink("local", inventory.Key{}, time.Now)
	cancel()
	if err := src.Collect(ctx, sink); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(sink.Batch().Records.Tools); n == 300 {
		t.Error("read everything although it was cancelled")
	}
	st := sources.Collector{}.Collect(ctx, src, inventory.NewSink("local", inventory.Key{}, time.Now))
	if st.Reason != "cancelled" {
		t.Errorf("status %s, %q", st.Status, st.Reason)
	}
}

func TestMissingRoots(t *testing.T) {
	dir := realTemp(t)
	got := collect(t, testOptions(t), sources.Env{Home: dir, Paths: []string{filepath.Join(dir, "nope")}})
	if got.status.Status != inventory.SourceOK || len(got.Warnings) == 0 {
		t.Errorf("status %s with warnings %v", got.status.Status, got.Warnings)
	}
	got.lookedState(t, "~/nope", inventory.LookedAbsent)
	got = collect(t, testOptions(t), sources.Env{Home: filepath.Join(dir, "no"), Paths: []string{filepath.Join(dir, "nope")}})
	if got.status.Status == inventory.SourceOK {
		t.Error("nothing was there and the status is ok")
	}
}
