package local

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/people"
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
				return nil, &cijob.NotRead{State: got.State, Reason: got.Reason}
			}
			return got.Data, nil
		}
		// The error is that of ctx: the collection stops by itself.
		_ = collectCI(ctx, c.cat, r.Root, r.Shown, files, read, r.Git, sink, c.ciHost(r), c.src.opt.History)
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

// checkout is a folder whose pipelines are read, in its Git work tree.
type checkout struct {
	root  string
	shown string        // the folder, as it is written in evidence
	git   *gitrepo.Repo // nil where there is no .git
	below string        // where root lies in the work tree, with a slash at the end; "" at its top
	tree  string        // the work tree's top, as it is written in evidence
}

// collectCI delivers the assistants that run in the pipelines of one repository. root is its folder, shown how that is
// written in evidence, files its pipeline definitions relative to it with slashes. read returns a file of the repository.
// The only error is that of ctx; a file that cannot be read costs itself and is in the ledger.
func collectCI(ctx context.Context, cat *catalogue.Catalogue, root, shown string, files []string, read func(rel string) ([]byte, error), git *gitrepo.Repo, sink inventory.Sink, host string, history bool) error {
	r := cijob.Repo{Catalogue: cat, Sink: sink, Name: shown, Shown: shown, Host: host, Read: read}
	if git != nil {
		c := checkout{root: root, shown: shown, git: git}
		c.place()
		r.Name = cmp.Or(git.Repository(), shown)
		r.Tracked = func(file string) inventory.Answer { return git.Tracked(c.below + file) }
		r.Owners, r.Idle = c.owners, c.idle
		if history {
			r.Owners = func(file string) []people.Person {
				return append(c.owners(file), writers(git, c.below+file, c.name(file))...)
			}
		}
	}
	return cijob.Collect(ctx, r, files)
}

// place finds where the folder lies in its work tree. CODEOWNERS and the index speak of paths from the top.
func (c *checkout) place() {
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

func (c *checkout) owners(file string) []people.Person {
	owners, line, path := c.git.Codeowners(c.below + file)
	rel := strings.TrimPrefix(strings.ReplaceAll(strings.TrimPrefix(path, c.git.Root()), `\`, "/"), "/")
	proof := inventory.Evidence{
		Path: strings.TrimSuffix(filepath.ToSlash(c.tree), "/") + "/" + rel, Line: line,
		Note: "owns " + c.name(file),
	}
	var out []people.Person
	for _, o := range owners {
		if p, ok := people.CodeOwner(o, proof); ok {
			out = append(out, p)
		}
	}
	return out
}

// name is a file as it is written in evidence.
func (c *checkout) name(file string) string {
	return strings.TrimSuffix(filepath.ToSlash(c.shown), "/") + "/" + file
}

func (c *checkout) idle(file, system string) string {
	switch {
	case c.git.Tracked(c.below+file) == inventory.No:
		return "not in the repository's index: the forge does not run it yet"
	case c.below != "" && system == pipeline.GitHub:
		return "not at the top of the repository: GitHub does not run it there"
	}
	return ""
}
