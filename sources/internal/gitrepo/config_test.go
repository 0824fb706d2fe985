package gitrepo

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
)

// fake returns a marked credential, built so that no real-looking one stands in this file.
func fake(prefix string, n int) string { return prefix + strings.Repeat("FAKE", n/4) }

func openConfig(t *testing.T, config string, opts ...Option) *Repo {
	t.Helper()
	root := t.TempDir()
	write(t, root, ".git/HEAD", "ref: refs/heads/main\n")
	write(t, root, ".git/config", config)
	r, ok := Open(root, opts...)
	if !ok {
		t.Fatal("not opened")
	}
	return r
}

func TestIdentity(t *testing.T) {
	home := t.TempDir()
	write(t, home, ".config/git/config", "[user]\n\tname = From XDG\n")
	write(t, home, ".gitconfig", "[include]\n\tpath = ~/other\n[User]\n\tEmail = \"home@example.com\" ; note\n")
	for _, c := range []struct {
		config, name, email string
		line                int
		inHome              bool
	}{
		{"", "From XDG", "home@example.com", 4, true},
		{"[user]\n  name = Local Name # x\n  email = local@example.com\r\n", "Local Name", "local@example.com", 3, false},
		{"[user \"sub\"]\n  email = no@example.com\n", "From XDG", "home@example.com", 4, true},
		{"[user]\n  name = A \\\n B\n  email = \"a\\\"b\"@example.com\n", "A  B", `a"b@example.com`, 4, false},
	} {
		r := openConfig(t, c.config, Home(home))
		name, email, line, path := r.Identity()
		if name != c.name || email != c.email || line != c.line {
			t.Errorf("%q: %q %q line %d", c.config, name, email, line)
		}
		if got := strings.HasPrefix(path, home); got != c.inHome {
			t.Errorf("%q: from %s", c.config, path)
		}
		if n := r.Notes(); len(n) != 1 || n[0].Line != 2 {
			t.Errorf("notes %v", n)
		}
	}
	if name, email, _, _ := openConfig(t, "").Identity(); name != "" || email != "" {
		t.Error("without a home there is nothing to say")
	}
}

func TestIdentityAgrees(t *testing.T) {
	root := t.TempDir()
	git := needGit(t, root)
	git("init", "-q")
	for _, email := range []string{"plain@example.com", `quo"te`, "semi;colon", "hash # tag", " space ", `back\slash`, "tab\tx"} {
		git("config", "user.email", email)
		r, _ := Open(root)
		if _, got, _, _ := r.Identity(); got != email {
			t.Errorf("git wrote %q, read as %q", email, got)
		}
	}
}

func TestRemote(t *testing.T) {
	for config, want := range map[string]string{
		"[remote \"origin\"]\n url = https://user:pw@github.com/acme/app.git\n":                  "https://github.com/acme/app.git",
		"[remote \"origin\"]\n url = git@github.com:acme/app.git\n":                              "github.com:acme/app.git",
		"[remote \"origin\"]\n url = ssh://git@example.com:22/acme/app?token=x\n":                "ssh://example.com:22/acme/app",
		"[remote \"up\"]\n url = https://example.com/x\n":                                        "https://example.com/x",
		"[remote \"up\"]\n url = https://example.com/x\n[remote \"b\"]\nurl=/y\n":                "",
		"[remote \"up\"]\n url = https://example.com/x\n[remote \"origin\"]\nurl=../srv/y.git\n": "../srv/y.git",
		"": "",
	} {
		if got := openConfig(t, config).Remote(); got != want {
			t.Errorf("%q: %q, want %q", config, got, want)
		}
	}
}

func TestConfigSecrets(t *testing.T) {
	pat := fake("ghp_", 36)
	password := fake("pw-", 16)
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + fake("ghs_", 36)))
	config := fmt.Sprintf(`[core]
	bare = false
[remote "origin"]
	url = https://%[1]s@github.com/acme/app.git
	pushurl = https://deploy:%[2]s@git.example.com/acme/app.git
[http "https://github.com/"]
	extraheader = AUTHORIZATION: basic %[3]s
[url "https://oauth2:%[2]s@gitlab.example.com/"]
	insteadOf = https://gitlab.example.com/
[remote "ref"]
	url = https://x:${TOKEN}@example.com/
[remote "plain"]
	url = ssh://git@example.com/x
[sendemail]
	smtpPass = %[2]s
[credential]
	helper = store
`, pat, password, basic)
	type want struct {
		pointer, kind, account, form string
		line                         int
	}
	wants := []want{
		{"/remote \"origin\"/url", "github-pat-classic", "github.com", "url-userinfo", 4},
		{"/remote \"origin\"/pushurl", "basic-auth", "deploy@git.example.com", "url-userinfo", 5},
		{"/http \"https:~1~1github.com~1\"/extraheader", "github-app-installation", "x-access-token", "base64", 7},
		{"/url \"https:~1~1gitlab.example.com~1\"/insteadOf", "basic-auth", "oauth2@gitlab.example.com", "url-userinfo", 9},
		{"/sendemail/smtpPass", "generic-password", "", "whole", 15},
	}
	r := openConfig(t, config)
	found := r.ConfigSecrets()
	for i, f := range found {
		if i >= len(wants) {
			t.Errorf("unexpected: %s line %d", f.Pointer, f.Line)
			continue
		}
		got := want{f.Pointer, f.Match.Kind, f.Match.Account, f.Match.Form, f.Line}
		if got != wants[i] {
			t.Errorf("got %+v, want %+v", got, wants[i])
		}
		if v := f.Match.Value.Reveal(); v != pat && v != password && v != fake("ghs_", 36) {
			t.Errorf("%s: not the value that stands there", f.Pointer)
		}
		if f.Path != filepath.Join(r.Root(), ".git", "config") {
			t.Errorf("path %s", f.Path)
		}
	}
	if len(found) != len(wants) {
		t.Errorf("%d found, want %d", len(found), len(wants))
	}
	for _, f := range found {
		if s := fmt.Sprintf("%+v", f); strings.Contains(s, "FAKEFAKE") {
			t.Errorf("the value shows in print of %s", f.Pointer)
		}
	}
}

func TestCodeowners(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".git/HEAD", "x")
	write(t, root, "CODEOWNERS", "* @nobody\n")
	write(t, root, ".github/CODEOWNERS", `# owners
*                 @acme/all
*.js              @js-owner #inline comment
/build/logs/      @doctocat
docs/*            docs@example.com
apps/             @octocat
/scripts/         @doctocat @octocat
**/logs           @logs
/apps/github
with\ space/      @space
`)
	r, _ := Open(root)
	for rel, want := range map[string]struct {
		owners string
		line   int
	}{
		"README":                {"@acme/all", 2},
		"a/b.js":                {"@js-owner", 3},
		"build/logs/x/y":        {"@logs", 8},
		"docs/a.md":             {"docs@example.com", 5},
		"docs/deep/a.md":        {"@acme/all", 2},
		"x/apps/y/z":            {"@octocat", 6},
		"scripts/run":           {"@doctocat @octocat", 7},
		"apps/github/x":         {"", 9},
		"with space/x":          {"@space", 10},
		".github/workflows/a.y": {"@acme/all", 2},
	} {
		owners, line, path := r.Codeowners(rel)
		if strings.Join(owners, " ") != want.owners || line != want.line {
			t.Errorf("%s: %v line %d, want %v", rel, owners, line, want)
		}
		if path != filepath.Join(root, ".github", "CODEOWNERS") {
			t.Errorf("path %s", path)
		}
	}
}

func TestCodeownersSections(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".git/HEAD", "x")
	write(t, root, ".gitlab/CODEOWNERS", "* @top\n[Docs][2] @docs-team @top\ndocs/\n*.md @writer\n!docs/gen.md\n^[CI] @ci\n.gitlab-ci.yml\n[docs] @later\nx/\n")
	r, _ := Open(root)
	for rel, want := range map[string]string{
		"a.go": "@top", "docs/a.txt": "@top @later", "docs/a.md": "@top @writer", "docs/gen.md": "@top", ".gitlab-ci.yml": "@top @ci", "x/y": "@top @later",
	} {
		if owners, _, _ := r.Codeowners(rel); strings.Join(owners, " ") != want {
			t.Errorf("%s: %v, want %s", rel, owners, want)
		}
	}
}

func TestOddFiles(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".git/HEAD", "x")
	if err := os.Mkdir(filepath.Join(root, ".git", "config"), 0o755); err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	write(t, outside, "CODEOWNERS", "* @evil\n")
	_ = os.Symlink(filepath.Join(outside, "CODEOWNERS"), filepath.Join(root, "CODEOWNERS"))
	r, ok := Open(root)
	if !ok {
		t.Fatal("not opened")
	}
	if r.Remote() != "" || r.Tracked("x") != inventory.Unknown {
		t.Error("a folder in place of a file tells nothing")
	}
	if owners, _, _ := r.Codeowners("x"); owners != nil {
		t.Error("a link out of the root was followed")
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("[remote \"origin\"]\n\turl = https://u:p@h/x\n")
	f.Add("[a \"b\\\"]\nx=\"\\\n")
	f.Add("[http]\nextraheader = Authorization: basic YTpi\n[user\nname")
	f.Fuzz(func(_ *testing.T, text string) {
		var fs facts
		entries := parseConfig([]byte(text))
		fs.identity(entries, "p")
		fs.remotes(entries)
		for _, e := range entries {
			configSecrets(e, "p")
		}
	})
}

func TestRepositoryName(t *testing.T) {
	for remote, want := range map[string]string{
		"https://GitHub.com/acme/app.git":     "github.com/acme/app",
		"github.com:acme/app.git":             "github.com/acme/app",
		"ssh://example.com:22/acme/app":       "example.com/acme/app",
		"https://git.example.com:8443/a/b/c/": "git.example.com:8443/a/b/c",
		"git://example.com/x.git":             "example.com/x",
		"/srv/git/x.git":                      "/srv/git/x.git",
		"../srv/y.git":                        "../srv/y.git",
		"./a:b":                               "./a:b",
		`C:\srv\x`:                            `C:\srv\x`,
		"file:///srv/x.git":                   "file:///srv/x.git",
		"":                                    "",
	} {
		if got := repositoryName(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

func TestCodeownersCover(t *testing.T) {
	for text, want := range map[string]bool{
		"* @a\n":                            true,
		"/src/ @a\n":                        false,
		"* @a\n/docs/ @b\n":                 true,
		"* @a\n/docs/\n":                    false,
		"/docs/\n* @a\n":                    true,
		"":                                  false,
		"[One] @x\n*\n":                     true,
		"[One]\n/docs/ @a\n[Two]\n* @all\n": true,
	} {
		if got := ParseOwners(text).Cover(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
