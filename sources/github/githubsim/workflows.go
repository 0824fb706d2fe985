package githubsim

import (
	"slices"
	"strconv"
	"strings"
)

const workflowsPath = "/repos/{owner}/{repo}/actions/workflows/{workflow_id}"

var workflowRoutes = []route{
	{pattern: "GET " + workflowsPath, do: (*call).getWorkflow, need: need{scope: "repo", perm: "actions:read", open: true}},
	{pattern: "PUT " + workflowsPath + "/disable", do: (*call).disableWorkflow, need: need{role: roleWrite, scope: "repo", perm: "actions:write"}},
	{pattern: "PUT " + workflowsPath + "/enable", do: (*call).enableWorkflow, need: need{role: roleWrite, scope: "repo", perm: "actions:write"}},
}

const workflowsFolder = ".github/workflows/"

// flow is the workflow in the path, which is named by its number or by the name of its file; "" if there is none.
func (c *call) flow() (file string, id int64) {
	want := c.r.PathValue("workflow_id")
	n := int64(0)
	for _, f := range c.repo.files {
		name, ok := strings.CutPrefix(f, workflowsFolder)
		if !ok || strings.Contains(name, "/") || !strings.HasSuffix(name, ".yml") && !strings.HasSuffix(name, ".yaml") {
			continue
		}
		n++
		id := c.repo.ID*mostWorkflows + n
		if name == want || strconv.FormatInt(id, 10) == want {
			return f, id
		}
	}
	return "", 0
}

// mostWorkflows keeps the numbers of the workflows of two repositories apart.
const mostWorkflows = 1000

func (c *call) getWorkflow() answer {
	file, id := c.flow()
	if file == "" {
		return *c.notFound()
	}
	state := "active"
	if slices.Contains(c.repo.Disabled, file) {
		state = "disabled_manually"
	}
	name := strings.TrimPrefix(file, workflowsFolder)
	page := c.web + "/" + c.repo.full
	return ok(obj{"id": id, "node_id": nodeID("W", id), "name": name, "path": file, "state": state, "created_at": when(c.repo.Created), "updated_at": when(c.repo.Created),
		"url": c.repoURL(c.repo) + "/actions/workflows/" + num(id), "html_url": page + "/blob/" + c.repo.DefaultBranch + "/" + file,
		"badge_url": page + "/workflows/" + name + "/badge.svg"})
}

func (c *call) disableWorkflow() answer {
	file, _ := c.flow()
	if file == "" {
		return *c.notFound()
	}
	r := c.repo
	c.kill(func() {
		if !slices.Contains(r.Disabled, file) {
			r.Disabled = append(r.Disabled, file)
		}
	})
	return noContent
}

func (c *call) enableWorkflow() answer {
	file, _ := c.flow()
	if file == "" {
		return *c.notFound()
	}
	c.repo.Disabled = slices.DeleteFunc(c.repo.Disabled, func(f string) bool { return f == file })
	return noContent
}
