package pipeline

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// glUnit is one assistant in a GitLab job: the command lines of one product.
type glUnit struct {
	known *known
	cmds  []command
	lines []scriptLine // where each of them stands
}

// job finds the assistants of a GitLab job.
func (g *glReader) job(name string) []Job {
	j := &glJob{glReader: g, name: name, layers: g.layers(name)}
	script := j.script()
	var out []Job
	for _, u := range j.units(script) {
		out = append(out, j.assistant(u, script))
	}
	return out
}

func (j *glJob) units(script []scriptLine) []*glUnit {
	var out []*glUnit
	byKind := map[*known]*glUnit{}
	for _, l := range script {
		for _, c := range l.cmds {
			for _, k := range j.know.command(c) {
				u := byKind[k]
				if u == nil {
					u = &glUnit{known: k}
					byKind[k] = u
					out = append(out, u)
				}
				u.cmds, u.lines = append(u.cmds, c), append(u.lines, l)
			}
		}
	}
	if _, image := j.image(); len(out) == 0 && image != nil {
		if k := j.know.image(image.Text); k != nil {
			out = append(out, &glUnit{known: k})
		}
	}
	return out
}

func (j *glJob) assistant(u *glUnit, script []scriptLine) Job {
	job := j.base(script)
	job.Kind, job.Step = u.known.entry.ID, "script"
	src, image := j.image()
	job.Place = imageSrcAt(src, image)
	if len(u.lines) > 0 {
		job.Place = Place{u.lines[0].src.file, u.lines[0].node.Pointer, u.lines[0].src.lineIn(u.lines[0].node, u.cmds[0].offset)}
	}
	job.evidence(job.Place, "runs "+u.known.entry.Name)
	j.events(&job)
	m := &merits{entry: u.known}
	for i, c := range u.cmds {
		l := u.lines[i]
		p := Place{l.src.file, l.node.Pointer, l.src.lineIn(l.node, c.offset)}
		j.flags(&job, m, u.known, c, p)
		for _, w := range wrappers {
			if w.re.MatchString(c.raw) {
				m.add("sandbox", string(w.sandbox), w.why, p)
				m.add("network", w.network, w.why, p)
				break
			}
		}
	}
	j.secrets(&job, script)
	j.prompts(&job, u.cmds, u.lines)
	if image != nil {
		m.surrounding(inventory.SandboxContainer, "the job runs in a container; its variables are in there with it")
	}
	m.settle(&job)
	return job
}

func imageSrcAt(src *source, n *doc.Node) Place {
	if src == nil {
		return Place{}
	}
	return src.at(n)
}

func (j *glJob) image() (*source, *doc.Node) {
	src, n := j.get("image")
	if n != nil && n.Kind == doc.Object {
		n = n.Get("name")
	}
	if n == nil || n.Kind != doc.String {
		return nil, nil
	}
	return src, n
}

// base says what holds for the whole job.
func (j *glJob) base(script []scriptLine) Job {
	job := Job{File: j.file, Called: unique(j.called)}
	job.System, job.Workflow, job.Name = GitLab, j.file, j.name
	if _, w := j.find("workflow"); w != nil && text(w.Get("name")) != "" {
		job.Workflow = text(w.Get("name"))
	}
	job.Permissions, job.PermissionsSet = map[string]string{}, "unset"
	job.SelfHosted = inventory.Unknown
	if src, n := j.get("id_tokens"); len(children(n)) > 0 {
		job.OIDC = true
		for _, c := range n.Children {
			note := "OIDC token " + c.Key
			if aud := strings.Join(c.Get("aud").Strings(), ", "); aud != "" {
				note += " for " + aud
			}
			job.evidence(src.at(c), note)
		}
	}
	if src, n := j.get("environment"); n != nil {
		job.Environment = text(n)
		if n.Kind == doc.Object {
			job.Environment = text(n.Get("name"))
		}
		job.evidence(src.at(n), "deployment environment")
	}
	if _, n := j.get("tags"); n != nil {
		tags := n.Strings()
		job.Runner = strings.Join(tags, ", ")
		for _, t := range tags {
			if strings.HasPrefix(t, "saas-") {
				job.SelfHosted = inventory.No
			}
		}
	}
	if _, n := j.image(); n != nil {
		job.Uses = append(job.Uses, inventory.Uses{Ref: "image:" + credential.Redact(n.Text), Pinned: pinned(n.Text), AI: j.know.image(n.Text) != nil, Line: n.Line})
	}
	job.Uses = append(job.Uses, j.included...)
	if _, n := j.get("cache"); n != nil {
		job.UsesCache = true
	}
	if _, n := j.get("release"); n != nil {
		job.Publishes = true
	}
	for _, l := range script {
		for _, c := range l.cmds {
			line := l.src.lineIn(l.node, c.offset)
			job.Uses = append(job.Uses, j.packages(c, line)...)
			if publishCommands.MatchString(c.text) && !strings.Contains(c.text, "--dry-run") {
				job.Publishes = true
				job.evidence(Place{l.src.file, l.node.Pointer, line}, "releases or deploys")
			}
		}
	}
	return job
}

// secrets notes the variables that the job uses and no file defines, if their name says secret; what "secrets:" fetches
// from a vault; and credentials written into the file. The values of variables stand in the project's settings.
func (j *glJob) secrets(job *Job, script []scriptLine) {
	defined := map[string]bool{}
	texts := j.variables()
	for _, s := range texts {
		defined[s.into] = true
	}
	for _, l := range script {
		texts = append(texts, scope{src: l.src, node: l.node, as: "run", direct: true})
	}
	if _, n := j.get("id_tokens"); n != nil {
		for _, c := range children(n) {
			defined[c.Key] = true // made for the job, ends with it
		}
	}
	seen := map[string]bool{}
	for _, s := range texts {
		for _, m := range glVariable.FindAllStringSubmatchIndex(s.node.Text, 500) {
			name := s.node.Text[m[2]:m[3]]
			if predefined(name) {
				if name == "CI_JOB_TOKEN" && !seen[name] {
					seen[name] = true
					job.References = append(job.References, Reference{Place: s.src.at(s.node), Kind: "ci-secret", Text: "CI_JOB_TOKEN"})
				}
				continue
			}
			if seen[name] || defined[name] && name != s.into || !j.know.envs[name] && !credential.SecretName(name) {
				continue
			}
			seen[name] = true
			p := s.src.at(s.node)
			p.Line = s.src.lineIn(s.node, m[0])
			job.Given = append(job.Given, Given{Place: p, Name: name, As: s.as, Into: s.into, Direct: true, Environment: job.Environment, Store: inventory.StorageCI})
		}
		j.literals(job, s)
	}
	if src, n := j.get("secrets"); n != nil {
		for _, c := range children(n) {
			job.Given = append(job.Given, Given{Place: src.at(c), Name: c.Key, As: "env", Into: c.Key, Direct: true, Environment: job.Environment, Store: inventory.StorageManager})
		}
	}
}

// predefined tells the variables that GitLab sets. A deploy token's are stored credentials all the same.
func predefined(name string) bool {
	if name == "CI_DEPLOY_PASSWORD" || name == "CI_REGISTRY_PASSWORD" {
		return true
	}
	return strings.HasPrefix(name, "CI_") || strings.HasPrefix(name, "GITLAB_") && name != "GITLAB_TOKEN" && !strings.Contains(name, "ACCESS_TOKEN") && !strings.HasSuffix(name, "_PAT")
}

// prompts lists the variables with words of others that the assistant's command lines use.
func (j *glJob) prompts(job *Job, cmds []command, lines []scriptLine) {
	var found []string
	look := func(src *source, n *doc.Node, s string) {
		for _, m := range glVariable.FindAllStringSubmatch(s, 500) {
			if glOutsider[m[1]] {
				found = append(found, m[1])
				job.evidence(src.at(n), "text of others: "+m[1])
			}
		}
	}
	for i, c := range cmds {
		look(lines[i].src, lines[i].node, c.raw)
		for _, v := range j.variables() {
			if usesVariable(c.raw, v.into) {
				look(v.src, v.node, v.node.Text)
			}
		}
	}
	job.PromptInputs = sortedUnique(found)
}
