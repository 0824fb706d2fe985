package local

import (
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
	"nhitop/sources/local/mode"
)

// entry is one tool server as a file has it, whatever the product calls the members.
type entry struct {
	node    *doc.Node
	name    string
	command string
	args    []string
	url     string
	kind    string // type as written
	stream  bool   // the member's name says that the URL streams over HTTP
	env     []string
	headers []string
	refs    []*doc.Node // names of variables that hold its secrets
	builtin bool
}

// The members of a server entry, in all products (facts of 2026-11-22).
var (
	commandKeys = []string{"command", "cmd"}
	urlKeys     = []string{"url", "serverUrl", "httpUrl", "uri", "endpoint"}
	envKeys     = []string{"env", "environment", "envs"}
	headerKeys  = []string{"headers", "http_headers", "extra_headers"}
	// envRefKeys name variables instead of holding values.
	envRefKeys = []string{"bearer_token_env_var", "env_keys", "env_vars", "env_http_headers"}
)

func first(n *doc.Node, keys ...string) *doc.Node {
	for _, k := range keys {
		if m := n.Get(k); m != nil && m.Kind != doc.Null {
			return m
		}
	}
	return nil
}

func text(n *doc.Node) string {
	if n == nil || n.Kind == doc.Object || n.Kind == doc.Array {
		return ""
	}
	return n.Text
}

// texts returns the scalars of a list.
func texts(n *doc.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind == doc.String {
		return []string{n.Text}
	}
	var out []string
	for _, m := range n.Children {
		if m.Kind == doc.String || m.Kind == doc.Number || m.Kind == doc.Bool {
			out = append(out, m.Text)
		}
	}
	return out
}

// readEntry reads a server entry. ok is false for a member that is no server.
func readEntry(n *doc.Node) (e entry, ok bool) {
	e = entry{node: n, name: n.Key}
	if n.Kind == doc.String { // a list of addresses
		u, err := url.Parse(n.Text)
		if err != nil || u.Host == "" || n.Key != "" {
			return e, false
		}
		e.name, e.url = u.Host, n.Text
		return e, true
	}
	if n.Kind != doc.Object {
		return e, false
	}
	if e.name == "" {
		e.name = text(first(n, "name", "id", "title"))
	}
	e.read(n)
	if t := n.Get("transport"); t != nil {
		if t.Kind == doc.Object {
			e.read(t)
		} else if e.kind == "" {
			e.kind = text(t)
		}
	}
	e.builtin = e.kind == "builtin" || e.kind == "platform" || e.kind == "frontend" ||
		e.command == "" && e.url == "" && first(n, "settings", "source") != nil
	if e.name == "" && e.url != "" {
		if u, err := url.Parse(e.url); err == nil {
			e.name = u.Host
		}
	}
	if e.name == "" {
		e.name = e.command
	}
	return e, e.command != "" || e.url != "" || e.builtin
}

// read takes the members of one object into the entry; what is already known stays.
func (e *entry) read(n *doc.Node) {
	if c := first(n, commandKeys...); c != nil && e.command == "" {
		switch c.Kind {
		case doc.Array: // the command with its arguments
			if all := texts(c); len(all) > 0 {
				e.command, e.args = all[0], all[1:]
			}
		case doc.Object: // older Zed: {path, args, env}
			e.command, e.args = text(first(c, "path", "command")), texts(c.Get("args"))
			e.names(c)
		default:
			e.command = c.Text
		}
	}
	if a := n.Get("args"); a != nil && len(e.args) == 0 {
		e.args = texts(a)
	}
	if u := first(n, urlKeys...); u != nil && e.url == "" {
		e.url, e.stream = text(u), u.Key == "httpUrl"
	}
	if k := text(first(n, "type", "transportType")); k != "" && e.kind == "" {
		e.kind = k
	}
	e.names(n)
}

// names gathers the names of variables and headers.
func (e *entry) names(n *doc.Node) {
	for _, k := range envKeys {
		m := n.Get(k)
		if m == nil {
			continue
		}
		for _, v := range m.Children {
			name := v.Key
			if name == "" { // a list of NAME=value, or of {name, value}
				name, _, _ = strings.Cut(text(v), "=")
				if v.Kind == doc.Object {
					name = text(first(v, "name", "key"))
				}
			}
			e.env = add(e.env, name)
		}
	}
	for _, at := range []*doc.Node{n, n.Get("requestOptions"), n.Get("request_options")} {
		for _, k := range headerKeys {
			if m := at.Get(k); m != nil {
				for _, h := range m.Children {
					e.headers = add(e.headers, h.Key)
				}
			}
		}
	}
	for _, k := range envRefKeys {
		m := n.Get(k)
		switch {
		case m == nil:
		case m.Kind == doc.Object:
			for _, v := range m.Children {
				e.headers = add(e.headers, v.Key)
				e.refs = append(e.refs, v)
			}
		case m.Kind == doc.Array:
			for _, v := range m.Children {
				e.env = add(e.env, text(v))
				e.refs = append(e.refs, v)
			}
		default:
			e.refs = append(e.refs, m)
		}
	}
}

// redacted takes secrets out of names: somebody may have put the value where the name belongs.
func redacted(names []string) []string {
	out := slices.Clone(names)
	for i, n := range out {
		if len(n) >= 12 {
			out[i] = credential.Redact(n)
		}
	}
	return out
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// transport names the way that a server is reached in its normal form.
func (e *entry) transport(fallback string) string {
	kind := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(e.kind))
	switch {
	case e.builtin:
		return "builtin"
	case e.command != "" && e.url == "" || kind == "stdio" || kind == "local":
		return "stdio"
	case kind == "sse":
		return "sse"
	case strings.Contains(kind, "http") || e.stream:
		return "http"
	}
	bare, _, _ := strings.Cut(e.url, "?")
	switch {
	case strings.HasSuffix(strings.TrimSuffix(bare, "/"), "/sse"):
		return "sse"
	case fallback == "http" || fallback == "sse" || fallback == "stdio":
		return fallback
	}
	return "http"
}

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
			Path: sv.src.shown, Pointer: safePointer(n.Pointer), Line: n.Line})
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
