package local_test

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

// spokenSettings says what the words of the hand-written tree's expect.json mean: file -> setting and value, or a part of it.
var spokenSettings = map[string][][2]string{
	"home/.config/Code/User/settings.json": {{"chat.tools.global.autoApprove", "true"}, {"chat.tools.terminal.autoApprove", "/.*/"},
		{"chat.permissions.default", "bypassApprovals"}},
	"home/.cursor/permissions.json":         {{"mcpAllowlist", "github:*"}, {"terminalAllowlist", "npm"}, {"terminalAllowlist", "git"}},
	"home/.cursor/cli-config.json":          {{"permissions.allow", "Shell(git)"}, {"permissions.deny", "Read(.env*)"}},
	"repo/.cursor/cli.json":                 {{"permissions.allow", "Shell(*)"}},
	"repo/.cursor/sandbox.json":             {{"sandbox.type", "insecure_none"}},
	"home/.config/zed/settings.json":        {{"agent.tool_permissions.default", "allow"}, {"agent.tool_permissions.tools.terminal.default", "confirm"}, {"agent.always_allow_tool_actions", "true"}},
	"home/.config/goose/config.yaml":        {{"GOOSE_MODE", "auto"}},
	"home/.config/crush/crush.json":         {{"permissions.allowed_tools", "bash"}, {"permissions.allowed_tools", "view"}, {"permissions.allowed_tools", "mcp_github_get_issue"}},
	"repo/.aider.conf.yml":                  {{"yes-always", "true"}, {"auto-commits", "true"}},
	"repo/.kiro/settings/mcp.json":          {{"mcpServers.aws.autoApprove", "*"}},
	"home/.aws/amazonq/cli-agents/ops.json": {{"allowedTools", "execute_bash"}, {"useLegacyMcpJson", "true"}},
	"repo/.roo/mcp.json":                    {{"mcpServers.github.alwaysAllow", "*"}},
	"home/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json": {{"mcpServers.github.autoApprove", "get_issue"}},
	"home/.cline/data/globalState.json": {{"autoApprovalSettings.actions.executeAllCommands", "true"}},
	"home/.openhands/settings.json":     {{"confirmation_mode", "false"}},
	"etc/claude-code/managed-settings.json": {{"permissions.disableBypassPermissionsMode", "disable"}, {"allowManagedPermissionRulesOnly", "true"},
		{"allowedMcpServers", "github"}, {"allowManagedMcpServersOnly", "true"}},
	"etc/codex/requirements.toml": {{"allowed_approval_policies", "on-request"}, {"allowed_sandbox_modes", "workspace-write"},
		{"mcp_servers.sentry.identity.url", "https://mcp.sentry.dev/mcp"}},
	"etc/gemini-cli/settings.json":             {{"security.disableYoloMode", "true"}, {"mcp.allowed", "github"}},
	"etc/github-copilot/managed-settings.json": {{"permissions.disableBypassPermissionsMode", "disable"}},
}

func TestCorpusSynthetic(t *testing.T) {
	tr := scan(t, "editors-synthetic", "")
	var secrets []expectedSecret
	for _, e := range tr.want.Entries {
		for _, s := range e.Secrets {
			s.File = e.File
			tr.secret(s)
			secrets = append(secrets, s)
		}
		for _, words := range e.MCPServers {
			name, rest, _ := strings.Cut(words, " ")
			transport, _, _ := strings.Cut(rest, " ")
			if !slices.Contains([]string{"stdio", "http", "sse"}, transport) {
				transport = "stdio http sse"
			}
			tr.server(expectedServer{Name: name, Transport: transport, File: e.File, Enabled: true})
		}
		if strings.HasPrefix(e.File, "etc/") {
			continue
		}
		if len(e.Autonomy) > 0 && spokenSettings[e.File] == nil {
			t.Errorf("%s: the test does not know what %q means", e.File, e.Autonomy)
		}
		for _, w := range spokenSettings[e.File] {
			tr.setting(expectedSetting{Setting: w[0], File: e.File, Value: w[1]})
		}
	}
	tr.want.Secrets = secrets
	tr.onlyExpectedSecrets()
	tr.noLeak()
}

// usersOf make the products exist whose managed files are in the tree: a ceiling is told of those whom it binds.
var usersOf = map[string]string{
	"home/.claude/settings.json":  "{}",
	"home/.codex/config.toml":     "",
	"home/.gemini/settings.json":  "{}",
	"home/.copilot/settings.json": "{}",
}

func TestCorpusManaged(t *testing.T) {
	tr := scanWith(t, "editors-synthetic", ".", usersOf)
	for _, e := range tr.want.Entries {
		if !strings.HasPrefix(e.File, "etc/") {
			continue
		}
		if spokenSettings[e.File] == nil {
			t.Errorf("%s: the test does not know what %q means", e.File, e.Autonomy)
		}
		for _, w := range spokenSettings[e.File] {
			tr.setting(expectedSetting{Setting: w[0], File: e.File, Value: w[1]})
		}
	}
}

// TestCorpusModes checks what the settings of each tree come to in the end.
func TestCorpusModes(t *testing.T) {
	type end struct {
		kind, scope string
		autonomy    inventory.Autonomy
		sandbox     inventory.Sandbox
		trust       string
	}
	for name, want := range map[string][]end{
		"claude": {{"claude-code", "user", inventory.AutonomyAuto, inventory.SandboxWorkspace, ""},
			{"claude-code", "project", inventory.AutonomyUnattended, inventory.SandboxWorkspace, "trusted"}},
		"codex":    {{"codex", "user", inventory.AutonomyAsk, inventory.SandboxWorkspace, ""}},
		"gemini":   {{"gemini-cli", "project", inventory.AutonomyAutoEdit, inventory.SandboxNone, "trusted"}},
		"copilot":  {{"copilot-cli", "user", inventory.AutonomyUnattended, inventory.SandboxNone, ""}},
		"continue": {{"continue", "user", inventory.AutonomyAsk, inventory.SandboxNone, ""}},
		"editors-synthetic": {{"goose", "user", inventory.AutonomyUnattended, inventory.SandboxNone, ""},
			{"vscode", "user", inventory.AutonomyUnattended, inventory.SandboxNone, ""},
			{"aider", "project", inventory.AutonomyUnattended, inventory.SandboxNone, ""},
			{"openhands", "user", inventory.AutonomyUnattended, inventory.SandboxContainer, ""},
			{"cursor", "project", inventory.AutonomyAuto, inventory.SandboxNone, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := scan(t, name, "")
			for _, w := range want {
				i := slices.IndexFunc(tr.got.Assistants, func(a inventory.Assistant) bool { return a.Kind == w.kind && a.Scope == w.scope })
				if i < 0 {
					t.Errorf("no %s of scope %s", w.kind, w.scope)
					continue
				}
				a := tr.got.Assistants[i]
				if a.Autonomy != w.autonomy || a.Sandbox != w.sandbox || a.Trust != w.trust {
					t.Errorf("%s %s: %s (%s), %s (%s), %q; want %v", w.kind, w.scope, a.Autonomy, a.AutonomyReason, a.Sandbox, a.SandboxReason, a.Trust, w)
				}
				if a.Class != inventory.ClassNHI {
					t.Errorf("%s %s is %s: %s", w.kind, w.scope, a.Class, a.ClassReason)
				}
			}
		})
	}
}
