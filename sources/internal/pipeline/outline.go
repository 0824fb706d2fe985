package pipeline

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// Outline is what a pipeline definition does in short, whether an assistant runs in it or not: what starts it, and
// whether it releases or deploys, and where to.
type Outline struct {
	File         string
	Name         string
	Triggers     []string
	Branches     []string // patterns to which its push trigger is limited; empty: every branch
	Environments []string // that its jobs name; one that an expression names is written as the expression
	Publishes    bool     // releases a package, an image or a release
	Deploys      bool     // deploys, by a command or action that is known for it
	Guarded      bool     // each of its jobs that releases or deploys names an environment
	CallOnly     bool
}

// ReadGitHub is [Read] for a workflow of GitHub Actions, with its outline besides. The outline is nil for a definition
// that is not a workflow itself (an agentic one in Markdown).
func ReadGitHub(file string, data []byte, open func(rel string) ([]byte, error), cat *catalogue.Catalogue) ([]Job, *Outline, []Warning, error) {
	if strings.HasSuffix(file, ".md") || len(data) > maxFile {
		jobs, warnings, err := Read(GitHub, file, data, open, cat)
		return jobs, nil, warnings, err
	}
	r := newReader(file, open, cat)
	jobs, err := r.github(data)
	for i := range jobs {
		finish(&jobs[i], file)
	}
	src := r.files[file]
	if src == nil {
		return jobs, nil, r.warnings, err
	}
	w := newWorkflow(src)
	o := &Outline{File: file, Name: w.name, Guarded: true, CallOnly: len(w.triggers) > 0}
	for _, t := range w.triggers {
		o.Triggers = append(o.Triggers, t.event)
		o.CallOnly = o.CallOnly && t.event == "workflow_call"
		if t.event == "push" {
			o.Branches = t.node.Get("branches").Strings()
		}
	}
	told := len(r.warnings) // what there is to say of the files was said
	r.steps, r.jobs = 0, 0
	r.outline(o, w, w, nil, "")
	return jobs, o, r.warnings[:told], err
}

// outline goes through the jobs of a file and of the workflows of the repository that it calls.
func (r *reader) outline(o *Outline, here, start *workflow, caller *ghJob, env string) {
	jobs := here.doc.Root.Get("jobs")
	if jobs == nil || jobs.Kind != doc.Object {
		return
	}
	for _, n := range jobs.Children {
		if r.jobs++; r.jobs > maxJobs {
			return
		}
		j := &ghJob{r: r, start: start, here: here, node: n, name: n.Key, caller: caller}
		if caller != nil {
			j.depth = caller.depth + 1
		}
		at := env
		if e := environmentName(n); e != "" {
			at = e
			if !slices.Contains(o.Environments, e) {
				o.Environments = append(o.Environments, e)
			}
		}
		if uses := strings.TrimSpace(text(n.Get("uses"))); strings.HasPrefix(uses, "./") {
			if src := r.include(strings.TrimPrefix(uses, "./")); src != nil && j.depth < maxDepth && !j.within(src.file) {
				r.outline(o, newWorkflow(src), start, j, at)
			}
			continue
		}
		publishes, deploys := releases(j.flatten(here.source, n.Get("steps"), nil, 0))
		o.Publishes, o.Deploys = o.Publishes || publishes, o.Deploys || deploys
		if (publishes || deploys) && at == "" {
			o.Guarded = false
		}
	}
}

// within reports whether a file is one of those that lead to the job.
func (j *ghJob) within(file string) bool {
	for c := j; c != nil; c = c.caller {
		if c.here.file == file {
			return true
		}
	}
	return false
}

func environmentName(job *doc.Node) string {
	env := job.Get("environment")
	if env != nil && env.Kind == doc.Object {
		env = env.Get("name")
	}
	return strings.TrimSpace(text(env))
}

// deploying tells, of what releases or deploys, that which deploys.
var deploying = regexp.MustCompile(`\b(?:kubectl|helm\s+(?:upgrade|install)|terraform|tofu|pulumi|cdk|sam|serverless|aws|gcloud|az|fly(?:ctl)?|vercel|netlify|wrangler|firebase|heroku|cap)\b|` +
	`/(?:deploy-(?:pages|cloudrun|cloud-functions|appengine)|amazon-ecs-|aws-cloudformation|webapps-deploy|functions-action|k8s-deploy|container-apps|wrangler-action|pages-action|actions-gh-pages|` +
	`github-pages-deploy|flyctl-actions|vercel-action|action-hosting-deploy|ssh-action)`)

// releases tells what the steps of a job release.
func releases(steps []*step) (publishes, deploys bool) {
	say := func(what string) {
		if deploying.MatchString(strings.ToLower(what)) {
			deploys = true
		} else {
			publishes = true
		}
	}
	for _, s := range steps {
		if oneOfActions(s.uses, publishActions) {
			say(s.uses)
		}
		if strings.EqualFold(text(s.with.Get("push")), "true") && oneOfActions(s.uses, []string{"docker/build-push-action", "docker/bake-action"}) {
			publishes = true
		}
		for _, c := range s.cmds {
			if publishCommands.MatchString(c.text) && !strings.Contains(c.text, "--dry-run") {
				say(publishCommands.FindString(c.text))
			}
		}
	}
	return publishes, deploys
}
