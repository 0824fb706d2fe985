package ui

import (
	"cmp"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// grant is an entitlement in the order of the list: what weighs most first.
type grant struct{ *inventory.Entitlement }

func entitlementList() listSpec[grant] {
	type e = grant
	return listSpec[e]{
		name: "entitlements", noun: "entitlement", acts: listActs, sort: table.Sort{Column: -1}, foot: entitlementFoot, note: func() string { return "worst first  " },
		rows: worstGrants,
		id:   func(x *e) inventory.ID { return x.ID },
		cols: []column[e]{
			{table.Column{Key: "assistant", Title: "ASSISTANT", Min: 14, Max: 50, Good: 26, Priority: 1, Grow: true},
				func(s *snap, x *e) table.Cell {
					if x.Assistant == "" {
						return dim(nameOf(s, x.Assistant))
					}
					return text(nameOf(s, x.Assistant))
				}},
			{table.Column{Key: "may", Title: "MAY", Min: 10, Max: 16, Priority: 1},
				func(_ *snap, x *e) table.Cell { return text(string(x.Capability)) }},
			{table.Column{Key: "gate", Title: "GATE", Min: 7, Max: 7, Priority: 2},
				func(_ *snap, x *e) table.Cell {
					if x.Gate == inventory.GateOpen {
						return table.Cell{Text: x.Gate, Style: theme.Warn}
					}
					return text(x.Gate)
				}},
			{table.Column{Key: "certain", Title: "CERTAIN", Min: 7, Max: 8, Priority: 4},
				func(_ *snap, x *e) table.Cell {
					if x.Certain {
						return text("certain")
					}
					return dim("possible")
				}},
			{table.Column{Key: "resource", Title: "RESOURCE", Min: 12, Max: 36, Good: 18, Priority: 2},
				func(s *snap, x *e) table.Cell {
					if r := s.Resource(x.Resource); r != nil {
						return text(r.Name)
					}
					return text("")
				}},
			{table.Column{Key: "via", Title: "VIA", Min: 10, Max: 32, Good: 16, Priority: 5},
				func(s *snap, x *e) table.Cell { return text(viaName(s, x.Via)) }},
			{table.Column{Key: "environment", Title: "IN", Min: 4, Max: 12, Priority: 3},
				func(s *snap, x *e) table.Cell { return text(grantEnvironment(s, x.Entitlement)) }},
			{table.Column{Key: "level", Title: "LEVEL", Min: 5, Max: 5, Priority: 6},
				func(_ *snap, x *e) table.Cell { return text(x.Level) }},
			{table.Column{Key: "origin", Title: "ORIGIN", Min: 6, Max: 9, Priority: 7},
				func(_ *snap, x *e) table.Cell { return text(x.Origin) }},
			ownedColumn(7, func(x *e) inventory.ID { return x.ID }),
			ageColumn("used", "USED", func(x *e) time.Time { return x.LastUsed }),
		},
	}
}

// worstGrants lists the entitlements: those of somebody who is known before those of whoever holds a credential, what is
// possible at all before what is blocked, and then as the reach of an assistant is ordered.
func worstGrants(s *snap) []grant {
	es := s.Records().Entitlements
	out := make([]grant, len(es))
	for i := range es {
		out[i] = grant{&es[i]}
	}
	slices.SortStableFunc(out, func(a, b grant) int {
		return cmp.Or(falseFirst(a.Assistant == "", b.Assistant == ""), falseFirst(a.Gate == inventory.GateBlocked, b.Gate == inventory.GateBlocked),
			falseFirst(!a.Certain, !b.Certain), cmp.Compare(slices.Index(power, a.Capability), slices.Index(power, b.Capability)),
			falseFirst(!inProduction(s, a.Entitlement), !inProduction(s, b.Entitlement)), falseFirst(a.Gate != inventory.GateOpen, b.Gate != inventory.GateOpen))
	})
	return out
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// inProduction reports whether a right counts in production, by itself or by its resource.
func inProduction(s *snap, e *inventory.Entitlement) bool {
	if e.Environment == production {
		return true
	}
	r := s.Resource(e.Resource)
	return r != nil && r.Environment == production
}

const production = "production"
