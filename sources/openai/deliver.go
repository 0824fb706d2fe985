package openai

import (
	"cmp"
	"fmt"
	"slices"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/named"
	"nhitop/sources/internal/people"
)

// deliver hands over what was read.
func (c *collection) deliver() {
	for _, id := range inventory.SortedKeys(c.users) {
		c.person(c.users[id])
	}
	for i := range c.projects {
		p := &c.projects[i]
		for j := range c.accounts[p.ID] {
			c.account(p.ID, &c.accounts[p.ID][j])
		}
		for j := range c.keys[p.ID] {
			c.key(p, &c.keys[p.ID][j])
		}
	}
	for i := range c.admins {
		c.admin(&c.admins[i])
	}
	for i := range c.providers {
		p := &c.providers[i]
		c.provider(p)
		for j := range c.rules[p.ID] {
			c.rule(p, &c.rules[p.ID][j])
		}
	}
	for _, k := range c.order {
		c.sink.Assistant(*c.assistants[k])
	}
}

func (c *collection) evidence(path, note string) inventory.Evidence {
	return inventory.Evidence{Path: c.s.http.URL(path), Note: note}
}

func (c *collection) secretID(path string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, c.s.http.Base(), path)
}

// person is the owner's record of somebody, member or not any more.
func (c *collection) person(u *userShape) inventory.ID {
	if u == nil || u.Service {
		return ""
	}
	status := "unknown"
	if member := c.users[u.ID]; member != nil {
		u, status = member, "active"
	} else if c.everybody {
		status = "departed"
	}
	path := httpx.Path(pathUsers+"/%s", u.ID)
	p, ok := people.New(u.Name, u.Email, "member of the organisation", c.evidence(path, cmp.Or(u.Role, "member")))
	if !ok {
		return ""
	}
	p.Host = c.s.host()
	if !c.owners[p.ID()] {
		c.owners[p.ID()] = true
		c.sink.Owner(p.Owner(status))
	}
	return p.ID()
}

// resource is what a credential opens: a project, or with "" the organisation.
func (c *collection) resource(project string) inventory.ID {
	if id, ok := c.resources[project]; ok {
		return id
	}
	x := inventory.Resource{Kind: "model", Name: c.s.host(), Evidence: []inventory.Evidence{c.evidence(pathProjects, "organisation")}}
	if project != "" {
		x.Name += "/" + cmp.Or(c.names[project], project)
		x.Evidence = []inventory.Evidence{c.evidence(httpx.Path(pathProjects+"/%s", project), "project")}
	}
	x.ID = inventory.NewID(inventory.NounResource, x.Kind, c.s.http.Base(), project)
	c.resources[project] = x.ID
	c.sink.Resource(x)
	return x.ID
}

func (c *collection) projectName(id string) string { return cmp.Or(c.names[id], id) }

// assistant makes the record of one that holds credentials, or returns it.
func (c *collection) assistant(key, kind, name string, e inventory.Evidence) *inventory.Assistant {
	if a := c.assistants[key]; a != nil {
		return a
	}
	_, vendor := c.s.known.Product(kind)
	a := &inventory.Assistant{
		ID: inventory.NewID(inventory.NounAssistant, c.s.http.Base(), key), Kind: kind, Vendor: vendor, Name: name, Scope: "org", Class: inventory.ClassUnknown,
		ClassReason: "OpenAI shows what it may use, not what it does", Autonomy: inventory.AutonomyUnknown, AutonomyReason: "OpenAI does not show how it is run",
		Sandbox: inventory.SandboxUnknown, Status: "unknown", Host: c.s.host(), Evidence: []inventory.Evidence{e}, Capabilities: map[inventory.Capability]inventory.Answer{},
	}
	c.assistants[key] = a
	c.order = append(c.order, key)
	return a
}

func (c *collection) product(kind string) string {
	name, _ := c.s.known.Product(kind)
	return cmp.Or(name, "assistant")
}

// account is the assistant that a service account is.
func (c *collection) account(project string, x *accountShape) *inventory.Assistant {
	kind, how := c.s.known.Kind(x.Name)
	guessed := kind != "" && how != named.Configured
	name := fmt.Sprintf("service account %q", x.Name)
	if kind == "" {
		kind, how = named.Custom, "service account"
	}
	if kind != named.Custom {
		name = c.product(kind) + " as " + name
	}
	a := c.assistant("account/"+x.ID, kind, name, c.evidence(httpx.Path(pathProjects+"/%s/service_accounts/%s", project, x.ID), how))
	a.Guessed, a.Account, a.Path = guessed, x.Name, c.projectName(project)
	return a
}

// holder is the assistant that a key is of; nil where none is known.
func (c *collection) holder(p *projectShape, k *keyShape, path string) *inventory.Assistant {
	if o := k.Owner.Account; o != nil {
		i := slices.IndexFunc(c.accounts[p.ID], func(a accountShape) bool { return a.ID == o.ID })
		if i < 0 && !c.listed[p.ID] {
			return nil // the service accounts could not be read
		}
		return c.account(p.ID, o)
	}
	kind, how := c.s.known.Kind(k.Name)
	if kind == "" {
		return nil
	}
	a := c.assistant("key/"+k.ID, kind, fmt.Sprintf("%s with the key %q", c.product(kind), k.Name), c.evidence(path, how))
	a.Guessed, a.Path = how != named.Configured, p.Name
	return a
}

// hold ties a secret to its holder.
func (c *collection) hold(x *inventory.Secret, a *inventory.Assistant) {
	if a == nil {
		return
	}
	x.Assistants = []inventory.ID{a.ID}
	a.Secrets = append(a.Secrets, x.ID)
	if x.LastUsed.After(a.LastUsed) {
		a.LastUsed = x.LastUsed
	}
	for _, o := range x.Owners {
		if !slices.Contains(a.Owners, o) {
			a.Owners = append(a.Owners, o)
		}
	}
}
