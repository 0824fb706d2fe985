package githubsim

import (
	"maps"
	"net/http"
	"slices"
)

var (
	readMembers  = need{role: roleRead, scope: "read:org", perm: "members:read"}
	writeMembers = need{role: roleAdmin, scope: "admin:org", perm: "members:write"}
)

var peopleRoutes = []route{
	{pattern: "GET /orgs/{org}/members", do: (*call).listMembers, need: need{perm: "members:read"}},
	{pattern: "GET /orgs/{org}/members/{username}", do: (*call).isMember, need: readMembers},
	{pattern: "DELETE /orgs/{org}/members/{username}", do: (*call).removeMember, need: writeMembers},
	{pattern: "GET /orgs/{org}/memberships/{username}", do: (*call).membership, need: readMembers},
	{pattern: "PUT /orgs/{org}/memberships/{username}", do: (*call).setMembership, need: writeMembers},
	{pattern: "DELETE /orgs/{org}/memberships/{username}", do: (*call).removeMember, need: writeMembers},
	{pattern: "GET /orgs/{org}/outside_collaborators", do: (*call).listOutside, need: readMembers},
	{pattern: "DELETE /orgs/{org}/outside_collaborators/{username}", do: (*call).removeOutside, need: writeMembers},
	{pattern: "GET /orgs/{org}/teams", do: (*call).listTeams, need: readMembers},
	{pattern: "GET /orgs/{org}/teams/{team_slug}/members", do: (*call).teamMembers, need: readMembers},
	{pattern: "GET /orgs/{org}/teams/{team_slug}/repos", do: (*call).teamRepos, need: readMembers},
	{pattern: "GET /repos/{owner}/{repo}/teams", do: (*call).repoTeams, need: need{role: roleRead, scope: "repo", perm: "administration:read"}},
	{pattern: "GET /repos/{owner}/{repo}/collaborators", do: (*call).collaborators, need: need{role: roleWrite, scope: "repo", perm: "metadata:read"}},
	{pattern: "DELETE /repos/{owner}/{repo}/collaborators/{username}", do: (*call).removeCollaborator, need: repoAdmin("administration:write", 0)},
	{pattern: "GET /repos/{owner}/{repo}/collaborators/{username}/permission", do: (*call).permission, need: need{role: roleWrite, scope: "repo", perm: "metadata:read"}},
}

func (c *call) listMembers() answer {
	var list []Member
	for _, m := range c.org.Members {
		if want := c.query.Get("role"); want == "admin" && !m.Owner || want == "member" && m.Owner {
			continue
		}
		list = append(list, m)
	}
	return c.list(len(list), func(i int) any { return c.user(list[i].Login) })
}

// member is the login in the path, in lower case, if it is a member's.
func (c *call) member() string {
	l := low(c.r.PathValue("username"))
	if !c.org.members[l] {
		return ""
	}
	return l
}

func (c *call) isMember() answer {
	if c.member() == "" {
		return *c.notFound()
	}
	return noContent
}

// removeMember takes a person out of the organisation, its teams and its repositories, or an invitation back.
func (c *call) removeMember() answer {
	l, o := c.member(), c.org
	if l == "" {
		l = low(c.r.PathValue("username"))
		if o.invited[l] == "" {
			return *c.notFound()
		}
		c.kill(func() { delete(o.invited, l) })
		return noContent
	}
	if o.owners[l] && len(slices.DeleteFunc(slices.Clone(o.Members), func(m Member) bool { return !m.Owner })) == 1 {
		return *c.refuse(http.StatusForbidden, "You can't remove the last owner of the organization.")
	}
	c.kill(func() { o.remove(l) })
	return noContent
}

func (o *org) remove(l string) {
	is := func(x string) bool { return low(x) == l }
	o.Org.Members = slices.DeleteFunc(o.Org.Members, func(m Member) bool { return is(m.Login) })
	delete(o.members, l)
	delete(o.owners, l)
	for _, t := range o.teams {
		t.Members = slices.DeleteFunc(slices.Clone(t.Members), is)
		t.Maintainers = slices.DeleteFunc(slices.Clone(t.Maintainers), is)
	}
	for _, r := range o.repos {
		maps.DeleteFunc(r.Collaborators, func(k string, _ string) bool { return is(k) })
	}
	o.Authorizations = slices.DeleteFunc(o.Authorizations, func(a Authorization) bool { return is(a.Login) })
	o.Grants = slices.DeleteFunc(o.Grants, func(g Grant) bool { return is(g.Owner) })
	if o.Copilot != nil {
		o.Copilot.Seats = slices.DeleteFunc(o.Copilot.Seats, func(s Seat) bool { return is(s.Login) })
	}
}

func (c *call) membership() answer {
	l := c.member()
	if invited := low(c.r.PathValue("username")); l == "" && c.org.invited[invited] != "" {
		l = invited
	}
	if l == "" {
		return *c.notFound()
	}
	return ok(c.membershipObj(l))
}

func (c *call) membershipObj(l string) obj {
	role := "member"
	if c.org.owners[l] {
		role = "admin"
	}
	state := "active"
	if as := c.org.invited[l]; as != "" {
		state, role = "pending", as
	}
	u := c.st.users[l]
	return obj{"url": c.api + "/orgs/" + c.org.Login + "/memberships/" + u.Login, "state": state, "role": role, "direct_membership": true,
		"organization_url": c.api + "/orgs/" + c.org.Login, "organization": c.orgObj(c.org), "user": c.userObj(u)}
}

func (c *call) setMembership() answer {
	var in struct {
		Role string `json:"role"`
	}
	if len(c.body) > 0 && !c.read(&in) {
		return *c.refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	name := c.r.PathValue("username")
	u, o, owner := c.st.addUser(User{Login: name}), c.org, in.Role == "admin"
	l := low(u.Login)
	if !o.members[l] {
		o.invited[l] = orText(in.Role, "member") // who is invited has still to accept
		return ok(c.membershipObj(l))
	}
	set := func() {
		for i := range o.Org.Members {
			if low(o.Org.Members[i].Login) == l {
				o.Org.Members[i].Owner = owner
			}
		}
		o.owners[l] = owner
	}
	if owner {
		set()
	} else {
		c.kill(set)
	}
	out := c.membershipObj(l)
	if in.Role != "" {
		out["role"] = in.Role
	}
	return ok(out)
}

func (c *call) listOutside() answer {
	list := c.org.Outside
	return c.list(len(list), func(i int) any { return c.user(list[i]) })
}

func (c *call) removeOutside() answer {
	l, o := low(c.r.PathValue("username")), c.org
	is := func(x string) bool { return low(x) == l }
	if o.members[l] {
		return *c.refuse(http.StatusUnprocessableEntity, "You cannot specify an organization member to remove as an outside collaborator.")
	}
	if !slices.ContainsFunc(o.Outside, is) {
		return *c.notFound()
	}
	c.kill(func() {
		o.Org.Outside = slices.DeleteFunc(o.Org.Outside, is)
		o.remove(l)
	})
	return noContent
}

func (o *org) team(slug string) *team {
	for _, t := range o.teams {
		if slug != "" && low(t.Slug) == low(slug) {
			return t
		}
	}
	return nil
}

func (c *call) teamObj(t *team) obj {
	own := c.api + "/organizations/" + num(c.org.ID) + "/team/" + num(t.ID)
	o := obj{"id": t.ID, "node_id": nodeID("T", t.ID), "name": t.Name, "slug": t.Slug, "description": nil, "privacy": "closed", "notification_setting": "notifications_enabled",
		"permission": "pull", "url": own, "html_url": c.web + "/orgs/" + c.org.Login + "/teams/" + t.Slug, "members_url": own + "/members{/member}",
		"repositories_url": own + "/repos", "type": "organization", "organization_id": c.org.ID, "parent": nil}
	if p := c.org.team(t.Parent); p != nil {
		parent := c.teamObj(p)
		delete(parent, "parent")
		o["parent"] = parent
	}
	return o
}

func (c *call) listTeams() answer {
	list := c.org.teams
	return c.list(len(list), func(i int) any { return c.teamObj(list[i]) })
}

func (c *call) teamMembers() answer {
	t := c.org.team(c.r.PathValue("team_slug"))
	if t == nil {
		return *c.notFound()
	}
	var list []string
	if want := c.query.Get("role"); want != "member" {
		list = append(list, t.Maintainers...)
	}
	if want := c.query.Get("role"); want != "maintainer" {
		list = append(list, t.Members...)
	}
	return c.list(len(list), func(i int) any { return c.userObj(c.st.addUser(User{Login: list[i]})) })
}

func (c *call) teamRepos() answer {
	t := c.org.team(c.r.PathValue("team_slug"))
	if t == nil {
		return *c.notFound()
	}
	repos := c.org.pick(slices.Sorted(maps.Keys(t.Repos)))
	return c.list(len(repos), func(i int) any {
		o := c.repoSome(repos[i])
		x := roles[t.Repos[repos[i].Name]]
		o["permissions"], o["role_name"] = permissions(x), roleNames[x]
		return c.repoJSON(repos[i], o)
	})
}

func (c *call) repoTeams() answer {
	var list []*team
	for _, t := range c.org.teams {
		if t.Repos[c.repo.Name] != "" {
			list = append(list, t)
		}
	}
	return c.list(len(list), func(i int) any {
		o := c.teamObj(list[i])
		o["permission"], o["permissions"] = list[i].Repos[c.repo.Name], permissions(roles[list[i].Repos[c.repo.Name]])
		return o
	})
}

// collaborators are all who reach the repository, in the order of their names; with affiliation "direct" or "outside" those
// who were named for it.
func (c *call) collaborators() answer {
	names := slices.Sorted(maps.Keys(c.repo.Collaborators))
	switch c.query.Get("affiliation") {
	case "direct":
	case "outside":
		names = slices.DeleteFunc(names, func(n string) bool { return c.org.members[low(n)] })
	default:
		for _, m := range c.org.Members {
			if c.repo.roleOf(m.Login) > roleNone && !slices.Contains(names, m.Login) {
				names = append(names, m.Login)
			}
		}
		slices.Sort(names)
	}
	if want := roles[c.query.Get("permission")]; want > roleNone {
		names = slices.DeleteFunc(names, func(n string) bool { return c.repo.roleOf(n) < want })
	}
	return c.list(len(names), func(i int) any { return c.collaborator(names[i]) })
}

func (c *call) collaborator(login string) obj {
	o := c.userObj(c.st.addUser(User{Login: login}))
	x := c.repo.roleOf(login)
	o["permissions"], o["role_name"] = permissions(x), roleNames[x]
	return o
}

func (c *call) permission() answer {
	u := c.st.users[low(c.r.PathValue("username"))]
	if u == nil {
		return *c.notFound()
	}
	x := c.repo.roleOf(u.Login)
	base := map[role]string{roleTriage: "read", roleMaintain: "write"}[x] // the field has the old roles only
	return ok(obj{"permission": orText(base, roleNames[x]), "role_name": roleNames[x], "user": c.collaborator(u.Login)})
}

func (c *call) removeCollaborator() answer {
	l, r := low(c.r.PathValue("username")), c.repo
	c.kill(func() { maps.DeleteFunc(r.Collaborators, func(k string, _ string) bool { return low(k) == l }) })
	return noContent
}
