package openaisim

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// route answers a call of the administration API.
func (c *call) route() reply {
	switch c.part[0] {
	case "users":
		return c.users()
	case "projects":
		return c.projects()
	case "admin_api_keys":
		return c.adminKeys()
	case "workload_identity_providers":
		return c.providers()
	case "audit_logs":
		return c.auditLogs()
	}
	return notThere
}

func (c *call) is(method string) bool { return c.r.Method == method }

// list answers with all, or with the one that the path names; -1 where it names none that is there.
func list[T any](all []T, i string, key func(*T) string) int {
	return slices.IndexFunc(all, func(x T) bool { return key(&x) == i })
}

func (c *call) users() reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Users {
			out = append(out, c.userShape(&c.w.Users[i]))
		}
		return c.page(out)
	}
	i := list(c.w.Users, c.part[1], func(u *User) string { return id(IDUser, u.Email) })
	switch {
	case i < 0:
		return notThere
	case c.is(http.MethodDelete):
		if !c.lie.Nothing {
			c.w.Users = slices.Delete(c.w.Users, i, i+1)
		}
		return ok(object{"object": "organization.user.deleted", "id": c.part[1], "deleted": true})
	}
	return ok(c.userShape(&c.w.Users[i]))
}

func (c *call) projects() reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Projects {
			if p := &c.w.Projects[i]; !p.Archived || c.r.URL.Query().Get("include_archived") == "true" {
				out = append(out, projectShape(p))
			}
		}
		return c.page(out)
	}
	i := list(c.w.Projects, c.part[1], func(p *Project) string { return id(IDProject, p.Name) })
	if i < 0 {
		return notThere
	}
	p := &c.w.Projects[i]
	switch {
	case len(c.part) == 2:
		return ok(projectShape(p))
	case c.part[2] == "api_keys":
		return c.keys(p)
	case c.part[2] == "service_accounts":
		return c.accounts(p)
	}
	return notThere
}

func (c *call) keys(p *Project) reply {
	if len(c.part) == 3 {
		want := c.r.URL.Query().Get("owner_project_access")
		var out []object
		for i := range p.Keys {
			k := &p.Keys[i]
			if want == "any" || want == "" && !k.Orphan || want == "active" && !k.Orphan || want == "inactive" && k.Orphan {
				out = append(out, c.keyShape(p, k))
			}
		}
		return c.page(out)
	}
	i := list(p.Keys, c.part[3], func(k *Key) string { return id(IDKey, k.Name) })
	if i < 0 || len(c.part) > 4 {
		return notThere
	}
	k := &p.Keys[i]
	switch {
	case c.is(http.MethodDelete):
		if !c.lie.Nothing {
			c.end(k.value())
			c.note("api_key.deleted", c.now(), c.part[3], "", nil)
			p.Keys = slices.Delete(p.Keys, i, i+1)
		}
		return ok(object{"object": "organization.project.api_key.deleted", "id": c.part[3], "deleted": true})
	case c.is(http.MethodPost):
		return c.setKey(p, k)
	}
	return ok(c.keyShape(p, k))
}

func (c *call) setKey(p *Project, k *Key) reply {
	if !k.Expires.IsZero() && !c.now().Before(k.Expires) {
		return fail(http.StatusBadRequest, "expired", "Expired keys cannot be updated")
	}
	scopes, given := texts(c.body["scopes"])
	seconds, timed := c.body["expires_in_seconds"].(float64)
	if !given && !timed {
		return fail(http.StatusBadRequest, "invalid_request", "scopes or expires_in_seconds is needed")
	}
	if timed {
		k.Expires = c.now().Add(time.Duration(seconds) * time.Second)
	}
	if given {
		if !c.lie.Nothing {
			k.Scopes = scopes
		}
		c.note("api_key.updated", c.now(), id(IDKey, k.Name), "changes_requested", k.Scopes)
	}
	return ok(c.keyShape(p, k))
}

// texts is a list of texts of a body.
func texts(v any) ([]string, bool) {
	all, given := v.([]any)
	out := []string{}
	for _, x := range all {
		if s, isText := x.(string); isText {
			out = append(out, s)
		}
	}
	return out, given
}

func (c *call) accounts(p *Project) reply {
	if len(c.part) == 3 {
		var out []object
		for i := range p.Accounts {
			out = append(out, accountShape(&p.Accounts[i]))
		}
		return c.page(out)
	}
	i := list(p.Accounts, c.part[3], func(a *Account) string { return id(IDAccount, a.Name) })
	if i < 0 {
		return notThere
	}
	a := p.Accounts[i]
	switch {
	case len(c.part) == 5 && c.part[4] == "api_keys" && c.is(http.MethodPost):
		return c.makeKey(p, a)
	case len(c.part) == 4 && c.is(http.MethodDelete):
		if !c.lie.Nothing {
			p.Keys = slices.DeleteFunc(p.Keys, func(k Key) bool {
				if k.Owner == a.Name {
					c.end(k.value())
				}
				return k.Owner == a.Name
			})
			p.Accounts = slices.Delete(p.Accounts, i, i+1)
		}
		return ok(object{"object": "organization.project.service_account.deleted", "id": c.part[3], "deleted": true})
	case len(c.part) == 4:
		return ok(accountShape(&a))
	}
	return notThere
}

// makeKey gives a service account another key. The answer alone shows its value.
func (c *call) makeKey(p *Project, a Account) reply {
	c.made++
	k := Key{Name: fmt.Sprintf("key %d", c.made), Owner: a.Name, Created: c.now()}
	if n, given := c.body["name"].(string); given && n != "" {
		k.Name = n
	}
	k.Scopes, _ = texts(c.body["scopes"])
	if seconds, timed := c.body["expires_in_seconds"].(float64); timed {
		k.Expires = c.now().Add(time.Duration(seconds) * time.Second)
	}
	p.Keys = append(p.Keys, k)
	c.note("api_key.created", c.now(), id(IDKey, k.Name), "data", k.Scopes)
	return ok(object{"object": "organization.project.service_account.api_key", "id": id(IDKey, k.Name), "name": k.Name, "value": k.value(), "created_at": k.Created.Unix(), "expires_at": unix(k.Expires)})
}

func (c *call) adminKeys() reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.AdminKeys {
			out = append(out, adminShape(&c.w.AdminKeys[i]))
		}
		return c.page(out)
	}
	i := list(c.w.AdminKeys, c.part[1], func(k *AdminKey) string { return id(IDKey, k.Name) })
	switch {
	case i < 0:
		return notThere
	case c.is(http.MethodDelete):
		if !c.lie.Nothing {
			c.end(value("admin", c.w.AdminKeys[i].Name))
			c.w.AdminKeys = slices.Delete(c.w.AdminKeys, i, i+1)
		}
		return ok(object{"object": "organization.admin_api_key.deleted", "id": c.part[1], "deleted": true})
	}
	return ok(adminShape(&c.w.AdminKeys[i]))
}

func (c *call) providers() reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Providers {
			out = append(out, providerShape(&c.w.Providers[i]))
		}
		return c.page(out)
	}
	i := list(c.w.Providers, c.part[1], func(p *Provider) string { return id(IDProvider, p.Name) })
	if i < 0 {
		return notThere
	}
	p := &c.w.Providers[i]
	if len(c.part) > 2 {
		return c.rules(p)
	}
	if on, given := c.body["enabled"].(bool); given && c.is(http.MethodPost) && !c.lie.Nothing {
		p.Off = !on
	}
	return ok(providerShape(p))
}

func (c *call) rules(p *Provider) reply {
	if len(c.part) == 3 {
		var out []object
		for i := range p.Rules {
			out = append(out, ruleShape(p, &p.Rules[i]))
		}
		return c.page(out)
	}
	i := list(p.Rules, c.part[3], func(r *Rule) string { return id(IDRule, r.Name) })
	if i < 0 {
		return notThere
	}
	if on, given := c.body["enabled"].(bool); given && c.is(http.MethodPost) && !c.lie.Nothing {
		p.Rules[i].Off = !on
	}
	return ok(ruleShape(p, &p.Rules[i]))
}

func (c *call) auditLogs() reply {
	if c.w.NoAudit {
		return fail(http.StatusForbidden, "", "Audit logging is not enabled for this organization")
	}
	q := c.r.URL.Query()
	var out []object
	for _, e := range c.audit {
		kind, _ := e["type"].(string)
		about, _ := e[kind].(object)["id"].(string)
		if (len(q["event_types[]"]) == 0 || slices.Contains(q["event_types[]"], kind)) && (len(q["resource_ids[]"]) == 0 || slices.Contains(q["resource_ids[]"], about)) {
			out = append(out, e)
		}
	}
	return c.page(out)
}
