package gitea

import (
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// org is an organisation.
type org struct {
	name    string
	teams   []*team
	noTeams error // why they are not known
	secrets int   // of Actions, that each of its repositories gets; -1: not known
}

type team struct {
	teamAnswer
	members map[string]bool // logins, in lower case
	repos   map[int64]bool
}

// organisations reads who is in which team, and what each organisation gives to its pipelines.
func (c *collection) organisations() error {
	c.sink.Progress("reading organisations")
	path := "/orgs"
	if !c.admin { // of those that it is in alone it would be told more
		path = "/user/orgs"
	}
	err := chunks(list[orgAnswer](c.ctx, c.api, ask{path: path}), pageSize, func(os []orgAnswer) error {
		for _, o := range os {
			if err := c.organisation(o.Name); err != nil {
				return err
			}
		}
		return nil
	})
	return c.ofList(path, "the organisations", err)
}

// instanceRunners reads the runners that every repository may use. The list has all others too, without saying whose they
// are, so that it comes last.
func (c *collection) instanceRunners() error {
	if !c.admin {
		return nil
	}
	return c.runnersOf("/admin/actions/runners", c.s.host, "the runners of the instance")
}

func (c *collection) organisation(name string) error {
	o := &org{name: name, secrets: -1}
	c.orgs[key(name)] = o
	teams := httpx.Path("/orgs/%s/teams", name)
	list, err := all[teamAnswer](c.ctx, c.api, ask{path: teams})
	if err != nil {
		o.noTeams = err
		return c.lose(missed{teams, "the teams", name, err})
	}
	c.read(teams)
	for _, t := range list {
		if err := c.team(o, t); err != nil {
			return err
		}
	}
	secrets := httpx.Path("/orgs/%s/actions/secrets", name)
	names, err := all[secretAnswer](c.ctx, c.api, ask{path: secrets})
	if err != nil {
		if err := c.lose(missed{secrets, "the names of the Actions secrets", name, err}); err != nil {
			return err
		}
	} else {
		c.read(secrets)
		o.secrets = len(names)
		c.stored(secrets, c.s.host+"/"+name, names)
	}
	return c.runnersOf(httpx.Path("/orgs/%s/actions/runners", name), c.s.host+"/"+name, "the runners of "+name)
}

// runnersOf reads a list of runners. Servers before 1.24, and Forgejo, do not have it.
func (c *collection) runnersOf(at, of, what string) error {
	runners, err := c.api.runners(c.ctx, at)
	switch {
	case httpx.Status(err) == http.StatusNotFound:
		c.skip(at, inventory.LookedVersion, "this server does not tell "+what)
	case err != nil:
		return c.lose(missed{path: at, what: what, err: err})
	default:
		c.read(at)
		c.machines(at, of, runners)
	}
	return nil
}

// team reads who is in a team, and which repositories are its.
func (c *collection) team(o *org, answer teamAnswer) error {
	t := &team{teamAnswer: answer, members: map[string]bool{}, repos: map[int64]bool{}}
	o.teams = append(o.teams, t)
	base := "/teams/" + itoa(answer.ID)
	who, err := all[userAnswer](c.ctx, c.api, ask{path: base + "/members"})
	if err != nil {
		o.noTeams = err
		return c.lose(missed{base + "/members", "the members of a team", o.name + "/" + answer.Name, err})
	}
	for _, u := range who {
		t.members[key(u.Login)] = true
		if _, err := c.found(u); err != nil {
			return err
		}
	}
	if t.All {
		return nil
	}
	for r, err := range list[repoAnswer](c.ctx, c.api, ask{path: base + "/repos"}) {
		if err != nil {
			o.noTeams = err
			return c.lose(missed{base + "/repos", "the repositories of a team", o.name + "/" + answer.Name, err})
		}
		t.repos[r.ID] = true
	}
	return nil
}

// access is what an account may do in a repository. Gitea tells access to the code from that to pull requests and Actions,
// where a team grants by units.
type access struct {
	code, pulls, actions, packages forge.Access
	admin, owner                   bool
	how                            []string // in words
	teams                          []string // of the repository's owner, that it is in
}

var levels = map[string]forge.Access{"read": forge.Read, "write": forge.Write, "admin": forge.Admin, "owner": forge.Admin}

// grant adds a level for the repository as a whole. Packages belong to its owner: a collaborator gets none.
func (x *access) grant(level, how string, packages bool) {
	l := levels[level]
	if l == forge.None {
		return
	}
	x.code, x.pulls, x.actions = max(x.code, l), max(x.pulls, l), max(x.actions, l)
	if packages {
		x.packages = max(x.packages, l)
	}
	x.admin, x.owner = x.admin || l == forge.Admin, x.owner || level == "owner"
	x.how = append(x.how, how)
}

// ofTeam adds what a team gives.
func (x *access) ofTeam(o *org, t *team) {
	x.teams = append(x.teams, t.Name)
	how := "team " + o.name + "/" + t.Name
	if levels[t.Permission] == forge.Admin {
		x.grant(t.Permission, how+" ("+t.Permission+")", true)
		return
	}
	units := []string{}
	for _, u := range []struct {
		name string
		to   *forge.Access
	}{{"repo.code", &x.code}, {"repo.pulls", &x.pulls}, {"repo.actions", &x.actions}, {"repo.packages", &x.packages}} {
		if l := levels[t.Units[u.name]]; l > forge.None {
			*u.to = max(*u.to, l)
			units = append(units, strings.TrimPrefix(u.name, "repo.")+" "+t.Units[u.name])
		}
	}
	if len(units) > 0 {
		x.how = append(x.how, how+" ("+strings.Join(units, ", ")+")")
	}
}

// teamsOf are the teams through which an account comes to a repository.
func (o *org) teamsOf(login string, repo int64) []*team {
	if o == nil {
		return nil
	}
	var out []*team
	for _, t := range o.teams {
		if t.members[key(login)] && (t.All || t.repos[repo]) {
			out = append(out, t)
		}
	}
	return out
}

// members are the logins of everybody whom a team brings to a repository.
func (o *org) membersAt(repo int64) []string {
	if o == nil {
		return nil
	}
	var out []string
	for _, t := range o.teams {
		if t.All || t.repos[repo] {
			for m := range t.members {
				out = append(out, m)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
