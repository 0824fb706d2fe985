package merge

import (
	"slices"

	"nhitop/inventory"
)

// settle drops assistants that only a name spoke for, of a token or a key, where it turns out who really holds that: the
// holder gets what the token opens. It wants links filled.
func settle(r *inventory.Records) {
	guessed := map[inventory.ID]bool{}
	for i := range r.Assistants {
		if r.Assistants[i].Guessed {
			guessed[r.Assistants[i].ID] = true
		}
	}
	if len(guessed) == 0 {
		return
	}
	gone := map[inventory.ID]bool{}
	known := map[inventory.ID]bool{} // secrets with a holder that is no guess
	for i := range r.Secrets {
		// Who only inherits it is not whom it was made for.
		if x := &r.Secrets[i]; !x.Ambient && slices.ContainsFunc(x.Assistants, func(a inventory.ID) bool { return !guessed[a] }) {
			known[x.ID] = true
		}
	}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		if a.Guessed && len(a.Secrets) > 0 && !slices.ContainsFunc(a.Secrets, func(x inventory.ID) bool { return !known[x] }) {
			gone[a.ID] = true
		}
	}
	if len(gone) == 0 {
		return
	}
	drop := func(ids []inventory.ID) []inventory.ID {
		if !slices.ContainsFunc(ids, func(id inventory.ID) bool { return gone[id] }) {
			return ids
		}
		return slices.DeleteFunc(slices.Clone(ids), func(id inventory.ID) bool { return gone[id] })
	}
	for i := range r.Secrets {
		r.Secrets[i].Assistants = drop(r.Secrets[i].Assistants)
	}
	for i := range r.Entitlements {
		if e := &r.Entitlements[i]; gone[e.Assistant] {
			e.Assistant = "" // what the secret opens, for whoever holds it
		}
	}
	r.Assistants = slices.DeleteFunc(r.Assistants, func(a inventory.Assistant) bool { return gone[a.ID] })
	r.Tools = slices.DeleteFunc(r.Tools, func(t inventory.Tool) bool { return gone[t.Assistant] })
}
