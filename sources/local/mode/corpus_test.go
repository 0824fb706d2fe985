package mode

import (
	"strings"
	"testing"

	"nhitop/inventory"
)

// want is a setting that must be shown.
type want struct {
	path, name, value string
	pointer           string
	ineffective       bool
	why               string
}

// The trees that the programs themselves wrote, with what shared facts say about each.
func TestCorpus(t *testing.T) {
	const repo = "~/src/shop/"
	tests := []struct {
		tree, id string
		project  bool
		autonomy inventory.Autonomy
		because  string
		headless inventory.Autonomy
		sandbox  inventory.Sandbox
		network  string
		trust    string
		settings []want
	}{
		{tree: "claude", id: "claude-code", project: true, autonomy: "unattended", because: "bypassPermissions", sandbox: "workspace", network: "allowlist", trust: "trusted",
			settings: []want{
				{path: "~/.claude/settings.json", name: "permissions.defaultMode", value: "acceptEdits", ineffective: true, why: "overridden by " + repo + ".claude/settings.json"},
				{path: "~/.claude/settings.json", name: "permissions.allow", value: "Bash(npm run *)", pointer: "/permissions/allow/0"},
				{path: "~/.claude/settings.json", name: "permissions.allow", value: "mcp__linear", pointer: "/permissions/allow/1"},
				{path: "~/.claude/settings.json", name: "permissions.ask", value: "Bash(git push *)"},
				{path: "~/.claude/settings.json", name: "permissions.deny", value: "Read(./.env)"},
				{path: "~/.claude/settings.json", name: "permissions.deny", value: "Read(~/.ssh/**)"},
				{path: "~/.claude/settings.json", name: "permissions.additionalDirectories", value: `["../docs"]`},
				{path: "~/.claude/settings.json", name: "skipDangerousModePermissionPrompt", value: "true"},
				{path: "~/.claude/settings.json", name: "sandbox.enabled", value: "true"},
				{path: "~/.claude/settings.json", name: "sandbox.network.allowedDomains", value: `["github.com","*.example.org"]`},
				{path: repo + ".claude/settings.json", name: "permissions.defaultMode", value: "bypassPermissions",
					why: "project beats user; bypassPermissions (unlike auto) may come from project settings; deny/ask rules still apply"},
				{path: repo + ".claude/settings.json", name: "permissions.allow", value: "Bash", why: "folder trusted"},
				{path: repo + ".claude/settings.json", name: "permissions.allow", value: "WebFetch", why: "folder trusted"},
				{path: repo + ".claude/settings.json", name: "permissions.allow", value: "Edit", why: "folder trusted"},
				{path: repo + ".claude/settings.json", name: "enableAllProjectMcpServers", value: "true"},
				{path: repo + ".claude/settings.local.json", name: "enabledMcpjsonServers", value: `["sentry","github"]`},
				{path: repo + ".claude/settings.local.json", name: "disabledMcpjsonServers", value: `["internal-api"]`, why: "a rejection wins over enableAll"},
				{path: repo + ".claude/settings.json", name: "hooks.PostToolUse", value: "npx prettier --write ."},
				{path: repo + ".claude/settings.json", name: "apiKeyHelper", value: "/opt/corp/bin/claude-key.sh"},
				{path: "~/.claude.json", name: "hasTrustDialogAccepted", value: "true", pointer: "/projects/~1home~1dev~1src~1shop/hasTrustDialogAccepted"},
			}},
		{tree: "claude", id: "claude-code", autonomy: "auto", because: "autoAllowBashIfSandboxed", sandbox: "workspace", network: "allowlist",
			settings: []want{{path: "~/.claude/settings.json", name: "permissions.defaultMode", value: "acceptEdits"}}},
		{tree: "codex", id: "codex", project: true, autonomy: "auto", because: "trusted folder", headless: "unattended", sandbox: "workspace", network: "none", trust: "trusted",
			settings: []want{{path: "~/.codex/config.toml", name: "projects.trust_level", value: "trusted", pointer: "/projects/~1home~1dev~1src~1shop/trust_level"}}},
		{tree: "gemini", id: "gemini-cli", project: true, autonomy: "auto-edit", because: "general.defaultApprovalMode to auto_edit", sandbox: "none", network: "open", trust: "trusted",
			settings: []want{
				{path: "~/.gemini/trustedFolders.json", name: "trustedFolders", value: "TRUST_FOLDER", pointer: "/~1home~1dev~1src~1shop"},
				{path: "~/.gemini/settings.json", name: "general.defaultApprovalMode", value: "auto_edit"},
				{path: "~/.gemini/settings.json", name: "tools.sandbox", value: "false"},
				{path: "~/.gemini/settings.json", name: "mcpServers.github.trust", value: "true", why: "bypasses tool confirmations for that server"},
				{path: "~/.gemini/settings.json", name: "security.auth.selectedType", value: "gemini-api-key"},
				{path: "~/.gemini/policies/team.toml", name: "policy rule", value: "deny git push", pointer: "/rule/0"},
				{path: "~/.gemini/policies/team.toml", name: "policy rule", value: "allow npm", pointer: "/rule/1"},
			}},
		{tree: "copilot", id: "copilot-cli", project: true, autonomy: "unattended", because: "autopilot", sandbox: "none", network: "open", trust: "trusted",
			settings: []want{
				{path: "~/.copilot/settings.json", name: "defaultPermissionMode", value: "allow-all"},
				{path: "~/.copilot/settings.json", name: "defaultMode", value: "autopilot"},
				{path: "~/.copilot/settings.json", name: "allowedUrls", value: `["github.com","*.example.org"]`},
				{path: "~/.copilot/settings.json", name: "deniedUrls", value: "evil.example"},
				{path: repo + ".github/copilot/settings.json", name: "deniedUrls", value: "pastebin.com"},
				{path: "~/.copilot/settings.json", name: "disabledMcpServers", value: `["atlassian"]`},
				{path: "~/.copilot/config.json", name: "trustedFolders", value: `["/home/dev/src/shop"]`},
			}},
		{tree: "opencode", id: "opencode", project: true, autonomy: "auto-edit", because: "permission.edit to allow", sandbox: "none", network: "open",
			settings: []want{
				{path: repo + "opencode.json", name: "permission.edit", value: "allow"},
				{path: repo + "opencode.json", name: "permission.bash", value: `{"*":"ask","git push *":"deny","npm test":"allow"}`, pointer: "/permission/bash"},
				{path: repo + "opencode.json", name: "permission.bash", value: "bash(npm test)", pointer: "/permission/bash/npm test"},
				{path: repo + "opencode.json", name: "permission.webfetch", value: "allow"},
			}},
		{tree: "continue", id: "continue", project: true, autonomy: "ask", because: "product default", headless: "unattended", sandbox: "none", network: "open",
			settings: []want{
				{path: "~/.continue/permissions.yaml", name: "allow", value: "Bash(git*)"},
				{path: "~/.continue/permissions.yaml", name: "allow", value: "Write"},
				{path: "~/.continue/permissions.yaml", name: "ask", value: "Edit"},
				{path: "~/.continue/permissions.yaml", name: "exclude", value: "Fetch"},
			}},
		{tree: "editors-synthetic", id: "goose", autonomy: "unattended", because: "GOOSE_MODE to auto", sandbox: "none", network: "open",
			settings: []want{{path: "~/.config/goose/config.yaml", name: "GOOSE_MODE", value: "auto"}}},
		{tree: "editors-synthetic", id: "vscode", autonomy: "unattended", because: "chat.tools.global.autoApprove", sandbox: "none", network: "open",
			settings: []want{
				{path: "~/.config/Code/User/settings.json", name: "chat.tools.global.autoApprove", value: "true"},
				{path: "~/.config/Code/User/settings.json", name: "chat.tools.terminal.autoApprove", value: `{"/.*/":true,"rm":false}`},
				{path: "~/.config/Code/User/settings.json", name: "chat.tools.terminal.autoApprove", value: "/.*/", pointer: "/chat.tools.terminal.autoApprove/~1.*~1"},
				{path: "~/.config/Code/User/settings.json", name: "chat.permissions.default", value: "bypassApprovals"},
			}},
		{tree: "editors-synthetic", id: "aider", project: true, autonomy: "unattended", because: "yes-always", sandbox: "none", network: "open",
			settings: []want{
				{path: repo + ".aider.conf.yml", name: "yes-always", value: "true"},
				{path: repo + ".aider.conf.yml", name: "auto-commits", value: "true"},
			}},
		{tree: "editors-synthetic", id: "cline", autonomy: "auto", because: "executeAllCommands", headless: "unattended", sandbox: "none", network: "open",
			settings: []want{{path: "~/.cline/data/globalState.json", name: "autoApprovalSettings.actions.executeAllCommands", value: "true"}}},
		{tree: "editors-synthetic", id: "cursor", project: true, autonomy: "auto", because: "Shell(*)", sandbox: "none", network: "open",
			settings: []want{
				{path: repo + ".cursor/cli.json", name: "permissions.allow", value: "Shell(*)"},
				{path: "~/.cursor/cli-config.json", name: "permissions.allow", value: "Shell(git)"},
				{path: "~/.cursor/cli-config.json", name: "permissions.deny", value: "Read(.env*)"},
				{path: "~/.cursor/permissions.json", name: "mcpAllowlist", value: "github:*"},
				{path: "~/.cursor/permissions.json", name: "terminalAllowlist", value: "npm"},
				{path: repo + ".cursor/sandbox.json", name: "sandbox.type", value: "insecure_none"},
			}},
		{tree: "editors-synthetic", id: "zed", autonomy: "auto-edit", because: "agent.tool_permissions.default to allow", sandbox: "none", network: "open",
			settings: []want{
				{path: "~/.config/zed/settings.json", name: "agent.tool_permissions.default", value: "allow"},
				{path: "~/.config/zed/settings.json", name: "agent.tool_permissions.tools.terminal.default", value: "confirm"},
				{path: "~/.config/zed/settings.json", name: "agent.always_allow_tool_actions", value: "true", ineffective: true, why: "older name"},
			}},
		{tree: "editors-synthetic", id: "crush", autonomy: "auto", because: "bash", headless: "unattended", sandbox: "none", network: "open",
			settings: []want{
				{path: "~/.config/crush/crush.json", name: "permissions.allowed_tools", value: "bash"},
				{path: "~/.config/crush/crush.json", name: "permissions.allowed_tools", value: "view"},
				{path: "~/.config/crush/crush.json", name: "permissions.allowed_tools", value: "mcp_github_get_issue"},
			}},
		{tree: "editors-synthetic", id: "roo-code", project: true, autonomy: "ask", because: "product default", sandbox: "none", network: "open",
			settings: []want{{path: repo + ".roo/mcp.json", name: "mcpServers.github.alwaysAllow", value: "*", pointer: "/mcpServers/github/alwaysAllow/0"}}},
		{tree: "editors-synthetic", id: "amazon-q", autonomy: "auto", because: "execute_bash", sandbox: "none", network: "open",
			settings: []want{
				{path: "~/.aws/amazonq/cli-agents/ops.json", name: "allowedTools", value: "execute_bash"},
				{path: "~/.aws/amazonq/cli-agents/ops.json", name: "toolsSettings.execute_bash.allowedCommands", value: ".*"},
				{path: "~/.aws/amazonq/cli-agents/ops.json", name: "useLegacyMcpJson", value: "true"},
			}},
		{tree: "editors-synthetic", id: "openhands", autonomy: "unattended", because: "confirmation_mode to false", sandbox: "container", network: "open",
			settings: []want{{path: "~/.openhands/settings.json", name: "confirmation_mode", value: "false"}}},
		{tree: "editors-synthetic", id: "kiro", project: true, autonomy: "ask", because: "product default", sandbox: "none", network: "open",
			settings: []want{{path: repo + ".kiro/settings/mcp.json", name: "mcpServers.aws.autoApprove", value: "*"}}},
	}
	for _, tt := range tests {
		name := tt.tree + "/" + tt.id
		if tt.project {
			name += "/project"
		}
		t.Run(name, func(t *testing.T) {
			files := read(t, tt.tree).only("home/", "repo/")
			r := resolve(t, input(t, tt.id, files, tt.project))
			if r.Autonomy != tt.autonomy || !strings.Contains(r.AutonomyReason, tt.because) {
				t.Errorf("autonomy %q (%s), want %q for %q", r.Autonomy, r.AutonomyReason, tt.autonomy, tt.because)
			}
			if r.Headless != tt.headless {
				t.Errorf("headless %q (%s), want %q", r.Headless, r.HeadlessReason, tt.headless)
			}
			if r.Sandbox != tt.sandbox || r.Network != tt.network || r.Trust.State != tt.trust {
				t.Errorf("sandbox %q (%s), network %q, trust %q; want %q, %q, %q", r.Sandbox, r.SandboxReason, r.Network, r.Trust.State, tt.sandbox, tt.network, tt.trust)
			}
			for _, w := range tt.settings {
				s := setting(r, w.path, w.name, w.value)
				if s == nil {
					t.Errorf("no setting %s = %s in %s", w.name, w.value, w.path)
					continue
				}
				if s.Effective == w.ineffective || !strings.Contains(s.Why, w.why) || w.pointer != "" && s.Pointer != w.pointer {
					t.Errorf("%+v, want %+v", *s, w)
				}
			}
			if t.Failed() {
				for _, s := range r.Settings {
					t.Logf("%+v", s)
				}
			}
		})
	}
}
