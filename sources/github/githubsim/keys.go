package githubsim

import (
	"net/http"
	"slices"
)

func repoAdmin(perm string, deny int) need {
	return need{role: roleAdmin, scope: "repo", perm: perm, deny: deny}
}

var keyRoutes = []route{
	{pattern: "GET /repos/{owner}/{repo}/keys", do: (*call).listKeys, need: repoAdmin("administration:read", http.StatusNotFound)},
	{pattern: "GET /repos/{owner}/{repo}/keys/{key_id}", do: (*call).getKey, need: repoAdmin("administration:read", http.StatusNotFound)},
	{pattern: "DELETE /repos/{owner}/{repo}/keys/{key_id}", do: (*call).deleteKey, need: repoAdmin("administration:write", http.StatusNotFound)},
}

func (c *call) keyObj(k *DeployKey) obj {
	return obj{"id": k.ID, "key": k.Key, "url": c.repoURL(c.repo) + "/keys/" + num(k.ID), "title": k.Title, "verified": true, "created_at": when(k.Created),
		"read_only": k.ReadOnly, "added_by": text(k.AddedBy), "last_used": when(k.LastUsed), "enabled": !k.Disabled}
}

func (c *call) listKeys() answer {
	return c.list(len(c.repo.Keys), func(i int) any { return c.keyObj(&c.repo.Keys[i]) })
}

func (r *repo) key(id int64) int {
	return slices.IndexFunc(r.Keys, func(k DeployKey) bool { return k.ID == id })
}

func (c *call) getKey() answer {
	i := c.repo.key(c.pathInt("key_id"))
	if i < 0 {
		return *c.notFound()
	}
	return ok(c.keyObj(&c.repo.Keys[i]))
}

func (c *call) deleteKey() answer {
	r, id := c.repo, c.pathInt("key_id")
	if r.key(id) < 0 {
		return *c.notFound()
	}
	c.kill(func() { r.Keys = slices.DeleteFunc(r.Keys, func(k DeployKey) bool { return k.ID == id }) })
	return noContent
}
