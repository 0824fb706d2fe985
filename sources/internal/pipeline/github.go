package pipeline

import (
	"path"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// workflow is a parsed workflow file.
type workflow struct {
	*source
	name     string
	triggers []trigger
	agentic  *agenticHeader // compiled by gh-aw
}

// trigger is one event of "on:".
type trigger struct {
	event string
	types []string
	node  *doc.Node
}

// ghJob is one job of a workflow, in the light of who calls it.
type ghJob struct {
	r       *reader
	start   *workflow // the file that events start
	here    *workflow // the file in which the job stands
	node    *doc.Node
	name    string // job, or caller / job
	caller  *ghJob
	called  []string
	aliases map[string][]string // secrets that the caller passes: name here -> names there; nil: as named
	inherit bool
	depth   int
}

func (r *reader) github(data []byte) ([]Job, error) {
	src, err := r.parse(r.file, data)
	if err != nil {
		return nil, err
	}
	r.files[path.Clean(r.file)] = src
	w := newWorkflow(src)
	w.agentic = r.readHeader(src)
	return r.workflowJobs(w, w, nil), nil
}

func newWorkflow(src *source) *workflow {
	w := &workflow{source: src}
	root := src.doc.Root
	if w.name = text(root.Get("name")); w.name == "" {
		w.name = path.Base(src.file)
	}
	on := root.Get("on")
	switch {
	case on == nil:
	case on.Kind == doc.Object:
		for _, c := range on.Children {
			w.triggers = append(w.triggers, trigger{c.Key, c.Get("types").Strings(), c})
		}
	default:
		for _, e := range on.Strings() {
			w.triggers = append(w.triggers, trigger{e, nil, on})
		}
	}
	return w
}

// workflowJobs reads all jobs of a file that start reaches through caller.
func (r *reader) workflowJobs(here, start *workflow, caller *ghJob) []Job {
	var out []Job
	jobs := here.doc.Root.Get("jobs")
	if jobs == nil || jobs.Kind != doc.Object {
		return nil
	}
	for _, n := range jobs.Children {
		if r.jobs++; r.jobs > maxJobs || r.found >= maxFound {
			r.warn(here.file, n.Line, "more jobs than are read: the rest is left out")
			break
		}
		j := &ghJob{r: r, start: start, here: here, node: n, name: n.Key, caller: caller}
		if caller != nil {
			j.name = caller.name + " / " + n.Key
			j.called = append(append([]string{}, caller.called...), here.file)
			j.depth = caller.depth + 1
			j.aliases, j.inherit = caller.passes()
		}
		if uses := n.Get("uses"); uses != nil && uses.Kind == doc.String {
			out = append(out, j.reusable(uses)...)
		} else {
			out = append(out, j.read()...)
		}
	}
	return out
}

// passes says which secrets a calling job hands on.
func (j *ghJob) passes() (aliases map[string][]string, inherit bool) {
	s := j.node.Get("secrets")
	if s == nil {
		return map[string][]string{}, false
	}
	if s.Kind != doc.Object {
		return j.aliases, strings.EqualFold(strings.TrimSpace(s.Text), "inherit")
	}
	aliases = map[string][]string{}
	for _, c := range s.Children {
		names, _ := secretsIn(c.Text, false)
		aliases[strings.ToUpper(c.Key)] = j.realNames(names)
	}
	return aliases, false
}

// realNames turns names of this file into those that the repository knows them by.
func (j *ghJob) realNames(names []string) []string {
	if j.aliases == nil || j.inherit {
		return names
	}
	var out []string
	for _, n := range names {
		out = append(out, j.aliases[n]...)
	}
	return out
}

// reusable reads a job that calls a workflow of the same repository. What lies in another repository is not seen.
func (j *ghJob) reusable(uses *doc.Node) []Job {
	ref := strings.TrimSpace(uses.Text)
	if !strings.HasPrefix(ref, "./") {
		if k := j.r.know.action(ref); k != nil && !isAgenticSetup(ref) {
			return j.remote(k, uses)
		}
		return nil
	}
	if j.depth >= maxDepth {
		j.r.warn(j.here.file, uses.Line, "workflows call each other deeper than is followed")
		return nil
	}
	src := j.r.include(strings.TrimPrefix(ref, "./"))
	if src == nil {
		j.r.warn(j.here.file, uses.Line, "calls a workflow that could not be read: assistants in it are not seen")
		return nil
	}
	for c := j; c != nil; c = c.caller {
		if c.here.file == src.file {
			return nil // calls itself
		}
	}
	w := newWorkflow(src)
	w.agentic = j.r.readHeader(src)
	return j.r.workflowJobs(w, j.start, j)
}

// remote is a job that is an assistant's own reusable workflow in another repository.
func (j *ghJob) remote(k *known, uses *doc.Node) []Job {
	st := &step{src: j.here.source, node: j.node, id: j.node.Key, uses: uses.Text, usesNode: uses, with: j.node.Get("with")}
	job := j.base([]*step{st})
	if text(j.node.Get("secrets")) == "inherit" {
		job.Given = append(job.Given, Given{Place: j.here.at(j.node.Get("secrets")), Name: "*", As: "inherit", Direct: true, Store: inventory.StorageCI})
	}
	return []Job{j.assistant(job, &unit{known: k, steps: []*step{st}, action: uses.Text}, []*step{st})}
}

// read finds the assistants of a job that has steps.
func (j *ghJob) read() []Job {
	steps := j.flatten(j.here.source, j.node.Get("steps"), nil, 0)
	units := j.units(steps)
	if len(units) == 0 {
		return nil
	}
	var out []Job
	for i, u := range units {
		if j.r.found++; i >= maxUnits || j.r.found > maxFound {
			j.r.warn(j.here.file, j.node.Line, "more assistants in a job than are read: the rest is left out")
			break
		}
		out = append(out, j.assistant(j.base(steps), u, steps))
	}
	return out
}

// step is one step of a job; those of a composite action stand in for the step that uses it.
type step struct {
	src       *source
	node      *doc.Node
	outer     *step
	id        string
	uses      string
	usesNode  *doc.Node
	run       *doc.Node
	with, env *doc.Node
	cmds      []command
	cond      *doc.Node
}

// flatten lists the steps of a job, with those of the repository's own composite actions in place.
func (j *ghJob) flatten(src *source, list *doc.Node, outer *step, depth int) []*step {
	var out []*step
	if list == nil || list.Kind != doc.Array {
		return nil
	}
	for i, n := range list.Children {
		if n.Kind != doc.Object {
			continue
		}
		if j.r.steps++; j.r.steps > maxSteps {
			j.r.warn(src.file, n.Line, "more steps than are read: the rest is left out")
			return out
		}
		s := &step{src: src, node: n, outer: outer, usesNode: n.Get("uses"), run: n.Get("run"), with: n.Get("with"), env: n.Get("env"), cond: n.Get("if")}
		s.uses = strings.TrimSpace(text(s.usesNode))
		for _, id := range []string{text(n.Get("id")), text(n.Get("name")), strconv.Itoa(i)} {
			if id != "" {
				s.id = id
				break
			}
		}
		if outer != nil {
			s.id = outer.id + " / " + s.id
		}
		if s.run != nil {
			s.cmds = commands(s.run.Text)
		}
		out = append(out, s)
		if strings.HasPrefix(s.uses, "./") && depth < maxDepth {
			dir := path.Clean(strings.TrimPrefix(s.uses, "./"))
			if a := j.r.include(path.Join(dir, "action.yml"), path.Join(dir, "action.yaml")); a != nil {
				j.called = append(j.called, a.file)
				out = append(out, j.flatten(a, a.doc.At("/runs/steps"), s, depth+1)...)
			}
		}
	}
	return out
}

// unit is one assistant in a job: an action, or the command lines of one product.
type unit struct {
	known  *known
	steps  []*step
	action string
	cmds   []command
	image  *doc.Node
}

// units finds the assistants of a job. Each action is one; all command lines of one product are one.
func (j *ghJob) units(steps []*step) []*unit {
	var out []*unit
	byKind := map[*known]*unit{}
	for _, s := range steps {
		if s.uses != "" && !isAgenticSetup(s.uses) {
			if k := j.r.know.action(s.uses); k != nil {
				out = append(out, &unit{known: k, steps: []*step{s}, action: s.uses})
			}
		}
		for _, c := range s.cmds {
			for _, k := range j.r.know.command(c) {
				u := byKind[k]
				if u == nil {
					u = &unit{known: k}
					byKind[k] = u
					out = append(out, u)
				}
				u.cmds = append(u.cmds, c)
				if len(u.steps) == 0 || u.steps[len(u.steps)-1] != s {
					u.steps = append(u.steps, s)
				}
			}
		}
	}
	if image := containerImage(j.node); image != nil && len(out) == 0 {
		if k := j.r.know.image(image.Text); k != nil {
			out = append(out, &unit{known: k, steps: steps, image: image})
		}
	}
	if len(out) == 0 {
		out = j.special(steps)
	}
	return out
}

// special finds assistants that no step names: the cloud agent whose machine a job of a fixed name prepares, and the
// engine of a compiled agentic workflow.
func (j *ghJob) special(steps []*step) []*unit {
	if j.node.Key == "copilot-setup-steps" && strings.HasPrefix(path.Base(j.here.file), "copilot-setup-steps.y") {
		if k := j.r.know.byID["copilot"]; k != nil {
			return []*unit{{known: k, steps: steps}}
		}
	}
	if j.here.agentic != nil && j.node.Key == "agent" {
		if k := j.r.know.byID[engines[j.here.agentic.engine]]; k != nil {
			return []*unit{{known: k, steps: steps}}
		}
	}
	return nil
}

func containerImage(job *doc.Node) *doc.Node {
	c := job.Get("container")
	if c != nil && c.Kind == doc.Object {
		c = c.Get("image")
	}
	if c == nil || c.Kind != doc.String {
		return nil
	}
	return c
}

// isAgenticSetup tells the actions that prepare a job of GitHub Agentic Workflows. They stand in every job of a compiled
// workflow, also in those without an assistant.
func isAgenticSetup(uses string) bool {
	uses = strings.ToLower(uses)
	return strings.HasPrefix(uses, "github/gh-aw") || strings.HasPrefix(uses, "githubnext/gh-aw")
}

// text returns the text of a scalar, "" of anything else.
func text(n *doc.Node) string {
	if n == nil || n.Kind == doc.Object || n.Kind == doc.Array {
		return ""
	}
	return n.Text
}
