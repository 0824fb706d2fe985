package local

import (
	"cmp"
	"path/filepath"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/pipeline"
)

// ciJob is one assistant in one job, on its way to the sink.
type ciJob struct {
	*ci
	job    *pipeline.Job
	entry  *catalogue.Assistant
	rec    inventory.Assistant
	grants []inventory.Entitlement
}

func (c *ci) deliver(j *pipeline.Job) {
	x := &ciJob{ci: c, job: j, entry: c.cat.Assistant(j.Kind)}
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
	c.sink.Assistant(x.rec)
	for _, e := range x.grants {
		c.sink.Entitlement(e)
	}
}

func (x *ciJob) identify() {
	j := x.job
	id := inventory.NewID(inventory.NounAssistant, j.Kind, scopeCI, x.shown, j.File, j.Name, j.Step)
	facts := j.Job
	x.rec = inventory.Assistant{
		ID: id, Kind: j.Kind, Name: j.Kind + " in ci: " + j.Workflow + "/" + j.Name, Vendor: x.entry.Vendor, Version: j.Version,
		Scope: scopeCI, Environment: "ci", Host: x.host, Path: x.shown, Status: "unknown", Job: &facts,
		Autonomy: j.Autonomy, AutonomyReason: j.AutonomyReason, Sandbox: j.Sandbox, SandboxReason: j.SandboxReason, Network: j.Network,
	}
	for _, s := range j.Settings {
		s.Path, s.Pointer = x.path(cmp.Or(s.Path, j.File)), safePointer(s.Pointer)
		x.rec.Settings = append(x.rec.Settings, s)
	}
	for _, e := range j.Evidence {
		e.Path, e.Pointer = x.path(cmp.Or(e.Path, j.File)), safePointer(e.Pointer)
		x.rec.Evidence = append(x.rec.Evidence, e)
	}
	switch {
	case x.git == nil:
	case x.git.Tracked(x.below+j.File) == inventory.No:
		x.idle("not in the repository's index: the forge does not run it yet")
	case x.below != "" && j.System == pipeline.GitHub:
		x.idle("not at the top of the repository: GitHub does not run it there")
	}
}

func (x *ciJob) idle(why string) {
	x.rec.Status = "idle"
	x.rec.Evidence = append(x.rec.Evidence, inventory.Evidence{Path: x.path(x.job.File), Note: why})
}

const scopeCI = "ci"

// owners are those whom CODEOWNERS names for the pipeline file. Whose clone this is says nothing about the job.
func (x *ciJob) owners() {
	if x.git == nil {
		return
	}
	owners, line, path := x.git.Codeowners(x.below + x.job.File)
	rel := strings.TrimPrefix(strings.ReplaceAll(strings.TrimPrefix(path, x.git.Root()), `\`, "/"), "/")
	for _, o := range owners {
		name := strings.TrimPrefix(o, "@")
		p, ok := newPerson(name, "", "CODEOWNERS", inventory.Evidence{Path: strings.TrimSuffix(filepath.ToSlash(x.tree), "/") + "/" + rel, Line: line, Note: "owns " + x.path(x.job.File)})
		if !ok {
			continue
		}
		if strings.HasPrefix(o, "@") && strings.Contains(name, "/") {
			p.kind = "team"
		}
		x.sink.Owner(inventory.Owner{ID: p.id(), Kind: p.kind, Name: p.name, Email: p.email, Status: "unknown", Evidence: []inventory.Evidence{p.proof}})
		x.rec.Owners = addID(x.rec.Owners, p.id())
	}
}

// secrets delivers the secrets that the job gets by name, and those that are written in the file.
func (x *ciJob) secrets() {
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
		x.sink.Secret(inventory.Secret{
			ID: id, Kind: "ci-secret", Assistants: []inventory.ID{x.rec.ID}, Storage: cmp.Or(g.Store, inventory.StorageCI), Exposure: inventory.ExposureNone,
			State: inventory.StateUnknown, Note: note,
			Locations: []inventory.Location{{Path: x.path(g.File), Pointer: safePointer(g.Pointer), Line: g.Line, Scope: inventory.ScopeCI, Note: note + ": " + how}},
		}, inventory.Value{})
		x.rec.Secrets = addID(x.rec.Secrets, id)
	}
	for _, l := range x.job.Literals {
		x.rec.Secrets = addID(x.rec.Secrets, x.literal(l))
	}
}

// secretID names a secret that is known by its name only.
func (c *ci) secretID(name string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, "ci-secret", c.name, name)
}

// literal delivers a credential that stands in the file.
func (x *ciJob) literal(l pipeline.Literal) inventory.ID {
	m := l.Match
	s := inventory.Secret{
		Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad, LongLived: m.LongLived,
		Created: m.Created, Expires: m.Expires, Note: m.Note, Assistants: []inventory.ID{x.rec.ID},
		Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown,
	}
	if k := x.cat.Kind(m.Kind); k != nil {
		s.Broad = s.Broad || k.Broad
		s.Issuer = cmp.Or(s.Issuer, k.Issuer)
	}
	loc := inventory.Location{Path: x.path(l.File), Pointer: safePointer(l.Pointer), Line: l.Line, Scope: inventory.ScopeRepo, Form: m.Form}
	if x.git != nil {
		if loc.Committed = x.git.Tracked(x.below + l.File); loc.Committed == inventory.Yes {
			s.Exposure = inventory.ExposureCommitted
		}
	}
	s.Locations = []inventory.Location{loc}
	return x.sink.Secret(s, m.Value)
}

// tools delivers the tool servers that the job configures.
func (x *ciJob) tools() {
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
		known := x.cat.MatchServer(t.Command, t.Args, t.URL)
		if known != nil {
			rec.Known = known.ID
		}
		for _, l := range t.Literals {
			rec.Secrets = addID(rec.Secrets, x.sink.SecretID(l.Match.Value))
		}
		for _, r := range t.References {
			if r.Kind == "ci-secret" && r.Text != "github.token" {
				rec.Secrets = addID(rec.Secrets, x.secretID(r.Text))
			}
			x.refer(r)
		}
		x.sink.Tool(rec)
		x.rec.Tools = addID(x.rec.Tools, rec.ID)
		if known != nil && t.Enabled {
			x.serverGrants(known, &rec)
		}
	}
}

// open tells whether the assistant uses its tools without asking: a job has nobody to ask, so what is not refused runs.
func (x *ciJob) open() bool {
	return x.job.Autonomy == inventory.AutonomyAuto || x.job.Autonomy == inventory.AutonomyUnattended
}

func (x *ciJob) references() {
	for _, r := range x.job.References {
		x.refer(r)
	}
	for _, g := range x.job.Given {
		x.refer(pipeline.Reference{Place: g.Place, Kind: "ci-secret", Text: g.Name})
	}
}

func (x *ciJob) refer(r pipeline.Reference) {
	pointer := safePointer(r.Pointer)
	x.sink.Reference(inventory.Reference{
		ID:        inventory.NewID(inventory.NounReference, string(x.rec.ID), x.path(r.File), pointer, r.Text),
		Assistant: x.rec.ID, Kind: r.Kind, Text: r.Text, Path: x.path(r.File), Pointer: pointer, Line: r.Line,
	})
}
