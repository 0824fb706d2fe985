package ui

import (
	"slices"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

func assistantGroups(s *snap, a *inventory.Assistant) []branch {
	if a == nil {
		return nil
	}
	var held, inherited, off []inventory.ID
	for _, id := range a.Secrets {
		if x := s.Secret(id); x != nil && x.Ambient {
			inherited = append(inherited, id)
		} else {
			held = append(held, id)
		}
	}
	var on []inventory.ID
	for _, t := range s.ToolsOf(a.ID) {
		if t.Enabled {
			on = append(on, t.ID)
		} else {
			off = append(off, t.ID)
		}
	}
	out := group(nil, "answered for by", recordsOf(s, a.Owners))
	out = group(out, "holds the secrets", recordsOf(s, held))
	out = group(out, "inherits from its account", recordsOf(s, inherited))
	out = group(out, "uses the servers", recordsOf(s, on))
	out = group(out, "servers that are off", recordsOf(s, off))
	return group(out, "reaches", reaches(s, s.EntitlementsOf(a.ID)))
}

func secretGroups(s *snap, x *inventory.Secret) []branch {
	if x == nil {
		return nil
	}
	out := group(nil, "held or reached by", recordsOf(s, x.Assistants))
	out = group(out, "given to the servers", recordsOf(s, idsOfTools(s.ToolsOf(x.ID))))
	out = group(out, "belongs to", recordsOf(s, x.Owners))
	var places []branch
	for _, l := range x.Locations {
		places = append(places, branch{name: place(l.Path, l.Line) + l.Pointer, text: styledLine{{Text: place(l.Path, l.Line), Style: theme.Note}, {Text: "  " + locationFacts(l), Style: theme.Dim}}})
	}
	out = group(out, "stands in", places)
	return group(out, "opens", reaches(s, s.EntitlementsOf(x.ID)))
}

// ownedSecrets are those that name a person as their owner. They are looked for when the branch is opened: no index has them.
func ownedSecrets(s *snap, id inventory.ID) branch {
	return branch{name: "secrets", text: styledLine{{Text: "secrets in this name", Style: theme.Bold}}, more: func() []branch {
		var ids []inventory.ID
		xs := s.Records().Secrets
		for i := range xs {
			if slices.Contains(xs[i].Owners, id) {
				ids = append(ids, xs[i].ID)
			}
		}
		if len(ids) == 0 {
			return []branch{{name: "none", text: line(theme.Dim, "none that was read")}}
		}
		return recordsOf(s, ids)
	}}
}

func idsOf(as []*inventory.Assistant) []inventory.ID {
	var out []inventory.ID
	for _, a := range as {
		out = append(out, a.ID)
	}
	return out
}

func idsOfTools(ts []*inventory.Tool) []inventory.ID {
	var out []inventory.ID
	for _, t := range ts {
		out = append(out, t.ID)
	}
	return out
}

// reaches are the resources behind entitlements, worst first, each with what may be done there.
func reaches(s *snap, es []*inventory.Entitlement) []branch {
	var out []branch
	for _, w := range waysOf(s, es) {
		cells := []table.Cell{{Text: "  " + w.doing(), Style: theme.Dim}}
		if w.resource == "" {
			out = append(out, branch{name: "here", text: styledLine{{Text: "the machine that it runs on"}, cells[0]}, id: w.first})
			continue
		}
		out = append(out, record(s, w.resource, cells...))
	}
	return out
}

// reachedBy are the holders that come to a resource, worst first.
func reachedBy(s *snap, id inventory.ID) []branch {
	by := map[inventory.ID][]*inventory.Entitlement{}
	for _, e := range s.EntitlementsOf(id) {
		who := e.Assistant
		if who == "" {
			who = inventory.ID(e.Via) // nobody is known to hold it
		}
		by[who] = append(by[who], e)
	}
	type holder struct {
		id inventory.ID
		w  way
	}
	var hs []holder
	for _, who := range inventory.SortedKeys(by) {
		for _, w := range waysOf(s, by[who]) {
			hs = append(hs, holder{who, w})
		}
	}
	slices.SortStableFunc(hs, func(a, b holder) int { return a.w.compare(b.w) })
	var out []branch
	for _, h := range hs {
		if known(s, h.id) {
			out = append(out, record(s, h.id, table.Cell{Text: "  " + h.w.doing(), Style: theme.Dim}))
		}
	}
	return out
}
