package risk

import (
	"cmp"
	"slices"
	"time"

	"nhitop/inventory"
)

// world is one snapshot with what many rules ask of it worked out once.
type world struct {
	s   *inventory.Snapshot
	r   inventory.Records
	p   Policy
	now time.Time

	profiles []*profile                     // by the places of assistants; nil where not worked out
	facts    []*secretFacts                 // by the places of secrets, likewise
	byFile   map[string][]*inventory.Secret // alive, by the path of a file that others can read
	traits   traits
	homes    map[household]string // the first home seen, for what inherits nothing itself
	stage    *stage
	desk     *desk // of the goroutine that works with this copy of the world
}

// stage is how far the judgement is, the same for all copies of a world.
type stage struct {
	ready bool // profiles and facts are only read; see prepare

	// noted returns the finding of a rule that is no combination, if it holds for an assistant; nil if not. It is nil itself
	// until those rules are asked.
	noted func(rule string, p *profile) *tied
}

func newWorld(s *inventory.Snapshot, p Policy, now time.Time) *world {
	w := emptyWorld(s, p, now)
	w.homes = map[household]string{}
	w.findHomes(w.r.Assistants)
	w.byFile = w.openFiles()
	return w
}

// emptyWorld is one in which nothing is worked out.
func emptyWorld(s *inventory.Snapshot, p Policy, now time.Time) *world {
	r := s.Records()
	w := &world{
		s: s, r: r, p: p, now: now,
		profiles: make([]*profile, len(r.Assistants)), facts: make([]*secretFacts, len(r.Secrets)),
		traits: embeddedTraits(), stage: &stage{}, desk: &desk{},
	}
	if p.Catalogue != nil {
		w.traits = traitsOf(p.Catalogue)
	}
	return w
}

// openFiles lists the secrets of each file in which one stands that every account can read.
func (w *world) openFiles() map[string][]*inventory.Secret {
	files := map[string][]*inventory.Secret{}
	for i := range w.r.Secrets {
		if x := &w.r.Secrets[i]; w.alive(x) {
			for j := range x.Locations {
				if l := &x.Locations[j]; l.Path != "" && here(*l) && worldReadable(l.Mode) {
					files[l.Path] = nil
				}
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	for i := range w.r.Secrets {
		x := &w.r.Secrets[i]
		if !w.alive(x) {
			continue
		}
		for _, path := range pathsOf(x, everywhere) {
			if _, ok := files[path]; ok {
				files[path] = append(files[path], x)
			}
		}
	}
	for _, xs := range files {
		slices.SortFunc(xs, func(a, b *inventory.Secret) int { return cmp.Compare(a.ID, b.ID) })
	}
	return files
}

// household is a product on a host.
type household struct{ product, host string }

// findHomes notes the first home of each household.
func (w *world) findHomes(as []inventory.Assistant) {
	for i := range as {
		a := &as[i]
		home := ""
		for _, id := range a.Secrets {
			if x := w.s.Secret(id); x != nil && x.Ambient {
				if h := homeOf(x); h != "" && (home == "" || h < home) {
					home = h
				}
			}
		}
		key := household{a.Kind, a.Host}
		if home != "" && (w.homes[key] == "" || home < w.homes[key]) {
			w.homes[key] = home
		}
	}
}

// profile works out the assistant of that id; one that is not in the inventory gives an empty profile.
func (w *world) profile(id inventory.ID) *profile {
	at := w.s.Place(inventory.NounAssistant, id)
	if at < 0 {
		return newProfile(w, &inventory.Assistant{ID: id})
	}
	return w.profileAt(at)
}

func (w *world) profileAt(at int) *profile {
	if at < len(w.profiles) && w.profiles[at] != nil {
		return w.profiles[at]
	}
	p := newProfile(w, &w.r.Assistants[at])
	p.at = at
	if !w.stage.ready && at < len(w.profiles) {
		w.profiles[at] = p
	}
	return p
}

// factsOf returns what is to be known of the secret of that id, nil if it is not in the inventory.
func (w *world) factsOf(id inventory.ID) *secretFacts {
	at := w.s.Place(inventory.NounSecret, id)
	if at < 0 {
		return nil
	}
	if at < len(w.facts) && w.facts[at] != nil {
		return w.facts[at]
	}
	f := newSecretFacts(w, &w.r.Secrets[at])
	if !w.stage.ready && at < len(w.facts) {
		w.facts[at] = f
	}
	return f
}

// resource returns the resource of that id, or nil. Those that follow each other are often the same.
func (w *world) resource(id inventory.ID) *inventory.Resource {
	if d := w.desk; id != d.resource || d.reached == nil {
		d.resource, d.reached = id, w.s.Resource(id)
	}
	return w.desk.reached
}

// productionOf says what of a grant on a resource is production, or "". Grants that follow each other are often on the same.
func (w *world) productionOf(e *inventory.Entitlement, r *inventory.Resource) string {
	d := w.desk
	if d.judged.resource != r || d.judged.environment != e.Environment || !d.judged.ok {
		d.judged.resource, d.judged.environment, d.judged.ok = r, e.Environment, true
		d.judged.production = w.p.productionOf(e, r)
	}
	return d.judged.production
}

// part is the finding of a rule for an assistant, nil if it does not hold for that.
func (w *world) part(rule string, p *profile) *tied {
	if w.stage.noted == nil {
		return nil
	}
	return w.stage.noted(rule, p)
}

// prepare works out secrets and assistants, by their places, so that the rules only read; what is worked out already stays
// as it is. each does a piece of work for 0 to n-1, with a copy of the world that no other goroutine has.
func (w *world) prepare(secrets, assistants []uint32, each func(n int, do func(w *world, i int))) {
	w.stage.ready = false
	each(len(secrets), func(w *world, i int) {
		if at := secrets[i]; w.facts[at] == nil {
			w.facts[at] = newSecretFacts(w, &w.r.Secrets[at])
		}
	})
	each(len(assistants), func(w *world, i int) {
		if at := assistants[i]; w.profiles[at] == nil {
			w.profiles[at] = newProfile(w, &w.r.Assistants[at])
			w.profiles[at].at = int(at)
		}
	})
	w.stage.ready = true
}

// upTo are the numbers from 0 to n-1.
func upTo(n int) []uint32 {
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(i)
	}
	return all
}

// subject is the one at a place; ok is false for what no rule looks at.
func (w *world) subject(of inventory.Noun, at int) (s Subject, ok bool) {
	switch of {
	case inventory.NounAssistant:
		return Subject{Assistant: &w.r.Assistants[at], w: w, p: w.profileAt(at)}, true
	case inventory.NounSecret:
		if x := &w.r.Secrets[at]; w.alive(x) {
			return Subject{Secret: x, w: w, f: w.facts[at]}, true
		}
	case inventory.NounTool:
		if t := &w.r.Tools[at]; t.Enabled {
			return Subject{Tool: t, w: w, p: w.profile(t.Assistant)}, true
		}
	case inventory.NounOwner:
		return Subject{Owner: &w.r.Owners[at], w: w}, true
	case NounSource:
		return Subject{Source: &w.r.Sources[at], w: w}, true
	}
	return Subject{}, false
}

// alive reports whether a secret may still be accepted by its issuer, as far as can be told from here.
func (w *world) alive(x *inventory.Secret) bool { return Alive(x, w.now) }

func (w *world) holders(x *inventory.Secret) []*inventory.Assistant {
	as := w.desk.assistants[:0]
	for _, id := range x.Assistants {
		if a := w.s.Assistant(id); a != nil {
			as = append(as, a)
		}
	}
	as = append(as, w.s.AssistantsOf(x.ID)...)
	w.desk.assistants = as
	slices.SortFunc(as, func(a, b *inventory.Assistant) int { return cmp.Compare(a.ID, b.ID) })
	return w.desk.holders.copy(slices.Compact(as)...)
}

// desk is what one goroutine works with: memory for what lasts, room for what is at hand, and what it looked up last.
type desk struct {
	profiles    shelf[profile]
	secretFacts shelf[secretFacts]
	ids         shelf[inventory.ID]
	secrets     shelf[*inventory.Secret]
	facts       shelf[*secretFacts]
	holders     shelf[*inventory.Assistant]
	sorted      shelf[*inventory.Setting]

	held, ambient []*secretFacts
	settings      []*inventory.Setting
	assistants    []*inventory.Assistant

	resource inventory.ID // that was looked up last
	reached  *inventory.Resource
	judged   struct {
		resource                *inventory.Resource
		environment, production string
		ok                      bool
	}
	used  *secretFacts // that were asked for their users last
	using []*profile
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
