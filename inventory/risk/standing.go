package risk

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

var standingRules = []row{
	{"ENT-03", inventory.NounAssistant, writeUnused},
	{"ENT-04", inventory.NounAssistant, grantUnused},
	{"ENT-05", inventory.NounAssistant, standingProduction},
	{"ENT-10", inventory.NounAssistant, throughGroups},
	{"ENT-11", inventory.NounSecret, spansZones},
	{"AUT-03", inventory.NounAssistant, completes},
}

// rightsHit is a hit about grants that one change takes away.
func rightsHit(s Subject, es []*inventory.Entitlement, says func(what string) string) []Hit {
	if len(es) == 0 {
		return nil
	}
	p := s.profile()
	h := Hit{Secrets: viaSecrets(es)}
	var what, rights []string
	for _, e := range es {
		text := doing(e.Capability)
		if r := s.w.resource(e.Resource); r != nil {
			text += " on " + r.Kind + " " + quote(r.Name)
		}
		what, rights = append(what, text), append(rights, doing(e.Capability))
		h.Evidence = append(h.Evidence, e.Evidence...)
	}
	if len(h.Evidence) == 0 {
		h.Evidence = p.a.Evidence
	}
	slices.Sort(what)
	slices.Sort(rights)
	what, rights = slices.Compact(what), slices.Compact(rights)
	h.Group = p.family() + "|" + strings.Join(what, "|")
	h.Detail = says(list(what))
	h.Changes = grantChanges(s, p, es, len(es), rights)
	return []Hit{h}
}

// unused reports whether a grant is known not to have been used for long. One that no source saw used is not known.
func (s Subject) unused(e *inventory.Entitlement, pol Policy) bool {
	return !e.LastUsed.IsZero() && s.Now().Sub(e.LastUsed) > pol.Idle
}

// reads reports whether another grant shows that the resource is in use, for reading.
func (s Subject) reads(p *profile, e *inventory.Entitlement, pol Policy) bool {
	return slices.ContainsFunc(p.grants, func(o *inventory.Entitlement) bool {
		return o.Resource == e.Resource && e.Resource != "" && powerOf(o.Capability, o.Level) == powerRead && !o.LastUsed.IsZero() && !s.unused(o, pol)
	})
}

func writeUnused(s Subject, pol Policy) []Hit {
	p := s.profile()
	es := p.certain(func(e *inventory.Entitlement) bool {
		return powerOf(e.Capability, e.Level) >= powerWrite && s.unused(e, pol) && s.reads(p, e, pol)
	})
	return rightsHit(s, es, func(what string) string {
		return fmt.Sprintf("%s only reads, and may %s; that was not used for %s.", p.name, what, days(pol.Idle.Hours()))
	})
}

func grantUnused(s Subject, pol Policy) []Hit {
	p := s.profile()
	es := p.certain(func(e *inventory.Entitlement) bool {
		return s.unused(e, pol) && !(powerOf(e.Capability, e.Level) >= powerWrite && s.reads(p, e, pol))
	})
	return rightsHit(s, es, func(what string) string {
		return fmt.Sprintf("%s may %s, and did not for %s.", p.name, what, days(pol.Idle.Hours()))
	})
}

// inProduction says what of a grant is production, or "".
func (s Subject) inProduction(e *inventory.Entitlement, pol Policy) string {
	r := s.w.resource(e.Resource)
	if r != nil && r.Kind == "machine" {
		return ""
	}
	return s.w.productionOf(e, r)
}

// standingProduction leaves out what ends soon by itself, and what stands in a pipeline's guarded environment: there
// the grant is made anew for each run.
func standingProduction(s Subject, pol Policy) []Hit {
	p := s.profile()
	es := p.certain(func(e *inventory.Entitlement) bool {
		return system(e.Capability) && s.inProduction(e, pol) != "" && pol.Lasting(s.w.s, e, s.Now())
	})
	return rightsHit(s, es, func(what string) string {
		return fmt.Sprintf("%s may %s in production at all times: no near end is known.", p.name, what)
	})
}

func throughGroups(s Subject, _ Policy) []Hit {
	p := s.profile()
	es := p.certain(func(e *inventory.Entitlement) bool {
		return e.Origin == "group" && powerOf(e.Capability, e.Level) >= powerWrite
	})
	return rightsHit(s, es, func(what string) string {
		return fmt.Sprintf("%s may %s only because of a group that it is in.", p.name, what)
	})
}

// spansZones holds where the same token reads what is private and writes where everybody reads, or works in several
// organisations.
func spansZones(s Subject, _ Policy) []Hit {
	var private, public string
	var orgs []string
	var evidence []inventory.Evidence
	for _, e := range s.secretFacts().grants {
		if !e.Certain || e.Gate == inventory.GateBlocked {
			continue
		}
		r := s.w.resource(e.Resource)
		if r == nil || r.Kind != "repository" && r.Sensitivity == "" {
			continue
		}
		evidence = append(evidence, e.Evidence...)
		if i := strings.LastIndexByte(r.Name, '/'); i >= 0 && r.Kind == "repository" && !slices.Contains(orgs, r.Name[:i]) { // host and organisation
			orgs = append(orgs, r.Name[:i])
		}
		switch open := r.Sensitivity == "public" || r.Guardrails["visibility"] == "public"; {
		case open && powerOf(e.Capability, e.Level) >= powerWrite:
			public = least(public, r.Kind+" "+quote(r.Name))
		case !open && (r.Sensitivity != "" || r.Guardrails["visibility"] != ""):
			private = least(private, r.Kind+" "+quote(r.Name))
		}
	}
	slices.Sort(orgs)
	how := ""
	switch {
	case private != "" && public != "":
		how = "reads " + private + " and writes to " + public + ", which everybody can read"
	case len(orgs) > 1:
		how = "works in " + count(len(orgs), "organisation", "organisations") + ": " + list(orgs)
	default:
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s %s.", s.placed(), how), Evidence: append(evidence, s.places()...), Changes: []Change{s.replace()}}}
}

// least is the first of two names in the order of letters; an empty one does not count.
func least(a, b string) string {
	if a == "" || b < a {
		return b
	}
	return a
}

// completes holds for what may bring a change to its end with nobody asked. What a pipeline does in an environment may
// wait for a person there: that is not seen here.
func completes(s Subject, _ Policy) []Hit {
	p := s.profile()
	caps := []inventory.Capability{inventory.MergeProtected, inventory.PublishPackage, inventory.DeployProd}
	if p.a.Job != nil && p.a.Job.Environment != "" {
		return nil
	}
	es := p.certain(func(e *inventory.Entitlement) bool {
		return slices.Contains(caps, e.Capability) && e.Gate == inventory.GateOpen
	})
	hits := rightsHit(s, es, func(what string) string { return fmt.Sprintf("%s may %s, with nobody asked.", p.name, what) })
	if hits != nil {
		return hits
	}
	for _, c := range caps {
		if p.may(c) == inventory.Yes {
			return []Hit{{Group: p.family() + "|" + string(c), Detail: fmt.Sprintf("%s may %s, with nobody asked.", p.name, doing(c)), Evidence: p.a.Evidence,
				Changes: []Change{narrowGrants(p, "the right to "+doing(c)), askAgain(p)}}}
		}
	}
	return nil
}
