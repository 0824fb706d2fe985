package giteasim

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// wireUser tells of a user. Only an administrator of the instance, or the user, is told the truth about active,
// prohibit_login and last_login; to everybody else an account looks as if it were inactive.
func (c *call) wireUser(u *user) wireUser { return c.wireUserTo(u, c.doer) }

func (c *call) wireUserTo(u, asks *user) wireUser {
	sum := md5.Sum([]byte(strings.ToLower(u.Name)))
	w := wireUser{
		ID: u.id, Login: u.Name, Username: u.Name, FullName: u.FullName, Visibility: u.vis, Restricted: u.Restricted, Created: u.Created.UTC(),
		HTMLURL: c.s.w.Base + "/" + u.Name, AvatarURL: c.s.w.Base + "/avatars/" + hex.EncodeToString(sum[:]),
		Email: strings.ToLower(u.Name) + "@noreply.git.example",
	}
	if u.org {
		w.Email = ""
	}
	knows := asks != nil && (asks == u || asks.Admin)
	if asks != nil && (!u.HideEmail || knows) {
		w.Email = u.Email
	}
	if knows {
		w.IsAdmin, w.LoginName, w.SourceID, w.Active, w.Prohibit = u.Admin, u.LoginName, u.Source, !u.Inactive, u.ProhibitLogin
		w.LastLogin = cmp.Or(u.LastLogin.UTC(), epoch)
	}
	return w
}

func (c *call) wireUsers(us []*user) []wireUser {
	out := make([]wireUser, 0, len(us))
	for _, u := range us {
		out = append(out, c.wireUser(u))
	}
	return out
}

// individuals are the users that lists show, by name. Those of the type bot are left out.
func (s *Sim) individuals() []*user {
	var out []*user
	for _, u := range s.users {
		if !u.org && !u.Bot {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *user) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

func (c *call) listUsers() { c.answer(200, c.wireUsers(page(c, c.s.individuals(), true))) }

func (c *call) searchUsers() {
	c.answer(200, map[string]any{"ok": true, "data": c.wireUsers(page(c, c.s.individuals(), true))})
}

func (c *call) makeUser() {
	var in struct {
		Username, Email, Password, LoginName string
		FullName                             string `json:"full_name"`
	}
	if !c.read(&in) {
		return
	}
	if c.s.user(in.Username) != nil {
		c.refuse(http.StatusUnprocessableEntity, fmt.Sprintf("user already exists [name: %s]", in.Username))
		return
	}
	u := c.s.addUser(User{Name: in.Username, Email: in.Email, Password: in.Password, FullName: in.FullName})
	c.answer(http.StatusCreated, c.wireUser(u))
}

func (c *call) editUser() {
	var in struct {
		SourceID  int64  `json:"source_id"`
		LoginName string `json:"login_name"`
		Prohibit  *bool  `json:"prohibit_login"`
		Active    *bool  `json:"active"`
		Admin     *bool  `json:"admin"`
	}
	if !c.read(&in) {
		return
	}
	if in.LoginName == "" {
		c.refuse(http.StatusUnprocessableEntity, "[LoginName]: Required")
		return
	}
	u := c.target
	if c.lie != "" {
		w := c.wireUser(u)
		if in.Prohibit != nil {
			w.Prohibit = *in.Prohibit
		}
		c.answer(200, w)
		return
	}
	u.LoginName = in.LoginName
	if in.SourceID != 0 {
		u.Source = in.SourceID
	}
	if in.Prohibit != nil {
		u.ProhibitLogin = *in.Prohibit
	}
	if in.Active != nil {
		u.Inactive = !*in.Active
	}
	if in.Admin != nil {
		u.Admin = *in.Admin
	}
	c.answer(200, c.wireUser(u))
}

func (c *call) deleteUser() {
	if c.r.FormValue("purge") == "" && slices.ContainsFunc(c.s.repos, func(r *repo) bool { return r.owner == c.target }) {
		c.refuse(http.StatusUnprocessableEntity, "user still has ownership of repositories")
		return
	}
	c.s.drop(c.target)
	c.done(http.StatusNoContent)
}

// drop takes a user or an organisation away with all that it owns.
func (s *Sim) drop(u *user) {
	s.users = slices.DeleteFunc(s.users, func(x *user) bool { return x == u })
	s.repos = slices.DeleteFunc(s.repos, func(r *repo) bool { return r.owner == u })
	s.teams = slices.DeleteFunc(s.teams, func(t *team) bool { return t.org == u })
	same := func(n string) bool { return strings.EqualFold(n, u.Name) }
	for _, t := range s.teams {
		t.Members = slices.DeleteFunc(t.Members, same)
	}
	for _, r := range s.repos {
		delete(r.Collaborators, strings.ToLower(u.Name))
	}
}

// listed are the tokens that are there to be seen.
func (u *user) listed() []*token {
	var out []*token
	for _, t := range u.tokens {
		if t.gone.IsZero() && !t.hidden {
			out = append(out, t)
		}
	}
	return out
}

func (c *call) listTokens() {
	list := []wireToken{}
	for _, t := range page(c, c.target.listed(), false) {
		list = append(list, t.wire())
	}
	c.answer(200, list)
}

// wire tells of a token, without its value. One that was never used has the time of its creation as that of its last use.
func (t *token) wire() wireToken {
	return wireToken{ID: t.id, Name: t.Name, LastEight: t.Value[max(0, len(t.Value)-8):], Scopes: t.Scopes, Created: t.Created.UTC(), LastUsed: t.used.UTC()}
}

func (c *call) makeToken() {
	var in struct {
		Name   string
		Scopes []string
	}
	if !c.read(&in) {
		return
	}
	switch {
	case in.Name == "":
		c.refuse(http.StatusUnprocessableEntity, "[Name]: Required")
	case slices.ContainsFunc(c.target.listed(), func(t *token) bool { return t.Name == in.Name }):
		c.refuse(http.StatusBadRequest, "access token name has been used already")
	case len(in.Scopes) == 0:
		c.refuse(http.StatusBadRequest, "access token must have a scope")
	default:
		t := c.s.addToken(c.target, Token{Name: in.Name, Scopes: in.Scopes})
		w := t.wire()
		// This answer alone has the value, and no times yet.
		w.Value, w.Created, w.LastUsed = t.Value, time.Time{}, time.Time{}
		c.answer(http.StatusCreated, w)
	}
}

// deleteToken takes an id or a name. A second deletion is 404.
func (c *call) deleteToken() {
	id, name := c.pathID("id"), c.r.PathValue("id")
	for _, t := range c.target.listed() {
		if t.id != id && (id != 0 || t.Name != name) {
			continue
		}
		switch c.lie {
		case LieHides:
			t.hidden = true
		case LieIgnores:
		default:
			t.gone = c.s.now()
		}
		c.done(http.StatusNoContent)
		return
	}
	c.notFound("")
}

func (a *app) wire() wireApp {
	redirects := a.Redirects
	if redirects == nil {
		redirects = []string{}
	}
	return wireApp{ID: a.id, Name: a.Name, ClientID: a.client, Confidential: a.Confidential, Redirects: redirects, Created: a.Created.UTC()}
}

func (c *call) listApps() {
	list := []wireApp{}
	for _, a := range page(c, c.doer.apps, false) {
		list = append(list, a.wire())
	}
	c.answer(200, list)
}

func (c *call) makeApp() {
	var in struct {
		Name         string
		Redirects    []string `json:"redirect_uris"`
		Confidential bool     `json:"confidential_client"`
	}
	if !c.read(&in) {
		return
	}
	a := c.s.addApp(c.doer, App{Name: in.Name, Redirects: in.Redirects, Confidential: in.Confidential})
	w := a.wire()
	w.ClientSecret = "gto_FAKE" + strings.Repeat("a", 44)
	c.answer(http.StatusCreated, w)
}

func (c *call) app() *app {
	id := c.pathID("id")
	for _, a := range c.doer.apps {
		if a.id == id {
			return a
		}
	}
	c.notFound("")
	return nil
}

func (c *call) getApp() {
	if a := c.app(); a != nil {
		c.answer(200, a.wire())
	}
}

func (c *call) deleteApp() {
	if a := c.app(); a != nil {
		if c.lie == "" {
			c.doer.apps = slices.DeleteFunc(c.doer.apps, func(x *app) bool { return x == a })
		}
		c.done(http.StatusNoContent)
	}
}
