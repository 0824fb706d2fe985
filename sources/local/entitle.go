package local

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// acts reports whether the assistant runs commands or changes files, with or without asking.
func (b *builder) acts() bool {
	caps := b.result.Capabilities
	for _, c := range []inventory.Capability{inventory.ExecLocal, inventory.WriteSource} {
		if a := caps[c]; a == inventory.Yes || a == inventory.Asks {
			return true
		}
	}
	if caps[inventory.ExecLocal] == inventory.No {
		return false
	}
	return b.entry.Acts
}

// exposed reports whether nothing that is known keeps its commands from the credentials of the user.
func (b *builder) exposed() bool {
	return b.rec.Sandbox == inventory.SandboxNone || b.rec.Sandbox == inventory.SandboxUnknown || b.rec.Sandbox == ""
}

// entitle delivers what the assistant may do, each with the way that proves it.
func (b *builder) entitle() {
	b.builtinGrants()
	for _, sv := range b.servers {
		b.serverGrants(sv)
	}
	inServer := map[inventory.ID]*server{}
	for _, sv := range b.servers {
		for _, id := range sv.tool.Secrets {
			inServer[id] = sv
		}
	}
	done := map[inventory.ID]bool{}
	for _, p := range b.placed {
		if !done[p.id] {
			done[p.id] = true
			b.secretGrants(p, inServer[p.id])
		}
	}
	own := len(b.reach)
	if b.proj != nil {
		own = len(b.proj.inherited)
	}
	for _, x := range b.reach[:min(own, len(b.reach))] {
		b.ambientGrants(x)
	}
	if b.proj != nil {
		mine := b.grants
		b.grants = nil
		for _, x := range b.reach[min(own, len(b.reach)):] {
			b.ambientGrants(x)
		}
		b.fromHome()
		b.grants = append(mine, fewest(b.grants, mine)...)
	}
	for _, e := range b.grants {
		b.c.sink.Entitlement(e)
	}
}

// grant makes one entitlement.
func (b *builder) grant(c inventory.Capability, via, origin, level, gate string, certain bool, res inventory.Resource, path []string, ev []inventory.Evidence) {
	if res.Kind != "" {
		res.ID = inventory.NewID(inventory.NounResource, res.Kind, res.Name)
		b.c.resource(res)
	}
	b.grants = append(b.grants, inventory.Entitlement{
		ID:        inventory.NewID(inventory.NounEntitlement, string(b.rec.ID), via, string(c), string(res.ID), origin),
		Assistant: b.rec.ID, Via: via, Capability: c, Level: level, Resource: res.ID, Environment: res.Environment,
		Origin: origin, Gate: gate, Certain: certain, Path: path, Evidence: ev,
	})
}

// resource delivers a resource once.
func (c *collection) resource(r inventory.Resource) {
	if !c.resources[r.ID] {
		c.resources[r.ID] = true
		c.sink.Resource(r)
	}
}

// levels of the capabilities that an assistant has by itself.
var readOnly = map[inventory.Capability]bool{inventory.ReadSource: true, inventory.NetworkOut: true}

func (b *builder) builtinGrants() {
	caps := b.result.Capabilities
	for _, c := range inventory.SortedKeys(caps) {
		a := caps[c]
		if a != inventory.Yes && a != inventory.Asks {
			continue
		}
		gate, level := inventory.GateOpen, "write"
		if a == inventory.Asks {
			gate = inventory.GateAsks
		}
		if readOnly[c] {
			level = "read"
		}
		res := inventory.Resource{Kind: "machine", Name: cmp.Or(b.rec.Host, b.rec.Path, "this machine"), Environment: "dev"}
		if (c == inventory.ReadSource || c == inventory.WriteSource) && b.proj != nil {
			res = inventory.Resource{Kind: "repository", Name: b.repository()}
		}
		path := []string{b.label(), "built in", fmt.Sprintf("mode %s: %s", b.rec.Autonomy, cmp.Or(b.rec.AutonomyReason, "the product's default"))}
		b.grant(c, inventory.ViaDelegated, inventory.OriginDirect, level, gate, true, res, append(path, string(c)), nil)
	}
}

func (b *builder) label() string {
	if b.rec.Path == "" {
		return b.rec.Name
	}
	return b.rec.Name + " in " + b.rec.Path
}

// repository names the project's repository by where it is kept, or by its folder.
func (b *builder) repository() string {
	if t := b.proj.tree; t != nil {
		if r := t.git.Repository(); r != "" {
			return r
		}
	}
	return b.proj.shown
}

// gateOf tells whether a person is asked before a tool or a command is used.
func (b *builder) gateOf(auto bool) string {
	switch b.rec.Autonomy {
	case inventory.AutonomyAuto, inventory.AutonomyUnattended:
		return inventory.GateOpen
	}
	if auto {
		return inventory.GateOpen
	}
	return inventory.GateAsks
}

// shellGate tells whether a person is asked before a command runs, through which a credential in reach is used.
func (b *builder) shellGate() string {
	switch b.result.Capabilities[inventory.ExecLocal] {
	case inventory.Yes:
		return inventory.GateOpen
	case inventory.Asks:
		return inventory.GateAsks
	case inventory.No:
		return inventory.GateBlocked
	}
	return b.gateOf(false)
}

func (b *builder) serverGrants(sv *server) {
	if sv.known == nil || !sv.tool.Enabled {
		return
	}
	launch := strings.Join(append([]string{sv.tool.Command}, sv.tool.Args...), " ")
	if sv.tool.URL != "" {
		launch = strings.TrimSpace(launch + " " + sv.tool.URL)
	}
	via := inventory.ViaDelegated
	if len(sv.tool.Secrets) > 0 {
		via = string(sv.tool.Secrets[0])
	}
	gate := b.gateOf(sv.tool.AutoApproved || slices.Contains(sv.tool.ApprovedTools, "*"))
	for _, g := range sv.known.Grants {
		if !g.Applies(launch) {
			continue
		}
		res := inventory.Resource{Kind: cmp.Or(sv.known.Resource, "service"), Name: cmp.Or(sv.known.Vendor, sv.known.Name)}
		b.grant(inventory.Capability(g.Capability), via, inventory.OriginTool, g.Level, gate, g.Certain, res,
			[]string{b.label(), "tool server " + sv.tool.Name, "known as " + sv.known.Name, g.Capability}, sv.tool.Evidence)
	}
}

func (b *builder) secretGrants(p placed, sv *server) {
	k := b.c.cat.Kind(p.kind)
	if k == nil || p.src.isBackup() && sv != nil {
		return
	}
	origin, how := inventory.OriginDirect, "holds it in "+p.src.shown
	if sv != nil {
		if !sv.tool.Enabled {
			return
		}
		origin, how = inventory.OriginTool, "gives it to tool server "+sv.tool.Name
	}
	b.kindGrants(k, string(p.id), origin, how, "", []inventory.Evidence{{Path: p.src.shown, Pointer: doc.SafePointer(p.pointer), Line: p.line}})
}

func (b *builder) ambientGrants(x inherited) {
	if k := b.c.cat.Kind(x.kind); k != nil && !x.closed {
		b.kindGrants(k, string(x.id), inventory.OriginInherited, "inherits it from the user: "+x.proof.Path, x.account, []inventory.Evidence{x.proof})
	}
}

func (b *builder) kindGrants(k *catalogue.CredentialKind, via, origin, how, account string, ev []inventory.Evidence) {
	gate := b.shellGate()
	if origin == inventory.OriginTool {
		gate = b.gateOf(false)
	}
	for _, g := range k.Grants {
		if g.When != "" || g.Unless != "" {
			continue // tells of a server's command line, and there is none
		}
		name := strings.TrimSpace(cmp.Or(k.Issuer, k.Name) + " " + account)
		res := inventory.Resource{Kind: cmp.Or(k.Resource, "service"), Name: name, Environment: environmentOf(account), EnvironmentAssumed: environmentOf(account) != ""}
		b.grant(inventory.Capability(g.Capability), via, origin, g.Level, gate, g.Certain, res,
			[]string{b.label(), how, cmp.Or(k.Name, k.Kind), g.Capability}, ev)
	}
}

var production = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:prod|production|prd)(?:[^a-z]|$)`)

// environmentOf tells production by the names that people give it; anything else is not known.
func environmentOf(names ...string) string {
	for _, n := range names {
		if production.MatchString(n) {
			return "production"
		}
	}
	return ""
}

// fromHome adds what the user's own assistant of this product holds: it holds in the project too.
func (b *builder) fromHome() {
	if b.home == nil {
		return
	}
	hp := b.home.products[b.entry.ID]
	if hp == nil || hp.built == nil {
		return
	}
	for _, e := range hp.built.grants {
		if e.Origin == inventory.OriginInherited || e.Via == inventory.ViaDelegated && e.Origin == inventory.OriginDirect {
			continue // the project has its own
		}
		if e.Origin == inventory.OriginDirect {
			e.Gate = b.shellGate()
		} else if b.gateOf(false) == inventory.GateOpen {
			e.Gate = inventory.GateOpen
		}
		e.ID = inventory.NewID(inventory.NounEntitlement, string(b.rec.ID), e.Via, string(e.Capability), string(e.Resource), e.Origin)
		e.Assistant = b.rec.ID
		e.Path = append([]string{b.label(), "the user's settings hold here"}, e.Path[1:]...)
		b.grants = append(b.grants, e)
	}
}

// fewest keeps, of what comes from the home, the strongest way to each capability that the project does not have as
// strongly by itself. A user may have thousands of projects and tens of credentials, and each project reaches all of them;
// every way is at the user's own assistant.
func fewest(home, mine []inventory.Entitlement) []inventory.Entitlement {
	have := map[inventory.Capability]int{}
	for _, e := range mine {
		have[e.Capability] = max(have[e.Capability], 1+strength(e))
	}
	at, more := map[inventory.Capability]int{}, map[inventory.Capability]int{}
	var out []inventory.Entitlement
	for _, e := range home {
		i, ok := at[e.Capability]
		switch {
		case have[e.Capability] > strength(e):
		case !ok:
			at[e.Capability] = len(out)
			out = append(out, e)
		default:
			more[e.Capability]++
			if strength(e) > strength(out[i]) {
				out[i] = e
			}
		}
	}
	for c, n := range more {
		e := &out[at[c]]
		e.Path = append(slices.Clone(e.Path), fmt.Sprintf("and %d more ways, which the user's own assistant lists", n))
	}
	return out
}
