package risk

import (
	"cmp"
	"slices"
	"strings"

	"nhitop/inventory"
)

// profile is what rules, modifiers and the four questions ask of an assistant. A reason is empty where the fact is not
// proven.
type profile struct {
	a         *inventory.Assistant
	at        int                 // its place, -1 for one that is not in the inventory
	name      string              // see name
	tools     []*inventory.Tool   // enabled
	held      []*inventory.Secret // given to it on purpose, alive
	reachable []*inventory.Secret // see inReach
	reach     []*secretFacts      // of reachable, in the same order
	ambient   []*inventory.Secret // inherited from the account that it runs as, alive
	grants    []*inventory.Entitlement
	lamps     LampSet // without the cut: see profile.lampSet
	lit       lampWhy

	prod, admin, write, orgwide, restricted string
	nonprod, readonly                       string
	power                                   strongest
	open                                    bool // nothing keeps it from what its account may read
	home                                    string
	kin                                     string               // see family
	set                                     []*inventory.Setting // effective, by kind, then in the order of their places
	self                                    []inventory.ID       // the assistant alone
	cells                                   cells                // of its capabilities
}

func newProfile(w *world, a *inventory.Assistant) *profile {
	d := w.desk
	p := d.profiles.one()
	*p = profile{a: a, at: -1, name: name(a), grants: w.s.EntitlementsOf(a.ID), self: d.ids.copy(a.ID), cells: newCells(a.Capabilities)}
	p.tools = w.s.ToolsOf(a.ID)
	if slices.ContainsFunc(p.tools, func(t *inventory.Tool) bool { return !t.Enabled }) {
		p.tools = slices.DeleteFunc(slices.Clone(p.tools), func(t *inventory.Tool) bool { return !t.Enabled })
	}
	p.open = a.Sandbox == inventory.SandboxNone || a.Sandbox == inventory.SandboxUnknown || a.Sandbox == ""
	p.takeSecrets(w)
	if p.home = homeOf(p.ambient...); p.home == "" {
		p.home = w.homes[household{a.Kind, a.Host}]
	}
	p.kin = p.family()
	p.sortSettings(d)
	p.powers()
	p.secretsPower()
	p.reaches(w)
	p.lamps, p.lit = lampsOf(w, p)
	return p
}

// takeSecrets tells the secrets that it was given from those that it inherits.
func (p *profile) takeSecrets(w *world) {
	d := w.desk
	d.held, d.ambient = d.held[:0], d.ambient[:0]
	for _, id := range p.a.Secrets {
		f := w.factsOf(id)
		switch {
		case f == nil || !w.alive(f.x):
		case f.x.Ambient:
			d.ambient = append(d.ambient, f)
		default:
			d.held = append(d.held, f)
		}
	}
	byID := func(a, b *secretFacts) int { return cmp.Compare(a.x.ID, b.x.ID) }
	slices.SortFunc(d.held, byID)
	slices.SortFunc(d.ambient, byID)
	held, all := len(d.held), append(d.held, d.ambient...)
	d.held = all
	secrets := d.secrets.fill(len(all), func(i int) *inventory.Secret { return all[i].x })
	p.held, p.ambient = secrets[:held:held], secrets[held:]
	p.reachable, p.reach = p.held, all[:held]
	if p.open {
		p.reachable, p.reach = secrets, all
	}
	p.reach = d.facts.copy(p.reach...)
}

// powers reads the capabilities, the certain grants and the job's token.
func (p *profile) powers() {
	known, reads := 0, 0
	for n, c := range capabilities {
		if answer := answerCodes[p.cells[n]]; answer == inventory.Yes || answer == inventory.Asks {
			known++
			p.put(powers[n], mays[n])
			if powers[n] == powerRead && c != inventory.NetworkOut {
				reads++
			}
		}
	}
	for _, e := range p.grants {
		if e.Certain && e.Gate != inventory.GateBlocked {
			if grade := powerOf(e.Capability, e.Level); p.takes(grade) {
				p.put(grade, mayDo(e.Capability)+" through "+via(e))
			}
		}
	}
	if j := p.a.Job; j != nil {
		if j.PermissionsSet == "write-all" {
			p.put(powerControl, "its job token may write everything")
			p.orgwide = "its job token may write everything"
		}
		for _, scope := range inventory.SortedKeys(j.Permissions) {
			if j.Permissions[scope] == "write" && scope != "id-token" {
				p.put(powerWrite, "its job token may write "+scope)
				reads = -1
			}
		}
		if j.Publishes {
			p.put(powerControl, "its job releases or deploys")
		}
	}
	if known > 0 && known == reads && len(p.tools) == 0 && p.write == "" {
		p.readonly = "it only reads"
	}
}

// takes reports whether a power of that grade would be noted.
func (p *profile) takes(grade uint8) bool {
	return p.power.takes(grade) || grade == powerControl && p.admin == "" || grade >= powerWrite && p.write == ""
}

// put notes a power that the facts prove.
func (p *profile) put(grade uint8, why string) {
	p.power.put(grade, why)
	if grade == powerControl && p.admin == "" {
		p.admin = why
	}
	if grade >= powerWrite && p.write == "" {
		p.write = why
	}
}

func via(e *inventory.Entitlement) string {
	switch {
	case e.Via == inventory.ViaAmbient:
		return "an inherited login"
	case e.Via == inventory.ViaDelegated:
		return "a delegation"
	case strings.HasPrefix(e.Via, string(inventory.NounSecret)+"-"):
		return "a secret"
	}
	return cmp.Or(e.Via, "its account")
}

// inReach are the secrets whose power is also the assistant's: those that it was given, and, where nothing confines it,
// those of its account.
func (p *profile) inReach() []*inventory.Secret { return p.reachable }

func (p *profile) secretsPower() {
	for _, f := range p.reach {
		if f.admin != "" && p.admin == "" {
			p.admin = f.called + ": " + f.admin
		}
		if f.write != "" && p.write == "" {
			p.write = f.called + ": " + f.write
		}
		if f.orgwide != "" && p.orgwide == "" {
			p.orgwide = f.orgwide
		}
		if f.prod != "" && p.prod == "" {
			p.prod = f.called + ": " + f.prod
		}
		if f.power.grade > powerRead {
			p.readonly = ""
		}
		if f.power.grade > p.power.grade || !p.power.set {
			p.power.put(f.power.grade, "with "+f.called+" in its reach: "+f.power.why)
		}
	}
}

// reaches looks for production and for sensitive things, and for proof of the contrary.
func (p *profile) reaches(w *world) {
	a, other := p.a, 0
	env := a.Environment
	if a.Job != nil && a.Job.Environment != "" {
		env = a.Job.Environment
	}
	if w.p.production(env) != "" {
		p.prod = "environment " + quote(env)
	}
	for _, e := range p.grants {
		r := w.resource(e.Resource)
		env, assumed := environment(e, r)
		if r != nil {
			if e.Certain && (r.Sensitivity == "restricted" || r.Sensitivity == "confidential") && p.restricted == "" {
				p.restricted = r.Kind + " " + quote(r.Name) + " is " + r.Sensitivity
			}
		}
		switch prod := w.productionOf(e, r); {
		case prod != "":
			p.prod = cmp.Or(p.prod, prod)
		case env != "" && !assumed && (r == nil || r.Kind != "machine"): // what a machine reaches is told by its credentials
			other++
		}
	}
	if p.prod == "" && a.Job != nil && a.Job.Publishes {
		p.prod = "its job releases or deploys"
	}
	if p.prod == "" && other > 0 && other == len(p.grants) && len(p.inReach()) == 0 {
		p.nonprod = "all that it reaches is outside production"
	}
}

// acts reports whether it can do more than return text, by its class or by a capability that is known.
func (p *profile) acts() bool { return p.a.Class == inventory.ClassNHI || p.actsBy() != "" }

// actsBy names a capability that makes it act, or "".
func (p *profile) actsBy() string {
	for n, c := range capabilities {
		if v := answerCodes[p.cells[n]]; powers[n] != powerRead && (v == inventory.Yes || v == inventory.Asks) {
			return string(c)
		}
	}
	return ""
}

// alone reports whether it runs without asking.
func (p *profile) alone() bool {
	return p.a.Autonomy == inventory.AutonomyAuto || p.a.Autonomy == inventory.AutonomyUnattended
}

func (p *profile) isolated() bool {
	return p.a.Sandbox == inventory.SandboxContainer || p.a.Sandbox == inventory.SandboxVM
}

func (p *profile) may(c inventory.Capability) inventory.Answer {
	if n := number(c); n >= 0 {
		return cmp.Or(answerCodes[p.cells[n]], inventory.Unknown)
	}
	return cmp.Or(p.a.Capabilities[c], inventory.Unknown)
}

// settings returns the effective settings of a kind, in the order of their places.
func (p *profile) settings(kind string) []*inventory.Setting {
	from := 0
	for from < len(p.set) && p.set[from].Kind != kind {
		from++
	}
	to := from
	for to < len(p.set) && p.set[to].Kind == kind {
		to++
	}
	return p.set[from:to:to]
}

func (p *profile) sortSettings(d *desk) {
	d.settings = d.settings[:0]
	for i := range p.a.Settings {
		if s := &p.a.Settings[i]; s.Effective {
			d.settings = append(d.settings, s)
		}
	}
	slices.SortStableFunc(d.settings, func(a, b *inventory.Setting) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pointer, b.Pointer),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	p.set = d.sorted.copy(d.settings...)
}

// family groups assistants that are the same product for the same person on the same host. A CI job is its own.
func (p *profile) family() string {
	if p.kin != "" {
		return p.kin
	}
	if p.a.Job != nil || p.a.Scope == "ci" || p.a.Scope == "org" && len(p.a.Secrets) > 0 { // seats of one product are alike
		return string(p.a.ID)
	}
	return p.a.Kind + "|" + p.a.Host + "|" + p.home
}

// cause groups the assistants of a family in which the same settings decide.
func (p *profile) cause(kinds ...string) string {
	key := p.family()
	for _, k := range kinds {
		for _, s := range p.settings(k) {
			key += "|" + s.Path + "#" + s.Pointer
		}
	}
	return key
}

// homeOf tells homes apart by what stands in them: the user-scoped places of inherited credentials.
func homeOf(ambient ...*inventory.Secret) string {
	first := ""
	for _, x := range ambient {
		for _, l := range x.Locations {
			if l.Scope == inventory.ScopeUser && (first == "" || l.Path < first) {
				first = l.Path
			}
		}
	}
	return first
}

// projectScoped reports whether a setting comes from a file of the project.
func projectScoped(scope string) bool { return scope == "project" || scope == "repo" }

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") || strings.HasSuffix(host, ".localhost") ||
		host == "host.docker.internal"
}
