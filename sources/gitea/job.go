package gitea

import (
	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/pipeline"
)

// settleJob fills in what Gitea does with a job whatever its file says. Before 1.26 it does not read permissions: the job's
// token may write to its own repository, and read where a fork asks (routers/api of 1.25). It gives no OIDC tokens, and
// every runner is somebody's own.
func settleJob(j *pipeline.Job, old bool) {
	j.SelfHosted, j.OIDC = inventory.Yes, false
	if old {
		j.Permissions, j.PermissionsSet = map[string]string{"contents": "write", "pull-requests": "write", "issues": "write", "actions": "write"}, "write-all"
		j.Evidence = append(j.Evidence, inventory.Evidence{Path: j.File, Line: j.Place.Line, Note: "rights of the job token: Gitea before 1.26 does not read permissions, the token writes to its repository"})
		return
	}
	kept := map[string]string{}
	for scope, level := range j.Permissions {
		if known[scope] {
			kept[scope] = level
		}
	}
	j.Permissions = kept
}

// known are the scopes of permissions that Gitea 1.26 reads; others of GitHub it passes over (services/actions of 1.26.4).
var known = map[string]bool{"contents": true, "code": true, "issues": true, "pull-requests": true, "packages": true, "actions": true, "wiki": true, "releases": true, "projects": true}

// jobActor is the token of a job. From 1.26 on it may what the file says, as far as settings of the repository or its owner
// let it, and what they say where the file says nothing; the API does not tell these settings.
func jobActor(j *pipeline.Job, old bool) forge.Actor {
	a := forge.Actor{Kind: forge.Job, Name: "job token of " + j.Workflow + "/" + j.Name, RepoAdminRole: inventory.No, CodeOwner: inventory.No}
	grant := func(scope forge.Scope, to forge.Access, words string) {
		a.Grants = append(a.Grants, forge.Grant{Scope: scope, Access: to, Words: words, Certain: old})
	}
	all := "the token of a job writes to its repository"
	if !old {
		all = "the token of a job, as far as settings that are not told let it"
	}
	level := func(scope string) string {
		if old || j.PermissionsSet == "unset" {
			return "write"
		}
		return j.Permissions[scope]
	}
	code := level("contents")
	if l := level("code"); l != "" { // Gitea's own word, which goes before the other
		code = l
	}
	for _, x := range []struct {
		level string
		also  []forge.Scope // with write
		scope forge.Scope
	}{
		{code, []forge.Scope{forge.Workflows, forge.Checks}, forge.Contents}, {level("pull-requests"), nil, forge.PullRequests}, {level("actions"), nil, forge.Runs},
	} {
		switch x.level {
		case "write":
			for _, s := range append([]forge.Scope{x.scope}, x.also...) {
				grant(s, forge.Write, all)
			}
		case "read":
			grant(x.scope, forge.Read, all)
		}
	}
	if !old && level("packages") == "write" {
		grant(forge.Packages, forge.Write, all)
	}
	return a
}
