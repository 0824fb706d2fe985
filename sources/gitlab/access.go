package gitlab

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nhitop/sources/internal/forge"
)

// The roles, with GitLab's numbers.
const (
	guest      = 10
	reporter   = 20
	developer  = 30
	maintainer = 40
	owner      = 50
	admins     = 60
)

var roleNames = map[int]string{5: "Minimal access", guest: "Guest", 15: "Planner", reporter: "Reporter", 25: "Security manager", developer: "Developer", maintainer: "Maintainer", owner: "Owner", admins: "Administrator"}

func roleName(level int) string {
	if n := roleNames[level]; n != "" {
		return n
	}
	return "role " + strconv.Itoa(level)
}

// roleGrants is what a role gives through the API. Source: GitLab's "Roles and permissions", 2026-11. Who may push may
// change the pipeline; a Maintainer reads the values of CI/CD variables and changes rules, keys and members. To report a
// deployment starts none here, so that it is left out.
var roleGrants = []struct {
	least  int
	scope  forge.Scope
	access forge.Access
}{
	{reporter, forge.Contents, forge.Read},
	{developer, forge.Contents, forge.Write},
	{developer, forge.Workflows, forge.Write},
	{developer, forge.PullRequests, forge.Write},
	{developer, forge.Runs, forge.Write},
	{developer, forge.Packages, forge.Write},
	{maintainer, forge.SecretValues, forge.Read},
	{maintainer, forge.SecretStore, forge.Write},
	{maintainer, forge.RepoAdmin, forge.Write},
	{maintainer, forge.Members, forge.Write},
	{owner, forge.OrgAdmin, forge.Write},
}

// scopeGrants is what a token's scope lets through of that. Source: GitLab's "Access token scopes" and "Deploy tokens",
// 2026-11. A push can open merge requests by push options, so that what write_repository comes to there is not certain.
var scopeGrants = map[string][]struct {
	scope   forge.Scope
	access  forge.Access
	least   int
	certain bool
}{
	"read_repository":        {{forge.Contents, forge.Read, reporter, true}},
	"write_repository":       {{forge.Contents, forge.Write, developer, true}, {forge.Workflows, forge.Write, developer, true}, {forge.PullRequests, forge.Write, developer, false}},
	"write_registry":         {{forge.Packages, forge.Write, developer, true}},
	"write_package_registry": {{forge.Packages, forge.Write, developer, true}},
	"write_virtual_registry": {{forge.Packages, forge.Write, developer, true}},
}

// grants is what a credential with these scopes may do in the hands of an account with this role. For a deploy token, which
// has no role, level is [deployLevel].
func grants(scopes []string, level int) []forge.Grant {
	var out []forge.Grant
	add := func(s forge.Scope, a forge.Access, certain bool, scope string) {
		words := scope
		if level != deployLevel {
			words += " as " + roleName(level)
		}
		out = append(out, forge.Grant{Scope: s, Access: a, Words: words, Certain: certain})
	}
	for _, scope := range scopes {
		switch scope {
		case "api", "read_api":
			for _, g := range roleGrants {
				if level >= g.least && (scope == "api" || g.access == forge.Read) {
					add(g.scope, g.access, true, scope)
				}
			}
		default:
			for _, g := range scopeGrants[scope] {
				if level >= g.least {
					add(g.scope, g.access, g.certain, scope)
				}
			}
		}
	}
	return out
}

// deployLevel stands for a deploy token: what its scope says it may do, whatever the role.
const deployLevel = 1000

// principals are the names under which the rules of a project may know an account.
func principals(level, user int, teams []int) []forge.Principal {
	var out []forge.Principal
	for _, l := range []int{developer, maintainer, admins} {
		if level >= l && level != deployLevel {
			out = append(out, forge.Principal{Kind: forge.ByRole, ID: strconv.Itoa(l)})
		}
	}
	if user != 0 {
		out = append(out, forge.Principal{Kind: forge.ByUser, ID: strconv.Itoa(user)})
	}
	for _, t := range teams {
		out = append(out, forge.Principal{Kind: forge.ByTeam, ID: strconv.Itoa(t)})
	}
	return out
}

// access is a list of who may do something, as forge compares it.
func access(list []accessShape) forge.List {
	out := forge.List{}
	for _, a := range list {
		p := forge.Principal{Name: a.Description}
		switch {
		case a.UserID != 0:
			p.Kind, p.ID = forge.ByUser, strconv.Itoa(a.UserID)
		case a.GroupID != 0:
			p.Kind, p.ID = forge.ByTeam, strconv.Itoa(a.GroupID)
		case a.DeployKeyID != 0:
			p.Kind, p.ID = forge.ByDeployKey, strconv.Itoa(a.DeployKeyID)
		case a.AccessLevel == 0:
			continue // no one
		default:
			p.Kind, p.ID = forge.ByRole, strconv.Itoa(a.AccessLevel)
			p.Name = cmp.Or(p.Name, roleName(a.AccessLevel))
		}
		out = append(out, p)
	}
	return out
}

// levels are who is what: the direct members of groups and, one at a time, of a project.
type levels struct {
	groups map[int]*group
	unread map[int]bool // groups whose members could not be read
}

// group is a group of the instance.
type group struct {
	groupShape
	members      map[int]int
	owners       []int               // direct ones, people, in the order of the list
	environments []protectedEnvShape // protected for all projects below, by tier
}

// on is an account's role on a group: the highest on it and those above it.
func (l *levels) on(user, id int) int {
	best := 0
	for g := l.groups[id]; g != nil; g = l.groups[g.ParentID] {
		best = max(best, g.members[user])
	}
	return best
}

// above lists a group and those above it, the nearest first.
func (l *levels) above(id int) []*group {
	var out []*group
	for g := l.groups[id]; g != nil && len(out) < 32; g = l.groups[g.ParentID] {
		out = append(out, g)
	}
	return out
}

// unknown reports whether a group, or one above it, hides its members.
func (l *levels) unknown(id int) bool {
	return slices.ContainsFunc(l.above(id), func(g *group) bool { return l.unread[g.ID] })
}

// within reports whether a group is another or lies below it.
func (l *levels) within(id, top int) bool {
	return slices.ContainsFunc(l.above(id), func(g *group) bool { return g.ID == top })
}

// ofProject is an account's role on a project.
func (l *levels) ofProject(user int, p *project) int {
	best := max(p.members[user], l.on(user, p.Namespace.ID))
	for _, s := range p.Shared {
		best = max(best, min(l.on(user, s.GroupID), s.Level))
	}
	return best
}

func principalsKey(ps []forge.Principal) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&b, "%s=%s;", p.Kind, p.ID)
	}
	return b.String()
}
