package gitlab

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
)

// collection is one reading of a GitLab.
type collection struct {
	s     *Source
	ctx   context.Context
	sink  inventory.Sink
	looks *looks
	now   time.Time
	token inventory.Value // the one that it reads with
	self  *tokenShape
	me    userShape

	revokeValue inventory.Value // the token that it revokes with, where that is another one
	revokeKey   string          // its actor's key

	enterprise bool
	admin      bool
	users      map[int]*userShape
	logins     map[string]int // in lower case
	levels     levels
	groupOrder []int
	managed    map[int]bool // groups whose credentials inventory tells all tokens of groups and projects below
	botPlaces  map[string]bool
	allKeys    bool // the instance's list of deploy keys was read
	deployMu   sync.Mutex
	deploy     map[int]bool // deploy tokens that the instance knows and whose place is not found yet; nil: not known
	runners    map[int]*runnerFullShape
	seenRunner map[int]bool

	actors     []*actor
	writers    []actor // those known before the first project, as they were then: projects are read by several at once
	byKey      map[string]*actor
	assistants []*assistant
	byAccount  map[string]*assistant
	owners     map[inventory.ID]bool
	projects   int
	delivered  map[inventory.ID]bool // resources
	guards     map[string]guards     // of projects, for their records
	urls       map[string]string     // of projects
	duo        map[int]*duoFacts
}

// guards is what stands in the way to a project.
type guards struct{ branch, visibility string }

func newCollection(ctx context.Context, s *Source, sink inventory.Sink, token inventory.Value) *collection {
	return &collection{
		s: s, ctx: ctx, sink: sink, looks: &looks{base: s.http.Base()}, now: s.env.Now(), token: token,
		users: map[int]*userShape{}, logins: map[string]int{}, levels: levels{groups: map[int]*group{}, unread: map[int]bool{}}, managed: map[int]bool{}, botPlaces: map[string]bool{},
		runners: map[int]*runnerFullShape{}, seenRunner: map[int]bool{}, byKey: map[string]*actor{}, byAccount: map[string]*assistant{}, owners: map[inventory.ID]bool{},
		delivered: map[inventory.ID]bool{}, guards: map[string]guards{}, urls: map[string]string{}, duo: map[int]*duoFacts{},
	}
}

// run reads everything and hands it over. What was read before the context ended is handed over too.
func (c *collection) run() error {
	if err := c.whoami(); err != nil {
		c.looks.flush(c.sink)
		return err
	}
	c.readInstance()
	c.readGroups()
	for _, a := range c.actors {
		c.writers = append(c.writers, *a)
	}
	c.readProjects()
	c.deliver()
	c.looks.flush(c.sink)
	switch {
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case c.looks.bad > 0:
		return fmt.Errorf("%w: %d lists could not be read to their end; the ledger names each with what is missing", sources.ErrPartial, c.looks.bad)
	}
	return nil
}

// whole reports whether the whole instance is read.
func (c *collection) whole() bool {
	return c.admin && len(c.s.opt.Groups) == 0 && len(c.s.opt.Projects) == 0
}

var activeTokens = url.Values{"state": {"active"}}

// readInstance reads what only administrators see at once, and everybody's own tokens.
func (c *collection) readInstance() {
	if c.whole() {
		c.sink.Progress("reading the accounts of the instance")
		users, _ := all[userShape](c.ctx, c, c.looks, "/users", nil)
		for _, u := range users {
			c.know(u)
		}
	}
	if c.admin {
		if keys, ok := all[deployKeyShape](c.ctx, c, c.looks, "/deploy_keys", nil); ok {
			c.allKeys = true
			for _, k := range keys {
				c.deployKey(k, nil)
			}
		}
		if ts, ok := all[deployTokenShape](c.ctx, c, c.looks, "/deploy_tokens", url.Values{"active": {"true"}}); ok {
			c.deploy = map[int]bool{}
			for _, t := range ts {
				c.deploy[t.ID] = true
			}
		}
	}
	if c.whole() {
		as, _ := all[applicationShape](c.ctx, c, c.looks, "/applications", nil)
		for _, a := range as {
			c.application(a)
		}
		rs, _ := all[runnerShape](c.ctx, c, c.looks, "/runners/all", nil)
		c.readRunners(rs)
		if c.enterprise {
			sas, _ := all[serviceShape](c.ctx, c, c.looks, "/service_accounts", nil)
			for _, sa := range sas {
				c.service(sa, place{})
			}
		}
	}
	// An administrator's list is everybody's, also where only some groups are read: those of strangers are left out later.
	ts, _ := all[tokenShape](c.ctx, c, c.looks, "/personal_access_tokens", activeTokens)
	for _, t := range ts {
		c.personal(t)
	}
}

// place is a group or a project that a credential belongs to; neither: the instance.
type place struct {
	group   *group
	project *project
}

func (p place) path(rest string) string {
	switch {
	case p.project != nil:
		return projectPath(p.project.ID, rest)
	case p.group != nil:
		return groupPath(p.group.ID, rest)
	}
	return rest
}

func (p place) String() string {
	switch {
	case p.project != nil:
		return p.project.Path
	case p.group != nil:
		return p.group.FullPath
	}
	return "the instance"
}

// readGroups finds the groups, the members of each first: what a token may do depends on them.
func (c *collection) readGroups() {
	c.sink.Progress("reading groups")
	for _, g := range c.listGroups() {
		c.addGroup(g)
	}
	c.sortGroups()
	for _, id := range c.groupOrder {
		if c.ctx.Err() != nil {
			return
		}
		c.readMembers(c.levels.groups[id])
	}
	for i, id := range c.groupOrder {
		if c.ctx.Err() != nil {
			return
		}
		c.sink.Progress(fmt.Sprintf("reading group %d of %d", i+1, len(c.groupOrder)))
		c.readGroup(c.levels.groups[id])
	}
}

func (c *collection) listGroups() []groupShape {
	var out []groupShape
	for _, path := range c.s.opt.Groups {
		at := httpx.Path("/groups/%s", path)
		g := one[groupShape](c.ctx, c, c.looks, at, url.Values{"with_projects": {"false"}})
		if g == nil {
			continue
		}
		out = append(out, *g)
		below, _ := all[groupShape](c.ctx, c, c.looks, groupPath(g.ID, "/descendant_groups"), nil)
		out = append(out, below...)
	}
	if len(c.s.opt.Groups)+len(c.s.opt.Projects) > 0 {
		return out
	}
	q := url.Values{"min_access_level": {strconv.Itoa(guest)}}
	if c.admin {
		q = url.Values{"all_available": {"true"}}
	}
	gs, _ := all[groupShape](c.ctx, c, c.looks, "/groups", q)
	return gs
}

func (c *collection) addGroup(g groupShape) {
	if c.levels.groups[g.ID] != nil || g.ID == 0 {
		return
	}
	c.levels.groups[g.ID] = &group{groupShape: g, members: map[int]int{}}
	c.groupOrder = append(c.groupOrder, g.ID)
}

// sortGroups puts a group behind the one above it.
func (c *collection) sortGroups() {
	slices.SortFunc(c.groupOrder, func(a, b int) int {
		return strings.Compare(c.levels.groups[a].FullPath, c.levels.groups[b].FullPath)
	})
}

func (c *collection) readMembers(g *group) {
	ms, ok := all[memberShape](c.ctx, c, c.looks, groupPath(g.ID, "/members"), nil)
	if !ok {
		c.levels.unread[g.ID] = true
	}
	for _, m := range ms {
		u := c.know(m.userShape)
		g.members[m.ID] = m.AccessLevel
		if m.AccessLevel >= owner && !isBot(u) {
			g.owners = append(g.owners, m.ID)
		}
		if m.CreatedBy != nil {
			c.know(*m.CreatedBy)
		}
	}
}

// readGroup reads the credentials of a group.
func (c *collection) readGroup(g *group) {
	c.readDuo(g)
	c.readManaged(g)
	at := place{group: g}
	if !c.managed[g.ID] {
		ts, _ := all[tokenShape](c.ctx, c, c.looks, at.path("/access_tokens"), activeTokens)
		for _, t := range ts {
			c.resourceToken(t, at, at.path("/access_tokens"))
		}
	}
	c.readDeployTokens(c.looks, at)
	c.readServices(c.looks, at)
	if c.s.opt.Variables {
		vs, _ := all[variableShape](c.ctx, c, c.looks, at.path("/variables"), nil)
		c.variables(vs, at)
	}
	if c.enterprise {
		g.environments, _ = all[protectedEnvShape](c.ctx, c, c.looks, at.path("/protected_environments"), nil)
	}
	if g.ParentID == 0 && !c.whole() {
		rs, _ := all[runnerShape](c.ctx, c, c.looks, at.path("/runners"), nil)
		c.readRunners(rs)
	}
}

// readManaged reads the credentials inventory of a top group, where there is one.
func (c *collection) readManaged(g *group) {
	if g.ParentID != 0 {
		if top := c.levels.above(g.ID); c.managed[top[len(top)-1].ID] {
			c.managed[g.ID] = true
		}
		return
	}
	if c.admin || !c.enterprise {
		return
	}
	at := groupPath(g.ID, "/manage/resource_access_tokens")
	ts, ok := all[tokenShape](c.ctx, c, c.looks, at, activeTokens)
	for _, t := range ts {
		c.managedToken(t, at)
	}
	if !ok {
		return
	}
	c.managed[g.ID] = true
	ps, _ := all[tokenShape](c.ctx, c, c.looks, groupPath(g.ID, "/manage/personal_access_tokens"), activeTokens)
	for _, t := range ps {
		c.personalAt(t, groupPath(g.ID, "/manage/personal_access_tokens"))
	}
	ks, _ := all[sshKeyShape](c.ctx, c, c.looks, groupPath(g.ID, "/manage/ssh_keys"), nil)
	for _, k := range ks {
		c.sshKey(k, groupPath(g.ID, "/manage/ssh_keys"))
	}
}
