package anthropic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

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
	now  time.Time
	held map[string]inventory.Value

	org        orgShape
	users      map[string]*userShape
	everybody  bool // the list of people was read to its end
	workspaces map[string]*workspaceShape
	spaces     []workspaceShape
	members    map[string][]string // person -> paths of memberships
	keys       []keyShape
	accounts   []accountShape
	inSpaces   map[string][]memberShape // service account -> memberships
	issuers    []issuerShape
	rules      []ruleShape
	usedKeys   map[string]used // by name
	usedBy     map[string]used // by address

	assistants map[string]*inventory.Assistant
	order      []string
	owners     map[inventory.ID]bool
	resources  map[string]inventory.ID
}

// used is what the Claude Code report says of a key or a person.
type used struct {
	last      time.Time
	terminals []string
	customer  string
}

func newCollection(ctx context.Context, s *Source, sink inventory.Sink, held map[string]inventory.Value) *collection {
	return &collection{
		s: s, ctx: ctx, sink: sink, l: ledger.New(s.http, need), now: s.env.Now(), held: held, users: map[string]*userShape{}, workspaces: map[string]*workspaceShape{},
		members: map[string][]string{}, inSpaces: map[string][]memberShape{}, usedKeys: map[string]used{}, usedBy: map[string]used{},
		assistants: map[string]*inventory.Assistant{}, owners: map[inventory.ID]bool{}, resources: map[string]inventory.ID{},
	}
}

// need says what a credential must be to read a path.
func need(path string) string {
	if oauthOnly(path) {
		return "not for this credential: an OAuth access token with the scope org:admin is needed (oauth_token)"
	}
	return "not for this credential: an Admin API key of the organisation is needed"
}

// run reads everything and hands it over. What was read before the context ended is handed over too.
func (c *collection) run() error {
	defer c.l.Flush(c.sink)
	c.sink.Progress("asking Anthropic which organisation it is")
	if _, err := c.s.http.Get(c.ctx, pathMe, nil, &c.org); err != nil {
		c.l.Failed(pathMe, err)
		if httpx.Status(err) == http.StatusUnauthorized {
			return fmt.Errorf("the Anthropic API at %s refuses the credential: it is revoked, expired or not an Admin API key", c.s.host())
		}
		return err
	}
	c.l.Read(pathMe, false)
	c.readPeople()
	c.readKeys()
	c.readTrust()
	c.readUsage()
	c.deliver()
	c.deliverSelf()
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if err := c.l.Err(); err != nil {
		return fmt.Errorf("%w: %w", sources.ErrPartial, err)
	}
	return nil
}

func (c *collection) readPeople() {
	c.sink.Progress("reading people and workspaces of " + c.org.called())
	var list []userShape
	list, c.everybody = ledger.All[userShape](c.ctx, c.l, pathUsers, nil, byID)
	for i := range list {
		c.users[list[i].ID] = &list[i]
	}
	c.spaces, _ = ledger.All[workspaceShape](c.ctx, c.l, pathWorkspaces, url.Values{"include_default": {"true"}}, byID)
	for i := range c.spaces {
		w := &c.spaces[i]
		c.workspaces[w.ID] = w
		path := httpx.Path(pathWorkspaces+"/%s/members", w.ID)
		ms, _ := ledger.All[memberShape](c.ctx, c.l, path, nil, byID)
		for _, m := range ms {
			c.members[m.UserID] = append(c.members[m.UserID], httpx.Path(pathWorkspaces+"/%s/members/%s", w.ID, m.UserID))
		}
	}
}

func (c *collection) readKeys() {
	c.sink.Progress("reading the API keys of " + c.org.called())
	keys, _ := ledger.All[keyShape](c.ctx, c.l, pathKeys, nil, byID)
	for _, k := range keys {
		if k.Status != keyArchived { // archived keys are refused for good; there is nothing left to judge
			c.keys = append(c.keys, k)
		}
	}
}

// readTrust reads service accounts and federation, which only an access token is shown.
func (c *collection) readTrust() {
	if c.s.opt.OAuth.IsZero() {
		for _, p := range []string{pathAccounts, pathIssuers, pathRules} {
			c.l.Denied(p, "an Admin API key is not accepted here: set oauth_token to an OAuth access token with the scope org:admin")
		}
		return
	}
	c.sink.Progress("reading service accounts and federation of " + c.org.called())
	c.accounts, _ = ledger.All[accountShape](c.ctx, c.l, pathAccounts, nil, byWord)
	for _, a := range c.accounts {
		c.inSpaces[a.ID], _ = ledger.All[memberShape](c.ctx, c.l, httpx.Path(pathAccounts+"/%s/workspaces", a.ID), nil, byWord)
	}
	c.issuers, _ = ledger.All[issuerShape](c.ctx, c.l, pathIssuers, nil, byWord)
	c.rules, _ = ledger.All[ruleShape](c.ctx, c.l, pathRules, nil, byWord)
}

// readUsage reads the report of Claude Code, the newest day first.
func (c *collection) readUsage() {
	for i := range c.s.opt.UsageDays {
		day := c.now.UTC().AddDate(0, 0, -i).Format(time.DateOnly)
		c.sink.Progress("reading who used Claude Code on " + day)
		list, ok := ledger.All[usageShape](c.ctx, c.l, pathUsage, url.Values{"starting_at": {day}}, byWord)
		for _, u := range list {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				continue
			}
			if u.Actor.Key != "" {
				c.usedKeys[u.Actor.Key] = c.usedKeys[u.Actor.Key].and(at, u)
			}
			if e := strings.ToLower(u.Actor.Email); e != "" {
				c.usedBy[e] = c.usedBy[e].and(at, u)
			}
		}
		if !ok {
			return
		}
	}
}

func (x used) and(at time.Time, u usageShape) used {
	if at.After(x.last) {
		x.last = at
	}
	if x.customer == "" {
		x.customer = u.Customer
	}
	for _, t := range x.terminals {
		if t == u.Terminal {
			return x
		}
	}
	if u.Terminal != "" {
		x.terminals = append(x.terminals, u.Terminal)
	}
	return x
}

// deliverSelf takes nhitop's own credentials in.
func (c *collection) deliverSelf() {
	org := c.resource("")
	rights := func(words string) []self.Right {
		return []self.Right{
			{Capability: inventory.AdminOrg, Level: "admin", Resource: org, Certain: true, Path: []string{words, "people, workspaces and API keys of " + c.org.called()}},
		}
	}
	give := func(use, kind, words string, ref credref.Ref) {
		v, ok := c.held[ref.String()]
		if !ok {
			var err error
			if v, err = ref.Read(c.ctx, c.s.lookup()); err != nil {
				c.sink.Warn(inventory.Warning{Text: "the credential to revoke with: " + inventory.Clean(err.Error())})
				return
			}
		}
		self.Deliver(c.sink, self.Credential{
			Service: "Anthropic", URL: c.s.http.URL(pathMe), Use: use, Ref: ref, Value: v, Rights: rights(words),
			Secret: inventory.Secret{Kind: kind, Issuer: Kind, Account: c.org.called(), State: inventory.StateLive},
		})
	}
	const admin, oauth = "an Admin API key", "an access token with org:admin"
	for _, x := range []struct {
		use, kind, words string
		ref              credref.Ref
		wanted           bool
	}{
		{"reads", "anthropic-admin-key", admin, c.s.opt.Token, true},
		{"reads", "anthropic-oauth-access", oauth, c.s.opt.OAuth, true},
		{"revokes", "anthropic-admin-key", admin, c.s.opt.RevokeToken, c.s.may() == nil},
		{"revokes", "anthropic-oauth-access", oauth, c.s.opt.RevokeOAuth, c.s.may() == nil},
	} {
		if x.wanted && !x.ref.IsZero() {
			give(x.use, x.kind, x.words, x.ref)
		}
	}
}
