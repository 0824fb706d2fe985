package github

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

func num(n int64) string { return strconv.FormatInt(n, 10) }

// holder is an app, a token or a key, with what it may do so far. Where it reaches repositories that are told, repos has
// them; all says that it reaches every one.
type holder struct {
	actor  forge.Actor
	all    bool
	repos  map[int64]bool // by number; nil with all false: which ones is not told
	secret inventory.ID
	proof  inventory.Evidence // of the grant
	rec    *inventory.Assistant
	capped func([]forge.Right) []forge.Right // what the product itself never does
	tally  forge.Tally
	group  *group
	each   func(repo int64) forge.Actor // where the actor is not the same in every repository

	granted, expires, used time.Time
	by                     string
	tickets                string // permission by which it writes issues
	login                  string // by which the audit log knows it
	token                  int64  // by which the audit log knows it
}

// group are holders that every repository treats alike: the same grants by the same kind of actor, named by no list. The
// repositories are gone through once for all of them.
type group struct {
	actor   forge.Actor
	tally   forge.Tally
	members int
}

// actors are all holders of the organisation.
type actors struct {
	list   []*holder
	groups map[string]*group
	order  []*group
	byRepo map[int64][]*holder  // those that reach told repositories
	each   []*holder            // those that are not the same in every repository
	named  map[string][]*holder // those in groups, by how a list may name them
	worst  map[string]repoFacts // what must be told of the repositories that are named
}

// repoFacts is what is kept of a repository that is the worst of some capability.
type repoFacts struct {
	visibility string
	rails      map[string]string
}

// add takes in a holder before repositories are read. One of which nothing is known but that it is there, and that is no
// assistant, has no rights to be worked out: its kind says what it may do at the most.
func (x *actors) add(h *holder) {
	if h.rec == nil && h.actor.Unknown != "" {
		return
	}
	if x.groups == nil {
		x.groups, x.byRepo, x.named = map[string]*group{}, map[int64][]*holder{}, map[string][]*holder{}
	}
	x.list = append(x.list, h)
	if h.each != nil {
		x.each = append(x.each, h)
		return
	}
	for id := range h.repos {
		x.byRepo[id] = append(x.byRepo[id], h)
	}
	if !h.all {
		return
	}
	key := signature(&h.actor)
	g := x.groups[key]
	if g == nil {
		g = &group{actor: h.actor}
		// A group is somebody whom no list names.
		g.actor.Name = ""
		g.actor.As = slices.DeleteFunc(slices.Clone(h.actor.As), named)
		x.groups[key] = g
		x.order = append(x.order, g)
	}
	g.members++
	h.group = g
	for _, p := range h.actor.As {
		if named(p) {
			x.named[principalKey(p)] = append(x.named[principalKey(p)], h)
		}
	}
}

// named reports whether a principal is of one actor alone, and not of a role that many have.
func named(p forge.Principal) bool { return p.Kind == forge.ByApp || p.Kind == forge.ByUser }

func principalKey(p forge.Principal) string { return string(p.Kind) + " " + p.ID }

// signature is what makes two actors alike for a repository that names neither.
func signature(a *forge.Actor) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%s|%s|%v|", a.Kind, a.RepoAdminRole, a.CodeOwner, a.AsksForRuns, a.Unknown, a.AsUnknown)
	for _, p := range a.As {
		if !named(p) {
			fmt.Fprintf(&b, "%s:%s|", p.Kind, p.ID)
		}
	}
	for _, g := range a.Grants {
		fmt.Fprintf(&b, "%s:%d:%v:%s|", g.Scope, g.Access, g.Certain, g.Words)
	}
	return b.String()
}

// judge works out what everybody may do in a repository.
func (c *collection) judge(id int64, r forge.Repo, facts func() repoFacts) {
	x := &c.actors
	for _, g := range x.order {
		g.tally.Add(r.Name, forge.Effective(g.actor, r))
	}
	mine := slices.Clone(x.byRepo[id])
	for _, p := range principals(&r) {
		for _, h := range x.named[principalKey(p)] {
			if !slices.Contains(mine, h) {
				mine = append(mine, h)
			}
		}
	}
	for _, h := range mine {
		h.tally.Add(r.Name, forge.Effective(h.actor, r))
	}
	for _, h := range x.each {
		if h.all || h.repos[id] {
			h.tally.Add(r.Name, forge.Effective(h.each(id), r))
			mine = append(mine, h)
		}
	}
	c.keepFacts(r.Name, mine, facts)
}

// principals are all that the lists of a repository's rules name.
func principals(r *forge.Repo) []forge.Principal {
	var out []forge.Principal
	for i := range r.Branches {
		for j := range r.Branches[i].Rules {
			rule := &r.Branches[i].Rules[j]
			out = append(append(out, rule.Push...), rule.Merge...)
			for _, b := range rule.Bypass {
				out = append(out, b.Principal)
			}
		}
	}
	return out
}

func (x *actors) keep(repo string, f repoFacts) {
	if x.worst == nil {
		x.worst = map[string]repoFacts{}
	}
	x.worst[repo] = f
}

// keepFacts keeps what is to be told of a repository as long as it is the worst of some capability of somebody.
func (c *collection) keepFacts(name string, mine []*holder, facts func() repoFacts) {
	x := &c.actors
	if slices.ContainsFunc(x.order, func(g *group) bool { return g.tally.Names(name) }) ||
		slices.ContainsFunc(mine, func(h *holder) bool { return h.tally.Names(name) }) {
		x.keep(name, facts())
	}
}

// rights are a holder's worst rights, those of its group and those that are its own alone.
func (h *holder) rights() []forge.Worst {
	ws := h.tally.Worst()
	if h.group != nil {
		ws = forge.Merge(h.group.tally.Worst(), ws)
		for i := range ws { // the group has no name of its own
			if len(ws[i].Path) > 0 && ws[i].Path[0] == "" {
				ws[i].Path = append([]string{h.actor.Name}, ws[i].Path[1:]...)
			}
		}
	}
	if !h.all && h.repos == nil && h.tally.Repos() == 0 {
		ws = h.blind()
	}
	if h.capped != nil {
		for i := range ws {
			ws[i].Right = h.capped([]forge.Right{ws[i].Right})[0]
		}
	}
	return ws
}

// blind are the rights where it is not told which repositories are reached: what the grants give, by rules that are not
// known.
func (h *holder) blind() []forge.Worst {
	const why = "which repositories it reaches is not told to this credential"
	r := forge.Repo{Name: "repositories that were chosen", Host: "GitHub", Branches: []forge.Branch{{Name: "the default branch", Default: true, Unknown: why}},
		WorkflowsUnknown: why, EnvUnknown: why, Secrets: -1, Guarded: -1}
	var out []forge.Worst
	for _, right := range forge.Effective(h.actor, r) {
		out = append(out, forge.Worst{Right: right})
	}
	return out
}

// entitle delivers the entitlements of a holder, and returns what they come to.
func (c *collection) entitle(h *holder) []forge.Worst {
	ws := h.rights()
	assistant := inventory.ID("")
	name := h.actor.Name
	if h.rec != nil {
		assistant, name = h.rec.ID, h.rec.Name
	}
	via := cmp.Or(string(h.secret), inventory.ViaDelegated)
	for _, w := range ws {
		resource := c.orgResource()
		if w.Repo != "" && !orgWide(w.Capability) {
			f := c.actors.worst[w.Repo]
			resource = c.repoResource(w.Repo, f.visibility, f.rails)
		}
		e := inventory.Entitlement{
			ID:        inventory.NewID(inventory.NounEntitlement, string(assistant), via, string(w.Capability), c.src.host, c.src.opt.Org),
			Assistant: assistant, Via: via, Capability: w.Capability, Level: w.Level, Resource: resource,
			Origin: inventory.OriginDirect, Gate: w.Gate, Certain: w.Certain, GrantedAt: h.granted, GrantedBy: h.by, Expires: h.expires,
			LastUsed: c.did.last(h, w.Capability), Path: append([]string{name}, w.Path...), Evidence: []inventory.Evidence{h.proof},
		}
		if len(w.Path) > 0 && w.Path[0] == name {
			e.Path = w.Path
		}
		if w.Capability == inventory.DeployProd {
			e.Environment = "production"
		}
		c.sink.Entitlement(e)
	}
	c.tickets(h, assistant, via, name)
	return ws
}

func orgWide(c inventory.Capability) bool { return c == inventory.AdminOrg }

// tickets is the right to write issues, which no rule of a repository limits.
func (c *collection) tickets(h *holder, assistant inventory.ID, via, name string) {
	if h.tickets == "" {
		return
	}
	c.sink.Entitlement(inventory.Entitlement{
		ID:        inventory.NewID(inventory.NounEntitlement, string(assistant), via, string(inventory.TicketWrite), c.src.host, c.src.opt.Org),
		Assistant: assistant, Via: via, Capability: inventory.TicketWrite, Level: "write", Resource: c.orgResource(), Origin: inventory.OriginDirect,
		Gate: inventory.GateOpen, Certain: true, GrantedAt: h.granted, GrantedBy: h.by, Expires: h.expires, LastUsed: c.did.last(h, inventory.TicketWrite),
		Path: []string{name, h.tickets, "writes issues and comments"}, Evidence: []inventory.Evidence{h.proof},
	})
}

// deliverActors delivers what everybody may do, when all repositories were gone through.
func (c *collection) deliverActors() {
	for _, h := range c.actors.list {
		ws := c.entitle(h)
		if h.rec == nil {
			continue
		}
		c.matrix(h, ws)
		c.sink.Assistant(*h.rec)
	}
}

// matrix fills the cells of an assistant, and says whether it acts.
func (c *collection) matrix(h *holder, ws []forge.Worst) {
	told := h.actor.Unknown == "" && (h.all || h.repos != nil) && c.lost[areaOf("repositories").what] == ""
	m := forge.Matrix(forge.Rights(ws), told)
	if h.tickets != "" {
		m[inventory.TicketWrite] = inventory.Yes
	}
	a := h.rec
	if a.Capabilities == nil {
		a.Capabilities = map[inventory.Capability]inventory.Answer{}
	}
	for k, v := range m {
		a.Capabilities[k] = v
	}
	var acts, perhaps []string
	for _, cp := range inventory.Capabilities() {
		if cp == inventory.ReadSource {
			continue
		}
		switch a.Capabilities[cp] {
		case inventory.Yes, inventory.Asks:
			acts = append(acts, string(cp))
		case inventory.Unknown:
			perhaps = append(perhaps, string(cp))
		}
	}
	switch {
	case len(acts) > 0:
		a.Class, a.ClassReason = inventory.ClassNHI, "it can act: "+strings.Join(acts[:min(len(acts), 3)], ", ")
	case m[inventory.ReadSource] == inventory.Yes:
		a.Class, a.ClassReason = inventory.ClassNHI, "it reads source code with a credential of its own"
	case len(perhaps) > 0:
		a.ClassReason = "what it may do is not known"
	default:
		a.ClassReason = "nothing that it may do is known"
	}
}

// orgPath is a path below the organisation.
func (c *collection) orgPath(format string, parts ...string) string {
	return httpx.Path("/orgs/%s"+format, append([]string{c.src.opt.Org}, parts...)...)
}
