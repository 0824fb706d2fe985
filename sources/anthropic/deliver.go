package anthropic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/named"
	"nhitop/sources/internal/people"
)

// deliver hands over what was read.
func (c *collection) deliver() {
	for _, id := range inventory.SortedKeys(c.users) {
		c.person(id)
	}
	for i := range c.accounts {
		if a := &c.accounts[i]; a.ArchivedAt.IsZero() {
			c.account(a)
		}
	}
	names := map[string]int{}
	for i := range c.keys {
		names[c.keys[i].Name]++
	}
	for i := range c.keys {
		c.key(&c.keys[i], names[c.keys[i].Name] == 1)
	}
	for i := range c.rules {
		if r := &c.rules[i]; r.ArchivedAt.IsZero() {
			c.rule(r)
		}
	}
	for i := range c.issuers {
		if x := &c.issuers[i]; x.ArchivedAt.IsZero() {
			c.issuer(x)
		}
	}
	for _, email := range inventory.SortedKeys(c.usedBy) {
		c.coder(email)
	}
	for _, k := range c.order {
		c.sink.Assistant(*c.assistants[k])
	}
}

func (c *collection) at(path, note string) inventory.Location {
	return inventory.Location{Path: c.s.http.URL(path), Scope: inventory.ScopeProvider, Note: note}
}

func (c *collection) evidence(path, note string) inventory.Evidence {
	return inventory.Evidence{Path: c.s.http.URL(path), Note: note}
}

// person is the owner's record of a member, or of an id that is in no list any more. Its evidence names the memberships:
// by them the person is taken out.
func (c *collection) person(id string) inventory.ID {
	if !strings.HasPrefix(id, "user_") {
		return ""
	}
	path := httpx.Path(pathUsers+"/%s", id)
	u, status := c.users[id], "active"
	switch {
	case u == nil && !c.everybody:
		return "" // who it is could not be read
	case u == nil:
		u, status = &userShape{Name: id}, "departed"
	}
	p, ok := people.New(u.Name, u.Email, "member of the organisation", c.evidence(path, cmp.Or(u.Role, "no member any more")))
	if !ok {
		return ""
	}
	p.Host = c.s.host()
	if !c.owners[p.ID()] {
		c.owners[p.ID()] = true
		o := p.Owner(status)
		for _, m := range c.members[id] {
			o.Evidence = append(o.Evidence, c.evidence(m, "member of a workspace"))
		}
		c.sink.Owner(o)
	}
	return p.ID()
}

// resource is what a credential opens: a workspace, or with "" the organisation.
func (c *collection) resource(workspace string) inventory.ID {
	if id, ok := c.resources[workspace]; ok {
		return id
	}
	x := inventory.Resource{Kind: "model", Name: c.s.host() + "/" + c.org.called(), Evidence: []inventory.Evidence{c.evidence(pathMe, "organisation")}}
	if workspace != "" {
		name := workspace
		x.Evidence = []inventory.Evidence{c.evidence(httpx.Path(pathWorkspaces+"/%s", workspace), "workspace")}
		if w := c.workspaces[workspace]; w != nil {
			name = w.Name
			if env := strings.ToLower(cmp.Or(w.Tags["environment"], w.Tags["env"])); slices.Contains([]string{"dev", "staging", "production"}, env) {
				x.Environment = env
			}
		}
		x.Name += "/" + name
	}
	x.ID = inventory.NewID(inventory.NounResource, x.Kind, c.s.host(), c.org.ID, workspace)
	c.resources[workspace] = x.ID
	c.sink.Resource(x)
	return x.ID
}

func (c *collection) workspaceName(id string) string {
	if w := c.workspaces[id]; w != nil {
		return w.Name
	}
	return id
}

// assistant makes the record of one that holds credentials, or returns it.
func (c *collection) assistant(key, kind, who string, e inventory.Evidence) *inventory.Assistant {
	a := c.assistants[key]
	if a == nil {
		_, vendor := c.s.known.Product(kind)
		a = &inventory.Assistant{
			ID: inventory.NewID(inventory.NounAssistant, Kind, c.s.host(), c.org.ID, key), Kind: kind, Vendor: vendor, Name: c.product(kind) + " " + who, Scope: "org",
			Class: inventory.ClassUnknown, ClassReason: "Anthropic shows what it may use, not what it does", Autonomy: inventory.AutonomyUnknown,
			AutonomyReason: "Anthropic does not show how it is run", Sandbox: inventory.SandboxUnknown, Status: "unknown", Host: c.s.host(), Path: c.org.called(),
		}
		c.assistants[key] = a
		c.order = append(c.order, key)
	}
	const most = 20
	if !slices.Contains(a.Evidence, e) && len(a.Evidence) < most {
		a.Evidence = append(a.Evidence, e)
	}
	return a
}

// product is what an assistant of a kind is called.
func (c *collection) product(kind string) string {
	name, _ := c.s.known.Product(kind)
	return cmp.Or(name, "assistant")
}

func (c *collection) owns(a *inventory.Assistant, owner inventory.ID) {
	if owner != "" && !slices.Contains(a.Owners, owner) {
		a.Owners = append(a.Owners, owner)
	}
}

const claudeCode = "claude-code"

// coder is somebody who is logged in to Claude Code, as the report says.
func (c *collection) coder(email string) {
	u := c.usedBy[email]
	id := ""
	for _, k := range inventory.SortedKeys(c.users) {
		if strings.EqualFold(c.users[k].Email, email) {
			id = k
		}
	}
	if id == "" && !c.everybody {
		return // who it is could not be read
	}
	a := c.assistant("claude-code/"+cmp.Or(id, email), claudeCode, "of "+email, c.evidence(pathUsage, "used with "+cmp.Or(strings.Join(u.terminals, ", "), "no terminal named")))
	a.Account, a.Status = email, "active"
	if u.last.After(a.LastUsed) {
		a.LastUsed = u.last
	}
	if id != "" {
		c.owns(a, c.person(id))
	}
}

// holder is the assistant that a key is of; nil where none is known. A key that acts as a service account is that
// account's; any other is of the assistant that the report or its name tells.
func (c *collection) holder(k *keyShape, use used) *inventory.Assistant {
	path := httpx.Path(pathKeys+"/%s", k.ID)
	if p := k.Principal; p != nil && p.AccountID != "" {
		for i := range c.accounts {
			if c.accounts[i].ID == p.AccountID {
				return c.account(&c.accounts[i])
			}
		}
		return nil // service accounts could not be read
	}
	kind, how := c.s.known.Kind(k.Name)
	if !use.last.IsZero() {
		kind, how = claudeCode, "the report of Claude Code names the key"
	}
	if kind == "" {
		return nil
	}
	a := c.assistant("key/"+k.ID, kind, fmt.Sprintf("with the key %q", k.Name), c.evidence(path, how))
	a.Guessed = use.last.IsZero() && how != named.Configured
	return a
}

// account is the assistant that a service account is.
func (c *collection) account(x *accountShape) *inventory.Assistant {
	path := httpx.Path(pathAccounts+"/%s", x.ID)
	kind, how := c.s.known.Kind(x.Name, x.Description)
	if kind == "" {
		kind, how = named.Custom, "service account"
	}
	key := "account/" + x.ID
	if a := c.assistants[key]; a != nil {
		return a
	}
	a := c.assistant(key, kind, fmt.Sprintf("%q", x.Name), c.evidence(path, how))
	a.Name = fmt.Sprintf("service account %q", x.Name)
	if kind != named.Custom {
		a.Name = fmt.Sprintf("%s as service account %q", c.product(kind), x.Name)
		a.Guessed = how != named.Configured
	}
	a.Purpose, a.Account = x.Description, x.Name
	if x.Role == "admin" {
		a.Class, a.ClassReason = inventory.ClassNHI, "its role in the organisation is admin"
	}
	c.owns(a, c.person(x.CreatedBy))
	for _, m := range c.inSpaces[x.ID] {
		if !m.Implicit {
			e := c.evidence(httpx.Path(pathAccounts+"/%s/workspaces/%s", x.ID, m.Workspace), m.Role+" of workspace "+c.workspaceName(m.Workspace))
			a.Evidence = append(a.Evidence, e)
		}
	}
	return a
}
