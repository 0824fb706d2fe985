package mode

import (
	"slices"
	"strings"
	"testing"
)

// wantServer is one tool server with what must be decided about it.
type wantServer struct {
	path, name string
	enabled    bool
	reason     string
	approval   string
	tools      []string
}

func checkServers(t *testing.T, in Input, r Result, wants []wantServer) {
	t.Helper()
	for _, w := range wants {
		st := server(t, in, r, w.path, w.name)
		if st.Enabled != w.enabled || !strings.Contains(st.Reason, w.reason) || st.Approval != w.approval || !slices.Equal(st.ApprovedTools, w.tools) {
			t.Errorf("%s in %s: %+v, want %+v", w.name, w.path, st, w)
		}
		if !st.Enabled && st.Reason == "" {
			t.Errorf("%s is not enabled and has no reason", w.name)
		}
		if st.AutoApproved != slices.Contains(st.ApprovedTools, "*") {
			t.Errorf("%s: auto-approved %v with tools %v", w.name, st.AutoApproved, st.ApprovedTools)
		}
	}
}

func TestCorpusServers(t *testing.T) {
	const repo = "~/src/shop/"
	all := []string{"*"}
	tests := []struct {
		tree, id string
		servers  []wantServer
	}{
		{"claude", "claude-code", []wantServer{
			{repo + ".mcp.json", "sentry", true, "enabledMcpjsonServers", Approved, all},
			{repo + ".mcp.json", "github", true, "enabledMcpjsonServers", Approved, all},
			{repo + ".mcp.json", "internal-api", false, "a rejection wins", Rejected, all},
			{"~/.claude.json", "github-remote", true, "", "", all},
			{"~/.claude.json", "linear", true, "", "", all},
			{"~/.claude.json", "postgres", true, "", "", all},
			{"~/.claude.json", "corp-oauth", true, "", "", all},
			{"~/.claude.json", "slack", true, "", "", all},
			{"~/.claude.json", "context7", true, "", "", all},
		}},
		{"codex", "codex", []wantServer{
			{"~/.codex/config.toml", "github", true, "", "", nil},
			{"~/.codex/config.toml", "corp", true, "", "", nil},
		}},
		{"gemini", "gemini-cli", []wantServer{
			{repo + ".gemini/settings.json", "linear", true, "trusted", Approved, nil},
			{repo + ".gemini/settings.json", "slack", true, "trusted", Approved, nil},
			{"~/.gemini/settings.json", "github", true, "", "", all},
			{"~/.gemini/settings.json", "postgres", true, "", "", nil},
		}},
		{"copilot", "copilot-cli", []wantServer{
			{repo + ".github/mcp.json", "slack", true, "trusted", Approved, all},
			{"~/.copilot/mcp-config.json", "github", true, "", "", all},
			{"~/.copilot/mcp-config.json", "atlassian", false, "disabledMcpServers", "", all},
		}},
		{"opencode", "opencode", []wantServer{
			{repo + "opencode.json", "context7", false, "enabled: false", "", nil},
			{"~/.config/opencode/opencode.jsonc", "github", true, "", "", all},
		}},
		{"continue", "continue", []wantServer{
			{repo + ".continue/mcpServers/postgres.yaml", "postgres", true, "", Pending, nil},
			{repo + ".continue/mcpServers/postgres.yaml", "linear", true, "", Pending, nil},
		}},
		{"editors-synthetic", "roo-code", []wantServer{{repo + ".roo/mcp.json", "github", true, "", Pending, all}}},
		{"editors-synthetic", "kiro", []wantServer{{repo + ".kiro/settings/mcp.json", "aws", true, "", Pending, all}}},
		{"editors-synthetic", "cline", []wantServer{
			{"~/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", "github", true, "", "", []string{"get_issue"}},
		}},
		{"editors-synthetic", "cursor", []wantServer{
			{"~/.cursor/mcp.json", "github", true, "", "", all},
			{"~/.cursor/mcp.json", "linear", true, "", "", nil},
		}},
		{"editors-synthetic", "amazon-q", []wantServer{{"~/.aws/amazonq/mcp.json", "github", true, "", "", all}}},
		{"editors-synthetic", "goose", []wantServer{{"~/.config/goose/config.yaml", "github", true, "", "", all}}},
		{"editors-synthetic", "vscode", []wantServer{{repo + ".vscode/mcp.json", "sentry", true, "trust", Pending, all}}},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			in := input(t, tt.id, read(t, tt.tree).only("home/", "repo/"), true)
			checkServers(t, in, resolve(t, in), tt.servers)
		})
	}
}

// What the entries and lists of Claude Code come to, each rule once where it holds and once where it does not.
func TestClaudeServers(t *testing.T) {
	const repo = "~/src/shop/"
	const entry = `{"mcpServers":{"github":{"command":"npx","args":["-y","x"]},"web":{"type":"http","url":"https://mcp.example.com/a"}}}`
	trusted := `{"projects":{"` + shop + `":{"hasTrustDialogAccepted":true}}}`
	base := tree{"repo/.mcp.json": entry, "home/.claude.json": trusted}
	managed := read(t, "editors-synthetic").only("etc/claude-code/")
	tests := map[string]struct {
		files   tree
		servers []wantServer
	}{
		"nothing says": {base, []wantServer{{repo + ".mcp.json", "github", false, "waits for approval", Pending, nil}}},
		"enable all": {base.with(tree{"repo/.claude/settings.json": `{"enableAllProjectMcpServers":true}`}),
			[]wantServer{{repo + ".mcp.json", "github", true, "enableAllProjectMcpServers", Approved, nil}}},
		"a rejection wins over enable all": {base.with(tree{"repo/.claude/settings.json": `{"enableAllProjectMcpServers":true}`, "home/.claude/settings.json": `{"disabledMcpjsonServers":["github"]}`}),
			[]wantServer{{repo + ".mcp.json", "github", false, "rejection", Rejected, nil}, {repo + ".mcp.json", "web", true, "", Approved, nil}}},
		"approval kept in the state file": {base.with(tree{"home/.claude.json": `{"projects":{"` + shop + `":{"hasTrustDialogAccepted":true,"enabledMcpjsonServers":["github"]}}}`}),
			[]wantServer{{repo + ".mcp.json", "github", true, "enabledMcpjsonServers", Approved, nil}, {repo + ".mcp.json", "web", false, "", Pending, nil}}},
		"not trusted": {base.with(tree{"home/.claude.json": `{"projects":{}}`, "repo/.claude/settings.json": `{"enableAllProjectMcpServers":true}`}),
			[]wantServer{{repo + ".mcp.json", "github", false, "not trusted; claude -p starts it", Pending, nil}}},
		"local over project over user": {base.with(tree{"repo/.claude/settings.json": `{"enableAllProjectMcpServers":true}`,
			"home/.claude.json": `{"mcpServers":{"github":{"command":"a"},"web":{"command":"a"},"own":{"command":"a"}},"projects":{"` + shop + `":{"hasTrustDialogAccepted":true,"mcpServers":{"github":{"command":"b"}}}}}`}),
			[]wantServer{{repo + ".mcp.json", "github", false, "~/.claude.json takes its place", Approved, nil}, {repo + ".mcp.json", "web", true, "", Approved, nil},
				{"~/.claude.json", "web", false, ".mcp.json takes its place", "", nil}, {"~/.claude.json", "own", true, "", "", nil}}},
		"allowed tools": {base.with(tree{"home/.claude/settings.json": `{"enabledMcpjsonServers":["github","web"],"permissions":{"allow":["mcp__github__get_issue","mcp__web__*"]}}`}),
			[]wantServer{{repo + ".mcp.json", "github", true, "", Approved, []string{"get_issue"}}, {repo + ".mcp.json", "web", true, "", Approved, []string{"*"}}}},
		"denied by URL": {base.with(tree{"home/.claude/settings.json": `{"enabledMcpjsonServers":["github","web"],"deniedMcpServers":[{"serverUrl":"https://mcp.example.com/*"}]}`}),
			[]wantServer{{repo + ".mcp.json", "web", false, "deniedMcpServers", Approved, nil}, {repo + ".mcp.json", "github", true, "", Approved, nil}}},
		"allowed by command": {base.with(tree{"home/.claude/settings.json": `{"enabledMcpjsonServers":["github","web"],"allowedMcpServers":[{"serverCommand":["npx","-y","x"]},{"serverName":"web"}]}`}),
			[]wantServer{{repo + ".mcp.json", "github", true, "", Approved, nil}, {repo + ".mcp.json", "web", true, "", Approved, nil}}},
		"a list by command does not take names": {base.with(tree{"home/.claude/settings.json": `{"enabledMcpjsonServers":["github"],"allowedMcpServers":[{"serverCommand":["other"]},{"serverName":"github"}]}`}),
			[]wantServer{{repo + ".mcp.json", "github", false, "allowedMcpServers", Approved, nil}}},
		"managed list only": {base.with(managed).with(tree{"home/.claude/settings.json": `{"enabledMcpjsonServers":["github","web"],"allowedMcpServers":[{"serverName":"web"}]}`}),
			[]wantServer{{repo + ".mcp.json", "github", true, "", Approved, nil}, {repo + ".mcp.json", "web", false, "/etc/claude-code/managed-settings.json does not list it", Approved, nil}}},
		"managed-mcp.json alone": {base.with(tree{"etc/claude-code/managed-mcp.json": `{"mcpServers":{"corp":{"command":"corp"}}}`, "home/.claude/settings.json": `{"enabledMcpjsonServers":["github"]}`}),
			[]wantServer{{repo + ".mcp.json", "github", false, "only its servers start", Approved, nil}, {"/etc/claude-code/managed-mcp.json", "corp", true, "", "", nil}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := input(t, "claude-code", tt.files, true)
			checkServers(t, in, resolve(t, in), tt.servers)
		})
	}
}

// The same for the other products.
func TestServers(t *testing.T) {
	const repo = "~/src/shop/"
	all := []string{"*"}
	codexTrusted := tree{"home/.codex/config.toml": "[projects.\"" + shop + "\"]\ntrust_level = \"trusted\"\n[mcp_servers.sentry]\nurl = \"https://mcp.sentry.dev/mcp\"\ndefault_tools_approval_mode = \"approve\"\n[mcp_servers.other]\ncommand = \"x\"\n[mcp_servers.other.tools.read]\napproval_mode = \"approve\"\n[mcp_servers.off]\ncommand = \"x\"\nenabled = false\n",
		"repo/.codex/config.toml": "[mcp_servers.proj]\ncommand = \"x\"\n"}
	codexUntrusted := codexTrusted.with(tree{"home/.codex/config.toml": "[mcp_servers.sentry]\nurl = \"https://mcp.sentry.dev/mcp\"\n"})
	gem := tree{"home/.gemini/settings.json": `{"mcpServers":{"github":{"url":"https://x.example.com","trust":true},"own":{"command":"x"}}}`,
		"repo/.gemini/settings.json": `{"mcpServers":{"repo":{"command":"x"}}}`, "home/.gemini/trustedFolders.json": `{"` + shop + `":"TRUST_FOLDER"}`}
	tests := map[string]struct {
		id      string
		files   tree
		servers []wantServer
	}{
		"codex": {"codex", codexTrusted, []wantServer{{"~/.codex/config.toml", "sentry", true, "", "", all}, {"~/.codex/config.toml", "other", true, "", "", []string{"read"}},
			{"~/.codex/config.toml", "off", false, "enabled: false", "", nil}, {repo + ".codex/config.toml", "proj", true, "trusted", Approved, nil}}},
		"codex untrusted": {"codex", codexUntrusted, []wantServer{{repo + ".codex/config.toml", "proj", false, "trusted folder", Pending, nil}}},
		"codex requirements": {"codex", codexTrusted.with(read(t, "editors-synthetic").only("etc/codex/")), []wantServer{{"~/.codex/config.toml", "sentry", true, "", "", all},
			{"~/.codex/config.toml", "other", false, "does not list it", "", []string{"read"}}}},
		"codex requirements with another address": {"codex", tree{"home/.codex/config.toml": "[mcp_servers.sentry]\nurl = \"https://evil.example.com\"\n"}.with(read(t, "editors-synthetic").only("etc/codex/")),
			[]wantServer{{"~/.codex/config.toml", "sentry", false, "another server of that name", "", nil}}},
		"gemini": {"gemini-cli", gem, []wantServer{{"~/.gemini/settings.json", "github", true, "", "", all}, {"~/.gemini/settings.json", "own", true, "", "", nil},
			{repo + ".gemini/settings.json", "repo", true, "trusted", Approved, nil}}},
		"gemini untrusted": {"gemini-cli", gem.with(tree{"home/.gemini/trustedFolders.json": `{"` + shop + `":"DO_NOT_TRUST"}`}), []wantServer{
			{"~/.gemini/settings.json", "github", false, "not trusted", "", nil}, {repo + ".gemini/settings.json", "repo", false, "trusted folder", Pending, nil}}},
		"gemini managed": {"gemini-cli", gem.with(read(t, "editors-synthetic").only("etc/gemini-cli/")), []wantServer{{"~/.gemini/settings.json", "github", true, "", "", all},
			{"~/.gemini/settings.json", "own", false, "mcp.allowed", "", nil}}},
		"gemini excluded": {"gemini-cli", gem.with(tree{"repo/.gemini/settings.json": `{"mcp":{"excluded":["own"]}}`}), []wantServer{{"~/.gemini/settings.json", "own", false, "mcp.excluded", "", nil},
			{"~/.gemini/settings.json", "github", true, "", "", all}}},
		"gemini one name twice": {"gemini-cli", gem.with(tree{"repo/.gemini/settings.json": `{"mcpServers":{"own":{"command":"y"}}}`}), []wantServer{
			{"~/.gemini/settings.json", "own", false, "takes its place", "", nil}, {repo + ".gemini/settings.json", "own", true, "", Approved, nil}}},
		"gemini policy": {"gemini-cli", gem.with(tree{"home/.gemini/policies/a.toml": "[[rule]]\nmcpName = \"own\"\ntoolName = \"get\"\ndecision = \"allow\"\npriority = 1\n"}),
			[]wantServer{{"~/.gemini/settings.json", "own", true, "", "", []string{"get"}}}},
		"copilot untrusted": {"copilot-cli", tree{"home/.copilot/config.json": `{"trustedFolders":["/home/dev/other"]}`, "repo/.github/mcp.json": `{"mcpServers":{"slack":{"command":"x"}}}`},
			[]wantServer{{repo + ".github/mcp.json", "slack", false, "trusted folder", Pending, nil}}},
		"copilot folder above": {"copilot-cli", tree{"home/.copilot/config.json": `{"trustedFolders":["/home/dev/src"]}`, "repo/.github/mcp.json": `{"mcpServers":{"slack":{"command":"x"}}}`},
			[]wantServer{{repo + ".github/mcp.json", "slack", true, "trusted", Approved, nil}}},
		"cline without the switch": {"cline", tree{"home/.cline/data/globalState.json": `{"autoApprovalSettings":{"actions":{"useMcp":false}}}`,
			"home/.cline/data/settings/cline_mcp_settings.json": `{"mcpServers":{"a":{"command":"x","autoApprove":["t"]},"b":{"command":"x","disabled":true}}}`},
			[]wantServer{{"~/.cline/data/settings/cline_mcp_settings.json", "a", true, "useMcp", "", nil}, {"~/.cline/data/settings/cline_mcp_settings.json", "b", false, "disabled: true", "", nil}}},
		"vscode switched off": {"vscode", tree{"home/.config/Code/User/mcp.json": `{"servers":{"a":{"command":"x"}}}`, "etc/vscode/policy.json": `{"ChatMCP":"none"}`},
			[]wantServer{{"~/.config/Code/User/mcp.json", "a", false, "ChatMCP", "", nil}}},
		"zed allows all": {"zed", tree{"home/.config/zed/settings.json": `{"agent":{"tool_permissions":{"default":"allow","tools":{"terminal":{"default":"confirm"}}}},"context_servers":{"a":{"command":"x"}}}`},
			[]wantServer{{"~/.config/zed/settings.json", "a", true, "", "", all}}},
		"amp workspace": {"amp", tree{"repo/.amp/settings.json": `{"amp.mcpServers":{"a":{"command":"x"}}}`}, []wantServer{{repo + ".amp/settings.json", "a", true, "amp mcp approve", Pending, all}}},
		"amp approved": {"amp", tree{"repo/.amp/settings.json": `{"amp.mcpServers":{"a":{"command":"x"},"b":{"command":"x"},"c":{"command":"x"}}}`,
			"home/.config/amp/settings.json": `{"amp.mcpTrustedServers":[{"serverName":"a","specHash":"00","allow":true},{"serverName":"b","specHash":"00","allow":false}],"amp.permissions":[{"tool":"mcp__a__*","action":"ask"}]}`},
			[]wantServer{{repo + ".amp/settings.json", "a", true, "mcpTrustedServers", Approved, nil}, {repo + ".amp/settings.json", "b", false, "mcpTrustedServers", Rejected, nil},
				{repo + ".amp/settings.json", "c", true, "amp mcp approve", Pending, all}}},
		"amp workspace allowed": {"amp", tree{"repo/.amp/settings.json": `{"amp.mcpServers":{"a":{"command":"x"}}}`, "home/.config/amp/settings.json": `{"amp.workspaces":[{"path":"` + shop + `","allowAllMcpServers":true}]}`},
			[]wantServer{{repo + ".amp/settings.json", "a", true, "amp.workspaces", Approved, all}}},
		"opencode tools by name": {"opencode", tree{"home/.config/opencode/opencode.json": `{"mcp":{"my.gh":{"type":"local","command":["x"]},"web":{"type":"local","command":["x"]},"off":{"type":"local","command":["x"]}},"permission":{"my_gh_*":"ask","my_gh_get":"allow"},"tools":{"off_*":false}}`},
			[]wantServer{{"~/.config/opencode/opencode.json", "my.gh", true, "", "", []string{"get"}}, {"~/.config/opencode/opencode.json", "web", true, "", "", all}, {"~/.config/opencode/opencode.json", "off", true, "", "", nil}}},
		"kilo extension and CLI": {"kilo-code", tree{"home/.config/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json": `{"mcpServers":{"a":{"command":"x","alwaysAllow":["get"]}}}`, "home/.config/kilo/kilo.jsonc": `{"mcp":{"b":{"type":"local","command":["x"]}}}`},
			[]wantServer{{"~/.config/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", "a", true, "", "", []string{"get"}}, {"~/.config/kilo/kilo.jsonc", "b", true, "", "", all}}},
		"qwen without a question about trust": {"qwen-code", tree{"repo/.qwen/settings.json": `{"mcpServers":{"a":{"command":"x","trust":true}}}`, "home/.qwen/trustedFolders.json": `{}`},
			[]wantServer{{repo + ".qwen/settings.json", "a", true, "", "", all}}},
		"cursor": {"cursor", tree{"repo/.cursor/mcp.json": `{"mcpServers":{"a":{"command":"x"}}}`}, []wantServer{{repo + ".cursor/mcp.json", "a", true, "approval", Pending, nil}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := input(t, tt.id, tt.files, true)
			checkServers(t, in, resolve(t, in), tt.servers)
		})
	}
}
