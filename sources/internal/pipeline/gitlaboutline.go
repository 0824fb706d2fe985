package pipeline

import (
	"slices"
	"strings"

	"nhitop/inventory/catalogue"
)

// ReadGitLab is [Read] for a pipeline of GitLab CI, with its outline besides.
func ReadGitLab(file string, data []byte, open func(rel string) ([]byte, error), cat *catalogue.Catalogue) ([]Job, *Outline, []Warning, error) {
	if len(data) > maxFile {
		jobs, warnings, err := Read(GitLab, file, data, open, cat)
		return jobs, nil, warnings, err
	}
	r := newReader(file, open, cat)
	g, err := r.gitlabFiles(data)
	if err != nil {
		return nil, nil, r.warnings, err
	}
	jobs := g.assistants()
	for i := range jobs {
		finish(&jobs[i], file)
	}
	told := len(r.warnings) // what there is to say of the files was said
	return jobs, g.outline(), r.warnings[:told], nil
}

// outline goes through all jobs. A pipeline that includes what is kept elsewhere may do more than it tells.
func (g *glReader) outline() *Outline {
	o := &Outline{File: g.file, Name: g.file, Guarded: true}
	for _, name := range g.jobNames() {
		j := &glJob{glReader: g, name: name, layers: g.layers(name)}
		script := j.script()
		job := j.base(script)
		j.events(&job)
		for _, t := range job.Triggers {
			if !slices.Contains(o.Triggers, t) {
				o.Triggers = append(o.Triggers, t)
			}
		}
		if job.Environment != "" && !slices.Contains(o.Environments, job.Environment) {
			o.Environments = append(o.Environments, job.Environment)
		}
		publishes, deploys := j.releases(script)
		o.Publishes, o.Deploys = o.Publishes || publishes, o.Deploys || deploys
		if (publishes || deploys) && job.Environment == "" {
			o.Guarded = false
		}
	}
	slices.Sort(o.Triggers)
	return o
}

// releases tells what a job's script releases.
func (j *glJob) releases(script []scriptLine) (publishes, deploys bool) {
	if _, n := j.get("release"); n != nil {
		publishes = true
	}
	for _, l := range script {
		for _, c := range l.cmds {
			if !publishCommands.MatchString(c.text) || strings.Contains(c.text, "--dry-run") {
				continue
			}
			if deploying.MatchString(strings.ToLower(publishCommands.FindString(c.text))) {
				deploys = true
			} else {
				publishes = true
			}
		}
	}
	return publishes, deploys
}
