package gitlab

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/pipeline"
)

// mayWrite reports whether a credential in sight may push to a project: then its rules matter. It is called by several
// goroutines, and looks only at what was known before the first project.
func (c *collection) mayWrite(p *project) bool {
	writes := func(scopes []string, level int) bool {
		return slices.ContainsFunc(grants(scopes, level), func(g forge.Grant) bool { return g.Scope == forge.Contents && g.Access >= forge.Write })
	}
	for i := range c.writers {
		w := &c.writers[i]
		if w.kind == forge.DeployKey && w.keys[p.ID] || w.kind != triggerKind && writes(w.scopes, c.levelOn(w, p)) {
			return true
		}
	}
	for _, t := range p.tokens {
		if writes(t.Scopes, t.AccessLevel) {
			return true
		}
	}
	for _, k := range p.keys {
		if k.CanPush {
			return true
		}
	}
	for id, ts := range p.serviceTok {
		for _, t := range ts {
			if writes(t.Scopes, c.levels.ofProject(id, p)) {
				return true
			}
		}
	}
	return false
}

// take hands over what was read of a project, and judges what every credential may do there.
func (c *collection) take(p *project) {
	for _, m := range p.memberList {
		c.know(m.userShape)
		if m.CreatedBy != nil {
			c.know(*m.CreatedBy)
		}
	}
	c.takeCredentials(p)
	c.looks.fold(projectPath(p.ID, ""), p.part)
	repo := c.repo(p)
	c.pipelines(p, &repo)
	c.judge(p, repo)
	c.guards[p.Path], c.urls[p.Path] = guards{guard(repo), p.Visibility}, c.s.http.URL(projectPath(p.ID, ""))
	c.takeFlows(p)
}

func (c *collection) takeCredentials(p *project) {
	at := place{project: p}
	for _, a := range c.actors { // the credentials inventory names a project by its number
		if f := a.fixed.project; f != nil && f != p && f.ID == p.ID {
			for _, text := range []*string{&a.secret.Note, &a.name} {
				*text = strings.Replace(*text, "of "+f.Path, "of "+p.Path, 1)
			}
			a.fixed.project = p
			if len(a.owners) == 0 {
				a.owners = c.madeBy(a.user, at)
			}
		}
	}
	for _, t := range p.tokens {
		c.resourceToken(t, at, at.path("/access_tokens"))
	}
	for _, k := range p.keys {
		c.deployKey(k, p)
	}
	for _, t := range p.dtokens {
		c.deployToken(t, at, at.path("/deploy_tokens"))
	}
	for _, t := range p.triggers {
		c.trigger(t, p, at.path("/triggers"))
	}
	c.variables(p.variables, at)
	for i := range p.agents {
		c.agent(&p.agents[i], p)
	}
	for _, sa := range p.services {
		c.service(sa, at)
		list := at.path("/service_accounts/" + number(sa.ID) + "/personal_access_tokens")
		for _, t := range p.serviceTok[sa.ID] {
			c.serviceToken(t, at, list)
		}
	}
}

// blob is where people look at a file of a project.
func (c *collection) blob(p *project) string {
	return strings.TrimRight(c.s.opt.URL, "/") + "/" + p.Path + "/-/blob/" + p.DefaultBranch
}

// pipelines delivers the assistants that run in a project's pipeline, and completes the repository with what the pipeline
// does.
func (c *collection) pipelines(p *project, repo *forge.Repo) {
	switch {
	case !c.s.opt.Pipelines:
		repo.WorkflowsUnknown = "pipelines = false in the configuration"
	case p.pipelineErr != nil:
		_, repo.WorkflowsUnknown = whyNot(c.filePath(p, p.pipelineFile), p.pipelineErr)
	case p.pipelineFile == "" && p.CIConfigPath != "":
		repo.WorkflowsUnknown = "its pipeline is kept elsewhere"
	}
	if p.pipeline == nil {
		return
	}
	files := map[string][]byte{p.pipelineFile: p.pipeline}
	read := func(file string) ([]byte, error) {
		if data, ok := files[file]; ok {
			return data, nil
		}
		data, err := c.file(c.ctx, p, file)
		if httpx.Status(err) == http.StatusNotFound {
			return nil, &cijob.NotRead{State: inventory.LookedAbsent}
		} else if err != nil {
			state, reason := whyNot(c.filePath(p, file), err)
			return nil, &cijob.NotRead{State: state, Reason: reason}
		}
		files[file] = data
		return data, nil
	}
	r := cijob.Repo{
		Catalogue: c.s.cat, Sink: c.sink, Name: repo.Name, Where: repo.Name, Shown: c.blob(p), System: pipeline.GitLab, Read: read,
		Tracked: func(string) inventory.Answer { return inventory.Yes },
		Owners:  func(file string) []people.Person { return c.codeOwners(p, file, read) },
		Outlined: func(o pipeline.Outline) {
			repo.Workflows = append(repo.Workflows, forge.Workflow{Name: o.Name, Triggers: append(o.Triggers, "web", "api"), Branches: o.Branches, Environments: o.Environments,
				Publishes: o.Publishes, Deploys: o.Deploys && !o.Guarded})
		},
		Settle: func(j *pipeline.Job) { c.settle(p, j) },
		Rights: func(j *pipeline.Job, _ map[string]string, _ string) []forge.Right {
			return forge.Effective(jobActor(p, j), *repo)
		},
	}
	if err := cijob.Collect(c.ctx, r, []string{p.pipelineFile}); err != nil && !errors.Is(err, c.ctx.Err()) {
		c.looks.failed(c.filePath(p, p.pipelineFile), err)
	}
}

// codeOwners are those whom the project's CODEOWNERS names for a file.
func (c *collection) codeOwners(p *project, file string, read func(string) ([]byte, error)) []people.Person {
	for _, at := range []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"} {
		data, err := read(at)
		var not *cijob.NotRead
		if errors.As(err, &not) && not.State != inventory.LookedAbsent {
			c.looks.add(c.filePath(p, at), not.State, not.Reason)
		}
		if err != nil {
			continue
		}
		names, line := gitrepo.ParseOwners(string(data)).Of(file)
		var out []people.Person
		for _, n := range names {
			proof := inventory.Evidence{Path: c.blob(p) + "/" + at, Line: line, Note: "owns " + file}
			o, ok := people.CodeOwner(n, proof)
			if u := c.users[c.logins[strings.ToLower(strings.TrimPrefix(n, "@"))]]; u != nil {
				c.owner(u, projectPath(p.ID, "/members"), "a member")
				o, ok = person(u, "CODEOWNERS", proof)
			}
			if ok {
				out = append(out, o)
			}
		}
		return out
	}
	return nil
}

// settle fills in what the project's settings decide about a job: the rights of its token, and whose machine it runs on.
func (c *collection) settle(p *project, j *pipeline.Job) {
	j.Permissions, j.PermissionsSet = map[string]string{"contents": "read", "packages": "write"}, "job"
	if p.JobTokenPush {
		j.Permissions["contents"] = "write"
	}
	if j.SelfHosted != inventory.Unknown {
		return
	}
	tags := strings.FieldsFunc(j.Runner, func(r rune) bool { return r == ',' || r == ' ' })
	for _, id := range sortedKeys(c.runners) {
		r := c.runners[id]
		takes := len(tags) == 0 && r.Untagged || len(tags) > 0 && !slices.ContainsFunc(tags, func(t string) bool { return !slices.Contains(r.Tags, t) })
		if takes && !r.Paused && (r.Type != "project_type" || slices.ContainsFunc(r.Projects, func(x projectRef) bool { return x.ID == p.ID })) {
			j.SelfHosted = inventory.Yes
			j.Job.Runner = cmp.Or(j.Job.Runner, r.Description)
			return
		}
	}
}

// jobActor is the token of a job of the project: it reads, publishes packages, and pushes where the project lets it. Whose
// role it has depends on who starts it.
func jobActor(p *project, j *pipeline.Job) forge.Actor {
	a := forge.Actor{Kind: forge.Job, Name: "job token of " + j.Name, RepoAdminRole: inventory.No,
		AsUnknown: []forge.PrincipalKind{forge.ByRole, forge.ByUser, forge.ByTeam},
		Grants: []forge.Grant{
			{Scope: forge.Contents, Access: forge.Read, Words: "CI_JOB_TOKEN reads", Certain: true},
			{Scope: forge.Packages, Access: forge.Write, Words: "CI_JOB_TOKEN publishes packages", Certain: true},
		}}
	if p.JobTokenPush {
		a.Grants = append(a.Grants, forge.Grant{Scope: forge.Contents, Access: forge.Write, Words: "the project lets job tokens push", Certain: true})
	}
	return a
}
