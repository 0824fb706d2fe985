package inventory

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is one state of the inventory: sorted, indexed and never changed after [NewSnapshot]. It may be read from
// several goroutines. The records that it returns are shared: callers must not change them.
type Snapshot struct {
	at      time.Time
	records Records
	posture Posture
	partial bool

	assistants   map[ID]*Assistant
	owners       map[ID]*Owner
	secrets      map[ID]*Secret
	tools        map[ID]*Tool
	entitlements map[ID]*Entitlement
	resources    map[ID]*Resource
	findings     map[ID]*Finding

	entitlementsOf map[ID][]*Entitlement
	toolsOf        map[ID][]*Tool
	findingsOf     map[ID][]*Finding // by subject and by each assistant concerned
	referencesOf   map[ID][]*Reference
	assistantsOf   map[ID][]*Assistant // by owner and by secret
}

// NewSnapshot sorts and indexes records, which it takes over. partial says that a collection is still running.
func NewSnapshot(at time.Time, r Records, partial bool) *Snapshot {
	fill(&r)
	order(&r)
	s := &Snapshot{at: at, records: r, partial: partial}
	s.assistants = index(r.Assistants, func(x *Assistant) ID { return x.ID })
	s.owners = index(r.Owners, func(x *Owner) ID { return x.ID })
	s.secrets = index(r.Secrets, func(x *Secret) ID { return x.ID })
	s.tools = index(r.Tools, func(x *Tool) ID { return x.ID })
	s.entitlements = index(r.Entitlements, func(x *Entitlement) ID { return x.ID })
	s.resources = index(r.Resources, func(x *Resource) ID { return x.ID })
	s.findings = index(r.Findings, func(x *Finding) ID { return x.ID })
	s.entitlementsOf = group(r.Entitlements, func(x *Entitlement) []ID { return []ID{x.Assistant, x.Resource, ID(x.Via)} })
	s.toolsOf = group(r.Tools, func(x *Tool) []ID { return append([]ID{x.Assistant}, x.Secrets...) })
	s.findingsOf = group(r.Findings, func(x *Finding) []ID { return append([]ID{x.Subject}, x.Assistants...) })
	s.referencesOf = group(r.References, func(x *Reference) []ID { return []ID{x.Assistant} })
	s.assistantsOf = group(r.Assistants, func(x *Assistant) []ID { return slices.Concat(x.Owners, x.Secrets) })
	s.posture = summarise(s)
	return s
}

func index[T any](xs []T, id func(*T) ID) map[ID]*T {
	m := make(map[ID]*T, len(xs))
	for i := range xs {
		m[id(&xs[i])] = &xs[i]
	}
	return m
}

func group[T any](xs []T, ids func(*T) []ID) map[ID][]*T {
	m := make(map[ID][]*T)
	for i := range xs {
		seen := make([]ID, 0, 4)
		for _, id := range ids(&xs[i]) {
			if id == "" || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			m[id] = append(m[id], &xs[i])
		}
	}
	return m
}

// order sorts every list by what a reader knows first, then by id, so that the same facts give the same document.
func order(r *Records) {
	slices.SortFunc(r.Sources, func(a, b SourceStatus) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Assistants, func(a, b Assistant) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Owners, func(a, b Owner) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(r.Secrets, func(a, b Secret) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(firstPath(a), firstPath(b)), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Entitlements, func(a, b Entitlement) int {
		return cmp.Or(cmp.Compare(a.Assistant, b.Assistant), cmp.Compare(a.Capability, b.Capability), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Tools, func(a, b Tool) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Assistant, b.Assistant), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Resources, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.References, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
	})
	// Issues keep the order that the judgement gave them: it is the order of work.
}

func firstPath(s Secret) string {
	if len(s.Locations) == 0 {
		return ""
	}
	return s.Locations[0].Path
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
func (s *Snapshot) Assistant(id ID) *Assistant { return s.assistants[id] }

// Owner returns the owner of that id, or nil.
func (s *Snapshot) Owner(id ID) *Owner { return s.owners[id] }

// Secret returns the secret of that id, or nil.
func (s *Snapshot) Secret(id ID) *Secret { return s.secrets[id] }

// Tool returns the tool server of that id, or nil.
func (s *Snapshot) Tool(id ID) *Tool { return s.tools[id] }

// Entitlement returns the entitlement of that id, or nil.
func (s *Snapshot) Entitlement(id ID) *Entitlement { return s.entitlements[id] }

// Resource returns the resource of that id, or nil.
func (s *Snapshot) Resource(id ID) *Resource { return s.resources[id] }

// Finding returns the finding of that id, or nil.
func (s *Snapshot) Finding(id ID) *Finding { return s.findings[id] }

// EntitlementsOf returns the entitlements of an assistant, on a resource or through a secret.
func (s *Snapshot) EntitlementsOf(id ID) []*Entitlement { return s.entitlementsOf[id] }

// ToolsOf returns the tool servers of an assistant, or those that are given a secret.
func (s *Snapshot) ToolsOf(id ID) []*Tool { return s.toolsOf[id] }

// FindingsOf returns the findings about a record, and for an assistant also those that concern it.
func (s *Snapshot) FindingsOf(id ID) []*Finding { return s.findingsOf[id] }

// ReferencesOf returns the references of an assistant.
func (s *Snapshot) ReferencesOf(id ID) []*Reference { return s.referencesOf[id] }

// AssistantsOf returns the assistants of an owner, or those that hold or reach a secret.
func (s *Snapshot) AssistantsOf(id ID) []*Assistant { return s.assistantsOf[id] }

// fill turns nil lists into empty ones: in the interface an array is never null.
func fill(r *Records) {
	lists(&r.Sources, &r.Assistants, &r.Owners, &r.Secrets, &r.Entitlements, &r.Tools, &r.Resources, &r.References, &r.Findings, &r.Issues)
}

func lists(ps ...any) {
	for _, p := range ps {
		fillLists(p)
	}
}
