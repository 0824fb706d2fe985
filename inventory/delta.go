package inventory

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Delta is how the facts of one snapshot differ from those of an earlier one. That a fact was only seen again is no
// difference: when a record was seen and when its evidence was read are left out, as long as all that a source says has
// moved on by the same. References and the states of sources are not compared.
type Delta struct {
	Assistants, Owners, Secrets, Entitlements, Tools, Resources Moves

	seen sightings
}

// Moves are the records of one noun in two snapshots, by their places in the lists of [Snapshot.Records].
type Moves struct {
	To      []int32 // of each place before: where the same record stands now, changed or not; -1 if nowhere
	Changed []int32 // places now, ascending, of the records that are new or not as they were
	Before  []int32 // of each of Changed: its place before, -1 if it is new
	Gone    []int32 // places before, ascending, of those that stand nowhere now
}

// Some reports whether there is any difference.
func (m *Moves) Some() bool { return len(m.Changed)+len(m.Gone) > 0 }

// Since tells how the facts differ from those of an earlier snapshot. A record that has moved far, for what orders it has
// changed, is told as gone and new.
func (s *Snapshot) Since(before *Snapshot) *Delta {
	d := &Delta{seen: s.seenSince(before)}
	a, b := &before.records, &s.records
	kinds := make([]sightings, 6)
	for i := range kinds {
		kinds[i] = sightings{now: d.seen.now, met: map[sighting]bool{}}
	}
	still := len(d.seen.now) == 0
	var wg sync.WaitGroup
	wg.Go(func() {
		d.Entitlements = moves(a.Entitlements, b.Entitlements, still, func(x *Entitlement) ID { return x.ID }, compareEntitlements, kinds[0].entitlement)
	})
	wg.Go(func() {
		d.Assistants = moves(a.Assistants, b.Assistants, still, func(x *Assistant) ID { return x.ID }, compareAssistants, kinds[1].assistant)
		d.Secrets = moves(a.Secrets, b.Secrets, still, func(x *Secret) ID { return x.ID }, compareSecrets, sameSecret)
		d.Tools = moves(a.Tools, b.Tools, still, func(x *Tool) ID { return x.ID }, compareTools, kinds[2].tool)
		d.Owners = moves(a.Owners, b.Owners, still, func(x *Owner) ID { return x.ID }, compareOwners, kinds[3].owner)
		d.Resources = moves(a.Resources, b.Resources, still, func(x *Resource) ID { return x.ID }, compareResources, kinds[4].resource)
	})
	wg.Wait()
	d.seen.met = map[sighting]bool{}
	for _, k := range kinds {
		maps.Copy(d.seen.met, k.met)
	}
	return d
}

// Same reports whether no fact differs.
func (d *Delta) Same() bool {
	for _, m := range []*Moves{&d.Assistants, &d.Owners, &d.Secrets, &d.Entitlements, &d.Tools, &d.Resources} {
		if m.Some() {
			return false
		}
	}
	return true
}

// Ordered reports whether all that did not change was seen in the same order as before. Where it was not, evidence that
// stands in one place may have another order now.
func (d *Delta) Ordered() bool {
	all := slices.Collect(maps.Keys(d.seen.met))
	slices.SortFunc(all, func(a, b sighting) int { return a.at.Compare(b.at) })
	last := map[string]time.Time{}
	for _, x := range all {
		now := d.seen.of(x.source, x.at)
		if now.Before(last[x.source]) {
			return false
		}
		last[x.source] = now
	}
	return true
}

// Again returns when what a source saw at a time was seen again: at that time, if it was not.
func (d *Delta) Again(source string, at time.Time) time.Time { return d.seen.of(source, at) }

// Still reports whether nothing was seen again.
func (d *Delta) Still() bool { return len(d.seen.now) == 0 }

// moves walks through two lists in the order of compare, which tells any two records apart. still says that nothing was
// seen again: then one list in both is as it was.
func moves[T any](before, now []T, still bool, id func(*T) ID, compare func(a, b *T) int, same func(a, b *T) bool) Moves {
	m := Moves{To: make([]int32, len(before))}
	if still && len(before) == len(now) && (len(now) == 0 || &before[0] == &now[0]) {
		for i := range m.To {
			m.To[i] = int32(i)
		}
		return m
	}
	i, j := 0, 0
	for i < len(before) || j < len(now) {
		c := -1
		switch {
		case i == len(before):
			c = 1
		case j == len(now):
		case id(&before[i]) == id(&now[j]):
			c = 0
		default:
			c = compare(&before[i], &now[j])
		}
		switch {
		case c < 0:
			m.To[i] = -1
			m.Gone = append(m.Gone, int32(i))
			i++
		case c > 0:
			m.Changed, m.Before = append(m.Changed, int32(j)), append(m.Before, -1)
			j++
		default:
			m.To[i] = int32(j)
			if !same(&before[i], &now[j]) {
				m.Changed, m.Before = append(m.Changed, int32(j)), append(m.Before, int32(i))
			}
			i, j = i+1, j+1
		}
	}
	return m
}

// sighting is when a source saw something.
type sighting struct {
	source string
	at     time.Time
}

// sightings tell when what was seen once was seen again.
type sightings struct {
	now map[sighting]time.Time // what is not here was not seen again
	met map[sighting]bool      // of what did not change

	last     sighting // that was met last
	lastNow  time.Time
	lists    [2]*Evidence // that were compared last, and how long they are: neighbours often have the same
	long     int
	sameList bool
}

func (s *sightings) of(source string, at time.Time) time.Time {
	if len(s.now) == 0 {
		return at
	}
	if now, ok := s.now[sighting{source, at}]; ok {
		return now
	}
	return at
}

// evidence reports whether two lists differ in when they were seen at most, and in that as all others do.
func (s *sightings) evidence(a, b []Evidence) bool {
	if len(a) != len(b) || len(a) == 0 {
		return len(a) == len(b)
	}
	if s.lists == [2]*Evidence{&a[0], &b[0]} && s.long == len(a) {
		return s.sameList
	}
	s.lists, s.long, s.sameList = [2]*Evidence{&a[0], &b[0]}, len(a), false
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Path != y.Path || x.Line != y.Line || x.Pointer != y.Pointer || x.Source != y.Source || x.Note != y.Note || !s.again(x.Source, x.ObservedAt, y.ObservedAt) {
			return false
		}
	}
	s.sameList = true
	return true
}

func (s *sightings) again(source string, before, now time.Time) bool {
	if x := (sighting{source, before}); x != s.last || now != s.lastNow {
		if s.of(source, before) != now {
			return false
		}
		s.last, s.lastNow, s.met[x] = x, now, true
	}
	return true
}

const sample = 256 // records of a noun by which it is guessed what was seen again

// seenSince guesses when what was seen before was seen again: as it is with most of a sample.
func (s *Snapshot) seenSince(before *Snapshot) sightings {
	votes := map[sighting]map[time.Time]int{}
	vote := func(was, is []Evidence) {
		for i := range min(len(was), len(is)) {
			if x := (sighting{was[i].Source, was[i].ObservedAt}); !x.at.IsZero() && !is[i].ObservedAt.IsZero() && is[i].Source == x.source {
				if votes[x] == nil {
					votes[x] = map[time.Time]int{}
				}
				votes[x][is[i].ObservedAt]++
			}
		}
	}
	r := &before.records
	sampled(r.Assistants, s.Assistant, func(a *Assistant) (ID, []Evidence) { return a.ID, a.Evidence }, vote)
	sampled(r.Entitlements, s.Entitlement, func(e *Entitlement) (ID, []Evidence) { return e.ID, e.Evidence }, vote)
	sampled(r.Tools, s.Tool, func(t *Tool) (ID, []Evidence) { return t.ID, t.Evidence }, vote)
	sampled(r.Resources, s.Resource, func(x *Resource) (ID, []Evidence) { return x.ID, x.Evidence }, vote)
	sampled(r.Owners, s.Owner, func(o *Owner) (ID, []Evidence) { return o.ID, o.Evidence }, vote)
	again := map[sighting]time.Time{}
	for x, by := range votes {
		best, n := x.at, by[x.at]
		for now, k := range by {
			if k > n || k == n && now.After(best) {
				best, n = now, k
			}
		}
		if best != x.at {
			again[x] = best
		}
	}
	return sightings{now: again}
}

// sampled calls do with the evidence of a sample of records, as it was and as it is.
func sampled[T any](before []T, now func(ID) *T, of func(*T) (ID, []Evidence), do func(was, is []Evidence)) {
	for i := 0; i < len(before); i += max(1, len(before)/sample) {
		id, was := of(&before[i])
		if x := now(id); x != nil {
			_, is := of(x)
			do(was, is)
		}
	}
}
