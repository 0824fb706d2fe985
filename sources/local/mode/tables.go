package mode

import (
	"cmp"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
	"nhitop/sources/internal/doc"
)

// Products that write each rule as an object in a list: Amp, Augment, Zed.

// tableRules makes rules of the elements of a list. decode gives the kind of setting and the rule as text; an element that
// it does not know stays as it was shown.
func (s *state) tableRules(pointer, name string, decode func(*doc.Node) (kind, text string)) []*item {
	var its []*item
	for _, f := range s.all(pointer) {
		for _, n := range f.node.Children {
			kind, text := decode(n)
			if kind == "" {
				continue
			}
			var it *item
			for _, have := range s.items {
				if have.layer == f.layer && have.node == n {
					it = have
				}
			}
			if it == nil {
				it = s.rule(f.layer, nil, kind, name, n, text)
			}
			if it == nil {
				return its
			}
			it.Kind, it.Name, it.rule, it.text, it.Value = kind, name, true, text, clean(text)
			its = append(its, it)
		}
	}
	return its
}

// textOf is a member's text, or "".
func textOf(n *doc.Node, key string) string {
	if v := n.Get(key); v != nil {
		return v.Text
	}
	return ""
}

func narrowed(tool, pattern string) string {
	if pattern == "" {
		return tool
	}
	return tool + "(" + pattern + ")"
}

// firstWins switches off what stands behind a rule that decides all of it.
func (s *state) firstWins(rules []*item) {
	decided := map[string]*item{}
	for _, it := range rules {
		r := s.ruleOf(it)
		by := decided[string(r.Class)+r.Tool]
		if all := decided[""]; by == nil {
			by = all
		}
		switch {
		case by != nil:
			it.off("an earlier rule in " + by.Path + " decides")
		case it.Effective && r.Any && r.Class == allowrule.All:
			decided[""] = it
		case it.Effective && r.Any:
			decided[string(r.Class)+r.Tool] = it
		}
	}
}

// Amazon Q Developer CLI by its source 15cc8f3c, and Kiro: what runs without asking is written in an agent's file and holds
// while that agent is chosen.
var amazonQ = resolver{before: amazonQBefore}

func amazonQBefore(s *state) {
	for _, it := range s.items {
		if it.rule && s.in.Layers[it.layer].File.Role == "agents" {
			it.Why = "counts while the agent of this file is chosen"
		}
	}
	denyWins(s)
}

// Augment, by the program auggie 0.36.0 and files written by it. It has no question about trust: a repository's servers
// start like the user's.
var augment = resolver{before: augmentBefore, shadow: true}

func augmentBefore(s *state) {
	rules := s.tableRules("/toolPermissions", "toolPermissions", func(n *doc.Node) (string, string) {
		kind := map[string]string{"allow": inventory.SettingAllow, "ask-user": inventory.SettingAsk, "deny": inventory.SettingDeny,
			"webhook-policy": inventory.SettingHook, "script-policy": inventory.SettingHook}[textOf(n.Get("permission"), "type")]
		return kind, narrowed(textOf(n, "toolName"), textOf(n, "shellInputRegex"))
	})
	s.firstWins(rules)
}

// Zed, by its documentation from version 0.224 on.
var zed = resolver{before: zedBefore, after: zedAfter, server: zedServer}

const zedPermissions = "/agent/tool_permissions"

func zedBefore(s *state) {
	perms := s.at(zedPermissions)
	if old := s.at("/agent/always_allow_tool_actions"); old.node != nil && perms.node != nil {
		s.note(inventory.SettingMode, "agent.always_allow_tool_actions", old).off("older name: agent.tool_permissions stands in for it")
	}
	for _, list := range []struct{ key, kind string }{{"always_allow", inventory.SettingAllow}, {"always_confirm", inventory.SettingAsk}, {"always_deny", inventory.SettingDeny}} {
		for _, f := range s.all(zedPermissions + "/tools") {
			for _, tool := range f.node.Children {
				s.tableRules(tool.Pointer+"/"+list.key, "agent.tool_permissions.tools."+clean(tool.Key)+"."+list.key, func(n *doc.Node) (string, string) {
					return list.kind, narrowed(tool.Key, cmp.Or(n.Text, textOf(n, "pattern")))
				})
			}
		}
	}
}

func zedAfter(s *state) {
	word := func(pointer string) permission {
		f := s.at(pointer)
		a := map[string]string{"allow": "allow", "confirm": "ask", "deny": "deny"}[f.text()]
		if a == "" {
			return permission{}
		}
		return permission{action: a, reason: s.path(f) + " sets " + dotted(pointer) + " to " + f.text()}
	}
	base := word(zedPermissions + "/default")
	if base.action == "" {
		if f := s.at("/agent/always_allow_tool_actions"); f.is("true") && s.at(zedPermissions).node == nil {
			base = permission{action: "allow", reason: s.path(f) + " sets agent.always_allow_tool_actions to true"}
		} else {
			base = permission{action: "ask"}
		}
	}
	base.all = true
	own := func(tool string) permission {
		if p := word(zedPermissions + "/tools/" + tool + "/default"); p.action != "" {
			return p
		}
		return base
	}
	shell, edit := own("terminal"), own("edit_file")
	if shell.reason == "" && edit.reason == "" {
		return
	}
	for do, p := range map[answerOf]permission{doShell: shell, doEdit: edit, doFetch: own("fetch")} {
		s.answers[do] = map[string]inventory.Answer{"allow": inventory.Yes, "ask": inventory.Asks, "deny": inventory.No}[p.action]
	}
	s.combine(shell, edit)
}

func zedServer(s *state, _ serverAt, st ServerState) ServerState {
	f := s.at(zedPermissions + "/default")
	if old := s.at("/agent/always_allow_tool_actions"); f.is("allow") || old.is("true") && s.at(zedPermissions).node == nil {
		st.approve("*")
	}
	return st
}
