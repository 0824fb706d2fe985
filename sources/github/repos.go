package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/pipeline"
)

// repository is one while it is looked at. Nothing of it is kept but what it adds to the rights of somebody.
type repository struct {
	c      *collection
	g      *gRepo
	full   string
	public bool
	facts  forge.Repo
	owners gitrepo.Owners
	path   string // of CODEOWNERS
	flows  []pipeline.Outline
	deep   bool // asked about by itself, besides the page
	tokens tokenDefaults
	own    []runner // runners of its own
	whole  bool     // all of its own runners are known
	oidc   []string
	keys   []*holder
	asked  bool // its own secrets were read
	jobs   int  // assistants in its workflows

	envs       []restEnvironment
	patterns   map[string][]string // of the branches that an environment takes
	envSecrets map[string]int
}

// readRepos goes through all repositories, page by page.
func (c *collection) readRepos() error {
	top := "/repos/" + c.src.opt.Org
	if c.skipped("repositories", top) {
		return nil
	}
	c.detail.left = c.src.opt.Detail
	n, lost := 0, 0
	err := c.repoPages(func(p *gPage, errs []gError) error {
		c.detail.all = p.Total <= c.src.opt.Detail
		for i, g := range p.Nodes {
			n++
			if g == nil {
				lost++
				continue
			}
			if !c.src.wanted(g.Name) {
				continue
			}
			if err := c.repo(g, i, errs); err != nil {
				return err
			}
		}
		c.sink.Progress(fmt.Sprintf("reading repositories of %s: %d of %d", c.src.opt.Org, n, p.Total))
		return c.ctx.Err()
	})
	c.settleAgent()
	if err != nil {
		return c.failed("repositories", top, err)
	}
	if lost > 0 {
		c.look(top, inventory.LookedFailed, fmt.Sprintf("%d repositories that the list counts were not given out", lost), false)
		c.missing(areaOf("repositories"), inventory.LookedFailed)
		return nil
	}
	c.look(top, inventory.LookedRead, "", len(c.off) == 0)
	if c.detail.refused > 0 {
		c.look(top+"/*", inventory.LookedSkipped, fmt.Sprintf("of %d repositories their own secrets, runners, environments and agent settings were not read: detail = %d", c.detail.refused, c.src.opt.Detail), false)
	}
	return nil
}

func (c *collection) repo(g *gRepo, i int, errs []gError) error {
	r := &repository{c: c, g: g, full: g.Full, public: strings.EqualFold(g.Visibility, "public")}
	if err := c.probe(g); err != nil {
		return err
	}
	r.begin(i, errs)
	var err error
	if r.facts.Branches, err = c.branches(g); err != nil {
		return err
	}
	if slices.ContainsFunc(errs, func(e gError) bool {
		return e.about(i, "branchProtectionRules") || e.about(i, "own") || e.about(i, "all")
	}) {
		for j := range r.facts.Branches {
			r.facts.Branches[j].Unknown = join(r.facts.Branches[j].Unknown, "GitHub did not give out all of its rules")
		}
	}
	r.readOwners()
	if err := r.runWorkflows(); err != nil {
		return err
	}
	if err := r.readKeys(); err != nil {
		return err
	}
	c.judge(g.ID, r.facts, func() repoFacts {
		return repoFacts{visibility: strings.ToLower(g.Visibility), rails: railsOf(&r.facts)}
	})
	for _, h := range r.keys {
		h.tally.Add(r.full, forge.Effective(h.actor, r.facts))
		c.actors.keep(r.full, repoFacts{visibility: strings.ToLower(g.Visibility), rails: railsOf(&r.facts)})
		c.entitle(h)
		c.keyAssistant(h)
	}
	return nil
}

// begin fills what the page tells.
func (r *repository) begin(i int, errs []gError) {
	c := r.c
	r.tokens = c.actions.defaults
	r.facts = forge.Repo{
		Name: r.full, Host: "GitHub", Archived: r.g.Archived, Public: r.public, Pipelines: c.pipelines(), OwnersCover: inventory.No,
		Secrets: c.stores.of(r.g.ID, r.public), Guarded: 0,
	}
	if r.g.DefaultBranch == nil { // it is empty
		r.facts.OwnersCover = inventory.No
	}
	for _, e := range errs {
		if e.about(i, "workflows") {
			r.facts.WorkflowsUnknown = "GitHub did not give them out"
		}
		if e.about(i, "environments") {
			r.facts.EnvUnknown = "GitHub did not give them out"
		}
	}
	r.facts.RunsApprove = approves(r.tokens)
}

// pipelines tells whether Actions is on, by the organisation's own switch.
func (c *collection) pipelines() inventory.Answer {
	switch c.actions.enabled {
	case "all":
		return inventory.Yes
	case "none":
		return inventory.No
	}
	return inventory.Unknown
}

// approves tells whether jobs may approve. Where the organisation says no, a repository cannot say yes.
func approves(d tokenDefaults) inventory.Answer {
	switch {
	case d.Approve == nil:
		return inventory.Unknown
	case *d.Approve:
		return inventory.Yes
	}
	return inventory.No
}

// readOwners takes the first CODEOWNERS that is there.
func (r *repository) readOwners() {
	for i, o := range []*gObject{r.g.Owners1, r.g.Owners2, r.g.Owners3} {
		if o == nil || o.Type != "Blob" {
			continue
		}
		if o.Text == nil || o.Truncated {
			r.facts.OwnersCover = inventory.Unknown
			return
		}
		r.owners, r.path = gitrepo.ParseOwners(*o.Text), gitrepo.OwnersFiles()[i]
		if r.owners.Cover() {
			r.facts.OwnersCover = inventory.Yes
		}
		return
	}
}

// probe asks once whether branch protection may be read at all: GraphQL gives an empty list to who may not.
func (c *collection) probe(g *gRepo) error {
	if c.probed || g.DefaultBranch == nil || c.src.skips("rules") {
		return nil
	}
	c.probed = true
	if perms := c.login.permissions(); perms != nil {
		c.sees = levelOf(perms["administration"]) >= forge.Read
		return nil
	}
	path := "/repos/" + g.Full + httpx.Path("/branches/%s/protection", g.DefaultBranch.Name)
	var protection struct{}
	_, err := c.client.Get(c.ctx, path, nil, &protection)
	switch status := httpx.Status(err); {
	case err == nil:
		c.sees = true
	case status == http.StatusNotFound && strings.Contains(strings.ToLower(err.Error()), "not protected"):
		c.sees = true
	case status == http.StatusForbidden || status == http.StatusNotFound:
		c.look("/repos/"+g.Full+"/branches", inventory.LookedDenied, "branch protection takes "+areaOf("rules").needs, false)
		c.missing(areaOf("rules"), inventory.LookedDenied)
	default:
		return c.failed("rules", path, err)
	}
	return nil
}

// seesProtection reports whether an empty list of protections means that there are none.
func (c *collection) seesProtection(g *gRepo) bool {
	if !c.sees || c.src.skips("rules") {
		return false
	}
	return c.login.permissions() != nil || g.Admin
}

// fileURL names a file of the repository.
func (r *repository) fileURL(file string) string {
	return r.c.url("/repos/"+r.full+"/contents") + "/" + file
}
