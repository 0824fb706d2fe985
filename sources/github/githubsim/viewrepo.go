package githubsim

import (
	"encoding/json"
	"maps"
	"strings"
)

// repoMin is GitHub's minimal-repository.
func (c *call) repoMin(r *repo) json.RawMessage { return c.repoJSON(r, c.repoSome(r)) }

// repoSimple is GitHub's simple-repository.
func (c *call) repoSimple(r *repo) json.RawMessage { return c.repoJSON(r, obj{}) }

// repoFull is GitHub's full-repository.
func (c *call) repoFull(r *repo) json.RawMessage {
	o := c.repoSome(r)
	maps.Copy(o, obj{"subscribers_count": 0, "network_count": 0, "organization": c.user(r.org.Login)})
	if c.reach(r) == roleAdmin {
		on := obj{"status": "enabled"}
		o["security_and_analysis"] = obj{"secret_scanning": on, "secret_scanning_push_protection": on}
	}
	return c.repoJSON(r, o)
}

// repoSome is what a minimal-repository has besides what every form of a repository has.
func (c *call) repoSome(r *repo) obj {
	role := c.reach(r)
	if c.who.kind == AppToken {
		role = roles[c.who.inst.Permissions["contents"]]
	}
	return obj{"git_url": "git://github.com/" + r.full + ".git", "ssh_url": "git@github.com:" + r.full + ".git", "clone_url": c.web + "/" + r.full + ".git",
		"svn_url": c.web + "/" + r.full, "mirror_url": nil, "homepage": nil, "language": text(r.Language), "forks_count": 0, "stargazers_count": 0,
		"watchers_count": 0, "size": 100, "default_branch": r.DefaultBranch, "open_issues_count": 0, "is_template": false, "topics": list(r.Topics),
		"has_issues": true, "has_projects": true, "has_wiki": false, "has_pages": false, "has_downloads": true, "has_discussions": false,
		"archived": r.Archived, "disabled": false, "visibility": r.Visibility, "pushed_at": when(r.Pushed), "created_at": when(r.Created),
		"updated_at": when(r.Pushed), "permissions": permissions(role), "license": nil, "forks": 0, "open_issues": 0, "watchers": 0,
		"allow_forking": false, "web_commit_signoff_required": false}
}

// repoJSON writes a repository with what every form of it has and some more. Its forty links are appended as bytes: as
// parts of a map they would be most of the work of a page.
func (c *call) repoJSON(r *repo, more obj) json.RawMessage {
	own := c.repoURL(r)
	maps.Copy(more, obj{"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.Name, "full_name": r.full, "owner": c.owner(r.org), "private": r.Visibility != "public",
		"html_url": c.web + "/" + r.full, "description": text(r.Description), "fork": r.Fork, "url": own})
	b := mustJSON(more)
	b = b[:len(b)-1]
	own = strings.Trim(string(mustJSON(own)), `"`) // as it stands in JSON
	for _, l := range repoLinks {
		b = append(b, `,"`...)
		b = append(b, l[0]...)
		b = append(b, `_url":"`...)
		b = append(b, own...)
		b = append(b, l[1]...)
		b = append(b, '"')
	}
	return append(b, '}')
}

// owner is an organisation as the owner of its repositories, written once for an answer.
func (c *call) owner(o *org) json.RawMessage {
	if c.ownerOf != o {
		c.ownerOf, c.ownerJSON = o, mustJSON(c.user(o.Login))
	}
	return c.ownerJSON
}
