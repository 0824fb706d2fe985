package merge

import (
	"slices"

	"nhitop/inventory"
)

// persons makes one record of the owners that a source says are one: a directory knows whose login and whose address it is.
// The record that says so keeps its id, and what pointed to the others points to it. Records of different kinds stay apart.
func persons(r *inventory.Records) {
	if !slices.ContainsFunc(r.Owners, func(o inventory.Owner) bool { return len(o.Same) > 0 }) {
		return
	}
	at := placesOf(r.Owners, owners.id)
	into := make([]int, len(r.Owners))
	for i := range into {
		into[i] = i
	}
	root := func(i int) int {
		for into[i] != i {
			i = into[i]
		}
		return i
	}
	says := func(i int) bool { return len(r.Owners[i].Same) > 0 }
	for i := range r.Owners {
		for _, id := range r.Owners[i].Same {
			j, ok := at[id]
			if !ok || r.Owners[j].Kind != r.Owners[i].Kind {
				continue
			}
			a, b := root(i), root(int(j))
			if says(b) && (!says(a) || r.Owners[b].ID < r.Owners[a].ID) {
				a, b = b, a
			}
			into[b] = a
		}
	}
	now := map[inventory.ID]inventory.ID{}
	for i := range r.Owners {
		k := root(i)
		if k == i {
			continue
		}
		o := &r.Owners[k]
		now[r.Owners[i].ID] = o.ID
		clip(o)
		owner(o, &r.Owners[i])
		o.Same = append(o.Same, r.Owners[i].ID)
		ownerLists(o)
	}
	for i := range r.Owners {
		if o := &r.Owners[i]; root(i) == i && len(o.Same) > 0 {
			o.Same = slices.DeleteFunc(distinct(o.Same), func(id inventory.ID) bool { return id == o.ID })
			slices.Sort(o.Same)
		}
	}
	kept := make([]inventory.Owner, 0, len(r.Owners)-len(now))
	for i := range r.Owners {
		if root(i) == i {
			kept = append(kept, r.Owners[i])
		}
	}
	r.Owners = kept
	repoint(r, now)
}

// repoint writes the ids that owners have now. No list of a batch is written to.
func repoint(r *inventory.Records, now map[inventory.ID]inventory.ID) {
	turn := func(ids *[]inventory.ID) {
		if !slices.ContainsFunc(*ids, func(id inventory.ID) bool { return now[id] != "" }) {
			return
		}
		out := slices.Clone(*ids)
		for i, id := range out {
			if to := now[id]; to != "" {
				out[i] = to
			}
		}
		*ids = distinct(out)
	}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		turn(&a.Owners)
		if slices.ContainsFunc(a.OwnerSigns, func(s inventory.OwnerSign) bool { return now[s.Owner] != "" }) {
			a.OwnerSigns = slices.Clone(a.OwnerSigns)
			for j := range a.OwnerSigns {
				if to := now[a.OwnerSigns[j].Owner]; to != "" {
					a.OwnerSigns[j].Owner = to
				}
			}
		}
	}
	for i := range r.Secrets {
		turn(&r.Secrets[i].Owners)
	}
	for i := range r.Owners {
		turn(&r.Owners[i].OnCall)
	}
}
