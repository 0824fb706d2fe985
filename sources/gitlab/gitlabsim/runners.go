package gitlabsim

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// staleAfter is when a runner that says nothing is offline.
const staleAfter = 2 * time.Hour

func (c *call) runner(r *runner) runnerFull {
	kind, _, _ := strings.Cut(r.On, ":")
	x := runnerFull{Tags: list(r.Tags), Untagged: r.Untagged, Locked: r.Locked, Access: "not_protected", Contacted: stamp(r.Contacted)}
	if r.Protected {
		x.Access = "ref_protected"
	}
	x.runnerShape = runnerShape{ID: r.id, Description: r.Description, Active: !r.paused, Paused: r.paused, Shared: kind == "instance", Type: kind + "_type", Created: stamp(r.Created)}
	switch {
	case r.Contacted.IsZero():
		x.Status = "never_contacted"
	case c.at.Sub(r.Contacted) < staleAfter:
		x.Status, x.Online = "online", true
	default:
		x.Status = "offline"
	}
	if _, p := c.place(r.On); p != nil {
		x.Projects = []identity{p.identity()}
	}
	return x
}

func (c *call) runnerPage(keep func(*runner) bool) reply {
	var out []runnerShape
	kind := c.r.URL.Query().Get("type")
	for _, r := range c.runners {
		x := c.runner(r).runnerShape
		if keep(r) && (kind == "" || kind == x.Type) {
			out = append(out, x)
		}
	}
	return page(c, out, nil)
}

func (c *call) allRunners() reply { return c.runnerPage(func(*runner) bool { return true }) }

// runnersOf lists what a group or project may use: its own, those of the groups above, and the instance's.
func (c *call) runnersOf() reply {
	return c.runnerPage(func(r *runner) bool {
		g, p := c.place(r.On)
		if g == nil && p == nil {
			return true
		}
		at := c.group
		if c.project != nil {
			if p == c.project {
				return true
			}
			at = c.project.group
		}
		for ; at != nil && g != nil; at = at.parent {
			if at == g {
				return true
			}
		}
		return c.group != nil && p != nil && strings.HasPrefix(p.Path, c.group.Path+"/")
	})
}

// runnerOf finds a runner that the caller may manage.
func (c *call) runnerOf() (*runner, *reply) {
	id := c.number("rid")
	i := slices.IndexFunc(c.runners, func(r *runner) bool { return r.id == id })
	if i < 0 {
		a := say(http.StatusNotFound, "Not found")
		return nil, &a
	}
	r := c.runners[i]
	g, p := c.place(r.On)
	may := c.admin(c.user) || g != nil && c.level(c.user, g) >= Owner || p != nil && c.Sim.on(c.user, p) >= Maintainer
	if !may {
		a := say(http.StatusForbidden, "Forbidden - No access granted")
		return nil, &a
	}
	return r, nil
}

func (c *call) runnerByID() reply {
	r, no := c.runnerOf()
	if no != nil {
		return *no
	}
	return reply{http.StatusOK, c.runner(r), nil}
}

func (c *call) runnerChange() reply {
	r, no := c.runnerOf()
	if no != nil {
		return *no
	}
	var want struct {
		Paused *bool `json:"paused"`
	}
	c.body(&want)
	if want.Paused != nil && !c.lie.Nothing {
		r.paused = *want.Paused
	}
	return reply{http.StatusOK, c.runner(r), nil}
}

func (c *call) runnerDelete() reply {
	r, no := c.runnerOf()
	if no != nil {
		return *no
	}
	if !c.lie.Nothing {
		c.runners = slices.DeleteFunc(c.runners, func(x *runner) bool { return x == r })
	}
	return gone()
}

// named finds whatever a value belongs to, for administrators.
func (c *call) named(value string) (found bool, shape any, end func()) {
	for _, t := range c.tokens {
		if t.value == value && !t.user.gone {
			return true, impersonationShape{c.pat(t), t.Impersonation}, func() { c.revoke(t) }
		}
	}
	for _, t := range c.dtokens {
		if t.value == value && !t.deleted {
			return true, c.deployToken(t), func() { t.Revoked = t.Revoked || !c.lie.Nothing }
		}
	}
	for _, t := range c.triggers {
		if t.value == value {
			return true, c.trigger(t), func() { c.triggers = slices.DeleteFunc(c.triggers, func(x *trigger) bool { return x == t }) }
		}
	}
	for _, r := range c.runners {
		if r.value == value {
			return true, c.runner(r).runnerShape, func() { r.value = made("glrt-", r.value, 20) }
		}
	}
	return false, nil, nil
}

// byValue is /admin/token. Source: lib/api/admin/token.rb, 2026-11.
func (c *call) byValue(do func(shape any, end func()) reply) reply {
	if c.world.NoAdminToken {
		return say(http.StatusNotFound, "")
	}
	var want struct {
		Token string `json:"token"`
	}
	c.body(&want)
	if want.Token == "" {
		return reply{http.StatusBadRequest, word{Error: "token is missing"}, nil}
	}
	known := slices.ContainsFunc([]string{"glpat-", "gldt-", "glptt-", "glrt-", "glcbt-", "glagent-", "gloas-", "glft-", "glimt-", "glffct-"}, func(p string) bool {
		return strings.HasPrefix(want.Token, p)
	})
	if !known {
		return reply{http.StatusUnprocessableEntity, word{Message: "Token type not supported."}, nil}
	}
	found, shape, end := c.named(want.Token)
	if !found {
		return reply{http.StatusNotFound, word{Message: word{Error: "Not found"}}, nil}
	}
	return do(shape, end)
}

func (c *call) adminIdentify() reply {
	return c.byValue(func(shape any, _ func()) reply { return reply{http.StatusOK, shape, nil} })
}

func (c *call) adminRevoke() reply {
	return c.byValue(func(_ any, end func()) reply { end(); return gone() })
}

// Write puts a file into the default branch of a project; an empty text deletes it.
func (s *Sim) Write(project, file, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projectAt(project)
	if p == nil {
		fail("no project %q", project)
	}
	files := maps.Clone(p.Files)
	if files == nil {
		files = map[string]string{}
	}
	if files[file] = text; text == "" {
		delete(files, file)
	}
	p.Files = files
}

// State says how a thing stands, in one word: a user's state, "paused" or "running" of a runner, "on" or "off" of Duo in
// a group or project, "push" or "read" of a deploy key in the project after the colon, "gone".
func (s *Sim) State(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if title, path, ok := strings.Cut(name, "@"); ok {
		return s.keyState(title, path)
	}
	for _, u := range s.users {
		if u.Username == name {
			if u.gone {
				return "gone"
			}
			return u.state
		}
	}
	for _, r := range s.runners {
		if r.Description == name {
			return map[bool]string{true: "paused", false: "running"}[r.paused]
		}
	}
	if g := s.groupAt(name); g != nil {
		return map[bool]string{true: "off", false: "on"}[s.duoOff(g)]
	}
	if p := s.projectAt(name); p != nil {
		return map[bool]string{true: "off", false: "on"}[p.noFlows || s.duoOff(p.group)]
	}
	return s.moreState(name)
}

func (s *Sim) keyState(title, path string) string {
	for _, k := range s.dkeys {
		if push, ok := k.push[path]; ok && k.Title == title {
			return map[bool]string{true: "push", false: "read"}[push]
		}
	}
	return "gone"
}

// Role is a user's role on a group or project, that of the groups above included.
func (s *Sim) Role(username, path string) Access {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userNamed(username)
	if p := s.projectAt(path); p != nil {
		return s.on(u, p)
	}
	return s.level(u, s.groupAt(path))
}
