package anthropic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// Kinds of credentials, as the catalogue names them.
const (
	kindKey    = "anthropic-api-key"
	kindRule   = "anthropic-federation-rule"
	kindIssuer = "anthropic-federation-issuer"
)

func (c *collection) secretID(path string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, c.s.http.Base(), path)
}

// states are the states of a key.
var states = map[string]string{keyActive: inventory.StateLive, keyInactive: inventory.StateDisabled, keyArchived: inventory.StateRevoked, keyExpired: inventory.StateExpired}

// key hands a key over, with its holder and what it opens. single says that no other key bears its name.
func (c *collection) key(k *keyShape, single bool) {
	path := httpx.Path(pathKeys+"/%s", k.ID)
	use := used{}
	if single {
		use = c.usedKeys[k.Name]
	}
	x := inventory.Secret{
		ID: c.secretID(path), Kind: kindKey, Issuer: Kind, Account: c.nameOf(cmp.Or(k.Principal.who(), k.CreatedBy.who())), Hint: k.end(), Storage: inventory.StorageProvider,
		Exposure: inventory.ExposureNone, State: cmp.Or(states[k.Status], inventory.StateUnknown), Created: k.CreatedAt, Expires: k.ExpiresAt, LastUsed: use.last,
		LongLived: inventory.No, Locations: []inventory.Location{c.at(path, fmt.Sprintf("API key %q", k.Name))}, Scopes: c.keyScopes(k),
	}
	var notes []string
	if k.ExpiresAt.IsZero() {
		x.LongLived = inventory.Yes
	}
	maker := k.CreatedBy.who()
	switch {
	case maker == "":
		notes = append(notes, "who made it is not recorded")
	case strings.HasPrefix(maker, "user_") && c.users[maker] == nil && c.everybody:
		notes = append(notes, "made by somebody who is no member any more")
	}
	if k.Principal.who() == "" {
		notes = append(notes, "it acts as nobody in particular")
	}
	x.Note = strings.Join(notes, "; ")
	for _, who := range []string{maker, k.Principal.who()} {
		if o := c.person(who); o != "" && !slices.Contains(x.Owners, o) {
			x.Owners = append(x.Owners, o)
		}
	}
	if a := c.holder(k, use); a != nil {
		x.Assistants = []inventory.ID{a.ID}
		a.Secrets = append(a.Secrets, x.ID)
		if use.last.After(a.LastUsed) {
			a.LastUsed, a.Status = use.last, "active"
		}
		for _, o := range x.Owners {
			c.owns(a, o)
		}
	}
	c.sink.Secret(x, inventory.Value{})
	c.opens(&x, k.workspace(), k.Principal == nil, []string{fmt.Sprintf("API key %q of %s", k.Name, c.org.called())}, path)
}

func (c *collection) keyScopes(k *keyShape) []string {
	var out []string
	switch {
	case k.workspace() != "":
		out = append(out, "workspace:"+c.workspaceName(k.workspace()))
	case k.Scope != nil:
		out = append(out, "organization")
	}
	if who := k.Principal.who(); who != "" {
		out = append(out, "acts-as:"+c.nameOf(who))
	}
	return out
}

// nameOf is what people call a person or a service account.
func (c *collection) nameOf(id string) string {
	if u := c.users[id]; u != nil {
		return cmp.Or(u.Email, u.Name)
	}
	for i := range c.accounts {
		if c.accounts[i].ID == id {
			return c.accounts[i].Name
		}
	}
	return id
}

// opens delivers what a credential may do with the data of a workspace: models are called with it, and its files and the
// results of its batches are read and written.
func (c *collection) opens(x *inventory.Secret, workspace string, certain bool, path []string, at string) {
	res := c.resource(workspace)
	gate := inventory.GateOpen
	if x.State == inventory.StateDisabled || x.State == inventory.StateExpired {
		gate, path = inventory.GateBlocked, append(slices.Clone(path), "it is "+x.State)
	}
	what := "files and batch results of workspace " + c.workspaceName(workspace)
	if workspace == "" {
		what = "files and batch results of the workspaces that it may use; which, Anthropic does not say here"
	}
	for _, r := range []struct {
		can   inventory.Capability
		level string
	}{{inventory.DataRead, "read"}, {inventory.DataWrite, "write"}} {
		c.entitle(x, r.can, r.level, res, gate, certain, append(slices.Clone(path), what), at)
	}
}

func (c *collection) entitle(x *inventory.Secret, can inventory.Capability, level string, res inventory.ID, gate string, certain bool, path []string, at string) {
	e := inventory.Entitlement{
		Via: string(x.ID), Capability: can, Level: level, Resource: res, Origin: inventory.OriginDirect, Gate: gate, Certain: certain, GrantedAt: x.Created, Expires: x.Expires,
		LastUsed: x.LastUsed, Path: path, Evidence: []inventory.Evidence{c.evidence(at, "")},
	}
	if len(x.Assistants) > 0 {
		e.Assistant = x.Assistants[0]
	}
	e.ID = inventory.NewID(inventory.NounEntitlement, string(x.ID), string(can), string(res))
	c.sink.Entitlement(e)
	if gate == inventory.GateBlocked {
		return
	}
	for _, a := range c.assistants {
		if a.ID == e.Assistant {
			if a.Capabilities == nil {
				a.Capabilities = map[inventory.Capability]inventory.Answer{}
			}
			if answer := map[bool]inventory.Answer{true: inventory.Yes, false: inventory.Unknown}[certain]; a.Capabilities[can] != inventory.Yes {
				a.Capabilities[can] = answer
			}
		}
	}
}

// rule hands a federation rule over: a standing right to be given tokens, for whoever can show a fitting one of the issuer.
func (c *collection) rule(r *ruleShape) {
	path := httpx.Path(pathRules+"/%s", r.ID)
	x := inventory.Secret{
		ID: c.secretID(path), Kind: kindRule, Issuer: Kind, Account: cmp.Or(r.Target.AccountName, c.nameOf(r.Target.AccountID)), Storage: inventory.StorageProvider,
		Exposure: inventory.ExposureNone, State: inventory.StateLive, Created: r.CreatedAt, LongLived: inventory.No,
		Locations: []inventory.Location{c.at(path, fmt.Sprintf("federation rule %q", r.Name))}, Scopes: c.ruleScopes(r), Broad: r.admin(),
		Note: fmt.Sprintf("gives tokens of %s to whom %s vouches for", words(r.lifetime()), cmp.Or(r.IssuerName, r.IssuerID)),
	}
	if o := c.person(r.CreatedBy); o != "" {
		x.Owners = []inventory.ID{o}
	}
	var admin bool
	for i := range c.accounts {
		if a := &c.accounts[i]; a.ID == r.Target.AccountID {
			admin = a.Role == "admin"
			held := c.account(a)
			x.Assistants, held.Secrets = []inventory.ID{held.ID}, append(held.Secrets, x.ID)
		}
	}
	c.sink.Secret(x, inventory.Value{})
	words := []string{fmt.Sprintf("federation rule %q", r.Name), c.subject(r), fmt.Sprintf("acts as service account %q with %s", x.Account, r.Scope)}
	spaces := r.Workspaces
	if r.All {
		spaces = []string{""}
		words = append(words, "in every workspace, those to come too")
	}
	for _, w := range spaces {
		c.opens(&x, w, true, words, path)
	}
	switch {
	case r.admin():
		for _, can := range []inventory.Capability{inventory.AdminOrg, inventory.MintIdentity} {
			c.entitle(&x, can, "admin", c.resource(""), inventory.GateOpen, true, append(slices.Clone(words), "people, workspaces, keys and federation of "+c.org.called()), path)
		}
	case admin:
		c.entitle(&x, inventory.AdminOrg, "admin", c.resource(""), inventory.GateOpen, false, append(slices.Clone(words), "the service account is admin of "+c.org.called()+"; this rule does not grant that"), path)
	}
}

// subject says in words who fits a rule.
func (c *collection) subject(r *ruleShape) string {
	var out []string
	switch m := r.Match; {
	case strings.HasSuffix(m.Subject, "*"):
		out = append(out, "any subject that begins with "+strings.TrimSuffix(m.Subject, "*"))
	case m.Subject != "":
		out = append(out, "subject "+m.Subject)
	}
	for _, k := range inventory.SortedKeys(r.Match.Claims) {
		out = append(out, k+" = "+r.Match.Claims[k])
	}
	if r.Match.Condition != "" {
		out = append(out, "condition "+r.Match.Condition)
	}
	return "whoever " + cmp.Or(r.IssuerName, r.IssuerID) + " vouches for: " + cmp.Or(strings.Join(out, ", "), "anybody")
}

func (c *collection) ruleScopes(r *ruleShape) []string {
	out := strings.Fields(r.Scope)
	if r.Match.Subject != "" {
		out = append(out, "subject:"+r.Match.Subject)
	}
	if r.Match.Audience != "" {
		out = append(out, "audience:"+r.Match.Audience)
	}
	if r.All {
		return append(out, "workspace:*")
	}
	for _, w := range r.Workspaces {
		out = append(out, "workspace:"+c.workspaceName(w))
	}
	return out
}

// issuer hands over who is trusted to vouch for workloads.
func (c *collection) issuer(i *issuerShape) {
	path := httpx.Path(pathIssuers+"/%s", i.ID)
	x := inventory.Secret{
		ID: c.secretID(path), Kind: kindIssuer, Issuer: Kind, Account: i.URL, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: inventory.StateLive,
		Created: i.CreatedAt, LongLived: inventory.No, Locations: []inventory.Location{c.at(path, fmt.Sprintf("federation issuer %q", i.Name))},
	}
	n := 0
	for j := range c.rules {
		if r := &c.rules[j]; r.IssuerID == i.ID && r.ArchivedAt.IsZero() {
			n++
		}
	}
	x.Note = fmt.Sprintf("%d rules trust it", n)
	if !i.CheckJTI {
		x.Note += "; a token of it can be shown twice (check_jti is off)"
	}
	if o := c.person(i.CreatedBy); o != "" {
		x.Owners = []inventory.ID{o}
	}
	c.sink.Secret(x, inventory.Value{})
}
