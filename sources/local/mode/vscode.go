package mode

import (
	"strings"

	"nhitop/inventory"
)

// GitHub Copilot in VS Code, by the approvals page of its documentation, 2026-11. Names of settings hold dots: they are
// single keys, not paths.
var vscode = resolver{before: vscodeBefore, after: vscodeAfter, server: vscodeServer}

func vscodeBefore(s *state) {
	global := s.vscodeOff("/ChatToolsAutoApprove", "")
	terminal := s.vscodeOff("/ChatToolsTerminalEnableAutoApprove", "/chat.tools.terminal.enableAutoApprove")
	for _, it := range s.items {
		switch {
		case global != "" && (it.Name == "chat.tools.global.autoApprove" || it.Name == "chat.tools.autoApprove"):
			it.off(global)
		case terminal != "" && it.Name == "chat.tools.terminal.autoApprove":
			it.off(terminal)
		case it.Scope == "project" && it.Effective && it.Name == "chat.tools.global.autoApprove":
			it.Why = "counts once the workspace is trusted; newer versions take it from the user's settings only"
		}
	}
}

// vscodeOff returns why something is switched off: by an administrator's policy or by a setting.
func (s *state) vscodeOff(policy, setting string) string {
	if f := s.at(policy, "managed"); f.is("false") {
		return s.path(f) + " sets " + policy[1:] + " to false"
	}
	if setting == "" {
		return ""
	}
	if f := s.at(setting); f.is("false") {
		return s.path(f) + " sets " + setting[1:] + " to false"
	}
	return ""
}

func vscodeAfter(s *state) {
	if off := s.vscodeOff("/ChatAgentMode", "/chat.agent.enabled"); off != "" {
		s.set(inventory.AutonomySuggest, off+": there is no agent")
	}
}

func vscodeServer(s *state, at serverAt, st ServerState) ServerState {
	for _, key := range []string{"/chat.mcp.access", "/ChatMCP"} {
		if f := s.at(key); f.is("none") || f.is("false") {
			st.disable(s.path(f) + " sets " + strings.TrimPrefix(key, "/") + " to " + f.text())
		}
	}
	if at.repo() && st.Enabled {
		st.Approval, st.Reason = Pending, "the editor asks for trust before its first start; the answer is kept where it was not read"
	}
	return st
}
