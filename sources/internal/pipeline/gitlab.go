package pipeline

import (
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// glReader reads a GitLab pipeline with the files of the repository that it includes.
type glReader struct {
	*reader
	files    []*source // in the order in which they are merged: the including file is the last and wins
	included []inventory.Uses
	called   []string
}

// gitlabReserved are top-level keys that are no jobs. Source: GitLab CI/CD YAML reference, 18.
var gitlabReserved = map[string]bool{"default": true, "include": true, "stages": true, "variables": true, "workflow": true, "image": true,
	"services": true, "cache": true, "before_script": true, "after_script": true, "spec": true, "types": true}

func (r *reader) gitlab(data []byte) ([]Job, error) {
	g, err := r.gitlabFiles(data)
	if err != nil {
		return nil, err
	}
	return g.assistants(), nil
}

// gitlabFiles parses a pipeline with the files of the repository that it includes.
func (r *reader) gitlabFiles(data []byte) (*glReader, error) {
	src, err := r.parse(r.file, data)
	if err != nil {
		return nil, err
	}
	g := &glReader{reader: r}
	r.files[r.file] = src
	g.take(body(src), 0)
	return g, nil
}

func (g *glReader) assistants() []Job {
	var out []Job
	for _, name := range g.jobNames() {
		out = append(out, g.job(name)...)
	}
	return out
}

// jobNames lists the jobs of a pipeline, each once, in the order in which its files are merged.
func (g *glReader) jobNames() []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range g.files {
		for _, n := range s.doc.Root.Children {
			if n.Kind != doc.Object || strings.HasPrefix(n.Key, ".") || gitlabReserved[n.Key] || seen[n.Key] || n.Key == "<<" || strings.HasPrefix(n.Key, "~doc") {
				continue
			}
			seen[n.Key] = true
			if len(seen) > maxJobs {
				g.warn(s.file, n.Line, "more jobs than are read: the rest is left out")
				return out
			}
			out = append(out, n.Key)
		}
	}
	return out
}

// body skips the "spec:" document of a component.
func body(src *source) *source {
	root := src.doc.Root
	if root.Get("spec") == nil {
		return src
	}
	for _, c := range root.Children {
		if strings.HasPrefix(c.Key, "~doc") && c.Kind == doc.Object {
			d := *src.doc
			d.Root = c
			return &source{file: src.file, doc: &d}
		}
	}
	return src
}

// take adds a file, the ones it includes before it.
func (g *glReader) take(src *source, depth int) {
	inc := src.doc.Root.Get("include")
	list := []*doc.Node{inc}
	if inc != nil && inc.Kind == doc.Array {
		list = inc.Children
	}
	for _, n := range list {
		if n == nil || depth >= maxDepth {
			continue
		}
		local := text(n)
		for _, c := range children(n) {
			switch c.Key {
			case "local":
				local = c.Text
			case "component", "remote", "template", "project":
				ref := c.Text
				if v := text(n.Get("ref")); v != "" {
					ref += "@" + v
				}
				g.included = append(g.included, inventory.Uses{Ref: c.Key + ":" + credential.Redact(ref), Pinned: commitRef.MatchString(ref), Line: c.Line})
			}
		}
		if local == "" || strings.Contains(local, "://") {
			continue
		}
		if strings.ContainsAny(local, "*$") {
			g.warn(src.file, n.Line, "includes files by a pattern or variable: they are not followed")
			continue
		}
		known := len(g.reader.files)
		if s := g.include(local); s == nil {
			g.warn(src.file, n.Line, "includes a file that could not be read: assistants in it are not seen")
		} else if len(g.reader.files) > known {
			g.called = append(g.called, s.file)
			g.take(body(s), depth+1)
		}
	}
	g.files = append(g.files, src)
}

// find returns the last definition of a top-level key.
func (g *glReader) find(key string) (*source, *doc.Node) {
	for i := len(g.files) - 1; i >= 0; i-- {
		if n := g.files[i].doc.Root.Get(key); n != nil {
			return g.files[i], n
		}
	}
	return nil, nil
}

// layers lists a job's definitions from the strongest to the weakest: its own in each file, then what it extends.
func (g *glReader) layers(name string) []layer {
	var out []layer
	seen := map[string]bool{}
	var add func(string, int)
	add = func(name string, depth int) {
		if seen[name] || depth > 11 { // GitLab follows 11 levels
			return
		}
		seen[name] = true
		var parents []string
		for i := len(g.files) - 1; i >= 0; i-- {
			if n := g.files[i].doc.Root.Get(name); n != nil && n.Kind == doc.Object {
				out = append(out, layer{g.files[i], n})
				if parents == nil {
					parents = n.Get("extends").Strings()
				}
			}
		}
		for i := len(parents) - 1; i >= 0; i-- {
			add(parents[i], depth+1)
		}
	}
	add(name, 0)
	return out
}

type layer struct {
	src  *source
	node *doc.Node
}

// glJob is a job with everything that it extends and inherits.
type glJob struct {
	*glReader
	name   string
	layers []layer
}

// get returns the strongest definition of a key, of the job or the pipeline's defaults.
func (j *glJob) get(key string) (*source, *doc.Node) {
	for _, l := range j.layers {
		if n := l.node.Get(key); n != nil {
			return l.src, n
		}
	}
	if src, d := j.find("default"); d != nil && d.Get(key) != nil {
		return src, d.Get(key)
	}
	switch key {
	case "image", "before_script", "after_script", "cache", "services":
		return j.find(key)
	}
	return nil, nil
}

// scriptLine is one line of a job's script.
type scriptLine struct {
	src  *source
	node *doc.Node
	cmds []command
}

func (j *glJob) script() []scriptLine {
	var out []scriptLine
	for _, key := range []string{"before_script", "script", "after_script"} {
		src, n := j.get(key)
		if n != nil {
			j.lines(src, n, 0, &out)
		}
	}
	for _, l := range j.layers { // a job may run a command of hooks too
		if n := l.node.Get("hooks").Get("pre_get_sources_script"); n != nil {
			j.lines(l.src, n, 0, &out)
			break
		}
	}
	return out
}

// lines flattens a script: nested lists, and "!reference [job, key]".
func (j *glJob) lines(src *source, n *doc.Node, depth int, out *[]scriptLine) {
	if depth > 10 || len(*out) >= maxSteps {
		return
	}
	if n.Kind != doc.Array {
		if s := text(n); s != "" {
			*out = append(*out, scriptLine{src, n, commands(s)})
		}
		return
	}
	if isReference(src, n) {
		path := n.Strings()
		from, target := j.find(path[0])
		for _, key := range path[1:] {
			target = target.Get(key)
		}
		if target != nil {
			j.lines(from, target, depth+1, out)
		}
		return
	}
	for _, c := range n.Children {
		j.lines(src, c, depth+1, out)
	}
}

// isReference tells a list with the tag !reference.
func isReference(src *source, n *doc.Node) bool {
	if len(n.Strings()) < 2 || len(n.Strings()) != len(n.Children) {
		return false
	}
	before := src.doc.Data[max(0, min(n.Start, len(src.doc.Data))-16):min(n.Start, len(src.doc.Data))]
	return strings.HasSuffix(strings.TrimRight(string(before), " \t"), "!reference")
}

// variables lists the variables of the job and the pipeline, the job's first.
func (j *glJob) variables() []scope {
	var out []scope
	seen := map[string]bool{}
	add := func(src *source, n *doc.Node) {
		for _, c := range children(n) {
			if seen[c.Key] {
				continue
			}
			seen[c.Key] = true
			if v := c.Get("value"); c.Kind == doc.Object && v != nil {
				out = append(out, scope{src: src, node: v, as: "env", into: c.Key, direct: true})
			} else if c.Kind != doc.Object {
				out = append(out, scope{src: src, node: c, as: "env", into: c.Key, direct: true})
			}
		}
	}
	for _, l := range j.layers {
		add(l.src, l.node.Get("variables"))
	}
	for i := len(j.files) - 1; i >= 0; i-- {
		add(j.files[i], j.files[i].doc.Root.Get("variables"))
	}
	return out
}

var (
	glVariable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)
	// glOutsider are the predefined variables whose text a contributor writes, and the ones that GitLab passes from a
	// comment or a mention to an agent's pipeline.
	glOutsider = map[string]bool{"CI_MERGE_REQUEST_TITLE": true, "CI_MERGE_REQUEST_DESCRIPTION": true, "CI_COMMIT_MESSAGE": true, "CI_COMMIT_TITLE": true,
		"CI_COMMIT_DESCRIPTION": true, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": true, "CI_COMMIT_REF_NAME": true, "CI_COMMIT_BRANCH": true,
		"AI_FLOW_INPUT": true, "AI_FLOW_CONTEXT": true, "AI_FLOW_EVENT": true, "TRIGGER_PAYLOAD": true}
	glSources = regexp.MustCompile(`\$\{?CI_PIPELINE_SOURCE\}?\s*(==|=~|!=)\s*["'/^]*([a-z_|]+)`)
)

// eventsOf says by what the job is started, from its rules, its "only" and the pipeline's own rules.
func (j *glJob) events(job *Job) {
	found := map[string]bool{}
	read := func(src *source, n *doc.Node) {
		if n == nil {
			return
		}
		n.Walk(func(c *doc.Node) bool {
			for _, m := range glSources.FindAllStringSubmatch(c.Text, 20) {
				if m[1] != "!=" {
					for _, s := range strings.Split(m[2], "|") {
						found[s] = true
					}
					job.evidence(src.at(c), "started by "+m[2])
				}
			}
			for _, v := range []string{"CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_IID"} {
				if strings.Contains(c.Text, v) {
					found["merge_request_event"] = true
				}
			}
			return true
		})
	}
	src, rules := j.get("rules")
	read(src, rules)
	if src, only := j.get("only"); only != nil {
		names := append(only.Strings(), only.Get("refs").Strings()...)
		for _, name := range names {
			switch name {
			case "merge_requests":
				found["merge_request_event"] = true
			case "schedules", "triggers", "web", "api", "pushes", "tags", "branches":
				found[strings.TrimSuffix(name, "s")] = true
			}
			job.evidence(src.at(only), "only: "+name)
		}
	}
	if len(found) == 0 {
		if src, w := j.find("workflow"); w != nil {
			read(src, w.Get("rules"))
		}
	}
	if len(found) == 0 {
		found["push"] = true
	}
	job.Triggers = inventory.SortedKeys(found)
	job.Outsiders = inventory.No
	for _, t := range job.Triggers {
		switch t {
		case "merge_request_event", "external_pull_request_event", "trigger", "api", "webide", "chat":
			job.Outsiders = inventory.Unknown
		}
	}
	if job.Outsiders == inventory.Unknown {
		job.evidence(job.Place, "a merge request from a fork runs in the fork, without this project's variables, unless a member starts it here; who holds a trigger token is not known")
	}
}
