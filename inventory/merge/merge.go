package merge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"nhitop/inventory"
)

// Merge makes one set of records of the batches of all sources. previous, which may be nil, gives the time at which an
// assistant was first seen, and its last use. Source states, findings and issues are not filled. The batches are not changed; what lists
// inside the records hold is shared with them.
func Merge(batches []inventory.Batch, previous *inventory.Snapshot) inventory.Records {
	return Consume(slices.Clone(batches), previous)
}

// Consume is Merge for batches that nobody needs afterwards: it takes their lists of records away, so that each is kept for
// no longer than it is worked on.
func Consume(batches []inventory.Batch, previous *inventory.Snapshot) inventory.Records {
	var r inventory.Records
	var wg inventory.Group
	wg.Go(func() {
		r.Entitlements = fold(lists(batches, func(r *inventory.Records) *[]inventory.Entitlement { return &r.Entitlements }), entitlements)
	})
	wg.Go(func() {
		r.Tools = fold(lists(batches, func(r *inventory.Records) *[]inventory.Tool { return &r.Tools }), tools)
		r.Owners = fold(lists(batches, func(r *inventory.Records) *[]inventory.Owner { return &r.Owners }), owners)
		r.Resources = fold(lists(batches, func(r *inventory.Records) *[]inventory.Resource { return &r.Resources }), resources)
		r.References = fold(lists(batches, func(r *inventory.Records) *[]inventory.Reference { return &r.References }), references)
	})
	r.Assistants = fold(lists(batches, func(r *inventory.Records) *[]inventory.Assistant { return &r.Assistants }), assistants)
	r.Secrets = fold(lists(batches, func(r *inventory.Records) *[]inventory.Secret { return &r.Secrets }), secrets)
	wg.Wait()
	correlate(&r)
	persons(&r)
	link(&r)
	settle(&r)
	bestow(&r)
	seen(&r, previous)
	return r
}

// lists takes the lists of one noun from the batches.
func lists[T any](batches []inventory.Batch, of func(*inventory.Records) *[]T) [][]T {
	all := make([][]T, 0, len(batches))
	for i := range batches {
		p := of(&batches[i].Records)
		all = append(all, *p)
		*p = nil
	}
	return all
}

// noun says how records of one noun are merged.
type noun[T any] struct {
	id    func(*T) inventory.ID
	first func(a, b *T) int // orders the sightings of one record by what tells them apart most often
	into  func(a, b *T)     // adds to a what b knows; it appends to lists
	tidy  func(*T)          // takes out of lists what is double, in the end: one secret may stand in thousands of places
}

var (
	assistants = noun[inventory.Assistant]{func(x *inventory.Assistant) inventory.ID { return x.ID },
		func(a, b *inventory.Assistant) int { return slices.Compare(a.Sources, b.Sources) }, assistant, assistantLists}
	owners = noun[inventory.Owner]{func(x *inventory.Owner) inventory.ID { return x.ID },
		func(a, b *inventory.Owner) int { return slices.Compare(a.Sources, b.Sources) }, owner, ownerLists}
	secrets      = noun[inventory.Secret]{func(x *inventory.Secret) inventory.ID { return x.ID }, bySight, secret, secretLists}
	entitlements = noun[inventory.Entitlement]{func(x *inventory.Entitlement) inventory.ID { return x.ID },
		func(a, b *inventory.Entitlement) int { return bySource(a.Evidence, b.Evidence) }, entitlement, entitlementLists}
	tools = noun[inventory.Tool]{func(x *inventory.Tool) inventory.ID { return x.ID },
		func(a, b *inventory.Tool) int { return bySource(a.Evidence, b.Evidence) }, tool, toolLists}
	resources = noun[inventory.Resource]{func(x *inventory.Resource) inventory.ID { return x.ID },
		func(a, b *inventory.Resource) int { return bySource(a.Evidence, b.Evidence) }, resource, resourceLists}
	references = noun[inventory.Reference]{func(x *inventory.Reference) inventory.ID { return x.ID },
		func(a, b *inventory.Reference) int { return cmp.Compare(a.Path, b.Path) }, reference, func(*inventory.Reference) {}}
)

// bySight orders sightings of a secret by where it was seen.
func bySight(a, b *inventory.Secret) int {
	for i := range min(len(a.Locations), len(b.Locations)) {
		if c := byPlace(a.Locations[i], b.Locations[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a.Locations), len(b.Locations)), slices.Compare(a.Sources, b.Sources), slices.Compare(a.Assistants, b.Assistants))
}

func bySource(a, b []inventory.Evidence) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Or(cmp.Compare(a[0].Source, b[0].Source), cmp.Compare(a[0].Path, b[0].Path), cmp.Compare(a[0].Line, b[0].Line))
}

// fold merges the records of each id, in an order that only their content decides, and sorts the result by id.
func fold[T any](from [][]T, n noun[T]) []T {
	marks := sorted(from, n.id)
	distinct := 0
	for i := range marks {
		if i == 0 || n.id(record(from, marks[i])) != n.id(record(from, marks[i-1])) {
			distinct++
		}
	}
	out := make([]T, 0, distinct)
	for len(marks) > 0 {
		same := 1
		for same < len(marks) && n.id(record(from, marks[same])) == n.id(record(from, marks[0])) {
			same++
		}
		out = append(out, *record(from, marks[0]))
		if same > 1 {
			n.unite(&out[len(out)-1], marks[:same], from)
		}
		marks = marks[same:]
	}
	return out
}

// unite makes r of all sightings of one record.
func (n *noun[T]) unite(r *T, marks []mark, from [][]T) {
	members := make([]*T, len(marks))
	for i, m := range marks {
		members[i] = record(from, m)
	}
	members = canonical(members, n.first)
	*r = *members[0]
	if len(members) == 1 {
		return
	}
	clip(r)
	for _, m := range members[1:] {
		n.into(r, m)
	}
	n.tidy(r)
}

// clip makes the next append to any list of the record copy it: what a batch holds is shared.
func clip(r any) {
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && !f.IsNil() {
			f.SetCap(f.Len())
		}
	}
}

// canonical orders the sightings of one record and drops equal ones: by first, and where that does not tell them apart by
// their JSON text.
func canonical[T any](members []*T, first func(a, b *T) int) []*T {
	texts := make(map[*T][]byte)
	text := func(m *T) []byte {
		t, ok := texts[m]
		if !ok {
			t, _ = json.Marshal(m) // records are plain data; what cannot be encoded orders first
			texts[m] = t
		}
		return t
	}
	compare := func(a, b *T) int {
		if c := first(a, b); c != 0 {
			return c
		}
		return bytes.Compare(text(a), text(b))
	}
	slices.SortStableFunc(members, compare)
	return slices.CompactFunc(members, func(a, b *T) bool { return compare(a, b) == 0 })
}

// seen carries over when an assistant was first seen; one that is new was first seen when it was last seen.
func seen(r *inventory.Records, previous *inventory.Snapshot) {
	for i := range r.Assistants {
		a := &r.Assistants[i]
		a.FirstSeen = earliest(a.FirstSeen, a.LastSeen)
		if previous == nil {
			continue
		}
		if p := previous.Assistant(a.ID); p != nil {
			a.FirstSeen = earliest(a.FirstSeen, p.FirstSeen)
			a.LastUsed = latest(a.LastUsed, p.LastUsed)
		}
	}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
