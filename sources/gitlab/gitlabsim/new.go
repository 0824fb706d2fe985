package gitlabsim

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Sim is a simulated GitLab. It is an http.Handler and may be used by many goroutines.
type Sim struct {
	now func() time.Time
	mux *http.ServeMux

	mu       sync.Mutex
	world    World
	users    []*user
	groups   []*group
	projects []*project
	tokens   []*token
	dtokens  []*deployToken
	dkeys    []*deployKey
	sshkeys  []*sshKey
	triggers []*trigger
	runners  []*runner

	applications []*application
	agents       []*agent
	faults       []*Fault
	lie          Lie
	log          []Request
	next         int // id
}

// New makes a GitLab of a world. now is its clock; nil: time.Now. It panics where the world names what is not in it.
func New(w World, now func() time.Time) *Sim {
	if now == nil {
		now = time.Now
	}
	s := &Sim{now: now, world: w, next: 1000}
	for i, u := range w.Users {
		s.users = append(s.users, &user{User: u, id: 101 + i, state: cmp.Or(u.State, "active")})
	}
	for i, g := range w.Groups {
		x := &group{Group: g, id: 201 + i, duoOff: g.DuoOff}
		x.Members = maps.Clone(g.Members)
		if p := parentPath(g.Path); p != "" {
			if x.parent = s.groupAt(p); x.parent == nil {
				fail("no group %q above %q", p, g.Path)
			}
		}
		s.groups = append(s.groups, x)
	}
	for i, p := range w.Projects {
		s.addProject(p, 301+i)
	}
	for _, u := range s.users {
		if u.Service != "" {
			u.group, u.proj = s.place(u.Service)
		}
	}
	s.checkMembers()
	s.addCredentials(w)
	s.mux = http.NewServeMux()
	for _, r := range routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		s.mux.HandleFunc(method+" /api/v4"+path, s.handler(r))
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		reply{http.StatusNotFound, word{Error: "404 Not Found"}, nil}.write(w)
	})
	return s
}

func (s *Sim) addProject(p Project, id int) {
	x := &project{Project: p, id: id, noFlows: p.NoFlows}
	x.Members = maps.Clone(p.Members)
	if x.Members == nil {
		x.Members = map[string]Access{}
	}
	x.Visibility = cmp.Or(p.Visibility, "private")
	x.DefaultBranch = cmp.Or(p.DefaultBranch, "main")
	if x.group = s.groupAt(parentPath(p.Path)); x.group == nil {
		fail("no group above project %q", p.Path)
	}
	for _, b := range p.Branches {
		x.branch = append(x.branch, &branch{b, s.id()})
	}
	s.projects = append(s.projects, x)
}

func (s *Sim) checkMembers() {
	for _, g := range s.groups {
		if g.Members == nil {
			g.Members = map[string]Access{}
		}
		for name := range g.Members {
			s.userNamed(name)
		}
	}
	for _, p := range s.projects {
		for name := range p.Members {
			s.userNamed(name)
		}
	}
}

func (s *Sim) addCredentials(w World) {
	for _, t := range w.Tokens {
		s.addToken(t)
	}
	for _, t := range w.DeployTokens {
		s.place(t.On)
		x := &deployToken{DeployToken: t, id: s.id(), value: made("gldt-", t.Name, 20)}
		x.Username = cmp.Or(t.Username, fmt.Sprintf("gitlab+deploy-token-%d", x.id))
		s.dtokens = append(s.dtokens, x)
	}
	for _, k := range w.DeployKeys {
		x := &deployKey{DeployKey: k, id: s.id(), push: map[string]bool{}}
		x.Key = cmp.Or(k.Key, madeKey(k.Title))
		for _, p := range k.Projects {
			s.place("project:" + p)
			x.push[p] = slices.Contains(k.CanPush, p)
		}
		s.dkeys = append(s.dkeys, x)
	}
	for _, k := range w.SSHKeys {
		k.Key = cmp.Or(k.Key, madeKey(k.Title+k.User))
		s.sshkeys = append(s.sshkeys, &sshKey{k, s.id(), s.userNamed(k.User)})
	}
	for _, t := range w.Triggers {
		s.place("project:" + t.Project)
		s.userNamed(t.Owner)
		s.triggers = append(s.triggers, &trigger{t, s.id(), made("glptt-", t.Description+t.Project, 40)})
	}
	for _, r := range w.Runners {
		s.place(r.On)
		s.runners = append(s.runners, &runner{r, s.id(), r.Paused, made("glrt-", r.Description, 20)})
	}
	s.addMore(w)
}

func (s *Sim) id() int { s.next++; return s.next }

// addToken makes a token and, for one of a group or project, its bot.
func (s *Sim) addToken(t Token) *token {
	x := &token{Token: t, id: s.id(), revoked: t.Revoked, value: cmp.Or(t.Value, made("glpat-", t.Name, 20))}
	x.family = x.id
	x.Title = cmp.Or(t.Title, t.Name)
	if t.On == "" {
		x.user = s.userNamed(t.User)
	} else {
		x.user = s.addBot(x)
	}
	s.tokens = append(s.tokens, x)
	return x
}

// addBot makes the user behind a project or group access token.
func (s *Sim) addBot(t *token) *user {
	g, p := s.place(t.On)
	kind, id := "group", 0
	if p != nil {
		kind, id = "project", p.id
	} else {
		id = g.id
	}
	name := fmt.Sprintf("%s_%d_bot_fa4e%d", kind, id, t.id)
	u := &user{User: User{Username: name, Name: t.Title, Email: name + "@noreply.gitlab.example.com", Created: t.Created}, id: s.id(), state: "active", bot: true, group: g, proj: p}
	s.users = append(s.users, u)
	if p != nil {
		p.Members[name] = t.Level
	} else {
		g.Members[name] = t.Level
	}
	return u
}

// Value returns the value of a token, deploy token or trigger by its name in the world.
func (s *Sim) Value(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		if t.Name == name {
			return t.value
		}
	}
	for _, t := range s.dtokens {
		if t.Name == name {
			return t.value
		}
	}
	for _, t := range s.triggers {
		if t.Description == name {
			return t.value
		}
	}
	fail("no token %q", name)
	return ""
}

// ID returns the id of a token, deploy token, key, trigger, runner, user, group or project by its name in the world.
func (s *Sim) ID(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]int{}
	for _, x := range s.users {
		ids[x.Username] = x.id
	}
	for _, x := range s.groups {
		ids[x.Path] = x.id
	}
	for _, x := range s.projects {
		ids[x.Path] = x.id
	}
	for _, x := range s.dkeys {
		ids[x.Title] = x.id
	}
	for _, x := range s.sshkeys {
		ids[x.Title] = x.id
	}
	for _, x := range s.triggers {
		ids[x.Description] = x.id
	}
	for _, x := range s.runners {
		ids[x.Description] = x.id
	}
	for _, x := range s.dtokens {
		ids[x.Name] = x.id
	}
	for _, x := range s.applications {
		ids[x.Name] = x.id
	}
	for _, x := range s.agents {
		ids[x.Name] = x.id
		for _, t := range x.tokens {
			ids[t.Name] = t.id
		}
	}
	for _, x := range s.tokens {
		ids[x.Name] = x.id
	}
	if ids[name] == 0 {
		fail("nothing is called %q", name)
	}
	return ids[name]
}

// Works reports whether a token is accepted now: not revoked, not expired, its user not blocked.
func (s *Sim) Works(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		if t.Name == name {
			return t.works(s.now()) && t.user.state == "active" && !t.user.gone
		}
	}
	for _, t := range s.dtokens {
		if t.Name == name {
			return !t.deleted && !t.Revoked
		}
	}
	fail("no token %q", name)
	return false
}
