package githubsim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// org, repo and install are what the simulator changes: copies of the world's data with their references resolved.
type org struct {
	Org
	repos    []*repo
	byName   map[string]*repo // lower case
	installs []*install
	owners   map[string]bool   // logins, lower case
	members  map[string]bool   // owners too
	invited  map[string]string // login to the role, not accepted yet
	teams    []*team
	alerts   []orgAlert
}

type repo struct {
	Repo
	org   *org
	full  string
	files []string // sorted paths
}

type team struct {
	Team
	org *org
}

type install struct {
	Installation
	app *App
	org *org        // nil when on an enterprise
	ent *Enterprise // nil when on an organisation
	all bool
	own []*repo        // when not all
	has map[int64]bool // ids of own
}

type orgAlert struct {
	repo  *repo
	alert *Alert
}

// token is a credential as it stands now.
type token struct {
	Token
	dead bool
	// minted is what a token of an installation was narrowed to when it was made: nil means all of the installation.
	minted      map[string]string
	mintedRepos map[int64]bool
}

type state struct {
	users    map[string]*User // by login, lower case
	userByID map[int64]*User
	apps     map[string]*App // by slug
	appByID  map[string]*App // by id and by client id: what a JWT names itself by
	ents     map[string]*Enterprise
	orgs     map[string]*org
	repos    map[string]*repo // by full name, lower case
	repoByID map[int64]*repo
	installs map[int64]*install
	tokens   map[string]*token
	nextID   int64
	minted   int
}

func low(s string) string { return strings.ToLower(s) }

// id gives a fresh id where none was given.
func (s *state) id(given int64) int64 {
	if given != 0 {
		return given
	}
	s.nextID++
	return s.nextID
}

func build(w World) *state {
	s := &state{
		users: map[string]*User{}, userByID: map[int64]*User{}, apps: map[string]*App{}, appByID: map[string]*App{},
		ents: map[string]*Enterprise{}, orgs: map[string]*org{}, repos: map[string]*repo{}, repoByID: map[int64]*repo{},
		installs: map[int64]*install{}, tokens: map[string]*token{}, nextID: firstID,
	}
	for _, u := range w.Users {
		s.addUser(u)
	}
	for _, a := range w.Apps {
		s.addApp(a)
	}
	for i := range w.Enterprises {
		e := w.Enterprises[i]
		e.ID = s.id(e.ID)
		s.ents[e.Slug] = &e
		for _, in := range e.Installations {
			s.addInstall(in, nil, &e)
		}
	}
	for _, o := range w.Orgs {
		s.addOrg(o)
	}
	for _, t := range w.Tokens {
		s.addToken(t)
	}
	return s
}

// firstID is above the ids that tests and demos choose.
const firstID = 200_000_000

func (s *state) addUser(u User) *User {
	if have := s.users[low(u.Login)]; have != nil {
		return have
	}
	u.ID = s.id(u.ID)
	if u.Type == "" {
		u.Type = "User"
	}
	if u.Created.IsZero() {
		u.Created = longAgo
	}
	s.users[low(u.Login)] = &u
	s.userByID[u.ID] = &u
	return &u
}

// longAgo stands for dates that nobody asks about.
var longAgo = time.Date(2019, 4, 1, 9, 0, 0, 0, time.UTC)

func (s *state) addApp(a App) {
	a.ID = s.id(a.ID)
	if a.Name == "" {
		a.Name = a.Slug
	}
	if a.ClientID == "" {
		a.ClientID = "Iv23sim" + num(a.ID)
	}
	if a.Created.IsZero() {
		a.Created = longAgo
	}
	s.apps[a.Slug] = &a
	s.appByID[num(a.ID)] = &a
	s.appByID[a.ClientID] = &a
	s.addUser(User{Login: a.Slug + "[bot]", Name: a.Name, Type: "Bot", Created: a.Created})
}

// pick finds repositories by name, in the order of the names; unknown ones are left out.
func (o *org) pick(names []string) []*repo {
	out := make([]*repo, 0, len(names))
	for _, n := range names {
		if r := o.byName[low(n)]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

func (s *state) addOrg(o Org) {
	o.ID = s.id(o.ID)
	if o.Name == "" {
		o.Name = o.Login
	}
	if o.Plan == "" {
		o.Plan = "enterprise"
	}
	if o.BasePermission == "" {
		o.BasePermission = "read"
	}
	o.Created = or(o.Created, longAgo)
	x := &org{Org: o, byName: map[string]*repo{}, owners: map[string]bool{}, members: map[string]bool{}, invited: map[string]string{}}
	s.orgs[low(o.Login)] = x
	s.addUser(User{ID: o.ID, Login: o.Login, Name: o.Name, Email: o.Email, Type: "Organization", Created: o.Created})
	x.Org.Members = slices.Clone(o.Members)
	for _, m := range o.Members {
		s.addUser(User{Login: m.Login})
		x.members[low(m.Login)] = true
		x.owners[low(m.Login)] = m.Owner
	}
	x.Org.Outside = slices.Clone(o.Outside)
	for _, l := range o.Outside {
		s.addUser(User{Login: l})
	}
	for _, t := range o.Teams {
		t.ID = s.id(t.ID)
		if t.Name == "" {
			t.Name = t.Slug
		}
		x.teams = append(x.teams, &team{Team: t, org: x})
	}
	for _, r := range o.Repos {
		s.addRepo(r, x)
	}
	s.addOrgRest(x)
}

// addOrgRest takes over what refers to members and repositories.
func (s *state) addOrgRest(x *org) {
	for _, in := range x.Org.Installations {
		x.installs = append(x.installs, s.addInstall(in, x, nil))
	}
	x.Grants = s.grants(x.Grants)
	x.Requests = s.grants(x.Requests)
	x.Authorizations = slices.Clone(x.Authorizations)
	for i := range x.Authorizations {
		a := &x.Authorizations[i]
		a.ID, a.Granted = s.id(a.ID), or(a.Granted, longAgo)
		s.addUser(User{Login: a.Login})
	}
	if x.Copilot != nil {
		c := *x.Copilot
		c.Seats, c.AgentSelected = slices.Clone(c.Seats), slices.Clone(c.AgentSelected)
		for i := range c.Seats {
			s.addUser(User{Login: c.Seats[i].Login})
			c.Seats[i].Created = or(c.Seats[i].Created, longAgo)
		}
		x.Copilot = &c
	}
	x.Secrets, x.AgentSecrets = secrets(x.Secrets), secrets(x.AgentSecrets)
	x.Runners = s.runners(x.Runners)
	x.Rulesets = s.rulesets(x.Rulesets)
	x.Audit = slices.Clone(x.Audit)
	slices.SortStableFunc(x.Audit, func(a, b AuditEvent) int { return b.At.Compare(a.At) })
}

func (s *state) grants(in []Grant) []Grant {
	in = slices.Clone(in)
	for i := range in {
		g := &in[i]
		g.ID, g.TokenID, g.Granted = s.id(g.ID), s.id(g.TokenID), or(g.Granted, longAgo)
		s.addUser(User{Login: g.Owner})
	}
	slices.SortStableFunc(in, func(a, b Grant) int { return b.Granted.Compare(a.Granted) })
	return in
}

func (s *state) runners(in []Runner) []Runner {
	in = slices.Clone(in)
	for i := range in {
		in[i].ID = s.id(in[i].ID)
	}
	return in
}

func (s *state) rulesets(in []Ruleset) []Ruleset {
	in = slices.Clone(in)
	for i := range in {
		r := &in[i]
		r.ID, r.Created = s.id(r.ID), or(r.Created, longAgo)
		r.Updated = or(r.Updated, r.Created)
		r.Target, r.Enforcement = orText(r.Target, "branch"), orText(r.Enforcement, "active")
		r.Rules = slices.Clone(r.Rules)
		for j := range r.Rules {
			r.Rules[j].Parameters = plain(r.Rules[j].Parameters)
		}
	}
	return in
}

// plain is a map as it is read from JSON, whatever Go types it was written with.
func plain(in map[string]any) map[string]any {
	if in == nil {
		return nil
	}
	text, err := json.Marshal(in)
	if err != nil {
		panic("githubsim: parameters of a rule: " + err.Error())
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		panic("githubsim: parameters of a rule: " + err.Error())
	}
	return out
}

func secrets(in []Secret) []Secret {
	in = slices.Clone(in)
	for i := range in {
		in[i].Created = or(in[i].Created, longAgo)
		in[i].Updated = or(in[i].Updated, in[i].Created)
		in[i].Visibility = orText(in[i].Visibility, "private")
	}
	return in
}

func (s *state) addToken(t Token) *token {
	if t.Kind == "" {
		t.Kind = kindOf(t.Value)
	}
	if t.Login != "" {
		s.addUser(User{Login: t.Login})
	}
	x := &token{Token: t}
	s.tokens[t.Value] = x
	return x
}

// kindOf tells a credential's kind by its prefix; one without is a classic token of the old form.
func kindOf(value string) Kind {
	for _, k := range []Kind{FineGrain, Classic, OAuth, AppUser, AppRefresh, AppToken} {
		if strings.HasPrefix(value, string(k)+"_") {
			return k
		}
	}
	return Classic
}

func or(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
