package local

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/people"
)

// home is one home folder.
type home struct {
	dir     string // absolute
	real    string // links resolved; "" where it is not there
	shown   string
	within  roots
	machine machine
	process bool // the environment of this process is that of the home's user
	tree    *tree

	products map[string]*product
	claimed  map[string]bool // real paths that are a product's own
	people   []people.Person // whom the home speaks of: git identity, user of the system
	ambient  []inherited
	built    []*built // the assistants of the user, as far as they were delivered

	known   []*knownProject // projects that the products' files name
	foreign string          // the home's place when those were written, if it was another one
	assumed string          // the one of them that must be the one path that is scanned
}

// product is one assistant in one home.
type product struct {
	entry *catalogue.Assistant
	files []*source // in order of precedence, lowest first
	proof []inventory.Evidence
	built *built
}

func (c *collection) newHome(dir string, single bool) *home {
	h := &home{
		dir: dir, shown: c.disk.shown(dir), machine: c.src.machineOf(dir), process: c.src.ownProcess(dir),
		products: map[string]*product{}, claimed: map[string]bool{},
	}
	if single {
		h.shown = "~"
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		h.real = real
	}
	h.within = newRoots(append([]string{dir}, c.paths...)...)
	return h
}

// readMachine reads the managed and system files, which hold for every home.
func (c *collection) readMachine() {
	for i := range c.cat.Assistants {
		a := &c.cat.Assistants[i]
		for j := range a.Files {
			row := &a.Files[j]
			expected := row.PathsFor(c.src.goos())
			for _, place := range row.AllPaths() {
				base, rest, ok := onMachine(c.src.opt.Root, place)
				if !ok {
					continue
				}
				found := expand(base, rest, c.machine)
				if len(found) == 0 && slices.Contains(expected, place) {
					c.look(filepath.Join(base, rest), inventory.LookedAbsent, a.ID, "", 0)
				}
				for _, p := range found {
					s := &source{entry: a, row: row, path: p}
					if c.take(s, c.machine, slices.Contains(expected, place)) {
						c.managed[a.ID] = append(c.managed[a.ID], s)
					}
				}
			}
		}
		byPrecedence(c.managed[a.ID])
	}
}

// scanMachine finds the secrets of managed files of products that no home uses: they lie there all the same.
func (c *collection) scanMachine() {
	for _, id := range sortedKeys(c.managed) {
		if slices.ContainsFunc(c.homes, func(h *home) bool { return h.uses(id) }) {
			continue
		}
		for _, s := range c.managed[id] {
			(&scan{c: c, src: s}).run()
		}
	}
}

func byPrecedence(files []*source) {
	slices.SortStableFunc(files, func(a, b *source) int {
		if d := a.row.Precedence() - b.row.Precedence(); d != 0 {
			return d
		}
		return strings.Compare(a.path, b.path)
	})
}

// take looks at one place of a product. It returns true when something is there, read or not. expected says that its
// absence is worth a line: a place of another operating system is only mentioned when it is there.
func (c *collection) take(s *source, in roots, expected bool) bool {
	if !s.row.Opened() {
		got := locate(s.path, in)
		s.mode, s.real, s.shown = got.Mode, got.Real, c.show(s.path)
		switch {
		case got.State == inventory.LookedAbsent && !expected:
		case got.State != "" && !got.Dir:
			c.look(s.path, got.State, s.entry.ID, got.Reason, 0)
		default:
			c.look(s.path, inventory.LookedNotOpened, s.entry.ID, notOpened(s.row), 0)
		}
		return got.State == ""
	}
	if !expected {
		if _, err := os.Lstat(s.path); err != nil {
			return false
		}
	}
	if s.row.Sealed != "" {
		return c.takeSealed(s, in)
	}
	return c.parse(s, doc.Format(s.row.Format), in, s.entry.ID)
}

// takeSealed notes an encrypted file, which is there and not opened.
func (c *collection) takeSealed(s *source, in roots) bool {
	got := locate(s.path, in)
	s.mode, s.real, s.shown = got.Mode, got.Real, c.show(s.path)
	if got.State != "" {
		c.look(s.path, got.State, s.entry.ID, got.Reason, 0)
		return false
	}
	c.look(s.path, inventory.LookedNotOpened, s.entry.ID, notOpened(s.row), 0)
	return true
}

func notOpened(row *catalogue.File) string {
	switch {
	case row.Reason != "":
		return row.Reason
	case row.Role == "transcript":
		return "a transcript; what was said is not searched"
	case row.Sealed != "":
		return "encrypted"
	}
	return "a " + row.Format + " store is not opened"
}

// readHome reads every known place of a home and delivers the assistants that it proves.
func (c *collection) readHome(h *home) {
	st, err := os.Stat(h.dir)
	if err == nil && !st.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		c.lostRoot("home", h.dir, err)
		return
	}
	if git, ok := gitrepo.Open(h.dir, gitrepo.Within(h.within...)); ok {
		h.tree = &tree{root: h.dir, git: git}
	}
	for i := range c.cat.Assistants {
		if c.ctx.Err() != nil {
			return
		}
		c.readProduct(h, &c.cat.Assistants[i])
	}
	c.peopleOf(h, st)
	c.buildHome(h)
}

// readProduct reads a product's files in a home.
func (c *collection) readProduct(h *home, a *catalogue.Assistant) {
	p := &product{entry: a}
	seen := map[string]bool{}
	for i := range a.Files {
		row := &a.Files[i]
		expected := row.PathsFor(c.src.goos())
		for _, place := range row.AllPaths() {
			for _, path := range c.userPlaces(h, row, place, slices.Contains(expected, place), a.ID) {
				s := &source{entry: a, row: row, path: path, home: h, tree: h.tree}
				if seen[path] || !c.take(s, c.rootsOf(h, row), slices.Contains(expected, place)) {
					continue
				}
				seen[path] = true
				p.add(s, h)
			}
		}
		c.readBackups(h, p, row, seen)
	}
	if len(p.files) == 0 {
		return
	}
	byPrecedence(p.files)
	h.products[a.ID] = p
}

// userPlaces returns the paths that a place in a home stands for, and notes a pattern that nothing matches.
func (c *collection) userPlaces(h *home, row *catalogue.File, place string, expected bool, id string) []string {
	rest, ok := inHome(place)
	if !ok {
		return nil
	}
	base := h.dir
	if dir := c.moved(h, row); dir != "" {
		under, ok := strings.CutPrefix(place, strings.TrimSuffix(row.EnvBase, "/")+"/")
		if ok {
			base, rest = dir, under
		}
	}
	found := expand(base, rest, c.rootsOf(h, row))
	if len(found) == 0 && expected {
		c.look(filepath.Join(base, filepath.FromSlash(rest)), inventory.LookedAbsent, id, "nothing of that name", 0)
	}
	return found
}

// moved returns the folder that a variable of this process moves a product's files to.
func (c *collection) moved(h *home, row *catalogue.File) string {
	if row.EnvDir == "" || !h.process {
		return ""
	}
	if dir := os.Getenv(row.EnvDir); filepath.IsAbs(dir) {
		return filepath.Clean(dir)
	}
	return ""
}

func (c *collection) rootsOf(h *home, row *catalogue.File) roots {
	if dir := c.moved(h, row); dir != "" {
		return append(newRoots(dir), h.within...)
	}
	return h.within
}

// readBackups reads what programs kept of a file's old content.
func (c *collection) readBackups(h *home, p *product, row *catalogue.File, seen map[string]bool) {
	if !row.Backups {
		return
	}
	for _, place := range row.AllPaths() {
		for _, path := range c.userPlaces(h, row, place, false, p.entry.ID) {
			for _, b := range backupsOf(path, h.within) {
				s := &source{entry: p.entry, row: row, path: b, home: h, tree: h.tree, backup: true}
				if !seen[b] && c.take(s, h.within, true) {
					seen[b] = true
					p.add(s, h)
				}
			}
		}
	}
}

// add takes a file into the product, with what it proves.
func (p *product) add(s *source, h *home) {
	p.files = append(p.files, s)
	if s.real != "" {
		h.claimed[s.real] = true
	}
	if e, ok := s.proves(); ok {
		p.proof = append(p.proof, e)
	}
}

// proves reports whether the file's presence shows that its product is in use.
func (s *source) proves() (inventory.Evidence, bool) {
	if s.backup || !s.row.Exists() {
		return inventory.Evidence{}, false
	}
	if len(s.row.ProvesBy) == 0 {
		return s.evidence(s.row.Role), true
	}
	if s.doc == nil {
		return inventory.Evidence{}, false
	}
	for _, pointer := range s.row.ProvesBy {
		parent, last := pointer, ""
		if i := strings.LastIndexByte(pointer, '/'); i >= 0 && strings.HasSuffix(pointer, "*") && !strings.HasSuffix(pointer, "/*") {
			parent, last = pointer[:i], doc.Unescape(strings.TrimSuffix(pointer[i+1:], "*"))
		}
		for _, n := range s.doc.Match(parent) {
			if last == "" {
				return s.at(n, s.row.Role), true
			}
			for _, m := range n.Children {
				if strings.HasPrefix(m.Key, last) {
					return s.at(m, s.row.Role), true
				}
			}
		}
	}
	return inventory.Evidence{}, false
}

func (s *Source) goos() string { return s.machineOf("").goos }
