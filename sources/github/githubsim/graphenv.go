package githubsim

// placedEnvironment is an environment with the organisation that its teams are of.
type placedEnvironment struct {
	*Environment
	org *org
}

// deploymentRule is one of the rules that an environment comes to.
type deploymentRule struct {
	placedEnvironment
	kind string
	n    int64
}

func (e placedEnvironment) rules() []deploymentRule {
	var out []deploymentRule
	add := func(is bool, kind string) {
		if is {
			out = append(out, deploymentRule{e, kind, int64(len(out))})
		}
	}
	add(e.Wait > 0, "WAIT_TIMER")
	add(len(e.Users)+len(e.Teams) > 0, "REQUIRED_REVIEWERS")
	add(e.ProtectedBranches || e.Branches != nil, "BRANCH_POLICY")
	return out
}

var environmentFields = map[string]field{
	"id":         of(func(_ *graph, e placedEnvironment) any { return nodeID("EN", e.ID) }),
	"databaseId": of(func(_ *graph, e placedEnvironment) any { return e.ID }),
	"name":       of(func(_ *graph, e placedEnvironment) any { return e.Name }),
	"protectionRules": of(func(_ *graph, e placedEnvironment) any {
		rules := e.rules()
		return conn{n: len(rules), at: func(i int) gobj { return gobj{"DeploymentProtectionRule", rules[i]} }}
	}),
}

var deploymentRuleFields = map[string]field{
	"databaseId":        of(func(_ *graph, r deploymentRule) any { return r.ID%100_000_000*10 + r.n }),
	"type":              of(func(_ *graph, r deploymentRule) any { return r.kind }),
	"preventSelfReview": of(func(_ *graph, r deploymentRule) any { return r.kind == "REQUIRED_REVIEWERS" && r.PreventSelfReview }),
	"timeout": of(func(_ *graph, r deploymentRule) any {
		if r.kind == "WAIT_TIMER" {
			return r.Wait
		}
		return 0
	}),
	"reviewers": of(func(g *graph, r deploymentRule) any {
		var list []gobj
		if r.kind == "REQUIRED_REVIEWERS" {
			list = g.actorObjs(r.org, &Actors{Users: r.Users, Teams: r.Teams})
		}
		return conn{n: len(list), at: func(i int) gobj { return list[i] }}
	}),
}
