package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

// The rules that hold what is observed against what a charter declares. They are silent where charters are not in use:
// then an assistant has no standing.
var charterRules = []row{
	{"CLS-03", inventory.NounAssistant, neverApproved},
	{"CLS-04", inventory.NounAssistant, drifted},
	{"OWN-04", inventory.NounAssistant, noDeputy},
	{"OWN-06", inventory.NounAssistant, noPurpose},
	{"LIF-05", inventory.NounAssistant, reviewDue},
}

// charterAlso are further ways, told by a charter, in which rules hold that have other ways too.
var charterAlso = map[string]func(Subject, Policy) []Hit{
	"ENT-03": declaredReadOnly,
	"LIF-04": charterEnded,
}

// charters adds to the rows what charters tell.
func charters(rows []row) []row {
	for i := range rows {
		if also := charterAlso[rows[i].id]; also != nil {
			check := rows[i].check
			rows[i].check = func(s Subject, p Policy) []Hit { return append(slices.Clip(check(s, p)), also(s, p)...) }
		}
	}
	return rows
}

// declare is the change that a charter's owner makes: for one charter, or for an assistant without one.
func declare(p *profile, title, do string) Change {
	key := p.a.Charter
	if key == "" {
		key = p.family()
	}
	return Change{Kind: "charter", Key: key + "|" + title, Subject: p.a.ID, Title: title, Do: do}
}

// chartered returns the standing of an assistant that has a charter, nil for any other.
func chartered(s Subject) (*profile, *inventory.Standing) {
	p := s.profile()
	if p.a.Standing == nil || p.a.Charter == "" {
		return p, nil
	}
	return p, p.a.Standing
}

func neverApproved(s Subject, _ Policy) []Hit {
	p := s.profile()
	st := p.a.Standing
	if st == nil || p.a.Charter != "" || !p.acts() {
		return nil
	}
	write := declare(p, "write a charter for "+product(p.a), "Print one with nhitop charter suggest "+string(p.a.ID)+", correct it and put it into the configuration; or remove the assistant.")
	if st.Conflict != "" {
		write.Do = "Make one of the two charters more specific, with an id or a longer pattern."
		return []Hit{{Key: "conflict", Detail: "It is not clear which charter holds: " + short(st.Conflict, 2*maxReason) + ".", Evidence: p.a.Evidence, Changes: []Change{write}}}
	}
	return []Hit{{Group: p.family(), Detail: "No charter covers " + p.name + ".", Evidence: p.a.Evidence, Changes: []Change{write}}}
}

// drifted is one finding for each kind of drift, as each has another end.
func drifted(s Subject, _ Policy) []Hit {
	p, st := chartered(s)
	if st == nil {
		return nil
	}
	var hits []Hit
	put := func(key, what string, more []string, change Change) {
		if len(more) > 0 {
			hits = append(hits, Hit{Key: key, Group: p.family() + "|" + p.a.Charter + "|" + key + "|" + strings.Join(more, "|"),
				Detail: p.name + " " + what + list(more) + ".", Evidence: p.driftEvidence(st), Changes: []Change{change, declare(p, "put it into the charter of "+product(p.a),
					"If it is meant to be so, let the owner declare it in the charter, with an end date.")}})
		}
	}
	var caps []string
	for _, c := range st.Drift {
		text := doing(c)
		if p.a.Promised[c] == inventory.Asks {
			text += " without asking"
		}
		caps = append(caps, text)
	}
	put("", "may do more than its charter says: ", caps, narrowGrants(p, "the right to "+strings.Join(caps, " or ")))
	put("environment", "reaches environments that its charter does not name: ", st.Environments, narrowGrants(p, "access to "+list(st.Environments)))
	put("repository", "reaches repositories that its charter does not name: ", st.Repositories, narrowGrants(p, "access to "+list(st.Repositories)))
	return hits
}

// driftEvidence are the grants of what drifted, or the assistant's own places.
func (p *profile) driftEvidence(st *inventory.Standing) []inventory.Evidence {
	var es []inventory.Evidence
	for _, e := range p.grants {
		if e.Certain && e.Assistant == p.a.ID && slices.Contains(st.Drift, e.Capability) {
			es = append(es, e.Evidence...)
		}
	}
	if len(es) == 0 {
		return p.a.Evidence
	}
	return es
}

func noDeputy(s Subject, _ Policy) []Hit {
	p, st := chartered(s)
	if st == nil || st.Tier != 1 || st.Deputy != "" {
		return nil
	}
	return []Hit{{Group: p.a.Charter, Detail: fmt.Sprintf("%s is of tier 1, and only %s answers for it.", p.name, cmp.Or(st.Owner, "nobody that its charter names")),
		Evidence: p.a.Evidence, Changes: []Change{declare(p, "name a deputy for "+product(p.a), "Name a deputy in its charter.")}}}
}

func noPurpose(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Standing == nil || p.a.Purpose != "" || !p.acts() {
		return nil
	}
	change := declare(p, "state the purpose of "+product(p.a), "Write one sentence of purpose into its charter.")
	if p.a.Charter == "" {
		change = declare(p, "write a charter for "+product(p.a), "Write a charter for it, with one sentence of purpose.")
	}
	return []Hit{{Group: cmp.Or(p.a.Charter, p.family()), Detail: "Nobody has said what " + p.name + " is for.", Evidence: p.a.Evidence, Changes: []Change{change}}}
}

func reviewDue(s Subject, _ Policy) []Hit {
	p, st := chartered(s)
	if st == nil || !st.Overdue {
		return nil
	}
	detail := "Its charter asks for reviews of " + p.name + ", and none was ever noted."
	if !st.ReviewDue.IsZero() {
		detail = fmt.Sprintf("The review of %s was due on %s.", p.name, st.ReviewDue.Format("2006-01-02"))
	}
	return []Hit{{Group: p.a.Charter, Detail: detail, Evidence: p.a.Evidence,
		Changes: []Change{declare(p, "review "+product(p.a), "Review what it may do and whether it is still needed, and note the day in its charter (reviewed).")}}}
}

// charterEnded holds for what still acts after the last day of its charter.
func charterEnded(s Subject, _ Policy) []Hit {
	p, st := chartered(s)
	if st == nil || !st.Expired || p.a.Status == "retired" || p.a.Status == "suspended" || !p.acts() {
		return nil
	}
	return []Hit{{Key: "charter", Group: "charter|" + p.a.Charter, Detail: fmt.Sprintf("The charter of %s ended on %s, and it is still there.", p.name, st.Expires.Add(-day).Format("2006-01-02")),
		Evidence: p.a.Evidence, Changes: []Change{declare(p, "end or renew "+product(p.a), "Remove it with what it holds, or let the owner set a new end in its charter.")}}}
}

// declaredReadOnly holds for a write that was granted to what is only to read.
func declaredReadOnly(s Subject, _ Policy) []Hit {
	p, st := chartered(s)
	if st == nil || !st.ReadOnly {
		return nil
	}
	es := p.certain(func(e *inventory.Entitlement) bool {
		return powerOf(e.Capability, e.Level) >= powerWrite && e.Assistant == p.a.ID
	})
	var rights []string
	h := Hit{Key: "charter", Secrets: viaSecrets(es)}
	for _, e := range es {
		rights, h.Evidence = append(rights, doing(e.Capability)+" through "+via(e)), append(h.Evidence, e.Evidence...)
	}
	if len(rights) == 0 {
		return nil
	}
	if len(h.Evidence) == 0 {
		h.Evidence = p.a.Evidence
	}
	slices.Sort(rights)
	rights = slices.Compact(rights)
	h.Group = p.family() + "|" + p.a.Charter + "|" + strings.Join(rights, "|")
	h.Detail = fmt.Sprintf("The charter of %s lets it only read, and it may %s.", p.name, list(rights))
	h.Changes = []Change{narrowGrants(p, "the right to write")}
	return []Hit{h}
}
