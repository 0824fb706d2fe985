package cijob

import (
	"cmp"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/pipeline"
)

// ciJob is one assistant in one job, on its way to the sink.
type work struct {
	*run
	job    *pipeline.Job
	entry  *catalogue.Assistant
	rec    inventory.Assistant
	grants []inventory.Entitlement
	places map[pipeline.Place]inventory.ID // of credentials that are written in the files
}

func (c *run) deliver(j *pipeline.Job) {
	x := &work{run: c, job: j, entry: c.Catalogue.Assistant(j.Kind)}
	if x.entry == nil {
		return
	}
	x.identify()
	x.owners()
	x.secrets()
	x.tools()
	x.references()
	x.entitle()
	x.classify()
	if c.Delivered != nil {
		c.Delivered(j, &x.rec, x.places)
	}
	c.Sink.Assistant(x.rec)
	for _, e := range x.grants {
		c.Sink.Entitlement(e)
	}
}

func (x *work) identify() {
	j := x.job
	// A checkout and the forge speak of one job.
	id := inventory.NewID(inventory.NounAssistant, j.Kind, scopeCI, x.Name, j.File, j.Name, j.Step)
	facts := j.Job
	x.rec = inventory.Assistant{
		ID: id, Kind: j.Kind, Name: j.Kind + " in ci: " + j.Workflow + "/" + j.Name, Vendor: x.entry.Vendor, Version: j.Version,
		Scope: scopeCI, Environment: "ci", Host: x.Host, Path: cmp.Or(x.Where, x.Shown), Status: "unknown", Job: &facts,
		Autonomy: j.Autonomy, AutonomyReason: j.AutonomyReason, Sandbox: j.Sandbox, SandboxReason: j.SandboxReason, Network: j.Network,
	}
	for _, s := range j.Settings {
		s.Path, s.Pointer = x.path(cmp.Or(s.Path, j.File)), doc.SafePointer(s.Pointer)
		x.rec.Settings = append(x.rec.Settings, s)
	}
	for _, e := range j.Evidence {
		e.Path, e.Pointer = x.path(cmp.Or(e.Path, j.File)), doc.SafePointer(e.Pointer)
		x.rec.Evidence = append(x.rec.Evidence, e)
	}
	if why := x.run.idle(j); why != "" {
		x.rec.Status = "idle"
		x.rec.Evidence = append(x.rec.Evidence, inventory.Evidence{Path: x.path(j.File), Note: why})
	}
}

const scopeCI = "ci"

// owners are those whom CODEOWNERS names for the pipeline file. Whose clone this is says nothing about the job.
func (x *work) owners() {
	if x.Owners == nil {
		return
	}
	for _, p := range x.Owners(x.job.File) {
		x.Sink.Owner(p.Owner(""))
		x.rec.Owners = addID(x.rec.Owners, p.ID())
		x.rec.OwnerSigns = p.Sign(x.rec.OwnerSigns)
	}
}

// secrets delivers the secrets that the job gets by name, and those that are written in the file.
func (x *work) secrets() {
	for _, g := range x.job.Given {
		id := x.secretID(g.Name)
		note := g.Name
		if g.Name == "*" {
			note = "all secrets that the repository may use"
		}
		how := g.As
		if g.Into != "" {
			how += " " + g.Into
		}
		if !g.Direct {
			how += ", of another step of the job"
		}
		if g.Environment != "" {
			how += ", environment " + g.Environment
		}
		x.Sink.Secret(inventory.Secret{
			ID: id, Kind: "ci-secret", Assistants: []inventory.ID{x.rec.ID}, Storage: cmp.Or(g.Store, inventory.StorageCI), Exposure: inventory.ExposureNone,
			State: inventory.StateUnknown, Note: note,
			Locations: []inventory.Location{{Path: x.path(g.File), Pointer: doc.SafePointer(g.Pointer), Line: g.Line, Scope: inventory.ScopeCI, Note: note + ": " + how}},
		}, inventory.Value{})
		x.rec.Secrets = addID(x.rec.Secrets, id)
	}
	for _, l := range x.job.Literals {
		id := x.literal(l)
		x.rec.Secrets = addID(x.rec.Secrets, id)
		if x.places == nil {
			x.places = map[pipeline.Place]inventory.ID{}
		}
		x.places[l.Place] = id
	}
}

// secretID names a secret that is known by its name only.
func (c *run) secretID(name string) inventory.ID {
	return SecretID(c.Name, name)
}

// literal delivers a credential that stands in the file.
func (x *work) literal(l pipeline.Literal) inventory.ID {
	m := l.Match
	s := inventory.Secret{
		Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad, LongLived: m.LongLived,
		Created: m.Created, Expires: m.Expires, Note: m.Note, Assistants: []inventory.ID{x.rec.ID},
		Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown,
	}
	if k := x.Catalogue.Kind(m.Kind); k != nil {
		s.Broad = s.Broad || k.Broad
		s.Issuer = cmp.Or(s.Issuer, k.Issuer)
	}
	loc := inventory.Location{Path: x.path(l.File), Pointer: doc.SafePointer(l.Pointer), Line: l.Line, Scope: inventory.ScopeRepo, Form: m.Form}
	if x.Tracked != nil {
		if loc.Committed = x.Tracked(l.File); loc.Committed == inventory.Yes {
			s.Exposure = inventory.ExposureCommitted
		}
	}
	s.Locations = []inventory.Location{loc}
	return x.Sink.Secret(s, m.Value)
}

// tools delivers the tool servers that the job configures.
func (x *work) tools() {
	for i := range x.job.Tools {
		t := &x.job.Tools[i]
		rec := inventory.Tool{
			ID:        inventory.NewID(inventory.NounTool, string(x.rec.ID), t.Name, x.path(t.File), t.Pointer),
			Assistant: x.rec.ID, Name: credential.Redact(t.Name), Transport: t.Transport, Command: t.Command, Args: t.Args, URL: t.URL,
			EnvNames: t.EnvNames, HeaderNames: t.HeaderNames, Pinned: inventory.Unknown, Enabled: t.Enabled, ApprovedTools: t.Approved,
			AutoApproved: x.open(), Scope: scopeCI, Evidence: []inventory.Evidence{x.at(t.Place, "tool server of the job")},
		}
		if len(t.Approved) > 0 {
			rec.AutoApproved = true
		}
		if t.Command != "" {
			_, _, rec.Pinned, rec.PinReason = catalogue.Package(t.Command, t.Args)
		} else if t.URL != "" {
			rec.PinReason = "remote: what runs there is not pinned from here"
		}
		known := x.Catalogue.MatchServer(t.Command, t.Args, t.URL)
		if known != nil {
			rec.Known = known.ID
		}
		for _, l := range t.Literals {
			rec.Secrets = addID(rec.Secrets, x.Sink.SecretID(l.Match.Value))
		}
		for _, r := range t.References {
			if r.Kind == "ci-secret" && r.Text != "github.token" {
				rec.Secrets = addID(rec.Secrets, x.secretID(r.Text))
			}
			x.refer(r)
		}
		x.Sink.Tool(rec)
		x.rec.Tools = addID(x.rec.Tools, rec.ID)
		if known != nil && t.Enabled {
			x.serverGrants(known, &rec)
		}
	}
}

// open tells whether the assistant uses its tools without asking: a job has nobody to ask, so what is not refused runs.
func (x *work) open() bool {
	return x.job.Autonomy == inventory.AutonomyAuto || x.job.Autonomy == inventory.AutonomyUnattended
}

func (x *work) references() {
	for _, r := range x.job.References {
		x.refer(r)
	}
	for _, g := range x.job.Given {
		x.refer(pipeline.Reference{Place: g.Place, Kind: "ci-secret", Text: g.Name})
	}
}

func (x *work) refer(r pipeline.Reference) {
	pointer := doc.SafePointer(r.Pointer)
	x.Sink.Reference(inventory.Reference{
		ID:        inventory.NewID(inventory.NounReference, string(x.rec.ID), x.path(r.File), pointer, r.Text),
		Assistant: x.rec.ID, Kind: r.Kind, Text: r.Text, Path: x.path(r.File), Pointer: pointer, Line: r.Line,
	})
}

func addID(list []inventory.ID, id inventory.ID) []inventory.ID {
	if slices.Contains(list, id) {
		return list
	}
	return append(list, id)
}
