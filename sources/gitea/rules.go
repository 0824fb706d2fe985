package gitea

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"nhitop/sources/internal/forge"
)

// branchesOf brings branch rules into the common form. In Gitea the first rule that fits a branch, by priority, holds for it
// and no other does (models/git of 1.25).
func branchesOf(rules []ruleAnswer, main, unknown string) []forge.Branch {
	def := forge.Branch{Name: main, Default: true, Unknown: unknown}
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b ruleAnswer) int { return cmp.Compare(a.Priority, b.Priority) })
	var others []forge.Branch
	found := false
	for _, r := range rules {
		if !found && fitsBranch(r.Name, main) {
			def.Rules, found = rulesOf(r), true
			continue
		}
		others = append(others, forge.Branch{Name: r.Name, Rules: rulesOf(r)})
	}
	return append([]forge.Branch{def}, others...)
}

// told brings what everybody is told of a branch into the common form. Whom the rule lets through is not told, but whether
// it is the asker.
func (b *branchAnswer) told(me string) forge.Branch {
	out := forge.Branch{Name: b.Name, Default: true}
	if !b.Protected {
		return out
	}
	r := forge.Rule{Name: "the rule for " + b.Name, PullRequest: true, Approvals: int(b.Approvals), BypassUnknown: "its lists are told to administrators only"}
	if b.StatusCheck {
		r.Checks = b.Contexts
	}
	if b.CanPush && me != "" {
		r.Bypass = []forge.Bypass{{Principal: forge.Principal{Kind: forge.ByUser, ID: key(me), Name: me}, Mode: forge.Always}}
	}
	out.Rules = []forge.Rule{r}
	return out
}

func fitsBranch(pattern, branch string) bool {
	if strings.EqualFold(pattern, branch) || pattern == "**" {
		return true
	}
	ok, err := path.Match(pattern, branch)
	return ok && err == nil
}

// rulesOf turns a rule into what the common form calls two: what administrators of the repository may go past, and the
// list of who may merge, which holds for them too. Who may push directly needs no pull request, and so no approval.
func rulesOf(r ruleAnswer) []forge.Rule {
	name := "the rule " + r.Name
	if r.Push && !r.PushList {
		return []forge.Rule{{Name: name + " (everybody who may write may push)", Checks: checksOf(r), Files: filesOf(r)}}
	}
	review := forge.Rule{
		Name: name, PullRequest: true, Approvals: int(r.Approvals), Dismiss: r.DismissStale || r.IgnoreStale, Checks: checksOf(r), Files: filesOf(r),
		AdminsFree: !r.NoAdminOverride,
	}
	if r.ApprovalsList {
		review.Approvers = principals(r.ApprovalsUsers, r.ApprovalsTeams)
	}
	if r.Push {
		for _, p := range principals(r.PushUsers, r.PushTeams) {
			review.Bypass = append(review.Bypass, forge.Bypass{Principal: p, Mode: forge.Always})
		}
		if r.PushKeys {
			review.Bypass = append(review.Bypass, forge.Bypass{Principal: forge.Principal{Kind: forge.ByDeployKey}, Mode: forge.Always})
		}
	}
	if !r.MergeList {
		return []forge.Rule{review}
	}
	return []forge.Rule{review, {Name: name, PullRequest: true, Merge: principals(r.MergeUsers, r.MergeTeams), Bypass: review.Bypass}}
}

func checksOf(r ruleAnswer) []string {
	if !r.StatusCheck {
		return nil
	}
	return r.Contexts
}

func filesOf(r ruleAnswer) []string {
	var out []string
	for p := range strings.SplitSeq(r.ProtectedFiles, ";") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// principals is never nil: an empty list of Gitea lets nobody through.
func principals(users, teams []string) forge.List {
	out := forge.List{}
	for _, u := range users {
		out = append(out, forge.Principal{Kind: forge.ByUser, ID: key(u), Name: u})
	}
	for _, t := range teams {
		out = append(out, forge.Principal{Kind: forge.ByTeam, ID: key(t), Name: t})
	}
	return out
}

// ruleWords says the rule for the default branch in a few words, for the resource.
func ruleWords(b forge.Branch) string {
	switch {
	case b.Unknown != "":
		return "not known: " + b.Unknown
	case len(b.Rules) == 0:
		return "none"
	}
	r := b.Rules[0]
	var say []string
	if r.PullRequest {
		say = append(say, "pull request")
	} else {
		say = append(say, "everybody who may write may push")
	}
	if r.Approvals > 0 {
		say = append(say, fmt.Sprintf("%d approvals", r.Approvals))
	}
	if len(r.Checks) > 0 {
		say = append(say, "checks "+strings.Join(r.Checks, " "))
	}
	for _, by := range r.Bypass {
		say = append(say, "not for "+strings.TrimSpace(string(by.Kind)+" "+by.Name))
	}
	if r.AdminsFree {
		say = append(say, "not for administrators")
	}
	return strings.Join(say, ", ")
}
