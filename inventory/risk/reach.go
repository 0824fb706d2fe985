package risk

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// Reach is one thing that a credential or an assistant opens.
type Reach struct {
	Capability inventory.Capability `json:"capability"`
	Doing      string               `json:"doing"` // the capability in words that follow "may"
	Resource   inventory.ID         `json:"resource,omitempty"`
	Name       string               `json:"name,omitempty"` // of the resource
	Production bool                 `json:"production"`
	Gate       string               `json:"gate"`
	Certain    bool                 `json:"certain"`
	Path       []string             `json:"path"`
}

// String is one thing in a line: merge to a protected branch: acme/web (production).
func (r Reach) String() string {
	l := r.Doing
	if r.Name != "" {
		l += ": " + r.Name
	}
	if r.Production {
		l += " (production)"
	}
	if !r.Certain {
		l += " (possible by its kind)"
	}
	return l
}

// ReachLines says in lines, each once, what several records open, worst first of each.
func ReachLines(s *inventory.Snapshot, ids []inventory.ID) []string {
	var lines []string
	seen := map[string]bool{}
	for _, id := range ids {
		for _, r := range ReachOf(s, id) {
			if l := r.String(); !seen[l] {
				seen[l] = true
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// ReachOf lists what a credential opens, or what an assistant may do, worst first: what is certain before what is only
// possible, control before writing before reading, production before the rest, what nobody is asked about before what a
// person must approve. Blocked ways are left out, and what several holders may do with it counts once.
func ReachOf(s *inventory.Snapshot, id inventory.ID) []Reach {
	type key struct {
		c inventory.Capability
		r inventory.ID
	}
	var out []Reach
	at := map[key]int{}
	for _, e := range s.EntitlementsOf(id) {
		if e.Gate == inventory.GateBlocked {
			continue
		}
		x := Reach{Capability: e.Capability, Doing: doing(e.Capability), Resource: e.Resource, Production: e.Environment == "production", Gate: e.Gate, Certain: e.Certain, Path: e.Path}
		if r := s.Resource(e.Resource); r != nil {
			x.Name, x.Production = r.Name, x.Production || r.Environment == "production"
		}
		k := key{x.Capability, x.Resource}
		if i, ok := at[k]; !ok {
			at[k] = len(out)
			out = append(out, x)
		} else if badness(x, out[i]) < 0 {
			out[i] = x
		}
	}
	slices.SortStableFunc(out, badness)
	return out
}

// badness orders the worse of two first.
func badness(a, b Reach) int {
	yes := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(yes(a.Certain, b.Certain), cmp.Compare(powerOf(b.Capability, ""), powerOf(a.Capability, "")), yes(a.Production, b.Production),
		yes(a.Gate == inventory.GateOpen, b.Gate == inventory.GateOpen), slices.Index(inventory.Capabilities(), b.Capability)-slices.Index(inventory.Capabilities(), a.Capability),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Resource, b.Resource))
}
