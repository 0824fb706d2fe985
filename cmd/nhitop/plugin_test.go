//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// block returns the code of the README's first fenced block of a language after a text.
func block(t *testing.T, after, lang string) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), after)
	_, rest, found := strings.Cut(rest, "\n```"+lang+"\n")
	code, _, closed := strings.Cut(rest, "\n```")
	if !ok || !found || !closed {
		t.Fatalf("the README has no block of %s after %q", lang, after)
	}
	return code
}

// walk is an empty home with the program in the path.
func walk(t *testing.T) (home string, run func(script string) (string, error)) {
	t.Helper()
	bin, home := t.TempDir(), t.TempDir()
	home, err := filepath.EvalSymlinks(home)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(bin, "nhitop"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return home, func(script string) (string, error) {
		cmd := exec.Command("sh", "-eu", "-c", script)
		cmd.Dir = home
		cmd.Env = []string{"HOME=" + home, "PATH=" + bin + ":" + os.Getenv("PATH"), "GOFLAGS=" + os.Getenv("GOFLAGS"), "GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE"), "GOPROXY=off"}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

// goEnv is a setting of the go that this test was built with: an empty home has no cache of its own.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Skipf("there is no go to build with: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// The README's way to a plugin, line by line, in an empty home: it is checked, seen, revoked with proof and taken back.
func TestREADMEPlugin(t *testing.T) {
	script := block(t, "**A source as a program.**", "sh")
	for _, lang := range []string{"shell", "python", "go"} {
		t.Run(lang, func(t *testing.T) {
			if testing.Short() && lang != "shell" {
				t.Skip("the shell's is enough for a short run")
			}
			if _, err := os.Stat("/usr/bin/python3"); lang == "python" && err != nil {
				t.Skip("there is no /usr/bin/python3")
			}
			s := strings.Replace(script, "plugin new shell crm", "plugin new "+lang+" crm", 1)
			if lang == "go" {
				s = strings.Replace(s, "\nnhitop plugin check", "\ngo build -o crm crm.go\nnhitop plugin check", 1)
			}
			home, run := walk(t)
			out, err := run(s)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range []string{"ok    it plans without changing anything", "suspend is taken back", "exec:crm  ok      3 assistants", "ci-bot", "proof: attested"} {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not said:\n%s", want, out)
				}
			}
			if strings.Contains(out, "FAIL") {
				t.Errorf("a check failed:\n%s", out)
			}
			accounts := func() string {
				text, err := os.ReadFile(filepath.Join(home, "plugins", "crm.accounts"))
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}
			if !strings.Contains(accounts(), "ci-bot off ann") {
				t.Errorf("the account is not suspended:\n%s", accounts())
			}
			m := regexp.MustCompile(`Run ([a-z2-7]+): done`).FindStringSubmatch(out)
			if m == nil {
				t.Fatalf("no run:\n%s", out)
			}
			if out, err = run("nhitop undo " + m[1] + " --yes"); err != nil || !strings.Contains(accounts(), "ci-bot on ann") {
				t.Errorf("undo: %v\n%s", err, out)
			}
			// Whoever changes the program is not listened to until it is pinned anew.
			out, err = run("echo '# changed' >>plugins/crm; nhitop sources || true; nhitop scan || true")
			if err != nil || !strings.Contains(out, "is not the program that was pinned") {
				t.Errorf("changed: %v\n%s", err, out)
			}
		})
	}
}

// The README's way to a source in Go, line by line, in a copy of the tree.
func TestREADMESource(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a copy of the tree")
	}
	script := block(t, "**A source in Go.**", "sh")
	list, err := exec.Command("git", "-C", "../..", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("this is no clone: %v", err)
	}
	home, run := walk(t)
	for _, f := range strings.Split(strings.TrimRight(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("../..", f))
		if err != nil {
			continue // a link, or taken out of the tree and not yet out of the index
		}
		to := filepath.Join(home, "nhitop", f)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run("cd nhitop\n" + script)
	if err != nil || !strings.Contains(out, "nhitop/sources/badge") {
		t.Fatalf("%v\n%s", err, out)
	}
	example, err := os.ReadFile(filepath.Join(home, "nhitop", "config.toml.example"))
	if err != nil || !strings.Contains(string(example), "# url = \"https://badges.example.com\"") {
		t.Errorf("config.toml.example has no table of it: %v", err)
	}
}

func TestPluginVerbs(t *testing.T) {
	_, run := walk(t)
	for _, c := range []struct{ script, says string }{
		{"nhitop plugin", "say what to do"},
		{"nhitop plugin new cobol x", "no starting point in"},
		{"nhitop plugin new shell x/y", "is not there"},
		{"nhitop --read-only plugin new shell x", "read-only"},
		{"nhitop plugin check nothing", "there is no such program"},
		{"nhitop plugin pin nothing", "there is no such program"},
		{"nhitop plugin new shell a && nhitop plugin new shell a", "is there already"},
		{"nhitop plugin check a --act assistant/ci-bot", "add --yes"},
		{"nhitop --read-only plugin check a --act assistant/ci-bot --yes", "read-only"},
		{"echo 'writes = []' >>a.toml; nhitop plugin check a", `writes: unknown key; did you mean "write"`},
		{"printf 'command = \"/x\"\\n' >t.toml; nhitop plugin check a --table t.toml", "leave command and sha256 out"},
		{"nhitop plugin check a --table none.toml", "none.toml"},
		{"printf '#!/bin/sh\\nexit 0\\n' >b; chmod 700 b; nhitop plugin check b || [ $? = 3 ] && nhitop plugin check b", "FAIL  it says what it is\n      does not describe itself"},
	} {
		if out, err := run(c.script); err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v, want %q:\n%s", c.script, err, c.says, out)
		}
	}
	if out, err := run("printf 'name = \"other\"\\n## words\\ntimeout_seconds = 9\\n' >t.toml; nhitop plugin pin a --table t.toml"); err != nil || strings.Count(out, "name = ") != 1 || strings.Contains(out, "##") || !strings.Contains(out, "timeout_seconds = 9") {
		t.Errorf("%v\n%s", err, out)
	}
}

// In the dashboard the plugin's accounts are among the assistants, and one is suspended by the keys, with proof.
func TestPluginInTheDashboard(t *testing.T) {
	home, run := walk(t)
	if out, err := run("mkdir -p plugins .config/nhitop; cd plugins; nhitop plugin new shell crm; nhitop plugin pin crm >>../.config/nhitop/config.toml"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command("nhitop")
	c.Dir, c.Env = home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color"}
	x := openScreen(t, c)
	x.until(t, 0, "overview")
	x.press(t, "2", "docs-bot")
	x.press(t, "/ci-bot\r", "1 of 3")
	x.press(t, "W", "Type arm")
	x.press(t, "arm\r", "ARMED")
	x.press(t, "R", "sessions that are open")
	x.insist(t, "x", "Reason")
	x.press(t, "a test\r", "Go?")
	x.press(t, "y", "attested")
	if text, err := os.ReadFile(filepath.Join(home, "plugins", "crm.accounts")); err != nil || !strings.Contains(string(text), "ci-bot off ann") {
		t.Errorf("the account is not suspended: %v\n%s", err, text)
	}
	_, _ = x.tty.WriteString("q")
}

// nhitop is killed while a plugin acts: what the plugin did is found, and the run ends with proof.
func TestNhitopKilledWhileAPluginActs(t *testing.T) {
	home, run := walk(t)
	out, err := run(`mkdir -p plugins .config/nhitop; cd plugins; nhitop plugin new shell crm
sed 's|^	say .*ActionResult.*|	touch "$accounts.acted"; while [ -e "$accounts.acted" ]; do sleep 0.05; done; exit 1|' crm >crm.new; chmod 700 crm.new; mv crm.new crm
nhitop plugin pin crm >>../.config/nhitop/config.toml; nhitop scan`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command("nhitop", "revoke", "ci-bot", "--yes", "--reason", "leaked")
	c.Dir, c.Env = home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	acted := filepath.Join(home, "plugins", "crm.accounts.acted")
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(acted); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the plugin did not act")
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if err := os.Remove(acted); err != nil { // the plugin ends, and nobody hears it
		t.Fatal(err)
	}
	if out, err = run("nhitop runs; nhitop revoke --resume --yes; nhitop runs"); err != nil || !strings.Contains(out, "running") || !strings.Contains(out, "attested") {
		t.Errorf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(home, "plugins", "crm.accounts"))
	if err != nil || !strings.Contains(string(text), "ci-bot off ann") {
		t.Errorf("the account is not suspended: %v\n%s", err, text)
	}
}
