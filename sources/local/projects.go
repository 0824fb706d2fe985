package local

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/gitrepo"
)

// project is a folder with files of assistants in it, or one that a product's own files name.
type project struct {
	dir     string // links resolved; of a ghost: as written
	given   string // as the operator's path leads to it
	shown   string
	tree    *tree
	home    *home
	ghost   bool // not in what is scanned
	gone    bool // not there any more
	assumed bool // taken for a project that the home's files know by another path

	known     []*knownProject
	places    []sighting
	steers    []steering
	creds     []sighting
	inherited []inherited // credentials that lie in it
	repo      bool        // pipelines may be defined here
}

// sighting is a file that stands where the catalogue expects one.
type sighting struct {
	path string
	want *want
}

// steering is an instruction file.
type steering struct {
	path    string
	pattern string // of the catalogue
	entry   *catalogue.Assistant
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// project returns the project of a folder, made when it is not known yet. dir has no links.
func (c *collection) project(dir string) *project {
	p := c.projects[dir]
	if p == nil {
		p = &project{dir: dir, given: c.given(dir), shown: c.show(dir)}
		c.projects[dir] = p
	}
	return p
}

// given writes a real path as the operator's paths lead to it.
func (c *collection) given(real string) string {
	for _, pair := range c.links {
		if below(pair[0], real) {
			return pair[1] + real[len(pair[0]):]
		}
	}
	return real
}

// walkPaths walks the paths and sorts what stands there into projects.
func (c *collection) walkPaths() error {
	homes := map[string]bool{}
	for _, h := range c.homes {
		homes[h.real] = true
	}
	stops := map[string]bool{}
	var dirs []string
	for _, p := range c.paths {
		real, err := filepath.EvalSymlinks(p)
		if err == nil {
			var st fs.FileInfo
			if st, err = os.Stat(real); err == nil && !st.IsDir() {
				err = syscall.ENOTDIR
			}
		}
		if err != nil {
			c.lostRoot("path", p, err)
			continue
		}
		if !stops[real] {
			dirs = append(dirs, real)
			stops[real] = true
		}
		if real != p {
			c.links = append(c.links, [2]string{real, p})
		}
	}
	for _, dir := range dirs {
		w := &walker{
			names: c.names, skip: c.src.opt.Skip, stops: stops, homes: homes, roots: c.within, top: c.disk.root, maxDepth: c.src.opt.MaxDepth,
			progress: func(folders, files int64) {
				c.sink.Progress(fmt.Sprintf("walking %s: %d folders, %d files", c.show(c.given(dir)), folders, files))
			},
		}
		err := w.walk(c.ctx, dir)
		c.gather(dir, w)
		if err != nil {
			return err
		}
	}
	return nil
}

const maxLedgerFolders = 500 // lines of one path about folders; the rest is counted

// gather takes in what the walk of one path found.
func (c *collection) gather(dir string, w *walker) {
	slices.SortFunc(w.looked, func(a, b inventory.Looked) int { return cmp.Compare(a.Path, b.Path) })
	for i, l := range w.looked {
		if i == maxLedgerFolders {
			c.look(c.given(dir), inventory.LookedSkipped, "", fmt.Sprintf("%d more folders below that were not read", len(w.looked)-i), 0)
			break
		}
		l.Path = c.show(c.given(l.Path))
		c.log.look(l)
	}
	c.look(c.given(dir), inventory.LookedRead, "", fmt.Sprintf("walked %d folders with %d files for known names; left out: %d folders by .gitignore or skip, %d links",
		w.folders.Load(), w.files.Load(), w.ignored, w.links), 0)
	slices.SortFunc(w.hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.name, b.name)) })
	for _, h := range w.hits {
		c.visited[h.dir] = struct{}{}
		c.sort(h)
	}
}

// sort puts what the walk came by into the project that it belongs to.
func (c *collection) sort(h hit) {
	entry := filepath.Join(h.dir, h.name)
	for _, w := range h.wants {
		if w.pipeline {
			p := c.project(h.dir)
			p.repo, p.tree = true, h.tree
			continue
		}
		paths := []string{entry}
		if len(w.rest) > 0 {
			paths = expand(entry, filepath.ToSlash(filepath.Join(w.rest...)), c.within)
		}
		for _, path := range paths {
			if len(w.rest) > 0 {
				if _, err := os.Lstat(path); err != nil {
					continue
				}
			}
			dir := h.dir
			if w.instruction && h.tree != nil && below(h.tree.root, h.dir) && c.within.holds(h.tree.root) {
				dir = h.tree.root // it steers the work in the whole tree
			}
			p := c.project(dir)
			p.tree = h.tree
			switch {
			case w.instruction:
				p.steers = append(p.steers, steering{path, w.pattern, w.entry})
			case w.cred != nil:
				p.creds = append(p.creds, sighting{path, w})
			default:
				p.places = append(p.places, sighting{path, w})
			}
		}
	}
}

// lookInto looks for known names at the root of a project that the walk did not come by.
func (c *collection) lookInto(p *project) {
	f, err := openPlain(p.dir)
	if err != nil {
		state, reason := whyNot(err, true)
		c.look(p.given, state, "", "folder: "+reason, 0)
		return
	}
	defer func() { _ = f.Close() }()
	var hits []hit
	var git bool
	_ = readNames(f, make([]byte, direntBuffer), func(name []byte, _ fs.FileMode) {
		git = git || string(name) == ".git"
		if wants := c.names.match(name, nil); len(wants) > 0 {
			hits = append(hits, hit{dir: p.dir, name: string(name), wants: wants})
		}
	})
	if git {
		if repo, ok := gitrepo.Open(p.dir, gitrepo.Within(c.within...)); ok {
			p.tree = &tree{root: p.dir, git: repo}
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.name, b.name) })
	for _, h := range hits {
		h.tree = p.tree
		c.sort(h)
	}
	c.look(p.given, inventory.LookedRead, "", "known names at its root, because an assistant's files name it", 0)
}

// readProjects reads the files of every project and delivers its assistants, in order of the paths.
func (c *collection) readProjects() error {
	for i, key := range sortedKeys(c.projects) {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if i%100 == 0 {
			c.sink.Progress(fmt.Sprintf("reading project %d of %d", i+1, len(c.projects)))
		}
		p := c.projects[key]
		c.readProject(p)
		c.projects[key] = nil // thousands of them need not be kept
	}
	return nil
}

// homeOf tells whose project it is: that of the home that holds it, or that knows it, or the only one.
func (c *collection) homeOf(p *project) *home {
	if p.home != nil {
		return p.home
	}
	var best *home
	for _, h := range c.homes {
		if h.real != "" && below(h.real, p.dir) && (best == nil || len(h.real) > len(best.real)) {
			best = h
		}
	}
	if best != nil {
		return best
	}
	for _, k := range p.known {
		return k.home
	}
	if len(c.homes) == 1 {
		return c.homes[0]
	}
	for _, h := range c.homes {
		if h.process {
			return h
		}
	}
	return nil
}

// readProject reads one project.
func (c *collection) readProject(p *project) {
	p.home = c.homeOf(p)
	members := c.members(p)
	p.inherited = c.projectCredentials(p)
	var done []*built
	for _, m := range members {
		done = append(done, c.buildProject(p, m))
	}
	c.scanSteering(p, done)
	c.tieToUser(p.home, p.inherited)
	if p.repo && c.visit != nil && !p.ghost {
		r := repo{Root: p.dir, Shown: p.shown}
		if p.tree != nil {
			r.Git = p.tree.git
		}
		c.visit(c.ctx, r, c.sink)
	}
}
