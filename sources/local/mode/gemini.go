package mode

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// Gemini CLI by its source 5411f113 and files written by 0.61.0, and its fork Qwen Code (0.15.10).
var (
	gemini = resolver{before: geminiBefore, after: geminiAfter, server: geminiServer, shadow: true}
	qwen   = resolver{before: qwenBefore, after: (*state).geminiRest, server: geminiServer, shadow: true}
)

func geminiBefore(s *state) {
	s.geminiTrust()
	s.ignoreUntrusted()
}

func (s *state) ignoreUntrusted() {
	if !s.latent() {
		return
	}
	for i, l := range s.in.Layers {
		if l.Scope == "project" || l.Scope == "local" {
			s.ignore(i, "a project's files count only in a trusted folder")
		}
	}
}

// geminiTrust reads trustedFolders.json: the project's own line, that of a folder above it, or TRUST_PARENT of a folder
// beside it. A project cannot switch the question off.
func (s *state) geminiTrust() {
	if s.in.Project == "" {
		return
	}
	if f := s.at("/security/folderTrust/enabled", "user", "managed", "system"); f.is("false") {
		s.trust(isTrusted, f, "security.folderTrust.enabled")
		return
	}
	file := -1
	for i, l := range s.in.Layers {
		if l.Doc == nil || path.Base(l.Path) != "trustedFolders.json" {
			continue
		}
		file = i
		if n, state := s.geminiFolder(l.Doc.Root); n != nil {
			s.trust(state, found{i, n}, "trustedFolders")
			return
		}
	}
	s.unrecorded(file)
}

// geminiFolder finds the line that decides: the project's own, else the longest that covers it.
func (s *state) geminiFolder(root *doc.Node) (*doc.Node, string) {
	if root == nil {
		return nil, ""
	}
	states := map[string]string{"TRUST_FOLDER": isTrusted, "TRUST_PARENT": isTrusted, "DO_NOT_TRUST": isUntrusted}
	if s.in.ProjectKey != nil {
		if n := s.in.ProjectKey(root); n != nil && states[n.Text] != "" {
			return n, states[n.Text]
		}
	}
	var best *doc.Node
	length := -1
	for _, c := range root.Children {
		folder := strings.TrimRight(c.Key, `/\`)
		if c.Text == "TRUST_PARENT" {
			folder = folder[:max(0, strings.LastIndexAny(folder, `/\`))]
		}
		exact := folder == s.in.Project
		if !covers(folder, s.in.Project) || c.Text == "DO_NOT_TRUST" && !exact || states[c.Text] == "" || len(folder) <= length {
			continue
		}
		best, length = c, len(folder)
	}
	if best == nil {
		return nil, ""
	}
	return best, states[best.Text]
}

func geminiAfter(s *state) {
	for _, it := range s.saying("autonomy") {
		if it.norm == string(inventory.AutonomyUnattended) {
			it.off("yolo is taken from the command line only")
		}
	}
	s.geminiRest()
}

// qwenBefore: the question about trust is off until security.folderTrust.enabled is set, and a folder that nobody answered
// for counts as trusted (0.15.10): what a repository's settings say holds at once.
func qwenBefore(s *state) {
	f := s.at("/security/folderTrust/enabled", "user", "managed", "system")
	if !f.is("true") {
		s.trusted = trustState{decided: true}
		return
	}
	s.geminiTrust()
	if s.res.Trust.Assumed {
		s.trusted.state, s.res.Trust = isTrusted, Trust{State: isTrusted, Assumed: true, Evidence: inventory.Evidence{Path: s.path(f), Pointer: pointerOf(f.node),
			Line: f.node.Line, Note: "a folder without an answer counts as trusted"}}
	}
	s.ignoreUntrusted()
}

func (s *state) geminiRest() {
	s.normal()
	if s.latent() && grade(s.res.Autonomy) > grade(inventory.AutonomyAsk) {
		s.set(inventory.AutonomyAsk, "the folder is not trusted, so "+s.res.AutonomyReason+" does not count")
	}
	if s.at("/tools/sandboxNetworkAccess").is("false") && s.res.Sandbox != inventory.SandboxNone {
		s.res.Network = "none"
	}
	for _, it := range s.items {
		if strings.HasPrefix(it.Name, "mcpServers.") && strings.HasSuffix(it.Name, ".trust") && it.Effective && it.node.Text == "true" {
			it.Why = "bypasses tool confirmations for that server"
		}
	}
	s.policies()
}

// policy is one rule of a policy file.
type policy struct {
	it                *item
	tool, server      string
	prefix, decision  string
	tier              int
	priority          string
	modes             []string
	narrowed          bool // by a pattern that is not compared here
	priorityMagnitude float64
}

// policies turns the rules of policy files into allow, ask and deny rules. Of two that decide the same, the higher tier,
// then the higher priority, counts.
func (s *state) policies() {
	var ps []policy
	for i, l := range s.in.Layers {
		if l.Doc == nil || !strings.HasSuffix(l.Path, ".toml") || path.Base(path.Dir(l.Path)) != "policies" {
			continue
		}
		for _, n := range l.Doc.Match("/rule/*") {
			p := s.policy(i, n)
			if p.it == nil {
				continue
			}
			if l.Scope == "project" {
				p.it.off("policies of a workspace are not read")
			}
			if p.it.Effective {
				ps = append(ps, p)
			}
		}
	}
	if len(ps) > maxPolicies {
		ps = ps[:maxPolicies]
	}
	slices.SortStableFunc(ps, func(a, b policy) int {
		return cmp.Or(cmp.Compare(b.tier, a.tier), cmp.Compare(b.priorityMagnitude, a.priorityMagnitude))
	})
	for i, p := range ps {
		for _, by := range ps[:i] {
			if by.it.Effective && by.covers(p) {
				p.it.off("overridden by a rule of higher priority in " + by.it.Path)
				break
			}
		}
	}
}

const maxPolicies = 500 // each is compared with those above it

// covers reports whether a rule decides everything that the other would.
func (p policy) covers(q policy) bool {
	return !p.narrowed && len(p.modes) == 0 && (p.tool == q.tool || p.tool == "*" || p.tool == "") && (p.server == "" || p.server == q.server) &&
		strings.HasPrefix(q.prefix, p.prefix) && p.decision != q.decision
}

func (s *state) policy(layer int, n *doc.Node) policy {
	get := func(key string) string {
		if v := n.Get(key); v != nil && v.Kind != doc.Object {
			return strings.Join(append(v.Strings(), number(v)...), " ")
		}
		return ""
	}
	p := policy{tool: get("toolName"), server: get("mcpName"), prefix: get("commandPrefix"), decision: get("decision"), priority: get("priority"),
		modes: n.Get("modes").Strings(), tier: 1, narrowed: n.Get("argsPattern") != nil || n.Get("commandRegex") != nil}
	if s.in.Layers[layer].Scope == "managed" {
		p.tier = 3
	}
	p.priorityMagnitude = magnitude(p.priority)
	kind := map[string]string{"allow": inventory.SettingAllow, "ask_user": inventory.SettingAsk, "deny": inventory.SettingDeny}[p.decision]
	if kind == "" {
		return policy{}
	}
	p.it = s.note(kind, "policy rule", found{layer, n})
	what := policyText(p, get("commandRegex"), get("argsPattern"))
	p.it.Kind, p.it.rule, p.it.text, p.it.Value = kind, true, what, clean(p.decision+" "+what)
	if len(p.modes) > 0 && !slices.Contains(p.modes, s.geminiModeName()) {
		p.it.off("it counts in the modes " + clean(strings.Join(p.modes, ", ")) + " only")
	}
	return p
}

// policyText is what a rule speaks of: a command, a tool, the tools of a server.
func policyText(p policy, regex, args string) string {
	tool := cmp.Or(p.tool, "*")
	switch {
	case p.server != "":
		return "mcp__" + p.server + "__" + tool
	case p.prefix != "" && tool == "run_shell_command":
		return p.prefix
	case regex != "":
		return tool + "(/" + regex + "/)"
	case args != "":
		return tool + "(/" + args + "/)"
	}
	return tool
}

func (s *state) geminiModeName() string {
	for _, key := range []string{"/general/defaultApprovalMode", "/tools/approvalMode"} {
		if f := s.at(key); f.node != nil && f.text() != "auto_edit" {
			return f.text()
		} else if f.node != nil {
			return "autoEdit"
		}
	}
	return "default"
}

// geminiServer applies the lists of allowed and excluded servers, trust, and the switch of the administrator.
func geminiServer(s *state, at serverAt, st ServerState) ServerState {
	if s.latent() {
		st.disable("tool servers do not connect in a folder that is not trusted")
		if at.repo() {
			st.Approval = Pending
		}
	} else if at.repo() && s.trusted.state == isTrusted {
		st.approved("the folder is trusted")
	}
	for _, key := range []string{"/mcp/allowed", "/allowMCPServers"} {
		if f := s.at(key); f.node != nil && !slices.Contains(f.node.Strings(), at.name) {
			st.disable(s.path(f) + " does not list it in " + strings.ReplaceAll(key[1:], "/", "."))
		}
	}
	for _, key := range []string{"/mcp/excluded", "/excludeMCPServers"} {
		for _, f := range s.all(key) {
			if slices.Contains(f.node.Strings(), at.name) {
				st.disable(s.path(f) + " lists it in " + strings.ReplaceAll(key[1:], "/", "."))
			}
		}
	}
	if f := s.at("/admin/mcp/enabled"); f.is("false") {
		st.disable(s.path(f) + " switches tool servers off")
	}
	if t, ok := at.node.Get("trust").Bool(); ok && t && !s.latent() {
		st.approve("*")
	}
	return st
}
