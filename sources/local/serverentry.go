package local

import (
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
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
