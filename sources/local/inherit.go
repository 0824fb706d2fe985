package local

import (
	"os"
	"path/filepath"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// inherited is a credential that lies in a home or a project, for every program that runs as the user.
type inherited struct {
	id      inventory.ID
	kind    string
	account string
	proof   inventory.Evidence
	closed  bool             // encrypted or expired: it opens nothing as it lies there
	tie     inventory.Secret // the record without its value, to tie it to more assistants
}

// homeCredentials reads the credentials that every program of the home's user can read.
func (c *collection) homeCredentials(h *home) {
	if !c.src.opt.Ambient {
		c.log.look(inventory.Looked{Path: h.shown, State: inventory.LookedSkipped, Reason: "inherited credentials: switched off by ambient = false"})
		return
	}
	for i := range c.cat.CredentialFiles {
		row := &c.cat.CredentialFiles[i]
		seen := map[string]bool{}
		expected := row.PathsFor(c.src.goos())
		for _, place := range row.AllPaths() {
			rest, ok := inHome(place)
			if !ok {
				continue
			}
			base, within := h.dir, h.within
			if p := c.movedFile(h, row); p != "" {
				base, rest, within = filepath.Dir(p), filepath.Base(p), append(newRoots(filepath.Dir(p)), h.within...)
			}
			for _, path := range expand(base, rest, within) {
				if seen[path] {
					continue
				}
				seen[path] = true
				if _, err := os.Lstat(path); err != nil {
					if slices.Contains(expected, place) {
						state, reason := whyNot(err, false)
						c.look(path, state, "", reason, 0)
					}
					continue
				}
				s := &source{path: path, home: h, tree: h.tree}
				if real, err := filepath.EvalSymlinks(path); err == nil && h.claimed[real] {
					continue // an assistant's own
				}
				h.ambient = append(h.ambient, c.takeCredentials(row, s, within)...)
			}
		}
	}
}

// movedFile returns the file that a variable of this process names instead of the usual one.
func (c *collection) movedFile(h *home, row *catalogue.CredentialFile) string {
	if row.EnvFile == "" || !h.process {
		return ""
	}
	if p := os.Getenv(row.EnvFile); filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return ""
}

// projectCredentials reads the credential files of a project.
func (c *collection) projectCredentials(p *project) []inherited {
	if !c.src.opt.Ambient {
		return nil
	}
	var out []inherited
	seen := map[string]bool{}
	for _, pl := range p.creds {
		key := pl.path + "\x00" + pl.want.cred.ID
		if seen[key] {
			continue
		}
		seen[key] = true
		s := &source{path: c.given(pl.path), home: p.home, tree: p.tree, repo: true}
		if real, err := filepath.EvalSymlinks(pl.path); err == nil && p.home != nil && p.home.claimed[real] {
			continue
		}
		out = append(out, c.takeCredentials(pl.want.cred, s, c.within)...)
	}
	return out
}

// tieToUser ties a project's credentials to the assistants of the user, who may be started in the project.
func (c *collection) tieToUser(h *home, creds []inherited) {
	if h == nil {
		return
	}
	var ties []inventory.ID
	for _, m := range h.built {
		if m.acts && m.exposed {
			ties = addID(ties, m.id)
		}
	}
	if len(ties) == 0 {
		return
	}
	for _, x := range creds {
		x.tie.Assistants = ties
		c.sink.Secret(x.tie, inventory.Value{})
	}
}

// scanSteering looks for secrets in the instruction files of a project, each once.
func (c *collection) scanSteering(p *project, members []*built) {
	ties := map[string][]inventory.ID{}
	entries := map[string][]string{}
	for _, st := range p.steers {
		entries[st.path] = add(entries[st.path], st.entry.ID)
		for _, m := range members {
			if m.entry == st.entry {
				ties[st.path] = addID(ties[st.path], m.id)
			}
		}
	}
	for _, path := range sortedKeys(entries) {
		s := &source{path: c.given(path), home: p.home, tree: p.tree, repo: true}
		id := ""
		if len(entries[path]) == 1 {
			id = entries[path][0]
		}
		got, ok := c.read(s.path, c.within, id)
		if !ok {
			continue
		}
		c.look(s.path, inventory.LookedRead, id, "instructions", 0)
		s.data, s.mode, s.real, s.shown = got.Data, got.Mode, got.Real, c.show(s.path)
		(&scan{c: c, src: s, ties: ties[path]}).run()
	}
}
