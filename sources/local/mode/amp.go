package mode

import (
	"path"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
	"nhitop/sources/internal/doc"
)

// Amp, by its program 0.0.1790142911 (permissions list and test, mcp approve) and files written by it. The first rule that
// matches decides; behind the user's stand the program's own: edits and every tool of a server are allowed, so are many
// commands, the others ask.
var amp = resolver{before: ampBefore, after: ampAfter, server: ampServer, shadow: true}

func ampBefore(s *state) {
	s.firsts = s.tableRules("/amp.permissions", "amp.permissions", func(n *doc.Node) (string, string) {
		kind := map[string]string{"allow": inventory.SettingAllow, "ask": inventory.SettingAsk, "reject": inventory.SettingDeny,
			"delegate": inventory.SettingHook}[textOf(n, "action")]
		m := n.Get("matches")
		pattern := textOf(m, "cmd")
		if all := m.Get("cmd").Strings(); len(all) > 0 {
			pattern = all[0]
		}
		if pattern == "" && m != nil && len(m.Children) > 0 {
			pattern = m.Compact()
		}
		return kind, narrowed(textOf(n, "tool"), pattern)
	})
	s.firstWins(s.firsts)
}

// ampRule is the first rule that decides a whole class of tools; nil where the program's own do.
func (s *state) ampRule(fits func(allowrule.Rule) bool) *item {
	for _, it := range s.firsts {
		if r := s.ruleOf(it); it.Effective && r.Any && (r.Class == allowrule.All || fits(r)) {
			return it
		}
	}
	return nil
}

func (s *state) ampPermission(c allowrule.Class) permission {
	it := s.ampRule(func(r allowrule.Rule) bool { return r.Class == c })
	if it == nil {
		return permission{}
	}
	action := map[string]string{inventory.SettingAllow: "allow", inventory.SettingAsk: "ask", inventory.SettingDeny: "deny",
		inventory.SettingHook: "delegate"}[it.Kind]
	return permission{action, it.Path + " sets amp.permissions to " + action + " " + it.Value, s.ruleOf(it).Class == allowrule.All}
}

func ampAfter(s *state) {
	if s.res.Autonomy == inventory.AutonomyUnattended {
		return
	}
	shell, edit, fetch := s.ampPermission(allowrule.Shell), s.ampPermission(allowrule.Edit), s.ampPermission(allowrule.Fetch)
	for do, p := range map[answerOf]permission{doShell: shell, doEdit: edit, doFetch: fetch} {
		if p.action != "" {
			s.answers[do] = map[string]inventory.Answer{"allow": inventory.Yes, "ask": inventory.Asks, "deny": inventory.No,
				"delegate": inventory.Unknown}[p.action]
		}
	}
	for _, p := range []permission{shell, edit} {
		if p.action == "delegate" {
			s.set(inventory.AutonomyUnknown, p.reason+": a program decides, and what it says is not known here")
			return
		}
	}
	if shell.action != "" || edit.action != "" {
		s.combine(shell, edit)
	}
}

// ampServer looks at what was answered about a workspace's server, and at what the rules say of its tools. The answer is
// kept with a hash of the server's entry, which is not compared here: an entry that was changed since asks again.
func ampServer(s *state, at serverAt, st ServerState) ServerState {
	if at.repo() && st.Enabled {
		st.Approval, st.Reason = Pending, "needs amp mcp approve, and no settings of the user hold an answer"
		for _, f := range s.all("/amp.mcpTrustedServers", "user") {
			for _, n := range f.node.Children {
				if textOf(n, "serverName") != at.name {
					continue
				}
				if allow, _ := n.Get("allow").Bool(); allow {
					st.Approval, st.Reason = Approved, s.path(f)+" lists it in amp.mcpTrustedServers"
				} else {
					st.Approval = Rejected
					st.disable(s.path(f) + " refuses it in amp.mcpTrustedServers")
				}
			}
		}
		for _, f := range s.all("/amp.workspaces", "user") {
			for _, n := range f.node.Children {
				if all, _ := n.Get("allowAllMcpServers").Bool(); all && path.Clean(textOf(n, "path")) == s.in.Project {
					st.Enabled, st.Approval, st.Reason = true, Approved, s.path(f)+" allows every server of this workspace in amp.workspaces"
				}
			}
		}
	}
	if !st.Enabled {
		return st
	}
	it := s.ampRule(func(r allowrule.Rule) bool {
		return r.Class == allowrule.Server && (r.Server == "*" || sameServer(r.Server, at.name))
	})
	if it == nil || it.Kind == inventory.SettingAllow {
		st.approve("*")
	}
	return st
}
