package risk

import (
	"cmp"
	"fmt"
	"slices"

	"nhitop/inventory"
)

// combinations see which other rules hold for the assistant. Each is worse than the sum of its parts.
var combinations = []row{
	{"TOX-01", inventory.NounAssistant, trifecta},
	{"TOX-02", inventory.NounAssistant, ruleOfTwo},
	{"TOX-05", inventory.NounAssistant, raidKit},
	{"TOX-06", inventory.NounAssistant, strangerToRelease},
	{"TOX-08", inventory.NounTool, floatingMasterKey},
	{"TOX-09", inventory.NounSecret, sharedForever},
	{"TOX-12", inventory.NounAssistant, selfRewriting},
	{"TOX-13", inventory.NounAssistant, keyFactory},
	{"TOX-14", inventory.NounSecret, testDoor},
}

// gather adds what the parts brought: their evidence and their changes, each of which breaks the combination.
func (s Subject) gather(h *Hit, parts ...string) {
	for _, r := range parts {
		if found := s.w.part(r, s.profile()); found != nil {
			part := found.note()
			h.Evidence = append(h.Evidence, part.evidence...)
			h.Changes = append(h.Changes, part.changes...)
			if part.more != nil {
				h.Secrets, h.Known = append(h.Secrets, part.more.secrets...), cmp.Or(h.Known, part.more.known)
			}
		}
	}
	if len(h.Evidence) == 0 && s.Assistant != nil {
		h.Evidence = s.Assistant.Evidence
	}
}

func trifecta(s Subject, _ Policy) []Hit {
	p := s.profile()
	out := p.lamps.WayOut == inventory.Yes || p.lamps.WayOut == inventory.Unknown
	if p.lamps.Private != inventory.Yes || p.lamps.Untrusted != inventory.Yes || !out || !p.acts() {
		return nil
	}
	wayOut := p.lit.wayOut
	if wayOut == "" {
		wayOut = "whether it can send data out is not known"
	}
	return []Hit{{Group: p.cause(inventory.SettingNetwork) + "|" + p.lit.private + p.lit.untrusted + wayOut, tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s: %s; %s; %s. Cheapest to cut: %s.", p.name, p.lit.private, p.lit.untrusted, wayOut, p.lampSet().Cut)
		s.gather(h, "AUT-08", "ENV-06")
		if p.a.Job == nil {
			h.Changes = append(h.Changes, limitNetwork(p))
		} else if len(h.Changes) == 0 {
			h.Changes = append(h.Changes, fixJob(p, "Let only members start it."))
		}
	}}}
}

// ruleOfTwo holds where the trifecta's three legs, or two and the power to change something, act without a person.
func ruleOfTwo(s Subject, _ Policy) []Hit {
	p := s.profile()
	changes := p.power.set && p.power.grade >= powerWrite
	if p.lamps.Untrusted != inventory.Yes || p.lamps.Private != inventory.Yes || !changes || !p.acts() || !p.alone() {
		return nil
	}
	return []Hit{{Group: p.cause(inventory.SettingMode) + "|" + p.lit.private + p.lit.untrusted, tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s: %s; %s; %s; and nobody is asked.", p.name, p.lit.untrusted, p.lit.private, p.power.why)
		if s.gather(h, "AUT-08"); len(h.Changes) == 0 {
			h.Changes = []Change{askAgain(p)}
		}
	}}}
}

func raidKit(s Subject, _ Policy) []Hit {
	if !s.Holds("AUT-01") || !s.Holds("SEC-04") || !s.Holds("ENV-06") {
		return nil
	}
	p := s.profile()
	return []Hit{{Group: p.cause(inventory.SettingMode, inventory.SettingNetwork), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s runs everything unasked, reads %s of this account, and reaches every host: a program needs only to ask it.",
			p.name, count(len(p.ambient), "credential", "credentials"))
		s.gather(h, "AUT-01", "SEC-04", "ENV-06")
	}}}
}

func strangerToRelease(s Subject, _ Policy) []Hit {
	if !s.Holds("CIC-01") {
		return nil
	}
	var how []string
	for _, r := range []struct{ id, words string }{{"CIC-06", "it is given a publish token"}, {"CIC-10", "it shares the cache"}, {"CIC-03", "its token is not limited"}} {
		if s.Holds(r.id) {
			how = append(how, r.words)
		}
	}
	if len(how) == 0 {
		return nil
	}
	h := Hit{Detail: fmt.Sprintf("Anybody can start %s, and %s.", s.profile().name, list(how)), Known: clinejection}
	s.gather(&h, "CIC-01")
	return []Hit{h}
}

// floatingMasterKey is about one server: the same that is not pinned holds the broad secret.
func floatingMasterKey(s Subject, pol Policy) []Hit {
	if s.Tool.Pinned != inventory.No || s.profile().lamps.Private != inventory.Yes || !pol.on("MCP-02", "MCP-06") || len(s.broad()) == 0 {
		return nil
	}
	pin, key := notPinned(s, pol), broadServerSecret(s, pol)
	if len(pin) == 0 || len(key) == 0 {
		return nil
	}
	return []Hit{{Group: serverKey(s), Detail: fmt.Sprintf("%s takes whatever version comes and holds a broad credential.", s.entry()),
		Evidence: slices.Concat(pin[0].Evidence, key[0].Evidence), Changes: slices.Concat(pin[0].Changes, key[0].Changes)}}
}

func sharedForever(s Subject, pol Policy) []Hit {
	if !s.secretFacts().shared || !pol.on("SEC-05", "REU-01") || !ownerless(s) || len(noExpiry(s, pol)) == 0 {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s never ends, is shared, and nobody answers for it.", s.placed()), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

func selfRewriting(s Subject, _ Policy) []Hit {
	if !s.Holds("ENT-07") || !s.Holds("MCP-05") && !s.Holds("AUT-07") || s.profile().lamps.Untrusted != inventory.Yes {
		return nil
	}
	p := s.profile()
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s can change the files that limit it, those files start or allow commands, and %s.", p.name, p.lit.untrusted)
		s.gather(h, "ENT-07")
	}}}
}

func keyFactory(s Subject, _ Policy) []Hit {
	if !s.Holds("ENT-12") || !s.Holds(ruleLiveLeak) && !s.Holds("SEC-05") && !s.Holds("AUT-01") {
		return nil
	}
	h := Hit{Detail: s.profile().name + " can create identities that outlive its own, with nothing that ends or asks."}
	s.gather(&h, "ENT-12")
	return []Hit{h}
}

// testDoor is about a production secret on a machine where an assistant acts without a brake.
func testDoor(s Subject, pol Policy) []Hit {
	var who []string
	for _, p := range s.users() {
		holds := func(rule string) bool { return s.w.part(rule, p) != nil }
		if holds("AUT-01") || holds("AUT-08") || p.alone() && holds("AUT-05") {
			who = append(who, p.name)
		}
	}
	if len(who) == 0 {
		return nil
	}
	prod := pol.on("ENV-02") && len(productionHere(s, pol)) > 0
	if !prod && (!pol.on("ENV-01") || len(bothEnvironments(s, pol)) == 0) {
		return nil
	}
	slices.Sort(who)
	who = slices.Compact(who)
	x := s.Secret
	return []Hit{{Detail: fmt.Sprintf("%s is for production and in the reach of %s, which nobody holds back.", s.placed(), list(who)),
		Evidence: placeEvidence(x, onMachine), Changes: []Change{s.replace()}}}
}
