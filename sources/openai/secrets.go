package openai

import (
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// Kinds of credentials, as the catalogue names them.
const (
	kindKey      = "openai-project-key"
	kindAccount  = "openai-service-account-key"
	kindAdmin    = "openai-admin-key"
	kindProvider = "openai-identity-provider"
	kindRule     = "openai-federation-rule"
)

// facts are what is the same for every record of this provider.
func (c *collection) facts(path, kind, label string, created, expires, used time.Time) inventory.Secret {
	x := inventory.Secret{
		ID: c.secretID(path), Kind: kind, Issuer: Kind, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: inventory.StateLive, LongLived: inventory.No,
		Created: created, Expires: expires, LastUsed: used, Locations: []inventory.Location{{Path: c.s.http.URL(path), Scope: inventory.ScopeProvider, Note: label}},
	}
	if !expires.IsZero() && !expires.After(c.s.env.Now()) {
		x.State = inventory.StateExpired
	}
	return x
}

// key hands a key of a project over.
func (c *collection) key(p *projectShape, k *keyShape) {
	path := httpx.Path(pathProjects+"/%s/api_keys/%s", p.ID, k.ID)
	kind := kindKey
	if k.Owner.Account != nil {
		kind = kindAccount
	}
	x := c.facts(path, kind, fmt.Sprintf("key %q of project %s", k.Name, p.Name), k.Created.time(), k.Expires.time(), k.LastUsed.time())
	x.Hint, x.Scopes = k.end(), []string{"project:" + p.Name}
	if x.Expires.IsZero() {
		x.LongLived = inventory.Yes
	}
	role := ""
	switch {
	case k.Owner.User != nil:
		x.Account, role = k.Owner.User.Email, k.Owner.User.Role
		if o := c.person(k.Owner.User); o != "" {
			x.Owners = []inventory.ID{o}
		}
	case k.Owner.Account != nil:
		x.Account, role = k.Owner.Account.Name, k.Owner.Account.Role
	}
	if k.Access == "inactive" {
		x.Note = "its owner has no access to the project any more"
	}
	c.hold(&x, c.holder(p, k, path))
	c.sink.Secret(x, inventory.Value{})
	words := []string{fmt.Sprintf("key %q of %s", k.Name, x.Account), "the owner's role in the project is " + role, "its scopes OpenAI does not show"}
	if x.Note != "" {
		words = append(words, x.Note)
	}
	c.opens(&x, p.ID, words, path)
}

// opens delivers what a credential may do with the data of a project: models are called with it, and files, vector stores
// and what is kept of answers are read and written.
func (c *collection) opens(x *inventory.Secret, project string, words []string, path string) {
	for _, r := range []struct {
		can   inventory.Capability
		level string
	}{{inventory.DataRead, "read"}, {inventory.DataWrite, "write"}} {
		c.entitle(x, r.can, r.level, c.resource(project), false, append(slices.Clone(words), "files, vector stores and stored answers of project "+c.projectName(project)), path)
	}
}

func (c *collection) entitle(x *inventory.Secret, can inventory.Capability, level string, res inventory.ID, certain bool, words []string, path string) {
	e := inventory.Entitlement{
		ID:  inventory.NewID(inventory.NounEntitlement, string(x.ID), string(can), string(res)),
		Via: string(x.ID), Capability: can, Level: level, Resource: res, Origin: inventory.OriginDirect, Gate: inventory.GateOpen, Certain: certain, GrantedAt: x.Created,
		Expires: x.Expires, LastUsed: x.LastUsed, Path: words, Evidence: []inventory.Evidence{c.evidence(path, "")},
	}
	if x.State != inventory.StateLive {
		e.Gate, e.Path = inventory.GateBlocked, append(e.Path, "it is "+x.State)
	}
	if len(x.Assistants) > 0 {
		e.Assistant = x.Assistants[0]
	}
	c.sink.Entitlement(e)
	for _, a := range c.assistants {
		if a.ID == e.Assistant && e.Gate == inventory.GateOpen && a.Capabilities[can] != inventory.Yes {
			a.Capabilities[can] = map[bool]inventory.Answer{true: inventory.Yes, false: inventory.Unknown}[certain]
		}
	}
}

// admin hands a key over that administers the organisation.
func (c *collection) admin(k *keyShape) {
	path := httpx.Path(pathAdminKeys+"/%s", k.ID)
	x := c.facts(path, kindAdmin, fmt.Sprintf("admin key %q", k.Name), k.Created.time(), k.Expires.time(), k.LastUsed.time())
	x.Hint, x.Account, x.Broad = k.end(), k.Owner.Name, true
	if x.Expires.IsZero() {
		x.LongLived = inventory.Yes
	}
	if u := c.users[k.Owner.ID]; u != nil {
		x.Account, x.Owners = u.Email, []inventory.ID{c.person(u)}
	} else if c.everybody && k.Owner.ID != "" {
		x.Note = "its owner is no member any more"
	}
	c.sink.Secret(x, inventory.Value{})
	for _, can := range []inventory.Capability{inventory.AdminOrg, inventory.MintIdentity} {
		c.entitle(&x, can, "admin", c.resource(""), true, []string{fmt.Sprintf("admin key %q of %s", k.Name, x.Account), "people, projects, keys and workload identity of the organisation"}, path)
	}
}

// provider hands over who is trusted to vouch for workloads.
func (c *collection) provider(p *providerShape) {
	path := httpx.Path(pathProviders+"/%s", p.ID)
	x := c.facts(path, kindProvider, fmt.Sprintf("workload identity provider %q", p.Name), p.Created.time(), time.Time{}, time.Time{})
	x.Account, x.Scopes = p.Issuer, []string{"audience:" + p.Audience}
	x.Note = fmt.Sprintf("%d rules trust it", len(c.rules[p.ID]))
	if !p.Enabled {
		x.State = inventory.StateDisabled
	}
	c.sink.Secret(x, inventory.Value{})
}

// rule hands over a standing right to be given tokens.
func (c *collection) rule(p *providerShape, r *ruleShape) {
	path := httpx.Path(pathProviders+"/%s/federation_rules/%s", p.ID, r.ID)
	x := c.facts(path, kindRule, fmt.Sprintf("federation rule %q", r.Name), r.Created.time(), time.Time{}, time.Time{})
	x.Scopes = slices.Clone(r.Allowed.Scopes)
	for _, k := range inventory.SortedKeys(r.Matchers) {
		x.Scopes = append(x.Scopes, fmt.Sprintf("%s:%v", k, r.Matchers[k]))
	}
	x.Scopes = append(x.Scopes, "project:"+c.projectName(r.Project))
	if !r.Enabled || !p.Enabled {
		x.State = inventory.StateDisabled
	}
	for i := range c.accounts[r.Project] {
		if a := &c.accounts[r.Project][i]; a.ID == r.Account {
			x.Account = a.Name
			c.hold(&x, c.account(r.Project, a))
		}
	}
	c.sink.Secret(x, inventory.Value{})
	words := []string{fmt.Sprintf("federation rule %q", r.Name), "whoever " + p.Issuer + " vouches for and fits it", fmt.Sprintf("acts as service account %q", x.Account)}
	c.opens(&x, r.Project, words, path)
}
