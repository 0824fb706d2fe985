package merge

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// bestow gives what a secret is known to open to every assistant that holds or reaches the secret. A source that reads a
// provider knows what a token may do and not who holds it; one that reads files knows who holds it and can only guess from
// its kind what it may do. Where the first has spoken, the guesses are dropped, and a cell of the matrix that stood on
// them alone is unknown no more.
func bestow(r *inventory.Records) {
	known := map[inventory.ID][]*inventory.Entitlement{}
	for i := range r.Entitlements {
		if e := &r.Entitlements[i]; e.Assistant == "" {
			known[inventory.ID(e.Via)] = append(known[inventory.ID(e.Via)], e)
		}
	}
	if len(known) == 0 {
		return
	}
	holders := holdersOf(r, known)
	b := bestowing{known: known, held: map[way][]inventory.Entitlement{}, changed: map[inventory.ID]bool{}}
	kept := r.Entitlements[:0:0]
	for i := range r.Entitlements {
		e := &r.Entitlements[i]
		via := inventory.ID(e.Via)
		switch {
		case e.Assistant == "" && len(holders[via]) > 0:
			continue // each holder gets it below
		case e.Assistant != "" && known[via] != nil:
			b.held[way{e.Assistant, via}] = append(b.held[way{e.Assistant, via}], *e)
			if !e.Certain {
				b.changed[e.Assistant] = true
				continue
			}
		}
		kept = append(kept, *e)
	}
	for _, x := range inventory.SortedKeys(holders) {
		for _, a := range holders[x] {
			kept = append(kept, b.of(a, x)...)
		}
	}
	slices.SortFunc(kept, func(a, b inventory.Entitlement) int { return cmp.Compare(a.ID, b.ID) })
	r.Entitlements = slices.CompactFunc(kept, func(a, b inventory.Entitlement) bool { return a.ID == b.ID })
	b.matrices(r)
}

// holdersOf lists who holds or reaches each of the secrets.
func holdersOf(r *inventory.Records, known map[inventory.ID][]*inventory.Entitlement) map[inventory.ID][]inventory.ID {
	holders := map[inventory.ID][]inventory.ID{}
	for i := range r.Assistants {
		for _, x := range r.Assistants[i].Secrets {
			if known[x] != nil {
				holders[x] = append(holders[x], r.Assistants[i].ID)
			}
		}
	}
	return holders
}

// matrices fills the cells of the assistants whose entitlements have changed.
func (b *bestowing) matrices(r *inventory.Records) {
	rows := map[inventory.ID][]*inventory.Entitlement{}
	for i := range r.Entitlements {
		if e := &r.Entitlements[i]; b.changed[e.Assistant] {
			rows[e.Assistant] = append(rows[e.Assistant], e)
		}
	}
	for i := range r.Assistants {
		if a := &r.Assistants[i]; b.changed[a.ID] {
			a.Capabilities = cells(a.Capabilities, rows[a.ID])
		}
	}
}

// way is how one assistant comes to one secret.
type way struct{ assistant, secret inventory.ID }

type bestowing struct {
	known   map[inventory.ID][]*inventory.Entitlement
	held    map[way][]inventory.Entitlement // what the holder's own source said of the way
	changed map[inventory.ID]bool
}

// of makes the entitlements of one holder through one secret.
func (b *bestowing) of(assistant, secret inventory.ID) []inventory.Entitlement {
	gate, origin, path := inventory.GateOpen, inventory.OriginDirect, []string(nil)
	for i, e := range b.held[way{assistant, secret}] {
		if i == 0 || worse(gates, gate, e.Gate) {
			gate, origin = e.Gate, e.Origin
			path = e.Path[:max(0, len(e.Path)-1)] // its last word is the guess
		}
	}
	b.changed[assistant] = true
	out := make([]inventory.Entitlement, 0, len(b.known[secret]))
	for _, k := range b.known[secret] {
		e := *k
		e.Assistant, e.Origin = assistant, origin
		e.ID = inventory.NewID(inventory.NounEntitlement, string(assistant), e.Via, string(e.Capability), string(e.Resource), e.Origin, "told by its issuer")
		if worse(gates, k.Gate, gate) {
			e.Gate = k.Gate
		} else {
			e.Gate = gate
		}
		e.Path = slices.Concat(path, k.Path)
		out = append(out, e)
	}
	return out
}

// cells is a matrix after entitlements have changed: what is certain fills it, and unknown stays only where something
// that is not certain speaks for it.
func cells(old map[inventory.Capability]inventory.Answer, rows []*inventory.Entitlement) map[inventory.Capability]inventory.Answer {
	m := make(map[inventory.Capability]inventory.Answer, len(old))
	guessed := map[inventory.Capability]bool{}
	for c, v := range old {
		m[c] = v
	}
	for _, e := range rows {
		guessed[e.Capability] = guessed[e.Capability] || !e.Certain && e.Gate != inventory.GateBlocked
	}
	for c, v := range m {
		if v == inventory.Unknown && !guessed[c] {
			delete(m, c)
		}
	}
	for _, e := range rows {
		v := inventory.Yes
		switch {
		case e.Gate == inventory.GateBlocked:
			v = inventory.No
		case !e.Certain:
			v = inventory.Unknown
		case e.Gate == inventory.GateAsks:
			v = inventory.Asks
		}
		if now, ok := m[e.Capability]; !ok || v == inventory.Unknown && now == inventory.No || worse(answers, now, v) && v != inventory.Unknown {
			m[e.Capability] = v
		}
	}
	return m
}
