package anthropicsim

import (
	"net/http"
	"strings"
	"time"
)

// route answers a call of the Admin API.
func (c *call) route() reply {
	federated := c.part[0] == "service_accounts" || strings.HasPrefix(c.part[0], "federation_") || len(c.part) > 2 && c.part[2] == "service_accounts"
	switch {
	case c.login.OAuth && c.login.Scope != "" && c.login.Scope != "org:admin":
		return fail(http.StatusForbidden, "the token lacks the scope org:admin")
	case federated && !c.login.OAuth:
		return fail(http.StatusForbidden, "Admin API keys are not accepted here")
	}
	get, post := c.r.Method == http.MethodGet, c.r.Method == http.MethodPost
	switch c.part[0] {
	case "me":
		return ok(object{"id": c.org(), "type": "organization", "name": c.w.Organization})
	case "api_keys":
		return c.apiKeys(get, post)
	case "users":
		return c.users(get)
	case "workspaces":
		return c.workspaces(get)
	case "service_accounts":
		return c.accounts(get, post)
	case "federation_issuers":
		return c.issuers(get, post)
	case "federation_rules":
		return c.rules(get, post)
	case "usage_report":
		return c.usage()
	}
	return notThere
}

func (s *Sim) org() string { return id("org", s.w.Organization) }

func (c *call) apiKeys(get, post bool) reply {
	if len(c.part) == 1 {
		var out []object
		q := c.r.URL.Query()
		for _, k := range c.keys {
			if st := q.Get("status"); st != "" && st != c.status(k) {
				continue
			}
			out = append(out, c.keyShape(k))
		}
		return c.page(out)
	}
	var k *key
	for _, x := range c.keys {
		if id(IDKey, x.Name) == c.part[1] {
			k = x
		}
	}
	switch {
	case k == nil || len(c.part) > 2:
		return notThere
	case post:
		return c.setKey(k)
	case get:
		return ok(c.keyShape(k))
	}
	return fail(http.StatusMethodNotAllowed, "method not allowed")
}

func (c *call) setKey(k *key) reply {
	status, _ := c.body["status"].(string)
	switch {
	case status != "active" && status != "inactive" && status != "archived":
		return fail(http.StatusBadRequest, "status: one of active, inactive, archived")
	case k.Status == "archived" && status != "archived":
		return fail(http.StatusBadRequest, "an archived API key cannot be changed")
	case c.status(k) == "expired" && status == "active":
		return fail(http.StatusBadRequest, "an expired API key cannot be made active")
	case c.lie.Nothing:
		x := c.keyShape(k)
		x["status"] = status
		return ok(x)
	}
	if k.Status != status {
		if k.before != "active" || k.Status == "active" {
			k.before, k.end = k.Status, c.now()
		}
		k.Status, k.late, k.lives = status, c.lie.Lag, c.lie.Lives && status != "active"
	}
	return ok(c.keyShape(k))
}

func (c *call) users(get bool) reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Users {
			out = append(out, userShape(&c.w.Users[i]))
		}
		return c.page(out)
	}
	u := c.user(c.part[1])
	switch {
	case u == nil:
		return notThere
	case get:
		return ok(userShape(u))
	case c.r.Method == http.MethodDelete:
		for i := range c.w.Workspaces {
			delete(c.w.Workspaces[i].Members, u.Email)
		}
		left := []User{}
		for _, x := range c.w.Users {
			if x.Email != u.Email {
				left = append(left, x)
			}
		}
		c.w.Users = left
		return ok(object{"id": c.part[1], "type": "user_deleted"})
	}
	return fail(http.StatusMethodNotAllowed, "method not allowed")
}

func (c *call) workspaces(get bool) reply {
	if len(c.part) == 1 {
		var out []object
		q := c.r.URL.Query()
		for i := range c.w.Workspaces {
			w := &c.w.Workspaces[i]
			if w.Archived && q.Get("include_archived") != "true" || w.Name == Default && q.Get("include_default") != "true" {
				continue
			}
			out = append(out, workspaceShape(w))
		}
		return c.page(out)
	}
	w := c.workspace(c.part[1])
	switch {
	case w == nil:
		return notThere
	case len(c.part) == 2 && get:
		return ok(workspaceShape(w))
	case len(c.part) >= 3 && c.part[2] == "members":
		return c.members(w, get)
	case len(c.part) == 4 && c.part[2] == "service_accounts" && get:
		if a := c.account(c.part[3]); a != nil && a.Archived.IsZero() && w.Accounts[a.Name] != "" {
			return ok(accountMemberShape(w.Name, a.Name, w.Accounts[a.Name], false))
		}
	}
	return notThere
}

func (c *call) members(w *Workspace, get bool) reply {
	if len(c.part) == 3 {
		if get {
			return c.page(sorted(w.Members, func(n, r string) object { return memberShape(w.Name, n, r) }))
		}
		who, _ := c.body["user_id"].(string)
		role, _ := c.body["workspace_role"].(string)
		u := c.user(who)
		if u == nil || role == "" {
			return fail(http.StatusBadRequest, "user_id and workspace_role are needed")
		}
		w.Members[u.Email] = role
		return ok(memberShape(w.Name, u.Email, role))
	}
	u := c.user(c.part[3])
	if u == nil || w.Members[u.Email] == "" {
		return notThere
	}
	x := memberShape(w.Name, u.Email, w.Members[u.Email])
	if c.r.Method == http.MethodDelete {
		delete(w.Members, u.Email)
		return ok(object{"type": "workspace_member_deleted", "user_id": x["user_id"], "workspace_id": x["workspace_id"]})
	}
	return ok(x)
}

func (c *call) accounts(get, post bool) reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Accounts {
			if a := &c.w.Accounts[i]; a.Archived.IsZero() || c.archivedToo() {
				out = append(out, accountShape(a))
			}
		}
		return c.cursor(out, false)
	}
	a := c.account(c.part[1])
	switch {
	case a == nil:
		return notThere
	case len(c.part) == 2 && get:
		return ok(accountShape(a))
	case len(c.part) >= 3 && c.part[2] == "workspaces":
		return c.accountSpaces(a, get)
	case len(c.part) == 3 && c.part[2] == "archive" && post:
		for i := range c.w.Rules {
			if r := &c.w.Rules[i]; r.Account == a.Name && r.Archived.IsZero() {
				return fail(http.StatusBadRequest, "a live federation rule targets this service account")
			}
		}
		c.archive(&a.Archived)
		return ok(accountShape(a))
	}
	return notThere
}

func (c *call) archivedToo() bool { return c.r.URL.Query().Get("include_archived") == "true" }

func (c *call) archive(at *time.Time) {
	if at.IsZero() && !c.lie.Nothing {
		*at = c.now()
	}
}

func (c *call) accountSpaces(a *Account, get bool) reply {
	if len(c.part) == 3 && get {
		var out []object
		for i := range c.w.Workspaces {
			w := &c.w.Workspaces[i]
			switch role := w.Accounts[a.Name]; {
			case role != "":
				out = append(out, accountMemberShape(w.Name, a.Name, role, false))
			case w.Name == Default:
				out = append([]object{accountMemberShape(w.Name, a.Name, "workspace_user", true)}, out...)
			}
		}
		if !a.Archived.IsZero() {
			out = nil
		}
		return c.cursor(out, false)
	}
	if len(c.part) == 3 {
		ws, _ := c.body["workspace_id"].(string)
		role, _ := c.body["workspace_role"].(string)
		w := c.workspace(ws)
		if w == nil || role == "" || !a.Archived.IsZero() {
			return fail(http.StatusBadRequest, "workspace_id and workspace_role are needed")
		}
		w.Accounts[a.Name] = role
		return ok(accountMemberShape(w.Name, a.Name, role, false))
	}
	w := c.workspace(c.part[3])
	if w == nil || w.Accounts[a.Name] == "" || c.r.Method != http.MethodDelete {
		return notThere
	}
	delete(w.Accounts, a.Name)
	return ok(object{"type": "service_account_workspace_member_deleted", "service_account_id": c.part[1], "workspace_id": c.part[3]})
}

func (c *call) issuers(get, post bool) reply {
	if len(c.part) == 1 {
		var out []object
		for i := range c.w.Issuers {
			if x := &c.w.Issuers[i]; x.Archived.IsZero() || c.archivedToo() {
				out = append(out, issuerShape(x))
			}
		}
		return c.cursor(out, false)
	}
	x := c.issuer(c.part[1])
	switch {
	case x == nil:
		return notThere
	case len(c.part) == 2 && get:
		return ok(issuerShape(x))
	case len(c.part) == 3 && c.part[2] == "archive" && post:
		for i := range c.w.Rules {
			if r := &c.w.Rules[i]; r.Issuer == x.Name && r.Archived.IsZero() {
				return fail(http.StatusBadRequest, "a live federation rule references this issuer")
			}
		}
		c.archive(&x.Archived)
		return ok(issuerShape(x))
	}
	return notThere
}

func (c *call) rules(get, post bool) reply {
	if len(c.part) == 1 {
		var out []object
		q := c.r.URL.Query().Get("issuer_id")
		for i := range c.w.Rules {
			x := &c.w.Rules[i]
			if (x.Archived.IsZero() || c.archivedToo()) && (q == "" || q == id(IDIssuer, x.Issuer)) {
				out = append(out, ruleShape(x))
			}
		}
		return c.cursor(out, false)
	}
	x := c.rule(c.part[1])
	switch {
	case x == nil:
		return notThere
	case len(c.part) == 2 && get:
		return ok(ruleShape(x))
	case len(c.part) == 3 && c.part[2] == "archive" && post:
		if x.Scope != "" && x.Scope != "workspace:developer" && x.Scope != "workspace:inference" {
			return fail(http.StatusForbidden, "rules of this scope are managed in the Console")
		}
		c.archive(&x.Archived)
		return ok(ruleShape(x))
	}
	return notThere
}

func (c *call) usage() reply {
	day, err := time.Parse(time.DateOnly, c.r.URL.Query().Get("starting_at"))
	if len(c.part) != 2 || c.part[1] != "claude_code" || err != nil {
		return fail(http.StatusBadRequest, "starting_at: a day, YYYY-MM-DD")
	}
	var out []object
	for i := range c.w.Usage {
		if u := &c.w.Usage[i]; u.Day.UTC().Truncate(24 * time.Hour).Equal(day) {
			out = append(out, usageShape(c.org(), u))
		}
	}
	return c.cursor(out, true)
}
