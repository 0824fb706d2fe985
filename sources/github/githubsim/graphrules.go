package githubsim

import (
	"strings"
)

// ruleKinds are the types of protections and rulesets.
func ruleKinds() map[string]map[string]field {
	return map[string]map[string]field{
		"BranchProtectionRule": protectionFields, "BypassPullRequestAllowance": allowanceFields, "BypassForcePushAllowance": allowanceFields,
		"PushAllowance": allowanceFields, "ReviewDismissalAllowance": allowanceFields, "RepositoryRuleset": rulesetFields, "RepositoryRuleConditions": conditionFields,
		"RefNameConditionTarget": targetFields, "RepositoryNameConditionTarget": targetFields, "RepositoryRule": ruleFields,
		"RepositoryRulesetBypassActor": bypassFields, "PullRequestParameters": pullParameters, "RequiredStatusChecksParameters": checkParameters,
		"StatusCheckConfiguration": checkFields, "RequiredDeploymentsParameters": deploymentParameters,
	}
}

// rule is a classic protection with the branch or pattern that it is of.
type rule struct {
	*Protection
	pattern string
	repo    *repo
	n       int64
}

func (r *repo) rules() []rule {
	var out []rule
	for i := range r.Branches {
		if p := r.Branches[i].Protection; p != nil {
			out = append(out, rule{p, orText(p.Pattern, r.Branches[i].Name), r, int64(i)})
		}
	}
	return out
}

func flag(f func(r rule) bool) field { return of(func(_ *graph, r rule) any { return f(r) }) }

var protectionFields = map[string]field{
	"id":                             of(func(_ *graph, r rule) any { return nodeID("BPR", r.repo.ID*1000+r.n) }),
	"databaseId":                     of(func(_ *graph, r rule) any { return r.repo.ID%1_000_000*1000 + r.n }),
	"pattern":                        of(func(_ *graph, r rule) any { return r.pattern }),
	"allowsDeletions":                flag(func(r rule) bool { return r.Deletions }),
	"allowsForcePushes":              flag(func(r rule) bool { return r.ForcePushes }),
	"blocksCreations":                flag(func(r rule) bool { return r.BlockCreations }),
	"isAdminEnforced":                flag(func(r rule) bool { return r.Admins }),
	"lockBranch":                     flag(func(r rule) bool { return r.Locked }),
	"requiresApprovingReviews":       flag(func(r rule) bool { return r.Reviews != nil }),
	"requiresCodeOwnerReviews":       flag(func(r rule) bool { return r.Reviews != nil && r.Reviews.CodeOwners }),
	"dismissesStaleReviews":          flag(func(r rule) bool { return r.Reviews != nil && r.Reviews.DismissStale }),
	"requireLastPushApproval":        flag(func(r rule) bool { return r.Reviews != nil && r.Reviews.LastPush }),
	"restrictsReviewDismissals":      flag(func(r rule) bool { return r.Reviews != nil && r.Reviews.Dismissers != nil }),
	"requiresCommitSignatures":       flag(func(r rule) bool { return r.Signatures }),
	"requiresConversationResolution": flag(func(r rule) bool { return r.Conversations }),
	"requiresLinearHistory":          flag(func(r rule) bool { return r.LinearHistory }),
	"requiresStatusChecks":           flag(func(r rule) bool { return r.Checks != nil }),
	"requiresStrictStatusChecks":     flag(func(r rule) bool { return r.Strict }),
	"restrictsPushes":                flag(func(r rule) bool { return r.Restrict != nil }),
	"requiredStatusCheckContexts":    of(func(_ *graph, r rule) any { return list(r.Checks) }),
	"requiredApprovingReviewCount": of(func(_ *graph, r rule) any {
		if r.Reviews == nil {
			return nil
		}
		return r.Reviews.Count
	}),
	"pushAllowances":            allowances("PushAllowance", func(r rule) *Actors { return r.Restrict }),
	"bypassForcePushAllowances": allowances("BypassForcePushAllowance", func(r rule) *Actors { return r.ForcePushersBypass }),
	"bypassPullRequestAllowances": allowances("BypassPullRequestAllowance", func(r rule) *Actors {
		if r.Reviews == nil {
			return nil
		}
		return r.Reviews.Bypass
	}),
	"reviewDismissalAllowances": allowances("ReviewDismissalAllowance", func(r rule) *Actors {
		if r.Reviews == nil {
			return nil
		}
		return r.Reviews.Dismissers
	}),
}

// allowances are actors that a rule makes an exception for.
func allowances(kind string, who func(r rule) *Actors) field {
	return of(func(g *graph, r rule) any {
		var list []gobj
		if a := who(r); a != nil {
			list = g.actorObjs(r.repo.org, a)
		}
		return conn{n: len(list), at: func(i int) gobj { return gobj{kind, list[i]} }}
	})
}

func (g *graph) actorObjs(o *org, a *Actors) []gobj {
	var out []gobj
	for _, l := range a.Users {
		out = append(out, gobj{"User", g.st.addUser(User{Login: l})})
	}
	for _, s := range a.Teams {
		if t := o.team(s); t != nil {
			out = append(out, gobj{"Team", t})
		}
	}
	for _, s := range a.Apps {
		if app := g.st.apps[s]; app != nil {
			out = append(out, gobj{"App", app})
		}
	}
	return out
}

var allowanceFields = map[string]field{
	"id":    of(func(_ *graph, a gobj) any { return nodeID("AL", 1) + a.kind }),
	"actor": of(func(_ *graph, a gobj) any { return a }),
}

func rulesetConn(_ *graph, all []placed) any {
	return conn{n: len(all), at: func(i int) gobj { return gobj{"RepositoryRuleset", all[i]} }}
}

var rulesetFields = map[string]field{
	"id":          of(func(_ *graph, p placed) any { return nodeID("RRS", p.ID) }),
	"databaseId":  of(func(_ *graph, p placed) any { return p.ID }),
	"name":        of(func(_ *graph, p placed) any { return p.Name }),
	"target":      of(func(_ *graph, p placed) any { return strings.ToUpper(p.Target) }),
	"enforcement": of(func(_ *graph, p placed) any { return strings.ToUpper(p.Enforcement) }),
	"createdAt":   of(func(_ *graph, p placed) any { return when(p.Created) }),
	"updatedAt":   of(func(_ *graph, p placed) any { return when(p.Updated) }),
	"conditions":  of(func(_ *graph, p placed) any { return gobj{"RepositoryRuleConditions", p} }),
	"source": of(func(_ *graph, p placed) any {
		if p.repo != nil {
			return gobj{"Repository", p.repo}
		}
		return gobj{"Organization", p.org}
	}),
	"rules": fieldArgs(func(_ *graph, p placed, args map[string]any) (any, error) {
		var list []Rule
		for _, r := range p.Rules {
			if want, _ := args["type"].(string); want == "" || want == strings.ToUpper(r.Type) {
				list = append(list, r)
			}
		}
		return conn{n: len(list), at: func(i int) gobj { return gobj{"RepositoryRule", list[i]} }}, nil
	}),
	"bypassActors": of(func(g *graph, p placed) any {
		if !g.mayChange(p) {
			return nil
		}
		return conn{n: len(p.Bypass), at: func(i int) gobj { return gobj{"RepositoryRulesetBypassActor", bypassed{p.Bypass[i], p.org}} }}
	}),
}

// target is a list of what is included and what is not.
type target struct{ include, exclude []string }

var conditionFields = map[string]field{
	"refName": of(func(_ *graph, p placed) any {
		include := p.Include
		if include == nil {
			include = []string{"~DEFAULT_BRANCH"}
		}
		return gobj{"RefNameConditionTarget", target{include, p.Exclude}}
	}),
	"repositoryId": of(func(_ *graph, _ placed) any { return nil }),
	"repositoryName": of(func(_ *graph, p placed) any {
		if p.repo != nil {
			return nil
		}
		repos := p.Repos
		if repos == nil {
			repos = []string{"~ALL"}
		}
		return gobj{"RepositoryNameConditionTarget", target{repos, nil}}
	}),
}

var targetFields = map[string]field{
	"include":   of(func(_ *graph, t target) any { return list(t.include) }),
	"exclude":   of(func(_ *graph, t target) any { return list(t.exclude) }),
	"protected": of(func(_ *graph, _ target) any { return true }),
}

// parameterTypes are the GraphQL types of the parameters of a rule; a rule of another kind has none. The simulator knows the
// fields of the first three.
var parameterTypes = map[string]string{
	"pull_request": "PullRequestParameters", "required_status_checks": "RequiredStatusChecksParameters", "required_deployments": "RequiredDeploymentsParameters",
	"update": "UpdateParameters", "merge_queue": "MergeQueueParameters", "workflows": "WorkflowsParameters", "code_scanning": "CodeScanningParameters",
	"file_path_restriction": "FilePathRestrictionParameters", "file_extension_restriction": "FileExtensionRestrictionParameters",
	"max_file_size": "MaxFileSizeParameters", "max_file_path_length": "MaxFilePathLengthParameters",
	"branch_name_pattern": "BranchNamePatternParameters", "tag_name_pattern": "TagNamePatternParameters", "commit_message_pattern": "CommitMessagePatternParameters",
	"commit_author_email_pattern": "CommitAuthorEmailPatternParameters", "committer_email_pattern": "CommitterEmailPatternParameters",
}

var ruleFields = map[string]field{
	"id":   of(func(_ *graph, r Rule) any { return nodeID("RRU", int64(len(r.Type))) + r.Type }),
	"type": of(func(_ *graph, r Rule) any { return strings.ToUpper(r.Type) }),
	"parameters": of(func(_ *graph, r Rule) any {
		if kind := parameterTypes[r.Type]; kind != "" && r.Parameters != nil {
			return gobj{kind, r.Parameters}
		}
		return nil
	}),
}

// param makes a field of a parameter by its name in REST; missing is what it is when it does not stand there.
func param(name string, missing any) field {
	return of(func(_ *graph, p map[string]any) any {
		if v, given := p[name]; given {
			return v
		}
		return missing
	})
}

var pullParameters = map[string]field{
	"dismissStaleReviewsOnPush":      param("dismiss_stale_reviews_on_push", false),
	"requireCodeOwnerReview":         param("require_code_owner_review", false),
	"requireLastPushApproval":        param("require_last_push_approval", false),
	"requiredApprovingReviewCount":   param("required_approving_review_count", 0),
	"requiredReviewThreadResolution": param("required_review_thread_resolution", false),
}

var deploymentParameters = map[string]field{"requiredDeploymentEnvironments": param("required_deployment_environments", []string{})}

var checkParameters = map[string]field{
	"doNotEnforceOnCreate":             param("do_not_enforce_on_create", false),
	"strictRequiredStatusChecksPolicy": param("strict_required_status_checks_policy", false),
	"requiredStatusChecks": of(func(_ *graph, p map[string]any) any {
		out := []gobj{}
		checks, _ := p["required_status_checks"].([]any)
		for _, x := range checks {
			out = append(out, gobj{"StatusCheckConfiguration", x})
		}
		return out
	}),
}

var checkFields = map[string]field{"context": param("context", ""), "integrationId": param("integration_id", nil)}
