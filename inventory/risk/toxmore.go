package risk

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

var moreCombinations = []row{
	{"TOX-03", inventory.NounSecret, powerfulLeak},
	{"TOX-04", inventory.NounAssistant, armedOrphan},
	{"TOX-07", inventory.NounAssistant, writesAndShips},
	{"TOX-10", inventory.NounAssistant, sleepingAdministrator},
	{"TOX-11", inventory.NounAssistant, blindPilot},
}

// powerfulLeak goes by what the leaked secret itself opens, whoever holds it.
func powerfulLeak(s Subject, pol Policy) []Hit {
	if !pol.on(ruleLiveLeak) || len(liveLeak(s, pol)) == 0 {
		return nil
	}
	f, how := s.secretFacts(), ""
	switch wild := slices.IndexFunc(f.x.Scopes, wildScope); {
	case pol.on("ENT-01") && f.admin != "":
		how = f.admin
	case pol.on("ENT-02") && wild >= 0:
		how = "its scope " + quote(f.x.Scopes[wild]) + " covers everything"
	case pol.on("ENT-05") && f.prod != "" && f.write != "":
		how = f.write + ", in production (" + f.prod + ")"
	default:
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is %s, still accepted, and %s.", s.placed(), f.leaked(), how), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

func armedOrphan(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !s.Holds("OWN-01") && !s.Holds("OWN-02") || !s.Holds("ENT-05") || p.write == "" {
		return nil
	}
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s stands in production with nobody to answer for it: %s.", p.name, p.write)
		s.gather(h, "ENT-05", "OWN-01", "OWN-02")
	}}}
}

func writesAndShips(s Subject, _ Policy) []Hit {
	if !s.Holds("ENT-06") || !s.Holds("AUT-03") || !s.Holds("CIC-05") {
		return nil
	}
	h := Hit{Detail: s.profile().name + " writes, completes and releases changes; no person stands between."}
	s.gather(&h, "CIC-05", "AUT-03", "ENT-06")
	return []Hit{h}
}

func sleepingAdministrator(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !s.Holds("LIF-01") && !s.Holds("LIF-02") || !s.Holds("ENT-01") || len(p.inReach()) == 0 {
		return nil
	}
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s is not used any more, has administrator rights, and holds %s that nobody has shown to be dead.", p.name,
			count(len(p.inReach()), "secret", "secrets"))
		s.gather(h, "LIF-02", "LIF-01", "ENT-01")
	}}}
}

func blindPilot(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.alone() || p.prod == "" || p.write == "" || !s.Holds("AUD-01") {
		return nil
	}
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s acts without asking, reaches production (%s), and keeps no record.", p.name, p.prod)
		s.gather(h, "AUT-04", "AUT-01", "AUD-01")
	}}}
}
