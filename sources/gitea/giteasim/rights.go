package giteasim

import (
	"slices"
	"strings"
)

type mode int

const (
	modeNone mode = iota
	modeRead
	modeWrite
	modeAdmin
	modeOwner
)

var modes = map[string]mode{"read": modeRead, "write": modeWrite, "admin": modeAdmin, "owner": modeOwner}

func (m mode) String() string { return []string{"none", "read", "write", "admin", "owner"}[m] }

// rights are what a user may do in a repository: mode is the access as a whole, code that to the code. A team that grants
// by units raises the second and not the first.
type rights struct{ mode, code mode }

func (r rights) any() mode { return max(r.mode, r.code) }

func (c *call) rights() rights { return c.s.rightsOf(c.doer, c.repo) }

func (s *Sim) rightsOf(u *user, r *repo) rights {
	switch {
	case u == nil && r.Public:
		return rights{modeRead, modeRead}
	case u == nil:
		return rights{}
	case u.Admin || u == r.owner:
		return rights{modeOwner, modeOwner}
	}
	m := modes[r.Collaborators[strings.ToLower(u.Name)]]
	if r.Public && !u.Restricted {
		m = max(m, modeRead)
	}
	out := rights{m, m}
	for _, t := range s.teams {
		if t.org != r.owner || !t.has(u) || !t.All && !slices.ContainsFunc(t.Repos, func(n string) bool { return strings.EqualFold(n, r.Name) }) {
			continue
		}
		if m := modes[t.Permission]; m >= modeAdmin {
			out = rights{max(out.mode, m), max(out.code, m)}
			continue
		}
		out.code = max(out.code, modes[t.units()["repo.code"]])
	}
	return out
}

func (t *team) has(u *user) bool {
	return u != nil && slices.ContainsFunc(t.Members, func(n string) bool { return strings.EqualFold(n, u.Name) })
}

var allUnits = []string{"repo.code", "repo.issues", "repo.pulls", "repo.releases", "repo.wiki", "repo.ext_wiki", "repo.ext_issues", "repo.projects", "repo.packages", "repo.actions"}

// units says what the team may do to each unit of a repository.
func (t *team) units() map[string]string {
	if len(t.Units) > 0 && modes[t.Permission] < modeAdmin {
		return t.Units
	}
	out := map[string]string{}
	for _, u := range allUnits {
		out[u] = t.Permission
	}
	return out
}

func (s *Sim) inOrg(u, org *user) bool {
	return slices.ContainsFunc(s.teams, func(t *team) bool { return t.org == org && t.has(u) })
}

func (s *Sim) ownsOrg(u, org *user) bool {
	return slices.ContainsFunc(s.teams, func(t *team) bool { return t.org == org && t.Permission == "owner" && t.has(u) })
}
