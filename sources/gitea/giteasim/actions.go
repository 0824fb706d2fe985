package giteasim

import (
	"net/http"
	"slices"
	"strings"
)

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
	if c.s.w.OldRunners {
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
