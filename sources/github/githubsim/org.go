package githubsim

import "slices"

func (c *call) meta() answer {
	return ok(obj{"verifiable_password_authentication": false, "domains": obj{"website": []string{"*.github.com"}}})
}

// me is the account of the caller; what only the owner sees needs the scope user.
func (c *call) me() answer {
	u := c.who.user
	o := c.profile(u)
	if c.classic() && !c.hasScope("read:user") {
		return ok(o)
	}
	for k, v := range (obj{"private_gists": 0, "total_private_repos": 0, "owned_private_repos": 0, "disk_usage": 0, "collaborators": 0, "two_factor_authentication": true, "user_view_type": "private"}) {
		o[k] = v
	}
	return ok(o)
}

func (c *call) profile(u *User) obj {
	o := c.userObj(u)
	for k, v := range (obj{"name": text(u.Name), "company": nil, "blog": "", "location": nil, "email": text(u.Email), "hireable": nil, "bio": nil, "twitter_username": nil,
		"public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": when(u.Created), "updated_at": when(u.Created)}) {
		o[k] = v
	}
	return o
}

func (c *call) publicUser() answer {
	u := c.st.users[low(c.r.PathValue("username"))]
	if u == nil {
		return *c.notFound()
	}
	return ok(c.profile(u))
}

// getOrg shows owners, and apps with the permission, more than others.
func (c *call) getOrg() answer {
	o := c.orgObj(c.org)
	for k, v := range (obj{"name": c.org.Name, "has_organization_projects": true, "has_repository_projects": true, "public_repos": 0, "public_gists": 0, "followers": 0,
		"following": 0, "html_url": c.web + "/" + c.org.Login, "type": "Organization", "created_at": when(c.org.Created), "updated_at": when(c.org.Created), "archived_at": nil}) {
		o[k] = v
	}
	if !c.ownsOrg("admin:org", "organization_administration:read") {
		return ok(o)
	}
	for k, v := range (obj{"plan": obj{"name": c.org.Plan, "space": 0, "private_repos": 999999}, "default_repository_permission": c.org.BasePermission,
		"two_factor_requirement_enabled": c.org.TwoFactor, "members_can_create_repositories": true, "deploy_keys_enabled_for_repositories": true,
		"secret_scanning_enabled_for_new_repositories": true, "secret_scanning_push_protection_enabled_for_new_repositories": true,
		"total_private_repos": len(c.org.repos), "owned_private_repos": len(c.org.repos)}) {
		o[k] = v
	}
	return ok(o)
}

// ownsOrg reports whether the caller may see what is the owners'.
func (c *call) ownsOrg(scope, perm string) bool {
	switch {
	case c.who.kind == nobody || c.who.kind == itself:
		return false
	case c.single() != nil:
		return false
	case c.classic():
		return c.org.roleOf(c.who.user) == roleAdmin && c.hasScope(scope)
	case c.who.kind == AppToken:
		return c.permits(perm)
	}
	return c.org.roleOf(c.who.user) == roleAdmin && c.permits(perm)
}

// seen are the organisation's repositories that the caller sees.
func (c *call) seen() []*repo {
	switch {
	case c.who.kind == AppToken && c.who.inst.org == c.org && c.who.tok.mintedRepos == nil:
		return c.who.inst.repositories()
	case c.classic() && c.hasScope("repo") && c.org.roleOf(c.who.user) == roleAdmin && c.single() == nil:
		return c.org.repos
	}
	var out []*repo
	for _, r := range c.org.repos {
		if c.reach(r) >= roleRead && (r.Visibility == "public" || c.who.kind == nobody || c.single() == nil) {
			out = append(out, r)
		}
	}
	return out
}

// repoTypes are the filters of a list of repositories; "all" and what is not known let all through.
var repoTypes = map[string]func(*repo) bool{
	"private":  func(r *repo) bool { return r.Visibility != "public" },
	"internal": func(r *repo) bool { return r.Visibility == "internal" },
	"forks":    func(r *repo) bool { return r.Fork },
	"sources":  func(r *repo) bool { return !r.Fork },
}

func (c *call) listRepos() answer {
	list := c.seen()
	if fits := repoTypes[c.query.Get("type")]; fits != nil {
		list = slices.DeleteFunc(slices.Clone(list), func(r *repo) bool { return !fits(r) })
	}
	return c.list(len(list), func(i int) any { return c.repoMin(list[i]) })
}

func (c *call) getRepo() answer { return ok(c.repoFull(c.repo)) }
