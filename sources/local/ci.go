package local

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/pipeline"
)

// maxPipelines bounds the pipeline files of one repository.
const maxPipelines = 2000

// pipelines returns what reads the pipeline definitions of a repository.
func (c *collection) pipelines() repoVisitor {
	return func(ctx context.Context, r repo, sink inventory.Sink) {
		files := c.pipelineFiles(r)
		if len(files) == 0 {
			return
		}
		read := func(rel string) ([]byte, error) {
			got := readFile(filepath.Join(r.Root, filepath.FromSlash(rel)), c.within, c.src.opt.MaxFileBytes)
			if got.State != inventory.LookedRead {
				return nil, &notRead{got.State, got.Reason}
			}
			return got.Data, nil
		}
		// The error is that of ctx: the collection stops by itself.
		_ = collectCI(ctx, c.cat, r.Root, r.Shown, files, read, r.Git, sink, c.ciHost(r))
	}
}

// ciHost names this machine where the repository is on it.
func (c *collection) ciHost(r repo) string {
	for _, h := range c.homes {
		if below(h.dir, r.Root) || below(h.real, r.Root) {
			return h.machine.host
		}
	}
	return ""
}

// pipelineFiles lists the pipeline definitions of a repository, relative to it, with slashes.
func (c *collection) pipelineFiles(r repo) []string {
	var files []string
	dir := filepath.Join(r.Root, ".github", "workflows")
	if real, err := filepath.EvalSymlinks(dir); err == nil && c.within.holds(real) {
		list, err := os.ReadDir(real)
		if err != nil {
			state, reason := whyNot(err, true)
			c.look(dir, state, "", "pipelines: "+reason, 0)
		}
		for i, e := range list {
			if i >= maxPipelines {
				c.look(dir, inventory.LookedSkipped, "", "more pipelines than are read", 0)
				break
			}
			switch strings.ToLower(filepath.Ext(e.Name())) {
			case ".yml", ".yaml", ".md":
				files = append(files, ".github/workflows/"+e.Name())
			}
		}
	}
	if _, err := os.Lstat(filepath.Join(r.Root, ".gitlab-ci.yml")); err == nil {
		files = append(files, ".gitlab-ci.yml")
	}
	return files
}

// notRead carries a ledger state through a read function.
type notRead struct{ state, reason string }

func (e *notRead) Error() string { return cmp.Or(e.reason, e.state) }

// ci reads the pipelines of one repository.
type ci struct {
	cat   *catalogue.Catalogue
	root  string
	shown string // the repository, as it is written in evidence
	host  string
	git   *gitrepo.Repo // nil where there is no .git
	sink  inventory.Sink
	name  string // of the repository: where it is kept, or its folder
	below string // where root lies in the Git work tree, with a slash at the end; "" at its top
	tree  string // the work tree's top, as it is written in evidence
	done  map[inventory.ID]bool
}

// collectCI delivers the assistants that run in the pipelines of one repository. root is its folder, shown how that is
// written in evidence, files its pipeline definitions relative to it with slashes. read returns a file of the repository.
// The only error is that of ctx; a file that cannot be read costs itself and is in the ledger.
func collectCI(ctx context.Context, cat *catalogue.Catalogue, root, shown string, files []string, read func(rel string) ([]byte, error), git *gitrepo.Repo, sink inventory.Sink, host string) error {
	c := &ci{cat: cat, root: root, shown: shown, host: host, git: git, sink: sink, name: shown, done: map[inventory.ID]bool{}}
	if git != nil {
		c.name = cmp.Or(git.Repository(), shown)
		c.place()
	}
	files = slices.Clone(files)
	slices.Sort(files)
	var jobs []pipeline.Job
	called := map[string]bool{}
	for _, f := range slices.Compact(files) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, j := range c.read(f, read) {
			jobs = append(jobs, j)
			for _, other := range j.Called {
				called[other] = true
			}
		}
	}
	for i := range jobs {
		// A workflow that only others call is shown where they call it.
		if j := &jobs[i]; !j.CallOnly || !called[j.File] {
			c.deliver(j)
		}
	}
	return nil
}

// place finds where the folder lies in its work tree. CODEOWNERS and the index speak of paths from the top.
func (c *ci) place() {
	c.tree = c.shown
	top, root := c.git.Root(), c.root
	for _, p := range []*string{&top, &root} {
		if real, err := filepath.EvalSymlinks(*p); err == nil {
			*p = real
		}
	}
	if top != root && below(top, root) {
		c.below = filepath.ToSlash(strings.TrimPrefix(root[len(top):], string(filepath.Separator))) + "/"
		c.tree = strings.TrimSuffix(filepath.ToSlash(c.shown), "/"+strings.TrimSuffix(c.below, "/"))
	}
}

// read reads one pipeline file and writes the ledger.
func (c *ci) read(file string, read func(string) ([]byte, error)) []pipeline.Job {
	system := pipeline.GitHub
	if strings.HasPrefix(filepath.Base(file), ".gitlab-ci") {
		system = pipeline.GitLab
	}
	shown := c.path(file)
	data, err := read(file)
	if err != nil {
		x := inventory.Looked{Path: shown, State: inventory.LookedDenied, Reason: "not readable"}
		var n *notRead
		if errors.As(err, &n) {
			x.State, x.Reason = n.state, n.reason
		} else if errors.Is(err, fs.ErrNotExist) {
			x.State, x.Reason = inventory.LookedVanished, "was there when it was listed"
		}
		c.sink.Looked(x)
		return nil
	}
	jobs, warnings, err := pipeline.Read(system, file, data, read, c.cat)
	looked := inventory.Looked{Path: shown, State: inventory.LookedRead}
	if err != nil {
		looked.State, looked.Reason = inventory.LookedUnparsed, "a pipeline that is not understood"
		c.sink.Warn(inventory.Warning{Path: shown, Text: strings.TrimPrefix(err.Error(), file+": ")})
	}
	c.sink.Looked(looked)
	for _, w := range warnings {
		w.Path = c.path(cmp.Or(w.Path, file))
		c.sink.Warn(w)
	}
	return jobs
}

// path writes a file of the repository for a reader.
func (c *ci) path(file string) string {
	if c.shown == "" {
		return file
	}
	return strings.TrimSuffix(filepath.ToSlash(c.shown), "/") + "/" + file
}

func (c *ci) at(p pipeline.Place, note string) inventory.Evidence {
	return inventory.Evidence{Path: c.path(p.File), Pointer: safePointer(p.Pointer), Line: p.Line, Note: note}
}
