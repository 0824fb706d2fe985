package githubsim

import (
	"maps"
	"slices"
)

func (s *state) addRepo(r Repo, o *org) {
	r.ID = s.id(r.ID)
	r.Visibility, r.DefaultBranch = orText(r.Visibility, "private"), orText(r.DefaultBranch, "main")
	r.Created = or(r.Created, longAgo)
	r.Pushed = or(r.Pushed, r.Created)
	x := &repo{Repo: r, org: o, full: o.Login + "/" + r.Name, files: slices.Sorted(maps.Keys(r.Files))}
	o.repos = append(o.repos, x)
	o.byName[low(r.Name)] = x
	s.repos[low(x.full)] = x
	s.repoByID[r.ID] = x
	for _, l := range slices.Sorted(maps.Keys(r.Collaborators)) {
		s.addUser(User{Login: l})
	}
	x.Collaborators = maps.Clone(r.Collaborators)
	x.Keys, x.Disabled = slices.Clone(r.Keys), slices.Clone(r.Disabled)
	for i := range x.Keys {
		x.Keys[i].ID, x.Keys[i].Created = s.id(x.Keys[i].ID), or(x.Keys[i].Created, longAgo)
	}
	x.Secrets, x.AgentSecrets = secrets(r.Secrets), secrets(r.AgentSecrets)
	x.Environments = slices.Clone(r.Environments)
	for i := range x.Environments {
		e := &x.Environments[i]
		e.ID, e.Created, e.Secrets = s.id(e.ID), or(e.Created, longAgo), secrets(e.Secrets)
	}
	x.Rulesets, x.Runners = s.rulesets(r.Rulesets), s.runners(r.Runners)
	x.Alerts = slices.Clone(r.Alerts)
	for i := range x.Alerts {
		a := &x.Alerts[i]
		if a.Number == 0 {
			a.Number = i + 1
		}
		a.Created = or(a.Created, longAgo)
		o.alerts = append(o.alerts, orgAlert{x, a})
	}
}
