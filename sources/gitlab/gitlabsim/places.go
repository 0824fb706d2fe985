package gitlabsim

import (
	"net/http"
	"strings"
)

type groupShape struct {
	ID       int    `json:"id"`
	WebURL   string `json:"web_url"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	Visible  string `json:"visibility"`
	FullName string `json:"full_name"`
	FullPath string `json:"full_path"`
	ParentID *int   `json:"parent_id"`
	Duo      *bool  `json:"duo_features_enabled,omitempty"`
	LockDuo  *bool  `json:"lock_duo_features_enabled,omitempty"`
}

func (c *call) groupShape(g *group) groupShape {
	x := groupShape{ID: g.id, WebURL: c.web("groups/" + g.Path), Name: g.Path[strings.LastIndexByte(g.Path, '/')+1:], Visible: "private", FullName: strings.ReplaceAll(g.Path, "/", " / "), FullPath: g.Path}
	x.Path = x.Name
	if g.parent != nil {
		x.ParentID = &g.parent.id
	}
	if c.world.Plan <= Premium {
		on, lock := !c.duoOff(g), false
		x.Duo, x.LockDuo = &on, &lock
	}
	return x
}

// duoOff reports whether Duo is off for a group, by itself or by one above it.
func (s *Sim) duoOff(g *group) bool {
	for ; g != nil; g = g.parent {
		if g.duoOff {
			return true
		}
	}
	return false
}

func (c *call) groupPage(keep func(*group) bool) reply {
	var out []groupShape
	for _, g := range c.groups {
		if keep(g) {
			out = append(out, c.groupShape(g))
		}
	}
	return page(c, out, func(g groupShape) int { return g.ID })
}

func (c *call) groupsList() reply {
	least := Access(atoi(c.r.URL.Query().Get("min_access_level"), 0))
	all := c.admin(c.user) && least == 0 || c.is("all_available")
	return c.groupPage(func(g *group) bool {
		l := c.level(c.user, g)
		return (all && c.admin(c.user) || l > NoAccess && l >= least) && (!c.is("top_level_only") || g.parent == nil)
	})
}

func (c *call) groupShow() reply { return reply{http.StatusOK, c.groupShape(c.group), nil} }

func (c *call) groupChange() reply {
	var want struct {
		Duo *bool `json:"duo_features_enabled"`
	}
	c.body(&want)
	if want.Duo != nil && !c.lie.Nothing {
		c.group.duoOff = !*want.Duo
	}
	return c.groupShow()
}

func (c *call) descendants() reply {
	return c.groupPage(func(g *group) bool { return strings.HasPrefix(g.Path, c.group.Path+"/") })
}

type projectShape struct {
	identity
	Created       *string  `json:"created_at"`
	DefaultBranch *string  `json:"default_branch"`
	WebURL        string   `json:"web_url"`
	Visibility    string   `json:"visibility"`
	Namespace     spaceRef `json:"namespace"`
	Empty         bool     `json:"empty_repo"`
	Archived      bool     `json:"archived"`
	SharedRunners bool     `json:"shared_runners_enabled"`
	CIConfigPath  *string  `json:"ci_config_path"`
	Builds        string   `json:"builds_access_level"`
	Infra         string   `json:"infrastructure_access_level"`
	PublicJobs    bool     `json:"public_jobs"`
	MustPass      bool     `json:"only_allow_merge_if_pipeline_succeeds"`
	MergeMethod   string   `json:"merge_method"`
	JobTokenPush  bool     `json:"ci_push_repository_for_job_token_allowed"`
	Flows         *bool    `json:"duo_remote_flows_enabled,omitempty"`
	Shared        []shared `json:"shared_with_groups"`
}

type shared struct {
	GroupID int    `json:"group_id"`
	Name    string `json:"group_name"`
	Path    string `json:"group_full_path"`
	Level   int    `json:"group_access_level"`
}

type spaceRef struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	Kind     string `json:"kind"`
	FullPath string `json:"full_path"`
	ParentID *int   `json:"parent_id"`
}

func (c *call) projectShape(p *project) projectShape {
	x := projectShape{identity: p.identity(), Created: stamp(p.Created), WebURL: c.web(p.Path), Visibility: p.Visibility, Empty: p.Empty, Archived: p.Archived,
		SharedRunners: true, Builds: "enabled", Infra: "enabled", MustPass: p.PipelineMust, MergeMethod: "merge", JobTokenPush: p.JobTokenPush}
	x.Namespace = spaceRef{ID: p.group.id, Name: p.group.Path, Path: p.group.Path[strings.LastIndexByte(p.group.Path, '/')+1:], Kind: "group", FullPath: p.group.Path}
	if p.group.parent != nil {
		x.Namespace.ParentID = &p.group.parent.id
	}
	if !p.Empty {
		x.DefaultBranch = &p.DefaultBranch
	}
	if p.CIConfigPath != "" {
		x.CIConfigPath = &p.CIConfigPath
	}
	if c.world.Plan <= Premium {
		on := !p.noFlows && !c.duoOff(p.group)
		x.Flows = &on
	}
	x.Shared = []shared{}
	for _, g := range c.groups {
		if l := p.SharedWith[g.Path]; l > NoAccess {
			x.Shared = append(x.Shared, shared{g.id, g.Path[strings.LastIndexByte(g.Path, '/')+1:], g.Path, int(l)})
		}
	}
	return x
}

func (c *call) projectPage(keep func(*project) bool) reply {
	var out []*project
	for _, p := range c.projects {
		if keep(p) && (c.r.URL.Query().Get("archived") == "" || p.Archived == c.is("archived")) {
			out = append(out, p)
		}
	}
	a := page(c, out, func(p *project) int { return p.id })
	if ps, ok := a.body.([]*project); ok {
		shapes := make([]projectShape, 0, len(ps))
		for _, p := range ps {
			shapes = append(shapes, c.projectShape(p))
		}
		a.body = shapes
	}
	return a
}

func (c *call) projectsList() reply {
	least := Access(atoi(c.r.URL.Query().Get("min_access_level"), 0))
	return c.projectPage(func(p *project) bool {
		l := c.Sim.on(c.user, p)
		if c.is("membership") || least > 0 {
			return l > NoAccess && l >= least
		}
		return c.sees(c.user, p)
	})
}

func (c *call) groupProjects() reply {
	return c.projectPage(func(p *project) bool {
		return p.group == c.group || c.is("include_subgroups") && strings.HasPrefix(p.Path, c.group.Path+"/")
	})
}

type reachedGroup struct {
	ID       int    `json:"id"`
	WebURL   string `json:"web_url"`
	Name     string `json:"name"`
	ParentID *int   `json:"parent_id"`
	Level    int    `json:"access_levels"`
	Visible  string `json:"visibility"`
}

type reachedProject struct {
	identity
	WebURL  string `json:"web_url"`
	Level   int    `json:"access_levels"`
	Visible string `json:"visibility"`
}

// associations are the groups and projects that the caller's token reaches.
func (c *call) associations() reply {
	least := Access(atoi(c.r.URL.Query().Get("min_access_level"), int(Guest)))
	groups, projects := []reachedGroup{}, []reachedProject{}
	for _, g := range c.groups {
		if l := c.level(c.user, g); l >= least {
			x := c.groupShape(g)
			groups = append(groups, reachedGroup{x.ID, x.WebURL, x.Name, x.ParentID, int(l), x.Visible})
		}
	}
	for _, p := range c.projects {
		if l := c.Sim.on(c.user, p); l >= least {
			projects = append(projects, reachedProject{p.identity(), c.web(p.Path), int(l), p.Visibility})
		}
	}
	return reply{http.StatusOK, map[string]any{"groups": groups, "projects": projects}, nil}
}

func (c *call) projectShow() reply { return reply{http.StatusOK, c.projectShape(c.project), nil} }

func (c *call) projectChange() reply {
	var want struct {
		Flows *bool `json:"duo_remote_flows_enabled"`
	}
	c.body(&want)
	if want.Flows != nil && !c.lie.Nothing {
		c.project.noFlows = !*want.Flows
	}
	return c.projectShow()
}

// rawFile answers with a file of the default branch.
func (c *call) rawFile() reply {
	ref := c.r.URL.Query().Get("ref")
	if c.project.Empty || ref != "" && ref != "HEAD" && ref != c.project.DefaultBranch {
		return say(http.StatusNotFound, "Commit Not Found")
	}
	if c.project.Visibility == "private" && c.Sim.on(c.user, c.project) < Reporter {
		return say(http.StatusForbidden, "")
	}
	text, ok := c.project.Files[c.r.PathValue("file")]
	if !ok {
		return say(http.StatusNotFound, "File Not Found")
	}
	return reply{http.StatusOK, raw(text), nil}
}
