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
		"delete": {"DELETE https://git.example.com/api/v4/personal_access_tokens/7", "printf 'header = \"Authorization: Bearer %s\"\\n' \"$TOKEN\" | curl -K - -X DELETE 'https://git.example.com/api/v4/personal_access_tokens/7'\n"},
		"body":   {`PATCH https://git.example.com/admin/users/o'hara {"prohibit_login":true}`, "printf 'header = \"Authorization: Bearer %s\"\\n' \"$TOKEN\" | curl -K - -X PATCH -H 'Content-Type: application/json' -d '{\"prohibit_login\":true}' 'https://git.example.com/admin/users/o'\\''hara'\n"},
		"itself in the body": {"POST https://api.example.com/credentials/revoke {\"credentials\":[\"$SECRET\"]}\n# without a credential: with one it answers 403",
			"printf 'data = \"{\\\\\"credentials\\\\\":[\\\\\"%s\\\\\"]}\"\\n' \"$SECRET\" | curl -K - -X POST -H 'Content-Type: application/json' 'https://api.example.com/credentials/revoke'\n# 'without a credential: with one it answers 403'\n"},
		"itself":        {"DELETE https://api.example.com/installation/token\n# with the token itself", "printf 'header = \"Authorization: Bearer %s\"\\n' \"$SECRET\" | curl -K - -X DELETE 'https://api.example.com/installation/token'\n# 'with the token itself'\n"},
		"aws":           {`AWS_ACCESS_KEY_ID=AKIAFAKE AWS_SECRET_ACCESS_KEY="$SECRET" aws iam update-access-key --access-key-id AKIAFAKE --status Inactive`, "AWS_ACCESS_KEY_ID=AKIAFAKE AWS_SECRET_ACCESS_KEY=\"$SECRET\" aws iam update-access-key --access-key-id AKIAFAKE --status Inactive\n"},
		"in words":      {"DELETE https://x.example/apps/1 in the name of dana", "# 'in the name of dana'\nprintf 'header = \"Authorization: Bearer %s\"\\n' \"$TOKEN\" | curl -K - -X DELETE -H 'Sudo: dana' 'https://x.example/apps/1'\n"},
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
		{"", "DELETE https://x.example/1", `'header = "Authorization: Bearer %s"\n' "$TOKEN" | curl -K -`},
		{"bearer", "DELETE https://x.example/1", `'header = "Authorization: Bearer %s"\n' "$TOKEN" | curl -K -`},
		{"header PRIVATE-TOKEN", "DELETE https://x.example/1", `'header = "PRIVATE-TOKEN: %s"\n' "$TOKEN" |`},
		{"header Authorization token", "DELETE https://x.example/1", `'header = "Authorization: token %s"\n' "$TOKEN" |`},
		{"header x-api-key", "DELETE https://x.example/1", `'header = "x-api-key: %s"\n' "$TOKEN" |`},
		{"basic", "DELETE https://x.example/1", `'user = "nhitop:%s"\n' "$TOKEN" |`},
		{"header PRIVATE-TOKEN", "DELETE https://x.example/self\n# with the token itself", `'header = "PRIVATE-TOKEN: %s"\n' "$SECRET" |`},
		{"header PRIVATE-TOKEN", `DELETE https://x.example/admin/token {"token":"$SECRET"}`, `'header = "PRIVATE-TOKEN: %s"\ndata = "{\\"token\\":\\"%s\\"}"\n' "$TOKEN" "$SECRET" |`},
		{"bearer", "DELETE https://x.example/user/token/$SECRET\n# with the token itself", `url = "https://x.example/user/token/%s"\n' "$SECRET" "$SECRET" | curl -K - -X DELETE` + "\n"},
		{`header X "$(touch hacked)`, "DELETE https://x.example/1", `'header = "Authorization: Bearer %s"\n' "$TOKEN" | curl -K -`},
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

// What a copied request holds of a credential reaches curl by its standard input, and stands in no list of processes.
func TestACopiedRequestKeepsTheCredentialOutOfTheArguments(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	dir := t.TempDir()
	fake := "#!" + sh + "\nprintf '%s\\n' \"$@\" >" + dir + "/argv\ncat >" + dir + "/stdin\n"
	if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	text := Step{Auth: "header PRIVATE-TOKEN", Request: `DELETE https://x.example/admin/it's {"token":"$SECRET","why":"100% \"sure\" \\\\ it's"}`}.Command()
	cmd := exec.CommandContext(t.Context(), sh, "-c", text)
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "TOKEN=FAKE-doer", "SECRET=FAKE-leaked")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	argv, _ := os.ReadFile(filepath.Join(dir, "argv"))
	stdin, _ := os.ReadFile(filepath.Join(dir, "stdin"))
	if want := "-K\n-\n-X\nDELETE\n-H\nContent-Type: application/json\nhttps://x.example/admin/it's\n"; string(argv) != want {
		t.Errorf("%s, want %s", argv, want)
	}
	want := "header = \"PRIVATE-TOKEN: FAKE-doer\"\n" + `data = "{\"token\":\"FAKE-leaked\",\"why\":\"100% \\\"sure\\\" \\\\\\\\ it's\"}"` + "\n"
	if string(stdin) != want {
		t.Errorf("%s, want %s", stdin, want)
	}
}
