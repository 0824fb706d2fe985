package githubsim

import (
	"maps"
	"slices"
	"strings"
)

// interfaces are "Kind Interface" pairs, unions with them, that fragments may name.
var interfaces = set2("User Actor, Bot Actor, Organization Actor, Organization RepositoryOwner, User RepositoryOwner, Blob GitObject, Tree GitObject, " +
	"User Node, Organization Node, Enterprise Node, Repository Node, Team Node, App Node, BranchProtectionRule Node, RepositoryRuleset Node, DeployKey Node, Environment Node")

func set2(pairs string) map[string]bool {
	out := map[string]bool{}
	for _, p := range strings.Split(pairs, ", ") {
		out[p] = true
	}
	return out
}

// types are the fields of the schema's types that the simulator knows. It is filled in by init, for the fields refer to it.
var types map[string]map[string]field

func init() {
	types = map[string]map[string]field{
		"Query": queryFields, "RateLimit": rateFields, "Organization": orgFields, "Enterprise": enterpriseFields, "User": userFields, "Team": teamFields, "App": appFields,
		"Repository": repoFields, "Ref": refFields, "Blob": blobFields, "Tree": treeFields, "TreeEntry": treeEntryFields, "DeployKey": keyFields,
		"Environment": environmentFields, "DeploymentProtectionRule": deploymentRuleFields,
	}
	maps.Copy(types, ruleKinds())
}

// of makes a field of a function on the value's own Go type.
func of[T any](f func(g *graph, v T) any) field {
	return func(g *graph, v any, _ map[string]any) (any, error) { return f(g, v.(T)), nil }
}

func fieldArgs[T any](f func(g *graph, v T, args map[string]any) (any, error)) field {
	return func(g *graph, v any, args map[string]any) (any, error) { return f(g, v.(T), args) }
}

var queryFields = map[string]field{
	"viewer": func(g *graph, _ any, _ map[string]any) (any, error) {
		if g.who.user == nil {
			return nil, &gerr{kind: "FORBIDDEN", message: "Resource not accessible by integration", fatal: true}
		}
		return gobj{"User", g.who.user}, nil
	},
	"rateLimit": func(g *graph, _ any, _ map[string]any) (any, error) { return gobj{"RateLimit", g.window()}, nil },
	"organization": func(g *graph, _ any, args map[string]any) (any, error) {
		name, _ := args["login"].(string)
		o := g.st.orgs[low(name)]
		if o == nil {
			return nil, &gerr{kind: "NOT_FOUND", message: "Could not resolve to an Organization with the login of '" + name + "'."}
		}
		if err := g.enter(o); err != nil {
			return nil, err
		}
		return gobj{"Organization", o}, nil
	},
	"enterprise": func(g *graph, _ any, args map[string]any) (any, error) {
		slug, _ := args["slug"].(string)
		e := g.st.ents[slug]
		if e == nil || g.who.user == nil {
			return nil, &gerr{kind: "NOT_FOUND", message: "Could not resolve to a Business with the URL slug of '" + slug + "'."}
		}
		if g.classic() && !g.hasScope("read:enterprise") {
			return nil, &gerr{kind: "INSUFFICIENT_SCOPES", message: "Your token has not been granted the required scopes to execute this query. The 'organizations' field requires one of the following scopes: ['read:enterprise']."}
		}
		return gobj{"Enterprise", e}, nil
	},
	"repository": func(g *graph, _ any, args map[string]any) (any, error) {
		owner, _ := args["owner"].(string)
		name, _ := args["name"].(string)
		r := g.st.repos[low(owner+"/"+name)]
		if r == nil || g.reach(r) < roleRead {
			return nil, &gerr{kind: "NOT_FOUND", message: "Could not resolve to a Repository with the name '" + owner + "/" + name + "'."}
		}
		if err := g.enter(r.org); err != nil && r.Visibility != "public" {
			return nil, err
		}
		return gobj{"Repository", r}, nil
	},
}

// enterpriseFields are shown to its owners; its people are shown the organisations that they are in.
var enterpriseFields = map[string]field{
	"id":         of(func(_ *graph, e *Enterprise) any { return nodeID("E", e.ID) }),
	"databaseId": of(func(_ *graph, e *Enterprise) any { return e.ID }),
	"slug":       of(func(_ *graph, e *Enterprise) any { return e.Slug }),
	"name":       of(func(_ *graph, e *Enterprise) any { return orText(e.Name, e.Slug) }),
	"organizations": of(func(g *graph, e *Enterprise) any {
		list := g.st.ofEnterprise(e.Slug)
		if !g.ownsEnterprise(e) {
			list = slices.DeleteFunc(list, func(o *org) bool { return o.roleOf(g.who.user) == roleNone })
		}
		return conn{n: len(list), at: func(i int) gobj { return gobj{"Organization", list[i]} }}
	}),
}

func (c *call) ownsEnterprise(e *Enterprise) bool {
	return c.who.user != nil && slices.ContainsFunc(e.Owners, func(l string) bool { return low(l) == low(c.who.user.Login) })
}

// enter makes an organisation the one that permissions are asked of, and refuses credentials without single sign-on.
func (g *graph) enter(o *org) error {
	g.org = o
	if g.single() != nil {
		return &gerr{kind: "FORBIDDEN", message: "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
			more: obj{"extensions": obj{"saml_failure": true}}}
	}
	return nil
}

var rateFields = map[string]field{
	"limit":     of(func(_ *graph, w *window) any { return w.limit }),
	"remaining": of(func(_ *graph, w *window) any { return max(w.limit-w.used, 0) }),
	"used":      of(func(_ *graph, w *window) any { return w.used }),
	"resetAt":   of(func(_ *graph, w *window) any { return when(w.reset) }),
	"cost":      of(func(g *graph, _ *window) any { return g.costs }),
	"nodeCount": of(func(g *graph, _ *window) any { return g.nodes }),
}

var orgFields = map[string]field{
	"id":                              of(func(_ *graph, o *org) any { return nodeID("O", o.ID) }),
	"databaseId":                      of(func(_ *graph, o *org) any { return o.ID }),
	"login":                           of(func(_ *graph, o *org) any { return o.Login }),
	"name":                            of(func(_ *graph, o *org) any { return o.Name }),
	"url":                             of(func(g *graph, o *org) any { return g.web + "/" + o.Login }),
	"requiresTwoFactorAuthentication": of(func(_ *graph, o *org) any { return o.TwoFactor }),
	"viewerCanAdminister":             of(func(g *graph, o *org) any { return o.roleOf(g.who.user) == roleAdmin }),
	"repositories": of(func(g *graph, o *org) any {
		list := g.seen()
		return conn{n: len(list), at: func(i int) gobj { return gobj{"Repository", list[i]} }}
	}),
	"membersWithRole": of(func(g *graph, o *org) any {
		return conn{n: len(o.Members), at: func(i int) gobj { return gobj{"User", g.st.users[low(o.Members[i].Login)]} },
			edge: func(i int) obj {
				if o.Members[i].Owner {
					return obj{"role": "ADMIN", "hasTwoFactorEnabled": nil}
				}
				return obj{"role": "MEMBER", "hasTwoFactorEnabled": nil}
			}}
	}),
	"teams": of(func(_ *graph, o *org) any {
		return conn{n: len(o.teams), at: func(i int) gobj { return gobj{"Team", o.teams[i]} }}
	}),
	"rulesets": of(func(g *graph, o *org) any { return rulesetConn(g, ownRulesets(o)) }),
}

var userFields = map[string]field{
	"id":         of(func(_ *graph, u *User) any { return nodeID("U", u.ID) }),
	"databaseId": of(func(_ *graph, u *User) any { return u.ID }),
	"login":      of(func(_ *graph, u *User) any { return u.Login }),
	"name":       of(func(_ *graph, u *User) any { return text(u.Name) }),
	"email":      of(func(_ *graph, u *User) any { return u.Email }),
	"createdAt":  of(func(_ *graph, u *User) any { return when(u.Created) }),
	"url":        of(func(g *graph, u *User) any { return g.web + "/" + u.Login }),
}

var teamFields = map[string]field{
	"id":         of(func(_ *graph, t *team) any { return nodeID("T", t.ID) }),
	"databaseId": of(func(_ *graph, t *team) any { return t.ID }),
	"slug":       of(func(_ *graph, t *team) any { return t.Slug }),
	"name":       of(func(_ *graph, t *team) any { return t.Name }),
	"members": of(func(g *graph, t *team) any {
		list := append(append([]string{}, t.Maintainers...), t.Members...)
		return conn{n: len(list), at: func(i int) gobj { return gobj{"User", g.st.addUser(User{Login: list[i]})} }}
	}),
}

var appFields = map[string]field{
	"id":         of(func(_ *graph, a *App) any { return nodeID("A", a.ID) }),
	"databaseId": of(func(_ *graph, a *App) any { return a.ID }),
	"slug":       of(func(_ *graph, a *App) any { return a.Slug }),
	"name":       of(func(_ *graph, a *App) any { return a.Name }),
	"clientId":   of(func(_ *graph, a *App) any { return a.ClientID }),
}
