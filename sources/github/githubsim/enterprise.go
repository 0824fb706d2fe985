package githubsim

import (
	"maps"
	"net/http"
	"slices"
)

// The apps of an enterprise's organisation are listed and changed by an app on the enterprise itself, and by nobody else.
func byEnterprise(level string, perm string) need {
	return need{by: byInstalls, perm: "enterprise_" + perm + ":" + level, enterprise: true}
}

var enterpriseRoutes = []route{
	{pattern: "GET /enterprises/{enterprise}/apps/installable_organizations", do: (*call).entOrgs, need: byEnterprise("read", "organization_installations"), cloud: true},
	{pattern: "GET /enterprises/{enterprise}/apps/organizations/{org}/installations", do: (*call).entInstallations, need: byEnterprise("read", "organization_installations"), cloud: true},
	{pattern: "DELETE /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}", do: (*call).entUninstall, need: byEnterprise("write", "organization_installations"), cloud: true},
	{pattern: "GET /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories", do: (*call).entRepos, need: byEnterprise("read", "organization_installation_repositories"), cloud: true},
	{pattern: "PATCH /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories", do: (*call).entSelect, need: byEnterprise("write", "organization_installation_repositories"), cloud: true},
	{pattern: "PATCH /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories/add", do: (*call).entAdd, need: byEnterprise("write", "organization_installation_repositories"), cloud: true},
	{pattern: "PATCH /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories/remove", do: (*call).entRemove, need: byEnterprise("write", "organization_installation_repositories"), cloud: true},
}

// owned reports whether the caller is an app on the enterprise in the path, and that owns the organisation.
func (c *call) owned() bool {
	slug := c.r.PathValue("enterprise")
	return c.who.inst != nil && c.who.inst.ent != nil && c.who.inst.ent.Slug == slug && (c.org == nil || c.org.Enterprise == slug)
}

// ofEnterprise are its organisations, by login.
func (s *state) ofEnterprise(slug string) []*org {
	var out []*org
	for _, k := range slices.Sorted(maps.Keys(s.orgs)) {
		if o := s.orgs[k]; slug != "" && o.Enterprise == slug {
			out = append(out, o)
		}
	}
	return out
}

func (c *call) entOrgs() answer {
	all := c.st.ofEnterprise(c.r.PathValue("enterprise"))
	return c.list(len(all), func(i int) any {
		return obj{"id": all[i].ID, "login": all[i].Login, "accessible_repositories_url": c.api + "/enterprises/" + all[i].Enterprise + "/apps/organizations/" + all[i].Login + "/accessible_repositories"}
	})
}

func (c *call) entInstallations() answer {
	all := c.org.installs
	return c.list(len(all), func(i int) any {
		x := all[i]
		return obj{"id": x.ID, "app_slug": x.app.Slug, "client_id": x.app.ClientID, "repository_selection": x.selection(),
			"repositories_url": c.api + c.r.URL.EscapedPath() + "/" + num(x.ID) + "/repositories", "permissions": x.Permissions, "events": list(x.Events),
			"created_at": when(x.Created), "updated_at": when(x.Updated)}
	})
}

// theirs is the installation in the path, if it is on the organisation.
func (c *call) theirs() *install {
	x := c.st.installs[c.pathInt("installation_id")]
	if x == nil || x.org != c.org {
		return nil
	}
	return x
}

func (c *call) entUninstall() answer {
	x := c.theirs()
	if x == nil {
		return *c.notFound()
	}
	c.kill(func() { c.st.uninstall(x) })
	return noContent
}

func accessible(r *repo) obj { return obj{"id": r.ID, "name": r.Name, "full_name": r.full} }

func accessibles(repos []*repo) []any {
	out := make([]any, 0, len(repos))
	for _, r := range repos {
		out = append(out, accessible(r))
	}
	return out
}

func (c *call) entRepos() answer {
	x := c.theirs()
	if x == nil {
		return *c.notFound()
	}
	repos := x.repositories()
	return c.list(len(repos), func(i int) any { return accessible(repos[i]) })
}

type repoNames struct {
	Selection    string   `json:"repository_selection"`
	Repositories []string `json:"repositories"`
}

// named reads the body; refused is the answer if it names what is not there.
func (c *call) named() (in repoNames, repos []*repo, refused *answer) {
	if !c.read(&in) {
		return in, nil, c.refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	repos = c.org.pick(in.Repositories)
	if len(repos) != len(in.Repositories) || len(repos) > 50 {
		return in, nil, c.refuse(http.StatusUnprocessableEntity, "One or more repositories cannot be found, or there are more than 50.")
	}
	return in, repos, nil
}

func (c *call) entSelect() answer {
	x := c.theirs()
	in, repos, refused := c.named()
	switch {
	case x == nil:
		return *c.notFound()
	case refused != nil:
		return *refused
	case in.Selection == "all" && len(repos) > 0, in.Selection == "selected" && len(repos) == 0:
		return *c.refuse(http.StatusUnprocessableEntity, "Repositories go with \"selected\" and only with it.")
	}
	c.kill(func() {
		if in.Selection == "all" {
			x.all, x.own, x.has = true, nil, nil
		} else {
			x.narrow(repos)
		}
		x.Updated = c.now()
	})
	return ok(c.installation(x))
}

func (c *call) entAdd() answer {
	x := c.theirs()
	_, repos, refused := c.named()
	switch {
	case x == nil:
		return *c.notFound()
	case refused != nil:
		return *refused
	case x.all:
		return *c.refuse(http.StatusUnprocessableEntity, "The app is installed on all repositories.")
	}
	own := x.own
	for _, r := range repos {
		if !x.has[r.ID] {
			own = append(own, r)
		}
	}
	x.narrow(own)
	return ok(accessibles(repos))
}

// entRemove narrows; the last repository cannot be taken away.
func (c *call) entRemove() answer {
	x := c.theirs()
	_, repos, refused := c.named()
	switch {
	case x == nil:
		return *c.notFound()
	case refused != nil:
		return *refused
	case x.all:
		return *c.refuse(http.StatusUnprocessableEntity, "Repositories cannot be removed from an app that is installed on all of them.")
	}
	repos = slices.DeleteFunc(repos, func(r *repo) bool { return !x.has[r.ID] })
	rest := slices.DeleteFunc(slices.Clone(x.own), func(r *repo) bool { return slices.Contains(repos, r) })
	if len(rest) == 0 {
		return *c.refuse(http.StatusUnprocessableEntity, "The last repository of an installation cannot be removed.")
	}
	c.kill(func() { x.narrow(rest) })
	return ok(accessibles(repos))
}
