package github

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/pipeline"
)

const workflowFolder = ".github/workflows/"

// files are the pipeline definitions of the page.
func (r *repository) files() (names []string, texts map[string]*gObject) {
	texts = map[string]*gObject{}
	if r.g.Workflows == nil {
		return nil, texts
	}
	for _, e := range r.g.Workflows.Entries {
		file := workflowFolder + e.Name
		if e.Type != "blob" || e.Object == nil {
			continue
		}
		switch {
		case strings.HasSuffix(e.Name, ".yml"), strings.HasSuffix(e.Name, ".yaml"), strings.HasSuffix(e.Name, ".md"):
			names = append(names, file)
			texts[file] = e.Object
		}
	}
	return names, texts
}

// runWorkflows delivers the assistants of the repository's workflows. What takes requests for this repository alone is
// asked between the reading of the files, which shows whether an assistant is there, and the delivery.
func (r *repository) runWorkflows() error {
	c := r.c
	if c.src.skips("workflows") {
		r.facts.WorkflowsUnknown = "switched off by skip"
		return r.before(nil)
	}
	names, texts := r.files()
	if len(names) == 0 {
		return r.before(nil)
	}
	repo := cijob.Repo{
		Catalogue: c.src.cat, Sink: c.sink, Name: c.repoName(r.full), Where: c.repoName(r.full), Shown: c.url("/repos/" + r.full + "/contents"), Host: c.src.host, Quiet: true,
		Read:     func(file string) ([]byte, error) { return r.read(file, texts) },
		Tracked:  func(string) inventory.Answer { return inventory.Yes },
		Owners:   r.codeOwners,
		Outlined: func(o pipeline.Outline) { r.flows = append(r.flows, o) },
		Before:   r.before, Settle: r.settle, Rights: r.jobRights, Delivered: r.delivered,
	}
	return cijob.Collect(c.ctx, repo, names)
}

// read returns a file of the repository: one of the page, or one that a workflow refers to.
func (r *repository) read(file string, texts map[string]*gObject) ([]byte, error) {
	if o := texts[file]; o != nil {
		switch {
		case o.Truncated:
			return nil, &cijob.NotRead{State: inventory.LookedTooLarge, Reason: "GitHub gives out a part of it alone"}
		case o.Text == nil:
			return nil, &cijob.NotRead{State: inventory.LookedUnparsed, Reason: "not a text"}
		}
		return []byte(*o.Text), nil
	}
	if strings.HasPrefix(file, workflowFolder) {
		return nil, fs.ErrNotExist
	}
	if !r.c.fetches.take() {
		return nil, &cijob.NotRead{State: inventory.LookedSkipped, Reason: "more files that workflows refer to than are read"}
	}
	return r.c.fileNow(r.full, file)
}

// errNoFile says that something else stands where a file was looked for.
var errNoFile = errors.New("not a file")

// fileNow is a file of a repository's default branch.
func (c *collection) fileNow(full, file string) ([]byte, error) {
	var got struct {
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
		Type     string `json:"type"`
	}
	path := "/repos/" + full + "/contents"
	for part := range strings.SplitSeq(file, "/") {
		path += httpx.Path("/%s", part)
	}
	if _, err := c.client.Get(c.ctx, path, nil, &got); err != nil {
		if httpx.Status(err) == 404 {
			return nil, fs.ErrNotExist
		}
		return nil, err
	}
	if got.Type != "file" || got.Encoding != "base64" {
		return nil, errNoFile
	}
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(got.Content, "\n", ""))
}

// before is called when it is known which assistants run here, and before any is delivered.
func (r *repository) before(jobs []pipeline.Job) error {
	r.jobs = len(jobs)
	if err := r.more(); err != nil {
		return err
	}
	if !r.asked && r.facts.Secrets == 0 {
		r.facts.Secrets = -1 // the organisation gives it none, and its own were not read
	}
	r.environments()
	for _, o := range r.flows {
		if o.CallOnly {
			continue
		}
		r.facts.Workflows = append(r.facts.Workflows, forge.Workflow{
			Name: strings.TrimPrefix(o.File, workflowFolder), Triggers: o.Triggers, Branches: o.Branches, Environments: o.Environments, Publishes: o.Publishes,
			Deploys: o.Deploys && !o.Guarded,
		})
	}
	return nil
}

// runsAssistant reports whether an assistant runs in a workflow here.
func (r *repository) runsAssistant() bool { return r.jobs > 0 }

// settle fills in what the settings of repository and organisation decide about a job.
func (r *repository) settle(j *pipeline.Job) {
	if j.PermissionsSet == "unset" {
		switch r.tokens.Permissions {
		case "read":
			j.PermissionsSet, j.Permissions = defaultRead, map[string]string{"contents": "read", "packages": "read"}
		case "write":
			j.PermissionsSet, j.Permissions = defaultWrite, map[string]string{}
			for _, s := range pipeline.TokenScopes() {
				if s != "id-token" {
					j.Permissions[s] = "write"
				}
			}
		}
	}
	if j.OIDC {
		j.Subject = r.oidc
	}
	labels := labelsOf(j.Runner)
	runners, whole := slices.Concat(r.c.actions.runners, r.own), r.c.actions.whole && r.whole
	switch answer, names := ephemeral(runners, whole, labels); {
	case len(names) > 0:
		j.SelfHosted, j.Ephemeral = inventory.Yes, inventory.No
		j.Evidence = append(j.Evidence, inventory.Evidence{Path: j.File, Note: "may run on " + strings.Join(sorted(names), ", ") + ", which is not thrown away after a job"})
	case answer == inventory.Yes && j.SelfHosted == inventory.Yes:
		j.Ephemeral = inventory.Yes
	}
}

// The rights of a job's token where neither job nor workflow sets them: what repository or organisation have set.
const (
	defaultRead  = "default-read"
	defaultWrite = "default-write"
)

// actionsApp is the number of the app by which job tokens act on github.com.
const actionsApp = 15368

// jobGrants are the grants of a job token's permissions.
var jobGrants = []struct {
	name  string
	scope forge.Scope
}{
	{"contents", forge.Contents}, {"pull-requests", forge.PullRequests}, {"actions", forge.Runs}, {"deployments", forge.Deployments}, {"packages", forge.Packages},
	{"statuses", forge.Checks}, {"checks", forge.Checks},
}

// jobRights says what the token of a job may do here, or that of the app that the job gets it from.
func (r *repository) jobRights(j *pipeline.Job, permissions map[string]string, app string) []forge.Right {
	a := forge.Actor{Kind: forge.Job, Name: "job token (" + j.PermissionsSet + ")", RepoAdminRole: inventory.No, CodeOwner: inventory.No}
	a.As = []forge.Principal{{Kind: forge.ByApp, ID: num(actionsApp), Name: "github-actions"}}
	if r.c.src.server() {
		a.As, a.AsUnknown = nil, []forge.PrincipalKind{forge.ByApp}
	}
	if app != "" {
		a.Kind, a.Name, a.As, a.AsUnknown = forge.App, "token of the "+app, nil, []forge.PrincipalKind{forge.ByApp}
		a.AsksForRuns = inventory.No
		if h := r.c.appOf(j.Kind); h != nil {
			a.As, a.AsUnknown = h.actor.As, nil
		}
	}
	for _, g := range jobGrants {
		if level := levelOf(permissions[g.name]); level > forge.None {
			a.Grants = append(a.Grants, forge.Grant{Scope: g.scope, Access: level, Words: g.name + ": " + permissions[g.name], Certain: true})
		}
	}
	return forge.Effective(a, r.facts)
}

// appOf is the installed app of a product, nil for none.
func (c *collection) appOf(kind string) *holder {
	for _, h := range c.actors.list {
		if h.rec != nil && h.rec.Kind == kind && h.actor.Kind == forge.App && !h.rec.Guessed {
			return h
		}
	}
	return nil
}

// codeOwners are those whom CODEOWNERS names for a file.
func (r *repository) codeOwners(file string) []people.Person {
	list, line := r.owners.Of(file)
	proof := inventory.Evidence{Path: r.fileURL(r.path), Line: line, Note: "owns " + r.full + "/" + file}
	var out []people.Person
	for _, o := range list {
		if p, ok := people.CodeOwner(o, proof); ok {
			status := "unknown" // an address is in no list of members
			if p.Email == "" {
				status = r.c.people.status(p.Name)
			}
			r.c.ownerIs(p, status)
			out = append(out, p)
		}
	}
	return out
}

// delivered remembers where a credential stands in a file, so that an alert about that place is about it.
func (r *repository) delivered(j *pipeline.Job, a *inventory.Assistant, literals map[pipeline.Place]inventory.ID) {
	for p, id := range literals {
		r.c.literals[place{r.full, p.File, p.Line}] = literal{id, p.Pointer}
	}
	if len(r.c.jobs) < maxJobsNamed {
		r.c.jobs[place{repo: r.full, file: j.File}] = append(r.c.jobs[place{repo: r.full, file: j.File}], a.ID)
	}
}

// maxJobsNamed bounds the workflow files with assistants that are remembered until the alerts are read.
const maxJobsNamed = 10_000
