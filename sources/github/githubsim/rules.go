package githubsim

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

var ruleRoutes = []route{
	{pattern: "GET /orgs/{org}/rulesets", do: (*call).orgRulesets, need: writeOrg}, // GitHub asks for write to read them
	{pattern: "GET /orgs/{org}/rulesets/{ruleset_id}", do: (*call).orgRuleset, need: writeOrg},
	{pattern: "GET /repos/{owner}/{repo}/rulesets", do: (*call).repoRulesets, need: need{perm: "metadata:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", do: (*call).repoRuleset, need: need{perm: "metadata:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/rules/branches/{branch}", do: (*call).branchRules, need: need{perm: "metadata:read", open: true}},
}

// placed is a ruleset where it was made: org's own if repo is nil.
type placed struct {
	*Ruleset
	org  *org
	repo *repo
}

func ownRulesets(o *org) []placed {
	var out []placed
	for i := range o.Rulesets {
		out = append(out, placed{&o.Rulesets[i], o, nil})
	}
	return out
}

// rulesetsOf are a repository's own rulesets and, with parents, the organisation's that reach it.
func rulesetsOf(r *repo, parents bool) []placed {
	var out []placed
	for i := range r.Rulesets {
		out = append(out, placed{&r.Rulesets[i], r.org, r})
	}
	for i := range r.org.Rulesets {
		if x := &r.org.Rulesets[i]; parents && matches(x.Repos, nil, r.Name, "") {
			out = append(out, placed{x, r.org, nil})
		}
	}
	return out
}

// matches reports whether a name is included and not excluded. Nil includes all there are, or with home the default
// branch alone.
func matches(include, exclude []string, name, home string) bool {
	hit := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			return p == "~ALL" || p == "~DEFAULT_BRANCH" && name == home || glob(strings.TrimPrefix(p, "refs/heads/"), name)
		})
	}
	if include == nil {
		return (home == "" || name == home) && !hit(exclude)
	}
	return hit(include) && !hit(exclude)
}

// glob matches as rulesets do: "**" spans slashes, "*" does not.
func glob(pattern, name string) bool {
	if before, after, found := strings.Cut(pattern, "**"); found {
		for i := 0; i <= len(name); i++ {
			for j := i; j <= len(name); j++ {
				if glob(before, name[:i]) && glob(strings.TrimPrefix(after, "/"), name[j:]) {
					return true
				}
			}
		}
		return false
	}
	hit, err := path.Match(pattern, name)
	return err == nil && hit
}

func (c *call) ruleset(p placed, whole bool) obj {
	source, kind, url := p.org.Login, "Organization", c.api+"/orgs/"+p.org.Login
	if p.repo != nil {
		source, kind, url = p.repo.full, "Repository", c.repoURL(p.repo)
	}
	o := obj{"id": p.ID, "name": p.Name, "target": p.Target, "source_type": kind, "source": source, "enforcement": p.Enforcement, "node_id": nodeID("RRS", p.ID),
		"created_at": when(p.Created), "updated_at": when(p.Updated), "_links": obj{"self": obj{"href": url + "/rulesets/" + num(p.ID)}}}
	if !whole {
		return o
	}
	include := p.Include
	if include == nil {
		include = []string{"~DEFAULT_BRANCH"}
	}
	conditions := obj{"ref_name": obj{"include": include, "exclude": list(p.Exclude)}}
	if p.repo == nil {
		repos := p.Repos
		if repos == nil {
			repos = []string{"~ALL"}
		}
		conditions["repository_name"] = obj{"include": repos, "exclude": []string{}, "protected": true}
	}
	o["conditions"] = conditions
	rules := []any{}
	for _, r := range p.Rules {
		rules = append(rules, ruleObj(r))
	}
	o["rules"] = rules
	if c.mayChange(p) {
		o["bypass_actors"] = bypass(p.Bypass)
	}
	return o
}

func ruleObj(r Rule) obj {
	o := obj{"type": r.Type}
	if r.Parameters != nil {
		o["parameters"] = r.Parameters
	}
	return o
}

// mayChange reports whether the caller could change a ruleset: only then is the bypass list shown.
func (c *call) mayChange(p placed) bool {
	switch {
	case p.repo == nil:
		return c.ownsOrg("admin:org", "organization_administration:write")
	case c.classic():
		return c.reach(p.repo) == roleAdmin
	}
	return c.reach(p.repo) == roleAdmin && c.permits("administration:write")
}

func bypass(list []Bypass) []any {
	out := []any{}
	for _, b := range list {
		o := obj{"actor_type": b.Type, "actor_id": nil, "bypass_mode": orText(b.Mode, "always")}
		if b.ID != 0 {
			o["actor_id"] = b.ID
		}
		out = append(out, o)
	}
	return out
}

func (c *call) orgRulesets() answer {
	all := ownRulesets(c.org)
	return c.list(len(all), func(i int) any { return c.ruleset(all[i], false) })
}

func (c *call) orgRuleset() answer { return c.oneRuleset(ownRulesets(c.org)) }

func (c *call) oneRuleset(all []placed) answer {
	for _, p := range all {
		if p.ID == c.pathInt("ruleset_id") {
			return ok(c.ruleset(p, true))
		}
	}
	return *c.notFound()
}

func (c *call) parents() bool { return c.query.Get("includes_parents") != "false" }

func (c *call) repoRulesets() answer {
	all := rulesetsOf(c.repo, c.parents())
	return c.list(len(all), func(i int) any { return c.ruleset(all[i], false) })
}

func (c *call) repoRuleset() answer { return c.oneRuleset(rulesetsOf(c.repo, c.parents())) }

// branchRules are the rules in force on a branch, wherever they come from. Who bypasses them is not told.
func (c *call) branchRules() answer {
	if strings.ContainsAny(c.r.PathValue("branch"), "*?[") {
		return *c.refuse(http.StatusNotFound, "Not Found")
	}
	var out []any
	for _, p := range rulesetsOf(c.repo, true) {
		if p.Enforcement != "active" || p.Target != "branch" || !matches(p.Include, p.Exclude, c.r.PathValue("branch"), c.repo.DefaultBranch) {
			continue
		}
		for _, r := range p.Rules {
			o := ruleObj(r)
			maps.Copy(o, obj{"ruleset_id": p.ID, "ruleset_source_type": "Organization", "ruleset_source": p.org.Login})
			if p.repo != nil {
				o["ruleset_source_type"], o["ruleset_source"] = "Repository", p.repo.full
			}
			out = append(out, o)
		}
	}
	return c.list(len(out), func(i int) any { return out[i] })
}
