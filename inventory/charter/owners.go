package charter

import (
	"slices"
	"strings"

	"nhitop/inventory"
)

// owners finds the owner that a charter names, or adds one that only the charter asserts.
type owners struct {
	list []inventory.Owner
	by   map[string]int // lower-case name or e-mail address -> index, -1 for a name that several have
}

func newOwners(r *inventory.Records) *owners {
	o := &owners{list: slices.Clone(r.Owners), by: map[string]int{}}
	for i := range o.list {
		o.index(i)
	}
	return o
}

func (o *owners) index(i int) {
	for _, key := range []string{o.list[i].Name, o.list[i].Email} {
		key = strings.ToLower(key)
		if old, twice := o.by[key]; twice && old != i {
			o.by[key] = -1
			continue
		}
		o.by[key] = i
	}
}

// People lists whom charters name, as the records that [Apply] would make of them.
func (s Set) People() []inventory.Owner {
	var out []inventory.Owner
	for _, c := range s.Charters {
		for _, name := range []string{c.Owner, c.Deputy} {
			if name = inventory.Clean(strings.TrimSpace(name)); name != "" {
				out = append(out, asserted(name, c.Place))
			}
		}
	}
	return out
}

// asserted is an owner that only a charter names.
func asserted(name string, proof inventory.Evidence) inventory.Owner {
	x := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "charter", strings.ToLower(name)), Kind: "person", Name: name, Status: "unknown",
		Sources: []string{"config"}, Evidence: []inventory.Evidence{proof}}
	switch {
	case strings.HasPrefix(name, "@") && strings.Contains(name, "/"):
		x.Kind = "team" // as CODEOWNERS spells one
	case strings.Contains(name, "@") && !strings.HasPrefix(name, "@"):
		x.Email = name
	}
	return x
}

// of returns the id of an owner by name or e-mail address, "" for none. A name that several have is nobody's: a new
// record says that the charter asserts it.
func (o *owners) of(name string, proof inventory.Evidence) inventory.ID {
	name = inventory.Clean(strings.TrimSpace(name))
	if name == "" {
		return ""
	}
	proof.Note = "asserted by a charter"
	if i, ok := o.by[strings.ToLower(name)]; ok && i >= 0 {
		x := &o.list[i]
		if !slices.Contains(x.Evidence, proof) {
			x.Evidence = append(slices.Clip(x.Evidence), proof)
		}
		if !slices.Contains(x.Sources, "config") {
			x.Sources = append(slices.Clip(x.Sources), "config")
		}
		return x.ID
	}
	x := asserted(name, proof)
	if i := slices.IndexFunc(o.list, func(y inventory.Owner) bool { return y.ID == x.ID || slices.Contains(y.Same, x.ID) }); i >= 0 {
		if !slices.Contains(o.list[i].Evidence, proof) {
			o.list[i].Evidence = append(slices.Clip(o.list[i].Evidence), proof)
		}
		return o.list[i].ID
	}
	o.list = append(o.list, x)
	o.index(len(o.list) - 1)
	return x.ID
}
