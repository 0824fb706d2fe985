package local

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"nhitop/inventory"
	"nhitop/sources/internal/gitrepo"
)

const (
	maxIgnoreBytes = 1 << 20
	direntBuffer   = 64 << 10
)

// hit is a known place that the walk came by.
type hit struct {
	dir   string // the folder that holds it: the project
	name  string // the entry in that folder
	wants []*want
	tree  *tree
}

// tree is a Git work tree that the walk is in.
type tree struct {
	root string
	git  *gitrepo.Repo
}

// walker walks folders in parallel, without asking the operating system about any entry. It follows no link.
type walker struct {
	names    *names
	skip     skips
	stops    map[string]bool // folders that are walked on their own
	homes    map[string]bool // folders whose hidden folders are known places, not projects
	roots    roots
	top      string // no work tree is looked for above it; "" for the top of this machine
	maxDepth int
	progress func(folders, files int64)

	files, folders atomic.Int64

	mu      sync.Mutex
	cond    *sync.Cond
	queue   []folder
	busy    int
	hits    []hit
	looked  []inventory.Looked
	ignored int
	links   int
}

// folder is one folder that waits to be read.
type folder struct {
	path   string
	depth  int
	ignore *gitrepo.Ignore
	base   string // the folder that the ignore rules are relative to
	tree   *tree
}

// walk reads everything below root. Results gather in hits and looked, in no order.
func (w *walker) walk(ctx context.Context, root string) error {
	w.cond = sync.NewCond(&w.mu)
	w.queue = append(w.queue[:0], w.start(root))
	ctx, end := context.WithCancel(ctx)
	defer end()
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cond.Broadcast()
	})
	defer stop()
	var wg inventory.Group
	for range workers() {
		wg.Go(func() {
			done := false
			defer func() {
				if !done {
					end() // one that broke down: the others do not wait for what it would have found
				}
			}()
			w.work(ctx)
			done = true
		})
	}
	wg.Wait()
	return ctx.Err()
}

// workers is how many folders are read at a time: a little more than the processors, for those that wait for a disk.
func workers() int { return min(2*runtime.GOMAXPROCS(0), 16) }

func (w *walker) work(ctx context.Context) {
	buf := make([]byte, direntBuffer)
	for {
		w.mu.Lock()
		for len(w.queue) == 0 && w.busy > 0 && ctx.Err() == nil {
			w.cond.Wait()
		}
		if len(w.queue) == 0 || ctx.Err() != nil {
			w.cond.Broadcast()
			w.mu.Unlock()
			return
		}
		// The newest first keeps the queue as short as the tree is deep.
		f := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.busy++
		w.mu.Unlock()

		found := w.read(ctx, f, buf)

		w.mu.Lock()
		w.queue = append(w.queue, found.folders...)
		w.hits = append(w.hits, found.hits...)
		w.looked = append(w.looked, found.looked...)
		w.ignored += found.ignored
		w.links += found.links
		w.busy--
		w.cond.Broadcast()
		w.mu.Unlock()
		if n := w.folders.Add(1); n%1000 == 0 && w.progress != nil {
			w.progress(n, w.files.Load())
		}
	}
}

// found is what one folder gave.
type found struct {
	folders []folder
	hits    []hit
	looked  []inventory.Looked
	ignored int
	links   int
}

// start makes the first folder of a walk. In a folder inside a work tree the rules of the folders above hold too.
func (w *walker) start(root string) folder {
	f := folder{path: root, base: root}
	top := root
	for {
		if git, ok := gitrepo.Open(top, gitrepo.Within(w.roots...)); ok {
			if top == root {
				return f // read finds it itself
			}
			f.tree, f.base, f.ignore = &tree{root: top, git: git}, top, git.Ignore()
			break
		}
		up := filepath.Dir(top)
		if up == top || top == w.top {
			return f
		}
		top = up
	}
	rel, err := filepath.Rel(top, root)
	if err != nil {
		return f
	}
	dir := top
	for _, part := range strings.Split(rel, string(filepath.Separator)) {
		f.ignore = w.addIgnore(f.ignore, top, dir)
		dir = filepath.Join(dir, part)
	}
	return f
}

// addIgnore adds the .gitignore of dir to the rules that hold there.
func (w *walker) addIgnore(ig *gitrepo.Ignore, base, dir string) *gitrepo.Ignore {
	f, err := openPlain(filepath.Join(dir, ".gitignore"))
	if err != nil {
		return ig
	}
	defer func() { _ = f.Close() }()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return ig
	}
	data, err := io.ReadAll(io.LimitReader(f, maxIgnoreBytes))
	if err != nil {
		return ig
	}
	return ig.Child(relSlash(base, dir), data)
}

func relSlash(base, path string) string {
	if path == base {
		return ""
	}
	return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(path, base), string(filepath.Separator)))
}

// read reads one folder.
func (w *walker) read(ctx context.Context, f folder, buf []byte) (out found) {
	dir, err := openPlain(f.path)
	if err != nil {
		state, reason := whyNot(err, true)
		out.looked = append(out.looked, inventory.Looked{Path: f.path, State: state, Reason: "folder: " + reason})
		return out
	}
	defer func() { _ = dir.Close() }()
	var (
		subs            []string
		files           int64
		git, ignoreFile bool
		wants           []*want
	)
	err = readNames(dir, buf, func(name []byte, typ fs.FileMode) {
		if typ == fs.ModeDir {
			if string(name) != ".git" {
				subs = append(subs, string(name))
			}
		} else {
			files++
		}
		if typ == fs.ModeSymlink {
			out.links++
		}
		switch string(name) {
		case ".git":
			git = true
			return
		case ".gitignore":
			ignoreFile = typ.IsRegular()
		}
		if wants = w.names.match(name, wants[:0]); len(wants) > 0 {
			out.hits = append(out.hits, hit{dir: f.path, name: string(name), wants: slices.Clone(wants)})
		}
	})
	w.files.Add(files)
	if err != nil {
		state, reason := whyNot(err, true)
		out.looked = append(out.looked, inventory.Looked{Path: f.path, State: state, Reason: "folder: " + reason})
	}
	if ctx.Err() != nil {
		return out
	}
	if git {
		if repo, ok := gitrepo.Open(f.path, gitrepo.Within(w.roots...)); ok {
			f.tree, f.base, f.ignore = &tree{root: f.path, git: repo}, f.path, repo.Ignore()
		}
	}
	if ignoreFile {
		f.ignore = w.addIgnore(f.ignore, f.base, f.path)
	}
	for i := range out.hits {
		out.hits[i].tree = f.tree
	}
	w.descend(f, subs, &out)
	return out
}

// descend picks the folders below f that are walked.
func (w *walker) descend(f folder, subs []string, out *found) {
	if w.homes[f.path] {
		out.looked = append(out.looked, inventory.Looked{Path: f.path, State: inventory.LookedSkipped,
			Reason: "hidden folders and those of programs in a home: not walked, their known places are looked at one by one"})
	}
	for _, name := range subs {
		path := filepath.Join(f.path, name)
		switch {
		case w.stops[path]:
			continue
		case w.homes[f.path] && homeOnly(name):
			continue
		case w.skip.match(name, relSlash(f.base, path)), f.ignore != nil && f.ignore.Dir(relSlash(f.base, path)):
			out.ignored++
			continue
		case f.depth+1 > w.maxDepth:
			out.looked = append(out.looked, inventory.Looked{Path: path, State: inventory.LookedSkipped,
				Reason: fmt.Sprintf("deeper than max_depth (%d)", w.maxDepth)})
			continue
		}
		out.folders = append(out.folders, folder{path: path, depth: f.depth + 1, ignore: f.ignore, base: f.base, tree: f.tree})
	}
}

// homeOnly reports whether a folder of a home is where programs keep their own files: its known places are looked at
// one by one, and it holds no projects.
func homeOnly(name string) bool {
	return strings.HasPrefix(name, ".") || name == "Library" || name == "AppData" || name == "snap"
}

// skips are the patterns of the skip option. One without a slash is compared with the folder's name, one with a slash
// with its path below the repository or the scanned path.
type skips []string

func (s skips) match(name, rel string) bool {
	for _, p := range s {
		against := name
		if strings.Contains(p, "/") {
			against = rel
		}
		if ok, err := filepath.Match(p, against); ok && err == nil {
			return true
		}
	}
	return false
}
