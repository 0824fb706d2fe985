package giteasim

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (c *call) wireOrg(o *user) wireOrg {
	w := c.wireUser(o)
	return wireOrg{ID: o.id, Name: o.Name, Username: o.Name, AvatarURL: w.AvatarURL, Visibility: o.vis}
}

func (c *call) listOrgs() {
	var seen []*user
	for _, u := range c.s.users {
		if u.org && (u.vis == "public" || c.siteAdmin() || c.doer != nil && c.s.inOrg(c.doer, u)) {
			seen = append(seen, u)
		}
	}
	slices.SortFunc(seen, func(a, b *user) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	list := []wireOrg{}
	for _, o := range page(c, seen, true) {
		list = append(list, c.wireOrg(o))
	}
	c.answer(200, list)
}

func (c *call) myOrgs() {
	var mine []*user
	for _, u := range c.s.users {
		if u.org && c.s.inOrg(c.doer, u) {
			mine = append(mine, u)
		}
	}
	list := []wireOrg{}
	for _, o := range page(c, mine, true) {
		list = append(list, c.wireOrg(o))
	}
	c.answer(200, list)
}

func (c *call) makeOrg() {
	var in struct{ Username, Visibility string }
	if !c.read(&in) {
		return
	}
	if c.s.user(in.Username) != nil {
		c.refuse(http.StatusUnprocessableEntity, fmt.Sprintf("user already exists [name: %s]", in.Username))
		return
	}
	c.answer(http.StatusCreated, c.wireOrg(c.s.addOrg(Org{Name: in.Username, Visibility: in.Visibility, Owners: []string{c.doer.Name}})))
}

func (c *call) deleteOrg() {
	if slices.ContainsFunc(c.s.repos, func(r *repo) bool { return r.owner == c.target }) {
		c.refuse(http.StatusInternalServerError, "user still has ownership of repositories")
		return
	}
	c.s.drop(c.target)
	c.done(http.StatusNoContent)
}

// wireTeam tells of a team. One that grants by units has the permission none.
func (t *team) wire() wireTeam {
	m := t.units()
	p := t.Permission
	if modes[p] < modeAdmin {
		p = "none"
	}
	return wireTeam{ID: t.id, Name: t.Name, All: t.All, Permission: p, Units: slices.Sorted(maps.Keys(m)), UnitsMap: m, CanCreate: modes[p] == modeOwner}
}

func (c *call) orgTeams() {
	var ts []*team
	for _, t := range c.s.teams {
		if t.org == c.target {
			ts = append(ts, t)
		}
	}
	slices.SortFunc(ts, func(a, b *team) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	list := []wireTeam{}
	for _, t := range page(c, ts, false) {
		list = append(list, t.wire())
	}
	c.answer(200, list)
}

// repoTeams tells all teams at once, without pages.
func (c *call) repoTeams() {
	if !c.repo.owner.org {
		c.refuse(http.StatusMethodNotAllowed, "repo is not owned by an organization")
		return
	}
	list := []wireTeam{}
	for _, t := range c.s.teams {
		if t.org == c.repo.owner && (t.All || slices.Contains(t.Repos, c.repo.Name)) {
			list = append(list, t.wire())
		}
	}
	c.answer(200, list)
}

func (c *call) makeTeam() {
	var in struct {
		Name, Permission string
		All              bool `json:"includes_all_repositories"`
		Units            []string
		UnitsMap         map[string]string `json:"units_map"`
	}
	if !c.read(&in) {
		return
	}
	if len(in.UnitsMap) == 0 && len(in.Units) > 0 {
		in.UnitsMap = map[string]string{}
		for _, u := range in.Units {
			in.UnitsMap[u] = in.Permission
		}
	}
	t := c.s.addTeam(c.target, Team{Name: in.Name, Permission: in.Permission, All: in.All, Units: in.UnitsMap})
	w := t.wire()
	o := c.wireOrg(c.target)
	w.Organization = &o
	c.answer(http.StatusCreated, w)
}

func (c *call) teamMembers() {
	var us []*user
	for _, u := range c.s.users {
		if c.team.has(u) {
			us = append(us, u)
		}
	}
	c.answer(200, c.wireUsers(page(c, us, false)))
}

func (c *call) addMember() {
	if u := c.collaborator(); u != nil {
		if !c.team.has(u) {
			c.team.Members = append(c.team.Members, u.Name)
		}
		c.done(http.StatusNoContent)
	}
}

func (c *call) dropMember() {
	if u := c.collaborator(); u != nil {
		c.team.Members = slices.DeleteFunc(c.team.Members, func(n string) bool { return strings.EqualFold(n, u.Name) })
		c.done(http.StatusNoContent)
	}
}

func (c *call) teamRepos() {
	var rs []*repo
	for _, r := range c.s.repos {
		if r.owner == c.team.org && (c.team.All || slices.Contains(c.team.Repos, r.Name)) {
			rs = append(rs, r)
		}
	}
	list := []wireRepo{}
	for _, r := range page(c, rs, false) {
		list = append(list, c.wireRepo(r))
	}
	c.answer(200, list)
}

func (c *call) addTeamRepo() {
	if name := c.r.PathValue("reponame"); !slices.Contains(c.team.Repos, name) {
		c.team.Repos = append(c.team.Repos, name)
	}
	c.done(http.StatusNoContent)
}
