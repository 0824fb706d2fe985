package gitlab

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/self"
)

const selfPath = "/personal_access_tokens/self"

// whoami finds out whose token it is and what it may. Without an answer nothing else is asked.
func (c *collection) whoami() error {
	c.sink.Progress("asking GitLab who nhitop is there")
	var t tokenShape
	_, err := c.s.http.Get(c.ctx, selfPath, nil, &t)
	var se *httpx.StatusError
	switch {
	case err == nil:
		c.self = &t
		c.looks.read(selfPath)
	case errors.As(err, &se) && se.Status == http.StatusUnauthorized:
		c.looks.failed(selfPath, err)
		return fmt.Errorf("GitLab at %s refuses the token (%s): it is revoked, expired or not of this instance", c.s.host(), c.s.opt.Token)
	case errors.As(err, &se) && (se.Status == http.StatusForbidden || se.Status == http.StatusNotFound):
		c.looks.failed(selfPath, err) // an older GitLab, or a token that is no access token; the lists will tell
	default:
		c.looks.failed(selfPath, err)
		return err
	}
	if me := one[userShape](c.ctx, c, c.looks, "/user", nil); me != nil {
		c.me, c.admin = *me, me.IsAdmin
		c.know(*me)
	}
	c.addSelf()
	if m := one[metadataShape](c.ctx, c, c.looks, "/metadata", nil); m != nil {
		c.enterprise = m.Enterprise
	}
	return nil
}

// addSelf takes nhitop's own credentials in.
func (c *collection) addSelf() {
	if c.self == nil {
		self.Deliver(c.sink, self.Credential{Service: "GitLab", URL: c.s.http.URL("/user"), Ref: c.s.opt.Token, Value: c.token, Secret: inventory.Secret{Kind: "gitlab-pat", Issuer: Kind, Account: c.me.Username}})
	} else {
		c.own(*c.self)
	}
	if !c.s.mayRevoke() || c.s.opt.RevokeToken.IsZero() {
		return
	}
	v, err := c.s.opt.RevokeToken.Read(c.ctx, c.s.lookup())
	if err != nil {
		c.sink.Warn(inventory.Warning{Text: "revoke_token: " + clean(err)})
		return
	}
	c.revokeValue = v
	var t tokenShape
	_, err = c.s.http.Do(c.ctx, httpx.Request{Path: selfPath, Into: &t, As: httpx.Header("PRIVATE-TOKEN", "", httpx.Held(v))})
	if err != nil {
		c.sink.Warn(inventory.Warning{Path: c.s.http.URL(selfPath), Text: "the token to revoke with: " + clean(err)})
		self.Deliver(c.sink, self.Credential{Service: "GitLab", URL: c.s.http.URL(selfPath), Use: "revokes", Ref: c.s.opt.RevokeToken, Value: v, Secret: inventory.Secret{Kind: "gitlab-pat", Issuer: Kind}})
		return
	}
	c.revokeKey = tokenKey(t.ID)
	c.own(t)
}

// own is one of nhitop's own tokens.
func (c *collection) own(t tokenShape) {
	a := &actor{key: tokenKey(t.ID), kind: forge.UserToken, user: t.UserID, scopes: t.Scopes, self: true, secret: c.tokenSecret(t, "access token")}
	a.admin = c.me.ID == t.UserID && c.me.IsAdmin
	a.name = "token " + strconv.Quote(t.Name)
	a.secret.Locations = []inventory.Location{c.at(tokensPath+"/"+number(t.ID), t.Name)}
	if u := c.users[t.UserID]; u != nil {
		a.secret.Account = u.Username
	}
	c.add(a)
}

// know remembers an account; what several lists say of it is put together.
func (c *collection) know(u userShape) *userShape {
	have := c.users[u.ID]
	c.logins[strings.ToLower(u.Username)] = u.ID
	if have == nil {
		c.users[u.ID] = &u
		return c.users[u.ID]
	}
	have.Email = orText(have.Email, u.Email)
	have.State = orText(have.State, u.State)
	have.Name, have.Username = orText(have.Name, u.Name), orText(have.Username, u.Username)
	have.Bot, have.IsAdmin = have.Bot || u.Bot, have.IsAdmin || u.IsAdmin
	return have
}

func orText(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
