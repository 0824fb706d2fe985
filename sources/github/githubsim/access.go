package githubsim

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// nobody is the kind of a caller without a credential, itself that of an app that speaks for itself by its JWT, and
// client that of an app by its client id and secret.
const (
	nobody Kind = ""
	itself Kind = "jwt"
	client Kind = "client"
)

// caller is who asks.
type caller struct {
	kind Kind
	tok  *token
	user *User
	app  *App
	inst *install
	from string // address, of nobody
}

// key tells callers apart for the rate limits: one count for all tokens of a user, one for an installation.
func (w caller) key() string {
	switch {
	case w.inst != nil:
		return "installation " + num(w.inst.ID)
	case w.user != nil:
		return "user " + num(w.user.ID)
	case w.app != nil:
		return "app " + num(w.app.ID)
	}
	return "address " + w.from
}

func (w caller) name() string {
	switch {
	case w.inst != nil:
		return "installation ID " + num(w.inst.ID)
	case w.user != nil:
		return "user ID " + num(w.user.ID)
	}
	return w.from
}

const badCredentials = "Bad credentials"

// identify finds out who asks. A credential that is not accepted is 401, also where none is needed.
func (c *call) identify() *answer {
	if c.rt.need.by == byClient {
		return c.byBasic()
	}
	cred := credential(c.r)
	if cred == "" {
		c.who.from, _, _ = strings.Cut(c.r.RemoteAddr, ":")
		return nil
	}
	if strings.Count(cred, ".") == 2 && kindOf(cred) == Classic {
		return c.byJWT(cred)
	}
	t := c.st.tokens[cred]
	if t == nil || t.dead || t.Kind == AppRefresh || !t.Expires.IsZero() && !c.now().Before(t.Expires) {
		return c.refuse(http.StatusUnauthorized, badCredentials)
	}
	c.who.kind, c.who.tok = t.Kind, t
	if t.Login != "" {
		c.who.user = c.st.users[low(t.Login)]
	}
	if t.Kind == AppToken {
		c.who.inst = c.st.installs[t.Installation]
		if c.who.inst == nil {
			return c.refuse(http.StatusUnauthorized, badCredentials)
		}
		c.who.app = c.who.inst.app
		if !c.who.inst.SuspendedAt.IsZero() {
			return c.refuse(http.StatusForbidden, "This installation has been suspended")
		}
	}
	if t.App != "" {
		c.who.app = c.st.apps[t.App]
	}
	return nil
}

// credential is what the Authorization header carries, "" for none.
func credential(r *http.Request) string {
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(kind) {
	case "bearer", "token":
		return rest
	case "basic":
		text, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return ""
		}
		name, pass, _ := strings.Cut(string(text), ":")
		if pass == "" || pass == "x-oauth-basic" {
			return name
		}
		return pass
	}
	return ""
}

// role is what somebody is in an organisation or a repository, in increasing order.
type role int

const (
	roleNone role = iota
	roleRead
	roleTriage
	roleWrite
	roleMaintain
	roleAdmin
)

var roles = map[string]role{"none": roleNone, "read": roleRead, "pull": roleRead, "triage": roleTriage, "write": roleWrite, "push": roleWrite, "maintain": roleMaintain, "admin": roleAdmin}

// names of the roles as the API spells them.
var roleNames = [...]string{"none", "read", "triage", "write", "maintain", "admin"}

// roleOf is what a user may do in a repository, from all its sources.
func (r *repo) roleOf(login string) role {
	l := low(login)
	if r.org.owners[l] {
		return roleAdmin
	}
	best := roleNone
	for name, what := range r.Collaborators {
		if low(name) == l {
			best = max(best, roles[what])
		}
	}
	if r.Visibility == "public" || r.org.members[l] && r.Visibility == "internal" {
		best = max(best, roleRead)
	}
	if r.org.members[l] {
		best = max(best, roles[r.org.BasePermission])
		for _, t := range r.org.teams {
			if t.has(l) {
				best = max(best, roles[t.Repos[r.Name]])
			}
		}
	}
	return best
}

func (t *team) has(l string) bool {
	for _, m := range [][]string{t.Members, t.Maintainers} {
		for _, x := range m {
			if low(x) == l {
				return true
			}
		}
	}
	return false
}

// reach is the caller's role in a repository, the credential's own limits not counted; a grant that leaves the repository
// out is a limit of reach.
func (c *call) reach(r *repo) role {
	public := roleNone
	if r.Visibility == "public" {
		public = roleRead
	}
	switch c.who.kind {
	case AppToken:
		if c.who.inst.reaches(r) && (c.who.tok.mintedRepos == nil || c.who.tok.mintedRepos[r.ID]) {
			return roleAdmin // what it may do is its permissions' to say
		}
		return public
	case FineGrain:
		g := r.org.grantOf(c.who.tok.ID)
		if g == nil || !g.reaches(r) {
			return public
		}
	case AppUser:
		if !c.appReaches(r) {
			return public
		}
	}
	if c.who.user == nil {
		return public
	}
	if c.classic() && r.Visibility != "public" && !c.hasScope("repo") {
		return roleNone
	}
	return max(public, r.roleOf(c.who.user.Login))
}

// appReaches reports whether the app that a user token belongs to is installed where it would reach r.
func (c *call) appReaches(r *repo) bool {
	for _, x := range r.org.installs {
		if x.app == c.who.app {
			return x.reaches(r) && x.SuspendedAt.IsZero()
		}
	}
	return false
}

// grantOf is what an organisation grants a fine-grained token, nil for nothing.
func (o *org) grantOf(tokenID int64) *Grant {
	for i := range o.Grants {
		if o.Grants[i].TokenID == tokenID {
			return &o.Grants[i]
		}
	}
	return nil
}

func (g *Grant) reaches(r *repo) bool {
	if g.Repositories == nil {
		return true
	}
	for _, n := range g.Repositories {
		if low(n) == low(r.Name) {
			return true
		}
	}
	return false
}

// classic reports whether scopes decide what the caller may do.
func (c *call) classic() bool { return c.who.kind == Classic || c.who.kind == OAuth }

// within are the scopes that a scope includes.
var within = map[string][]string{
	"repo":                   {"public_repo", "repo:status", "repo_deployment", "repo:invite", "security_events"},
	"admin:org":              {"write:org", "read:org", "manage_runners:org"},
	"write:org":              {"read:org"},
	"user":                   {"read:user", "user:email"},
	"admin:enterprise":       {"read:enterprise", "manage_runners:enterprise", "manage_billing:enterprise"},
	"manage_billing:copilot": {},
	"audit_log":              {"read:audit_log"},
}

// hasScope reports whether the token has one of the scopes ("a b": either).
func (c *call) hasScope(any string) bool {
	for _, want := range strings.Fields(any) {
		for _, have := range c.who.tok.Scopes {
			if have == want {
				return true
			}
			for _, in := range within[have] {
				if in == want {
					return true
				}
			}
		}
	}
	return any == ""
}
