package giteasim

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// workflows tells the workflows of the first of the two folders that is there. Over an empty repository a 1.25.5 breaks down,
// with a page for people.
func (c *call) workflows() {
	if c.s.w.Old {
		http.NotFound(c.w, c.r)
		return
	}
	if c.repo.Empty {
		c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		c.w.WriteHeader(http.StatusInternalServerError)
		_, _ = c.w.Write([]byte("<!DOCTYPE html><title>Internal Server Error</title>"))
		return
	}
	list := []wireWorkflow{}
	for _, dir := range []string{".gitea/workflows/", ".github/workflows/"} {
		there := false
		for _, p := range slices.Sorted(maps.Keys(c.repo.Files)) {
			name, ok := strings.CutPrefix(p, dir)
			there = there || ok
			if !ok || strings.Contains(name, "/") || !strings.HasSuffix(name, ".yml") && !strings.HasSuffix(name, ".yaml") {
				continue
			}
			w := wireWorkflow{ID: name, Name: name, Path: p, State: "active", Created: c.repo.Created.UTC(), Updated: c.repo.Created.UTC()}
			if slices.Contains(c.repo.Off, name) {
				w.State = "disabled_manually"
			}
			at := c.s.w.Base + "/" + c.repo.owner.Name + "/" + c.repo.Name
			w.URL = c.s.w.Base + prefix + "/repos/" + c.repo.owner.Name + "/" + c.repo.Name + "/actions/workflows/" + name
			w.HTMLURL, w.Badge = at+"/src/branch/"+c.repo.Branch+"/"+p, at+"/actions/workflows/"+name+"/badge.svg?branch="+c.repo.Branch
			list = append(list, w)
		}
		if there {
			break
		}
	}
	c.answer(200, map[string]any{"workflows": list, "total_count": len(list)})
}

// acts are the Actions of the repository or organisation of the path.
func (c *call) acts() *actions {
	if c.repo != nil {
		return &c.repo.acts
	}
	return &c.target.acts
}

func (c *call) listSecrets() {
	list := []wireSecret{}
	for _, x := range page(c, c.acts().secrets, false) {
		list = append(list, wireSecret{Name: x.Name, Created: x.Created.UTC()})
	}
	c.answer(200, list)
}

func (c *call) putSecret() {
	var in struct{ Data string }
	if !c.read(&in) {
		return
	}
	name := strings.ToUpper(c.r.PathValue("name"))
	a := c.acts()
	if slices.ContainsFunc(a.secrets, func(x Secret) bool { return x.Name == name }) {
		c.done(http.StatusNoContent)
		return
	}
	a.secrets = append(a.secrets, Secret{Name: name, Created: c.s.now()})
	c.done(http.StatusCreated)
}

func (c *call) deleteSecret() {
	name := strings.ToUpper(c.r.PathValue("name"))
	a := c.acts()
	if !slices.ContainsFunc(a.secrets, func(x Secret) bool { return x.Name == name }) {
		c.refuse(http.StatusNotFound, "secret does not exist")
		return
	}
	if c.lie == "" {
		a.secrets = slices.DeleteFunc(a.secrets, func(x Secret) bool { return x.Name == name })
	}
	c.done(http.StatusNoContent)
}

// runners are told in an object with their number, and without the headers of other lists.
func (c *call) runners(rs []*runner) {
	if c.s.w.Old {
		http.NotFound(c.w, c.r)
		return
	}
	list := []wireRunner{}
	number, size := c.paging()
	for _, x := range cut(rs, number, size) {
		w := wireRunner{ID: x.id, Name: x.Name, Status: "online", Ephemeral: x.Ephemeral, Labels: []wireLabel{}}
		if x.Offline {
			w.Status = "offline"
		}
		for i, l := range x.Labels {
			w.Labels = append(w.Labels, wireLabel{int64(i), l, "custom"})
		}
		list = append(list, w)
	}
	c.answer(200, map[string]any{"runners": list, "total_count": len(rs)})
}

func (c *call) listRunners() { c.runners(c.acts().runners) }

// allRunners are those of the instance, of every organisation and of every repository, without saying whose.
func (c *call) allRunners() {
	all := slices.Clone(c.s.runs)
	for _, u := range c.s.users {
		all = append(all, u.acts.runners...)
	}
	for _, r := range c.s.repos {
		all = append(all, r.acts.runners...)
	}
	c.runners(all)
}

// deleteAnyRunner is for administrators of the instance.
func (c *call) deleteAnyRunner() {
	id := c.pathID("id")
	found := false
	drop := func(rs *[]*runner) {
		n := len(*rs)
		*rs = slices.DeleteFunc(*rs, func(x *runner) bool { return x.id == id })
		found = found || len(*rs) < n
	}
	drop(&c.s.runs)
	for _, u := range c.s.users {
		drop(&u.acts.runners)
	}
	for _, r := range c.s.repos {
		drop(&r.acts.runners)
	}
	if !found {
		c.notFound("Runner not found")
		return
	}
	c.done(http.StatusNoContent)
}

func (c *call) deleteRunner() {
	a := c.acts()
	id := c.pathID("id")
	if !slices.ContainsFunc(a.runners, func(x *runner) bool { return x.id == id }) {
		c.notFound("Runner not found")
		return
	}
	if c.lie == "" {
		a.runners = slices.DeleteFunc(a.runners, func(x *runner) bool { return x.id == id })
	}
	c.done(http.StatusNoContent)
}
