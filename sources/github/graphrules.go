package github

import (
	"strings"

	"nhitop/sources/internal/forge"
)

// normal brings a ruleset of GraphQL into the common form. full is false where something of it takes the REST API: a
// parameter that GraphQL was not asked for, or an entry of the bypass list that it cannot name.
func (g *gRuleset) normal() (x *ruleset, full bool) {
	full = true
	x = &ruleset{target: strings.ToLower(g.Target), rule: forge.Rule{Name: rulesetName(g.ID, g.Name), Level: forge.OfRepo, Enforced: enforced(g.Enforcement)}}
	if r := g.Conditions.Ref; r != nil {
		x.include, x.exclude = r.Include, r.Exclude
	}
	switch {
	case g.Bypass == nil:
		x.rule.BypassUnknown = "it is shown to those alone who may change the ruleset"
	case !g.Bypass.whole():
		x.rule.BypassUnknown, full = "it is longer than what was read", false
	default:
		for _, b := range g.Bypass.Nodes {
			full = b != nil && x.addGraphBypass(b.Mode, b.Key, b.OrgAdmin, b.Role, b.RoleName, b.Actor) && full
		}
	}
	if !g.Rules.whole() {
		x.unknown = "its rules could not be read"
		return x, false
	}
	for _, r := range g.Rules.Nodes {
		if r == nil {
			continue
		}
		d := demand{kind: strings.ToLower(r.Type)}
		if p := r.Parameters; p != nil {
			d.count, d.codeOwners, d.lastPush, d.dismiss = p.Count, p.CodeOwners, p.LastPush, p.Dismiss
			for _, k := range p.Checks {
				d.checks = append(d.checks, k.Context)
			}
		}
		full = full && d.kind != "file_path_restriction"
		x.rules = append(x.rules, d)
	}
	return x, full
}

func (x *ruleset) addGraphBypass(mode string, key, orgAdmin bool, role int64, roleName string, actor *gActor) bool {
	p := forge.Principal{}
	switch {
	case key:
		p.Kind = forge.ByDeployKey
	case orgAdmin:
		p.Kind = forge.ByOrgOwner
	case role != 0:
		p = forge.Principal{Kind: forge.ByRole, ID: num(role), Name: roleName}
	case actor != nil && actor.ID != 0:
		p = actor.principal()
	}
	if p.Kind == "" {
		x.rule.BypassUnknown = "it has an entry of a kind that GraphQL does not name"
		return false
	}
	x.rule.Bypass = append(x.rule.Bypass, forge.Bypass{Principal: p, Mode: modeOf(mode)})
	return true
}

func (a *gActor) principal() forge.Principal {
	switch a.Type {
	case "App":
		return forge.Principal{Kind: forge.ByApp, ID: num(a.ID), Name: a.Slug}
	case "Team":
		return forge.Principal{Kind: forge.ByTeam, ID: num(a.ID), Name: a.Slug}
	case "User":
		return forge.Principal{Kind: forge.ByUser, ID: num(a.ID), Name: a.Login}
	}
	return forge.Principal{}
}

// listOf is a list of a protection, and why it is not all of it.
func listOf(l *conn[*gAllowance]) (out []forge.Principal, unknown string) {
	if !l.whole() {
		unknown = "it could not be read in full"
	}
	if l == nil {
		return nil, unknown
	}
	for _, n := range l.Nodes {
		if n == nil || n.Actor == nil || n.Actor.ID == 0 {
			unknown = "it has an entry that is not told"
			continue
		}
		out = append(out, n.Actor.principal())
	}
	return out, unknown
}
