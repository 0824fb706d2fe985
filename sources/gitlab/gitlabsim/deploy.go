package gitlabsim

import (
	"net/http"
	"slices"
)

// here reports whether a deploy token or runner belongs to the place that was asked for.
func (c *call) here(on string) bool {
	g, p := c.place(on)
	return g == c.group && p == c.project && (g != nil || p != nil)
}

func (c *call) deployTokenPage(keep func(*deployToken) bool) reply {
	var out []deployTokenShape
	for _, t := range c.dtokens {
		x := c.deployToken(t)
		if !t.deleted && keep(t) && (!c.is("active") || !x.Revoked && !x.Expired) {
			out = append(out, x)
		}
	}
	return page(c, out, nil)
}

func (c *call) deployTokens() reply {
	return c.deployTokenPage(func(t *deployToken) bool { return c.here(t.On) })
}

func (c *call) allDeployTokens() reply {
	return c.deployTokenPage(func(*deployToken) bool { return true })
}

func (c *call) deployTokenOf() *deployToken {
	id := c.number("tid")
	i := slices.IndexFunc(c.dtokens, func(t *deployToken) bool { return t.id == id && !t.deleted && c.here(t.On) })
	if i < 0 {
		return nil
	}
	return c.dtokens[i]
}

func (c *call) deployTokenShow() reply {
	t := c.deployTokenOf()
	if t == nil {
		return say(http.StatusNotFound, "Deploy Token Not Found")
	}
	return reply{http.StatusOK, c.deployToken(t), nil}
}

func (c *call) deployTokenDelete() reply {
	t := c.deployTokenOf()
	if t == nil {
		return say(http.StatusNotFound, "Deploy Token Not Found")
	}
	t.deleted = !c.lie.Nothing
	return gone()
}

func (c *call) deployKeys() reply {
	var out []deployKeyShape
	for _, k := range c.dkeys {
		if x, ok := c.keyHere(k); ok {
			out = append(out, x)
		}
	}
	return page(c, out, nil)
}

// keyHere is a deploy key as the project shows it.
func (c *call) keyHere(k *deployKey) (deployKeyShape, bool) {
	push, ok := k.push[c.project.Path]
	x := k.shape()
	x.CanPush = &push
	return x, ok
}

// allDeployKeys shows to administrators which projects a key opens.
func (c *call) allDeployKeys() reply {
	var out []deployKeyShape
	for _, k := range c.dkeys {
		x := k.shape()
		x.Write, x.Read = []identity{}, []identity{}
		for _, p := range c.projects {
			switch push, ok := k.push[p.Path]; {
			case ok && push:
				x.Write = append(x.Write, p.identity())
			case ok:
				x.Read = append(x.Read, p.identity())
			}
		}
		out = append(out, x)
	}
	return page(c, out, nil)
}

func (c *call) deployKeyOf() *deployKey {
	id := c.number("kid")
	for _, k := range c.dkeys {
		if _, ok := k.push[c.project.Path]; ok && k.id == id {
			return k
		}
	}
	return nil
}

func (c *call) deployKeyShow() reply {
	k := c.deployKeyOf()
	if k == nil {
		return say(http.StatusNotFound, "Not found")
	}
	x, _ := c.keyHere(k)
	return reply{http.StatusOK, x, nil}
}

func (c *call) deployKeyChange() reply {
	k := c.deployKeyOf()
	if k == nil {
		return say(http.StatusNotFound, "Not found")
	}
	var want struct {
		CanPush *bool `json:"can_push"`
	}
	c.body(&want)
	if want.CanPush != nil && !c.lie.Nothing {
		k.push[c.project.Path] = *want.CanPush
	}
	x, _ := c.keyHere(k)
	return reply{http.StatusOK, x, nil}
}

// deployKeyDelete takes the key out of the project; one that opens no project any more is gone.
func (c *call) deployKeyDelete() reply {
	k := c.deployKeyOf()
	if k == nil {
		return say(http.StatusNotFound, "Deploy Key Not Found")
	}
	if !c.lie.Nothing {
		delete(k.push, c.project.Path)
	}
	return gone()
}

func (c *call) managedKeys() reply {
	return c.saas(func() reply {
		var out []sshShape
		for _, k := range c.sshkeys {
			if c.enterprise(k.user) {
				out = append(out, sshShape{ID: k.id, Title: k.Title, Created: stamp(k.Created), Expires: stamp(k.Expires), LastUsed: stamp(k.LastUsed), Usage: "auth", UserID: k.user.id})
			}
		}
		return page(c, out, nil)
	})
}

func (c *call) managedKeyDelete() reply {
	return c.saas(func() reply {
		id := c.number("kid")
		n := len(c.sshkeys)
		if c.sshkeys = slices.DeleteFunc(c.sshkeys, func(k *sshKey) bool { return k.id == id && c.enterprise(k.user) }); len(c.sshkeys) == n {
			return say(http.StatusNotFound, "")
		}
		return gone()
	})
}

type triggerShape struct {
	ID          int       `json:"id"`
	Token       string    `json:"token"`
	Description string    `json:"description"`
	Created     *string   `json:"created_at"`
	Updated     *string   `json:"updated_at"`
	LastUsed    *string   `json:"last_used"`
	Expires     *string   `json:"expires_at"`
	Owner       userBasic `json:"owner"`
}

// trigger shows the whole token to its owner only, to others its beginning.
func (c *call) trigger(t *trigger) triggerShape {
	x := triggerShape{ID: t.id, Token: t.value[:10], Description: t.Description, Created: stamp(t.Created), Updated: stamp(t.Created), LastUsed: stamp(t.LastUsed), Owner: c.basic(c.userNamed(t.Owner))}
	if c.user.Username == t.Owner {
		x.Token = t.value
	}
	return x
}

func (c *call) triggersOf() reply {
	var out []triggerShape
	for _, t := range c.triggers {
		if t.Project == c.project.Path {
			out = append(out, c.trigger(t))
		}
	}
	return page(c, out, nil)
}

func (c *call) triggerOf() *trigger {
	id := c.number("kid")
	i := slices.IndexFunc(c.triggers, func(t *trigger) bool { return t.id == id && t.Project == c.project.Path })
	if i < 0 {
		return nil
	}
	return c.triggers[i]
}

func (c *call) triggerShow() reply {
	t := c.triggerOf()
	if t == nil {
		return say(http.StatusNotFound, "Trigger Not Found")
	}
	return reply{http.StatusOK, c.trigger(t), nil}
}

func (c *call) triggerDelete() reply {
	t := c.triggerOf()
	if t == nil {
		return say(http.StatusNotFound, "Trigger Not Found")
	}
	if !c.lie.Nothing {
		c.triggers = slices.DeleteFunc(c.triggers, func(x *trigger) bool { return x == t })
	}
	return gone()
}
