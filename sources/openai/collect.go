package openai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/ledger"
	"nhitop/sources/internal/self"
)

// collection is one reading of an organisation.
type collection struct {
	s    *Source
	ctx  context.Context
	sink inventory.Sink
	l    *ledger.Ledger
	held inventory.Value

	projects  []projectShape
	names     map[string]string // of projects
	users     map[string]*userShape
	everybody bool // the list of people was read to its end
	accounts  map[string][]accountShape
	listed    map[string]bool // projects whose service accounts were read to their end
	keys      map[string][]keyShape
	admins    []keyShape
	providers []providerShape
	rules     map[string][]ruleShape

	assistants map[string]*inventory.Assistant
	order      []string
	owners     map[inventory.ID]bool
	resources  map[string]inventory.ID
}

func newCollection(ctx context.Context, s *Source, sink inventory.Sink, held inventory.Value) *collection {
	need := func(string) string { return "not for this key: an admin key of an owner of the organisation is needed" }
	return &collection{
		s: s, ctx: ctx, sink: sink, l: ledger.New(s.http, need), held: held, names: map[string]string{}, users: map[string]*userShape{}, accounts: map[string][]accountShape{},
		listed: map[string]bool{}, keys: map[string][]keyShape{}, rules: map[string][]ruleShape{}, assistants: map[string]*inventory.Assistant{}, owners: map[inventory.ID]bool{}, resources: map[string]inventory.ID{},
	}
}

// run reads everything and hands it over. What was read before the context ended is handed over too.
func (c *collection) run() error {
	defer c.l.Flush(c.sink)
	c.sink.Progress("reading the projects at OpenAI")
	q := url.Values{}
	if c.s.opt.Archived {
		q.Set("include_archived", "true")
	}
	var ok bool
	if c.projects, ok = ledger.All[projectShape](c.ctx, c.l, pathProjects, q, pages); !ok && len(c.projects) == 0 {
		var se *httpx.StatusError
		if err := c.l.Err(); errors.As(err, &se) && se.Status == http.StatusUnauthorized {
			return fmt.Errorf("the OpenAI API at %s refuses the key (%s): it is deleted, expired or no admin key", c.s.host(), c.s.opt.Token)
		}
	}
	c.readPeople()
	for _, p := range c.projects {
		c.names[p.ID] = p.Name
		c.readProject(&p)
	}
	c.sink.Progress("reading who else is let in at OpenAI")
	c.admins, _ = ledger.All[keyShape](c.ctx, c.l, pathAdminKeys, nil, pages)
	c.providers, _ = ledger.All[providerShape](c.ctx, c.l, pathProviders, nil, pages)
	for _, p := range c.providers {
		c.rules[p.ID], _ = ledger.All[ruleShape](c.ctx, c.l, httpx.Path(pathProviders+"/%s/federation_rules", p.ID), nil, pages)
	}
	c.deliver()
	c.deliverSelf("reads", c.s.opt.Token, c.held)
	if ref := c.s.opt.RevokeToken; c.s.may() == nil && !ref.IsZero() {
		v, err := ref.Read(c.ctx, c.s.lookup())
		if err != nil {
			c.sink.Warn(inventory.Warning{Text: "revoke_token: " + inventory.Clean(err.Error())})
		} else {
			c.deliverSelf("revokes", ref, v)
		}
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if err := c.l.Err(); err != nil {
		return fmt.Errorf("%w: %w", sources.ErrPartial, err)
	}
	return nil
}

func (c *collection) readPeople() {
	var list []userShape
	list, c.everybody = ledger.All[userShape](c.ctx, c.l, pathUsers, nil, pages)
	for i := range list {
		c.users[list[i].ID] = &list[i]
	}
}

func (c *collection) readProject(p *projectShape) {
	c.sink.Progress("reading the project " + p.Name + " at OpenAI")
	c.accounts[p.ID], c.listed[p.ID] = ledger.All[accountShape](c.ctx, c.l, httpx.Path(pathProjects+"/%s/service_accounts", p.ID), nil, pages)
	c.keys[p.ID], _ = ledger.All[keyShape](c.ctx, c.l, httpx.Path(pathProjects+"/%s/api_keys", p.ID), url.Values{"owner_project_access": {"any"}}, pages)
}

// deliverSelf takes one of nhitop's own keys in.
func (c *collection) deliverSelf(use string, ref credref.Ref, v inventory.Value) {
	x := inventory.Secret{Kind: kindAdmin, Issuer: Kind, State: inventory.StateLive}
	for i := range c.admins {
		if k := &c.admins[i]; v.Shows(k.Hint) {
			x.Created, x.Expires, x.LastUsed, x.Account = k.Created.time(), k.Expires.time(), k.LastUsed.time(), k.Owner.Name
		}
	}
	org := c.resource("")
	rights := []self.Right{}
	for _, can := range []inventory.Capability{inventory.AdminOrg, inventory.MintIdentity} {
		rights = append(rights, self.Right{Capability: can, Level: "admin", Resource: org, Path: []string{"an admin key; whether it is limited OpenAI does not show", "people, projects, keys and workload identity"}})
	}
	self.Deliver(c.sink, self.Credential{Service: "OpenAI", URL: c.s.http.URL(pathAdminKeys), Use: use, Ref: ref, Value: v, Secret: x, Rights: rights})
}
