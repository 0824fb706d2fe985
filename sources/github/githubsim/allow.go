package githubsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// route is one operation: how it is asked for, who may, and what it does.
type route struct {
	pattern   string // of net/http: "GET /orgs/{org}"
	do        func(*call) answer
	need      need
	resource  string // of the rate limits; "core" if empty
	unmetered bool
	cloud     bool // not on an Enterprise Server
	saml      bool // only for organisations with single sign-on
	plan      bool // only for organisations of GitHub Enterprise
}

// need is what a caller must have. The zero value lets every credential in that sees the organisation or repository.
type need struct {
	by         callers
	role       role   // in the repository if the path names one, else in the organisation (read: member, admin: owner)
	scope      string // of classic and OAuth tokens; "a b": one of them
	perm       string // of everybody else, "name:level" as GitHub's X-Accepted-GitHub-Permissions names them
	open       bool   // everybody may, in a public repository
	enterprise bool   // the permission is of an app on the enterprise in the path
	deny       int    // the status for who lacks the role; 403 if 0
}

// callers is a set of kinds of callers.
type callers int

const (
	byUsers callers = 1 << iota // classic and OAuth tokens
	byFine
	byAppUsers
	byInstalls
	byJWT
	byNobody
	byClient

	byPeople = byUsers | byFine | byAppUsers
	byTokens = byPeople | byInstalls
	byAll    = byTokens | byNobody
)

func (w caller) set() callers {
	switch w.kind {
	case Classic, OAuth:
		return byUsers
	case FineGrain:
		return byFine
	case AppUser:
		return byAppUsers
	case AppToken:
		return byInstalls
	case itself:
		return byJWT
	case client:
		return byClient
	}
	return byNobody
}

// allowed is the gate of permissions.
func (c *call) allowed() *answer {
	n := c.rt.need
	if n.by == 0 {
		n.by = byTokens
	}
	if c.rt.cloud && c.server != "" || c.rt.plan && c.org.Plan != "enterprise" || c.rt.saml && !c.org.SSO {
		return c.notFound()
	}
	if a := c.rightKind(n); a != nil {
		return a
	}
	public := n.by&byNobody != 0 && c.repo == nil // what nobody in particular sees, everybody does
	if public || c.who.kind == nobody || c.who.kind == itself || c.who.kind == client || n.open && c.repo != nil && c.repo.Visibility == "public" {
		return nil
	}
	if a := c.single(); a != nil {
		return a
	}
	if !c.classic() {
		if !c.permits(n.perm) {
			return c.refuse(http.StatusForbidden, c.inaccessible())
		}
		if c.who.kind == AppToken {
			return nil
		}
	} else if !c.hasScope(n.scope) {
		return c.refuse(orCode(n.deny), "This API operation needs the \""+n.scope+"\" scope.")
	}
	return c.rightRole(n)
}

func orCode(deny int) int {
	if deny == 0 {
		return http.StatusForbidden
	}
	return deny
}

// rightKind refuses callers that the operation is not for at all.
func (c *call) rightKind(n need) *answer {
	if n.by&c.who.set() != 0 {
		return nil
	}
	switch {
	case n.by == byNobody:
		return c.refuse(http.StatusForbidden, "This endpoint is for unauthenticated requests only.")
	case n.by == byJWT:
		return c.refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case c.who.kind == nobody:
		return c.refuse(http.StatusUnauthorized, "Requires authentication")
	case c.who.kind == itself:
		return c.refuse(http.StatusForbidden, "You must use an installation access token or a user token for this endpoint.")
	case n.by&byPeople == 0 && c.classic():
		return c.refuse(http.StatusForbidden, "You must authenticate via a GitHub App.")
	}
	return c.refuse(http.StatusForbidden, c.inaccessible())
}

func (c *call) inaccessible() string {
	if c.who.kind == FineGrain {
		return "Resource not accessible by personal access token"
	}
	return "Resource not accessible by integration"
}

// rightRole refuses people who are not enough in the organisation or repository.
func (c *call) rightRole(n need) *answer {
	have := roleRead
	switch {
	case c.repo != nil:
		have = c.reach(c.repo)
	case c.org != nil:
		have = c.org.roleOf(c.who.user)
	}
	if have >= n.role {
		return nil
	}
	if n.deny == http.StatusNotFound || have == roleNone {
		return c.notFound()
	}
	return c.refuse(http.StatusForbidden, "Must have "+roleNames[n.role]+" rights.")
}

// roleOf is what somebody is in the organisation: an owner has the role of an admin, a member that of a reader.
func (o *org) roleOf(u *User) role {
	switch {
	case u == nil:
		return roleNone
	case o.owners[low(u.Login)]:
		return roleAdmin
	case o.members[low(u.Login)]:
		return roleRead
	}
	return roleNone
}

// single is single sign-on: a user's classic credential must have been authorised for the organisation.
func (c *call) single() *answer {
	if c.org == nil || !c.org.SSO || !c.classic() || c.org.authorized(c.who.tok.Value) {
		return nil
	}
	a := c.refuse(http.StatusForbidden, "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.").
		with("X-GitHub-SSO", "required; url="+c.web+"/orgs/"+c.org.Login+"/sso")
	return &a
}

func (o *org) authorized(value string) bool {
	return slices.ContainsFunc(o.Authorizations, func(a Authorization) bool { return a.Token == value })
}

var levels = map[string]int{"read": 1, "write": 2, "admin": 3}

// permits reports whether the caller's permissions include "name:level".
func (c *call) permits(perm string) bool {
	name, level, _ := strings.Cut(perm, ":")
	switch c.who.kind {
	case AppToken:
		if c.rt.need.enterprise {
			return c.owned() && levels[c.who.inst.Permissions[name]] >= levels[level]
		}
		if c.org != nil && c.who.inst.org != c.org || c.repo != nil && !c.who.inst.reaches(c.repo) {
			return false
		}
		if name != "" && c.who.tok.minted != nil && levels[c.who.tok.minted[name]] < levels[level] {
			return false
		}
		return name == "" || levels[c.who.inst.Permissions[name]] >= levels[level]
	case AppUser:
		for _, x := range c.installsHere() {
			if x.app == c.who.app && x.SuspendedAt.IsZero() {
				return name == "" || levels[x.Permissions[name]] >= levels[level]
			}
		}
		return c.org == nil && name == ""
	case FineGrain:
		if c.org == nil {
			return name == ""
		}
		g := c.org.grantOf(c.who.tok.ID)
		return g != nil && (name == "" || max(levels[g.Organization[name]], levels[g.Repository[name]], levels[g.Other[name]]) >= levels[level])
	}
	return false
}

func (c *call) installsHere() []*install {
	if c.org == nil {
		return nil
	}
	return c.org.installs
}

// tellScopes adds the headers by which GitHub says what a credential has and what the operation would have needed.
func (c *call) tellScopes(h http.Header) {
	n := c.rt.need
	switch c.who.kind {
	case Classic, OAuth:
		h.Set("X-OAuth-Scopes", strings.Join(c.who.tok.Scopes, ", "))
		h.Set("X-Accepted-OAuth-Scopes", strings.ReplaceAll(n.scope, " ", ", "))
	case FineGrain, AppToken, AppUser:
		if n.perm != "" {
			h.Set("X-Accepted-GitHub-Permissions", strings.Replace(n.perm, ":", "=", 1))
		}
	}
	if c.who.tok != nil && !c.who.tok.Expires.IsZero() && c.who.kind != AppToken {
		h.Set("GitHub-Authentication-Token-Expiration", c.who.tok.Expires.UTC().Format(time.DateTime)+" UTC")
	}
}
