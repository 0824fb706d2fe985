package gitlabsim

import (
	"net/http"
	"slices"
)

// application is an OAuth application of the instance; agent connects a cluster, each with tokens of its own.
type application struct {
	Application
	id int
}

type agent struct {
	Agent
	id     int
	tokens []*agentToken
}

type agentToken struct {
	AgentToken
	id      int
	revoked bool
}

func (s *Sim) addMore(w World) {
	for _, a := range w.Applications {
		s.applications = append(s.applications, &application{a, s.id()})
	}
	for _, a := range w.Agents {
		s.place("project:" + a.Project)
		x := &agent{Agent: a, id: s.id()}
		for _, t := range a.Tokens {
			x.tokens = append(x.tokens, &agentToken{AgentToken: t, id: s.id()})
		}
		s.agents = append(s.agents, x)
	}
}

var moreRoutes = []route{
	{"GET /applications", readAPI, "admin", 0, 0, Free, (*call).applicationsList},
	{"DELETE /applications/{aid}", writeAPI, "admin", 0, 0, Free, (*call).applicationDelete},
	{"GET /projects/{id}/cluster_agents", readAPI, "project", Developer, 0, Free, (*call).agentsOf},
	{"GET /projects/{id}/cluster_agents/{aid}/tokens", readAPI, "project", Maintainer, 0, Free, (*call).agentTokens},
	{"GET /projects/{id}/cluster_agents/{aid}/tokens/{tid}", readAPI, "project", Maintainer, 0, Free, (*call).agentTokenShow},
	{"DELETE /projects/{id}/cluster_agents/{aid}/tokens/{tid}", writeAPI, "project", Maintainer, 0, Free, (*call).agentTokenRevoke},
	{"GET /projects/{id}/variables", readAPI, "project", Maintainer, 0, Free, (*call).variables},
	{"GET /projects/{id}/variables/{key}", readAPI, "project", Maintainer, 0, Free, (*call).variableShow},
	{"DELETE /projects/{id}/variables/{key}", writeAPI, "project", Maintainer, 0, Free, (*call).variableDelete},
	{"GET /groups/{id}/variables", readAPI, "group", Owner, 0, Free, (*call).variables},
	{"GET /groups/{id}/variables/{key}", readAPI, "group", Owner, 0, Free, (*call).variableShow},
	{"DELETE /groups/{id}/variables/{key}", writeAPI, "group", Owner, 0, Free, (*call).variableDelete},
}

type applicationShape struct {
	ID           int      `json:"id"`
	Client       string   `json:"application_id"`
	Name         string   `json:"application_name"`
	Callback     string   `json:"callback_url"`
	Confidential bool     `json:"confidential"`
	Scopes       []string `json:"scopes"`
}

func (c *call) applicationsList() reply {
	var out []applicationShape
	for _, a := range c.applications {
		out = append(out, applicationShape{ID: a.id, Client: made("", a.Name, 64), Name: a.Name, Callback: a.Callback, Confidential: a.Confidential, Scopes: a.Scopes})
	}
	return page(c, out, nil)
}

func (c *call) applicationDelete() reply {
	id := c.number("aid")
	i := slices.IndexFunc(c.applications, func(a *application) bool { return a.id == id })
	if i < 0 {
		return say(http.StatusNotFound, "Application Not Found")
	}
	if !c.lie.Nothing {
		c.applications = slices.Delete(c.applications, i, i+1)
	}
	return gone()
}

type agentShape struct {
	ID      int      `json:"id"`
	Name    string   `json:"name"`
	Config  identity `json:"config_project"`
	Created *string  `json:"created_at"`
	By      int      `json:"created_by_user_id"`
}

type agentTokenShape struct {
	ID          int     `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Agent       int     `json:"agent_id"`
	Status      string  `json:"status"`
	Created     *string `json:"created_at"`
	By          int     `json:"created_by_user_id"`
	LastUsed    *string `json:"last_used_at,omitempty"` // of one token alone
}

func (c *call) agentsOf() reply {
	var out []agentShape
	for _, a := range c.agents {
		if a.Project == c.project.Path {
			out = append(out, agentShape{ID: a.id, Name: a.Name, Config: c.project.identity(), Created: stamp(a.Created), By: c.userNamed(a.CreatedBy).id})
		}
	}
	return page(c, out, nil)
}

func (c *call) agentOf() *agent {
	id := c.number("aid")
	i := slices.IndexFunc(c.agents, func(a *agent) bool { return a.id == id && a.Project == c.project.Path })
	if i < 0 {
		return nil
	}
	return c.agents[i]
}

func (c *call) agentToken(a *agent, t *agentToken) agentTokenShape {
	x := agentTokenShape{ID: t.id, Name: t.Name, Agent: a.id, Status: "active", Created: stamp(t.Created), By: c.userNamed(a.CreatedBy).id}
	if t.revoked {
		x.Status = "revoked"
	}
	return x
}

// agentTokens lists those that are accepted.
func (c *call) agentTokens() reply {
	a := c.agentOf()
	if a == nil {
		return say(http.StatusNotFound, "Not found")
	}
	var out []agentTokenShape
	for _, t := range a.tokens {
		if !t.revoked {
			out = append(out, c.agentToken(a, t))
		}
	}
	return page(c, out, nil)
}

func (c *call) agentTokenOf() (*agent, *agentToken) {
	a, id := c.agentOf(), c.number("tid")
	if a == nil {
		return nil, nil
	}
	i := slices.IndexFunc(a.tokens, func(t *agentToken) bool { return t.id == id })
	if i < 0 {
		return a, nil
	}
	return a, a.tokens[i]
}

func (c *call) agentTokenShow() reply {
	a, t := c.agentTokenOf()
	if t == nil {
		return say(http.StatusNotFound, "Not found")
	}
	x := c.agentToken(a, t)
	x.LastUsed = stamp(t.LastUsed)
	return reply{http.StatusOK, x, nil}
}

func (c *call) agentTokenRevoke() reply {
	_, t := c.agentTokenOf()
	if t == nil {
		return say(http.StatusNotFound, "Not found")
	}
	t.revoked = t.revoked || !c.lie.Nothing
	return gone()
}

type variableShape struct {
	Type        string `json:"variable_type"`
	Key         string `json:"key"`
	Value       string `json:"value"`
	Hidden      bool   `json:"hidden"`
	Protected   bool   `json:"protected"`
	Masked      bool   `json:"masked"`
	Raw         bool   `json:"raw"`
	Environment string `json:"environment_scope"`
}

// stored are the variables of the place that was asked for.
func (c *call) stored() *[]Variable {
	if c.group != nil {
		return &c.group.Variables
	}
	return &c.project.Variables
}

func variable(v Variable) variableShape {
	x := variableShape{Type: "env_var", Key: v.Key, Value: v.Value, Protected: v.Protected, Masked: v.Masked || v.Hidden, Hidden: v.Hidden, Environment: v.Environment}
	if x.Environment == "" {
		x.Environment = "*"
	}
	if v.Hidden { // not even its owner reads it again
		x.Value = ""
	}
	return x
}

func (c *call) variables() reply {
	var out []variableShape
	for _, v := range *c.stored() {
		out = append(out, variable(v))
	}
	return page(c, out, nil)
}

// variableOf is the variable of a key; several of one key must be told apart by their environment.
func (c *call) variableOf() (int, *reply) {
	at, key := -1, c.r.PathValue("key")
	for i, v := range *c.stored() {
		if v.Key != key {
			continue
		}
		if at >= 0 {
			return -1, &reply{http.StatusConflict, word{Message: "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"}, nil}
		}
		at = i
	}
	if at < 0 {
		a := say(http.StatusNotFound, "Variable Not Found")
		return -1, &a
	}
	return at, nil
}

func (c *call) variableShow() reply {
	i, refused := c.variableOf()
	if refused != nil {
		return *refused
	}
	return reply{http.StatusOK, variable((*c.stored())[i]), nil}
}

func (c *call) variableDelete() reply {
	i, refused := c.variableOf()
	if refused != nil {
		return *refused
	}
	if !c.lie.Nothing {
		list := c.stored()
		*list = slices.Delete(slices.Clone(*list), i, i+1)
	}
	return gone()
}

// moreState tells whether an application, the token of an agent or a variable is still there.
func (s *Sim) moreState(name string) string {
	var have []string
	for _, a := range s.applications {
		have = append(have, a.Name)
	}
	for _, a := range s.agents {
		for _, t := range a.tokens {
			if !t.revoked {
				have = append(have, t.Name)
			}
		}
	}
	keys := func(vs []Variable) {
		for _, v := range vs {
			have = append(have, v.Key)
		}
	}
	for _, g := range s.groups {
		keys(g.Variables)
	}
	for _, p := range s.projects {
		keys(p.Variables)
	}
	if slices.Contains(have, name) {
		return "there"
	}
	return "gone"
}
