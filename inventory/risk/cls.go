package risk

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

var classRules = []row{
	{"CLS-01", inventory.NounAssistant, notRegistered},
	{"CLS-02", inventory.NounAssistant, capabilitiesUnknown},
	{"CLS-05", inventory.NounAssistant, actsAsPerson},
}

// notRegistered holds where the facts show an act and the class does not say so.
func notRegistered(s Subject, _ Policy) []Hit {
	p := s.profile()
	by := p.actsBy()
	if p.a.Class == inventory.ClassNHI || by == "" && len(p.tools) == 0 {
		return nil
	}
	why := "it may " + doing(inventory.Capability(by))
	if by == "" {
		why = "it has " + count(len(p.tools), "tool server", "tool servers")
	}
	return []Hit{{Group: p.family(), Detail: fmt.Sprintf("%s is held for %s, but %s.", p.name, classWord(p.a.Class), why), Evidence: p.a.Evidence,
		Changes: []Change{ownAccount(p)}}}
}

func classWord(c inventory.Class) string {
	if c == inventory.ClassTextOnly {
		return "a helper that only returns text"
	}
	return "something of unknown class"
}

func capabilitiesUnknown(s Subject, _ Policy) []Hit {
	p := s.profile()
	for _, v := range p.a.Capabilities {
		if v != inventory.Unknown && v != "" {
			return nil
		}
	}
	return []Hit{{Group: p.family(), Detail: fmt.Sprintf("Nothing is known of what %s may do.", p.name), Evidence: p.a.Evidence,
		Changes: []Change{{Kind: "capabilities", Key: p.family(), Subject: p.a.ID, Title: "find out what " + product(p.a) + " may do",
			Do: "Read its settings and write down what it may do."}}}}
}

// personal are the kinds of credential that belong to a person and carry that person's rights.
var personal = []string{
	"github-pat-classic", "github-pat-fine-grained", "github-oauth", "github-app-user", "gitlab-pat", "gitlab-oauth", "bitbucket-app-password",
	"sentry-user-token", "slack-user-token", "linear-api-key", "atlassian-api-token", "docker-hub-pat", "aws-sso-access-token", "aws-sso-refresh-token",
	"google-oauth-access", "google-oauth-refresh", "azure-access-token-jwt", "azure-refresh-token", "ssh-private-key", "notion-token", "heroku-api-key",
}

func isPersonal(x *inventory.Secret) bool { return slices.Contains(personal, x.Kind) }

func actsAsPerson(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.acts() || p.a.Job != nil {
		return nil
	}
	var own []*inventory.Secret
	for _, x := range p.inReach() {
		if isPersonal(x) {
			own = append(own, x)
		}
	}
	if len(own) == 0 {
		return nil
	}
	as := "the person at this machine"
	if p.a.Account != "" {
		as = quote(p.a.Account)
	}
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		h.Changes = []Change{ownAccount(p)}
		h.Detail = fmt.Sprintf("%s acts as %s, with %s: %s.", p.name, as,
			count(len(own), "personal credential", "personal credentials"), list(secretNames(own)))
		for _, x := range own {
			h.Evidence = append(h.Evidence, placeEvidence(x, everywhere)...)
		}
	}}}
}
