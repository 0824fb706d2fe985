package giteasim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	textBad      = "invalid username, password or token"
	textNone     = "token is required"
	textProhibit = "This account is prohibited from signing in, please contact your site administrator."
)

// signIn finds out who asks. It answers itself where a credential is not accepted: that is refused for every path, those
// that need no credential too.
func (c *call) signIn() bool {
	kind, value, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	switch strings.ToLower(kind) {
	case "":
		return true
	case "token", "bearer":
		if !c.byToken(value) {
			c.refuse(http.StatusUnauthorized, textBad)
			return false
		}
	case "basic":
		c.basic = true
		name, password, ok := c.r.BasicAuth()
		secret := password
		if password == "" || password == "x-oauth-basic" {
			secret = name
		}
		if !ok || !c.byToken(secret) && !c.byPassword(name, password) {
			c.refuse(http.StatusUnauthorized, textBad)
			return false
		}
	default:
		return true
	}
	// An account that is inactive is told the same as one that may not sign in.
	if c.doer.ProhibitLogin || c.doer.Inactive {
		c.answer(http.StatusForbidden, map[string]string{"message": textProhibit})
		return false
	}
	return true
}

// byToken accepts a token. Its use is noted even where the account is then turned away.
func (c *call) byToken(value string) bool {
	for _, u := range c.s.users {
		for _, t := range u.tokens {
			if value == "" || t.Value != value || !t.gone.IsZero() && !c.s.now().Before(t.gone.Add(c.s.w.Grace)) {
				continue
			}
			t.used = c.s.now()
			c.doer, c.scopes = u, t.Scopes
			return true
		}
	}
	return false
}

// byPassword accepts a password. One of an account that may not sign in is refused as if it were wrong; so that a 401 to a
// password is no proof of anything.
func (c *call) byPassword(name, password string) bool {
	u := c.s.user(name)
	if u == nil || u.org || u.Password == "" || u.Password != password || u.ProhibitLogin {
		return false
	}
	c.doer = u
	return true
}

// sudo lets an administrator of the instance act as another user.
func (c *call) sudo() bool {
	name := c.r.Header.Get("Sudo")
	if name == "" {
		name = c.r.FormValue("sudo")
	}
	if name == "" {
		return true
	}
	if c.doer == nil || !c.doer.Admin {
		c.answer(http.StatusForbidden, map[string]string{"message": "Only administrators allowed to sudo."})
		return false
	}
	u := c.s.user(name)
	if u == nil {
		c.notFound("")
		return false
	}
	c.doer = u
	return true
}

// A guard answers by itself and returns false where it does not let the call pass.
type guard func(*call) bool

func refuseUnless(ok func(*call) bool, status int, message string) guard {
	return func(c *call) bool {
		if ok(c) {
			return true
		}
		c.refuse(status, message)
		return false
	}
}

func (c *call) siteAdmin() bool { return c.doer != nil && c.doer.Admin }

var (
	needSigned    = refuseUnless(func(c *call) bool { return c.doer != nil }, 401, textNone)
	needBasic     = refuseUnless(func(c *call) bool { return c.basic }, 401, "auth required")
	needSelf      = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.doer != nil && c.doer == c.target }, 403, "doer should be the site admin or be same as the contextUser")
	needSiteAdmin = refuseUnless((*call).siteAdmin, 403, "user should be the site admin")
	needRepoAdmin = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.rights().mode >= modeAdmin }, 403, "user should be an owner or a collaborator with admin write of a repository")
	needRepoOwner = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.rights().mode >= modeOwner }, 403, "user should be the owner of the repo")
	needCode      = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.rights().code >= modeRead }, 403, "user should have specific read permission or be a repo admin or a site admin")
	needOrgOwner  = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.s.ownsOrg(c.doer, c.target) }, 403, "Must be an organization owner")
	needOrgMember = refuseUnless(func(c *call) bool { return c.siteAdmin() || c.s.inOrg(c.doer, c.target) }, 403, "Must be an organization member")
)

// scoped asks for the scopes of these categories, all of them: reading or, for a method that changes something, writing.
// Only tokens have scopes.
func scoped(categories ...string) guard {
	return func(c *call) bool {
		if c.scopes == nil {
			return true
		}
		level := "read:"
		switch c.r.Method {
		case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
			level = "write:"
		}
		var want []string
		ok := true
		for _, cat := range categories {
			want = append(want, level+cat)
			ok = ok && hasScope(c.scopes, level+cat)
		}
		if !ok {
			c.refuse(http.StatusForbidden, fmt.Sprintf("token does not have at least one of required scope(s), required=[%s], token scope=%s",
				strings.Join(want, " "), strings.Join(c.scopes, ",")))
		}
		return ok
	}
}

// hasScope: all has every scope, write has read.
func hasScope(scopes []string, want string) bool {
	level, cat, _ := strings.Cut(want, ":")
	return slices.Contains(scopes, "all") || slices.Contains(scopes, want) || level == "read" && slices.Contains(scopes, "write:"+cat)
}

func findUser(c *call) bool {
	name := c.r.PathValue("username")
	if c.target = c.s.user(name); c.target == nil {
		c.refuse(http.StatusNotFound, fmt.Sprintf("user redirect does not exist [name: %s]", name))
		return false
	}
	return true
}

func findOrg(c *call) bool {
	name := c.r.PathValue("org")
	if c.target = c.s.user(name); c.target == nil || !c.target.org {
		c.notFound("GetOrgByName", fmt.Sprintf("user redirect does not exist [name: %s]", name))
		return false
	}
	return true
}

func findTeam(c *call) bool {
	id := c.pathID("teamid")
	for _, t := range c.s.teams {
		if t.id == id && (c.siteAdmin() || c.s.inOrg(c.doer, t.org)) {
			c.team, c.target = t, t.org
			return true
		}
	}
	c.notFound("")
	return false
}

// findRepo finds the repository of the path, for those who may see it.
func findRepo(c *call) bool {
	owner, name := c.r.PathValue("username"), c.r.PathValue("reponame")
	if c.s.user(owner) == nil {
		c.notFound("GetUserByName", fmt.Sprintf("user redirect does not exist [name: %s]", owner))
		return false
	}
	for _, r := range c.s.repos {
		if strings.EqualFold(r.owner.Name, owner) && strings.EqualFold(r.Name, name) {
			c.repo = r
		}
	}
	if c.repo == nil || c.rights().any() < modeRead {
		c.notFound("")
		return false
	}
	if slices.Contains(c.scopes, "public-only") && !c.repo.Public {
		c.refuse(http.StatusForbidden, "token scope is limited to public repos")
		return false
	}
	return true
}

// epoch is what Gitea tells for a time that never was; zero is what it tells of those that the asker may not know.
var epoch = time.Unix(0, 0).UTC()
