package local

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
	"nhitop/sources/local/mode"
)

// server is a tool server of one assistant with what was decided about it.
type server struct {
	entry entry
	src   *source
	row   *catalogue.Servers
	scope string
	state mode.ServerState
	known *catalogue.Server
	tool  inventory.Tool
}

// serversIn returns the servers that a file has for one assistant. For a project only those under the project's member of
// the user's files count; proj nil means the user's own.
func (b *builder) serversIn(layer int, s *source) []*server {
	if s.doc == nil || s.backup {
		return nil
	}
	var out []*server
	for i := range s.row.Servers {
		row := &s.row.Servers[i]
		for _, box := range b.boxes(s, row) {
			for _, n := range box.Children {
				e, ok := readEntry(n)
				if !ok {
					continue
				}
				scope := row.Scope
				if scope == "" {
					scope = s.row.Scope
				}
				sv := &server{entry: e, src: s, row: row, scope: scope, state: mode.ServerState{Enabled: true}}
				if layer >= 0 && b.result.Server != nil {
					sv.state = b.result.Server(layer, e.name, n, scope)
				}
				out = append(out, sv)
			}
		}
	}
	return out
}

// boxes returns the objects and lists that hold the servers of this assistant.
func (b *builder) boxes(s *source, row *catalogue.Servers) []*doc.Node {
	prefix, perProject := projectPart(s.row, row.Pointer)
	if !perProject {
		if b.proj != nil && !s.repo {
			return nil // the user's servers belong to the user's assistant
		}
		return s.doc.Match(row.Pointer)
	}
	if b.proj == nil {
		return nil
	}
	var out []*doc.Node
	for _, n := range s.doc.Match(prefix) {
		if b.c.isProject(b.home, b.proj, n.Key) {
			out = append(out, matchBelow(n, strings.TrimPrefix(row.Pointer, prefix))...)
		}
	}
	return out
}

// projectPart tells whether a pattern stands below a member that is named by a project's path.
func projectPart(f *catalogue.File, pointer string) (prefix string, ok bool) {
	prefix, star := firstStar(pointer)
	if !star {
		return "", false
	}
	for _, p := range f.Projects {
		if pp, ok := firstStar(p.Pointer); ok && pp == prefix {
			return prefix, true
		}
	}
	return "", false
}

// matchBelow follows a pattern from a node.
func matchBelow(n *doc.Node, rest string) []*doc.Node {
	at := []*doc.Node{n}
	for _, t := range strings.Split(strings.TrimPrefix(rest, "/"), "/") {
		if t == "" {
			continue
		}
		var next []*doc.Node
		for _, m := range at {
			switch {
			case t == "*":
				next = append(next, m.Children...)
			default:
				if x := m.Get(doc.Unescape(t)); x != nil {
					next = append(next, x)
				}
			}
		}
		at = next
	}
	return at
}

// record makes the tool's record.
func (b *builder) record(sv *server) {
	e := &sv.entry
	t := inventory.Tool{
		ID:        inventory.NewID(inventory.NounTool, string(b.rec.ID), sv.src.shown, e.node.Pointer),
		Assistant: b.rec.ID, Name: credential.Redact(e.name), Transport: e.transport(sv.row.Default),
		Command: credential.Redact(e.command), Args: credential.RedactArgs(e.args), URL: credential.RedactURL(e.url),
		EnvNames: redacted(e.env), HeaderNames: redacted(e.headers), Pinned: inventory.Unknown,
		AutoApproved: sv.state.AutoApproved, ApprovedTools: sv.state.ApprovedTools,
		Enabled: sv.state.Enabled, EnabledReason: sv.state.Reason, Approval: sv.state.Approval, Scope: sv.scope,
	}
	ev := sv.src.at(e.node, "")
	if e.node.KeyLine > 0 {
		ev.Line = e.node.KeyLine
	}
	t.Evidence = []inventory.Evidence{ev}
	if e.command != "" {
		_, _, t.Pinned, t.PinReason = catalogue.Package(e.command, e.args)
	} else if e.url != "" {
		t.PinReason = "remote: what runs there is not pinned from here"
	}
	if sv.known = b.c.cat.MatchServer(e.command, e.args, e.url); sv.known != nil {
		t.Known = sv.known.ID
	}
	for _, p := range b.placed {
		if p.below(sv.src, e.node.Pointer) || p.loginOf(e.name) {
			t.Secrets = append(t.Secrets, p.id)
		}
	}
	slices.Sort(t.Secrets)
	t.Secrets = slices.Compact(t.Secrets)
	for _, n := range e.refs {
		b.c.sink.Reference(inventory.Reference{Assistant: b.rec.ID, Kind: credential.RefEnv, Text: credential.Redact(text(n)),
			Path: sv.src.shown, Pointer: doc.SafePointer(n.Pointer), Line: n.Line})
	}
	sv.tool = t
	b.c.sink.Tool(t)
}

// loginOf reports whether the secret is a login that the product keeps for a server elsewhere, under its name alone or
// with something behind a bar: mcpOAuth/NAME|HASH (Claude Code 2.1).
func (p placed) loginOf(name string) bool {
	if name == "" || p.src.row == nil || p.src.row.Role != "credentials" || p.src.isBackup() {
		return false
	}
	for _, t := range strings.Split(p.pointer, "/") {
		t = doc.Unescape(t)
		if before, _, ok := strings.Cut(t, "|"); ok && before == name {
			return true
		}
	}
	return false
}
