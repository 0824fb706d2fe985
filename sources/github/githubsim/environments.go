package githubsim

var environmentRoutes = []route{
	{pattern: "GET /repos/{owner}/{repo}/environments", do: (*call).listEnvironments, need: need{perm: "actions:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/environments/{environment_name}", do: (*call).getEnvironment, need: need{perm: "actions:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies", do: (*call).branchPolicies, need: need{perm: "actions:read", open: true}},
}

// environment is the one in the path, nil if there is none.
func (c *call) environment() *Environment {
	for i := range c.repo.Environments {
		if e := &c.repo.Environments[i]; low(e.Name) == low(c.r.PathValue("environment_name")) {
			return e
		}
	}
	return nil
}

func (c *call) environmentObj(e *Environment) obj {
	rules := []any{}
	add := func(kind string, more obj) {
		more["id"], more["node_id"], more["type"] = e.ID*10+int64(len(rules)), nodeID("GA", e.ID), kind
		rules = append(rules, more)
	}
	if e.Wait > 0 {
		add("wait_timer", obj{"wait_timer": e.Wait})
	}
	if len(e.Users)+len(e.Teams) > 0 {
		reviewers := []any{}
		for _, l := range e.Users {
			reviewers = append(reviewers, obj{"type": "User", "reviewer": c.userObj(c.st.addUser(User{Login: l}))})
		}
		for _, s := range e.Teams {
			if t := c.org.team(s); t != nil {
				reviewers = append(reviewers, obj{"type": "Team", "reviewer": c.teamObj(t)})
			}
		}
		add("required_reviewers", obj{"prevent_self_review": e.PreventSelfReview, "reviewers": reviewers})
	}
	o := obj{"id": e.ID, "node_id": nodeID("EN", e.ID), "name": e.Name, "url": c.repoURL(c.repo) + "/environments/" + e.Name,
		"html_url": c.web + "/" + c.repo.full + "/deployments/activity_log?environments_filter=" + e.Name, "created_at": when(e.Created), "updated_at": when(e.Created),
		"protection_rules": rules, "deployment_branch_policy": nil}
	if e.ProtectedBranches || e.Branches != nil {
		add("branch_policy", obj{})
		o["protection_rules"] = rules
		o["deployment_branch_policy"] = obj{"protected_branches": e.ProtectedBranches, "custom_branch_policies": !e.ProtectedBranches}
	}
	return o
}

func (c *call) listEnvironments() answer {
	list := c.repo.Environments
	return c.keyed("environments", len(list), func(i int) any { return c.environmentObj(&list[i]) })
}

func (c *call) getEnvironment() answer {
	if e := c.environment(); e != nil {
		return ok(c.environmentObj(e))
	}
	return *c.notFound()
}

func (c *call) branchPolicies() answer {
	e := c.environment()
	if e == nil {
		return *c.notFound()
	}
	return c.keyed("branch_policies", len(e.Branches), func(i int) any {
		id := e.ID*100 + int64(i)
		return obj{"id": id, "node_id": nodeID("BP", id), "name": e.Branches[i], "type": "branch"}
	})
}
