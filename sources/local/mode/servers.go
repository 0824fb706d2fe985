package mode

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// Approval states of a tool server that comes with a repository.
const (
	Approved = "approved"
	Rejected = "rejected"
	Pending  = "pending"
)

// serverAt is one entry of a tool server.
type serverAt struct {
	layer int
	name  string
	node  *doc.Node
	scope string // user, project, local, managed
	row   *catalogue.Servers
}

// serverName is a server's name with the precedence of the place where it stands.
type serverName struct {
	name string
	rank int
	at   serverAt
}

// repo reports whether the entry comes with the repository.
func (at serverAt) repo() bool { return at.scope == "project" }

// indexServers notes all names, so that an entry can be told from the one that takes its place.
func (s *state) indexServers() {
	if !s.by.shadow {
		return
	}
	for i := range s.in.Layers {
		l := &s.in.Layers[i]
		if l.Doc == nil || l.File == nil || s.ignored[i] != "" {
			continue
		}
		for j := range l.File.Servers {
			row := &l.File.Servers[j]
			for _, box := range s.match(i, row.Pointer) {
				for _, n := range box.Children {
					s.nameServer(i, row, n)
				}
			}
		}
	}
}

func (s *state) nameServer(layer int, row *catalogue.Servers, n *doc.Node) {
	at := serverAt{layer: layer, name: n.Key, node: n, scope: s.in.Layers[layer].Scope, row: row}
	if name := n.Get("name"); at.name == "" && name != nil {
		at.name = name.Text
	}
	rank := s.rank(layer)
	if row.Scope != "" {
		at.scope, rank = row.Scope, (&catalogue.File{Scope: row.Scope}).Precedence()
	}
	if len(s.names) < maxItems {
		s.names = append(s.names, serverName{at.name, rank, at})
	}
}

// rowOf finds the catalogue row that an entry belongs to.
func (s *state) rowOf(layer int, n *doc.Node) *catalogue.Servers {
	f := s.in.Layers[layer].File
	if f == nil || n == nil {
		return nil
	}
	parent := strings.Split(n.Pointer[:max(0, strings.LastIndexByte(n.Pointer, '/'))], "/")
	for i := range f.Servers {
		p := strings.Split(f.Servers[i].Pointer, "/")
		if len(p) == len(parent) && matches(p, parent) {
			return &f.Servers[i]
		}
	}
	return nil
}

func matches(pattern, tokens []string) bool {
	for i, t := range pattern {
		if t != "*" && t != tokens[i] {
			return false
		}
	}
	return true
}

// decideServer is Result.Server.
func (s *state) decideServer(layer int, name string, node *doc.Node, scope string) ServerState {
	if layer < 0 || layer >= len(s.in.Layers) {
		return ServerState{Enabled: true}
	}
	at := serverAt{layer: layer, name: name, node: node, scope: scope, row: s.rowOf(layer, node)}
	if at.scope == "" {
		at.scope = s.in.Layers[layer].Scope
	}
	st := s.own(at)
	if why := s.ignored[layer]; why != "" && st.Enabled {
		st.Enabled, st.Reason = false, why
	}
	if s.by.server != nil {
		st = s.by.server(s, at, st)
	} else if at.row != nil && at.row.Repo && st.Approval == "" && st.Enabled {
		st.Approval = Pending
		st.Reason = "comes with the repository and waits for an approval; where that is kept was not read"
	}
	if by := s.shadowed(at); by != "" && st.Enabled {
		st.Enabled, st.Reason = false, "the entry of the same name in "+by+" takes its place"
	}
	return st
}

// own is what the entry itself says, and what the rules say of its tools.
func (s *state) own(at serverAt) ServerState {
	st := ServerState{Enabled: true}
	if on, ok := at.node.Get("enabled").Bool(); ok && !on {
		st.Enabled, st.Reason = false, "its entry says enabled: false"
	}
	if off, ok := at.node.Get("disabled").Bool(); ok && off {
		st.Enabled, st.Reason = false, "its entry says disabled: true"
	}
	for _, key := range []string{"autoApprove", "alwaysAllow", "auto_approve", "autoApproved", "approvedTools"} {
		n := at.node.Get(key)
		if on, ok := n.Bool(); ok && on {
			st.approve("*")
		}
		for _, t := range n.Strings() {
			st.approve(t)
		}
	}
	s.ruled(at, &st)
	if s.res.Autonomy == inventory.AutonomyUnattended {
		st.approve("*")
	}
	return st
}

// approve adds a tool that runs without asking.
func (st *ServerState) approve(tool string) {
	if tool == "" || slices.Contains(st.ApprovedTools, tool) {
		return
	}
	if tool == "*" {
		st.AutoApproved = true
		st.ApprovedTools = []string{"*"}
		return
	}
	if !st.AutoApproved && len(st.ApprovedTools) < maxItems {
		st.ApprovedTools = append(st.ApprovedTools, clean(tool))
	}
}

// ruled applies allow rules that speak of tool servers.
func (s *state) ruled(at serverAt, st *ServerState) {
	for _, it := range s.items {
		if !it.rule || it.Kind != inventory.SettingAllow || !it.Effective || aboutAddresses(it.Name) {
			continue
		}
		r := s.ruleOf(it)
		if r.Class == allowrule.All && r.Any {
			st.approve("*")
		}
		if r.Class != allowrule.Server || r.Server != "*" && !sameServer(r.Server, at.name) {
			continue
		}
		if r.Any {
			st.approve("*")
		} else {
			st.approve(r.Pattern)
		}
	}
}

// sameServer compares names as products do in rules, where what is not a word character becomes "_".
func sameServer(rule, name string) bool {
	return rule == name || rule == strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}

// shadowed returns the file whose entry of the same name takes this one's place, or "".
func (s *state) shadowed(at serverAt) string {
	mine := -1
	for _, n := range s.names {
		if n.at.layer == at.layer && n.at.node == at.node {
			mine = n.rank
		}
	}
	if mine < 0 {
		return ""
	}
	for _, n := range s.names {
		if n.name == at.name && n.rank > mine {
			return s.in.Layers[n.at.layer].Path
		}
	}
	return ""
}

// disable ends a server, unless it is ended already.
func (st *ServerState) disable(reason string) {
	if st.Enabled {
		st.Enabled, st.Reason = false, reason
	}
}
