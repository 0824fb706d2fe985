package revoke

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	for name, c := range map[string]struct{ request, want string }{
		"delete": {"DELETE https://git.example.com/api/v4/personal_access_tokens/7", "curl -X DELETE -H \"Authorization: Bearer $TOKEN\" 'https://git.example.com/api/v4/personal_access_tokens/7'\n"},
		"body":   {`PATCH https://git.example.com/admin/users/o'hara {"prohibit_login":true}`, "curl -X PATCH -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{\"prohibit_login\":true}' 'https://git.example.com/admin/users/o'\\''hara'\n"},
		"itself in the body": {"POST https://api.example.com/credentials/revoke {\"credentials\":[\"$SECRET\"]}\n# without a credential: with one it answers 403",
			"curl -X POST -H 'Content-Type: application/json' -d '{\"credentials\":[\"'\"$SECRET\"'\"]}' 'https://api.example.com/credentials/revoke'\n# 'without a credential: with one it answers 403'\n"},
		"itself":        {"DELETE https://api.example.com/installation/token\n# with the token itself", "curl -X DELETE -H \"Authorization: Bearer $SECRET\" 'https://api.example.com/installation/token'\n# 'with the token itself'\n"},
		"curl":          {`curl -X POST https://x.example/revoke -u "$SECRET:"`, "curl -X POST https://x.example/revoke -u \"$SECRET:\"\n"},
		"aws":           {`AWS_ACCESS_KEY_ID=AKIAFAKE AWS_SECRET_ACCESS_KEY="$SECRET" aws iam update-access-key --access-key-id AKIAFAKE --status Inactive`, "AWS_ACCESS_KEY_ID=AKIAFAKE AWS_SECRET_ACCESS_KEY=\"$SECRET\" aws iam update-access-key --access-key-id AKIAFAKE --status Inactive\n"},
		"in words":      {"DELETE https://x.example/apps/1 in the name of dana", "# 'in the name of dana'\ncurl -X DELETE -H \"Authorization: Bearer $TOKEN\" -H 'Sudo: dana' 'https://x.example/apps/1'\n"},
		"not known yet": {"DELETE https://x.example/users/(its user)/tokens/(its id)", "# 'DELETE https://x.example/users/(its user)/tokens/(its id)'\n"},
		"shortened":     {"--- ~/a\n+++ ~/a\n-xxx …\n", "# 'change ~/a by hand; the diff is shortened, and does not apply as it stands:'\n# '--- ~/a'\n# '+++ ~/a'\n# '-xxx …'\n"},
		"of Windows":    {"--- ~/a\n+++ ~/a\n@@ -1,1 +0,0 @@\n-it's $(touch hacked)\r\n", "# 'change ~/a by hand; the diff is of a file with line ends of Windows, which a paste does not keep, and does not apply as it stands:'\n# '--- ~/a'\n# '+++ ~/a'\n# '@@ -1,1 +0,0 @@'\n# '-it'\\''s $(touch hacked)'\n"},
		"by hand":       {"", "# 'by hand: end it at its issuer'\n"},
	} {
		if got := (Step{Summary: "end it at\nits issuer", Request: c.request}).Command(); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
	}
}

// Each provider gets the credential as it wants it, and no other part of a command comes from [Step.Auth].
func TestCommandIsAuthorised(t *testing.T) {
	for _, c := range []struct{ auth, request, want string }{
		{"", "DELETE https://x.example/1", `-H "Authorization: Bearer $TOKEN"`},
		{"bearer", "DELETE https://x.example/1", `-H "Authorization: Bearer $TOKEN"`},
		{"header PRIVATE-TOKEN", "DELETE https://x.example/1", `-H "PRIVATE-TOKEN: $TOKEN"`},
		{"header Authorization token", "DELETE https://x.example/1", `-H "Authorization: token $TOKEN"`},
		{"header x-api-key", "DELETE https://x.example/1", `-H "x-api-key: $TOKEN"`},
		{"basic", "DELETE https://x.example/1", `-u "nhitop:$TOKEN"`},
		{"header PRIVATE-TOKEN", "DELETE https://x.example/self\n# with the token itself", `-H "PRIVATE-TOKEN: $SECRET"`},
		{"header PRIVATE-TOKEN", `DELETE https://x.example/admin/token {"token":"$SECRET"}`, `-H "PRIVATE-TOKEN: $TOKEN"`},
		{`header X "$(touch hacked)`, "DELETE https://x.example/1", `-H "Authorization: Bearer $TOKEN"`},
	} {
		got := Step{Auth: c.auth, Request: c.request}.Command()
		if !strings.Contains(got, c.want) || strings.Contains(got, "hacked") {
			t.Errorf("%q: %s, want %s", c.auth, got, c.want)
		}
	}
	if got := (Step{Auth: "header PRIVATE-TOKEN", Request: "POST https://x.example/revoke {}\n# without a credential: with one it answers 403"}).Command(); strings.Contains(got, "TOKEN:") {
		t.Errorf("a credential goes with it: %s", got)
	}
}

// A diff as it is copied changes the file, and fills in the secret alone.
func TestCommandOfADiffApplies(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("there is no patch here")
	}
	home := t.TempDir()
	file := filepath.Join(home, "a b.json")
	if err := os.WriteFile(file, []byte("{\n  \"note\": \"$(touch hacked) `touch hacked` \\\\ $HOME\",\n  \"token\": \"secret-FAKE\"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Step{Request: "--- ~/a b.json\n+++ ~/a b.json\n@@ -1,4 +1,3 @@\n {\n-  \"note\": \"$(touch hacked) `touch hacked` \\\\ $HOME\",\n-  \"token\": \"[redacted]\"\n+  \"note\": \"\"\n }\n"}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", s.Command())
	cmd.Dir, cmd.Env = home, []string{"HOME=" + home, "SECRET=secret-FAKE", "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, s.Command())
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != "{\n  \"note\": \"\"\n}\n" {
		t.Errorf("%s %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(home, "hacked")); err == nil {
		t.Error("what stands in the file was run")
	}
}

// Nothing of a comment is run by a shell that knows no comments, as zsh where it is typed into.
func TestCommentsAreHarmless(t *testing.T) {
	const hostile = "it's `touch hacked` $(touch hacked) > hacked ; touch hacked \x1b[201~ $SECRET"
	dir := t.TempDir()
	for _, s := range []Step{
		{Summary: hostile}, {Summary: hostile, Action: ActionManual, Git: &InGit{Clone: "/nowhere", File: hostile}}, {Git: &InGit{Root: "/nowhere", File: hostile, History: true}},
		{Request: hostile}, {Request: "# open " + hostile}, {Request: "DELETE https://x.example/(its id) " + hostile}, {Request: "DELETE https://x.example/1 " + hostile},
		{Request: "--- " + hostile + "\n+++ x\n@@ -1,1 +1,1 @@\n-" + hostile + " …\n"}, {Request: "--- x\n+++ x\n@@ -1,1 +1,1 @@\n-" + hostile + "[redacted]\n"},
	} {
		n := 0
		for line := range strings.Lines(s.Command()) {
			rest, ok := strings.CutPrefix(line, "#")
			if !ok {
				continue
			}
			n++
			cmd := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s ' "+rest)
			cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "SECRET=secret-FAKE"}
			if out, err := cmd.Output(); err != nil || strings.Contains(string(out), "FAKE") || strings.ContainsRune(line, 0x1b) {
				t.Errorf("%q is %q (%v)", line, out, err)
			}
		}
		if n == 0 {
			t.Errorf("no comment in %q", s.Command())
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("a part of a comment was run: %v %v", left, err)
	}
}
