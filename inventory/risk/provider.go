package risk

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

// providerRules hold by what only a provider tells: since when a secret is exposed, what an app of a vendor was given,
// what the identity of a job is made of.
var providerRules = []row{
	{"SEC-02", inventory.NounSecret, lateCleanup},
	{"ENT-14", inventory.NounAssistant, vendorsApp},
	{"CIC-08", inventory.NounAssistant, wideSubject},
}

// lateCleanup counts from the day on which the exposure was found.
func lateCleanup(s Subject, pol Policy) []Hit {
	x := s.Secret
	if x.Leaked.IsZero() || x.State == inventory.StateRevoked || x.State == inventory.StateExpired || s.Now().Sub(x.Leaked) <= pol.ActNowWithin {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is known to be exposed since %s, for %s, and nobody has shown that it is dead.", s.placed(), x.Leaked.Format("2006-01-02"),
		days(s.Now().Sub(x.Leaked).Hours())), Evidence: s.places(), Changes: []Change{s.replace()}}}
}

// allRepositories is the scope of what reaches every repository, those to come too.
const allRepositories = "all repositories"

// everything names the scope by which a grant writes everywhere, or "".
func everything(x *inventory.Secret) string {
	if i := slices.IndexFunc(x.Scopes, wildScope); i >= 0 {
		return x.Scopes[i]
	}
	if !slices.Contains(x.Scopes, allRepositories) {
		return ""
	}
	for _, s := range x.Scopes {
		if strings.HasSuffix(s, ":write") || strings.HasSuffix(s, ":admin") {
			return s + ", " + allRepositories
		}
	}
	return ""
}

// vendorsApp holds for what its vendor keeps the key of: the provider knows the grant, and nobody here the credential. What
// only a name takes for an assistant is left out: it may be an app of one's own.
func vendorsApp(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Guessed || p.a.Vendor == "" || p.a.Kind == "custom" {
		return nil
	}
	for _, x := range p.held {
		what := everything(x)
		if x.Storage != inventory.StorageProvider || !x.Expires.IsZero() || isPersonal(x) || what == "" {
			continue
		}
		return []Hit{{Group: p.family(), Detail: fmt.Sprintf("%s, run by %s, has lasting access to everything: %s.", p.name, quote(p.a.Vendor), quote(what)),
			Evidence: placeEvidence(x, everywhere), Secrets: []inventory.ID{x.ID}, Changes: []Change{narrowGrants(p, "access to everything")}}}
	}
	return nil
}

// Claims of an OIDC subject (docs.github.com, "OpenID Connect reference", read 2026-11): those that name the repository,
// and those that name what of it, a branch or an environment.
var (
	repositoryClaims = []string{"repo", "repository", "repository_id", "job_workflow_ref", "workflow_ref"}
	placeClaims      = []string{"context", "ref", "environment", "environment_node_id", "job_workflow_ref", "workflow_ref", "head_ref", "base_ref"}
)

func wideSubject(s Subject, _ Policy) []Hit {
	p := s.profile()
	j := p.a.Job
	if j == nil || !j.OIDC || len(j.Subject) == 0 {
		return nil
	}
	has := func(claims []string) bool {
		return slices.ContainsFunc(claims, func(c string) bool { return slices.Contains(j.Subject, c) })
	}
	who := ""
	switch {
	case !has(repositoryClaims):
		who = "a job of any repository"
	case !has(placeClaims):
		who = "a job of any branch of the repository"
	default:
		return nil
	}
	return []Hit{jobHit(p, fmt.Sprintf("%s logs in elsewhere as a subject that is made of %s alone: %s can pass for it.", p.name, list(j.Subject), who),
		"Let its subject name the repository, and the branch or environment.")}
}
