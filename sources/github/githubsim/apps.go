package githubsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

var appRoutes = []route{
	{pattern: "GET /app", do: (*call).ownApp, need: need{by: byJWT}},
	{pattern: "GET /app/installations/{installation_id}", do: (*call).ownInstallation, need: need{by: byJWT}},
	{pattern: "DELETE /app/installations/{installation_id}", do: (*call).uninstallOwn, need: need{by: byJWT}},
	{pattern: "POST /app/installations/{installation_id}/access_tokens", do: (*call).mint, need: need{by: byJWT}},
	{pattern: "PUT /app/installations/{installation_id}/suspended", do: (*call).suspend, need: need{by: byJWT}},
	{pattern: "DELETE /app/installations/{installation_id}/suspended", do: (*call).unsuspend, need: need{by: byJWT}},
	{pattern: "GET /orgs/{org}/installation", do: (*call).orgInstallation, need: need{by: byJWT}},
	{pattern: "GET /enterprises/{enterprise}/installation", do: (*call).entInstallation, need: need{by: byJWT}, cloud: true},
	{pattern: "GET /repos/{owner}/{repo}/installation", do: (*call).orgInstallation, need: need{by: byJWT}},
	{pattern: "GET /apps/{app_slug}", do: (*call).getApp, need: anybody},
	{pattern: "DELETE /installation/token", do: (*call).revokeOwnToken, need: need{by: byInstalls}},
	{pattern: "GET /orgs/{org}/installations", do: (*call).listInstallations, need: need{role: roleAdmin, scope: "read:org", perm: "organization_administration:read"}},
	{pattern: "GET /installation/repositories", do: (*call).installationRepos, need: need{by: byInstalls, perm: "metadata:read"}},
	{pattern: "GET /user/installations", do: (*call).userInstallations, need: need{by: byAppUsers}},
}

func (c *call) appObj(a *App) obj {
	owner := c.user(a.Owner)
	if owner == nil {
		owner = c.user(a.Slug + "[bot]")
	}
	perms := map[string]string{}
	maps.Copy(perms, a.Permissions)
	return obj{"id": a.ID, "slug": a.Slug, "client_id": a.ClientID, "node_id": nodeID("A", a.ID), "owner": owner, "name": a.Name, "description": text(a.Description),
		"external_url": "https://example.com/" + a.Slug, "html_url": c.web + "/apps/" + a.Slug, "created_at": when(a.Created), "updated_at": when(a.Created),
		"permissions": perms, "events": list(a.Events)}
}

func (c *call) ownApp() answer {
	o := c.appObj(c.who.app)
	n := 0
	for _, x := range c.st.installs {
		if x.app == c.who.app {
			n++
		}
	}
	o["installations_count"] = n
	return ok(o)
}

func (c *call) getApp() answer {
	a := c.st.apps[c.r.PathValue("app_slug")]
	if a == nil {
		return *c.notFound()
	}
	return ok(c.appObj(a))
}

// own is the installation in the path, if it is the caller's own; an app knows of no other.
func (c *call) own() *install {
	x := c.st.installs[c.pathInt("installation_id")]
	if x == nil || x.app != c.who.app {
		return nil
	}
	c.org = x.org
	return x
}

func (c *call) ownInstallation() answer {
	if x := c.own(); x != nil {
		return ok(c.installation(x))
	}
	return *c.notFound()
}

func (c *call) orgInstallation() answer {
	for _, x := range c.org.installs {
		if x.app == c.who.app && (c.repo == nil || x.reaches(c.repo)) {
			return ok(c.installation(x))
		}
	}
	return *c.notFound()
}

func (c *call) entInstallation() answer {
	for _, x := range c.st.installs {
		if x.app == c.who.app && x.ent != nil && x.ent.Slug == c.r.PathValue("enterprise") {
			return ok(c.installation(x))
		}
	}
	return *c.notFound()
}

func (c *call) userInstallations() answer {
	var list []*install
	for _, name := range slices.Sorted(maps.Keys(c.st.orgs)) {
		o := c.st.orgs[name]
		for _, x := range o.installs {
			if x.app == c.who.app && o.roleOf(c.who.user) > roleNone {
				list = append(list, x)
			}
		}
	}
	return c.keyed("installations", len(list), func(i int) any { return c.installation(list[i]) })
}

func (c *call) uninstallOwn() answer {
	x := c.own()
	if x == nil {
		return *c.notFound()
	}
	c.kill(func() { c.st.uninstall(x) })
	return noContent
}

// uninstall takes an app away; its tokens are accepted no more, for they name an installation that is not there.
func (s *state) uninstall(x *install) {
	delete(s.installs, x.ID)
	if x.org != nil {
		x.org.installs = slices.DeleteFunc(x.org.installs, func(y *install) bool { return y == x })
	}
}

func (c *call) suspend() answer {
	x := c.own()
	if x == nil {
		return *c.notFound()
	}
	at := c.now()
	c.kill(func() { x.SuspendedAt, x.Updated, x.SuspendedBy = at, at, x.app.Slug+"[bot]" })
	return noContent
}

func (c *call) unsuspend() answer {
	x := c.own()
	if x == nil {
		return *c.notFound()
	}
	x.SuspendedAt, x.SuspendedBy = time.Time{}, ""
	return noContent
}

// mint makes a token of an installation, for an hour, and no wider than the installation.
func (c *call) mint() answer {
	x := c.own()
	if x == nil {
		return *c.notFound()
	}
	var in struct {
		Repositories []string          `json:"repositories"`
		IDs          []int64           `json:"repository_ids"`
		Permissions  map[string]string `json:"permissions"`
	}
	if len(c.body) > 0 && !c.read(&in) {
		return *c.refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	if !x.SuspendedAt.IsZero() {
		return *c.refuse(http.StatusForbidden, "This installation has been suspended")
	}
	for name, level := range in.Permissions {
		if levels[x.Permissions[name]] < levels[level] {
			return c.invalid("The permissions requested are not granted to this installation.", "Installation", "permissions")
		}
	}
	repos, narrowed := c.asked(x, in.Repositories, in.IDs)
	if narrowed && repos == nil {
		return c.invalid("There is at least one repository that does not exist or is not accessible to the parent installation.", "Installation", "repositories")
	}
	c.st.minted++
	t := c.st.addToken(Token{Value: fmt.Sprintf("%s_FAKEsim%027d", AppToken, c.st.minted), Installation: x.ID, Created: c.now(), Expires: c.now().Add(time.Hour)})
	t.minted, t.mintedRepos = in.Permissions, repos
	perms := x.Permissions
	if in.Permissions != nil {
		perms = in.Permissions
	}
	selection := x.selection()
	if narrowed {
		selection = "selected"
	}
	return status(http.StatusCreated, obj{"token": t.Value, "expires_at": when(t.Expires), "permissions": perms, "repository_selection": selection})
}

// asked are the repositories that a token is narrowed to; nil and true if one of them is not the installation's.
func (c *call) asked(x *install, names []string, ids []int64) (repos map[int64]bool, narrowed bool) {
	if len(names)+len(ids) == 0 {
		return nil, false
	}
	repos = map[int64]bool{}
	for _, n := range names {
		if x.org == nil || x.org.byName[low(n)] == nil {
			return nil, true
		}
		ids = append(ids, x.org.byName[low(n)].ID)
	}
	for _, id := range ids {
		if r := c.st.repoByID[id]; r == nil || !x.reaches(r) {
			return nil, true
		}
		repos[id] = true
	}
	return repos, true
}

func (c *call) revokeOwnToken() answer {
	t := c.who.tok
	c.kill(func() { t.dead = true })
	return noContent
}

func (c *call) listInstallations() answer {
	list := c.org.installs
	return c.keyed("installations", len(list), func(i int) any { return c.installation(list[i]) })
}

func (c *call) installationRepos() answer {
	if c.who.inst.org == nil {
		return *c.refuse(http.StatusForbidden, c.inaccessible())
	}
	c.org = c.who.inst.org
	list := c.seen()
	a := c.keyed("repositories", len(list), func(i int) any { return c.repoMin(list[i]) })
	a.body.(obj)["repository_selection"] = c.who.inst.selection()
	return a
}
