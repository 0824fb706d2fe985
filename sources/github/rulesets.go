package github

import (
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// restRuleset is a ruleset as the REST API tells it, which knows more of bypass lists and parameters than GraphQL.
type restRuleset struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Target      string          `json:"target"`
	Source      string          `json:"source_type"` // Repository, Organization, Enterprise
	Enforcement string          `json:"enforcement"`
	Bypass      *[]bypassActor  `json:"bypass_actors"` // absent for who may not change the ruleset
	Conditions  *restConditions `json:"conditions"`
	Rules       []struct {
		Type       string `json:"type"`
		Parameters struct {
			Count      int      `json:"required_approving_review_count"`
			CodeOwners bool     `json:"require_code_owner_review"`
			LastPush   bool     `json:"require_last_push_approval"`
			Dismiss    bool     `json:"dismiss_stale_reviews_on_push"`
			Files      []string `json:"restricted_file_paths"`
			Checks     []struct {
				Context string `json:"context"`
			} `json:"required_status_checks"`
		} `json:"parameters"`
	} `json:"rules"`
}

type bypassActor struct {
	ID   *int64 `json:"actor_id"`
	Type string `json:"actor_type"`
	Mode string `json:"bypass_mode"`
}

type restConditions struct {
	Ref *struct {
		Include []string `json:"include"`
		Exclude []string `json:"exclude"`
	} `json:"ref_name"`
}

// ruleset is one in the form that both APIs are brought into.
type ruleset struct {
	rule             forge.Rule // name, level, enforcement and bypass list; what it demands is in rules
	target           string     // branch, push, tag
	include, exclude []string
	rules            []demand
	unknown          string // why its rules could not be read
}

// demand is one rule of a ruleset.
type demand struct {
	kind                          string
	count                         int
	codeOwners, lastPush, dismiss bool
	checks, files                 []string
}

// orgRules are the rulesets that are set above the repositories, by number.
type orgRules struct {
	of    map[int64]*ruleset
	names []string
}

func (o *orgRules) words() string { return strings.Join(sorted(o.names), ", ") }

func (c *collection) readOrgRules() error {
	c.rules.of = map[int64]*ruleset{}
	var ids []int64
	path := c.orgPath("/rulesets")
	if c.skipped("rules", path) {
		return nil
	}
	_, err := walk(c, path, nil, "", func(r restRuleset) { ids = append(ids, r.ID) })
	switch status := httpx.Status(err); {
	case status == http.StatusForbidden || status == http.StatusNotFound:
		// Those that hold somewhere are read through a repository in which they do, without the bypass list.
		c.look(path, inventory.LookedDenied, "their bypass lists take Administration (organisation, write) or admin:org; without them it is not known who gets past a ruleset", false)
		return nil
	case err != nil:
		return c.failed("rules", path, err)
	}
	c.look(path, inventory.LookedRead, "", true)
	for _, id := range ids {
		if err := c.readRuleset(id, c.orgPath("/rulesets/%s", num(id))); err != nil {
			return err
		}
	}
	return nil
}

// readRuleset reads one ruleset and keeps it. One that cannot be read is kept as unknown.
func (c *collection) readRuleset(id int64, path string) error {
	var r restRuleset
	ok, err := c.get("rules", path, &r)
	if err != nil {
		return err
	}
	if !ok {
		c.rules.of[id] = &ruleset{rule: forge.Rule{Name: "ruleset " + num(id), Level: forge.OfOrg}, target: "branch", include: []string{everyBranch}, unknown: "it could not be read"}
		return nil
	}
	c.rules.of[id] = r.normal()
	if r.Source != "Repository" {
		c.rules.names = append(c.rules.names, r.Name+" ("+r.Enforcement+")")
	}
	return nil
}

const (
	everyBranch   = "~ALL"
	defaultBranch = "~DEFAULT_BRANCH"
)

var levels = map[string]forge.Level{"Repository": forge.OfRepo, "Organization": forge.OfOrg, "Enterprise": forge.OfEnterprise}

// enforced reads the enforcement of a ruleset; evaluate only reports.
func enforced(s string) inventory.Answer {
	switch strings.ToLower(s) {
	case "active":
		return inventory.Yes
	case "disabled", "evaluate":
		return inventory.No
	}
	return inventory.Unknown
}

func (r *restRuleset) normal() *ruleset {
	x := &ruleset{target: strings.ToLower(r.Target)}
	x.rule = forge.Rule{Name: rulesetName(r.ID, r.Name), Level: levels[r.Source], Enforced: enforced(r.Enforcement)}
	if r.Conditions != nil && r.Conditions.Ref != nil {
		x.include, x.exclude = r.Conditions.Ref.Include, r.Conditions.Ref.Exclude
	}
	if r.Bypass == nil {
		x.rule.BypassUnknown = "it is shown to those alone who may change the ruleset"
	} else {
		for _, b := range *r.Bypass {
			x.addBypass(b)
		}
	}
	for _, d := range r.Rules {
		n := demand{kind: d.Type, count: d.Parameters.Count, codeOwners: d.Parameters.CodeOwners, lastPush: d.Parameters.LastPush, dismiss: d.Parameters.Dismiss, files: d.Parameters.Files}
		for _, k := range d.Parameters.Checks {
			n.checks = append(n.checks, k.Context)
		}
		x.rules = append(x.rules, n)
	}
	return x
}

func rulesetName(id int64, name string) string { return fmt.Sprintf("ruleset %d %s", id, quoted(name)) }

// bypassKinds are the types of bypass actors that can be somebody whom the inventory knows.
var bypassKinds = map[string]forge.PrincipalKind{
	"Integration": forge.ByApp, "User": forge.ByUser, "Team": forge.ByTeam, "RepositoryRole": forge.ByRole, "DeployKey": forge.ByDeployKey,
	"OrganizationAdmin": forge.ByOrgOwner,
}

func (x *ruleset) addBypass(b bypassActor) {
	kind, ok := bypassKinds[b.Type]
	if !ok {
		return // owners and roles of the enterprise: no assistant
	}
	p := forge.Principal{Kind: kind}
	if kind != forge.ByDeployKey && kind != forge.ByOrgOwner {
		if b.ID == nil {
			x.rule.BypassUnknown = "an entry of it has no number"
			return
		}
		p.ID = num(*b.ID)
	}
	x.rule.Bypass = append(x.rule.Bypass, forge.Bypass{Principal: p, Mode: modeOf(b.Mode)})
}

func modeOf(s string) forge.Mode {
	switch strings.ToLower(s) {
	case "pull_request":
		return forge.PullOnly
	case "exempt":
		return forge.Exempt
	}
	return forge.Always
}
