package risk

import (
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
)

var lifeRules = []row{
	{"OWN-02", inventory.NounAssistant, ownerGone},
	{"OWN-07", inventory.NounOwner, ownsTooMuch},
	{"SEC-12", inventory.NounSecret, unusedSecret},
	{"LIF-02", inventory.NounAssistant, retiredArmed},
	{"LIF-03", inventory.NounSecret, leaversSecret},
	{"LIF-04", inventory.NounAssistant, pastItsEnd},
}

const departed = "departed"

// gone returns the owners if all that are known of have left, and there is at least one.
func (w *world) gone(ids []inventory.ID) []*inventory.Owner {
	var left []*inventory.Owner
	for _, id := range ids {
		o := w.s.Owner(id)
		if o == nil || o.Status != departed {
			return nil
		}
		left = append(left, o)
	}
	slices.SortFunc(left, func(a, b *inventory.Owner) int { return compareIDs(a.ID, b.ID) })
	return left
}

// answered returns whoever answered for an assistant and has left: the one whom its signs choose, else all of its owners.
func (w *world) answered(a *inventory.Assistant) []*inventory.Owner {
	if a.Ownership == nil {
		return w.gone(a.Owners)
	}
	return w.gone([]inventory.ID{a.Ownership.Owner})
}

// next names whom other signs name that has not left.
func next(s *inventory.Snapshot, a *inventory.Assistant) string {
	if a.Ownership == nil {
		return ""
	}
	for _, c := range a.Ownership.Others {
		if o := s.Owner(c.Owner); o != nil && o.Status != departed {
			return " Next is " + quote(o.Name) + "."
		}
	}
	return ""
}

func compareIDs(a, b inventory.ID) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func ownerNames(os []*inventory.Owner) []string {
	var names []string
	for _, o := range os {
		names = append(names, quote(o.Name))
	}
	slices.Sort(names)
	return names
}

func ownerGone(s Subject, _ Policy) []Hit {
	p := s.profile()
	left := s.w.answered(p.a)
	if !p.acts() || len(left) == 0 {
		return nil
	}
	h := Hit{Group: parent(p.a), Detail: fmt.Sprintf("Who answers for %s has left: %s.", p.name, list(ownerNames(left))) + next(s.w.s, p.a),
		Changes: []Change{nameOwner(p, parent(p.a))}}
	for _, o := range left {
		h.Evidence = append(h.Evidence, o.Evidence...)
	}
	h.Evidence = append(h.Evidence, p.a.Evidence...)
	return []Hit{h}
}

// answersFor are the assistants that an owner answers for. That a weaker sign names the owner too, where somebody else answers,
// makes none.
func answersFor(s *inventory.Snapshot, id inventory.ID) []*inventory.Assistant {
	return slices.DeleteFunc(slices.Clone(s.AssistantsOf(id)), func(a *inventory.Assistant) bool {
		return a.Ownership != nil && a.Ownership.Owner != id
	})
}

// ownsTooMuch counts identities: one product of one person is one, however many projects it is used in.
func ownsTooMuch(s Subject, pol Policy) []Hit {
	o := s.Owner
	owned, most := answersFor(s.w.s, o.ID), 0
	for _, a := range owned {
		most += len(a.Secrets)
	}
	if len(owned) <= pol.MaxOwned && most <= 4*pol.MaxOwned {
		return nil
	}
	families := map[string]bool{}
	secrets := map[inventory.ID]bool{}
	for _, a := range owned {
		p := s.w.profile(a.ID)
		families[p.family()] = true
		for _, x := range p.held {
			secrets[x.ID] = true
		}
	}
	if len(families) <= pol.MaxOwned && len(secrets) <= 4*pol.MaxOwned {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s answers for %s and %s; %d and %d are the limits.", quote(o.Name), count(len(families), "assistant", "assistants"),
		count(len(secrets), "secret", "secrets"), pol.MaxOwned, 4*pol.MaxOwned), Evidence: o.Evidence,
		Changes: []Change{{Kind: "split", Key: string(o.ID), Subject: o.ID, Title: "split what " + quote(o.Name) + " answers for",
			Do: "Name further owners, by service or repository."}}}}
}

func unusedSecret(s Subject, pol Policy) []Hit {
	x := s.Secret
	if x.Used == inventory.No {
		return neverUsed(s)
	}
	if x.LastUsed.IsZero() || s.Now().Sub(x.LastUsed) <= pol.Idle {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s was last used on %s.", s.placed(), x.LastUsed.Format("2006-01-02")), Evidence: s.places(),
		Changes: []Change{revoke(x, "Disable it for 14 days, then delete it"+at(x)+".")}}}
}

// neverUsedFor is how old a secret must be for its never having been used to say something.
const neverUsedFor = 30 * 24 * time.Hour

// neverUsed goes by when the secret was made, or let in, if that is all that is known.
func neverUsed(s Subject) []Hit {
	x, since := s.Secret, s.Secret.Created
	for _, e := range s.secretFacts().grants {
		if since.IsZero() || !e.GrantedAt.IsZero() && e.GrantedAt.Before(since) {
			since = e.GrantedAt
		}
	}
	if since.IsZero() || s.Now().Sub(since) <= neverUsedFor {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is there since %s and was never used.", s.placed(), since.Format("2006-01-02")), Evidence: s.places(),
		Changes: []Change{revoke(x, "Disable it for 14 days, then delete it"+at(x)+".")}}}
}

// retiredArmed counts what the assistant was given, not what its account has.
func retiredArmed(s Subject, _ Policy) []Hit {
	p := s.profile()
	grants := p.certain(func(e *inventory.Entitlement) bool { return e.Via != inventory.ViaAmbient && system(e.Capability) })
	if p.a.Status != "retired" || len(p.held)+len(grants) == 0 {
		return nil
	}
	what := count(len(p.held), "secret", "secrets")
	if len(p.held) == 0 {
		what = count(len(grants), "right", "rights")
	}
	h := Hit{Group: parent(p.a), Detail: fmt.Sprintf("%s is retired and still has %s.", p.name, what), Evidence: slices.Clip(p.a.Evidence),
		Changes: []Change{{Kind: "idle", Key: p.family(), Subject: p.a.ID, Title: "disarm " + p.name, Do: "Take its secrets away, and its logins with them."}}}
	for _, x := range p.held {
		h.Secrets = append(h.Secrets, x.ID)
		h.Evidence = append(h.Evidence, placeEvidence(x, everywhere)...)
	}
	return []Hit{h}
}

func leaversSecret(s Subject, _ Policy) []Hit {
	x := s.Secret
	left := s.w.gone(x.Owners)
	if len(left) == 0 {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s belongs to %s, who has left, and nobody has shown that it is dead.", s.placed(), list(ownerNames(left))),
		Evidence: s.places(), Changes: []Change{s.replace()}}}
}

func pastItsEnd(s Subject, _ Policy) []Hit {
	p := s.profile()
	var over []*inventory.Entitlement
	var rights []string
	h := Hit{}
	for _, e := range p.grants {
		if e.Assistant == p.a.ID && e.Gate != inventory.GateBlocked && !e.Expires.IsZero() && !e.Expires.After(s.Now()) {
			over, rights = append(over, e), append(rights, "the right to "+doing(e.Capability)+" until "+e.Expires.Format("2006-01-02"))
			h.Evidence = append(h.Evidence, e.Evidence...)
		}
	}
	if len(over) == 0 {
		return nil
	}
	slices.Sort(rights)
	if len(h.Evidence) == 0 {
		h.Evidence = p.a.Evidence
	}
	rights = slices.Compact(rights)
	h.Detail = fmt.Sprintf("%s was given %s, and still has it.", p.name, list(rights))
	h.Secrets = viaSecrets(over)
	h.Changes = []Change{narrowGrants(p, "what was granted for a time")}
	return []Hit{h}
}
