package githubsim

import (
	"net/http"
	"slices"
)

const workflowPath = "/actions/permissions/workflow"

var (
	readRunners  = need{role: roleAdmin, scope: "admin:org", perm: "organization_self_hosted_runners:read"}
	writeRunners = need{role: roleAdmin, scope: "admin:org", perm: "organization_self_hosted_runners:write"}
)

var actionRoutes = []route{
	{pattern: "GET /orgs/{org}/actions/permissions", do: (*call).actionsPolicy, need: readOrg},
	{pattern: "GET /orgs/{org}" + workflowPath, do: (*call).workflow, need: readOrg},
	{pattern: "PUT /orgs/{org}" + workflowPath, do: (*call).setWorkflow, need: writeOrg},
	{pattern: "GET /repos/{owner}/{repo}" + workflowPath, do: (*call).workflow, need: repoAdmin("administration:read", 0)},
	{pattern: "PUT /repos/{owner}/{repo}" + workflowPath, do: (*call).setWorkflow, need: repoAdmin("administration:write", 0)},
	{pattern: "GET /orgs/{org}/actions/oidc/customization/sub", do: (*call).orgSubject, need: need{role: roleAdmin, scope: "read:org", perm: "organization_administration:read"}},
	{pattern: "GET /repos/{owner}/{repo}/actions/oidc/customization/sub", do: (*call).repoSubject, need: need{scope: "repo", perm: "actions:read"}},
	{pattern: "GET /orgs/{org}/actions/runners", do: (*call).listRunners, need: readRunners},
	{pattern: "GET /orgs/{org}/actions/runners/{runner_id}", do: (*call).getRunner, need: readRunners},
	{pattern: "DELETE /orgs/{org}/actions/runners/{runner_id}", do: (*call).deleteRunner, need: writeRunners},
	{pattern: "GET /repos/{owner}/{repo}/actions/runners", do: (*call).listRunners, need: repoAdmin("administration:read", 0)},
	{pattern: "GET /repos/{owner}/{repo}/actions/runners/{runner_id}", do: (*call).getRunner, need: repoAdmin("administration:read", 0)},
	{pattern: "DELETE /repos/{owner}/{repo}/actions/runners/{runner_id}", do: (*call).deleteRunner, need: repoAdmin("administration:write", 0)},
}

func (c *call) actionsPolicy() answer {
	a := c.org.Actions
	return ok(obj{"enabled_repositories": orText(a.Enabled, "all"), "allowed_actions": orText(a.Allowed, "all"), "sha_pinning_required": a.SHAPinned})
}

// settings are the job token's of the repository in the path, or of the organisation.
func (c *call) settings() Workflow {
	if c.repo != nil && c.repo.Workflow != nil {
		return *c.repo.Workflow
	}
	return c.org.Actions.Workflow
}

func (c *call) workflow() answer {
	x := c.settings()
	rights := "read"
	if x.Write {
		rights = "write"
	}
	return ok(obj{"default_workflow_permissions": rights, "can_approve_pull_request_reviews": x.CanApprove})
}

func (c *call) setWorkflow() answer {
	var in struct {
		Rights  *string `json:"default_workflow_permissions"`
		Approve *bool   `json:"can_approve_pull_request_reviews"`
	}
	if len(c.body) > 0 && !c.read(&in) {
		return *c.refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	x := c.settings()
	if in.Rights != nil {
		x.Write = *in.Rights == "write"
	}
	if in.Approve != nil {
		x.CanApprove = *in.Approve
	}
	if c.repo == nil {
		o := c.org
		c.kill(func() { o.Actions.Workflow = x })
		return noContent
	}
	if x.Write && !c.org.Actions.Workflow.Write {
		return *c.refuse(http.StatusConflict, "The organization allows no more than read.")
	}
	r := c.repo
	c.kill(func() { r.Workflow = &x })
	return noContent
}

func (c *call) orgSubject() answer {
	claims := c.org.Actions.OIDC
	if claims == nil {
		claims = []string{"repo", "context"}
	}
	return ok(obj{"include_claim_keys": claims, "use_immutable_subject": c.org.Actions.Immutable})
}

func (c *call) repoSubject() answer {
	x := c.repo.OIDC
	if x == nil {
		x = &OIDC{Default: true}
	}
	o := obj{"use_default": x.Default, "use_immutable_subject": x.Immutable}
	if !x.Default {
		o["include_claim_keys"] = list(x.Claims)
	}
	return ok(o)
}

func (c *call) runners() *[]Runner {
	if c.repo != nil {
		return &c.repo.Runners
	}
	return &c.org.Runners
}

func runnerObj(r *Runner) obj {
	state := "online"
	if r.Offline {
		state = "offline"
	}
	labels := []any{obj{"id": 1, "name": "self-hosted", "type": "read-only"}}
	for i, l := range r.Labels {
		labels = append(labels, obj{"id": 100 + i, "name": l, "type": "custom"})
	}
	return obj{"id": r.ID, "runner_group_id": 1, "name": r.Name, "os": orText(r.OS, "linux"), "status": state, "busy": r.Busy, "ephemeral": r.Ephemeral, "labels": labels, "version": text(r.Version)}
}

func (c *call) listRunners() answer {
	list := *c.runners()
	if want := c.query.Get("name"); want != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(r Runner) bool { return r.Name != want })
	}
	return c.keyed("runners", len(list), func(i int) any { return runnerObj(&list[i]) })
}

func (c *call) runnerIn(list []Runner) int {
	return slices.IndexFunc(list, func(r Runner) bool { return r.ID == c.pathInt("runner_id") })
}

func (c *call) getRunner() answer {
	list := *c.runners()
	if i := c.runnerIn(list); i >= 0 {
		return ok(runnerObj(&list[i]))
	}
	return *c.notFound()
}

// deleteRunner takes a runner away; one that is at work cannot be.
func (c *call) deleteRunner() answer {
	list := c.runners()
	i := c.runnerIn(*list)
	if i < 0 {
		return *c.notFound()
	}
	if (*list)[i].Busy {
		return status(http.StatusUnprocessableEntity, obj{"message": "Bad request - Runner is currently running a job and cannot be deleted.", "documentation_url": "https://docs.github.com/rest"})
	}
	id := (*list)[i].ID
	c.kill(func() { *list = slices.DeleteFunc(*list, func(r Runner) bool { return r.ID == id }) })
	return noContent
}
