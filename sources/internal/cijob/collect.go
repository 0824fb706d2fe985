package cijob

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/pipeline"
)

// Repo is a repository whose pipelines are delivered. What is nil or empty is not known.
type Repo struct {
	Catalogue *catalogue.Catalogue
	Sink      inventory.Sink
	Name      string // as code hosts give it: github.com/acme/web; or where it lies
	Shown     string // its folder or address, as evidence writes it
	Where     string // as its assistants are said to be there; "": as Shown
	Host      string // the machine that it is on
	System    string // whose pipelines they are; "" : told by the name of each file

	// Read returns a file of the repository, by a path with slashes. An error of the type [NotRead] says why it was not.
	Read func(file string) ([]byte, error)
	// Tracked tells whether a file is one that the forge has too.
	Tracked func(file string) inventory.Answer
	Owners  func(file string) []people.Person
	// Idle says why the forge does not run a file; "" where it does.
	Idle func(file, system string) string
	// Outlined gets the outline of each workflow, before any assistant is delivered.
	Outlined func(o pipeline.Outline)
	// Before gets the jobs with assistants, before any is delivered. Its error ends the collection.
	Before func(jobs []pipeline.Job) error
	// Quiet leaves out of the ledger the files that were read and hold no assistant: the caller says that all were read.
	Quiet bool
	// Settle fills in what settings of the repository decide about a job, its runner or the default of its token.
	Settle func(j *pipeline.Job)
	// Rights says what a token with these permissions may do, by the rules of the repository. Without it, what a rule may
	// decide is not certain.
	// app is "" for the job's own token, else the app whose token the assistant gets in exchange for the job's identity.
	Rights func(j *pipeline.Job, permissions map[string]string, app string) []forge.Right
	// Delivered gets each assistant with its job, and the ids of the credentials that are written in its files.
	Delivered func(j *pipeline.Job, a *inventory.Assistant, literals map[pipeline.Place]inventory.ID)
}

// NotRead carries a state of the ledger through [Repo.Read].
type NotRead struct{ State, Reason string }

func (e *NotRead) Error() string { return cmp.Or(e.Reason, e.State) }

// run reads the pipelines of one repository.
type run struct {
	Repo
	done map[inventory.ID]bool
}

// Collect delivers the assistants that run in the pipelines of one repository. files are its pipeline definitions, with
// slashes; their order does not matter. The only errors are that of ctx and that of Before: a file that cannot be read
// costs itself, and the ledger says so.
func Collect(ctx context.Context, r Repo, files []string) error {
	c := &run{Repo: r, done: map[inventory.ID]bool{}}
	files = slices.Clone(files)
	slices.Sort(files)
	var jobs []pipeline.Job
	called := map[string]bool{}
	for _, f := range slices.Compact(files) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, j := range c.read(f) {
			jobs = append(jobs, j)
			for _, other := range j.Called {
				called[other] = true
			}
		}
	}
	if c.Before != nil {
		if err := c.Before(jobs); err != nil {
			return err
		}
	}
	for i := range jobs {
		// A workflow that only others call is shown where they call it.
		if j := &jobs[i]; !j.CallOnly || !called[j.File] {
			if c.Settle != nil {
				c.Settle(j)
			}
			c.deliver(j)
		}
	}
	return nil
}

// System tells by its name which system a pipeline file is for.
func System(file string) string {
	if strings.HasPrefix(path.Base(file), ".gitlab-ci") {
		return pipeline.GitLab
	}
	return pipeline.GitHub
}

// read reads one pipeline file and writes the ledger.
func (c *run) read(file string) []pipeline.Job {
	shown := c.path(file)
	data, err := c.Read(file)
	if err != nil {
		x := inventory.Looked{Path: shown, State: inventory.LookedDenied, Reason: "not readable"}
		var n *NotRead
		if errors.As(err, &n) {
			x.State, x.Reason = n.State, n.Reason
		} else if errors.Is(err, fs.ErrNotExist) {
			x.State, x.Reason = inventory.LookedVanished, "was there when it was listed"
		}
		c.Sink.Looked(x)
		return nil
	}
	jobs, warnings, err := c.parse(file, data)
	looked := inventory.Looked{Path: shown, State: inventory.LookedRead}
	if err != nil {
		looked.State, looked.Reason = inventory.LookedUnparsed, "a pipeline that is not understood"
		c.Sink.Warn(inventory.Warning{Path: shown, Text: strings.TrimPrefix(err.Error(), file+": ")})
	}
	if !c.Quiet || looked.State != inventory.LookedRead || len(jobs) > 0 {
		c.Sink.Looked(looked)
	}
	for _, w := range warnings {
		w.Path = c.path(cmp.Or(w.Path, file))
		c.Sink.Warn(w)
	}
	return jobs
}

func (c *run) parse(file string, data []byte) ([]pipeline.Job, []pipeline.Warning, error) {
	system := cmp.Or(c.System, System(file))
	if c.Outlined == nil {
		return pipeline.Read(system, file, data, c.Read, c.Catalogue)
	}
	outlined := pipeline.ReadGitHub
	if system == pipeline.GitLab {
		outlined = pipeline.ReadGitLab
	}
	jobs, o, warnings, err := outlined(file, data, c.Read, c.Catalogue)
	if o != nil {
		c.Outlined(*o)
	}
	return jobs, warnings, err
}

// path writes a file of the repository for a reader.
func (c *run) path(file string) string {
	if c.Shown == "" {
		return file
	}
	return strings.TrimSuffix(filepath.ToSlash(c.Shown), "/") + "/" + file
}

func (c *run) idle(j *pipeline.Job) string {
	if c.Idle == nil {
		return ""
	}
	return c.Idle(j.File, j.System)
}

func (c *run) at(p pipeline.Place, note string) inventory.Evidence {
	return inventory.Evidence{Path: c.path(p.File), Pointer: doc.SafePointer(p.Pointer), Line: p.Line, Note: note}
}
