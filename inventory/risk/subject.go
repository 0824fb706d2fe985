package risk

import (
	"cmp"
	"slices"
	"time"

	"nhitop/inventory"
)

// Subject is what a rule looks at: exactly one of the pointers is set. Its methods lead to the neighbourhood.
type Subject struct {
	Assistant *inventory.Assistant
	Secret    *inventory.Secret
	Tool      *inventory.Tool
	Owner     *inventory.Owner
	Source    *inventory.SourceStatus

	w *world
	p *profile // of the assistant, or of the tool server's
	f *secretFacts
}

// ID is the subject's id.
func (s Subject) ID() inventory.ID {
	switch {
	case s.Assistant != nil:
		return s.Assistant.ID
	case s.Secret != nil:
		return s.Secret.ID
	case s.Tool != nil:
		return s.Tool.ID
	case s.Owner != nil:
		return s.Owner.ID
	}
	return SourceID(s.Source.Name)
}

// Snapshot is the whole inventory.
func (s Subject) Snapshot() *inventory.Snapshot { return s.w.s }

// Now is the time of the judgement.
func (s Subject) Now() time.Time { return s.w.now }

// Tools returns the enabled tool servers of the assistant.
func (s Subject) Tools() []*inventory.Tool { return s.w.profile(s.Assistant.ID).tools }

// Holders returns the assistants that hold or reach the secret, by id.
func (s Subject) Holders() []*inventory.Assistant { return s.secretFacts().holders }

// Holds reports whether a rule that is not a combination holds for the assistant or for something of it.
func (s Subject) Holds(rule string) bool { return s.w.holds[rule][s.Assistant.ID] != nil }

// hit returns the finding's hit of a rule that holds for the assistant, or nil.
func (s Subject) hit(rule string) *Hit { return s.w.holds[rule][s.Assistant.ID] }

func (s Subject) profile() *profile {
	switch {
	case s.p != nil:
		return s.p
	case s.Tool != nil:
		return s.w.profile(s.Tool.Assistant)
	}
	return s.w.profile(s.Assistant.ID)
}

func (s Subject) secretFacts() *secretFacts {
	if s.f != nil {
		return s.f
	}
	return s.w.secret(s.Secret)
}

// world is one snapshot with what many rules ask of it worked out once.
type world struct {
	s   *inventory.Snapshot
	p   Policy
	now time.Time

	profiles map[inventory.ID]*profile
	ordered  []*profile // of assistants, in the order of the records
	serving  []*profile // of the assistants of tool servers, likewise
	facts    []*secretFacts
	ready    bool // see prepare
	secrets  map[inventory.ID]*secretFacts
	byFile   map[string][]*inventory.Secret // alive, by path
	traits   traits
	homes    map[string]string // product and host -> the first home seen, for what inherits nothing itself
	holds    map[string]map[inventory.ID]*Hit
}

func newWorld(s *inventory.Snapshot, p Policy, now time.Time) *world {
	r := s.Records()
	w := &world{
		s: s, p: p, now: now,
		profiles: make(map[inventory.ID]*profile, len(r.Assistants)),
		secrets:  make(map[inventory.ID]*secretFacts, len(r.Secrets)),
		byFile:   map[string][]*inventory.Secret{},
		traits:   embeddedTraits(),
		holds:    map[string]map[inventory.ID]*Hit{},
	}
	if p.Catalogue != nil {
		w.traits = traitsOf(p.Catalogue)
	}
	w.homes = homes(s)
	for i := range r.Secrets {
		x := &r.Secrets[i]
		if !w.alive(x) {
			continue
		}
		for _, path := range pathsOf(x, func(inventory.Location) bool { return true }) {
			w.byFile[path] = append(w.byFile[path], x)
		}
	}
	for _, xs := range w.byFile {
		slices.SortFunc(xs, func(a, b *inventory.Secret) int { return cmp.Compare(a.ID, b.ID) })
	}
	return w
}

func homes(s *inventory.Snapshot) map[string]string {
	m := map[string]string{}
	for i := range s.Records().Assistants {
		a := &s.Records().Assistants[i]
		var ambient []*inventory.Secret
		for _, id := range a.Secrets {
			if x := s.Secret(id); x != nil && x.Ambient {
				ambient = append(ambient, x)
			}
		}
		key := a.Kind + "|" + a.Host
		if h := homeOf(ambient); h != "" && (m[key] == "" || h < m[key]) {
			m[key] = h
		}
	}
	return m
}

// profile works out the assistant of that id; one that is not in the inventory gives an empty profile.
func (w *world) profile(id inventory.ID) *profile {
	if p := w.profiles[id]; p != nil {
		return p
	}
	a := w.s.Assistant(id)
	if a == nil {
		a = &inventory.Assistant{ID: id}
	}
	p := newProfile(w, a)
	if !w.ready {
		w.profiles[id] = p
	}
	return p
}

func (w *world) secret(x *inventory.Secret) *secretFacts {
	if f := w.secrets[x.ID]; f != nil {
		return f
	}
	f := newSecretFacts(w, x)
	if !w.ready {
		w.secrets[x.ID] = f
	}
	return f
}

// alive reports whether a secret may still be accepted by its issuer, as far as can be told from here.
func (w *world) alive(x *inventory.Secret) bool {
	switch x.State {
	case inventory.StateRevoked, inventory.StateDisabled, inventory.StateExpired:
		return false
	}
	return x.Expires.IsZero() || x.Expires.After(w.now)
}

func (w *world) holders(x *inventory.Secret) []*inventory.Assistant {
	var as []*inventory.Assistant
	for _, id := range x.Assistants {
		if a := w.s.Assistant(id); a != nil {
			as = append(as, a)
		}
	}
	as = append(as, w.s.AssistantsOf(x.ID)...)
	slices.SortFunc(as, func(a, b *inventory.Assistant) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(as)
}

// forever reports whether a secret is known to have no end.
func forever(x *inventory.Secret) bool { return x.LongLived == inventory.Yes && x.Expires.IsZero() }

func idsOf(as []*inventory.Assistant) []inventory.ID {
	ids := make([]inventory.ID, 0, len(as))
	for _, a := range as {
		ids = append(ids, a.ID)
	}
	return ids
}

// pathsOf returns the distinct paths of the locations that are wanted, sorted.
func pathsOf(x *inventory.Secret, want func(inventory.Location) bool) []string {
	var ps []string
	for _, l := range x.Locations {
		if l.Path != "" && want(l) {
			ps = append(ps, l.Path)
		}
	}
	slices.Sort(ps)
	return slices.Compact(ps)
}
