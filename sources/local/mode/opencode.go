package mode

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// opencode and its fork, the Kilo CLI, by files written by 1.18.33 and 7.7.7. A permission is one word for everything, or a
// word for each tool, or patterns for a tool; what nothing says is allowed for most tools. How the files come together is in
// opencode_table.go.
var (
	opencode = resolver{before: opencodeBefore, after: opencodeAfter, server: opencodeServer, shadow: true}
	kilo     = resolver{before: opencodeBefore, after: kiloAfter, server: kiloServer, shadow: true}
)

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

func opencodeAfter(s *state) {
	s.table = s.opencodeTable("build", "OPENCODE_PERMISSION")
	s.dropDead()
	shell, edit, fetch := s.tablePermission("bash"), s.tablePermission("edit"), s.tablePermission("webfetch")
	if shell.action == "" && edit.action == "" && fetch.action == "" {
		return
	}
	s.answerBy(shell, edit, fetch)
}

// kiloAfter is the same for the Kilo CLI, whose own rules ask before commands other than harmless ones and for nothing else
// (kilo debug agent code, 7.7.7). The extension alone has no such table.
func kiloAfter(s *state) {
	if !slices.ContainsFunc(s.in.Layers, func(l Layer) bool { return l.File != nil && kiloCLI[l.File.ID] }) {
		return
	}
	s.table = s.opencodeTable("code", "KILO_PERMISSION")
	s.dropDead()
	shell, edit := s.tablePermission("bash"), s.tablePermission("edit")
	if shell.action == "" {
		shell = permission{action: "ask", reason: "product default: the CLI asks before commands other than its list of harmless ones"}
	}
	s.answerBy(shell, edit, s.tablePermission("webfetch"))
}

// kiloCLI are the files of the catalogue's entry whose presence says that the CLI is used.
var kiloCLI = map[string]bool{"cli-config": true, "project-config": true, "cli-auth": true, "cli-mcp-auth": true}

func (s *state) answerBy(shell, edit, fetch permission) {
	for do, p := range map[answerOf]permission{doShell: shell, doEdit: edit, doFetch: fetch} {
		s.answers[do] = map[string]inventory.Answer{"allow": inventory.Yes, "": inventory.Yes, "ask": inventory.Asks, "deny": inventory.No}[p.action]
	}
	s.combine(shell, edit)
	s.res.Headless = s.res.Autonomy // without a terminal what would be asked is refused
}

func (s *state) tablePermission(tool string) permission {
	if w := lastWord(s.table, tool); w != nil {
		return permission{w.action, w.reason, w.tool == "*"}
	}
	return permission{}
}

// opencodeServer says whether the tools of a server run without asking: their names start with the server's, and what
// nothing says is allowed.
func opencodeServer(s *state, at serverAt, st ServerState) ServerState {
	if !st.Enabled {
		return st
	}
	prefix := toolPrefix(at.name)
	w := lastWord(s.table, prefix+"\x01")
	if w == nil || w.action == "allow" {
		st.approve("*")
		return st
	}
	for _, one := range s.table {
		if one.pattern == "*" && one.action == "allow" && strings.HasPrefix(one.tool, prefix) && lastWord(s.table, one.tool) == one {
			st.approve(strings.TrimPrefix(one.tool, prefix))
		}
	}
	return st
}

func kiloServer(s *state, at serverAt, st ServerState) ServerState {
	if f := s.in.Layers[at.layer].File; f == nil || f.ID == "extension-servers" || f.ID == "project-servers" {
		return st
	}
	return opencodeServer(s, at, st)
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
