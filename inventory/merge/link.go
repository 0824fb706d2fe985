package merge

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// tie is a pair of records, by their places.
type tie struct{ a, b uint32 }

func byPair(x, y tie) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) }

type places map[inventory.ID]uint32

func placesOf[T any](xs []T, id func(*T) inventory.ID) places {
	m := make(places, len(xs))
	for i := range xs {
		m[id(&xs[i])] = uint32(i)
	}
	return m
}

// link fills the links between assistants, secrets and tool servers in both directions, drops those that lead nowhere
// and sorts them. Lists are sorted by id, so that places are in the order of ids. No list of a batch is written to.
func link(r *inventory.Records) {
	as, xs := placesOf(r.Assistants, assistants.id), placesOf(r.Secrets, secrets.id)
	var holds, runs []tie
	hold := func(a, x inventory.ID) {
		i, ok := as[a]
		j, also := xs[x]
		if ok && also {
			holds = append(holds, tie{i, j})
		}
	}
	for i := range r.Assistants {
		for _, x := range r.Assistants[i].Secrets {
			hold(r.Assistants[i].ID, x)
		}
	}
	for i := range r.Secrets {
		for _, a := range r.Secrets[i].Assistants {
			hold(a, r.Secrets[i].ID)
		}
	}
	ts := places(nil)
	for i := range r.Tools {
		t := &r.Tools[i]
		if a, ok := as[t.Assistant]; ok {
			runs = append(runs, tie{a, uint32(i)})
		}
		for _, x := range t.Secrets {
			hold(t.Assistant, x)
		}
		t.Secrets = tidy(t.Secrets, xs)
	}
	for i := range r.Assistants {
		for _, t := range r.Assistants[i].Tools {
			if ts == nil {
				ts = placesOf(r.Tools, tools.id)
			}
			if j, ok := ts[t]; ok {
				runs = append(runs, tie{uint32(i), j})
			}
		}
	}
	holds = once(holds)
	spread(holds, r.Assistants, func(a *inventory.Assistant, x []inventory.ID) { a.Secrets = x }, func(j uint32) inventory.ID { return r.Secrets[j].ID })
	spread(once(runs), r.Assistants, func(a *inventory.Assistant, t []inventory.ID) { a.Tools = t }, func(j uint32) inventory.ID { return r.Tools[j].ID })
	for i := range holds {
		holds[i].a, holds[i].b = holds[i].b, holds[i].a
	}
	spread(once(holds), r.Secrets, func(x *inventory.Secret, a []inventory.ID) { x.Assistants = a }, func(j uint32) inventory.ID { return r.Assistants[j].ID })
	owned(r)
}

// once sorts ties and drops those that were told twice: by the assistant and by the secret.
func once(ties []tie) []tie {
	slices.SortFunc(ties, byPair)
	return slices.Compact(ties)
}

// spread gives each record the ids that it is tied to, all of them in one piece of memory. The ties are in order.
func spread[T any](ties []tie, xs []T, set func(*T, []inventory.ID), id func(uint32) inventory.ID) {
	ids := make([]inventory.ID, len(ties))
	for i, t := range ties {
		ids[i] = id(t.b)
	}
	k := 0
	for i := range xs {
		from := k
		for k < len(ties) && ties[k].a == uint32(i) {
			k++
		}
		set(&xs[i], ids[from:k:k])
	}
}

// owned tidies the links to owners and puts places in order.
func owned(r *inventory.Records) {
	os := placesOf(r.Owners, owners.id)
	for i := range r.Assistants {
		r.Assistants[i].Owners = tidy(r.Assistants[i].Owners, os)
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		x.Owners = tidy(x.Owners, os)
		if !slices.IsSortedFunc(x.Locations, byPlace) {
			x.Locations = slices.Clone(x.Locations)
			slices.SortFunc(x.Locations, byPlace)
		}
	}
}

// tidy sorts ids and drops doubles and those that lead nowhere. A list that is in order already is returned as it is.
func tidy(ids []inventory.ID, known places) []inventory.ID {
	ok := true
	for i, id := range ids {
		if _, there := known[id]; !there || i > 0 && ids[i-1] >= id {
			ok = false
			break
		}
	}
	if ok {
		return slices.Clip(ids)
	}
	out := slices.DeleteFunc(slices.Clone(ids), func(id inventory.ID) bool { _, there := known[id]; return !there })
	slices.Sort(out)
	return slices.Compact(out)
}
