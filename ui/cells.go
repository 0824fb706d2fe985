package ui

import (
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/table"
)

// Columns that many lists have so that they can be filtered and sorted by, and chosen.

// ownedColumn tells who answers for a record: its owners, or those of the assistants that it belongs to.
func ownedColumn[T any](priority int, id func(*T) inventory.ID) column[T] {
	return column[T]{table.Column{Key: "owner", Title: "OWNER", Min: 10, Max: 28, Good: 16, Priority: priority, List: true},
		func(s *snap, x *T) table.Cell { return text(ownersText(s, id(x))) }}
}

// sourcesColumn tells who saw a record; @name asks for it.
func sourcesColumn[T any](of func(*T) []string) column[T] {
	return column[T]{table.Column{Key: "source", Title: "SOURCE", Min: 6, Max: 30, Good: 14, Priority: 9, Off: true, List: true},
		func(_ *snap, x *T) table.Cell { return dim(strings.Join(of(x), ", ")) }}
}

// ageColumn tells how long ago something was when the facts were read.
func ageColumn[T any](key, title string, of func(*T) time.Time) column[T] {
	return column[T]{table.Column{Key: key, Title: title, Min: 5, Max: 8, Priority: 9, Off: true, Right: true, Kind: query.Time, Desc: true},
		func(s *snap, x *T) table.Cell {
			at := of(x)
			if at.IsZero() {
				return dim("?")
			}
			return text(age(s.At(), at))
		}}
}

// ownersText names everybody who answers for a record, in the order of their names.
func ownersText(s *snap, id inventory.ID) string {
	var names []string
	add := func(owners []inventory.ID) {
		for _, o := range owners {
			if n := nameOf(s, o); !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	own, through := answers(s, id)
	add(own)
	if len(names) == 0 {
		for _, a := range through {
			if x := s.Assistant(a); x != nil {
				add(x.Owners)
			}
		}
	}
	if len(names) == 0 {
		return "?"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// answers are the owners of a record itself, and the assistants whose owners answer for it else.
func answers(s *snap, id inventory.ID) (own, through []inventory.ID) {
	switch id.Noun() {
	case inventory.NounOwner:
		return []inventory.ID{id}, nil
	case inventory.NounAssistant:
		return nil, []inventory.ID{id}
	case inventory.NounSecret:
		if x := s.Secret(id); x != nil {
			return x.Owners, x.Assistants
		}
	case inventory.NounTool:
		if x := s.Tool(id); x != nil {
			return nil, []inventory.ID{x.Assistant}
		}
	case inventory.NounEntitlement:
		if x := s.Entitlement(id); x != nil {
			return nil, []inventory.ID{x.Assistant}
		}
	case inventory.NounFinding:
		if x := s.Finding(id); x != nil {
			own, through = answers(s, x.Subject)
			return own, append(slices.Clone(through), x.Assistants...)
		}
	}
	return nil, nil
}

// answersText lists the capabilities with an answer, the one that weighs most first.
func answersText(a *inventory.Assistant, is inventory.Answer) string {
	var out []string
	for _, c := range power {
		if a.Capabilities[c] == is {
			out = append(out, string(c))
		}
	}
	return strings.Join(out, ", ")
}

// driftText lists the capabilities that an assistant has beyond its charter.
func driftText(a *inventory.Assistant) string {
	var out []string
	for _, c := range power {
		if drifts(a, c) {
			out = append(out, string(c))
		}
	}
	return strings.Join(out, ", ")
}
