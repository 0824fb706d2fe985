package gitea

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// scopes are what a token is limited to. nil: no token is used, so that nothing is.
type scopes []string

// has reports whether a scope is there: all has every one, write has read.
func (s scopes) has(level, category string) bool {
	if s == nil {
		return true
	}
	return slices.Contains(s, "all") || slices.Contains(s, "write:"+category) || level == "read" && slices.Contains(s, "read:"+category)
}

func (s scopes) publicOnly() bool { return slices.Contains(s, "public-only") }

// id tells tokens of the same scopes apart from others.
func (s scopes) id() string {
	if s == nil {
		return ""
	}
	return "scopes " + strings.Join(slices.Sorted(slices.Values(s)), ",")
}

// grantsOf is what a token with these scopes may do with the access that its account has in a repository. Gitea asks for
// both (routers of 1.25): repository for code, pull requests, Actions and settings; package for packages; organization for
// the settings of the organisation. A report of a commit's status needs write access to the code and nothing else.
func grantsOf(x access, s scopes, ownsOrg bool) []forge.Grant {
	var out []forge.Grant
	add := func(scope forge.Scope, a forge.Access, words string) {
		out = append(out, forge.Grant{Scope: scope, Access: a, Words: strings.Join(append([]string{words}, x.how...), ", "), Certain: true})
	}
	clamp := func(have forge.Access, category string) forge.Access {
		switch {
		case have == forge.None || !s.has("read", category):
			return forge.None
		case !s.has("write", category):
			return forge.Read
		}
		return min(have, forge.Write)
	}
	word := func(a forge.Access, category string) string {
		w := "read:"
		if a >= forge.Write {
			w = "write:"
		}
		return s.words(w + category)
	}
	if a := clamp(x.code, "repository"); a > forge.None {
		add(forge.Contents, a, word(a, "repository"))
		if a == forge.Write {
			add(forge.Workflows, a, word(a, "repository"))
			add(forge.Checks, a, word(a, "repository"))
		}
	}
	if a := clamp(max(x.pulls, x.code), "repository"); a > forge.None {
		add(forge.PullRequests, a, word(a, "repository"))
	}
	if a := clamp(x.actions, "repository"); a == forge.Write {
		add(forge.Runs, a, word(a, "repository"))
	}
	if a := clamp(x.packages, "package"); a > forge.None {
		add(forge.Packages, a, word(a, "package"))
	}
	if x.admin && s.has("write", "repository") {
		add(forge.RepoAdmin, forge.Write, s.words("write:repository"))
	}
	if x.owner && s.has("write", "repository") {
		add(forge.SecretStore, forge.Write, s.words("write:repository"))
	}
	if ownsOrg && s.has("write", "organization") {
		add(forge.OrgAdmin, forge.Write, s.words("write:organization"))
		add(forge.Members, forge.Write, s.words("write:organization"))
	}
	return out
}

// overSSH is what a key of an account may do with its access: pull and push, and nothing of the API.
func overSSH(x access) []forge.Grant {
	a := min(x.code, forge.Write)
	if a == forge.None {
		return nil
	}
	words := strings.Join(append([]string{"by SSH"}, x.how...), ", ")
	out := []forge.Grant{{Scope: forge.Contents, Access: a, Words: words, Certain: true}}
	if a == forge.Write {
		out = append(out, forge.Grant{Scope: forge.Workflows, Access: a, Words: words, Certain: true})
	}
	return out
}

func (s scopes) words(scope string) string {
	if s == nil {
		return "no token limits it"
	}
	if slices.Contains(s, "all") {
		return "all"
	}
	return scope
}

// actorOf is an account with a token of these scopes.
func (c *collection) actorOf(a *account, name string, s scopes, x access, o *org, r *repoFacts) forge.Actor {
	who := forge.Actor{
		Kind: forge.UserToken, Name: name, As: []forge.Principal{{Kind: forge.ByUser, ID: key(a.Login), Name: a.Login}},
		RepoAdminRole: inventory.No, CodeOwner: inventory.Unknown,
	}
	if a.acts != "" {
		who.Kind = forge.Bot
	}
	for _, t := range x.teams {
		who.As = append(who.As, forge.Principal{Kind: forge.ByTeam, ID: key(t), Name: t})
	}
	if o != nil && o.noTeams != nil {
		who.AsUnknown = []forge.PrincipalKind{forge.ByTeam}
	}
	if x.admin {
		who.RepoAdminRole = inventory.Yes
	}
	if s.publicOnly() && r.Private {
		return who
	}
	who.Grants = grantsOf(x, s, o != nil && x.owner)
	return who
}

// beyond are rights that are not about one repository.
type beyond struct {
	capability inventory.Capability
	level      string
	path       []string
}

// instanceRights are those of an account with a token of these scopes over the instance and over itself.
func (a *account) instanceRights(s scopes) []beyond {
	var out []beyond
	if s != nil && s.has("write", "user") {
		// Gitea 1.25 lets a token with write:user make another for its user, with any scope (seen on a 1.25.5).
		out = append(out, beyond{inventory.MintIdentity, "admin", []string{s.words("write:user"), "it can make itself a token with every scope"}})
	}
	if a.Admin && s.has("write", "admin") {
		out = append(out, beyond{inventory.AdminOrg, "admin", []string{s.words("write:admin"), a.Login + " is an administrator of the instance"}},
			beyond{inventory.MintIdentity, "admin", []string{s.words("write:admin"), a.Login + " is an administrator of the instance", "it can make users and their passwords"}})
	}
	if s.has("write", "issue") {
		out = append(out, beyond{inventory.TicketWrite, "write", []string{s.words("write:issue"), "where it may read the repository"}})
	}
	return out
}
