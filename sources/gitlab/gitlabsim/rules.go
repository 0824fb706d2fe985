package gitlabsim

import (
	"net/http"
	"slices"
	"strings"
)

// groupBranches are the rules of a top group that hold for all projects below it.
func (c *call) groupBranches() reply {
	var out []branchShape
	for i, b := range c.group.Branches {
		out = append(out, c.branch(&branch{b, 9000 + c.group.id*100 + i}))
	}
	return page(c, out, nil)
}

// projectBranches are a project's own rules and those that it inherits.
func (c *call) projectBranches() reply {
	var out []branchShape
	for _, b := range c.project.branch {
		x := c.branch(b)
		own := false
		x.Inherited = &own
		out = append(out, x)
	}
	for g := c.project.group; g != nil; g = g.parent {
		for i, b := range g.Branches {
			x := c.branch(&branch{b, 9000 + g.id*100 + i})
			inherited := true
			x.Inherited = &inherited
			out = append(out, x)
		}
	}
	return page(c, out, nil)
}

func (c *call) protectedPage(list []ProtectedEnvironment) reply {
	var out []protectedEnvironment
	for _, e := range list {
		out = append(out, c.protectedEnvironment(e))
	}
	return page(c, out, nil)
}

func (c *call) groupEnvironments() reply { return c.protectedPage(c.group.Environments) }

func (c *call) projectProtected() reply { return c.protectedPage(c.project.Protected) }

func (c *call) environments() reply {
	var out []environmentShape
	for i, e := range c.project.Environments {
		out = append(out, environmentShape{ID: c.project.id*100 + i, Name: e.Name, Slug: strings.ToLower(e.Name), Tier: e.Tier, State: "available"})
	}
	return page(c, out, nil)
}

func (c *call) approvals() reply {
	a := c.project.Approvals
	return reply{http.StatusOK, approvalsShape{Reset: a.ResetOnPush, NoOverride: !a.OverrideMay, Author: a.AuthorMay, NoCommit: !a.CommittersMay}, nil}
}

func (c *call) approvalRules() reply {
	var out []ruleShape
	for i, r := range c.project.Rules {
		x := ruleShape{ID: c.project.id*100 + i, Name: r.Name, RuleType: "regular", Required: r.Required, Users: []userBasic{}, Eligible: []userBasic{}, Groups: []any{},
			Branches: []branchShape{}, AppliesTo: r.Protected}
		if r.AnyOne {
			x.RuleType = "any_approver"
		}
		for _, name := range r.Users {
			u := c.basic(c.userNamed(name))
			x.Users, x.Eligible = append(x.Users, u), append(x.Eligible, u)
		}
		for _, b := range c.project.branch {
			if slices.Contains(r.Branches, b.Name) {
				x.Branches = append(x.Branches, c.branch(b))
			}
		}
		out = append(out, x)
	}
	return page(c, out, nil)
}
