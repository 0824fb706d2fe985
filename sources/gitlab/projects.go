package gitlab

import (
	"context"
	"fmt"
	"net/url"
	"sync"

	"nhitop/sources/internal/httpx"
)

// project is a project while it is read. Nothing of it is kept but what its credentials come to.
type project struct {
	projectShape
	members       map[int]int // direct ones
	createdBy     map[int]int // member -> who added it
	membersUnread bool
	pipeline      []byte // its definition; nil: none
	pipelineFile  string
	pipelineErr   error
	rules         rules

	part       *looks
	memberList []memberShape
	tokens     []tokenShape
	dtokens    []deployTokenShape
	keys       []deployKeyShape
	triggers   []triggerShape
	services   []serviceShape
	serviceTok map[int][]tokenShape
	variables  []variableShape
	varsRead   bool
	agents     []agentShape
}

// ahead is how many projects are read at once: enough to keep the connections busy, and few enough that memory does not
// grow with their number.
const ahead = 8

// readProjects reads one project after the other, some ahead, and judges them in the order of the list.
func (c *collection) readProjects() {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	queue := make(chan chan *project, ahead)
	var wg sync.WaitGroup
	go func() {
		defer close(queue)
		c.eachProject(ctx, func(p projectShape) bool {
			slot := make(chan *project, 1)
			select {
			case queue <- slot:
			case <-ctx.Done():
				return false
			}
			wg.Add(1)
			go func() {
				defer wg.Done()
				slot <- c.fetch(ctx, p)
			}()
			return true
		})
	}()
	for slot := range queue {
		p := <-slot
		c.projects++
		c.sink.Progress(fmt.Sprintf("reading projects: %d, now %s", c.projects, p.Path))
		c.take(p)
	}
	wg.Wait()
}

// eachProject lists the projects that are to be read, each once.
func (c *collection) eachProject(ctx context.Context, yield func(projectShape) bool) {
	seen := map[int]bool{}
	list := func(path string, q url.Values, pager httpx.Pager) bool {
		if !c.s.opt.Archived {
			q.Set("archived", "false")
		}
		for p, err := range httpx.Pages[projectShape](ctx, c.s.http, path, q, pager) {
			if err != nil {
				c.looks.failed(path, err)
				return ctx.Err() == nil
			}
			if !seen[p.ID] {
				seen[p.ID] = true
				if !yield(p) {
					return false
				}
			}
		}
		c.looks.listed(path)
		return true
	}
	for _, id := range c.groupOrder {
		g := c.levels.groups[id]
		if len(c.s.opt.Groups) > 0 && c.levels.groups[g.ParentID] == nil {
			if !list(groupPath(g.ID, "/projects"), url.Values{"include_subgroups": {"true"}, "with_shared": {"false"}, "order_by": {"id"}, "sort": {"asc"}}, httpx.PagePager(pageSize)) {
				return
			}
		}
	}
	for _, path := range c.s.opt.Projects {
		at := httpx.Path("/projects/%s", path)
		if p := one[projectShape](ctx, c, c.looks, at, nil); p != nil && !seen[p.ID] {
			seen[p.ID] = true
			if !yield(*p) {
				return
			}
		}
	}
	if len(c.s.opt.Groups)+len(c.s.opt.Projects) > 0 {
		return
	}
	q := url.Values{"pagination": {"keyset"}, "order_by": {"id"}, "sort": {"asc"}}
	if !c.admin {
		q.Set("membership", "true")
	}
	list("/projects", q, httpx.LinkPager(pageSize))
}

// fetch asks for what GitLab says of one project. It changes nothing of the collection: several run at once.
func (c *collection) fetch(ctx context.Context, s projectShape) *project {
	p := &project{projectShape: s, members: map[int]int{}, createdBy: map[int]int{}, serviceTok: map[int][]tokenShape{}, part: c.looks.of()}
	at := func(rest string) string { return projectPath(p.ID, rest) }
	ms, ok := all[memberShape](ctx, c, p.part, at("/members"), nil)
	p.membersUnread = !ok
	p.memberList = ms
	bots := c.botPlaces["project"+number(p.ID)]
	for _, m := range ms {
		p.members[m.ID] = m.AccessLevel
		if m.CreatedBy != nil {
			p.createdBy[m.ID] = m.CreatedBy.ID
		}
		bots = bots || botName.MatchString(m.Username)
	}
	if (bots || !ok) && !c.managed[p.Namespace.ID] {
		p.tokens, _ = all[tokenShape](ctx, c, p.part, at("/access_tokens"), activeTokens)
	}
	if !c.allKeys {
		p.keys, _ = all[deployKeyShape](ctx, c, p.part, at("/deploy_keys"), nil)
	}
	if c.deployLeft() {
		p.dtokens, _ = all[deployTokenShape](ctx, c, p.part, at("/deploy_tokens"), url.Values{"active": {"true"}})
	}
	p.triggers, _ = all[triggerShape](ctx, c, p.part, at("/triggers"), nil)
	if c.enterprise {
		p.services, _ = all[serviceShape](ctx, c, p.part, at("/service_accounts"), nil)
		for _, sa := range p.services {
			p.serviceTok[sa.ID], _ = all[tokenShape](ctx, c, p.part, at("/service_accounts/"+number(sa.ID)+"/personal_access_tokens"), activeTokens)
		}
	}
	if c.s.opt.Variables {
		p.variables, p.varsRead = all[variableShape](ctx, c, p.part, at("/variables"), nil)
	}
	c.fetchAgents(ctx, p)
	c.fetchPipeline(ctx, p)
	if p.pipeline != nil || c.mayWrite(p) {
		c.fetchRules(ctx, p)
	}
	return p
}
