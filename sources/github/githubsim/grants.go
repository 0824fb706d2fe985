package githubsim

import (
	"net/http"
	"slices"
	"time"
)

func byApps(perm string) need { return need{by: byInstalls | byAppUsers, perm: perm} }

const (
	readGrants   = "organization_personal_access_tokens:read"
	writeGrants  = "organization_personal_access_tokens:write"
	readAsked    = "organization_personal_access_token_requests:read"
	writeAsked   = "organization_personal_access_token_requests:write"
	grantsPath   = "/orgs/{org}/personal-access-tokens"
	requestsPath = "/orgs/{org}/personal-access-token-requests"
)

var grantRoutes = []route{
	{pattern: "GET " + grantsPath, do: (*call).listGrants, need: byApps(readGrants)},
	{pattern: "POST " + grantsPath, do: (*call).revokeGrants, need: byApps(writeGrants)},
	{pattern: "POST " + grantsPath + "/{pat_id}", do: (*call).revokeGrant, need: byApps(writeGrants)},
	{pattern: "GET " + grantsPath + "/{pat_id}/repositories", do: (*call).grantRepos, need: byApps(readGrants)},
	{pattern: "GET " + requestsPath, do: (*call).listRequests, need: byApps(readAsked)},
	{pattern: "POST " + requestsPath + "/{pat_request_id}", do: (*call).reviewRequest, need: byApps(writeAsked)},
	{pattern: "GET " + requestsPath + "/{pat_request_id}/repositories", do: (*call).requestRepos, need: byApps(readAsked)},
}

func (c *call) grantObj(g *Grant, path string) obj {
	selection := "subset"
	if g.Repositories == nil {
		selection = "all"
	} else if len(g.Repositories) == 0 {
		selection = "none"
	}
	perms := obj{}
	for name, m := range map[string]map[string]string{"organization": g.Organization, "repository": g.Repository, "other": g.Other} {
		if len(m) > 0 {
			perms[name] = m
		}
	}
	return obj{"id": g.ID, "owner": c.user(g.Owner), "repository_selection": selection, "repositories_url": c.api + "/orgs/" + c.org.Login + path + num(g.ID) + "/repositories",
		"permissions": perms, "token_id": g.TokenID, "token_name": g.TokenName, "token_expired": !g.Expires.IsZero() && !c.now().Before(g.Expires),
		"token_expires_at": when(g.Expires), "token_last_used_at": when(g.LastUsed)}
}

// grantsAsked are the grants that the query's filters let through, newest first (as they are kept) unless the other way
// was asked for.
func (c *call) grantsAsked(in []Grant) []*Grant {
	owners, ids := c.query["owner"], c.query["token_id"]
	before, after := c.moment("last_used_before"), c.moment("last_used_after")
	var out []*Grant
	for i := range in {
		g := &in[i]
		switch {
		case len(owners) > 0 && !slices.ContainsFunc(owners, func(o string) bool { return low(o) == low(g.Owner) }),
			len(ids) > 0 && !slices.Contains(ids, num(g.TokenID)),
			!before.IsZero() && !g.LastUsed.Before(before),
			!after.IsZero() && !g.LastUsed.After(after),
			c.query.Get("permission") != "" && !g.has(c.query.Get("permission")),
			c.query.Get("repository") != "" && !g.names(c.query.Get("repository")):
			continue
		}
		out = append(out, g)
	}
	if c.query.Get("direction") == "asc" {
		slices.Reverse(out)
	}
	return out
}

func (c *call) moment(name string) time.Time {
	t, err := time.Parse(time.RFC3339, c.query.Get(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

func (g *Grant) has(perm string) bool {
	return g.Organization[perm] != "" || g.Repository[perm] != "" || g.Other[perm] != ""
}

func (g *Grant) names(repo string) bool {
	return g.Repositories == nil || slices.ContainsFunc(g.Repositories, func(n string) bool { return low(n) == low(repo) })
}

func (c *call) listGrants() answer {
	list := c.grantsAsked(c.org.Grants)
	return c.list(len(list), func(i int) any {
		o := c.grantObj(list[i], "/personal-access-tokens/")
		o["access_granted_at"] = when(list[i].Granted)
		return o
	})
}

func (c *call) listRequests() answer {
	list := c.grantsAsked(c.org.Requests)
	return c.list(len(list), func(i int) any {
		o := c.grantObj(list[i], "/personal-access-token-requests/")
		o["created_at"], o["reason"] = when(list[i].Granted), text(list[i].Reason)
		return o
	})
}

func find(in []Grant, id int64) *Grant {
	for i := range in {
		if in[i].ID == id {
			return &in[i]
		}
	}
	return nil
}

func (c *call) reposOf(g *Grant) answer {
	if g == nil {
		return *c.notFound()
	}
	repos := c.org.repos
	if g.Repositories != nil {
		repos = c.org.pick(g.Repositories)
	}
	return c.list(len(repos), func(i int) any { return c.repoMin(repos[i]) })
}

func (c *call) grantRepos() answer { return c.reposOf(find(c.org.Grants, c.pathInt("pat_id"))) }

func (c *call) requestRepos() answer {
	return c.reposOf(find(c.org.Requests, c.pathInt("pat_request_id")))
}

// drop takes grants away from an organisation: the token lives on, elsewhere.
func (o *org) drop(ids ...int64) {
	o.Grants = slices.DeleteFunc(o.Grants, func(g Grant) bool { return slices.Contains(ids, g.ID) })
}

func (c *call) revokeGrant() answer {
	var in struct {
		Action string `json:"action"`
	}
	if !c.read(&in) || in.Action != "revoke" {
		return c.invalid("action must be revoke", "PersonalAccessToken", "action")
	}
	g := find(c.org.Grants, c.pathInt("pat_id"))
	if g == nil {
		return *c.notFound()
	}
	o, id := c.org, g.ID
	c.kill(func() { o.drop(id) })
	return noContent
}

func (c *call) revokeGrants() answer {
	var in struct {
		Action string  `json:"action"`
		IDs    []int64 `json:"pat_ids"`
	}
	if !c.read(&in) || in.Action != "revoke" || len(in.IDs) == 0 || len(in.IDs) > 100 {
		return c.invalid("action must be revoke, with 1 to 100 pat_ids", "PersonalAccessToken", "pat_ids")
	}
	o := c.org
	c.kill(func() { o.drop(in.IDs...) })
	return status(http.StatusAccepted, obj{})
}

func (c *call) reviewRequest() answer {
	var in struct {
		Action string `json:"action"`
	}
	if !c.read(&in) || in.Action != "approve" && in.Action != "deny" {
		return c.invalid("action must be approve or deny", "PersonalAccessTokenRequest", "action")
	}
	g := find(c.org.Requests, c.pathInt("pat_request_id"))
	if g == nil {
		return *c.notFound()
	}
	if in.Action == "approve" {
		granted := *g
		granted.ID, granted.Granted = c.st.id(0), c.now()
		c.org.Grants = slices.Insert(c.org.Grants, 0, granted)
	}
	id := g.ID
	c.org.Requests = slices.DeleteFunc(c.org.Requests, func(x Grant) bool { return x.ID == id })
	return noContent
}
