package mode

import (
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// opencode and its fork, the Kilo CLI, by files written by 1.18.33 and 7.7.7. A permission is one word for everything, or a
// word for each tool, or patterns for a tool; what nothing says is allowed for most tools.
var opencode = resolver{before: opencodeBefore, after: opencodeAfter, shadow: true}

// opencodeBefore makes rules of the patterns, also where the rows show a tool's permission as a whole.
func opencodeBefore(s *state) {
	for _, f := range s.all("/permission") {
		if f.node.Kind != doc.Object {
			s.note(inventory.SettingMode, "permission", f).Kind = inventory.SettingMode
			continue
		}
		for _, c := range f.node.Children {
			name := "permission." + clean(c.Key)
			s.note(inventory.SettingMode, name, found{f.layer, c}).Kind = inventory.SettingMode
			for _, p := range c.Children {
				if kind := actionKind(p); kind != "" && !s.hasRule(f.layer, p) {
					s.rule(f.layer, nil, kind, name, p, p.Key)
				}
			}
		}
	}
	for _, it := range s.items {
		if it.rule && strings.HasPrefix(it.Name, "permission.") {
			it.Value = clean(strings.TrimPrefix(it.Name, "permission.") + "(" + it.text + ")")
		}
	}
}

func (s *state) hasRule(layer int, n *doc.Node) bool {
	for _, it := range s.items {
		if it.rule && it.layer == layer && it.node == n {
			return true
		}
	}
	return false
}

// permission is what a tool comes to.
type permission struct {
	action string // allow, ask, deny; "" where nothing says
	reason string
	all    bool // said of every tool at once
}

// opencodePermission looks from the strongest layer down; within one, the tool's own word goes before that for all.
func (s *state) opencodePermission(tool string) permission {
	if text := s.in.Env["OPENCODE_PERMISSION"]; text != "" {
		if d, err := doc.Parse(doc.JSON, []byte(text)); err == nil {
			if p := opencodeWord(d.Root, tool); p.action != "" {
				p.reason = "the environment sets OPENCODE_PERMISSION, " + p.reason
				return p
			}
		}
	}
	for _, f := range s.all("/permission") {
		if p := opencodeWord(f.node, tool); p.action != "" {
			p.reason = s.path(f) + " sets " + p.reason
			return p
		}
	}
	return permission{}
}

func opencodeWord(n *doc.Node, tool string) permission {
	word := func(n *doc.Node) string {
		if n == nil {
			return ""
		}
		if n.Kind == doc.Object {
			n = n.Get("*")
		}
		if n == nil || n.Text != "allow" && n.Text != "ask" && n.Text != "deny" {
			return ""
		}
		return n.Text
	}
	if n.Kind == doc.String {
		return permission{word(n), "permission to " + clean(n.Text), true}
	}
	if a := word(n.Get(tool)); a != "" {
		return permission{action: a, reason: "permission." + tool + " to " + a}
	}
	if a := word(n.Get("*")); a != "" {
		return permission{a, "permission.* to " + a, true}
	}
	return permission{}
}

func opencodeAfter(s *state) {
	shell, edit, fetch := s.opencodePermission("bash"), s.opencodePermission("edit"), s.opencodePermission("webfetch")
	if shell.action == "" && edit.action == "" && fetch.action == "" {
		return
	}
	for do, p := range map[answerOf]permission{doShell: shell, doEdit: edit, doFetch: fetch} {
		s.answers[do] = map[string]inventory.Answer{"allow": inventory.Yes, "": inventory.Yes, "ask": inventory.Asks, "deny": inventory.No}[p.action]
	}
	s.combine(shell, edit)
	if s.in.Entry.ID == "opencode" { // 1.18: without --auto, a run without a terminal rejects what it would ask
		s.res.Headless, s.res.HeadlessReason = s.res.Autonomy, "opencode run refuses what it would ask, unless --auto is given"
	}
}

// combine names the grade that permissions for commands and for edits come to. "" means the product's default, allow.
func (s *state) combine(shell, edit permission) {
	free := func(p permission) bool { return p.action == "allow" || p.action == "" }
	reasons := func(ps ...permission) string {
		var rs []string
		for _, p := range ps {
			if p.reason != "" && (len(rs) == 0 || rs[0] != p.reason) {
				rs = append(rs, p.reason)
			}
		}
		if len(rs) == 0 {
			return s.res.AutonomyReason
		}
		return strings.Join(rs, "; ")
	}
	switch {
	case shell.action == "allow" && edit.action == "allow" && shell.all && edit.all:
		s.set(inventory.AutonomyUnattended, reasons(shell, edit)+": nothing is asked")
	case free(shell):
		s.set(inventory.AutonomyAuto, reasons(shell, edit)+": commands run without asking")
	case free(edit):
		s.set(inventory.AutonomyAutoEdit, reasons(edit, shell)+": edits are made without asking, commands are not")
	case shell.action == "deny" && edit.action == "deny":
		s.set(inventory.AutonomySuggest, reasons(shell, edit)+": neither commands nor edits are possible")
	default:
		s.set(inventory.AutonomyAsk, reasons(shell, edit))
	}
}
