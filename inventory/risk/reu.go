package risk

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

var reuseRules = []row{
	{"REU-01", inventory.NounSecret, sharedSecret},
	{"REU-03", inventory.NounSecret, personsCredential},
}

func sharedSecret(s Subject, _ Policy) []Hit {
	x, f := s.Secret, s.secretFacts()
	if !f.shared {
		return nil
	}
	ids := identities(f.holders)
	return []Hit{{Detail: fmt.Sprintf("%s is held by %d identities: %s.", s.called(), len(ids), list(ids)), Evidence: s.places(),
		Changes: []Change{revoke(x, "Issue one for each of those that use it.")}}}
}

// personsCredential leaves what is merely within reach to CLS-05 and SEC-04: this is what was put into its configuration.
func personsCredential(s Subject, _ Policy) []Hit {
	x := s.Secret
	if x.Ambient || !isPersonal(x) {
		return nil
	}
	var users []string
	for _, p := range s.users() {
		if p.acts() {
			users = append(users, product(p.a))
		}
	}
	slices.Sort(users)
	if users = slices.Compact(users); len(users) == 0 {
		return nil
	}
	whose := "a person's credential"
	if x.Account != "" {
		whose = "the credential of " + quote(x.Account)
	}
	return []Hit{{Detail: fmt.Sprintf("%s is used by %s: %s.", upperFirst(whose), list(users), s.placed()), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}
