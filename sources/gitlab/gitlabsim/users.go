package gitlabsim

import (
	"net/http"
	"slices"
	"strings"
)

func (c *call) metadata() reply {
	v := c.world.Version
	if v == "" {
		v = "19.1.0-ee"
	}
	return reply{http.StatusOK, map[string]any{"version": v, "revision": "fa4e0001", "kas": map[string]any{"enabled": false, "externalUrl": nil, "version": nil},
		"enterprise": strings.HasSuffix(v, "-ee")}, nil}
}

func (c *call) me() reply {
	x := c.full(c.user)
	return reply{http.StatusOK, x, nil}
}

func (c *call) usersList() reply {
	q := c.r.URL.Query()
	var out []any
	for _, u := range c.users {
		switch {
		case u.gone, q.Get("username") != "" && u.Username != q.Get("username"):
		case c.is("active") && u.state != "active", c.is("blocked") && u.state != "blocked":
		case c.is("humans") && (u.bot || u.Service != ""), c.is("without_project_bots") && u.bot:
		case c.admin(c.user):
			out = append(out, c.full(u))
		default:
			out = append(out, c.basic(u))
		}
	}
	return page(c, out, nil)
}

func (c *call) userOf(id int) *user {
	i := slices.IndexFunc(c.users, func(u *user) bool { return u.id == id && !u.gone })
	if i < 0 {
		return nil
	}
	return c.users[i]
}

func (c *call) userByID() reply {
	u := c.userOf(c.number("uid"))
	if u == nil {
		return say(http.StatusNotFound, "User Not Found")
	}
	return reply{http.StatusOK, c.full(u), nil}
}

// block: 201 with true; what is blocked already, too. Source: lib/api/users.rb.
func (c *call) block() reply {
	u := c.userOf(c.number("uid"))
	switch {
	case u == nil:
		return say(http.StatusNotFound, "User Not Found")
	case u == c.user:
		return say(http.StatusForbidden, "Forbidden - The API initiating user cannot be blocked by the API")
	case u.state == "ldap_blocked":
		return say(http.StatusForbidden, "Forbidden - LDAP blocked users cannot be modified by the API")
	}
	if !c.lie.Nothing {
		u.state = "blocked"
	}
	return reply{http.StatusCreated, true, nil}
}

func (c *call) unblock() reply {
	u := c.userOf(c.number("uid"))
	switch {
	case u == nil:
		return say(http.StatusNotFound, "User Not Found")
	case u.state == "ldap_blocked":
		return say(http.StatusForbidden, "Forbidden - LDAP blocked users cannot be unblocked by the API")
	case u.state == "deactivated":
		return say(http.StatusForbidden, "Forbidden - Deactivated users cannot be unblocked by the API")
	}
	u.state = "active"
	return reply{http.StatusCreated, true, nil}
}

func (c *call) userDelete() reply {
	u := c.userOf(c.number("uid"))
	if u == nil {
		return say(http.StatusNotFound, "User Not Found")
	}
	c.remove(u)
	return gone()
}

// remove takes a user with all memberships and tokens away.
func (s *Sim) remove(u *user) {
	u.gone = true
	for _, g := range s.groups {
		delete(g.Members, u.Username)
	}
	for _, p := range s.projects {
		delete(p.Members, u.Username)
	}
}

// serviceAccounts of the place that was asked for; of the instance without one.
func (c *call) serviceAccounts() reply {
	var out []serviceAccount
	for _, u := range c.users {
		if c.isService(u) {
			out = append(out, serviceAccount{ID: u.id, Username: u.Username, Name: u.Name, Email: u.Email})
		}
	}
	return page(c, out, nil)
}

func (c *call) isService(u *user) bool {
	return u.Service != "" && !u.gone && u.group == c.group && u.proj == c.project
}

// service finds the service account that was asked for.
func (c *call) service() *user {
	u := c.userOf(c.number("uid"))
	if u == nil || !c.isService(u) {
		return nil
	}
	return u
}

func (c *call) serviceAccountDelete() reply {
	u := c.service()
	if u == nil {
		return say(http.StatusNotFound, "User Not Found")
	}
	if !c.lie.Nothing {
		c.remove(u)
	}
	return gone()
}

func (c *call) serviceTokens() reply {
	u := c.service()
	if u == nil {
		return say(http.StatusNotFound, "User Not Found")
	}
	return c.patPage(c.pick(func(t *token) bool { return t.user == u }))
}

func (c *call) serviceToken() *token {
	u := c.service()
	if u == nil {
		return nil
	}
	return c.resourceNamed(func(t *token) bool { return t.user == u })
}

func (c *call) serviceTokenRevoke() reply { return c.revokeOr404(c.serviceToken()) }

func (c *call) serviceTokenRotate() reply {
	t := c.serviceToken()
	if t == nil {
		return say(http.StatusNotFound, "")
	}
	return c.rotate(t, http.StatusCreated)
}

// direct are the members of the place that was asked for.
func (c *call) direct() map[string]Access {
	if c.project != nil {
		return c.project.Members
	}
	return c.group.Members
}

func (c *call) memberShape(u *user, level Access) member {
	x := member{userBasic: c.basic(u), AccessLevel: int(level), Created: stamp(u.Created), Membership: "active"}
	for _, t := range c.tokens {
		if t.user == u && t.CreatedBy != "" {
			by := c.basic(c.userNamed(t.CreatedBy))
			x.CreatedBy = &by
		}
	}
	if c.admin(c.user) || c.world.SaaS && c.group != nil && c.level(c.user, c.group) == Owner {
		x.Email = u.Email
	}
	return x
}

func (c *call) membersOf(levels map[string]Access) reply {
	var out []member
	for _, u := range c.users {
		if l := levels[u.Username]; l > NoAccess && !u.gone {
			out = append(out, c.memberShape(u, l))
		}
	}
	return page(c, out, nil)
}

func (c *call) members() reply { return c.membersOf(c.direct()) }

// membersAll counts those of the groups above, with the highest role.
func (c *call) membersAll() reply {
	levels := map[string]Access{}
	add := func(m map[string]Access) {
		for name, l := range m {
			levels[name] = max(levels[name], l)
		}
	}
	g := c.group
	if c.project != nil {
		add(c.project.Members)
		g = c.project.group
	}
	for ; g != nil; g = g.parent {
		add(g.Members)
	}
	return c.membersOf(levels)
}

func (c *call) memberShow() reply {
	u := c.userOf(c.number("uid"))
	if u == nil || c.direct()[u.Username] == NoAccess {
		return say(http.StatusNotFound, "Not found")
	}
	return reply{http.StatusOK, c.memberShape(u, c.direct()[u.Username]), nil}
}

type wantMember struct {
	UserID int `json:"user_id"`
	Level  int `json:"access_level"`
}

func (c *call) memberAdd() reply {
	var want wantMember
	c.body(&want)
	u := c.userOf(want.UserID)
	switch {
	case u == nil:
		return say(http.StatusNotFound, "User Not Found")
	case c.direct()[u.Username] > NoAccess:
		return reply{http.StatusConflict, word{Message: "Member already exists"}, nil}
	}
	c.direct()[u.Username] = Access(want.Level)
	return reply{http.StatusCreated, c.memberShape(u, Access(want.Level)), nil}
}

// memberChange: the membership of the bot of an access token is GitLab's own, and cannot be changed.
func (c *call) memberChange() reply {
	var want wantMember
	c.body(&want)
	u := c.userOf(c.number("uid"))
	switch {
	case u == nil || c.direct()[u.Username] == NoAccess:
		return say(http.StatusNotFound, "Not found")
	case u.bot:
		return say(http.StatusForbidden, "")
	case want.Level == 0:
		return reply{http.StatusBadRequest, word{Error: "access_level is missing"}, nil}
	}
	if !c.lie.Nothing {
		c.direct()[u.Username] = Access(want.Level)
	}
	return reply{http.StatusOK, c.memberShape(u, Access(want.Level)), nil}
}

func (c *call) memberDelete() reply {
	u := c.userOf(c.number("uid"))
	switch {
	case u == nil || c.direct()[u.Username] == NoAccess:
		return say(http.StatusNotFound, "Not found")
	case u.bot:
		return say(http.StatusForbidden, "")
	}
	delete(c.direct(), u.Username)
	return gone()
}
