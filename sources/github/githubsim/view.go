package githubsim

import (
	"encoding/base64"
	"strings"
)

// nodeID is the global id of GraphQL.
func nodeID(kind string, id int64) string {
	return kind + "_" + strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(num(id))), "=")
}

// The links of a user and of a repository, as the API writes them: the key without "_url", and what follows the thing's
// own URL.
var (
	userLinks = [][2]string{
		{"followers", "/followers"}, {"following", "/following{/other_user}"}, {"gists", "/gists{/gist_id}"},
		{"starred", "/starred{/owner}{/repo}"}, {"subscriptions", "/subscriptions"}, {"organizations", "/orgs"},
		{"repos", "/repos"}, {"events", "/events{/privacy}"}, {"received_events", "/received_events"},
	}
	repoLinks = [][2]string{
		{"archive", "/{archive_format}{/ref}"}, {"assignees", "/assignees{/user}"}, {"blobs", "/git/blobs{/sha}"},
		{"branches", "/branches{/branch}"}, {"collaborators", "/collaborators{/collaborator}"}, {"comments", "/comments{/number}"},
		{"commits", "/commits{/sha}"}, {"compare", "/compare/{base}...{head}"}, {"contents", "/contents/{+path}"},
		{"contributors", "/contributors"}, {"deployments", "/deployments"}, {"downloads", "/downloads"}, {"events", "/events"},
		{"forks", "/forks"}, {"git_commits", "/git/commits{/sha}"}, {"git_refs", "/git/refs{/sha}"}, {"git_tags", "/git/tags{/sha}"},
		{"issue_comment", "/issues/comments{/number}"}, {"issue_events", "/issues/events{/number}"}, {"issues", "/issues{/number}"},
		{"keys", "/keys{/key_id}"}, {"labels", "/labels{/name}"}, {"languages", "/languages"}, {"merges", "/merges"},
		{"milestones", "/milestones{/number}"}, {"notifications", "/notifications{?since,all,participating}"}, {"pulls", "/pulls{/number}"},
		{"releases", "/releases{/id}"}, {"stargazers", "/stargazers"}, {"statuses", "/statuses/{sha}"}, {"subscribers", "/subscribers"},
		{"subscription", "/subscription"}, {"tags", "/tags"}, {"teams", "/teams"}, {"trees", "/git/trees{/sha}"}, {"hooks", "/hooks"},
	}
)

// user is GitHub's simple-user; nil for nobody.
func (c *call) user(login string) any {
	if login == "" {
		return nil
	}
	u := c.st.users[low(login)]
	if u == nil {
		return nil
	}
	return c.userObj(u)
}

func (c *call) userObj(u *User) obj {
	own := c.api + "/users/" + u.Login
	o := obj{"login": u.Login, "id": u.ID, "node_id": nodeID("U", u.ID), "avatar_url": "https://avatars.githubusercontent.com/u/" + num(u.ID) + "?v=4",
		"gravatar_id": "", "url": own, "html_url": c.web + "/" + u.Login, "type": u.Type, "site_admin": false, "user_view_type": "public"}
	for _, l := range userLinks {
		o[l[0]+"_url"] = own + l[1]
	}
	return o
}

func (c *call) orgObj(o *org) obj {
	own := c.api + "/orgs/" + o.Login
	return obj{"login": o.Login, "id": o.ID, "node_id": nodeID("O", o.ID), "url": own, "repos_url": own + "/repos", "events_url": own + "/events",
		"hooks_url": own + "/hooks", "issues_url": own + "/issues", "members_url": own + "/members{/member}",
		"public_members_url": own + "/public_members{/member}", "avatar_url": "https://avatars.githubusercontent.com/u/" + num(o.ID) + "?v=4", "description": ""}
}

func (c *call) repoURL(r *repo) string { return c.api + "/repos/" + r.full }

func permissions(x role) obj {
	return obj{"admin": x >= roleAdmin, "maintain": x >= roleMaintain, "push": x >= roleWrite, "triage": x >= roleTriage, "pull": x >= roleRead}
}

// list is never null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (c *call) installation(x *install) obj {
	own := c.api + "/app/installations/" + num(x.ID)
	o := obj{"id": x.ID, "repository_selection": x.selection(), "access_tokens_url": own + "/access_tokens",
		"repositories_url": c.api + "/installation/repositories", "app_id": x.app.ID, "client_id": x.app.ClientID, "permissions": x.Permissions,
		"events": list(x.Events), "created_at": when(x.Created), "updated_at": when(x.Updated), "single_file_name": nil, "has_multiple_single_files": false,
		"single_file_paths": []string{}, "app_slug": x.app.Slug, "suspended_by": c.user(x.SuspendedBy), "suspended_at": when(x.SuspendedAt), "contact_email": text(x.Contact)}
	if x.org != nil {
		o["account"], o["target_id"], o["target_type"] = c.user(x.org.Login), x.org.ID, "Organization"
		o["html_url"] = c.web + "/organizations/" + x.org.Login + "/settings/installations/" + num(x.ID)
		return o
	}
	o["account"], o["target_id"], o["target_type"] = c.enterprise(x.ent), x.ent.ID, "Enterprise"
	o["html_url"] = c.web + "/enterprises/" + x.ent.Slug + "/settings/installations/" + num(x.ID)
	return o
}

func (x *install) selection() string {
	if x.all {
		return "all"
	}
	return "selected"
}

func (c *call) enterprise(e *Enterprise) obj {
	return obj{"id": e.ID, "node_id": nodeID("E", e.ID), "name": orText(e.Name, e.Slug), "slug": e.Slug, "description": nil, "html_url": c.web + "/enterprises/" + e.Slug,
		"website_url": nil, "created_at": when(longAgo), "updated_at": when(longAgo), "avatar_url": "https://avatars.githubusercontent.com/b/" + num(e.ID) + "?v=4"}
}
