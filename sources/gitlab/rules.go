package gitlab

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// rules is what stands in the way of who may write to a project.
type rules struct {
	asked            bool
	branches         []branchShape
	branchesUnknown  string
	environments     []environmentShape
	protected        []protectedEnvShape
	envUnknown       string
	approvals        *approvalsShape
	approvalRules    []ruleShape
	approvalsUnknown string
	users            map[int]bool // accounts that the rules name
	teams            []int        // groups that they name
}

// named is the account if the rules name it, else 0: accounts that no rule names are alike.
func (r *rules) named(user int) int {
	if r.users[user] {
		return user
	}
	return 0
}

// fetchRules asks for the rules of a project.
func (c *collection) fetchRules(ctx context.Context, p *project) {
	r := &p.rules
	r.asked, r.users = true, map[int]bool{}
	at := func(rest string) string { return projectPath(p.ID, rest) }
	why := func(path string, ok bool) string {
		if ok {
			return ""
		}
		return p.part.last(c.s.http.URL(path))
	}
	var ok bool
	r.branches, ok = all[branchShape](ctx, c, p.part, at("/protected_branches"), nil)
	r.branchesUnknown = why(at("/protected_branches"), ok)
	r.environments, ok = all[environmentShape](ctx, c, p.part, at("/environments"), url.Values{"states": {"available"}})
	r.envUnknown = why(at("/environments"), ok)
	if c.enterprise {
		c.fetchApprovals(ctx, p, at, why)
	}
	for _, b := range r.branches {
		r.name(b.Push, b.Merge)
	}
	for _, e := range r.protected {
		r.name(e.Deploy)
	}
}

// fetchApprovals asks for what only Premium and Ultimate have. 404 means that there is no such rule.
func (c *collection) fetchApprovals(ctx context.Context, p *project, at func(string) string, why func(string, bool) string) {
	r := &p.rules
	var ok bool
	r.protected, ok = all[protectedEnvShape](ctx, c, p.part, at("/protected_environments"), nil)
	r.envUnknown = cmp.Or(r.envUnknown, why(at("/protected_environments"), ok))
	r.approvalRules, ok = all[ruleShape](ctx, c, p.part, at("/approval_rules"), nil)
	r.approvalsUnknown = why(at("/approval_rules"), ok)
	if len(r.approvalRules) == 0 {
		return
	}
	r.approvals = one[approvalsShape](ctx, c, p.part, at("/approvals"), nil)
	r.approvalsUnknown = cmp.Or(r.approvalsUnknown, why(at("/approvals"), r.approvals != nil))
}

// last is why a place was not read; "" where it is absent.
func (l *looks) last(url string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range slices.Backward(l.list) {
		if x.Path == url {
			if x.State == inventory.LookedAbsent {
				return ""
			}
			return x.Reason
		}
	}
	return "not asked"
}

// name notes whom a rule names.
func (r *rules) name(lists ...[]accessShape) {
	for _, l := range lists {
		for _, a := range l {
			if a.UserID != 0 {
				r.users[a.UserID] = true
			}
			if a.GroupID != 0 && !slices.Contains(r.teams, a.GroupID) {
				r.teams = append(r.teams, a.GroupID)
			}
		}
	}
}

const defaultPipeline = ".gitlab-ci.yml"

// fetchPipeline asks for the pipeline definition of a project. One without is no failure.
func (c *collection) fetchPipeline(ctx context.Context, p *project) {
	if !c.s.opt.Pipelines || p.Empty || p.Builds == "disabled" || p.DefaultBranch == "" {
		return
	}
	p.pipelineFile = cmp.Or(p.CIConfigPath, defaultPipeline)
	if strings.Contains(p.pipelineFile, "://") || strings.Contains(p.pipelineFile, "@") {
		p.part.add(c.filePath(p, p.pipelineFile), inventory.LookedSkipped, "the pipeline of "+p.Path+" is kept elsewhere: it is not followed")
		p.pipelineFile = ""
		return
	}
	data, err := c.file(ctx, p, p.pipelineFile)
	switch {
	case err == nil:
		p.pipeline = data
		p.part.read(c.filePath(p, p.pipelineFile))
	case httpx.Status(err) == http.StatusNotFound:
		p.part.add(c.filePath(p, p.pipelineFile), inventory.LookedAbsent, "no pipeline")
	default:
		p.pipelineErr = err
		p.part.failed(c.filePath(p, p.pipelineFile), err)
	}
}

func (c *collection) filePath(p *project, file string) string {
	return projectPath(p.ID, httpx.Path("/repository/files/%s/raw", file))
}

// file reads a file of the default branch.
func (c *collection) file(ctx context.Context, p *project, file string) ([]byte, error) {
	var data []byte
	_, err := c.s.http.Get(ctx, c.filePath(p, file), url.Values{"ref": {p.DefaultBranch}}, &data)
	return data, err
}
