package pipeline

import (
	"reflect"
	"strings"
	"testing"

	"nhitop/inventory/catalogue"
)

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string // words of each command, joined by a bar
	}{
		{"a b\nc", []string{"a|b", "c"}},
		{"a \\\n  b", []string{"a|b"}},
		{"a \\\r\n  b\r\n", []string{"a|b"}},
		{"a # b\n# c\nd", []string{"a", "d"}},
		{"a#b", []string{"a#b"}},
		{"a && b; c | d & e 2>&1", []string{"a", "b", "c", "d", "e|2>&1"}},
		{`a "b c" 'd "e"'`, []string{`a|b c|d "e"`}},
		{"a \"b\nc\" d", []string{"a|b\nc|d"}},
		{"don't\nb", []string{"don't", "b"}},
		{"cat <<EOF | b\nx --yolo\nEOF\nc", []string{"cat", "b", "c"}},
		{`x=$(a "b c")`, []string{"x=$", "a|b c"}},
		{`x="$(a "b c" --d)"`, []string{`x=$(a "b c" --d)`, "a|b c|--d"}},
		{`sh -c 'a && b "c d"'`, []string{`sh|-c|a && b "c d"`, "a", "b|c d"}},
		{`sudo awf --x -- /bin/bash -c 'claude -p "$(cat f)"'`, []string{`sudo|awf|--x|--|/bin/bash|-c|claude -p "$(cat f)"`, "claude|-p|$(cat f)", "cat|f"}},
		{`echo 'claude -p x'`, []string{"echo|claude -p x"}},
		{"", nil},
	} {
		var got []string
		for _, x := range commands(c.script) {
			got = append(got, strings.Join(x.words, "|"))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.script, got, c.want)
		}
	}
}

// TestRecognised holds which command lines run an assistant, and which only speak of one.
func TestRecognised(t *testing.T) {
	k := knowledgeOf(catalogue.Embedded())
	for script, want := range map[string]string{
		`claude --print --mcp-config x.json "$(cat p)"`:    "claude-code",
		`cat p | claude -p --verbose`:                      "claude-code",
		`timeout 60 claude --dangerously-skip-permissions`: "claude-code",
		`npx --yes @anthropic-ai/claude-code@latest -p x`:  "claude-code",
		`/bin/bash -c 'export PATH="$(find /opt -type d | tr '"'"'\n'"'"' '"'"':'"'"')$PATH"; [ -n "$G" ] && export X=1 || true && claude --print --permission-mode bypassPermissions "$(cat /tmp/p.txt)"'`: "claude-code",
		`OUT="$(codex exec --json "a; b")"`:               "codex",
		`bunx @openai/codex exec hi`:                      "codex",
		`gemini --prompt "x"`:                             "gemini-cli",
		`/usr/local/bin/copilot -p "x" --allow-all-tools`: "copilot-cli",
		`opencode run "x"`:                                "opencode",
		`aider --yes-always --message "x"`:                "aider",
		`npm install -g @anthropic-ai/claude-code`:        "",
		`pip install aider-chat`:                          "",
		`echo "now run claude -p hello"`:                  "",
		`git commit -m "run codex exec --yolo"`:           "",
		`go test ./cmd/codex -run TestExec`:               "",
		`# claude -p x`:                                   "",
		`ls ~/.claude && cat CLAUDE.md`:                   "",
		"cat <<EOF\nclaude -p x\nEOF":                     "",
	} {
		got := map[string]bool{}
		for _, c := range commands(script) {
			for _, x := range k.command(c) {
				got[x.entry.ID] = true
			}
		}
		if len(got) > 1 || want != "" && !got[want] || want == "" && len(got) > 0 {
			t.Errorf("%s: %v, want %q", script, got, want)
		}
	}
}

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		event, cond string
		want        truth
	}{
		{"issues", "github.event_name == 'push'", never},
		{"issues", "github.event_name == 'issues'", always},
		{"issues", "!(github.event_name == 'issues')", never},
		{"issues", "${{ github.event_name != 'issues' }} && true", never},
		{"issue_comment", "github.event.comment.author_association == 'OWNER'", never},
		{"issue_comment", "github.event.comment.author_association != 'NONE'", either},
		{"issue_comment", "contains('OWNER,MEMBER', github.event.comment.author_association)", never},
		{"issue_comment", "contains(fromJSON('[\"MEMBER\", \"NONE\"]'), github.event.comment.author_association)", either},
		{"issue_comment", "github.event.sender.login == github.repository_owner", never},
		{"issue_comment", "contains(vars.ALLOWED, github.actor)", never},
		{"issue_comment", "contains(github.event.comment.body, '@claude')", either},
		{"issue_comment", "github.actor != 'renovate[bot]'", always},
		{"pull_request_target", "github.event.pull_request.head.repo.full_name == github.repository", never},
		{"pull_request_target", "github.event.pull_request.head.repo.full_name != github.repository", always},
		{"pull_request_target", "!github.event.pull_request.head.repo.fork", never},
		{"pull_request_target", "github.event.pull_request.head.repo.fork == false", never},
		{"pull_request_target", "contains(github.event.pull_request.labels.*.name, 'safe')", never},
		{"issues", "contains(github.event.issue.labels.*.name, 'safe')", either},
		{"workflow_run", "github.event.workflow_run.head_repository.full_name == github.repository", never},
		{"issues", "startsWith(github.event_name, 'pull')", never},
		{"issues", "contains(fromJSON('[\"push\",\"issues\"]'), github.event_name)", always},
		{"issues", "(github.actor == 'a' || github.actor == 'b') && success()", never},
		{"issues", "github.actor == 'a' || always()", always},
		{"issues", "github.event['issue']['user'].login == 'x'", never},
		{"issues", "((((", either}, {"issues", "", either}, {"issues", "a b c", either}, {"issues", "'open", either},
	} {
		f := &filter{event: c.event}
		if got := f.value(parseExpr(c.cond)); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.event, c.cond, got, c.want)
		}
	}
}

func TestSecretNames(t *testing.T) {
	for text, want := range map[string]string{
		"${{ secrets.A }} ${{ secrets['b_c'] }}":   "A B_C",
		"${{ toJSON(secrets) }}":                   "*",
		"${{ secrets[format('X_{0}', env.Y)] }}":   "*",
		"${{ secrets[matrix.key] }}":               "*",
		"${{ secrets.GITHUB_TOKEN }}":              "",
		"secrets.NOT_AN_EXPRESSION":                "",
		"${{ secrets.A || secrets.B }}":            "A B",
		"${{ inputs.secrets_file }}":               "",
		"${{ github.event.issue.title }} secrets ": "",
	} {
		names, _ := secretsIn(text, false)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if _, token := secretsIn("${{ github.token }}", false); !token {
		t.Error("the job's own token")
	}
}

func FuzzShell(f *testing.F) {
	f.Add("a \"$(b \"c $(d)\" )\" <<E\nE\n")
	f.Add(strings.Repeat("\"$(", 500))
	f.Add("bash -c 'bash -c \"bash -c x y\"'")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range commands(s) {
			if len(c.words) == 0 {
				t.Fatal("a command without words")
			}
			flagLine(c.words)
		}
		(&filter{event: "issues"}).value(parseExpr(s))
		secretsIn(s, true)
		outsiderText(s)
	})
}
