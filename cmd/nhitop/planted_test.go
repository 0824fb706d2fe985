//go:build unix

package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// planted is a home and a project full of secrets that were made for this run alone, so that a part of one that turns up
// anywhere comes from it.
type planted struct {
	home, repo, state string
	values            []string
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func (p *planted) secret(prefix string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	p.values = append(p.values, string(b))
	return prefix + string(b)
}

func (p *planted) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// plant writes secrets into every kind of place and format that the local source reads, and into places where none
// belongs: a rule, a command, an address, a path.
func plant(t *testing.T) *planted {
	t.Helper()
	dir := t.TempDir()
	p := &planted{home: filepath.Join(dir, "home"), repo: filepath.Join(dir, "repo"), state: filepath.Join(dir, "state")}
	h := func(name, format string, args ...any) {
		p.write(t, filepath.Join(p.home, name), fmt.Sprintf(format, args...))
	}
	r := func(name, format string, args ...any) {
		p.write(t, filepath.Join(p.repo, name), fmt.Sprintf(format, args...))
	}
	h(".claude.json", `{"mcpServers":{"a":{"command":"npx","args":["-y","x","--api-key",%q,"--token=%s","https://u:%s@db.example/x?api_key=%s"],"env":{"MY_TOKEN":%q}},
	 "b":{"type":"http","url":"https://mcp.example/mcp?token=%s","headers":{"Authorization":"Bearer %s","X-Key":%q}}}, "primaryApiKey": %q}`,
		p.secret("", 32), p.secret("", 32), p.secret("", 24), p.secret("", 32), p.secret("ghp_", 36), p.secret("", 40), p.secret("", 40), p.secret("", 40), p.secret("sk-ant-api03-", 93)+"AA")
	h(".claude/settings.json", `{"permissions":{"allow":["Bash(curl -H 'Authorization: Bearer %s' https://x.example)","Bash(export TOKEN=%s)"]},"env":{"GH_TOKEN":%q},"apiKeyHelper":"echo %s","hooks":{"PostToolUse":[{"hooks":[{"type":"command","command":"deploy --password %s"}]}]}}`,
		p.secret("ghp_", 36), p.secret("ghp_", 36), p.secret("ghp_", 36), p.secret("glpat-", 20), p.secret("", 30))
	h(".claude/settings.json.bak", `{"env":{"OLD_TOKEN":%q}}`, p.secret("ghp_", 36))
	h(".codex/config.toml", "[mcp_servers.c]\ncommand = \"c\"\nargs = [\"--api-key\", %q]\n[mcp_servers.c.env]\nAPI_KEY = %q\n[shell_environment_policy.set]\nX_SECRET = %q\n", p.secret("", 40), p.secret("", 40), p.secret("", 40))
	h(".codex/auth.json", `{"OPENAI_API_KEY":%q`, p.secret("sk-proj-", 74)) // half-written
	h(".gemini/settings.json", `{"mcpServers":{"g":{"httpUrl":"https://g.example/mcp","headers":{"Authorization":"token %s"}}}}`, p.secret("", 40))
	h(".continue/config.yaml", "models:\n  - name: m\n    apiKey: %s\n", p.secret("sk-ant-api03-", 93)+"AA")
	h(".aws/credentials", "[default]\naws_access_key_id = AKIA"+"QYLPMN5HFAKEFAKE\naws_secret_access_key = %s\n", p.secret("", 40))
	h(".npmrc", "//npm.example.com/:_authToken=%s\n//b.example.com/:_auth=%s\n", p.secret("npm_", 36), base64.StdEncoding.EncodeToString([]byte("svc:"+p.secret("", 24))))
	h(".netrc", "machine git.example login dev password %s\n", p.secret("", 24))
	h(".docker/config.json", `{"auths":{"r.example":{"auth":%q}}}`, base64.StdEncoding.EncodeToString([]byte("me:"+p.secret("", 28))))
	h(".git-credentials", "https://dev:%s@git.example\n", p.secret("", 32))
	h(".vault-token", "%s", p.secret("hvs.", 95))
	h(".bashrc", "export SOME_API_KEY=%s\n", p.secret("", 32))
	h(".aider.conf.yml", "api-key:\n  - openrouter=%s\n", p.secret("", 48))
	r(".mcp.json", `{"mcpServers":{"s":{"command":"sh","args":["-c","curl -u user:%s https://x.example"],"env":{"DATABASE_URI":"postgresql://svc:%s@db.example:5432/app"}}}}`, p.secret("", 24), p.secret("", 24))
	r(".env", "A_TOKEN=%s\nexport B_SECRET='%s'\nC_PASSWORD=\"%s\"\n", p.secret("", 32), p.secret("", 32), p.secret("", 32))
	r(".github/workflows/ai.yml", "on: issue_comment\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      ANTHROPIC_API_KEY: %s\n    steps:\n      - run: claude -p --dangerously-skip-permissions \"hi\" --api-key %s\n", p.secret("sk-ant-api03-", 93)+"AA", p.secret("", 40))
	return p
}

const shownPart = 6 // one more than the four of a hint and one by chance

// search fails when a part of a planted value, its last four characters aside, stands in the text.
func (p *planted) search(t *testing.T, where string, text []byte) {
	t.Helper()
	parts := map[string]bool{}
	for _, v := range p.values {
		for i := 0; i+shownPart <= len(v)-4; i++ {
			parts[v[i:i+shownPart]] = true
		}
	}
	for i := 0; i+shownPart <= len(text); i++ {
		if parts[string(text[i:i+shownPart])] {
			t.Fatalf("%s holds a part of a planted value, after %q", where, text[max(0, i-120):i])
		}
	}
}

func (p *planted) command(args ...string) *exec.Cmd {
	c := exec.Command("nhitop", append(args, "--home", p.home, "--path", p.repo, "--state", p.state, "--log-file", filepath.Join(p.state+"-log"))...)
	c.Env = append(os.Environ(), "HOME="+p.home, "TERM=xterm-256color", "XDG_CONFIG_HOME=", "NHITOP_CONFIG=")
	return c
}

func (p *planted) searchFiles(t *testing.T) {
	t.Helper()
	p.searchFile(t, p.state+"-log")
	err := filepath.WalkDir(p.state, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == "backups" {
			return filepath.SkipDir // they hold what was taken out, for its owner alone
		}
		if !d.IsDir() {
			p.searchFile(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *planted) searchFile(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p.search(t, path, text)
}

func TestPlantedValuesInNoOutput(t *testing.T) {
	p := plant(t)
	pack := filepath.Join(p.state, "evidence") // searched with the state folder
	for _, args := range [][]string{
		{"scan"}, {"scan", "--format", "json"}, {"scan", "--format", "jsonl"}, {"scan", "--format", "csv"}, {"scan", "--format", "markdown"}, {"scan", "--format", "sarif"}, {"scan", "--format", "html"},
		{"show", "MY_TOKEN"}, {"show", "claude-code", "--format", "sarif"}, {"show", "MY_TOKEN", "--format", "html"}, {"sources"}, {"controls"}, {"rules"}, {"runs"}, {"revoke", "no-such-thing"},
		{"review", "open"}, {"review", "show", "last"}, {"review", "show", "last", "--format", "json"}, {"review", "export", "last", "--output", pack}, {"audit", "list"},
	} {
		out, err := p.command(args...).CombinedOutput()
		if _, ended := err.(*exec.ExitError); err != nil && !ended {
			t.Fatal(err)
		}
		p.search(t, strings.Join(args, " "), out)
		if args[0] == "scan" && len(out) < 2000 {
			t.Fatalf("scan printed next to nothing: %s", out)
		}
	}
	if _, err := os.Stat(filepath.Join(pack, "manifest.json")); err != nil {
		t.Fatal("no evidence was written: ", err)
	}
	p.searchFiles(t)
}

// screen runs the program in a pseudo-terminal that answers no query, and keeps all that is written to it.
type screen struct {
	tty  *os.File
	mu   sync.Mutex
	all  bytes.Buffer
	done chan error
}

func openScreen(t *testing.T, c *exec.Cmd) *screen {
	t.Helper()
	f, err := pty.StartWithSize(c, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	x := &screen{tty: f, done: make(chan error, 1)}
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := f.Read(buf)
			x.mu.Lock()
			x.all.Write(buf[:n])
			x.mu.Unlock()
			if err != nil {
				x.done <- c.Wait()
				return
			}
		}
	}()
	t.Cleanup(func() { _ = c.Process.Kill(); _ = f.Close() })
	return x
}

func (x *screen) text() []byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return bytes.Clone(x.all.Bytes())
}

// until waits for words to be written after position from.
func (x *screen) until(t *testing.T, from int, words string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if bytes.Contains(x.text()[from:], []byte(words)) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the screen never showed %q; the end of it: %q", words, x.text()[max(0, len(x.text())-2000):])
		}
	}
}

// press types keys one by one and waits for the words.
func (x *screen) press(t *testing.T, keys, words string) {
	t.Helper()
	from := len(x.text())
	for _, k := range keys {
		_, _ = x.tty.WriteString(string(k))
		time.Sleep(30 * time.Millisecond) // as a person types: each key by itself
	}
	x.until(t, from, words)
}

// walk presses a key until the words come: how often, another view may change.
func (x *screen) walk(t *testing.T, key, words string) {
	t.Helper()
	for range 20 {
		from := len(x.text())
		_, _ = x.tty.WriteString(key)
		for quiet := 0; quiet < 10; quiet++ {
			was := len(x.text())
			time.Sleep(20 * time.Millisecond)
			if bytes.Contains(x.text()[from:], []byte(words)) {
				return
			}
			if len(x.text()) > was {
				quiet = 0
			}
		}
	}
	t.Fatalf("the screen never showed %q", words)
}

// insist presses a key again as long as the words do not come: a plan that opened by itself takes none for a moment, which
// on a busy machine begins late.
func (x *screen) insist(t *testing.T, key, words string) {
	t.Helper()
	from := len(x.text())
	for range 30 {
		_, _ = x.tty.WriteString(key)
		for range 20 {
			time.Sleep(50 * time.Millisecond)
			if bytes.Contains(x.text()[from:], []byte(words)) {
				return
			}
		}
	}
	t.Fatalf("the screen never showed %q", words)
}
