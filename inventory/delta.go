package inventory

import (
	"maps"
	"slices"
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

// Since tells how the facts differ from those of an earlier snapshot, which this one was made from by [Snapshot.Next], or
// which has the same facts; nil where that is not so. A record that has moved far, for what orders it has changed, is told
// as gone and new.
func (s *Snapshot) Since(before *Snapshot) *Delta {
	switch {
	case before == nil:
		return nil
	case s.born == before.born:
		return s.unchanged()
	case s.follows == before.born:
		return s.delta
	}
	return nil
}

// Follows reports whether [Snapshot.Since] can tell how the facts differ from those of another snapshot.
func (s *Snapshot) Follows(before *Snapshot) bool {
	return before != nil && (s.born == before.born || s.follows == before.born)
}

// Same reports whether two snapshots have the same facts because one was made from the other by [Snapshot.Judged],
// [Snapshot.Measured] or [Snapshot.Told].
func (s *Snapshot) Same(other *Snapshot) bool { return s.born == other.born }

// unchanged is how a snapshot differs from one with the same facts.
func (s *Snapshot) unchanged() *Delta {
	r := &s.records
	d := &Delta{}
	for m, n := range map[*Moves]int{&d.Assistants: len(r.Assistants), &d.Owners: len(r.Owners), &d.Secrets: len(r.Secrets),
		&d.Entitlements: len(r.Entitlements), &d.Tools: len(r.Tools), &d.Resources: len(r.Resources)} {
		m.To = standing(n)
	}
	return d
}

// standing are the moves of n records that stand where they stood.
func standing(n int) []int32 {
	to := make([]int32, n)
	for i := range to {
		to[i] = int32(i)
	}
	return to
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

// moves walks through two lists in the order of compare, which tells any two records apart. like makes the record that is
// now hold the memory of the one before where the two are equal, and reports whether they are. still says that nothing was
// seen again: then one list in both is as it was.
func moves[T any](before, now []T, still bool, id func(*T) ID, compare func(a, b *T) int, like func(now, before *T) bool, ahead func([]T)) Moves {
	if still && len(before) == len(now) && (len(now) == 0 || &before[0] == &now[0]) {
		return Moves{To: standing(len(now))}
	}
	m := Moves{To: make([]int32, len(before))}
	i, j := 0, 0
	for next := 0; i < len(before) || j < len(now); {
		if j >= next && j < len(now) {
			ahead(now[j:])
			ahead(before[i:])
			next = j + fewAhead
		}
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
			if !like(&now[j], &before[i]) {
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

	last    sighting // that was met last
	lastNow time.Time

	is, was []Evidence // that were compared last: neighbours often have the same
	held    []Evidence // in place of is
	same    bool
	room    []Evidence // for those that are held
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

// evidence makes a list hold the texts of the one before, or be that list, where they are equal. It reports whether the two
// differ in when they were seen at most, and in that as all others do.
func (s *sightings) evidence(p *[]Evidence, was []Evidence) bool {
	is := *p
	if len(is) != len(was) || len(is) == 0 {
		return len(is) == len(was)
	}
	if len(s.is) == len(is) && &s.is[0] == &is[0] && &s.was[0] == &was[0] {
		*p = s.held
		return s.same
	}
	s.is, s.was, s.held, s.same = is, was, is, false
	same, moved := true, false
	for i := range is {
		x, y := &is[i], &was[i]
		if x.Path != y.Path || x.Line != y.Line || x.Pointer != y.Pointer || x.Source != y.Source || x.Note != y.Note {
			return false
		}
		if x.ObservedAt != y.ObservedAt {
			moved = true
		}
		same = s.again(y.Source, y.ObservedAt, x.ObservedAt) && same
	}
	if s.held = slices.Clip(was); moved {
		s.held = s.take(len(is))
		copy(s.held, was)
		for i := range is {
			s.held[i].ObservedAt = is[i].ObservedAt
		}
	}
	*p, s.same = s.held, same
	return same
}

// take makes room for a list.
func (s *sightings) take(n int) []Evidence {
	const most = 1024
	if len(s.room) < n {
		s.room = make([]Evidence, max(most, n))
	}
	list := s.room[:n:n]
	s.room = s.room[n:]
	return list
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
func (s *Snapshot) seenSince(before *Snapshot) map[sighting]time.Time {
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
	r := &s.records
	sampled(r.Assistants, before.Assistant, func(a *Assistant) (ID, []Evidence) { return a.ID, a.Evidence }, vote)
	sampled(r.Entitlements, before.Entitlement, func(e *Entitlement) (ID, []Evidence) { return e.ID, e.Evidence }, vote)
	sampled(r.Tools, before.Tool, func(t *Tool) (ID, []Evidence) { return t.ID, t.Evidence }, vote)
	sampled(r.Resources, before.Resource, func(x *Resource) (ID, []Evidence) { return x.ID, x.Evidence }, vote)
	sampled(r.Owners, before.Owner, func(o *Owner) (ID, []Evidence) { return o.ID, o.Evidence }, vote)
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
	return again
}

// sampled calls do with the evidence of a sample of records, as it was and as it is.
func sampled[T any](now []T, before func(ID) *T, of func(*T) (ID, []Evidence), do func(was, is []Evidence)) {
	for i := 0; i < len(now); i += max(1, len(now)/sample) {
		id, is := of(&now[i])
		if x := before(id); x != nil {
			_, was := of(x)
			do(was, is)
		}
	}
}
