package gitlab

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/named"
	"nhitop/sources/internal/people"
)

// botName is how GitLab names the account behind an access token of a group or project (documentation of project access
// tokens, "Bot users for projects", 2026-11).
var botName = regexp.MustCompile(`^(project|group)_(\d+)_bot`)

// isBot tells an account that is no person's.
func isBot(u *userShape) bool {
	return u != nil && (u.Bot || botName.MatchString(u.Username) || strings.HasPrefix(u.Username, "service_account_"))
}

func number(n int) string { return strconv.Itoa(n) }

// tokenSecret is what GitLab tells of an access token.
func (c *collection) tokenSecret(t tokenShape, what string) inventory.Secret {
	x := inventory.Secret{
		Kind: "gitlab-pat", Scopes: t.Scopes, Created: t.Created.Time, Expires: t.Expires.Time, LastUsed: t.LastUsed.Time,
		State: inventory.StateLive, LongLived: inventory.No, Note: fmt.Sprintf("%s %q", what, t.Name),
	}
	switch {
	case t.Revoked:
		x.State = inventory.StateRevoked
	case !t.Expires.IsZero() && !c.now.Before(t.Expires.Time):
		x.State = inventory.StateExpired
	}
	if t.Expires.IsZero() {
		x.LongLived = inventory.Yes
	}
	for _, s := range t.Scopes {
		if s == "self_rotate" {
			x.Note += "; it can prolong itself (self_rotate)"
		}
	}
	return x
}

const tokensPath = "/personal_access_tokens"

// personal is a token of a person or service account, from the list of all or of one's own.
func (c *collection) personal(t tokenShape) { c.personalAt(t, tokensPath) }

func (c *collection) personalAt(t tokenShape, list string) {
	u := c.users[t.UserID]
	if u != nil {
		if m := botName.FindStringSubmatch(u.Username); m != nil {
			c.botPlaces[m[1]+m[2]] = true // its own place tells its role
		}
	}
	what, kind := "personal access token", forge.UserToken
	if isBot(u) {
		what, kind = "access token of the bot account", forge.Bot
	}
	a := &actor{key: tokenKey(t.ID), kind: kind, user: t.UserID, scopes: t.Scopes, secret: c.tokenSecret(t, what)}
	a.secret.Locations = []inventory.Location{c.at(list+"/"+number(t.ID), t.Name)}
	c.tokenOf(a, t, u, list)
	c.add(a)
}

func tokenKey(id int) string { return "token/" + number(id) }

// tokenOf fills in whose token it is.
func (c *collection) tokenOf(a *actor, t tokenShape, u *userShape, list string) {
	a.name = a.secret.Note
	at := list + "/" + number(t.ID)
	if u == nil {
		a.holder = c.hold("", tokenKey(t.ID), "active", at, t.Name, t.Description)
		return
	}
	a.secret.Account, a.admin = u.Username, u.IsAdmin
	a.name += " of " + u.Username
	if blocked(u.State) {
		a.secret.State = inventory.StateDisabled
		a.secret.Note += "; its account is " + u.State
	}
	if c.byKey[a.key] != nil && c.byKey[a.key].self {
		return
	}
	if isBot(u) {
		a.holder = c.hold(u.Username, "user/"+number(u.ID), status(u.State), at, t.Name, u.Name, u.Username, t.Description)
		return
	}
	if _, how := c.s.known.Kind(u.Username); how != "" && how != named.ByNameOnly { // an account of its own that is no service account
		a.holder = c.hold(u.Username, "user/"+number(u.ID), status(u.State), "/users/"+number(u.ID), u.Username)
		return
	}
	a.owners = append(a.owners, c.owner(u, at, "its account"))
	a.holder = c.hold(u.Username, tokenKey(t.ID), status(u.State), at, t.Name, t.Description)
}

func blocked(state string) bool { return state != "" && state != "active" }

// status is an account's state as an assistant's.
func status(state string) string {
	switch {
	case state == "":
		return "unknown"
	case blocked(state):
		return "suspended"
	}
	return "active"
}

// owner delivers a person as an owner and returns the id. Who is blocked has left.
func (c *collection) owner(u *userShape, at, says string) inventory.ID {
	p, ok := person(u, says, c.evidence(at, says))
	if !ok {
		return ""
	}
	if id := p.ID(); !c.owners[id] {
		c.owners[id] = true
		state := "unknown"
		switch {
		case blocked(u.State):
			state = "departed"
		case u.State == "active":
			state = "active"
		}
		c.sink.Owner(p.Owner(state))
	}
	return p.ID()
}

// person is an account as an owner: by its address, where that is shown; else by its login, which other sources know too.
func person(u *userShape, says string, proof inventory.Evidence) (people.Person, bool) {
	name := u.Name
	if u.Email == "" || name == "" {
		name = u.Username
	}
	p, ok := people.New(name, u.Email, says, proof)
	if p.Kind == people.Human && isBot(u) {
		p.Kind = people.Service
	}
	return p, ok
}

// ownersOf are those who answer for a place: the owners of its group, or of the nearest group above that has some.
func (c *collection) ownersOf(p place) []inventory.ID {
	g := p.group
	if p.project != nil {
		g = c.levels.groups[p.project.Namespace.ID]
	}
	if g == nil {
		return nil
	}
	for _, at := range c.levels.above(g.ID) {
		var out []inventory.ID
		for _, id := range at.owners {
			if u := c.users[id]; u != nil && len(out) < mostOwners {
				if o := c.owner(u, groupPath(at.ID, "/members"), "owner of "+at.FullPath); o != "" {
					out = append(out, o)
				}
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// mostOwners bounds the owners of one thing: where everybody answers, nobody does.
const mostOwners = 5

// resourceToken is an access token of a group or project.
func (c *collection) resourceToken(t tokenShape, p place, list string) {
	what := "group access token"
	if p.project != nil {
		what = "project access token"
	}
	a := &actor{key: tokenKey(t.ID), kind: forge.Bot, user: t.UserID, scopes: t.Scopes, fixed: p, level: t.AccessLevel, secret: c.tokenSecret(t, what)}
	a.secret.Note += " of " + p.String() + " (" + roleName(t.AccessLevel) + ")"
	a.name = a.secret.Note
	a.secret.Locations = []inventory.Location{c.at(list+"/"+number(t.ID), t.Name)}
	u := c.users[t.UserID]
	if u != nil {
		a.secret.Account = u.Username
		if blocked(u.State) {
			a.secret.State = inventory.StateDisabled
		}
	}
	x := c.add(a)
	if x.self {
		return
	}
	if x.holder == nil {
		x.holder = c.hold(a.secret.Account, "user/"+number(t.UserID), "active", list+"/"+number(t.ID), t.Name, t.Description)
	}
	c.where(x.holder, p)
	if len(x.owners) == 0 {
		x.owners = c.madeBy(t.UserID, p)
	}
}

// managedToken is one of the credentials inventory of a top group, which says where it belongs.
func (c *collection) managedToken(t tokenShape, list string) {
	p := place{}
	if t.ResourceType == "group" {
		p.group = c.levels.groups[t.ResourceID]
	} else if t.ResourceType == "project" {
		p.project = &project{projectShape: projectShape{ID: t.ResourceID, Path: "project " + number(t.ResourceID)}}
	}
	c.resourceToken(t, p, list)
}

// madeBy is who added the bot of a token, as far as the list of members tells; else who answers for the place.
func (c *collection) madeBy(bot int, p place) []inventory.ID {
	if p.project != nil && p.project.createdBy[bot] != 0 {
		if u := c.users[p.project.createdBy[bot]]; u != nil {
			return []inventory.ID{c.owner(u, p.path("/members"), "made the token")}
		}
	}
	return c.ownersOf(p)
}

// readServices reads the service accounts of a group or project, with their tokens.
func (c *collection) readServices(l *looks, p place) {
	if !c.enterprise {
		return
	}
	sas, _ := all[serviceShape](c.ctx, c, l, p.path("/service_accounts"), nil)
	for _, sa := range sas {
		c.service(sa, p)
		list := p.path("/service_accounts/" + number(sa.ID) + "/personal_access_tokens")
		ts, _ := all[tokenShape](c.ctx, c, l, list, activeTokens)
		for _, t := range ts {
			c.serviceToken(t, p, list)
		}
	}
}

// service is a service account. It is an assistant where its name says so; its tokens are credentials in any case.
func (c *collection) service(sa serviceShape, p place) {
	u := c.know(userShape{ID: sa.ID, Username: sa.Username, Name: sa.Name, Bot: true})
	list := p.path("/service_accounts")
	a := c.hold(u.Username, "user/"+number(sa.ID), status(orText(u.State, "active")), list+"/"+number(sa.ID), sa.Username, sa.Name)
	if a != nil {
		a.rec.Owners = union(a.rec.Owners, c.ownersOf(p))
	}
}

func (c *collection) serviceToken(t tokenShape, p place, list string) {
	a := &actor{key: tokenKey(t.ID), kind: forge.Bot, user: t.UserID, scopes: t.Scopes, secret: c.tokenSecret(t, "access token of a service account")}
	a.secret.Locations = []inventory.Location{c.at(list+"/"+number(t.ID), t.Name)}
	c.tokenOf(a, t, c.users[t.UserID], list)
	if x := c.add(a); len(x.owners) == 0 && !x.self {
		x.owners = c.ownersOf(p)
	}
}

// sshKey is a key of a person, from a credentials inventory: neither key nor fingerprint is shown there.
func (c *collection) sshKey(k sshKeyShape, list string) {
	at := list + "/" + number(k.ID)
	a := &actor{key: "sshkey/" + number(k.ID), kind: forge.UserToken, user: k.UserID, scopes: []string{"write_repository"}, secret: inventory.Secret{
		Kind: "ssh-private-key", Created: k.Created.Time, Expires: k.Expires.Time, LastUsed: k.LastUsed.Time, State: inventory.StateLive,
		LongLived: inventory.Yes, Note: "SSH key " + strconv.Quote(k.Title), Locations: []inventory.Location{c.at(at, k.Title)},
	}}
	if !k.Expires.IsZero() {
		a.secret.LongLived = inventory.No
	}
	a.name = a.secret.Note
	if u := c.users[k.UserID]; u != nil {
		a.secret.Account = u.Username
		a.name = cmp.Or(a.name, "") + " of " + u.Username
		a.owners = []inventory.ID{c.owner(u, at, "its account")}
		a.holder = c.hold(u.Username, a.key, status(u.State), at, k.Title)
	}
	c.add(a)
}

func union(a, b []inventory.ID) []inventory.ID {
	out := a[:len(a):len(a)]
	for _, id := range b {
		seen := false
		for _, x := range out {
			seen = seen || x == id
		}
		if !seen && id != "" {
			out = append(out, id)
		}
	}
	return out
}
