package pipeline

import (
	"fmt"
	"path"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// The systems, spelled as inventory.Job.System.
const (
	GitHub = "github-actions"
	GitLab = "gitlab-ci"
)

// Place is where something stands: a file relative to the repository, with slashes, a JSON pointer and a 1-based line.
type Place struct {
	File    string
	Pointer string
	Line    int
}

// Job is one assistant in one job.
type Job struct {
	inventory.Job
	Kind   string   // catalogue id
	File   string   // the pipeline file that starts the job
	Step   string   // the step's id, name or index; tells several of one kind in one job apart
	Called []string // further files that the job's steps come from: reusable workflows, composite actions, includes
	Place  Place    // of the step that runs the assistant
	// CallOnly says that the file is started by other workflows only.
	CallOnly bool

	Autonomy       inventory.Autonomy
	AutonomyReason string
	Sandbox        inventory.Sandbox
	SandboxReason  string
	Network        string // open, allowlist, none; "" unknown
	NetworkReason  string
	Version        string // of the assistant, where a package or image is pinned to one

	Settings   []inventory.Setting // Path is relative to the repository
	Given      []Given
	Literals   []Literal
	References []Reference
	Tools      []Tool
	// SafeOutputs are the acts that other jobs of the workflow do for the assistant, with rights of their own
	// (GitHub Agentic Workflows): create-pull-request, add-comment ...
	SafeOutputs []string
	// App names the GitHub App whose token the assistant gets in exchange for the job's OIDC token, AppRights what that
	// token may do besides the job token.
	App       string
	AppRights map[string]string
	TextOnly  bool // returns text to the job, and has no tools
	Cloud     bool // the job prepares the machine of an agent that the forge runs; its rights are not the agent's
	Evidence  []inventory.Evidence
}

// Given is a stored secret that the job gets by its name.
type Given struct {
	Place
	Name        string // "*" for all
	As          string // env, input, run, inherit, other
	Into        string // name of the variable or input
	Direct      bool   // given to the assistant's own step, or to every step of the job
	Environment string // deployment environment that gates it
	Store       string // ci-secret, secrets-manager
}

// Literal is a credential that is written in the file itself.
type Literal struct {
	Place
	Name  string // of the variable or input; "" in a script
	Match credential.Match
}

// Reference is a text that stands for a credential kept elsewhere.
type Reference struct {
	Place
	Kind string
	Text string
}

// Tool is a tool server that the job configures for the assistant.
type Tool struct {
	Place
	Name        string
	Transport   string
	Command     string
	Args        []string // literal credentials taken out
	URL         string   // without userinfo and query
	EnvNames    []string
	HeaderNames []string
	Enabled     bool
	Approved    []string // tools that run without asking
	Literals    []Literal
	References  []Reference
}

// Warning is something that could not be read. It never quotes the file.
type Warning = inventory.Warning

const (
	maxFile     = 1 << 20
	maxIncluded = 40   // files that one pipeline pulls in
	maxSteps    = 4000 // of a pipeline, those of the files it calls counted each time
	maxJobs     = 1000 // likewise
	maxUnits    = 20   // assistants of one job
	maxFound    = 300  // assistants of one pipeline
	maxVars     = 300  // variables of a job that are looked at for prompts
	maxDepth    = 5    // nested reusable workflows; GitHub allows 10, 4 levels at the time of the first release
)

// Read reads one pipeline file. path is relative to the repository, with slashes; open returns other files of the same
// repository by such a path, and may be nil. The error is of the file as a whole; what only hides a part of it is a
// warning. A pipeline without an assistant gives no job. The order of the jobs is that of the file.
func Read(system, file string, data []byte, open func(rel string) ([]byte, error), cat *catalogue.Catalogue) ([]Job, []Warning, error) {
	if len(data) > maxFile {
		return nil, nil, fmt.Errorf("%s: larger than %d bytes: not read", file, maxFile)
	}
	r := newReader(file, open, cat)
	var jobs []Job
	var err error
	switch {
	case system == GitLab:
		jobs, err = r.gitlab(data)
	case system != GitHub:
		return nil, nil, fmt.Errorf("%s: pipelines of %q are not known", file, system)
	case strings.HasSuffix(file, ".md"):
		jobs, err = r.agentic(data)
	default:
		jobs, err = r.github(data)
	}
	for i := range jobs {
		finish(&jobs[i], file)
	}
	return jobs, r.warnings, err
}

func newReader(file string, open func(rel string) ([]byte, error), cat *catalogue.Catalogue) *reader {
	return &reader{file: file, open: open, know: knowledgeOf(cat), files: map[string]*source{}, matches: map[*doc.Node][]credential.Match{}, checks: map[*doc.Node]bool{}}
}

// reader holds what one call of Read works with.
type reader struct {
	file     string
	open     func(string) ([]byte, error)
	know     *knowledge
	files    map[string]*source
	warnings []Warning
	steps    int
	jobs     int
	found    int
	matches  map[*doc.Node][]credential.Match // credentials of a text, looked for once
	checks   map[*doc.Node]bool               // jobs with a step that asks for the actor's rights
}

// source is a parsed file.
type source struct {
	file string
	doc  *doc.Doc
}

func (r *reader) warn(file string, line int, text string) {
	if len(r.warnings) < 100 {
		r.warnings = append(r.warnings, Warning{Path: file, Line: line, Text: text})
	}
}

// parse reads a YAML file. A file that is broken in its middle is used as far as it was understood.
func (r *reader) parse(file string, data []byte) (*source, error) {
	d, err := doc.Parse(doc.YAML, data)
	if d == nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err != nil {
		line := 0
		if e, ok := err.(*doc.Error); ok {
			line = e.Line
		}
		r.warn(file, line, "not understood from here on: "+err.Error())
	}
	return &source{file: file, doc: d}, nil
}

// include opens another file of the repository, once. It returns nil, with a warning, when that cannot be read.
func (r *reader) include(name string, names ...string) *source {
	for _, rel := range append([]string{name}, names...) {
		rel = path.Clean(strings.TrimPrefix(rel, "/"))
		if rel == ".." || strings.HasPrefix(rel, "../") || path.IsAbs(rel) || strings.ContainsRune(rel, 0) {
			continue
		}
		if s, ok := r.files[rel]; ok {
			return s
		}
		if r.open == nil || len(r.files) >= maxIncluded {
			continue
		}
		data, err := r.open(rel)
		if err != nil || len(data) > maxFile {
			continue
		}
		s, err := r.parse(rel, data)
		if err != nil {
			r.warn(rel, 0, err.Error())
		}
		r.files[rel] = s
		return s
	}
	return nil
}

// at is the place of a node.
func (s *source) at(n *doc.Node) Place {
	if n == nil {
		return Place{File: s.file}
	}
	return Place{File: s.file, Pointer: n.Pointer, Line: n.KeyLine}
}

// lineIn returns the line of an offset in a node's text.
func (s *source) lineIn(n *doc.Node, offset int) int {
	line := n.Line + strings.Count(n.Text[:min(offset, len(n.Text))], "\n")
	if n.Start >= 0 && n.Start < len(s.doc.Data) {
		if c := s.doc.Data[n.Start]; c == '|' || c == '>' {
			line++
		}
	}
	return line
}

func (j *Job) evidence(p Place, note string) {
	for _, e := range j.Evidence {
		if e.Path == p.File && e.Pointer == p.Pointer && e.Note == note {
			return
		}
	}
	j.Evidence = append(j.Evidence, inventory.Evidence{Path: p.File, Pointer: p.Pointer, Line: p.Line, Note: note})
}
