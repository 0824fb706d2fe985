package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
)

// collection is one reading of an organisation.
type collection struct {
	src    *Source
	ctx    context.Context
	sink   inventory.Sink
	client *httpx.Client
	login  *login
	now    time.Time

	mu   sync.Mutex
	lost map[string]string // areas that were not read to their end, and the ledger's state

	org       org
	viewer    viewer
	people    members
	actors    actors
	chosen    []chosen // apps on repositories that were picked
	subsets   []chosen // tokens for some repositories
	stores    secretStores
	rules     orgRules
	actions   actionsFacts
	copilot   copilotFacts
	did       deeds
	literals  map[place]literal // credentials that stand in workflow files
	resources map[inventory.ID]bool
	jobs      map[place][]inventory.ID // assistants of workflow files
	detail    budget
	fetches   budget          // files that workflows refer to
	off       map[string]bool // parts of the query of repositories that are not asked for any more
	probed    bool            // it was asked whether branch protection may be read
	sees      bool            // and it may
}

// place is a line of a file of a repository.
type place struct {
	repo, file string
	line       int
}

// literal is a credential that stands in a file.
type literal struct {
	id      inventory.ID
	pointer string
}

// Collect reads the organisation once. An error that wraps [sources.ErrPartial] names what was not read; what is known of
// it from before stands, and is marked as old.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.start(ctx, sink)
	if err != nil {
		return err
	}
	if err := c.finish(); err != nil {
		return err
	}
	sink.Progress("")
	return nil
}

// start reads the organisation itself and who is in it.
func (s *Source) start(ctx context.Context, sink inventory.Sink) (*collection, error) {
	c := &collection{src: s, ctx: ctx, sink: sink, now: s.env.Now(), resources: map[inventory.ID]bool{}, literals: map[place]literal{},
		jobs: map[place][]inventory.ID{}, detail: budget{left: s.opt.Detail}, fetches: budget{left: s.opt.Detail}}
	c.login = &login{src: s, token: s.opt.Token, app: s.opt.App, reads: true, vers: &version{}}
	client, err := s.clientFor(c.login.authorize, []string{s.graphURL()}, c.pause)
	if err != nil {
		return nil, err
	}
	c.client = client
	if _, err := c.login.secret(ctx); err != nil {
		return nil, fmt.Errorf("the credential: %w", err)
	}
	return c, c.run([]step{{"the organisation", c.readOrg}, {"members", c.readMembers}})
}

// step is one part of a collection, with what is shown meanwhile.
type step struct {
	says string
	do   func() error
}

// finish reads in an order in which each part knows what it stands on: who may act, then by which rules, then repositories.
func (c *collection) finish() error {
	err := c.run([]step{
		{"the audit log", c.readAudit},
		{"installed apps", c.readApps},
		{"tokens", c.readTokens},
		{"token requests", c.readRequests},
		{"credentials for single sign-on", c.readAuthorizations},
		{"tokens of the audit log", c.readSeen},
		{"accounts of assistants", c.readMachines},
		{"Copilot", c.readCopilot},
		{"secrets", c.readStores},
		{"settings of Actions", c.readActions},
		{"rules of the organisation", c.readOrgRules},
		{"repositories", c.readRepos},
		{"alerts", c.readAlerts},
	})
	if err != nil {
		return err
	}
	c.deliverActors()
	c.deliverSelf()
	c.people.deliver(c)
	return c.partial()
}

func (c *collection) run(steps []step) error {
	for _, s := range steps {
		c.sink.Progress("reading " + s.says + " of " + c.src.opt.Org)
		if err := s.do(); err != nil {
			return err
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// partial is the error of a collection in which something was not read.
func (c *collection) partial() error {
	if len(c.lost) == 0 {
		return nil
	}
	var denied, failed []string
	for _, what := range inventory.SortedKeys(c.lost) {
		if c.lost[what] == inventory.LookedDenied {
			denied = append(denied, what)
		} else {
			failed = append(failed, what)
		}
	}
	var parts []string
	if len(failed) > 0 {
		parts = append(parts, "no usable answer for "+strings.Join(failed, ", "))
	}
	if len(denied) > 0 {
		parts = append(parts, "may not read "+strings.Join(denied, ", ")+" (the ledger says what it takes; skip leaves them out)")
	}
	return fmt.Errorf("%w: %s", sources.ErrPartial, strings.Join(parts, "; "))
}

// org is what the organisation says of itself.
type org struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Plan  *struct {
		Name string `json:"name"`
	} `json:"plan"`
	Base      string `json:"default_repository_permission"` // "" where this credential may not see it
	TwoFactor *bool  `json:"two_factor_requirement_enabled"`
}

// viewer is who reads.
type viewer struct {
	ID     int64  `json:"id"`
	Login  string `json:"login"`
	scopes []string
	told   bool // scopes were told: a classic or OAuth token
	end    time.Time
}

func (c *collection) readOrg() error {
	path := httpx.Path("/orgs/%s", c.src.opt.Org)
	resp, err := c.client.Get(c.ctx, path, nil, &c.org)
	if c.login.vers.refused(err) {
		resp, err = c.client.Get(c.ctx, path, nil, &c.org)
	}
	if err != nil {
		if fatal := c.failed("repositories", path, err); fatal != nil {
			return fatal
		}
		return fmt.Errorf("the organisation %s could not be read: %w", c.src.opt.Org, err)
	}
	c.look(path, inventory.LookedRead, "", false)
	if h := resp.Header; len(h.Values("X-Oauth-Scopes")) > 0 {
		c.viewer.told = true
		for s := range strings.SplitSeq(h.Get("X-Oauth-Scopes"), ",") {
			if s = strings.TrimSpace(s); s != "" {
				c.viewer.scopes = append(c.viewer.scopes, s)
			}
		}
		slices.Sort(c.viewer.scopes)
	}
	c.viewer.end = parseExpiry(resp.Header.Get("Github-Authentication-Token-Expiration"))
	if !c.login.app.isZero() {
		return nil
	}
	if _, err := c.client.Get(c.ctx, "/user", nil, &c.viewer); err != nil {
		return c.failed("members", "/user", err)
	}
	c.look("/user", inventory.LookedRead, "", false)
	return nil
}

// parseExpiry reads the header that tells when the token ends: 2026-12-01 10:00:00 UTC, or with an offset.
func parseExpiry(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// resource delivers a resource once and returns its id.
func (c *collection) resource(r inventory.Resource) inventory.ID {
	r.ID = inventory.NewID(inventory.NounResource, r.Kind, r.Name)
	if !c.resources[r.ID] {
		c.resources[r.ID] = true
		c.sink.Resource(r)
	}
	return r.ID
}

// orgResource stands for the organisation.
func (c *collection) orgResource() inventory.ID {
	r := inventory.Resource{
		Kind: organisation, Name: c.src.host + "/" + c.src.opt.Org, Guardrails: c.orgRails(),
		Evidence: []inventory.Evidence{{Path: c.url(httpx.Path("/orgs/%s", c.src.opt.Org)), Note: "organisation"}},
	}
	return c.resource(r)
}

// orgRails are the settings of the organisation that hold for every repository.
func (c *collection) orgRails() map[string]string {
	g := map[string]string{}
	put := func(k, v string) {
		if v != "" {
			g[k] = v
		}
	}
	put("base permission of members", c.org.Base)
	if t := c.org.TwoFactor; t != nil {
		put("second factor", map[bool]string{true: "required", false: "not required"}[*t])
	}
	put("job token", c.actions.defaults.words())
	put("actions", c.actions.enabled)
	put("oidc subject", strings.Join(c.actions.oidc, ", "))
	put("rulesets", c.rules.words())
	return g
}

// repoResource delivers a repository with what guards it.
func (c *collection) repoResource(full, visibility string, rails map[string]string) inventory.ID {
	r := inventory.Resource{
		Kind: "repository", Name: c.repoName(full), Guardrails: rails,
		Evidence: []inventory.Evidence{{Path: c.url("/repos/" + full), Note: "repository"}},
	}
	if visibility != "" {
		if r.Guardrails == nil {
			r.Guardrails = map[string]string{}
		}
		r.Guardrails["visibility"] = visibility
		if visibility == "public" {
			r.Sensitivity = "public"
		}
	}
	return c.resource(r)
}

// repoName is the name of a repository as checkouts of it give it too: github.com/acme/web.
func (c *collection) repoName(full string) string { return c.src.host + "/" + full }

// budget is how many repositories may still be asked about one by one.
type budget struct {
	left, refused int
	all           bool // there are no more repositories than may be asked about
}

func (b *budget) take() bool {
	if b.all {
		return true
	}
	if b.left <= 0 {
		b.refused++
		return false
	}
	b.left--
	return true
}
