package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// expect is what one job of the files in testdata comes to. Empty strings and nil lists are compared too.
type expect struct {
	kind, name, step string
	line             int
	triggers         string
	outsiders        inventory.Answer
	filter           string // part of the actor filter
	set, permissions string
	secrets          string
	autonomy         inventory.Autonomy
	sandbox          inventory.Sandbox
	network, prompts string
	flags            string // oidc persist publishes cache hosted self call text cloud app
	literals, tools  int
	version          string
}

func (j *Job) flags() string {
	var out []string
	for _, f := range []struct {
		name string
		on   bool
	}{{"oidc", j.OIDC}, {"persist", j.PersistToken}, {"publishes", j.Publishes}, {"cache", j.UsesCache}, {"hosted", j.SelfHosted == inventory.No},
		{"self", j.SelfHosted == inventory.Yes}, {"call", j.CallOnly}, {"text", j.TextOnly}, {"cloud", j.Cloud}, {"app", j.App != ""}} {
		if f.on {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, " ")
}

func summary(j *Job) expect {
	var perms []string
	if len(j.Permissions) < 10 {
		for _, k := range inventory.SortedKeys(j.Permissions) {
			perms = append(perms, k+":"+j.Permissions[k])
		}
	} else {
		perms = []string{fmt.Sprintf("all %d", len(j.Permissions))}
	}
	return expect{j.Kind, j.Name, j.Step, j.Place.Line, strings.Join(j.Triggers, " "), j.Outsiders, j.ActorFilter, j.PermissionsSet,
		strings.Join(perms, " "), strings.Join(j.Secrets, " "), j.Autonomy, j.Sandbox, j.Network, strings.Join(j.PromptInputs, " "), j.flags(),
		len(j.Literals), len(j.Tools), j.Version}
}

const workflows = ".github/workflows/"

var expectations = map[string][]expect{
	workflows + "README.md": nil,
	workflows + "build.yml": nil,
	workflows + "report.md": nil, // its compiled file counts
	workflows + "claude.yml": {{"claude-code", "claude", "claude", 30, "issue_comment pull_request_review_comment issues", "no", "checks by itself", "job",
		"actions:read contents:write id-token:write issues:write pull-requests:write", "ANTHROPIC_API_KEY SENTRY_TOKEN", "auto-edit", "vm", "open", "", "oidc persist hosted app", 0, 1, ""}},
	workflows + "claude-open.yml": {{"claude-code", "triage", "1", 17, "issues issue_comment", "yes", "allowed_non_write_users: *", "write-all", "all 14",
		"CLAUDE_CODE_OAUTH_TOKEN", "unattended", "vm", "open", "github.event.issue.body github.event.issue.title", "oidc hosted", 0, 0, ""}},
	workflows + "base.yml": {{"claude-code", "review", "1", 14, "pull_request_target", "yes", "", "unset", "", "ANTHROPIC_API_KEY MCP_TOKEN NPM_TOKEN",
		"unattended", "none", "open", "github.event.pull_request.title github.head_ref", "persist publishes self", 1, 2, ""}},
	workflows + "codex.yml": {{"codex", "codex", "Run Codex", 14, "pull_request schedule", "unknown", "allow-users: *", "workflow", "contents:read",
		"OPENAI_API_KEY", "auto", "none", "open", "", "persist hosted", 0, 0, ""}},
	workflows + "gemini-triage.yml": {{"gemini-cli", "triage", "Run Gemini", 19, "issues workflow_dispatch", "yes", "", "job",
		"contents:read id-token:write issues:write", "GEMINI_API_KEY", "unattended", "vm", "open", "github.event.issue.body github.event.issue.title", "oidc hosted", 0, 1, ""}},
	workflows + "opencode.yml": {{"opencode", "opencode", "1", 14, "issue_comment", "no", "author_association", "job", "contents:read id-token:write",
		"ANTHROPIC_API_KEY", "unattended", "vm", "open", "", "oidc persist hosted app", 0, 0, ""}},
	workflows + "raw.yml": {
		{"claude-code", "claude", "Work", 31, "schedule workflow_run", "yes", "", "workflow", "contents:write packages:write pull-requests:write", "*",
			"unattended", "container", "open", "", "cache hosted", 1, 0, "1.0.51"},
		{"gemini-cli", "others", "0", 38, "schedule workflow_run", "no", "github.event_name == 'schedule'", "workflow",
			"contents:write packages:write pull-requests:write", "*", "unattended", "vm", "open", "", "hosted", 0, 0, ""},
		{"codex", "others", "0", 38, "schedule workflow_run", "no", "github.event_name == 'schedule'", "workflow",
			"contents:write packages:write pull-requests:write", "*", "auto", "workspace", "none", "", "hosted", 0, 0, "0.46.0"},
	},
	workflows + "caller.yml": {
		{"aider", "agent / work", "0 / 0", 11, "issue_comment", "no", "needs.guard.outputs.ok", "workflow", "contents:write", "* MODEL_KEY", "unattended", "vm", "open",
			"github.event.comment.body", "hosted", 0, 0, "0.86.1"},
		{"aider", "mapped / work", "0 / 0", 11, "issue_comment", "yes", "", "workflow", "contents:write", "PROD_MODEL_KEY", "unattended", "vm", "open",
			"github.event.comment.body", "hosted", 0, 0, "0.86.1"},
	},
	workflows + "shared.yml": {{"aider", "work", "0 / 0", 11, "workflow_call", "unknown", "", "unset", "", "MODEL_KEY", "unattended", "vm", "open",
		"github.event.comment.body", "hosted call", 0, 0, "0.86.1"}},
	workflows + "copilot-setup-steps.yml": {{"copilot", "copilot-setup-steps", "0", 9, "workflow_dispatch", "no", "", "job", "contents:read", "NPM_READ",
		"unattended", "vm", "open", "", "persist hosted cloud", 0, 0, ""}},
	workflows + "daily.md": {{"claude-code", "agent", "agent", 8, "issues", "no", "roles: admin, maintainer, write", "job", "contents:read issues:read", "SEARCH_KEY",
		"auto-edit", "vm", "allowlist", "github.event.issue.title", "", 0, 1, ""}},
	workflows + "report.lock.yml": {{"copilot-cli", "agent", "agentic_execution", 31, "issue_comment", "yes", "", "job", "contents:read issues:read",
		"COPILOT_GITHUB_TOKEN", "unattended", "container", "allowlist", "", "hosted", 0, 0, "1.0.80"}},
	".gitlab-ci.yml": {
		{"claude-code", "claude", "script", 20, "merge_request_event web", "unknown", "", "unset", "", "TEAM_ANTHROPIC_API_KEY", "auto", "container", "open",
			"AI_FLOW_INPUT CI_MERGE_REQUEST_DESCRIPTION", "oidc cache", 0, 0, ""},
		{"codex", "codex", "script", 39, "schedule", "no", "", "unset", "", "DB_PASSWORD OPENAI_API_KEY", "unattended", "none", "open", "", "publishes hosted", 0, 0, ""},
	},
}

func readSample(t *testing.T, file string) []Job {
	t.Helper()
	system, dir := GitHub, "testdata/github"
	if file == ".gitlab-ci.yml" {
		system, dir = GitLab, "testdata/gitlab"
	}
	open := func(rel string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, filepath.FromSlash(rel))) }
	data, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	jobs, warnings, err := Read(system, file, data, open, catalogue.Embedded())
	if err != nil || len(warnings) > 0 {
		t.Errorf("%s: %v %v", file, err, warnings)
	}
	return jobs
}

func TestRead(t *testing.T) {
	for file, want := range expectations {
		jobs := readSample(t, file)
		if len(jobs) != len(want) {
			t.Errorf("%s: %d assistants, want %d", file, len(jobs), len(want))
			continue
		}
		for i := range jobs {
			got := summary(&jobs[i])
			if !strings.Contains(got.filter, want[i].filter) || want[i].filter == "" && got.filter != "" {
				t.Errorf("%s %s: filter %q, want %q", file, got.name, got.filter, want[i].filter)
			}
			got.filter = want[i].filter
			if !reflect.DeepEqual(got, want[i]) {
				t.Errorf("%s:\n got %+v\nwant %+v", file, got, want[i])
			}
			for _, e := range jobs[i].Evidence {
				if e.Line == 0 || e.Path == "" {
					t.Errorf("%s: evidence %q without a line", file, e.Note)
				}
			}
		}
	}
}

func TestEveryExampleIsExpected(t *testing.T) {
	files, err := filepath.Glob("testdata/github/.github/workflows/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples")
	}
	for _, f := range files {
		name := workflows + filepath.Base(f)
		if _, ok := expectations[name]; !ok && name != workflows+"filters.yml" {
			t.Errorf("%s: nothing says what is expected of it", name)
		}
	}
}

func TestWhoMayStart(t *testing.T) {
	want := map[string]inventory.Answer{"actor": "no", "either": "yes", "notbot": "yes", "steps": "no", "chained": "no", "unchained": "yes", "contributor": "yes"}
	for _, j := range readSample(t, workflows+"filters.yml") {
		if j.Outsiders != want[j.Name] {
			t.Errorf("%s: outsiders %s, want %s (%s)", j.Name, j.Outsiders, want[j.Name], j.ActorFilter)
		}
		delete(want, j.Name)
	}
	if len(want) > 0 {
		t.Errorf("not seen: %v", want)
	}
}

func TestToolsAndLiterals(t *testing.T) {
	j := readSample(t, workflows+"base.yml")[0]
	if l := j.Literals[0]; l.Match.Kind != "connection-url-password" || l.Line != 24 || strings.Contains(fmt.Sprintf("%+v", j), "S3cr3tFAKE") {
		t.Errorf("literal %s at %d, or its value shows", l.Match.Kind, l.Line)
	}
	db, remote := j.Tools[0], j.Tools[1]
	if db.Name != "db" || db.Command != "uvx" || db.Transport != "stdio" || db.Line != 22 || len(db.Literals) != 1 {
		t.Errorf("db: %+v", db)
	}
	if remote.URL != "https://mcp.example.com/x" || remote.Transport != "http" || len(remote.References) != 1 || remote.References[0].Text != "MCP_TOKEN" {
		t.Errorf("remote: %+v", remote)
	}
	j = readSample(t, workflows+"raw.yml")[0]
	if l := j.Literals[0]; l.Match.Kind != "anthropic-api-key" || l.Name != "ANTHROPIC_API_KEY" || l.Line != 25 {
		t.Errorf("literal %s %s at %d", l.Match.Kind, l.Name, l.Line)
	}
	j = readSample(t, workflows+"gemini-triage.yml")[0]
	if tool := j.Tools[0]; tool.Name != "github" || !reflect.DeepEqual(tool.Approved, []string{"*"}) || tool.Line != 34 {
		t.Errorf("github: %+v", tool)
	}
	j = readSample(t, workflows+"report.lock.yml")[0]
	if !reflect.DeepEqual(j.SafeOutputs, []string{"create-issue"}) {
		t.Errorf("safe outputs %v", j.SafeOutputs)
	}
}

func TestSettings(t *testing.T) {
	for file, want := range map[string][]string{
		"claude.yml":        {"allow --allowedTools Bash(npm test:*),Edit,Write"},
		"claude-open.yml":   {"mode --dangerously-skip-permissions ", "trust allowed_non_write_users *"},
		"base.yml":          {"allow allowed_tools Bash,Edit", "mode permissions.defaultMode bypassPermissions", `allow permissions.allow ["Bash(*)"]`},
		"codex.yml":         {"sandbox sandbox danger-full-access", "mode safety-strategy unsafe", "mode --full-auto ", "trust allow-users *"},
		"gemini-triage.yml": {`allow tools.core ["run_shell_command(gh issue edit)"]`},
		"daily.md":          {`allow tools.bash ["*"]`, `network network {"allowed":["defaults","example.com"]}`, "allow safe-outputs.create-pull-request "},
		"report.lock.yml":   {"mode strict true", "mode --allow-all-tools ", "trust roles all"},
	} {
		j := readSample(t, workflows+file)[0]
		have := map[string]bool{}
		for _, s := range j.Settings {
			have[s.Kind+" "+s.Name+" "+s.Value] = true
			if s.Line == 0 || s.Path == "" {
				t.Errorf("%s: setting %s without a line", file, s.Name)
			}
		}
		for _, w := range want {
			if !have[w] {
				t.Errorf("%s: no setting %q in %v", file, w, have)
			}
		}
	}
}

func TestUses(t *testing.T) {
	pins := map[string]bool{}
	for _, f := range []string{"claude-open.yml", "raw.yml", "caller.yml"} {
		for _, j := range readSample(t, workflows+f) {
			for _, u := range j.Uses {
				pins[u.Ref] = u.Pinned
			}
		}
	}
	for ref, want := range map[string]bool{
		"actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8": true, "anthropics/claude-code-action@v1": false, "docker://node:22": false,
		"@anthropic-ai/claude-code@1.0.51": true, "@openai/codex": false, "@openai/codex@0.46.0": true, "aider-chat@0.86.1": true,
		"./.github/workflows/shared.yml": true, "./.github/actions/review": true,
	} {
		got, ok := pins[ref]
		if !ok || got != want {
			t.Errorf("%s: pinned %v (seen %v), want %v", ref, got, ok, want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	cat := catalogue.Embedded()
	nothing := func(string) ([]byte, error) { return nil, errors.New("no") }
	for _, data := range []string{"", "a: [", "- x", "jobs: 3", "jobs: {a: {steps: {}}}", "on: [\n", "jobs:\n a:\n  uses: ./../../x.yml\n", "include: [../../etc/passwd]\n"} {
		for _, system := range []string{GitHub, GitLab} {
			jobs, _, _ := Read(system, "x.yml", []byte(data), nothing, cat)
			if len(jobs) != 0 {
				t.Errorf("%q: %d assistants", data, len(jobs))
			}
		}
	}
	if _, _, err := Read("jenkins", "x", nil, nil, cat); err == nil {
		t.Error("an unknown system is an error")
	}
	if _, _, err := Read(GitHub, "x.yml", make([]byte, maxFile+1), nil, cat); err == nil {
		t.Error("a file over the limit is an error")
	}
	self := []byte("on: push\njobs:\n  a:\n    uses: ./x.yml\n")
	if jobs, _, err := Read(GitHub, "x.yml", self, func(string) ([]byte, error) { return self, nil }, cat); err != nil || len(jobs) != 0 {
		t.Error("a workflow that calls itself ends")
	}
}

func FuzzRead(f *testing.F) {
	for _, dir := range []string{"testdata/github/.github/workflows/*", "testdata/gitlab/.gitlab-ci.yml", "testdata/gitlab/ci/*"} {
		files, _ := filepath.Glob(dir)
		for _, name := range files {
			if data, err := os.ReadFile(name); err == nil {
				f.Add(data, filepath.Ext(name))
			}
		}
	}
	f.Add([]byte("a: &a [*a]\njobs: *a\n"), ".yml")
	cat := catalogue.Embedded()
	f.Fuzz(func(_ *testing.T, data []byte, ext string) {
		if len(data) > 1<<16 {
			return
		}
		open := func(string) ([]byte, error) { return data, nil }
		name := "x.yml"
		if ext == ".md" {
			name = "x.md"
		}
		_, _, _ = Read(GitHub, name, data, open, cat)
		_, _, _ = Read(GitLab, name, data, open, cat)
	})
}
