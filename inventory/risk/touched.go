package risk

import (
	"maps"
	"slices"
	"sort"
	"time"

	"nhitop/inventory"
)

// marks are some of the places of a list.
type marks struct {
	on   []bool
	list []uint32
}

func newMarks(n int) marks { return marks{on: make([]bool, n)} }

// add reports whether the place is new.
func (m *marks) add(at int) bool {
	if at < 0 || m.on[at] {
		return false
	}
	m.on[at] = true
	m.list = append(m.list, uint32(at))
	return true
}

// touched are the subjects about which a rule may say something else than before: those whose own record is another, those
// for which rules look at a record that is another, and those for which a time has come.
//
// What the rules look at: for an assistant its tool servers, its entitlements and their resources, its owners and whom its signs
// name, the home of those of its product on its host, and of its secrets what they open and by which identities they are held. For a secret
// that, its owners, its holders with all that is theirs, the servers that get it, and the secrets in a file that others can
// read. For a server its assistant and its secrets, for an owner all assistants that he answers for.
type touched struct {
	now, was *world
	d        *inventory.Delta
	subjects [len(nouns)]marks
	facts    marks
	gone     map[inventory.ID]bool // looked at already, and there no more
	homes    map[household]bool    // whose home may be another
}

// The places of nouns in a list by nouns.
const (
	theAssistants = iota
	theSecrets
	theTools
	theOwners
	theSources
)

func touch(was, now *world, d *inventory.Delta) *touched {
	t := &touched{now: now, was: was, d: d, facts: newMarks(len(now.r.Secrets)), gone: map[inventory.ID]bool{}, homes: map[household]bool{}}
	for i, of := range nouns {
		t.subjects[i] = newMarks(now.size(of))
	}
	differing(&d.Resources, was.r.Resources, now.r.Resources, func(a, b *inventory.Resource) { t.resource(one(a, b).ID) })
	differing(&d.Entitlements, was.r.Entitlements, now.r.Entitlements, func(a, b *inventory.Entitlement) { t.entitlement(a); t.entitlement(b) })
	differing(&d.Tools, was.r.Tools, now.r.Tools, func(a, b *inventory.Tool) { t.toolRecord(a); t.toolRecord(b) })
	differing(&d.Secrets, was.r.Secrets, now.r.Secrets, func(a, b *inventory.Secret) { t.secretRecord(a, b) })
	differing(&d.Assistants, was.r.Assistants, now.r.Assistants, func(a, b *inventory.Assistant) { t.assistantRecord(a, b) })
	t.ownerRecords()
	t.times()
	t.findHomes()
	t.subjects[theSources].all()
	return t
}

func (m *marks) clone() marks { return marks{slices.Clone(m.on), slices.Clone(m.list)} }

func (m *marks) all() {
	for i := range m.on {
		m.add(i)
	}
}

// differing calls do with what is another: as it was, nil if it is new, and as it is, nil if it is gone.
func differing[T any](m *inventory.Moves, was, now []T, do func(a, b *T)) {
	for i, at := range m.Changed {
		if m.Before[i] < 0 {
			do(nil, &now[at])
		} else {
			do(&was[m.Before[i]], &now[at])
		}
	}
	for _, at := range m.Gone {
		do(&was[at], nil)
	}
}

func one[T any](a, b *T) *T {
	if b != nil {
		return b
	}
	return a
}

// both calls do with the snapshots before and now: a link may stand in one of them only.
func (t *touched) both(do func(s *inventory.Snapshot)) {
	do(t.was.s)
	do(t.now.s)
}

func (t *touched) resource(id inventory.ID) {
	t.both(func(s *inventory.Snapshot) {
		for _, e := range s.EntitlementsOf(id) {
			t.entitlement(e)
		}
	})
}

func (t *touched) entitlement(e *inventory.Entitlement) {
	if e == nil {
		return
	}
	t.assistant(e.Assistant)
	t.secret(inventory.ID(e.Via))
}

func (t *touched) toolRecord(x *inventory.Tool) {
	if x == nil {
		return
	}
	t.tool(x.ID)
	t.assistant(x.Assistant)
	for _, id := range x.Secrets {
		t.subjects[theSecrets].add(t.now.s.Place(inventory.NounSecret, id))
	}
}

func (t *touched) tool(id inventory.ID) {
	t.subjects[theTools].add(t.now.s.Place(inventory.NounTool, id))
}

// secretRecord takes both versions of a secret.
func (t *touched) secretRecord(a, b *inventory.Secret) {
	t.secret(one(a, b).ID)
	for _, x := range []*inventory.Secret{a, b} {
		if x == nil {
			continue
		}
		t.files(x)
		if !x.Ambient {
			continue
		}
		t.both(func(s *inventory.Snapshot) {
			for _, h := range s.AssistantsOf(x.ID) {
				t.homes[household{h.Kind, h.Host}] = true
			}
		})
	}
}

// files marks the secrets that stand in one file with this one, where others can read the file.
func (t *touched) files(x *inventory.Secret) {
	for i := range x.Locations {
		for _, w := range []*world{t.was, t.now} {
			for _, y := range w.byFile[x.Locations[i].Path] {
				t.subjects[theSecrets].add(t.now.s.Place(inventory.NounSecret, y.ID))
			}
		}
	}
}

// secret marks a secret of which something is another, and those who look at what it is.
func (t *touched) secret(id inventory.ID) {
	at := t.now.s.Place(inventory.NounSecret, id)
	if at >= 0 && !t.facts.add(at) || at < 0 && !t.leave(id) {
		return
	}
	t.subjects[theSecrets].add(at)
	t.both(func(s *inventory.Snapshot) {
		if x := s.Secret(id); x != nil {
			for _, a := range x.Assistants {
				t.assistant(a)
			}
		}
		for _, a := range s.AssistantsOf(id) {
			t.assistant(a.ID)
		}
		for _, e := range s.EntitlementsOf(id) {
			t.assistant(e.Assistant)
		}
		for _, x := range s.ToolsOf(id) {
			t.tool(x.ID)
			t.assistant(x.Assistant)
		}
	})
}

// leave reports whether an id that stands nowhere now was not looked at yet.
func (t *touched) leave(id inventory.ID) bool {
	if id == "" || t.gone[id] {
		return false
	}
	t.gone[id] = true
	return true
}

// assistantRecord takes both versions of an assistant. What it is called bears on whom its secrets are shared with.
func (t *touched) assistantRecord(a, b *inventory.Assistant) {
	t.assistant(one(a, b).ID)
	another := a == nil || b == nil || a.Kind != b.Kind || a.Name != b.Name || a.Host != b.Host || a.Path != b.Path || a.Scope != b.Scope || (a.Job == nil) != (b.Job == nil) ||
		a.Job != nil && (a.Job.Name != b.Job.Name || a.Job.Workflow != b.Job.Workflow)
	for _, x := range []*inventory.Assistant{a, b} {
		if x == nil {
			continue
		}
		t.homes[household{x.Kind, x.Host}] = true
		if another {
			for _, id := range x.Secrets {
				t.secret(id)
			}
		}
	}
}

// assistant marks an assistant of which something is another, and those who look at all that it is.
func (t *touched) assistant(id inventory.ID) {
	at := t.now.s.Place(inventory.NounAssistant, id)
	if at >= 0 && !t.subjects[theAssistants].add(at) || at < 0 && !t.leave(id) {
		return
	}
	t.both(func(s *inventory.Snapshot) {
		for _, x := range s.ToolsOf(id) {
			t.tool(x.ID)
		}
		a := s.Assistant(id)
		if a == nil {
			return
		}
		for _, x := range a.Secrets {
			t.subjects[theSecrets].add(t.now.s.Place(inventory.NounSecret, x))
		}
		for _, o := range a.Owners {
			t.subjects[theOwners].add(t.now.s.Place(inventory.NounOwner, o))
		}
	})
}

// ownerRecords marks the owners that are others, and what they answer for.
func (t *touched) ownerRecords() {
	if !t.d.Owners.Some() {
		return
	}
	others := map[inventory.ID]bool{}
	differing(&t.d.Owners, t.was.r.Owners, t.now.r.Owners, func(a, b *inventory.Owner) {
		id := one(a, b).ID
		others[id] = true
		t.subjects[theOwners].add(t.now.s.Place(inventory.NounOwner, id))
		t.both(func(s *inventory.Snapshot) {
			for _, x := range s.AssistantsOf(id) {
				t.assistant(x.ID)
			}
		})
	})
	for i := range t.now.r.Assistants { // a sign may name somebody who is none of its owners
		a := &t.now.r.Assistants[i]
		if o := a.Ownership; o != nil && (others[o.Owner] || slices.ContainsFunc(o.Others, func(c inventory.Claim) bool { return others[c.Owner] })) {
			t.assistant(a.ID)
		}
	}
	for i := range t.now.r.Secrets {
		if slices.ContainsFunc(t.now.r.Secrets[i].Owners, func(id inventory.ID) bool { return others[id] }) {
			t.subjects[theSecrets].add(i)
		}
	}
}

// times marks what a time has come for since the last judgement. Each place where rules look at the time must be here; a test
// lists them.
func (t *touched) times() {
	from, to, p := t.was.now, t.now.now, &t.now.p
	if from.Equal(to) {
		return
	}
	come := func(at time.Time, later time.Duration) bool {
		if at.IsZero() {
			return false
		}
		at = at.Add(later)
		return !at.Before(from) && !at.After(to)
	}
	older := func(at time.Time) bool { return !at.IsZero() && from.Sub(at)/day != to.Sub(at)/day } // by a day, which is said
	for i := range t.now.r.Secrets {
		x := &t.now.r.Secrets[i]
		if come(x.Expires, 0) || come(x.Expires, -p.ShortLived) || come(x.LastUsed, p.Idle) || come(x.Created, p.MaxSecretAge) || come(x.Rotated, p.MaxSecretAge) ||
			come(x.Leaked, p.ActNowWithin) || older(x.Leaked) || x.Used == inventory.No && come(x.Created, neverUsedFor) {
			t.secret(x.ID)
			t.files(x)
		}
	}
	for i := range t.now.r.Assistants {
		if a := &t.now.r.Assistants[i]; come(a.LastUsed, p.Idle) {
			t.assistant(a.ID)
		}
	}
	for i := range t.now.r.Entitlements {
		if e := &t.now.r.Entitlements[i]; come(e.Expires, 0) || come(e.Expires, -p.ShortLived) || come(e.LastUsed, p.Idle) || come(e.GrantedAt, neverUsedFor) {
			t.entitlement(e)
		}
	}
}

// findHomes works out the homes that may be others, and marks those who are told apart by them.
func (t *touched) findHomes() {
	if len(t.homes) == 0 {
		return
	}
	as := t.now.r.Assistants
	t.now.homes = maps.Clone(t.was.homes)
	for key := range t.homes {
		from := sort.Search(len(as), func(i int) bool {
			return as[i].Kind > key.product || as[i].Kind == key.product && as[i].Host >= key.host
		})
		to := from
		for to < len(as) && as[to].Kind == key.product && as[to].Host == key.host {
			to++
		}
		delete(t.now.homes, key)
		t.now.findHomes(as[from:to])
		if t.now.homes[key] == t.was.homes[key] {
			continue
		}
		for i := from; i < to; i++ {
			t.assistant(as[i].ID)
		}
	}
}
