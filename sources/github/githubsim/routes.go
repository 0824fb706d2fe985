package githubsim

// nowhere is the route of paths that there are none for.
var nowhere = route{pattern: "/", do: func(c *call) answer { return *c.notFound() }, need: need{by: byAll | byJWT}}

// The needs that many routes share. Permissions are those of GitHub's document for apps and fine-grained tokens, scopes
// and roles those of the operations' descriptions.
var (
	anybody  = need{by: byAll}
	readOrg  = need{role: roleAdmin, scope: "admin:org", perm: "organization_administration:read"}
	writeOrg = need{role: roleAdmin, scope: "admin:org", perm: "organization_administration:write"}
)

var routes = concat(baseRoutes, appRoutes, enterpriseRoutes, grantRoutes, credentialRoutes, applicationRoutes, keyRoutes,
	copilotRoutes, secretRoutes, actionRoutes, workflowRoutes, peopleRoutes, ruleRoutes, protectionRoutes, environmentRoutes, alertRoutes, auditRoutes, contentRoutes, graphRoutes)

func concat(tables ...[]route) []route {
	var out []route
	for _, t := range tables {
		out = append(out, t...)
	}
	return out
}

var baseRoutes = []route{
	{pattern: "GET /rate_limit", do: (*call).rateLimit, need: anybody, unmetered: true},
	{pattern: "GET /meta", do: (*call).meta, need: anybody},
	{pattern: "GET /user", do: (*call).me, need: need{by: byPeople}},
	{pattern: "GET /users/{username}", do: (*call).publicUser, need: anybody},
	{pattern: "GET /orgs/{org}", do: (*call).getOrg, need: anybody},
	{pattern: "GET /orgs/{org}/repos", do: (*call).listRepos, need: anybody},
	{pattern: "GET /repos/{owner}/{repo}", do: (*call).getRepo, need: need{by: byAll, perm: "metadata:read", open: true}},
}
