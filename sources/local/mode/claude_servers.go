package mode

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"nhitop/sources/internal/doc"
)

// claudeServer says whether a tool server starts: the repository's entry, the lists of approved and rejected names, the
// trust of the folder and the managed lists together.
func claudeServer(s *state, at serverAt, st ServerState) ServerState {
	s.claudeApproval(at, &st)
	if exclusive := s.claudeExclusive(); exclusive != "" && s.in.Layers[at.layer].Path != exclusive {
		st.disable(exclusive + " is there: only its servers start")
	}
	for _, f := range s.all("/deniedMcpServers") {
		if slices.ContainsFunc(f.node.Children, func(e *doc.Node) bool { return claudeNames(e, at) }) {
			st.disable(s.path(f) + " denies it in deniedMcpServers")
		}
	}
	s.claudeAllowed(at, &st)
	for i, l := range s.in.Layers {
		if at.scope == "project" || l.File == nil || l.Doc == nil || l.File.ID != "state" {
			continue
		}
		if slices.Contains(s.project(i, "/projects/*").Get("disabledMcpServers").Strings(), at.name) {
			st.disable(l.Path + " lists it in disabledMcpServers of this project")
		}
	}
	return st
}

// claudeApproval decides about a server of .mcp.json. A rejection wins over everything.
func (s *state) claudeApproval(at serverAt, st *ServerState) {
	if !at.repo() || path.Base(s.in.Layers[at.layer].Path) != ".mcp.json" {
		return
	}
	const headless = "; claude -p starts it all the same"
	lists := func(key string) []found {
		fs := s.all("/" + key)
		for i, l := range s.in.Layers {
			if l.Doc != nil && l.File != nil && l.File.ID == "state" {
				if n := s.project(i, "/projects/*").Get(key); n != nil {
					fs = append(fs, found{i, n})
				}
			}
		}
		return fs
	}
	for _, f := range lists("disabledMcpjsonServers") {
		if slices.Contains(f.node.Strings(), at.name) {
			st.Approval = Rejected
			st.disable(s.path(f) + " lists it in disabledMcpjsonServers: a rejection wins" + headless)
			return
		}
	}
	yes := ""
	for _, f := range lists("enabledMcpjsonServers") {
		if slices.Contains(f.node.Strings(), at.name) {
			yes = s.path(f) + " lists it in enabledMcpjsonServers"
			break
		}
	}
	if f := s.at("/enableAllProjectMcpServers"); yes == "" && f.is("true") {
		yes = s.path(f) + " sets enableAllProjectMcpServers"
	}
	switch {
	case s.latent() && yes != "":
		st.Approval = Pending
		st.disable(yes + ", but the folder is not trusted" + headless)
		return
	case s.latent():
		st.Approval = Pending
		st.disable("the folder is not trusted" + headless)
		return
	case yes != "":
		st.approved(yes)
		return
	}
	st.Approval = Pending
	st.disable("waits for approval: no file lists it as enabled or disabled" + headless)
}

func (st *ServerState) approved(reason string) {
	st.Approval = Approved
	if st.Enabled {
		st.Reason = reason
	}
}

// claudeExclusive returns the path of managed-mcp.json where it was read, or "".
func (s *state) claudeExclusive() string {
	for _, l := range s.in.Layers {
		if l.Scope == "managed" && path.Base(l.Path) == "managed-mcp.json" && l.Doc != nil {
			return l.Path
		}
	}
	return ""
}

// claudeAllowed applies allowedMcpServers. An entry by command or URL makes the list speak of commands or URLs for all
// servers of that transport; an empty list lets none through.
func (s *state) claudeAllowed(at serverAt, st *ServerState) {
	lists := s.all("/allowedMcpServers")
	if s.at("/allowManagedMcpServersOnly", "managed").is("true") {
		lists = s.all("/allowedMcpServers", "managed")
	}
	if len(lists) == 0 {
		return
	}
	var entries []*doc.Node
	for _, f := range lists {
		entries = append(entries, f.node.Children...)
	}
	key := "serverUrl"
	if at.node.Get("command") != nil {
		key = "serverCommand"
	}
	byShape := slices.ContainsFunc(entries, func(e *doc.Node) bool { return e.Get(key) != nil })
	for _, e := range entries {
		if claudeNames(e, at) && (!byShape || e.Get(key) != nil) {
			return
		}
	}
	st.disable(s.path(lists[0]) + " does not list it in allowedMcpServers")
}

// claudeNames reports whether an entry of an allow or deny list means this server.
func claudeNames(e *doc.Node, at serverAt) bool {
	if n := e.Get("serverName"); n != nil {
		return n.Text == at.name
	}
	if n := e.Get("serverCommand"); n != nil {
		command := at.node.Get("command")
		return command != nil && slices.Equal(n.Strings(), append([]string{command.Text}, at.node.Get("args").Strings()...))
	}
	if n := e.Get("serverUrl"); n != nil && at.node.Get("url") != nil {
		return wildcard(n.Text).MatchString(at.node.Get("url").Text)
	}
	return false
}

// wildcard makes a test of a text in which "*" stands for anything.
func wildcard(p string) *regexp.Regexp {
	if len(p) > maxValue*4 {
		p = p[:maxValue*4]
	}
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$")
}
