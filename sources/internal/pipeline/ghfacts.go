package pipeline

import (
	"regexp"
	"sort"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// base says what holds for the whole job, whichever assistant runs in it.
func (j *ghJob) base(steps []*step) Job {
	job := Job{File: j.start.file, Called: unique(j.called), Network: ""}
	job.System, job.Workflow, job.Name = GitHub, j.start.name, j.name
	job.CallOnly = len(j.start.triggers) > 0
	for _, t := range j.start.triggers {
		job.Triggers = append(job.Triggers, t.event)
		job.CallOnly = job.CallOnly && t.event == "workflow_call"
		note := "started by " + t.event
		if len(t.types) > 0 {
			note += " (" + strings.Join(t.types, ", ") + ")"
		}
		job.evidence(j.start.at(t.node), note)
	}
	j.permissions(&job)
	j.runner(&job)
	if env := j.node.Get("environment"); env != nil {
		job.Environment = text(env)
		if env.Kind == doc.Object {
			job.Environment = text(env.Get("name"))
		}
		job.evidence(j.here.at(env), "deployment environment")
	}
	j.uses(&job, steps)
	j.habits(&job, steps)
	return job
}

// permissions resolves the rights of the job token. A job's block replaces the workflow's; a called workflow's jobs that
// say nothing have the rights of the calling job.
func (j *ghJob) permissions(job *Job) {
	job.Permissions, job.PermissionsSet = map[string]string{}, "unset"
	for c := j; c != nil; c = c.caller {
		p, set := c.node.Get("permissions"), "job"
		if p == nil {
			p, set = c.here.doc.Root.Get("permissions"), "workflow"
		}
		if p == nil {
			continue
		}
		job.Permissions, job.PermissionsSet = readPermissions(p, set)
		job.evidence(c.here.at(p), "rights of the job token, set for the "+set)
		break
	}
	job.OIDC = job.Permissions["id-token"] == "write"
}

func readPermissions(p *doc.Node, set string) (map[string]string, string) {
	out := map[string]string{}
	switch strings.ToLower(strings.TrimSpace(p.Text)) {
	case "write-all":
		for _, s := range tokenScopes {
			out[s] = "write"
		}
		return out, "write-all"
	case "read-all":
		for _, s := range tokenScopes {
			if s != "id-token" {
				out[s] = "read"
			}
		}
		return out, "read-all"
	}
	if p.Kind == doc.Object {
		for _, c := range p.Children {
			if v := strings.ToLower(strings.TrimSpace(c.Text)); v == "read" || v == "write" {
				out[strings.ToLower(c.Key)] = v
			}
		}
	}
	return out, set
}

var matrixRef = regexp.MustCompile(`^\s*\$\{\{\s*matrix\.([A-Za-z0-9_-]+)\s*\}\}\s*$`)

// runner says where the job runs.
func (j *ghJob) runner(job *Job) {
	on := j.node.Get("runs-on")
	job.SelfHosted = inventory.Unknown
	if on == nil {
		return
	}
	labels := on.Strings()
	if on.Kind == doc.Object {
		labels = on.Get("labels").Strings()
		if g := text(on.Get("group")); g != "" {
			labels = append(labels, "group "+g)
		}
	}
	if len(labels) == 1 {
		if m := matrixRef.FindStringSubmatch(labels[0]); m != nil {
			if list := j.node.Get("strategy").Get("matrix").Get(m[1]); list != nil {
				labels = list.Strings()
			}
		}
	}
	job.Runner = strings.Join(labels, ", ")
	own := 0
	for _, l := range labels {
		if strings.EqualFold(l, "self-hosted") {
			job.SelfHosted = inventory.Yes
			job.evidence(j.here.at(on), "runs on a machine of one's own")
			return
		}
		if hosted.MatchString(strings.ToLower(l)) {
			own++
		}
	}
	if own > 0 && own == len(labels) {
		job.SelfHosted = inventory.No
	}
}

// uses lists the actions, images and packages of the job.
func (j *ghJob) uses(job *Job, steps []*step) {
	if image := containerImage(j.node); image != nil {
		job.Uses = append(job.Uses, inventory.Uses{Ref: "docker://" + image.Text, Pinned: pinned(image.Text), AI: j.r.know.image(image.Text) != nil, Line: image.Line})
	}
	if services := j.node.Get("services"); services != nil {
		for _, s := range services.Children {
			if image := text(s.Get("image")); image != "" {
				job.Uses = append(job.Uses, inventory.Uses{Ref: "docker://" + image, Pinned: pinned(image), Line: s.Line})
			}
		}
	}
	if u := j.node.Get("uses"); u != nil {
		job.Uses = append(job.Uses, inventory.Uses{Ref: u.Text, Pinned: pinned(u.Text), AI: j.r.know.action(u.Text) != nil, Line: u.Line})
	}
	for c := j.caller; c != nil; c = c.caller {
		if u := c.node.Get("uses"); u != nil {
			job.Uses = append(job.Uses, inventory.Uses{Ref: u.Text, Pinned: pinned(u.Text), Line: u.Line})
		}
	}
	for _, s := range steps {
		if s.uses != "" && s.node != j.node {
			ai := j.r.know.action(s.uses) != nil && !isAgenticSetup(s.uses)
			job.Uses = append(job.Uses, inventory.Uses{Ref: s.uses, Pinned: pinned(s.uses), AI: ai, Line: s.usesNode.Line})
		}
		for _, c := range s.cmds {
			line := s.src.lineIn(s.run, c.offset)
			job.Uses = append(job.Uses, j.r.packages(c, line)...)
		}
	}
}

// packages lists the assistants' packages that a command line installs or runs.
func (r *reader) packages(c command, line int) []inventory.Uses {
	var out []inventory.Uses
	add := func(name, version string, exact bool) {
		for _, x := range r.know.all {
			if !x.packages[strings.ToLower(name)] {
				continue
			}
			ref := name
			if version != "" {
				ref += "@" + version
			}
			out = append(out, inventory.Uses{Ref: ref, Pinned: exact, AI: true, Line: line})
			return
		}
	}
	for _, spec := range installed(c) {
		name, version := packageOf(spec)
		add(name, version, exactVersion.MatchString(version))
	}
	if name, version, exact, ok := runner(c.words); ok {
		add(name, version, exact)
	}
	return out
}

// habits notes what makes a job worth stealing: a token left behind, releases, caches.
func (j *ghJob) habits(job *Job, steps []*step) {
	for _, s := range steps {
		switch {
		case oneOfActions(s.uses, []string{"actions/checkout"}):
			if !strings.EqualFold(text(s.with.Get("persist-credentials")), "false") {
				job.PersistToken = true
				job.evidence(s.src.at(s.usesNode), "checkout leaves the job token where commands can read it (persist-credentials)")
			}
		case oneOfActions(s.uses, []string{"actions/cache"}):
			job.UsesCache = true
		case oneOfActions(s.uses, publishActions):
			job.Publishes = true
			job.evidence(s.src.at(s.usesNode), "releases or deploys")
		}
		if c := text(s.with.Get("cache")); c != "" && c != "false" && strings.Contains(s.uses, "setup-") {
			job.UsesCache = true
		}
		if strings.Contains(text(s.with.Get("cache-to")), "type=") {
			job.UsesCache = true
		}
		if strings.EqualFold(text(s.with.Get("push")), "true") && oneOfActions(s.uses, []string{"docker/build-push-action", "docker/bake-action"}) {
			job.Publishes = true
			job.evidence(s.src.at(s.usesNode), "pushes an image")
		}
		for _, c := range s.cmds {
			if publishCommands.MatchString(c.text) && !strings.Contains(c.text, "--dry-run") {
				job.Publishes = true
				job.evidence(Place{s.src.file, s.run.Pointer, s.src.lineIn(s.run, c.offset)}, "releases or deploys")
			}
		}
	}
}

func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func sortedUnique(list []string) []string {
	out := unique(list)
	sort.Strings(out)
	return out
}
