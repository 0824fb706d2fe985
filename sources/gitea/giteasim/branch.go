package giteasim

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// branch tells of the default branch. Everybody who may read is told whether a rule protects it and whether the asker may
// push; which rule that is, administrators alone.
func (c *call) branch() {
	name := c.r.PathValue("path")
	if c.repo.Empty || name != c.repo.Branch {
		c.notFound("")
		return
	}
	may := c.rights().code >= modeWrite
	w := wireBranch{Name: name, Commit: map[string]any{"id": blobSHA(name)}, Contexts: []string{}, CanPush: may, CanMerge: may}
	if p := c.repo.rule(name); p != nil {
		w.Protected, w.Approvals, w.Checks, w.Contexts = true, p.Approvals, p.StatusCheck, p.StatusContexts
		w.CanPush = p.EnablePush && (!p.PushWhitelist && may || c.on(p.PushUsers, p.PushTeams))
		w.CanMerge = !p.MergeWhitelist && may || p.MergeWhitelist && c.on(p.MergeUsers, p.MergeTeams)
		if c.siteAdmin() || c.rights().mode >= modeAdmin {
			w.Rule = p.RuleName
		}
	}
	c.answer(200, w)
}

// rule is the one that holds for a branch: the first that fits, by priority.
func (r *repo) rule(branch string) *Protection {
	list := slices.Clone(r.Protections)
	slices.SortStableFunc(list, func(a, b Protection) int { return cmp.Compare(a.Priority, b.Priority) })
	for i := range list {
		if ok, err := path.Match(list[i].RuleName, branch); ok && err == nil || strings.EqualFold(list[i].RuleName, branch) {
			return &list[i]
		}
	}
	return nil
}

// on reports whether the asker is on a list of users and teams.
func (c *call) on(users, teams []string) bool {
	if c.doer == nil {
		return false
	}
	if slices.ContainsFunc(users, func(n string) bool { return strings.EqualFold(n, c.doer.Name) }) {
		return true
	}
	return slices.ContainsFunc(c.s.teams, func(t *team) bool { return t.org == c.repo.owner && t.has(c.doer) && slices.Contains(teams, t.Name) })
}
