package risk

import (
	"cmp"
	"fmt"
	"slices"

	"nhitop/inventory"
)

var assertedRules = []row{{"OWN-08", inventory.NounOwner, onlyAsserted}}

// words are the sources that only repeat what a person said: a decision, or a charter of the configuration.
var words = []string{"asserted", "config"}

// unchecked reports whether nobody but a person says that an owner answers for an assistant, and no source knows that
// person as active. Of one who has left, OWN-02 tells.
func unchecked(o *inventory.Owner, a *inventory.Assistant) bool {
	if o.Status == "active" || o.Status == departed {
		return false
	}
	return slices.Contains(a.OwnersAsserted, o.ID) ||
		len(o.Sources) > 0 && !slices.ContainsFunc(o.Sources, func(s string) bool { return !slices.Contains(words, s) })
}

// onlyAsserted is one finding for a person on whose name alone the ownership of assistants stands.
func onlyAsserted(s Subject, _ Policy) []Hit {
	o := s.Owner
	h := Hit{}
	var named []string
	for _, a := range s.w.s.AssistantsOf(o.ID) {
		if !unchecked(o, a) {
			continue
		}
		sure := slices.ContainsFunc(a.Owners, func(id inventory.ID) bool {
			x := s.w.s.Owner(id)
			return x != nil && x.Status != departed && !unchecked(x, a)
		})
		if sure || !s.w.profile(a.ID).acts() {
			continue
		}
		h.Assistants = append(h.Assistants, a.ID)
		named = append(named, name(a))
		for _, e := range a.Evidence {
			if slices.Contains(words, e.Source) {
				h.Evidence = append(h.Evidence, e)
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	slices.Sort(named)
	h.Evidence = append(h.Evidence, o.Evidence...)
	said := quote(cmp.Or(o.Name, o.Email, string(o.ID)))
	h.Detail = fmt.Sprintf("That %s answers for %s is only asserted: no source knows this person as active.", said, list(named))
	h.Changes = []Change{{Kind: "owner-check", Key: string(o.ID), Subject: o.ID, Title: "check that " + said + " answers for " + count(len(named), "assistant", "assistants"),
		Do: "Let a source say so (CODEOWNERS, or a forge or directory that knows who is active), or name somebody that one knows."}}
	return []Hit{h}
}
