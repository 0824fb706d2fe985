package risk

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

var ownerRules = []row{
	{"OWN-01", inventory.NounAssistant, noOwner},
	{"OWN-03", inventory.NounAssistant, teamOnly},
	{"OWN-05", inventory.NounSecret, inherited},
}

// noOwner is one finding for a place: who owns a repository answers for every assistant in it.
func noOwner(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.acts() || len(p.a.Owners) > 0 {
		return nil
	}
	return []Hit{{Group: parent(p.a), Detail: fmt.Sprintf("Nobody is known to answer for %s.", p.name), Evidence: p.a.Evidence,
		Changes: []Change{nameOwner(p, parent(p.a))}}}
}

func teamOnly(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.acts() || len(p.a.Owners) == 0 {
		return nil
	}
	var teams []string
	var evidence []inventory.Evidence
	for _, id := range p.a.Owners {
		o := s.Snapshot().Owner(id)
		if o == nil || o.Kind != "team" {
			return nil
		}
		teams, evidence = append(teams, o.Name), append(evidence, o.Evidence...)
	}
	slices.Sort(teams)
	if len(evidence) == 0 {
		evidence = p.a.Evidence
	}
	return []Hit{{Group: parent(p.a), Detail: fmt.Sprintf("Only a team answers for %s: %s.", p.name, list(teams)), Evidence: evidence,
		Changes: []Change{nameOwner(p, parent(p.a))}}}
}

// inherited holds for a credential that nobody gave to an assistant and that opens a system beyond this machine.
func inherited(s Subject, _ Policy) []Hit {
	x, f := s.Secret, s.secretFacts()
	if !x.Ambient {
		return nil
	}
	opens := s.opens(f)
	if opens == "" {
		return nil
	}
	var first *profile
	products, families := map[string]bool{}, map[string]bool{}
	for _, p := range s.users() {
		if p.open && p.acts() {
			if first == nil {
				first = p
			}
			products[product(p.a)], families[p.family()] = true, true
		}
	}
	if first == nil {
		return nil
	}
	changes := []Change{}
	if len(families) == 1 {
		changes = append(changes, isolate(first))
	}
	changes = append(changes, revoke(x, "Move it out of the reach of assistants: into a keyring or manager that asks, or behind a login that ends soon."))
	return []Hit{{
		Detail:   fmt.Sprintf("%s opens %s, and %s inherited it without anybody deciding so.", s.placed(), opens, list(inventory.SortedKeys(products))),
		Evidence: s.places(), Changes: changes,
	}}
}

// opens names what a credential reaches beyond this machine, or "".
func (s Subject) opens(f *secretFacts) string {
	for _, e := range f.grants {
		if !system(e.Capability) {
			continue
		}
		if r := s.w.resource(e.Resource); r != nil && r.Name != "" {
			return r.Kind + " " + quote(r.Name)
		}
		return "a system (it may " + doing(e.Capability) + ")"
	}
	if k := s.w.p.known().Kind(f.x.Kind); k != nil {
		for _, g := range k.Grants {
			if system(inventory.Capability(g.Capability)) {
				return "a system (it may " + doing(inventory.Capability(g.Capability)) + ")"
			}
		}
	}
	return ""
}
