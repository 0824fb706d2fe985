package risk

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

var serverRules = []row{
	{"MCP-01", inventory.NounTool, notApproved},
	{"MCP-02", inventory.NounTool, notPinned},
	{"MCP-04", inventory.NounTool, openServer},
	{"MCP-05", inventory.NounAssistant, projectStarts},
	{"MCP-06", inventory.NounTool, broadServerSecret},
	{"MCP-07", inventory.NounTool, allToolsApproved},
	{"MCP-11", inventory.NounAssistant, foreignEndpoint},
	{"MCP-12", inventory.NounAssistant, projectHelper},
}

// server names a tool server and whose it is.
func (s Subject) server() string {
	if s.w.s.Place(inventory.NounAssistant, s.Tool.Assistant) < 0 {
		return quote(s.Tool.Name)
	}
	return quote(s.Tool.Name) + " of " + s.profile().name
}

// entry is how a tool server is called in a sentence.
func (s Subject) entry() string {
	return "Tool server " + s.server()
}

func notApproved(s Subject, p Policy) []Hit {
	t := s.Tool
	if p.Approved(t) != inventory.No {
		return nil
	}
	return []Hit{{Group: serverKey(s), Detail: s.entry() + " is not on the list of approved servers.", Evidence: t.Evidence,
		Changes: []Change{fixServer(s, "Approve it in the policy, or remove it.")}}}
}

func notPinned(s Subject, _ Policy) []Hit {
	t := s.Tool
	if t.Pinned != inventory.No || t.Transport != "stdio" {
		return nil
	}
	starts := quote(started(t))
	return []Hit{{Group: serverKey(s), Detail: fmt.Sprintf("%s starts %s without a fixed version%s.", s.entry(), starts, because(t.PinReason)),
		Evidence: t.Evidence, Changes: []Change{fixServer(s, "Name an exact version in the entry.")}}}
}

// packageArg is the first argument that is no flag.
// started names the program and what it fetches: an image is not the first argument.
func started(t *inventory.Tool) string {
	what := packageArg(t.Args)
	name, _, _, _ := catalogue.Package(t.Command, t.Args)
	if name != "" && !strings.HasPrefix(what, name) {
		what = name
	}
	program, _, _ := strings.Cut(t.Command, " ")
	if strings.ContainsAny(program, `/\`) { // a path may hold blanks
		program = t.Command
	}
	return strings.TrimSpace(program + " " + what)
}

func packageArg(args []string) string {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return ""
}

func hostOf(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func anyAddress(host string) bool { return host == "0.0.0.0" || host == "::" || host == "[::]" }

// openServer holds where the way is not encrypted or the server listens on every address. That a remote server asks for
// no login cannot be told from its entry: many log in when they are first used.
func openServer(s Subject, _ Policy) []Hit {
	t := s.Tool
	host := hostOf(t.URL)
	what := ""
	switch {
	case anyAddress(host):
		what = "is reached at " + host + ", so it listens for every machine"
	case strings.HasPrefix(strings.ToLower(t.URL), "http://") && host != "" && !loopback(host):
		what = "is reached over plain http at " + host
		if len(t.Secrets)+len(t.HeaderNames) == 0 {
			what += ", and its entry holds no login"
		}
	case t.Transport == "stdio" && bindsAll(t.Args):
		what = "listens on every address of this machine"
	default:
		return nil
	}
	return []Hit{{Group: serverKey(s), Detail: s.entry() + " " + what + ".", Evidence: t.Evidence,
		Changes: []Change{fixServer(s, "Use https, or bind it to 127.0.0.1.")}}}
}

func bindsAll(args []string) bool {
	for i, a := range args {
		flag, value, ok := strings.Cut(a, "=")
		if !ok && i+1 < len(args) {
			value = args[i+1]
		}
		switch strings.TrimLeft(flag, "-") {
		case "host", "bind", "address", "listen", "b":
			if strings.HasPrefix(flag, "-") && anyAddress(strings.TrimSuffix(value, ":"+portOf(value))) {
				return true
			}
		}
	}
	return false
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// projectStarts is one finding for a project and a product: its files start commands on this machine.
func projectStarts(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job != nil || p.a.Trust == "untrusted" {
		return nil
	}
	var what []string
	var hooks []*inventory.Setting
	for _, set := range p.settings(inventory.SettingHook) {
		if projectScoped(set.Scope) {
			what, hooks = append(what, "hook "+quote(set.Name)), append(hooks, set)
		}
	}
	for _, set := range p.settings(inventory.SettingServers) {
		if projectScoped(set.Scope) && set.Value == "true" {
			what, hooks = append(what, set.Name), append(hooks, set)
		}
	}
	evidence := settingEvidence(hooks...)
	for i, t := range p.tools {
		if projectScoped(t.Scope) && t.Transport == "stdio" && t.Approval != "rejected" && t.Approval != "pending" {
			if evidence == nil {
				what, evidence = make([]string, 0, len(p.tools)-i), make([]inventory.Evidence, 0, len(p.tools)-i)
			}
			what, evidence = append(what, "server "+quote(t.Name)), append(evidence, t.Evidence...)
		}
	}
	if len(what) == 0 {
		return nil
	}
	slices.Sort(what)
	h := Hit{Detail: fmt.Sprintf("Files of the project start commands through %s: %s.", p.name, list(slices.Compact(what))), Evidence: evidence,
		Changes: []Change{{Kind: "project", Key: p.family() + "|" + p.a.Path, Subject: p.a.ID, Title: "take commands out of the project files of " + p.name,
			Do: "Move servers and hooks to the user's settings, or let them be approved again after each change."}}}
	if p.alone() || p.a.Trust == "trusted" {
		h.Known = "the Claude Code project-file flaw of 2025 (CVE-2025-59536)"
	}
	return []Hit{h}
}

// broad are the secrets of a tool server that cannot be narrowed.
func (s Subject) broad() []*inventory.Secret {
	var broad []*inventory.Secret
	for _, id := range s.Tool.Secrets {
		x := s.Snapshot().Secret(id)
		if x != nil && s.w.alive(x) && (x.Broad || slices.ContainsFunc(x.Scopes, wildScope)) {
			broad = append(broad, x)
		}
	}
	slices.SortFunc(broad, func(a, b *inventory.Secret) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(broad)
}

func broadServerSecret(s Subject, _ Policy) []Hit {
	broad := s.broad()
	if len(broad) == 0 {
		return nil
	}
	h := Hit{Group: serverKey(s), Detail: fmt.Sprintf("%s holds %s, which cannot be narrowed to its tools.", s.entry(), list(callNames(broad))), Evidence: slices.Clip(s.Tool.Evidence)}
	for _, x := range broad {
		h.Evidence = append(h.Evidence, placeEvidence(x, original)...)
	}
	if len(broad) == 1 {
		h.Changes = append(h.Changes, replaceSecret(broad[0]))
	}
	h.Changes = append(h.Changes, fixServer(s, "Give it a narrower token."))
	return []Hit{h}
}

func allToolsApproved(s Subject, _ Policy) []Hit {
	t := s.Tool
	if !t.AutoApproved && !slices.Contains(t.ApprovedTools, "*") {
		return nil
	}
	return []Hit{{Group: serverKey(s), Detail: s.entry() + " may use all its tools without asking.", Evidence: t.Evidence,
		Changes: []Change{fixServer(s, "Approve single tools by name.")}}}
}

// foreignEndpoint holds where prompts and the model key go to a host that is neither a vendor's nor approved nor this
// machine.
func foreignEndpoint(s Subject, pol Policy) []Hit {
	p := s.profile()
	var hits []Hit
	for _, set := range p.settings(inventory.SettingEndpoint) {
		host := hostOf(set.Value)
		if host == "" || loopback(host) || pol.modelHost(host) {
			continue
		}
		h := Hit{Key: set.Path + set.Pointer + set.Name, Group: p.family() + "|" + set.Path + "#" + set.Pointer + "#" + set.Name,
			Detail:   fmt.Sprintf("%s sends its prompts and model key to %s (%s), which is not a known model host.", p.name, host, set.Name),
			Evidence: settingEvidence(set), Changes: []Change{fixSetting(p, set, "Set it back, or approve the host.")}}
		if len(h.Evidence) == 0 {
			h.Evidence = p.a.Evidence
		}
		if projectScoped(set.Scope) {
			h.Known = "the endpoint override in project files of 2026 (CVE-2026-21852)"
		}
		hits = append(hits, h)
	}
	return hits
}

func projectHelper(s Subject, _ Policy) []Hit {
	p := s.profile()
	var own []*inventory.Setting
	var names []string
	for _, set := range p.settings(inventory.SettingHelper) {
		if projectScoped(set.Scope) {
			own, names = append(own, set), append(names, set.Name)
		}
	}
	if len(own) == 0 {
		return nil
	}
	slices.Sort(names)
	return []Hit{{Detail: fmt.Sprintf("A project file sets %s for %s.", list(slices.Compact(names)), p.name), Evidence: settingEvidence(own...),
		Changes: []Change{fixSetting(p, own[0], "Take it out of the project file.")}}}
}
