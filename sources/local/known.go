package local

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// knownProject is a project that a product's own files name.
type knownProject struct {
	home    *home
	product *product
	src     *source
	key     string // as written
	node    *doc.Node
}

// foreignHome is what a home folder looks like on the usual systems.
var foreignHome = regexp.MustCompile(`^(/home/[^/]+|/Users/[^/]+|/root|[A-Za-z]:/Users/[^/]+)(?:/|$)`)

// slashed writes a Windows path with slashes.
func slashed(key string) string {
	if len(key) > 2 && key[1] == ':' && key[2] == '\\' {
		return strings.ReplaceAll(key, `\`, "/")
	}
	return key
}

// isPath keeps keys that name no folder ("default", a URL) from becoming projects.
func isPath(key string) bool {
	k := slashed(key)
	if len(k) > 4096 || strings.ContainsAny(k, "*\x00") {
		return false
	}
	return strings.HasPrefix(k, "/") && len(k) > 1 || len(k) > 3 && k[1] == ':' && k[2] == '/'
}

// firstStar cuts a pattern behind its first "*".
func firstStar(pointer string) (prefix string, ok bool) {
	i := strings.Index(pointer+"/", "/*/")
	if i < 0 {
		return "", false
	}
	return pointer[:i+2], true
}

// keysOf returns the projects that a file names.
func keysOf(h *home, p *product, s *source) []*knownProject {
	var out []*knownProject
	if s.doc == nil || s.backup {
		return nil
	}
	for _, pick := range s.row.Projects {
		prefix, ok := firstStar(pick.Pointer)
		if !ok {
			continue
		}
		for _, n := range s.doc.Match(prefix) {
			key := n.Key
			if key == "" {
				key = n.Text
			}
			if isPath(key) {
				out = append(out, &knownProject{home: h, product: p, src: s, key: key, node: n})
			}
		}
	}
	return out
}

// findKnown gathers the projects that a home's products name, and where that home was when they were written down.
func (c *collection) findKnown(h *home) {
	var all []*knownProject
	for _, id := range sortedKeys(h.products) {
		p := h.products[id]
		for _, s := range p.files {
			all = append(all, keysOf(h, p, s)...)
		}
	}
	prefixes := map[string]bool{}
	for _, k := range all {
		if m := foreignHome.FindStringSubmatch(slashed(k.key)); m != nil {
			prefixes[m[1]] = true
		}
	}
	delete(prefixes, filepath.ToSlash(h.dir))
	delete(prefixes, filepath.ToSlash(h.real))
	switch {
	case c.disk.root != "":
		h.foreign = filepath.ToSlash(c.disk.shown(h.dir))
	case len(prefixes) == 1:
		for p := range prefixes {
			h.foreign = p
		}
	}
	h.known = all
	h.assumed = c.assume(h, all)
}

// assume returns the one project of a moved home that must be the one folder that the operator pointed at, or "".
func (c *collection) assume(h *home, all []*knownProject) string {
	if !c.src.env.Explicit || len(c.paths) != 1 {
		return ""
	}
	if st, err := os.Stat(c.paths[0]); err != nil || !st.IsDir() {
		return ""
	}
	var keys []string
	for _, k := range all {
		keys = append(keys, strings.TrimSuffix(slashed(k.key), "/"))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	// A folder above another one is there for the trust that it gives, not as a project.
	keys = slices.DeleteFunc(keys, func(k string) bool {
		return k == h.foreign || slices.ContainsFunc(keys, func(other string) bool { return strings.HasPrefix(other, k+"/") })
	})
	if len(keys) != 1 {
		return ""
	}
	for _, p := range []string{keys[0], h.translate(keys[0])} {
		if _, err := os.Lstat(p); p != "" && err == nil {
			return ""
		}
	}
	return keys[0]
}

// translate returns where a path of the home's old place lies now, or "".
func (h *home) translate(key string) string {
	key = strings.TrimSuffix(slashed(key), "/")
	if h.foreign == "" || h.real == "" || !strings.HasPrefix(key+"/", h.foreign+"/") {
		return ""
	}
	return filepath.Join(h.real, filepath.FromSlash(strings.TrimPrefix(key, h.foreign)))
}

// folderOf returns the folder that a key means, links resolved, if it lies in what is scanned. assumed says that only
// the circumstances tell so.
func (c *collection) folderOf(h *home, key string) (dir string, assumed, ok bool) {
	plain := strings.TrimSuffix(slashed(key), "/")
	places := []string{filepath.FromSlash(plain), h.translate(plain)}
	if c.disk.root != "" { // of another machine: what is called so on this one is another folder
		places = []string{c.disk.here(plain)}
	}
	for _, p := range places {
		if p == "" || !filepath.IsAbs(p) {
			continue
		}
		real, err := filepath.EvalSymlinks(p)
		if err != nil || !c.within.holds(real) {
			continue
		}
		if st, err := os.Stat(real); err == nil && st.IsDir() {
			return real, false, true
		}
	}
	if h.assumed != "" && plain == h.assumed {
		if real, err := filepath.EvalSymlinks(c.paths[0]); err == nil {
			return real, true, true
		}
	}
	return "", false, false
}

// projectKey finds the member of an object whose key is the project's path, in spite of a home that was moved.
func (c *collection) projectKey(h *home, p *project) func(*doc.Node) *doc.Node {
	if p == nil {
		return func(*doc.Node) *doc.Node { return nil }
	}
	return func(object *doc.Node) *doc.Node {
		if object == nil {
			return nil
		}
		var last *doc.Node
		for _, n := range object.Children {
			key := n.Key
			if key == "" {
				key = n.Text
			}
			if c.isProject(h, p, key) {
				last = n
			}
		}
		return last
	}
}

// isProject reports whether a key of the home's files is the project's path.
func (c *collection) isProject(h *home, p *project, key string) bool {
	plain := strings.TrimSuffix(slashed(key), "/")
	if plain == filepath.ToSlash(p.dir) || plain == filepath.ToSlash(p.given) {
		return true
	}
	if h == nil || !isPath(key) {
		return false
	}
	if t := h.translate(plain); t != "" && t == p.dir {
		return true
	}
	if t := c.disk.here(plain); t != "" && t == p.dir {
		return true
	}
	return h.assumed != "" && plain == h.assumed && p.assumed
}

// followKnown adds the projects that the homes' files name.
func (c *collection) followKnown() {
	for _, h := range c.homes {
		for _, k := range h.known {
			dir, assumed, ok := c.folderOf(h, k.key)
			if !ok {
				c.addGhost(k)
				continue
			}
			p := c.projects[dir]
			if p == nil {
				p = c.project(dir)
				if c.src.opt.FollowKnownProjects && !c.walked(dir) {
					c.lookInto(p)
				}
			}
			p.assumed = p.assumed || assumed
			p.known = append(p.known, k)
		}
	}
}

// addGhost takes in a project that only a product's own file knows of: it is elsewhere, or it is gone.
func (c *collection) addGhost(k *knownProject) {
	p := c.projects["\x00"+k.home.dir+"\x00"+k.key]
	if p == nil {
		p = &project{dir: k.key, given: k.key, shown: credential.Redact(k.key), ghost: true, home: k.home}
		c.projects["\x00"+k.home.dir+"\x00"+k.key] = p
		reason := "named by " + k.src.shown + "; not in the folders that are scanned"
		if k.home.machine.own && filepath.IsAbs(k.key) {
			if _, err := os.Lstat(k.key); err != nil {
				p.gone = true
				reason = "named by " + k.src.shown + "; not there"
			}
		}
		state := inventory.LookedSkipped
		if p.gone {
			state = inventory.LookedAbsent
		}
		c.log.look(inventory.Looked{Path: p.shown, State: state, Assistant: k.product.entry.ID, Reason: reason, Line: k.node.Line})
	}
	p.known = append(p.known, k)
}

// walked reports whether the walk of the paths came, or could have come, by a folder.
func (c *collection) walked(dir string) bool {
	_, ok := c.visited[dir]
	return ok
}
