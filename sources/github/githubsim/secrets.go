package githubsim

import (
	"slices"
	"strings"
)

func orgSecrets(perm string) need { return need{role: roleAdmin, scope: "admin:org", perm: perm} }

func repoSecrets(perm string) need { return need{role: roleWrite, scope: "repo", perm: perm} }

var secretRoutes = concat(
	orgSecretRoutes("/orgs/{org}/actions/secrets", "organization_secrets", func(c *call) *[]Secret { return &c.org.Secrets }),
	orgSecretRoutes("/orgs/{org}/agents/secrets", "organization_agent_secrets", func(c *call) *[]Secret { return &c.org.AgentSecrets }),
	repoSecretRoutes("/repos/{owner}/{repo}/actions/secrets", "secrets", func(c *call) *[]Secret { return &c.repo.Secrets }),
	repoSecretRoutes("/repos/{owner}/{repo}/agents/secrets", "agent_secrets", func(c *call) *[]Secret { return &c.repo.AgentSecrets }),
	repoSecretRoutes("/repos/{owner}/{repo}/environments/{environment_name}/secrets", "environments", func(c *call) *[]Secret {
		if e := c.environment(); e != nil {
			return &e.Secrets
		}
		return nil
	}),
	[]route{
		{pattern: "GET /repos/{owner}/{repo}/actions/organization-secrets", do: func(c *call) answer { return c.reaching(c.org.Secrets) }, need: repoSecrets("secrets:read")},
		{pattern: "GET /repos/{owner}/{repo}/agents/organization-secrets", do: func(c *call) answer { return c.reaching(c.org.AgentSecrets) }, need: repoSecrets("agent_secrets:read")},
	})

func orgSecretRoutes(path, perm string, in func(*call) *[]Secret) []route {
	return []route{
		{pattern: "GET " + path, do: func(c *call) answer {
			list := *in(c)
			return c.keyed("secrets", len(list), func(i int) any { return c.orgSecret(&list[i], path) })
		}, need: orgSecrets(perm + ":read")},
		{pattern: "GET " + path + "/{secret_name}", do: func(c *call) answer {
			list := *in(c)
			if i := c.secretIn(list); i >= 0 {
				return ok(c.orgSecret(&list[i], path))
			}
			return *c.notFound()
		}, need: orgSecrets(perm + ":read")},
		{pattern: "GET " + path + "/{secret_name}/repositories", do: func(c *call) answer {
			list := *in(c)
			i := c.secretIn(list)
			if i < 0 {
				return *c.notFound()
			}
			repos := c.org.pick(list[i].Selected)
			return c.keyed("repositories", len(repos), func(i int) any { return c.repoMin(repos[i]) })
		}, need: orgSecrets(perm + ":read")},
		{pattern: "DELETE " + path + "/{secret_name}", do: func(c *call) answer { return c.deleteSecret(in(c)) }, need: orgSecrets(perm + ":write")},
	}
}

func repoSecretRoutes(path, perm string, in func(*call) *[]Secret) []route {
	return []route{
		{pattern: "GET " + path, do: func(c *call) answer {
			list := in(c)
			if list == nil {
				return *c.notFound()
			}
			return c.keyed("secrets", len(*list), func(i int) any { return secretObj(&(*list)[i]) })
		}, need: repoSecrets(perm + ":read")},
		{pattern: "DELETE " + path + "/{secret_name}", do: func(c *call) answer { return c.deleteSecret(in(c)) }, need: repoSecrets(perm + ":write")},
	}
}

func secretObj(s *Secret) obj {
	return obj{"name": s.Name, "created_at": when(s.Created), "updated_at": when(s.Updated)}
}

func (c *call) orgSecret(s *Secret, path string) obj {
	o := secretObj(s)
	o["visibility"] = s.Visibility
	if s.Visibility == "selected" {
		o["selected_repositories_url"] = c.api + strings.Replace(path, "{org}", c.org.Login, 1) + "/" + s.Name + "/repositories"
	}
	return o
}

func (c *call) secretIn(list []Secret) int {
	return slices.IndexFunc(list, func(s Secret) bool { return low(s.Name) == low(c.r.PathValue("secret_name")) })
}

func (c *call) deleteSecret(list *[]Secret) answer {
	if list == nil || c.secretIn(*list) < 0 {
		return *c.notFound()
	}
	name := low(c.r.PathValue("secret_name"))
	c.kill(func() { *list = slices.DeleteFunc(*list, func(s Secret) bool { return low(s.Name) == name }) })
	return noContent
}

// reaching are the organisation's secrets that jobs of the repository get.
func (c *call) reaching(all []Secret) answer {
	var list []*Secret
	for i := range all {
		s := &all[i]
		if s.Visibility == "all" || s.Visibility == "private" && c.repo.Visibility != "public" || s.Visibility == "selected" && slices.Contains(s.Selected, c.repo.Name) {
			list = append(list, s)
		}
	}
	return c.keyed("secrets", len(list), func(i int) any { return secretObj(list[i]) })
}
