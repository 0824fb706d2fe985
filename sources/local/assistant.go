package local

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/people"
	"nhitop/sources/local/mode"
)

// builder makes one assistant out of what was read.
type builder struct {
	c     *collection
	home  *home    // nil: a project that belongs to no scanned home
	proj  *project // nil: the user's own
	entry *catalogue.Assistant
	key   string // the project's path as the home's files spell it

	layers []*source // with a document, lowest first; their index is that of the resolver's layers
	result mode.Result
	rec    inventory.Assistant

	placed  []placed
	servers []*server
	reach   []inherited
	owners  []people.Person
	grants  []inventory.Entitlement
}

// built is what is kept of an assistant for those that stand on it.
type built struct {
	id      inventory.ID
	entry   *catalogue.Assistant
	acts    bool // runs commands, with or without asking
	exposed bool // nothing that is known keeps its commands from the user's credentials
	grants  []inventory.Entitlement
	people  []people.Person
	account string
}

// buildHome delivers the assistants of a home.
func (c *collection) buildHome(h *home) {
	c.findKnown(h)
	c.homeCredentials(h)
	for _, id := range sortedKeys(h.products) {
		p := h.products[id]
		if len(p.proof) == 0 {
			c.scanUnproven(h, p)
			continue
		}
		b := &builder{c: c, home: h, entry: p.entry}
		b.rec.Evidence = p.proof
		p.built = b.build(slices.Concat(c.managed[id], p.files), slices.Concat(c.managed[id], p.files))
		for _, s := range p.files {
			s.data = nil
		}
	}
}

// scanUnproven reads files that stand there without proving that their assistant is used: their secrets count all the same.
func (c *collection) scanUnproven(h *home, p *product) {
	for _, s := range p.files {
		(&scan{c: c, src: s}).run()
		s.data = nil
	}
}

// buildProject delivers one product in one project.
func (c *collection) buildProject(p *project, m *member) *built {
	b := &builder{c: c, home: p.home, proj: p, entry: m.entry}
	b.rec.Evidence = m.proof
	layers := slices.Clone(c.managed[m.entry.ID])
	if p.home != nil {
		if hp := p.home.products[m.entry.ID]; hp != nil {
			layers = append(layers, hp.files...)
		}
	}
	layers = append(layers, m.files...)
	slices.SortStableFunc(layers, func(a, b *source) int { return a.row.Precedence() - b.row.Precedence() })
	return b.build(layers, m.files)
}

// build resolves the layers and delivers the assistant. own are the files whose secrets and servers are its own.
func (b *builder) build(layers, own []*source) *built {
	b.identify()
	b.resolve(layers)
	b.accounts()
	b.scanOwn(own)
	b.environment()
	for i, s := range b.layers {
		b.servers = append(b.servers, b.serversIn(i, s)...)
	}
	for _, sv := range b.servers {
		b.record(sv)
		b.rec.Tools = append(b.rec.Tools, sv.tool.ID)
	}
	for _, p := range b.placed {
		b.rec.Secrets = append(b.rec.Secrets, p.id)
	}
	out := &built{id: b.rec.ID, entry: b.entry, people: b.owners, account: b.rec.Account}
	b.rec.Capabilities = b.result.Capabilities
	out.acts, out.exposed = b.acts(), b.exposed()
	b.inherit(out)
	b.entitle()
	b.ownersOf()
	b.classify()
	slices.Sort(b.rec.Secrets)
	b.rec.Secrets = slices.Compact(b.rec.Secrets)
	b.c.sink.Assistant(b.rec)
	out.grants = b.grants
	if b.proj == nil {
		b.home.built = append(b.home.built, out)
	}
	return out
}

// inherit ties what lies within reach to the assistant. What lies in the project it reaches from any sandbox that holds
// the project; what lies in the home only where nothing that is known keeps it away.
func (b *builder) inherit(self *built) {
	if !self.acts {
		return
	}
	if b.proj != nil {
		b.reach = append(b.reach, b.proj.inherited...)
	}
	if self.exposed && b.home != nil {
		b.reach = append(b.reach, b.home.ambient...)
	}
	for _, x := range b.reach {
		b.rec.Secrets = append(b.rec.Secrets, x.id)
	}
}

// identify fills in what the assistant is, whatever its settings say.
func (b *builder) identify() {
	b.rec.Kind, b.rec.Name, b.rec.Vendor = b.entry.ID, b.entry.Name, b.entry.Vendor
	b.rec.Scope, b.rec.Status, b.rec.Environment = scopeUser, "unknown", "dev"
	var host, homeDir string
	if b.home != nil {
		host, homeDir = b.home.machine.host, b.home.shown
		b.rec.Path = b.home.shown
	}
	parts := []string{b.entry.ID, scopeUser, host, homeDir}
	if b.proj != nil {
		b.rec.Scope, b.rec.Path = scopeProject, b.proj.shown
		parts = []string{b.entry.ID, scopeProject, host, homeDir, b.proj.shown}
		if b.proj.gone {
			b.rec.Status = "retired"
		}
	}
	b.rec.Host = host
	b.rec.ID = inventory.NewID(inventory.NounAssistant, append([]string{Kind}, parts...)...)
}

// resolve lets the product's rules say what the settings come to.
func (b *builder) resolve(layers []*source) {
	in := mode.Input{Entry: b.entry, Scope: b.rec.Scope, ProjectKey: b.c.projectKey(b.home, b.proj)}
	for _, s := range layers {
		if s.doc == nil || s.isBackup() || s.row.Role == "transcript" {
			continue
		}
		b.layers = append(b.layers, s)
		in.Layers = append(in.Layers, mode.Layer{File: s.row, Scope: s.row.Scope, Path: s.shown, Doc: s.doc})
	}
	if b.proj != nil {
		b.key = b.proj.given
		for _, k := range b.proj.known {
			if k.product.entry.ID == b.entry.ID {
				b.key = k.key
			}
		}
		in.Project = b.key
	}
	if b.home != nil && b.home.process {
		in.Env = processEnv()
	}
	r := mode.Resolve(in)
	b.result = r
	b.rec.Autonomy, b.rec.AutonomyReason = cmp.Or(r.Autonomy, inventory.AutonomyUnknown), r.AutonomyReason
	b.rec.Headless, b.rec.HeadlessReason = r.Headless, r.HeadlessReason
	b.rec.Sandbox, b.rec.SandboxReason = cmp.Or(r.Sandbox, inventory.SandboxUnknown), r.SandboxReason
	b.rec.Network, b.rec.Trust, b.rec.Settings = r.Network, r.Trust.State, r.Settings
	if r.Trust.State != "" && r.Trust.Evidence.Path != "" {
		e := r.Trust.Evidence
		e.Pointer, e.Note = doc.SafePointer(e.Pointer), credential.Redact(e.Note)
		e.Note = strings.TrimPrefix(e.Note+"; "+r.Trust.State, "; ")
		if b.proj != nil && b.proj.assumed {
			e.Note += "; assumed: the only project that the moved home knows is taken for the only folder that is scanned"
		}
		b.rec.Evidence = append(b.rec.Evidence, e)
	}
	for i := range r.Settings {
		r.Settings[i].Pointer = doc.SafePointer(r.Settings[i].Pointer)
		s := r.Settings[i]
		if s.Kind == inventory.SettingHelper && s.Value != "" {
			b.c.sink.Reference(inventory.Reference{Assistant: b.rec.ID, Kind: credential.RefHelper, Text: credential.Redact(s.Value),
				Path: s.Path, Pointer: s.Pointer, Line: s.Line})
		}
	}
}

func processEnv() map[string]string {
	env := map[string]string{}
	for _, kv := range os.Environ() {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			env[k] = v
		}
	}
	return env
}

// scanOwn finds the secrets of the assistant's own files.
func (b *builder) scanOwn(own []*source) {
	ties := []inventory.ID{b.rec.ID}
	for _, s := range own {
		if s.row.Sealed != "" {
			b.sealed(s)
			continue
		}
		if s.doc == nil && s.data == nil {
			continue
		}
		x := &scan{c: b.c, src: s, ties: ties, skip: b.othersParts(s), inner: b.inServer(s)}
		b.placed = append(b.placed, x.run()...)
	}
	if b.proj == nil {
		return
	}
	for _, k := range b.proj.known {
		if k.product.entry.ID != b.entry.ID || k.src.doc == nil || k.node.Kind != doc.Object {
			continue
		}
		x := &scan{c: b.c, src: k.src, ties: ties, only: k.node, inner: b.inServer(k.src)}
		b.placed = append(b.placed, x.run()...)
	}
}

// othersParts are the members of a user file that belong to a project's assistant.
func (b *builder) othersParts(s *source) map[*doc.Node]bool {
	if b.proj != nil || s.doc == nil || s.isBackup() {
		return nil
	}
	skip := map[*doc.Node]bool{}
	for _, k := range b.home.known {
		if k.src == s && k.node.Kind == doc.Object {
			skip[k.node] = true
		}
	}
	return skip
}

// inServer tells whether a pointer lies in a server's entry.
func (b *builder) inServer(s *source) func(string) bool {
	if s.doc == nil {
		return nil
	}
	var boxes []string
	for _, row := range s.row.Servers {
		for _, n := range s.doc.Match(row.Pointer) {
			boxes = append(boxes, n.Pointer+"/")
		}
	}
	return func(pointer string) bool {
		return slices.ContainsFunc(boxes, func(box string) bool { return strings.HasPrefix(pointer, box) })
	}
}

// sealed delivers an encrypted file. One whose key any process of the user can derive is as good as plain text.
func (b *builder) sealed(s *source) {
	if s.row.Sealed != "derivable" {
		return
	}
	sec := inventory.Secret{
		ID:   inventory.NewID(inventory.NounSecret, "sealed", b.rec.Host, s.shown),
		Kind: cmp.Or(s.row.Kind, "encrypted-keychain-file"), Issuer: s.row.Issuer, Assistants: []inventory.ID{b.rec.ID},
		Storage: inventory.StoragePlaintext, Exposure: s.exposure(), State: inventory.StateUnknown,
		Note: cmp.Or(s.row.Reason, "encrypted with a key that every process of the user can derive"),
	}
	loc := s.location()
	loc.Line, loc.Form = 1, "whole"
	sec.Locations = []inventory.Location{loc}
	b.c.sink.Secret(sec, inventory.Value{})
	b.placed = append(b.placed, placed{id: sec.ID, kind: sec.Kind, src: s})
}

// environment takes in the credentials that this process's environment would hand to the assistant.
func (b *builder) environment() {
	if b.proj != nil || !b.home.process {
		return
	}
	for _, name := range b.entry.EnvSecrets {
		v := os.Getenv(name)
		if v == "" {
			continue
		}
		for _, m := range credential.Find(v, credential.Context{Key: name, Position: credential.PositionEnv, Declared: true}) {
			sec := inventory.Secret{
				Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad,
				LongLived: m.LongLived, Created: m.Created, Expires: m.Expires, Note: m.Note, Assistants: []inventory.ID{b.rec.ID},
				Storage: inventory.StorageEnv, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown,
				Locations: []inventory.Location{{Path: "environment", Pointer: "/" + name, Scope: inventory.ScopeUser, Form: m.Form}},
			}
			id := b.c.sink.Secret(sec, m.Value)
			b.placed = append(b.placed, placed{id: id, kind: sec.Kind, src: &source{shown: "environment"}, pointer: "/" + name})
		}
	}
}
