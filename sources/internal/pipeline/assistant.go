package pipeline

import (
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// assistant completes a job with what concerns one assistant in it.
func (j *ghJob) assistant(job Job, u *unit, steps []*step) Job {
	first := u.steps
	job.Kind = u.known.entry.ID
	job.Place = j.here.at(j.node)
	if len(first) > 0 {
		s := first[0]
		job.Step = s.id
		job.Place = s.src.at(s.node)
		if s.usesNode != nil {
			job.Place = s.src.at(s.usesNode)
		} else if s.run != nil && len(u.cmds) > 0 {
			job.Place = Place{s.src.file, s.run.Pointer, s.src.lineIn(s.run, u.cmds[0].offset)}
		}
	}
	job.evidence(job.Place, "runs "+u.known.entry.Name)
	job.Cloud = job.Kind == "copilot" && u.action == ""
	u.tokens(&job)
	j.outsiders(&job, u, steps)
	j.secrets(&job, u, steps)
	j.prompts(&job, u)

	m := &merits{entry: u.known}
	for _, s := range u.steps {
		if u.action != "" {
			j.r.inputs(&job, m, u.known, s)
		}
		j.envSettings(&job, m, u, s)
	}
	if u.action == "" {
		for _, s := range u.steps {
			for _, c := range s.cmds {
				if s.run != nil && containsCommand(u.cmds, c) {
					p := Place{s.src.file, s.run.Pointer, s.src.lineIn(s.run, c.offset)}
					j.r.flags(&job, m, u.known, c, p)
				}
			}
		}
	}
	for _, use := range job.Uses {
		if name, version := packageOf(use.Ref); job.Version == "" && use.Pinned && u.known.packages[strings.ToLower(name)] {
			job.Version = version
		}
	}
	j.confinement(&job, m, u, steps)
	m.settle(&job)
	j.agenticFacts(&job)
	return job
}

// tokens notes whether the action works with a token of its own app, and whether it has tools at all.
func (u *unit) tokens(job *Job) {
	if u.action == "" {
		return
	}
	with := u.steps[0].with
	for name, tools := range inference {
		if oneOfActions(u.action, []string{name}) {
			job.TextOnly = isOff(inputText(with, tools))
		}
	}
	for _, a := range appTokens {
		if !job.OIDC || !oneOfActions(u.action, []string{a.action}) {
			continue
		}
		own := true
		for _, name := range a.unless {
			own = own && isOff(inputText(with, name))
		}
		if own {
			job.App, job.AppRights = a.app, a.rights
		}
	}
}

func containsCommand(list []command, c command) bool {
	for _, x := range list {
		if x.offset == c.offset && x.raw == c.raw {
			return true
		}
	}
	return false
}

// prompts lists the words of strangers that reach the assistant: in the inputs, command lines and variables of its own
// step, and in variables of the job that these use.
func (j *ghJob) prompts(job *Job, u *unit) {
	var found []string
	used := func(s *step, name string) bool {
		if s.run != nil && usesVariable(s.run.Text, name) {
			return true
		}
		for _, c := range children(s.with) {
			if usesVariable(text(c), name) {
				return true
			}
		}
		return false
	}
	look := func(src *source, n *doc.Node) {
		if n != nil && n.Key == "GITHUB_HEAD_REF" {
			return // the runner sets it for every step: it says nothing of the prompt
		}
		for _, e := range j.start.carried(outsiderText(text(n))) {
			found = append(found, e)
			job.evidence(src.at(n), "text of strangers: "+e)
		}
	}
	for _, s := range u.steps {
		for c := s; c != nil; c = c.outer {
			look(c.src, c.run)
			for _, n := range append(children(c.with), children(c.env)...) {
				look(c.src, n)
			}
		}
		for _, env := range []*doc.Node{j.node.Get("env"), j.here.doc.Root.Get("env")} {
			for i, n := range children(env) {
				if i < maxVars && used(s, n.Key) {
					look(j.here.source, n)
				}
			}
		}
	}
	job.PromptInputs = sortedUnique(found)
}

// confinement says what keeps the assistant's commands in: a wrapper, a container, the runner.
func (j *ghJob) confinement(job *Job, m *merits, u *unit, steps []*step) {
	for _, c := range u.cmds {
		for _, w := range wrappers {
			if w.re.MatchString(strings.ReplaceAll(c.raw, "\n", " ")) {
				m.add("sandbox", string(w.sandbox), w.why, job.Place)
				if w.network != "" {
					m.add("network", w.network, w.why, job.Place)
				}
				break
			}
		}
	}
	for _, s := range steps {
		for _, c := range s.cmds { // the wrapper stands around the line that names the assistant
			if strings.Contains(c.raw, "awf ") && nests(c, u.cmds) {
				m.add("sandbox", string(wrappers[0].sandbox), wrappers[0].why, job.Place)
				m.add("network", wrappers[0].network, wrappers[0].why, job.Place)
			}
		}
		if oneOfActions(s.uses, []string{"step-security/harden-runner"}) && inputText(s.with, "egress-policy") == "block" {
			m.add("network", "allowlist", "harden-runner blocks other addresses", s.src.at(s.usesNode))
		}
	}
	if containerImage(j.node) != nil {
		m.surrounding(inventory.SandboxContainer, "the job runs in a container; its token and secrets are in there with it")
	}
	switch job.SelfHosted {
	case inventory.No:
		m.surrounding(inventory.SandboxVM, "a fresh virtual machine of the forge for each job; the job's token and secrets are in there with it")
	case inventory.Yes:
		m.surrounding(inventory.SandboxNone, "a machine of one's own, which may outlive the job")
	}
}

// nests tells whether one of the command lines stands inside a quoted part of c.
func nests(c command, cmds []command) bool {
	for _, x := range cmds {
		if x.offset == c.offset && x.raw != c.raw {
			return true
		}
	}
	return false
}

// envSettings applies switches that stand in variables.
func (j *ghJob) envSettings(job *Job, m *merits, u *unit, s *step) {
	for _, env := range []struct {
		src *source
		n   *doc.Node
	}{{j.here.source, j.here.doc.Root.Get("env")}, {j.here.source, j.node.Get("env")}, {s.src, s.env}} {
		for _, c := range children(env.n) {
			sw, ok := envSwitches[c.Key]
			if !ok || sw.kind != u.known.entry.ID || isOff(text(c)) {
				continue
			}
			p := env.src.at(c)
			job.setting(inventory.SettingMode, c.Key, text(c), p, sw.why)
			m.add(sw.means, sw.value, c.Key, p)
		}
	}
}

// envSwitches are variables that do what a flag does. Source: the products' own help, versions in facts of 2026-11.
var envSwitches = map[string]struct{ kind, means, value, why string }{
	"COPILOT_ALLOW_ALL": {"copilot-cli", "autonomy", "unattended", "allows all tools, paths and addresses"},
	"AIDER_YES_ALWAYS":  {"aider", "autonomy", "unattended", "answers every question with yes"},
	"GOOSE_MODE":        {"goose", "autonomy", "unattended", "the mode of the agent"},
}

func isOff(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "0", "false", "no", "off", "approve", "smart_approve", "chat":
		return true
	}
	return false
}

func (j *Job) setting(kind, name, value string, p Place, why string) {
	j.Settings = append(j.Settings, inventory.Setting{
		Kind: kind, Name: name, Value: shown(value), Scope: "ci", Effective: true, Why: why, Path: p.File, Pointer: p.Pointer, Line: p.Line,
	})
}
