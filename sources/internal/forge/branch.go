package forge

import (
	"path"
	"slices"
	"strings"

	"nhitop/inventory"
)

// names reports whether a list names the actor, and by what.
func (a *Actor) names(list []Principal) (inventory.Answer, string) {
	answer := inventory.No
	for _, p := range list {
		for _, me := range a.As {
			if p.Kind == me.Kind && (p.ID == me.ID || p.ID == "") {
				if p.Name == "" && p.ID != "" {
					p.Name = me.Name
				}
				return inventory.Yes, p.words()
			}
		}
		if slices.Contains(a.AsUnknown, p.Kind) {
			answer = inventory.Unknown
		}
	}
	return answer, ""
}

func (p Principal) words() string {
	switch {
	case p.Name != "" && p.ID != "" && p.Name != p.ID:
		return string(p.Kind) + " " + p.Name + " (" + p.ID + ")"
	case p.Name != "":
		return string(p.Kind) + " " + p.Name
	case p.ID != "":
		return string(p.Kind) + " " + p.ID
	}
	return string(p.Kind)
}

// free is whether a rule's bypass list lets the actor past it, by a push or by a pull request.
func (q question) free(r *Rule, byPull bool) (verdict, bool) {
	uncertain := false
	for _, b := range r.Bypass {
		if b.Mode == PullOnly && !byPull {
			continue
		}
		switch is, who := q.a.names([]Principal{b.Principal}); is {
		case inventory.Yes:
			words := []string{q.stands(r), "its bypass list names " + who}
			switch b.Mode {
			case Exempt:
				words = append(words, "exempt: no entry is left in the audit log")
			case PullOnly:
				words = append(words, "by a pull request")
			}
			return pass(words...), true
		case inventory.Unknown:
			uncertain = true
		}
	}
	if r.AdminsFree {
		switch q.a.RepoAdminRole {
		case inventory.Yes:
			return pass(q.stands(r), "it does not hold for administrators, and it acts as one"), true
		case inventory.No:
		default:
			uncertain = true
		}
	}
	switch {
	case uncertain:
		return maybe(q.stands(r), "whether its bypass list lets this one through is not known"), true
	case r.BypassUnknown != "":
		return maybe(q.stands(r), "its bypass list could not be read: "+r.BypassUnknown), true
	}
	return verdict{}, false
}

func (q question) stands(r *Rule) string { return "protected by " + r.Name }

// rule judges one rule for one way in; freed says whether a bypass let the actor past what the rule demands.
func (q question) rule(r *Rule, byPull bool, demand func(*Rule) verdict) verdict {
	if r.Enforced == inventory.No {
		return pass(r.Name + " only reports")
	}
	v := demand(r)
	if v.gate == open && v.certain {
		return v
	}
	if by, ok := q.free(r, byPull); ok {
		v = by.or(v)
	}
	if r.Enforced == inventory.Unknown {
		v = v.or(maybe("whether " + r.Name + " is enforced could not be read"))
	}
	return v
}

// all goes through every rule of a branch.
func (q question) all(b *Branch, byPull bool, demand func(*Rule) verdict) verdict {
	v := pass()
	for i := range b.Rules {
		v = v.and(q.rule(&b.Rules[i], byPull, demand))
	}
	if b.Unknown != "" {
		v = v.and(maybe("the rules of " + b.Name + " could not be read: " + b.Unknown))
	}
	return v
}

// push is what a rule says to a direct push.
func (q question) push(r *Rule) verdict {
	switch {
	case r.Locked:
		return stop(r.Name + " locks it")
	case r.PullRequest || r.Approvals > 0 || r.CodeOwners:
		return stop(r.Name + " demands a pull request")
	case r.Push != nil:
		return q.listed(r, r.Push, "push")
	}
	return checks(r)
}

// merge is what a rule says to the merge of the actor's own pull request.
func (q question) merge(r *Rule) verdict {
	switch {
	case r.Locked:
		return stop(r.Name + " locks it")
	case r.Merge != nil:
		if v := q.listed(r, r.Merge, "merge"); v.gate == blocked && v.certain {
			return v
		} else if !v.certain {
			return v.and(q.review(r))
		}
	}
	return q.review(r).and(checks(r))
}

func (q question) listed(r *Rule, list List, what string) verdict {
	switch is, who := q.a.names(list); is {
	case inventory.Yes:
		return pass(r.Name + " lets " + who + " " + what)
	case inventory.Unknown:
		return maybe("whether " + r.Name + " lets this one " + what + " is not known")
	}
	if len(list) == 0 {
		return stop(r.Name + " lets nobody " + what + " but its bypass list")
	}
	return stop(r.Name + " does not let this one " + what)
}

// checks are no gate: a machine answers. They are named all the same.
func checks(r *Rule) verdict {
	if len(r.Checks) == 0 {
		return pass()
	}
	return pass("the check " + strings.Join(r.Checks, ", ") + " must pass")
}

// into is whether a change of the actor gets into the branch, by the best way.
func (q question) into(b *Branch) verdict {
	code, ok := q.writes(Contents, Write)
	if !ok {
		return stop("it may not push")
	}
	v := code.and(q.all(b, false, q.push))
	if pr, ok := q.writes(PullRequests, Write); ok && q.a.Kind != DeployKey {
		v = v.or(code.and(pr).and(q.all(b, true, q.merge)))
	}
	if by, ok := q.unmake(b); ok {
		v = v.or(code.and(by))
	}
	return v
}

// unmake is the way of who may take the rules away.
func (q question) unmake(b *Branch) (verdict, bool) {
	if len(b.Rules) == 0 {
		return verdict{}, false
	}
	v := pass()
	for i := range b.Rules {
		r := &b.Rules[i]
		if r.Enforced == inventory.No {
			continue
		}
		scope := RepoAdmin
		if r.Level == OfOrg {
			scope = OrgAdmin
		}
		g, ok := q.writes(scope, Write)
		if !ok || r.Level == OfEnterprise {
			return verdict{}, false
		}
		v = v.and(g).and(pass("it may take " + r.Name + " away"))
	}
	if b.Unknown != "" {
		v.certain = false
	}
	return v, true
}

// guarded are the branches that matter for merging, the default one first.
func (q question) guarded() []*Branch {
	var out []*Branch
	for i := range q.r.Branches {
		if b := &q.r.Branches[i]; b.Name != "*" && b.Default {
			out = append(out, b)
		}
	}
	for i := range q.r.Branches {
		if b := &q.r.Branches[i]; b.Name != "*" && !b.Default {
			out = append(out, b)
		}
	}
	return out
}

func (q question) mergeProtected() (verdict, bool) {
	if v, ok := q.writes(Contents, Write); !ok || v.gate == blocked {
		return v, ok
	}
	bs := q.guarded()
	if len(bs) == 0 {
		v, _ := q.writes(Contents, Write)
		return v.and(maybe("its branches could not be read")), true
	}
	v := q.lands(bs[0])
	for _, b := range bs[1:] {
		v = v.or(q.lands(b))
	}
	return v, true
}

func (q question) lands(b *Branch) verdict {
	v := q.into(b)
	if len(b.Rules) == 0 && b.Unknown == "" {
		return v.and(pass(b.Name + " is not protected: no rule stands in the way"))
	}
	return v.at(b.Name)
}

// at puts the branch in front of what is said of its rules.
func (v verdict) at(branch string) verdict {
	v.path = slices.Clone(v.path)
	i := slices.IndexFunc(v.path, func(s string) bool { return strings.HasPrefix(s, "on ") })
	v.path = slices.Insert(v.path, i+1, "into "+branch)
	return v
}

// matches compares a branch with a pattern as hosts write them: fnmatch, where ** crosses slashes.
func matches(pattern, branch string) bool {
	if pattern == branch || pattern == "*" && !strings.Contains(branch, "/") || pattern == "**" || pattern == "**/*" {
		return true
	}
	if head, ok := strings.CutSuffix(pattern, "/**"); ok && strings.HasPrefix(branch, head+"/") {
		return true
	}
	if head, ok := strings.CutSuffix(pattern, "/**/*"); ok && strings.HasPrefix(branch, head+"/") {
		return true
	}
	ok, err := path.Match(pattern, branch)
	return err == nil && ok
}
