package githubsim

import (
	"crypto/sha1" //nolint:gosec // git's names of objects
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
)

var protectionRoutes = []route{
	{pattern: "GET /repos/{owner}/{repo}/branches", do: (*call).listBranches, need: need{perm: "contents:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/branches/{branch}", do: (*call).getBranch, need: need{perm: "contents:read", open: true}},
	{pattern: "GET /repos/{owner}/{repo}/branches/{branch}/protection", do: (*call).getProtection, need: repoAdmin("administration:read", http.StatusNotFound)},
}

// oid is git's name of a thing.
func oid(kind, text string) string {
	sum := sha1.Sum([]byte(kind + " " + strconv.Itoa(len(text)) + "\x00" + text)) //nolint:gosec // as git does
	return hex.EncodeToString(sum[:])
}

// branches are those with a name; the default one is first.
func (r *repo) branches() []string {
	out := []string{r.DefaultBranch}
	for _, b := range r.Branches {
		if b.Name != "" && b.Name != r.DefaultBranch {
			out = append(out, b.Name)
		}
	}
	return out
}

// protection is what protects a branch: the rule of its name goes before a pattern.
func (r *repo) protection(branch string) *Protection {
	var byPattern *Protection
	for i := range r.Branches {
		p := r.Branches[i].Protection
		switch {
		case p == nil:
		case r.Branches[i].Name == branch && p.Pattern == "":
			return p
		case p.Pattern != "" && glob(p.Pattern, branch) && byPattern == nil:
			byPattern = p
		}
	}
	return byPattern
}

// protected reports whether a classic rule or an active ruleset is on the branch.
func (r *repo) protected(branch string) bool {
	return r.protection(branch) != nil || slices.ContainsFunc(rulesetsOf(r, true), func(p placed) bool {
		return p.Enforcement == "active" && p.Target == "branch" && matches(p.Include, p.Exclude, branch, r.DefaultBranch)
	})
}

func (c *call) shortCommit(branch string) obj {
	sha := oid("commit", c.repo.full+"@"+branch)
	return obj{"sha": sha, "url": c.repoURL(c.repo) + "/commits/" + sha}
}

func (c *call) listBranches() answer {
	names := c.repo.branches()
	if want := c.query.Get("protected"); want != "" {
		names = slices.DeleteFunc(names, func(b string) bool { return strconv.FormatBool(c.repo.protected(b)) != want })
	}
	return c.list(len(names), func(i int) any {
		return obj{"name": names[i], "commit": c.shortCommit(names[i]), "protected": c.repo.protected(names[i])}
	})
}

func (c *call) getBranch() answer {
	name := c.r.PathValue("branch")
	if !slices.Contains(c.repo.branches(), name) {
		return *c.refuse(http.StatusNotFound, "Branch not found")
	}
	own := c.repoURL(c.repo)
	commit := c.shortCommit(name)
	sha := commit["sha"].(string)
	who := obj{"name": "GitHub", "email": "noreply@github.com", "date": when(c.repo.Pushed)}
	page := c.web + "/" + c.repo.full
	for k, v := range (obj{"node_id": "C_" + sha[:12], "html_url": page + "/commit/" + sha, "comments_url": own + "/commits/" + sha + "/comments", "author": nil, "committer": nil,
		"parents": []any{}, "commit": obj{"url": own + "/git/commits/" + sha, "author": who, "committer": who, "message": "Merge", "comment_count": 0,
			"tree": obj{"sha": oid("tree", sha), "url": own + "/git/trees/" + oid("tree", sha)}}}) {
		commit[k] = v
	}
	link := own + "/branches/" + name
	return ok(obj{"name": name, "commit": commit, "_links": obj{"html": page + "/tree/" + name, "self": link}, "protected": c.repo.protected(name),
		"protection": obj{"enabled": c.repo.protection(name) != nil}, "protection_url": link + "/protection"})
}

func (c *call) getProtection() answer {
	name := c.r.PathValue("branch")
	p := c.repo.protection(name)
	if p == nil {
		return *c.refuse(http.StatusNotFound, "Branch not protected")
	}
	own := c.repoURL(c.repo) + "/branches/" + name + "/protection"
	on := func(b bool) obj { return obj{"enabled": b} }
	o := obj{"url": own, "enforce_admins": obj{"url": own + "/enforce_admins", "enabled": p.Admins}, "required_linear_history": on(p.LinearHistory),
		"allow_force_pushes": on(p.ForcePushes), "allow_deletions": on(p.Deletions), "block_creations": on(p.BlockCreations),
		"required_conversation_resolution": on(p.Conversations), "required_signatures": obj{"url": own + "/required_signatures", "enabled": p.Signatures},
		"lock_branch": on(p.Locked), "allow_fork_syncing": on(false)}
	if r := p.Reviews; r != nil {
		o["required_pull_request_reviews"] = c.reviews(r, own+"/required_pull_request_reviews")
	}
	if p.Checks != nil {
		checks := []any{}
		for _, name := range p.Checks {
			checks = append(checks, obj{"context": name, "app_id": nil})
		}
		o["required_status_checks"] = obj{"url": own + "/required_status_checks", "strict": p.Strict, "contexts": p.Checks, "checks": checks, "contexts_url": own + "/required_status_checks/contexts"}
	}
	if p.Restrict != nil {
		u := own + "/restrictions"
		x := c.actors(p.Restrict)
		for k, v := range (obj{"url": u, "users_url": u + "/users", "teams_url": u + "/teams", "apps_url": u + "/apps"}) {
			x[k] = v
		}
		o["restrictions"] = x
	}
	return ok(o)
}

func (c *call) reviews(r *Reviews, own string) obj {
	o := obj{"url": own, "dismiss_stale_reviews": r.DismissStale, "require_code_owner_reviews": r.CodeOwners, "required_approving_review_count": r.Count, "require_last_push_approval": r.LastPush}
	if r.Bypass != nil {
		o["bypass_pull_request_allowances"] = c.actors(r.Bypass)
	}
	if r.Dismissers != nil {
		o["dismissal_restrictions"] = c.actors(r.Dismissers)
	}
	return o
}

func (c *call) actors(a *Actors) obj {
	users, teams, apps := []any{}, []any{}, []any{}
	for _, l := range a.Users {
		users = append(users, c.userObj(c.st.addUser(User{Login: l})))
	}
	for _, s := range a.Teams {
		if t := c.org.team(s); t != nil {
			teams = append(teams, c.teamObj(t))
		}
	}
	for _, s := range a.Apps {
		if app := c.st.apps[s]; app != nil {
			o := c.appObj(app)
			o["description"] = app.Description // the schema of apps in restrictions allows no null
			apps = append(apps, o)
		}
	}
	return obj{"users": users, "teams": teams, "apps": apps}
}
