package inventory

import (
	"time"
)

// Snapshot is one state of the inventory: sorted, indexed and never changed after [NewSnapshot]. It may be read from
// several goroutines. The records that it returns are shared: callers must not change them.
type Snapshot struct {
	at      time.Time
	records Records
	posture Posture
	partial bool

	born    *birth // of the facts
	follows *birth // of the facts that delta tells of
	delta   *Delta // how the facts differ from those; nil if they follow on none

	assistants   byID[Assistant]
	owners       byID[Owner]
	secrets      byID[Secret]
	tools        byID[Tool]
	entitlements byID[Entitlement]
	resources    byID[Resource]
	findings     byID[Finding]

	entitlementsOf byLink[Entitlement]
	toolsOf        byLink[Tool]
	findingsOf     byLink[Finding] // by subject and by each assistant concerned
	findingLinks   links           // of findingsOf
	referencesOf   byLink[Reference]
	assistantsOf   byLink[Assistant] // by owner and by secret
}

// NewSnapshot sorts and indexes records, which it takes over. partial says that a collection is still running.
func NewSnapshot(at time.Time, r Records, partial bool) *Snapshot {
	return (*Snapshot)(nil).Next(at, r, partial)
}

// Told returns a snapshot of the same facts with these states of sources, which it takes over.
func (s *Snapshot) Told(sources []SourceStatus) *Snapshot {
	next := *s
	next.records.Sources = sources
	take(&next.records.Sources, fillSource, compareSources, bySourceName)
	next.posture = summarise(&next)
	return &next
}

// takeFacts puts the records in order, lets them hold what those before hold, which may be nil, and indexes them.
func (s *Snapshot) takeFacts(before *Snapshot) {
	var wg Group
	r := &s.records
	parts := [...]struct{ order, index func() }{{
		func() {
			take(&r.Entitlements, fillEntitlement, compareEntitlements, byText(func(x *Entitlement) string { return string(x.Assistant) }))
		},
		func() {
			s.entitlements = index(r.Entitlements, func(x *Entitlement) ID { return x.ID })
			s.entitlementsOf = group(r.Entitlements, 3, func(l *linker, x *Entitlement) { l.link(x.Assistant, x.Resource, ID(x.Via)) })
		},
	}, {
		func() {
			take(&r.Assistants, fillAssistant, compareAssistants, byWord(func(x *Assistant) string { return x.Kind }, func(x *Assistant) string { return x.Host }))
			take(&r.Secrets, fillSecret, compareSecrets, byWord(func(x *Secret) string { return x.Kind }, firstPath))
			take(&r.Tools, fillTool, compareTools, byWord(func(x *Tool) string { return x.Name }, func(x *Tool) string { return string(x.Assistant) }))
		},
		func() {
			s.assistants = index(r.Assistants, func(x *Assistant) ID { return x.ID })
			s.assistantsOf = group(r.Assistants, 3, func(l *linker, x *Assistant) { l.link(x.Owners...); l.link(x.Secrets...) })
			s.secrets = index(r.Secrets, func(x *Secret) ID { return x.ID })
			s.tools = index(r.Tools, func(x *Tool) ID { return x.ID })
			s.toolsOf = group(r.Tools, 2, func(l *linker, x *Tool) { l.link(x.Assistant); l.link(x.Secrets...) })
		},
	}, {
		func() {
			take(&r.Owners, fillOwner, compareOwners, byText(func(x *Owner) string { return x.Name }))
			take(&r.Resources, fillResource, compareResources, byWord(func(x *Resource) string { return x.Kind }, func(x *Resource) string { return x.Name }))
			take(&r.References, func(*Reference) {}, compareReferences, byText(func(x *Reference) string { return x.Path }))
			take(&r.Sources, fillSource, compareSources, bySourceName)
		},
		func() {
			s.owners = index(r.Owners, func(x *Owner) ID { return x.ID })
			s.resources = index(r.Resources, func(x *Resource) ID { return x.ID })
			s.referencesOf = group(r.References, 1, func(l *linker, x *Reference) { l.link(x.Assistant) })
		},
	}}
	for _, p := range parts {
		wg.Go(func() {
			if p.order(); before == nil {
				p.index()
			}
		})
	}
	wg.Wait()
	if before == nil {
		return
	}
	s.follow(before, wg.Go)
	wg.Wait()
	for _, p := range parts {
		wg.Go(p.index)
	}
	wg.Wait()
}

// take fills what is nil in a list and sorts it, so that the same facts give the same document.
func take[T any](p *[]T, fill func(*T), compare func(a, b *T) int, keys func([]T) []ref) {
	some(p)
	for i := range *p {
		fill(&(*p)[i])
	}
	arrange(*p, compare, keys)
}

// At is when the facts were collected.
func (s *Snapshot) At() time.Time { return s.at }

// Partial reports whether a collection is still running.
func (s *Snapshot) Partial() bool { return s.partial }

// Posture is the summary of the whole.
func (s *Snapshot) Posture() Posture { return s.posture }

// Records returns every list. The records are shared and must not be changed.
func (s *Snapshot) Records() Records { return s.records }

// Assistant returns the assistant of that id, or nil. The same holds for the next six.
func (s *Snapshot) Assistant(id ID) *Assistant { return s.assistants.get(id) }

// Owner returns the owner of that id, or nil.
func (s *Snapshot) Owner(id ID) *Owner { return s.owners.get(id) }

// Secret returns the secret of that id, or nil.
func (s *Snapshot) Secret(id ID) *Secret { return s.secrets.get(id) }

// Tool returns the tool server of that id, or nil.
func (s *Snapshot) Tool(id ID) *Tool { return s.tools.get(id) }

// Entitlement returns the entitlement of that id, or nil.
func (s *Snapshot) Entitlement(id ID) *Entitlement { return s.entitlements.get(id) }

// Resource returns the resource of that id, or nil.
func (s *Snapshot) Resource(id ID) *Resource { return s.resources.get(id) }

// Place returns where in its list of [Snapshot.Records] the record of that id stands, -1 if there is none: for assistants,
// owners, secrets, entitlements, tools, resources and findings.
func (s *Snapshot) Place(n Noun, id ID) int {
	switch n {
	case NounAssistant:
		return s.assistants.place(id)
	case NounOwner:
		return s.owners.place(id)
	case NounSecret:
		return s.secrets.place(id)
	case NounEntitlement:
		return s.entitlements.place(id)
	case NounTool:
		return s.tools.place(id)
	case NounResource:
		return s.resources.place(id)
	case NounFinding:
		return s.findings.place(id)
	}
	return -1
}

// Finding returns the finding of that id, or nil.
func (s *Snapshot) Finding(id ID) *Finding { return s.findings.get(id) }

// EntitlementsOf returns the entitlements of an assistant, on a resource or through a secret.
func (s *Snapshot) EntitlementsOf(id ID) []*Entitlement { return s.entitlementsOf.get(id) }

// ToolsOf returns the tool servers of an assistant, or those that are given a secret.
func (s *Snapshot) ToolsOf(id ID) []*Tool { return s.toolsOf.get(id) }

// FindingsOf returns the findings about a record, and for an assistant also those that concern it.
func (s *Snapshot) FindingsOf(id ID) []*Finding { return s.findingsOf.get(id) }

// ReferencesOf returns the references of an assistant.
func (s *Snapshot) ReferencesOf(id ID) []*Reference { return s.referencesOf.get(id) }

// AssistantsOf returns the assistants of an owner, or those that hold or reach a secret.
func (s *Snapshot) AssistantsOf(id ID) []*Assistant { return s.assistantsOf.get(id) }
