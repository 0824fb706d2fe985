package gitlabsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func gone() reply { return reply{http.StatusNoContent, nil, nil} }

// wanted filters tokens as the query asks.
func (c *call) wanted(t *token) bool {
	q := c.r.URL.Query()
	active := !t.revoked && (t.Expires.IsZero() || c.at.Before(t.Expires))
	switch {
	case q.Get("state") == "active" && !active, q.Get("state") == "inactive" && active:
		return false
	case q.Get("revoked") == "true" && !t.revoked, q.Get("revoked") == "false" && t.revoked:
		return false
	case q.Get("user_id") != "" && q.Get("user_id") != itoa(t.user.id):
		return false
	case q.Get("search") != "" && !strings.Contains(t.Title, q.Get("search")):
		return false
	}
	return true
}

// pick lists the tokens that are wanted, newest last.
func (c *call) pick(which func(*token) bool) []*token {
	var out []*token
	for _, t := range c.tokens {
		if !t.user.gone && which(t) && c.wanted(t) {
			out = append(out, t)
		}
	}
	return out
}

func (c *call) patPage(ts []*token) reply {
	var out []patShape
	for _, t := range ts {
		out = append(out, c.pat(t))
	}
	return page(c, out, nil)
}

// tokensList: administrators see everybody's, others their own.
func (c *call) tokensList() reply {
	if !c.admin(c.user) {
		if q := c.r.URL.Query().Get("user_id"); q != "" && q != itoa(c.user.id) {
			return say(http.StatusUnauthorized, "")
		}
		return c.patPage(c.pick(func(t *token) bool { return t.user == c.user && !t.Impersonation }))
	}
	return c.patPage(c.pick(func(*token) bool { return true }))
}

func (c *call) selfShow() reply { return reply{http.StatusOK, c.pat(c.token), nil} }

func (c *call) selfRevoke() reply { c.revoke(c.token); return gone() }

// revoke ends a token, or lies about it as it was told to. Revoking what is revoked changes nothing.
func (c *call) revoke(t *token) {
	switch {
	case t.revoked || c.lie.Nothing:
	case c.lie.Lives:
		t.revoked, t.lives = true, true
	default:
		t.revoked, t.late = true, c.at.Add(c.lie.Lag)
	}
}

// tokenOf finds a token by its id, nil for one that the caller may not know of.
func (c *call) tokenOf(id int) *token {
	for _, t := range c.tokens {
		if t.id == id && !t.user.gone && (c.admin(c.user) || t.user == c.user) {
			return t
		}
	}
	return nil
}

// unknownToken: only administrators are told that there is none.
func (c *call) unknownToken() reply {
	if c.admin(c.user) {
		return say(http.StatusNotFound, "")
	}
	return say(http.StatusUnauthorized, "")
}

func (c *call) tokenShow() reply {
	t := c.tokenOf(c.number("tid"))
	if t == nil {
		return c.unknownToken()
	}
	return reply{http.StatusOK, c.pat(t), nil}
}

func (c *call) tokenRevoke() reply {
	t := c.tokenOf(c.number("tid"))
	if t == nil {
		return c.unknownToken()
	}
	c.revoke(t)
	return gone()
}

func (c *call) tokenRotate() reply { return c.rotate(c.tokenOf(c.number("tid")), http.StatusCreated) }

func (c *call) selfRotate() reply {
	if !slices.ContainsFunc(c.token.Scopes, func(s string) bool { return s == "api" || s == "self_rotate" }) {
		return reply{http.StatusForbidden, word{Error: "insufficient_scope", Description: "The request requires higher privileges than provided by the access token.", Scope: "api self_rotate"}, nil}
	}
	return c.rotate(c.token, http.StatusOK)
}

// rotate ends a token and makes its successor. Asked of a revoked token it ends the whole family.
func (c *call) rotate(t *token, status int) reply {
	if t == nil {
		return c.unknownToken()
	}
	if t.revoked {
		c.endFamily(t)
		return reply{http.StatusBadRequest, word{Message: "400 Bad request - Token already revoked"}, nil}
	}
	var want struct {
		Expires string `json:"expires_at"`
	}
	c.body(&want)
	expires, err := time.Parse(time.DateOnly, want.Expires)
	if err != nil {
		expires = c.at.AddDate(0, 0, 7).Truncate(24 * time.Hour)
	}
	c.revoke(t)
	x := t.Token
	x.Name, x.Title, x.Expires, x.Created, x.LastUsed = t.Name+"'", t.Title, expires, c.at, time.Time{}
	next := &token{Token: x, id: c.id(), user: t.user, family: t.family, value: made("glpat-", x.Name, 20)}
	c.tokens = append(c.tokens, next)
	return reply{status, withToken{c.pat(next), next.value}, nil}
}

// endFamily ends every token that came of the same one by rotation.
func (s *Sim) endFamily(t *token) {
	for _, x := range s.tokens {
		if x.family == t.family {
			x.revoked, x.lives, x.late = true, false, time.Time{}
		}
	}
}

// ofResource are the tokens of the group or project that was asked for.
func (c *call) ofResource(t *token) bool {
	return t.user.bot && t.user.group == c.group && t.user.proj == c.project
}

func (c *call) resourceTokens() reply { return c.resourcePage(c.pick(c.ofResource)) }

func (c *call) resourcePage(ts []*token) reply {
	var out []resourcePAT
	for _, t := range ts {
		out = append(out, c.resourcePAT(t))
	}
	return page(c, out, nil)
}

func (c *call) resourceNamed(which func(*token) bool) *token {
	id := c.number("tid")
	for _, t := range c.tokens {
		if t.id == id && !t.user.gone && which(t) {
			return t
		}
	}
	return nil
}

func (c *call) resourceToken() reply {
	t := c.resourceNamed(c.ofResource)
	if t == nil {
		return c.noResourceToken()
	}
	return reply{http.StatusOK, c.resourcePAT(t), nil}
}

func (c *call) noResourceToken() reply {
	if c.project != nil {
		return say(http.StatusNotFound, "project Access Token Not Found")
	}
	return say(http.StatusNotFound, "group Access Token Not Found")
}

func (c *call) resourceRevoke() reply {
	t := c.resourceNamed(c.ofResource)
	if t == nil {
		return c.noResourceToken()
	}
	c.revoke(t)
	return gone()
}

func (c *call) resourceRotate() reply { return c.rotate(c.resourceNamed(c.ofResource), http.StatusOK) }

// below reports whether a user belongs to the group that was asked for or to something under it.
func (c *call) below(u *user) bool {
	g := u.group
	if u.proj != nil {
		g = u.proj.group
	}
	for ; g != nil; g = g.parent {
		if g == c.group {
			return true
		}
	}
	return false
}

// saas answers for what only gitlab.com has.
func (c *call) saas(do func() reply) reply {
	if !c.world.SaaS || c.group.parent != nil {
		return say(http.StatusNotFound, "")
	}
	return do()
}

// enterprise are the users whom the top group manages: here every person among its members.
func (c *call) enterprise(u *user) bool {
	if u.bot {
		return false
	}
	for _, g := range c.groups {
		if strings.HasPrefix(g.Path+"/", c.group.Path+"/") && g.Members[u.Username] > NoAccess {
			return true
		}
	}
	return false
}

func (c *call) managedTokens() reply {
	return c.saas(func() reply {
		return c.patPage(c.pick(func(t *token) bool { return c.enterprise(t.user) && !t.Impersonation }))
	})
}

func (c *call) managedRevoke() reply {
	return c.saas(func() reply {
		return c.revokeOr404(c.resourceNamed(func(t *token) bool { return c.enterprise(t.user) }))
	})
}

func (c *call) managedResourceTokens() reply {
	return c.saas(func() reply {
		return c.resourcePage(c.pick(func(t *token) bool { return t.user.bot && c.below(t.user) }))
	})
}

func (c *call) managedResourceRevoke() reply {
	return c.saas(func() reply {
		return c.revokeOr404(c.resourceNamed(func(t *token) bool { return t.user.bot && c.below(t.user) }))
	})
}

func (c *call) revokeOr404(t *token) reply {
	if t == nil {
		return say(http.StatusNotFound, "")
	}
	c.revoke(t)
	return gone()
}
