package github

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// permissionGrants is what a permission of an app or a fine-grained token comes to, by the level that it is granted at.
// Source: docs.github.com, "Permissions required for GitHub Apps" and "... for fine-grained personal access tokens", API
// version 2026-03-10, read 2026-11. A permission that is not listed opens nothing that the inventory counts.
var permissionGrants = map[string]struct {
	scope       forge.Scope
	read, write forge.Access
}{
	"contents":                        {forge.Contents, forge.Read, forge.Write},
	"pull_requests":                   {forge.PullRequests, forge.Read, forge.Write},
	"workflows":                       {forge.Workflows, forge.None, forge.Write},
	"actions":                         {forge.Runs, forge.Read, forge.Write},
	"deployments":                     {forge.Deployments, forge.Read, forge.Write},
	"packages":                        {forge.Packages, forge.Read, forge.Write},
	"organization_packages":           {forge.Packages, forge.Read, forge.Write},
	"secrets":                         {forge.SecretStore, forge.Read, forge.Write},
	"organization_secrets":            {forge.SecretStore, forge.Read, forge.Write},
	"dependabot_secrets":              {forge.SecretStore, forge.Read, forge.Write},
	"organization_dependabot_secrets": {forge.SecretStore, forge.Read, forge.Write},
	"codespaces_secrets":              {forge.SecretStore, forge.Read, forge.Write},
	"organization_codespaces_secrets": {forge.SecretStore, forge.Read, forge.Write},
	"agent_secrets":                   {forge.SecretStore, forge.Read, forge.Write},
	"organization_agent_secrets":      {forge.SecretStore, forge.Read, forge.Write},
	"environments":                    {forge.SecretStore, forge.Read, forge.Write},
	"statuses":                        {forge.Checks, forge.Read, forge.Write},
	"checks":                          {forge.Checks, forge.Read, forge.Write},
	"administration":                  {forge.RepoAdmin, forge.Read, forge.Write},
	"organization_administration":     {forge.OrgAdmin, forge.Read, forge.Write},
	"organization_custom_roles":       {forge.OrgAdmin, forge.Read, forge.Write},
	"organization_custom_org_roles":   {forge.OrgAdmin, forge.Read, forge.Write},
	"members":                         {forge.Members, forge.Read, forge.Write},
}

// levelOf reads a level of a permission; what is not known counts as none.
func levelOf(s string) forge.Access {
	switch strings.ToLower(s) {
	case "read":
		return forge.Read
	case "write":
		return forge.Write
	case "admin":
		return forge.Admin
	}
	return forge.None
}

// grantsOf are the grants of permissions as GitHub lists them. certain is false where something else limits them too: the
// access of the person whose token it is.
func grantsOf(permissions map[string]string, certain func(forge.Scope, forge.Access) bool) []forge.Grant {
	var out []forge.Grant
	for _, name := range inventory.SortedKeys(permissions) {
		g, ok := permissionGrants[name]
		if !ok {
			continue
		}
		access := forge.None
		switch levelOf(permissions[name]) {
		case forge.Read:
			access = g.read
		case forge.Write, forge.Admin:
			access = g.write
		}
		if access == forge.None {
			continue
		}
		out = append(out, forge.Grant{Scope: g.scope, Access: access, Words: name + ":" + strings.ToLower(permissions[name]), Certain: certain(g.scope, access)})
	}
	return out
}

func always(forge.Scope, forge.Access) bool { return true }

// permissionWords are permissions as a secret's scopes list them.
func permissionWords(permissions map[string]string) []string {
	var out []string
	for _, name := range inventory.SortedKeys(permissions) {
		out = append(out, name+":"+permissions[name])
	}
	return out
}

// scopeGrants is what a scope of a classic or OAuth token comes to, at the most: what the person may do is the limit.
// Source: docs.github.com, "Scopes for OAuth apps", read 2026-11.
var scopeGrants = map[string][]forge.Grant{
	"repo": {
		{Scope: forge.Contents, Access: forge.Write}, {Scope: forge.PullRequests, Access: forge.Write}, {Scope: forge.Runs, Access: forge.Write},
		{Scope: forge.Deployments, Access: forge.Write}, {Scope: forge.SecretStore, Access: forge.Write}, {Scope: forge.Checks, Access: forge.Write},
		{Scope: forge.RepoAdmin, Access: forge.Write},
	},
	"public_repo":      {{Scope: forge.Contents, Access: forge.Write}, {Scope: forge.PullRequests, Access: forge.Write}},
	"repo:status":      {{Scope: forge.Checks, Access: forge.Write}},
	"repo_deployment":  {{Scope: forge.Deployments, Access: forge.Write}},
	"workflow":         {{Scope: forge.Workflows, Access: forge.Write}},
	"write:packages":   {{Scope: forge.Packages, Access: forge.Write}},
	"read:packages":    {{Scope: forge.Packages, Access: forge.Read}},
	"admin:org":        {{Scope: forge.OrgAdmin, Access: forge.Write}, {Scope: forge.Members, Access: forge.Write}},
	"write:org":        {{Scope: forge.Members, Access: forge.Write}},
	"admin:enterprise": {{Scope: forge.OrgAdmin, Access: forge.Write}},
}

// scopesGrants are the grants of scopes; public says whether the repository is.
func scopesGrants(scopes []string, certain func(forge.Scope, forge.Access) bool) []forge.Grant {
	var out []forge.Grant
	for _, s := range scopes {
		for _, g := range scopeGrants[s] {
			g.Words, g.Certain = "scope "+s, certain(g.Scope, g.Access) && s != "public_repo"
			out = append(out, g)
		}
	}
	return out
}

// person says what is certain of what a token of somebody may do: all that it was granted where they own the
// organisation, else what every member may do.
func (c *collection) person(login string) func(forge.Scope, forge.Access) bool {
	if c.people.owns(login) == inventory.Yes {
		return always
	}
	if c.people.of[strings.ToLower(login)] != member {
		return func(forge.Scope, forge.Access) bool { return false }
	}
	base := map[string]forge.Access{"read": forge.Read, "write": forge.Write, "admin": forge.Admin}[c.org.Base]
	return func(s forge.Scope, a forge.Access) bool {
		switch s {
		case forge.OrgAdmin, forge.Members:
			return false
		case forge.RepoAdmin:
			return base == forge.Admin
		}
		return a <= base
	}
}

// user is an actor that acts as somebody.
func (c *collection) user(kind forge.Kind, name, login string, id int64) forge.Actor {
	a := forge.Actor{Kind: kind, Name: name, As: []forge.Principal{{Kind: forge.ByUser, ID: num(id), Name: login}},
		AsUnknown: []forge.PrincipalKind{forge.ByTeam}, RepoAdminRole: inventory.Unknown, CodeOwner: inventory.Unknown, AsksForRuns: inventory.No}
	if id == 0 {
		a.As, a.AsUnknown = nil, append(a.AsUnknown, forge.ByUser)
	}
	switch c.people.owns(login) {
	case inventory.Yes:
		a.RepoAdminRole = inventory.Yes
		a.As = append(a.As, forge.Principal{Kind: forge.ByOrgOwner}, forge.Principal{Kind: forge.ByRole, ID: adminRole})
	case inventory.No:
		a.AsUnknown = append(a.AsUnknown, forge.ByRole)
	default:
		a.AsUnknown = append(a.AsUnknown, forge.ByRole, forge.ByOrgOwner)
	}
	return a
}

// adminRole is the number of the repository role of administrators in bypass lists (docs.github.com, 2026-11).
const adminRole = "5"

// sorted sorts and compacts names.
func sorted(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
