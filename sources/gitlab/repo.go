package gitlab

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// repo brings the rules of a project into the form of package forge.
func (c *collection) repo(p *project) forge.Repo {
	r := forge.Repo{
		Name: c.s.host() + "/" + p.Path, Host: "GitLab", Archived: p.Archived, Public: p.Visibility == "public",
		Pipelines: inventory.Yes, RunsApprove: inventory.No, OwnersCover: inventory.Unknown, Secrets: -1, Guarded: -1,
	}
	switch {
	case p.Builds == "disabled":
		r.Pipelines = inventory.No
	case p.Builds == "":
		r.Pipelines = inventory.Unknown // the list was of a kind that does not say
	}
	if p.varsRead {
		r.Secrets, r.Guarded = 0, 0
		for _, v := range p.variables {
			if v.Protected {
				r.Guarded++
			} else {
				r.Secrets++
			}
		}
	}
	r.Branches = c.branches(p)
	c.environments(p, &r)
	return r
}

// branches are the default branch and the other protected ones. Where several rules match a branch, GitLab lets through
// what the most permissive of them lets through; an approval is asked of a merge request only, so that who may push directly
// gets past it. Source: GitLab's "Protected branches" and "Merge request approvals", 2026-11.
func (c *collection) branches(p *project) []forge.Branch {
	if !p.rules.asked {
		return []forge.Branch{{Name: cmp.Or(p.DefaultBranch, "main"), Default: true, Unknown: "they were not asked for"}}
	}
	main := cmp.Or(p.DefaultBranch, "main")
	out := []forge.Branch{c.branch(p, main, true, matching(p.rules.branches, main))}
	for _, b := range p.rules.branches {
		if b.Name != main && !slices.ContainsFunc(out, func(x forge.Branch) bool { return x.Name == b.Name }) {
			out = append(out, c.branch(p, b.Name, false, matching(p.rules.branches, b.Name)))
		}
	}
	return out
}

func matching(list []branchShape, name string) []branchShape {
	var out []branchShape
	for _, b := range list {
		pattern := strings.ReplaceAll(b.Name, "**", "*")
		ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00")) // here * crosses slashes
		if b.Name == name || err == nil && ok {
			out = append(out, b)
		}
	}
	return out
}

func (c *collection) branch(p *project, name string, isDefault bool, of []branchShape) forge.Branch {
	b := forge.Branch{Name: name, Default: isDefault, Unknown: p.rules.branchesUnknown}
	push := forge.List{{Kind: forge.ByRole, ID: strconv.Itoa(developer), Name: "Developers + Maintainers"}} // nothing protects it
	if len(of) > 0 {
		rule := forge.Rule{Name: "protection of " + name, Push: forge.List{}, Merge: forge.List{}}
		for _, x := range of {
			rule.Push = append(rule.Push, access(x.Push)...)
			rule.Merge = append(rule.Merge, access(x.Merge)...)
			rule.CodeOwners = rule.CodeOwners || x.CodeOwners
			if x.Inherited {
				rule.Level = forge.OfOrg
			}
		}
		push = rule.Push
		owners := rule.CodeOwners
		rule.CodeOwners = false // asked of a merge request only
		b.Rules = append(b.Rules, rule)
		if owners {
			b.Rules = append(b.Rules, forge.Rule{Name: "code owners of " + name, CodeOwners: true, Bypass: past(push)})
		}
	}
	if r, ok := c.approval(p, name, len(of) > 0, push); ok {
		b.Rules = append(b.Rules, r)
	}
	if p.rules.approvalsUnknown != "" && b.Unknown == "" {
		b.Unknown = "approval rules: " + p.rules.approvalsUnknown
	}
	return b
}

// past lets whoever may push directly past what is asked of a merge request.
func past(push forge.List) []forge.Bypass {
	var out []forge.Bypass
	for _, w := range push {
		w.Name = cmp.Or(w.Name, w.ID) + ", who may push directly"
		out = append(out, forge.Bypass{Principal: w, Mode: forge.Always})
	}
	return out
}

// approval is what the approval rules and settings of a project ask of a merge request into a branch.
func (c *collection) approval(p *project, branch string, protected bool, push forge.List) (forge.Rule, bool) {
	r := forge.Rule{Name: "approvals for " + branch, Bypass: past(push)}
	for _, x := range p.rules.approvalRules {
		holds := len(x.Branches) == 0 && !x.AllProtected || x.AllProtected && protected
		for _, b := range x.Branches {
			holds = holds || b.Name == branch
		}
		if holds && x.Type != "report_approver" {
			r.Approvals = max(r.Approvals, x.Required)
		}
	}
	if p.MustPass {
		r.Checks = []string{"the pipeline"}
	}
	if a := p.rules.approvals; a != nil {
		r.AuthorMay, r.Dismiss, r.LastPush = a.Author, a.Reset, a.NoCommit
		if !a.NoOverride && r.Approvals > 0 {
			r.Bypass = append(r.Bypass, forge.Bypass{Principal: forge.Principal{Kind: forge.ByRole, ID: strconv.Itoa(developer), Name: "everybody who opens a merge request: its rules may be changed there"}, Mode: forge.PullOnly})
		}
	}
	return r, r.Approvals > 0 || len(r.Checks) > 0
}

// environments are those of a project with what protects them. Who may push may write a pipeline for any of them.
func (c *collection) environments(p *project, r *forge.Repo) {
	if !p.rules.asked {
		r.EnvUnknown = "they were not asked for"
		return
	}
	r.EnvUnknown = p.rules.envUnknown
	names := map[string]string{}
	var order []string
	add := func(name, tier string) {
		if _, ok := names[name]; !ok {
			order = append(order, name)
		}
		names[name] = cmp.Or(tier, names[name])
	}
	for _, e := range p.rules.environments {
		add(e.Name, e.Tier)
	}
	for _, e := range p.rules.protected {
		add(e.Name, "")
	}
	for _, name := range order {
		tier := names[name]
		e := forge.Environment{Name: name, Reach: forge.AnyBranch, Production: tier == "production" || tier == "" && production(name)}
		c.protect(&e, name, p.rules.protected)
		c.protect(&e, tier, c.groupEnvironments(p))
		r.Environments = append(r.Environments, e)
	}
}

func production(name string) bool {
	return strings.HasPrefix(strings.ToLower(name), "prod") || strings.EqualFold(name, "live")
}

func (c *collection) protect(e *forge.Environment, name string, list []protectedEnvShape) {
	for _, x := range list {
		if x.Name != name || name == "" {
			continue
		}
		if e.Deployers == nil {
			e.Deployers = forge.List{}
		}
		e.Deployers = append(e.Deployers, access(x.Deploy)...)
		need := x.Required
		for _, a := range x.Rules {
			need = max(need, a.Required)
		}
		e.Reviewers = max(e.Reviewers, need)
		e.NoSelf = true
	}
}

// groupEnvironments are the protected environments, by tier, of the groups above a project.
func (c *collection) groupEnvironments(p *project) []protectedEnvShape {
	var out []protectedEnvShape
	for _, g := range c.levels.above(p.Namespace.ID) {
		out = append(out, g.environments...)
	}
	return out
}

// guard says in a line what stands in the way to the default branch.
func guard(r forge.Repo) string {
	if len(r.Branches) == 0 {
		return ""
	}
	b := r.Branches[0]
	if b.Unknown != "" {
		return b.Name + ": not known (" + b.Unknown + ")"
	}
	if len(b.Rules) == 0 {
		return b.Name + ": not protected"
	}
	var parts []string
	who := func(what string, l forge.List) {
		names := make([]string, 0, len(l))
		for _, p := range l {
			names = append(names, cmp.Or(p.Name, p.ID))
		}
		if len(names) == 0 {
			names = []string{"nobody"}
		}
		parts = append(parts, what+": "+strings.Join(names, ", "))
	}
	for _, x := range b.Rules {
		if x.Push != nil {
			who("push", x.Push)
			who("merge", x.Merge)
		}
		if x.Approvals > 0 {
			parts = append(parts, fmt.Sprintf("%d approvals", x.Approvals))
		}
		if x.CodeOwners {
			parts = append(parts, "code owners")
		}
	}
	return b.Name + ": " + strings.Join(parts, "; ")
}
