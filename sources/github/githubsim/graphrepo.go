package githubsim

import "strings"

var repoFields = map[string]field{
	"id":                  of(func(_ *graph, r *repo) any { return nodeID("R", r.ID) }),
	"databaseId":          of(func(_ *graph, r *repo) any { return r.ID }),
	"name":                of(func(_ *graph, r *repo) any { return r.Name }),
	"nameWithOwner":       of(func(_ *graph, r *repo) any { return r.full }),
	"description":         of(func(_ *graph, r *repo) any { return text(r.Description) }),
	"url":                 of(func(g *graph, r *repo) any { return g.web + "/" + r.full }),
	"visibility":          of(func(_ *graph, r *repo) any { return strings.ToUpper(r.Visibility) }),
	"isPrivate":           of(func(_ *graph, r *repo) any { return r.Visibility != "public" }),
	"isArchived":          of(func(_ *graph, r *repo) any { return r.Archived }),
	"isDisabled":          of(func(_ *graph, _ *repo) any { return false }),
	"isFork":              of(func(_ *graph, r *repo) any { return r.Fork }),
	"isEmpty":             of(func(_ *graph, r *repo) any { return len(r.Files) == 0 }),
	"createdAt":           of(func(_ *graph, r *repo) any { return when(r.Created) }),
	"updatedAt":           of(func(_ *graph, r *repo) any { return when(r.Pushed) }),
	"pushedAt":            of(func(_ *graph, r *repo) any { return when(r.Pushed) }),
	"owner":               of(func(_ *graph, r *repo) any { return gobj{"Organization", r.org} }),
	"defaultBranchRef":    of(func(_ *graph, r *repo) any { return gobj{"Ref", ref{r, r.DefaultBranch}} }),
	"viewerPermission":    of(func(g *graph, r *repo) any { return g.viewerPermission(r) }),
	"viewerCanAdminister": of(func(g *graph, r *repo) any { return g.who.kind != AppToken && g.reach(r) == roleAdmin }),
}

// ref is a branch.
type ref struct {
	repo *repo
	name string
}

var refFields = map[string]field{
	"id":     of(func(_ *graph, r ref) any { return nodeID("REF", r.repo.ID) + r.name }),
	"name":   of(func(_ *graph, r ref) any { return r.name }),
	"prefix": of(func(_ *graph, _ ref) any { return "refs/heads/" }),
}

func (g *graph) viewerPermission(r *repo) any {
	if g.who.kind == AppToken {
		return nil
	}
	return text(strings.ToUpper(strings.TrimPrefix(roleNames[g.reach(r)], "none")))
}

func rulesTypes() map[string]map[string]field { return nil }

func ownRulesets(*org) []any { return nil }

func rulesetConn(*graph, []any) any { return conn{} }
