package github

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// rules of a branch protection: what it demands of a change, and who may push at all. Each has its own exceptions.
func (p *gProtection) rules() []forge.Rule {
	name := "protection of " + p.Pattern
	var out []forge.Rule
	if p.Reviews {
		r := forge.Rule{Name: name, PullRequest: true, Approvals: p.Count, CodeOwners: p.CodeOwners, LastPush: p.LastPush, Dismiss: p.Dismiss, AdminsFree: !p.Admins}
		list, unknown := listOf(p.Bypass)
		r.BypassUnknown = unknown
		for _, who := range list {
			r.Bypass = append(r.Bypass, forge.Bypass{Principal: who, Mode: forge.Always})
		}
		out = append(out, r)
	}
	if p.Restricts {
		r := forge.Rule{Name: name + " (who may push)", Push: forge.List{}, Merge: forge.List{}, AdminsFree: !p.Admins}
		list, unknown := listOf(p.Push)
		r.Push, r.Merge, r.BypassUnknown = append(r.Push, list...), append(r.Merge, list...), unknown
		out = append(out, r)
	}
	if p.Locked {
		out = append(out, forge.Rule{Name: name, Locked: true, AdminsFree: !p.Admins})
	}
	if p.StatusChecks {
		out = append(out, forge.Rule{Name: name, Checks: p.Contexts, AdminsFree: !p.Admins})
	}
	if len(out) == 0 { // it keeps the branch from being deleted and no more
		out = append(out, forge.Rule{Name: name, AdminsFree: !p.Admins})
	}
	return out
}

// forge brings the demands of a ruleset into the form of rules. All of them share the bypass list.
func (x *ruleset) forge() []forge.Rule {
	var out []forge.Rule
	add := func(change func(*forge.Rule)) {
		r := x.rule
		change(&r)
		out = append(out, r)
	}
	for _, d := range x.rules {
		switch d.kind {
		case "pull_request":
			add(func(r *forge.Rule) {
				r.PullRequest, r.Approvals, r.CodeOwners, r.LastPush, r.Dismiss = true, d.count, d.codeOwners, d.lastPush, d.dismiss
			})
		case "merge_queue":
			add(func(r *forge.Rule) { r.PullRequest = true })
		case "update":
			add(func(r *forge.Rule) { r.Push, r.Merge = forge.List{}, forge.List{} })
		case "lock_branch":
			add(func(r *forge.Rule) { r.Locked = true })
		case "required_status_checks":
			add(func(r *forge.Rule) { r.Checks = d.checks })
		case "workflows":
			add(func(r *forge.Rule) { r.Checks = []string{"of a required workflow"} })
		case "file_path_restriction":
			add(func(r *forge.Rule) { r.Files = d.files })
		}
	}
	return out
}

// hits reports whether a ruleset holds for a branch. def is the default branch.
func (x *ruleset) hits(branch, def string) bool {
	in := func(list []string) bool {
		return slices.ContainsFunc(list, func(p string) bool {
			switch {
			case p == everyBranch, p == defaultBranch && branch == def:
				return true
			}
			p = strings.TrimPrefix(p, "refs/heads/")
			ok, err := path.Match(p, branch)
			return p == branch || err == nil && ok || strings.HasSuffix(p, "/**/*") && strings.HasPrefix(branch, strings.TrimSuffix(p, "**/*")) || p == "**/*" || p == "**"
		})
	}
	return in(x.include) && !in(x.exclude)
}

// branches are the default branch and those that rules name, with their rules.
func (c *collection) branches(g *gRepo) ([]forge.Branch, error) {
	def := "main"
	if g.DefaultBranch != nil {
		def = g.DefaultBranch.Name
	}
	sets, unknown, err := c.rulesetsOf(g)
	if err != nil {
		return nil, err
	}
	names := []string{def}
	name := func(n string) {
		if n != "" && !slices.Contains(names, n) && len(names) < maxBranches {
			names = append(names, n)
		}
	}
	protections := []*gProtection{}
	switch {
	case !c.seesProtection(g):
		unknown = append(unknown, "branch protection: it takes "+areaOf("rules").needs)
	case !g.Protections.whole():
		unknown = append(unknown, "there is more branch protection than was read")
	}
	if g.Protections != nil {
		for _, p := range g.Protections.Nodes {
			if p != nil {
				protections = append(protections, p)
				if !matches(p.Pattern, def) {
					name(p.Pattern)
				}
			}
		}
	}
	for _, x := range sets {
		for _, p := range x.include {
			if x.target != "push" && x.target != "tag" && !strings.HasPrefix(p, "~") && !x.hits(def, def) {
				name(strings.TrimPrefix(p, "refs/heads/"))
			}
		}
	}
	var out []forge.Branch
	for i, n := range names {
		b := forge.Branch{Name: n, Default: i == 0, Unknown: strings.Join(unknown, "; ")}
		if p := governing(protections, n); p != nil {
			b.Rules = append(b.Rules, p.rules()...)
		}
		for _, x := range sets {
			if x.target != "push" && x.target != "tag" && x.hits(n, def) {
				b.Rules = append(b.Rules, x.forge()...)
				if x.unknown != "" {
					b.Unknown = join(b.Unknown, x.rule.Name+": "+x.unknown)
				}
			}
		}
		out = append(out, b)
	}
	return append(out, everywhere(sets)...), nil
}

const maxBranches = 10

// governing is the protection that counts for a branch: one of its very name, else the first that matches.
func governing(ps []*gProtection, branch string) *gProtection {
	if i := slices.IndexFunc(ps, func(p *gProtection) bool { return p.Pattern == branch }); i >= 0 {
		return ps[i]
	}
	if i := slices.IndexFunc(ps, func(p *gProtection) bool { return matches(p.Pattern, branch) }); i >= 0 {
		return ps[i]
	}
	return nil
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// everywhere are the rules for every push, whatever its branch.
func everywhere(sets []*ruleset) []forge.Branch {
	b := forge.Branch{Name: "*"}
	for _, x := range sets {
		if x.target == "push" {
			b.Rules = append(b.Rules, x.forge()...)
			b.Unknown = join(b.Unknown, x.unknown)
		}
	}
	if len(b.Rules) == 0 && b.Unknown == "" {
		return nil
	}
	return []forge.Branch{b}
}

// matches compares a branch with the pattern of a protection, as fnmatch does.
func matches(pattern, branch string) bool {
	ok, err := path.Match(pattern, branch)
	return pattern == branch || err == nil && ok || pattern == "**" || pattern == "**/*"
}

// rulesetsOf are the rulesets that hold in a repository, its own and those from above.
func (c *collection) rulesetsOf(g *gRepo) (sets []*ruleset, unknown []string, err error) {
	if c.src.skips("rules") {
		return nil, []string{"switched off by skip"}, nil
	}
	if !g.All.whole() || !g.Own.whole() {
		unknown = append(unknown, "there are more rulesets than were read, or they may not be read")
	}
	own := map[int64]bool{}
	if g.Own != nil {
		for _, r := range g.Own.Nodes {
			if r == nil {
				continue
			}
			own[r.ID] = true
			x, full := r.normal()
			if !full {
				if err := c.readRuleset(r.ID, "/repos/"+g.Full+"/rulesets/"+num(r.ID)); err != nil {
					return nil, nil, err
				}
				if y := c.rules.of[r.ID]; y.unknown == "" {
					x = y
				}
				delete(c.rules.of, r.ID) // it is this repository's alone
			}
			sets = append(sets, x)
		}
	}
	if g.All == nil {
		return sets, unknown, nil
	}
	for _, r := range g.All.Nodes {
		if r == nil || own[r.ID] {
			continue
		}
		if c.rules.of[r.ID] == nil { // of the enterprise, which the organisation does not list
			if err := c.readRuleset(r.ID, "/repos/"+g.Full+"/rulesets/"+num(r.ID)); err != nil {
				return nil, nil, err
			}
		}
		sets = append(sets, c.rules.of[r.ID])
	}
	return sets, unknown, nil
}

// skips reports whether an area is switched off.
func (s *Source) skips(key string) bool { return match(s.opt.Skip, key) }

// railsOf tells a repository's rules in short, for people.
func railsOf(r *forge.Repo) map[string]string {
	g := map[string]string{}
	for i := range r.Branches {
		b := &r.Branches[i]
		if !b.Default {
			continue
		}
		words := []string{}
		for j := range b.Rules {
			rule := &b.Rules[j]
			w := rule.Name
			if rule.Approvals > 0 {
				w += fmt.Sprintf(", %d approval%s", rule.Approvals, map[bool]string{true: "", false: "s"}[rule.Approvals == 1])
			}
			if rule.CodeOwners {
				w += ", owners of the code"
			}
			if rule.Enforced == inventory.No {
				w += ", only reports"
			}
			if !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		switch {
		case b.Unknown != "":
			words = append(words, "not known in full")
		case len(b.Rules) == 0:
			words = append(words, "none")
		}
		g["branch "+b.Name] = strings.Join(words, "; ")
	}
	if r.Archived {
		g["archived"] = "yes"
	}
	return g
}
