package merge

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"nhitop/inventory"
)

// Merge makes one set of records of the batches of all sources. previous, which may be nil, gives the time at which an
// assistant was first seen. Source states, findings and issues are not filled. The batches are not changed.
func Merge(batches []inventory.Batch, previous *inventory.Snapshot) inventory.Records {
	var all inventory.Records
	for _, b := range batches {
		all.Assistants = append(all.Assistants, b.Records.Assistants...)
		all.Owners = append(all.Owners, b.Records.Owners...)
		all.Secrets = append(all.Secrets, b.Records.Secrets...)
		all.Entitlements = append(all.Entitlements, b.Records.Entitlements...)
		all.Tools = append(all.Tools, b.Records.Tools...)
		all.Resources = append(all.Resources, b.Records.Resources...)
		all.References = append(all.References, b.Records.References...)
	}
	r := inventory.Records{
		Assistants:   fold(all.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID }, assistant, assistantLists),
		Owners:       fold(all.Owners, func(x *inventory.Owner) inventory.ID { return x.ID }, owner, ownerLists),
		Secrets:      fold(all.Secrets, func(x *inventory.Secret) inventory.ID { return x.ID }, secret, secretLists),
		Entitlements: fold(all.Entitlements, func(x *inventory.Entitlement) inventory.ID { return x.ID }, entitlement, entitlementLists),
		Tools:        fold(all.Tools, func(x *inventory.Tool) inventory.ID { return x.ID }, tool, toolLists),
		Resources:    fold(all.Resources, func(x *inventory.Resource) inventory.ID { return x.ID }, resource, resourceLists),
		References:   fold(all.References, func(x *inventory.Reference) inventory.ID { return x.ID }, reference, nil),
	}
	own(&r)
	link(&r)
	seen(&r, previous)
	return r
}

// fold merges the records of each id, in an order that only their content decides, and sorts the result by id. into
// appends to lists, lists takes out what is double in the end: one secret may stand in thousands of places.
func fold[T any](xs []T, id func(*T) inventory.ID, into func(a, b *T), lists func(*T)) []T {
	groups := make(map[inventory.ID][]int, len(xs))
	for i := range xs {
		groups[id(&xs[i])] = append(groups[id(&xs[i])], i)
	}
	out := make([]T, 0, len(groups))
	for _, k := range inventory.SortedKeys(groups) {
		if k == "" {
			continue // a record that nothing can refer to is no record
		}
		members := groups[k]
		if len(members) > 1 {
			members = canonical(xs, members)
		}
		r := xs[members[0]]
		if len(members) > 1 {
			clip(&r)
			for _, m := range members[1:] {
				into(&r, &xs[m])
			}
			if lists != nil {
				lists(&r)
			}
		}
		out = append(out, r)
	}
	return out
}

// clip makes the next append to any list of the record copy it: what a batch holds is shared.
func clip(record any) {
	v := reflect.ValueOf(record).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && !f.IsNil() {
			f.SetCap(f.Len())
		}
	}
}

// canonical orders the members of one group by their JSON text and drops equal ones.
func canonical[T any](xs []T, members []int) []int {
	text := make(map[int][]byte, len(members))
	for _, m := range members {
		text[m], _ = json.Marshal(xs[m]) // records are plain data; what cannot be encoded orders first
	}
	slices.SortStableFunc(members, func(a, b int) int { return bytes.Compare(text[a], text[b]) })
	return slices.CompactFunc(members, func(a, b int) bool { return bytes.Equal(text[a], text[b]) })
}

// own gives each record lists of its own before links are added to them: those of a batch are shared.
func own(r *inventory.Records) {
	for i := range r.Assistants {
		a := &r.Assistants[i]
		a.Secrets, a.Tools, a.Owners = slices.Clone(a.Secrets), slices.Clone(a.Tools), slices.Clone(a.Owners)
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		x.Assistants, x.Owners, x.Locations = slices.Clone(x.Assistants), slices.Clone(x.Owners), slices.Clone(x.Locations)
		slices.SortFunc(x.Locations, byPlace)
	}
	for i := range r.Tools {
		r.Tools[i].Secrets = slices.Clone(r.Tools[i].Secrets)
	}
}

// link fills the links between assistants, secrets and tool servers in both directions, drops those that lead nowhere
// and sorts them.
func link(r *inventory.Records) {
	assistants := index(r.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID })
	secrets := index(r.Secrets, func(x *inventory.Secret) inventory.ID { return x.ID })
	tools := index(r.Tools, func(x *inventory.Tool) inventory.ID { return x.ID })
	owners := index(r.Owners, func(x *inventory.Owner) inventory.ID { return x.ID })
	holds := func(a, s inventory.ID) {
		if x, y := assistants[a], secrets[s]; x != nil && y != nil {
			x.Secrets, y.Assistants = append(x.Secrets, s), append(y.Assistants, a)
		}
	}
	for i := range r.Tools {
		t := &r.Tools[i]
		if a := assistants[t.Assistant]; a != nil {
			a.Tools = append(a.Tools, t.ID)
		}
		for _, s := range t.Secrets {
			holds(t.Assistant, s)
		}
		t.Secrets = tidy(t.Secrets, secrets)
	}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		for _, s := range slices.Clone(a.Secrets) {
			holds(a.ID, s)
		}
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		for _, a := range slices.Clone(x.Assistants) {
			holds(a, x.ID)
		}
		x.Owners = tidy(x.Owners, owners)
	}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		a.Secrets, a.Tools, a.Owners = tidy(a.Secrets, secrets), tidy(a.Tools, tools), tidy(a.Owners, owners)
	}
	for i := range r.Secrets {
		r.Secrets[i].Assistants = tidy(r.Secrets[i].Assistants, assistants)
	}
}

func index[T any](xs []T, id func(*T) inventory.ID) map[inventory.ID]*T {
	m := make(map[inventory.ID]*T, len(xs))
	for i := range xs {
		m[id(&xs[i])] = &xs[i]
	}
	return m
}

// tidy sorts ids and drops doubles and those that lead nowhere.
func tidy[T any](ids []inventory.ID, known map[inventory.ID]*T) []inventory.ID {
	ids = slices.DeleteFunc(ids, func(id inventory.ID) bool { return known[id] == nil })
	slices.Sort(ids)
	return slices.Compact(ids)
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
