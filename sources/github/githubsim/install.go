package githubsim

import "maps"

func (s *state) addInstall(in Installation, o *org, e *Enterprise) *install {
	app := s.apps[in.App]
	if app == nil {
		s.addApp(App{Slug: in.App, Permissions: in.Permissions})
		app = s.apps[in.App]
	}
	in.ID = s.id(in.ID)
	if in.Permissions == nil {
		in.Permissions = app.Permissions
	}
	in.Permissions = maps.Clone(in.Permissions)
	if in.Events == nil {
		in.Events = app.Events
	}
	in.Created = or(in.Created, longAgo)
	in.Updated = or(in.Updated, in.Created)
	x := &install{Installation: in, app: app, org: o, ent: e, all: in.Repositories == nil}
	if o != nil && !x.all {
		x.narrow(o.pick(in.Repositories))
	}
	s.installs[in.ID] = x
	return x
}

// narrow sets the repositories that an installation reaches.
func (x *install) narrow(repos []*repo) {
	x.all, x.own, x.has = false, repos, make(map[int64]bool, len(repos))
	for _, r := range repos {
		x.has[r.ID] = true
	}
}

func (x *install) reaches(r *repo) bool { return x.org == r.org && (x.all || x.has[r.ID]) }

// repositories lists what an installation reaches.
func (x *install) repositories() []*repo {
	switch {
	case x.org == nil:
		return nil
	case x.all:
		return x.org.repos
	}
	return x.own
}
