package giteasim

import "time"

// World is what the server holds when it starts.
type World struct {
	Base    string           // where the server says that it is, without a slash at the end; "": https://git.acme.example
	Version string           // as GET /version tells it; "": 1.25.5
	Now     func() time.Time // nil: time.Now. Times are told to the second, as Gitea does
	// Sleep waits for a fault's delay. nil: real time, cut short by the end of the request.
	Sleep func(done <-chan struct{}, d time.Duration)
	// Grace is how long a token goes on being accepted after it was deleted. Gitea itself has none; caches before it may.
	Grace time.Duration
	// PageMost is the largest page (MAX_RESPONSE_ITEMS); 0: 50. A page is 30 long where the request does not say.
	PageMost int
	// Old leaves out the lists of runners and of workflows, as Gitea before 1.24 and Forgejo do.
	Old bool

	Users   []User
	Orgs    []Org
	Repos   []Repo
	Runners []Runner // of the whole instance
}

// User is an account.
type User struct {
	Name, FullName, Email string
	Password              string // "": nobody signs in with one
	Admin, Restricted     bool
	Inactive              bool
	ProhibitLogin         bool
	Bot                   bool // of the type bot, which no list of users shows
	HideEmail             bool
	Source                int64  // the authentication source; 0: local
	LoginName             string // at that source
	Created, LastLogin    time.Time
	Tokens                []Token
	Apps                  []App
	Keys                  []Key // SSH keys; ReadOnly is not asked
}

// Token is an access token of a user.
type Token struct {
	Name     string
	Value    string // "": made up, see [Sim.Token]
	Scopes   []string
	Created  time.Time
	LastUsed time.Time // zero: never, which Gitea tells as the time of creation
}

// App is an OAuth application of a user.
type App struct {
	Name         string
	Redirects    []string
	Confidential bool
	Created      time.Time
}

// Org is an organisation.
type Org struct {
	Name, Visibility string
	Owners           []string // members of its team Owners
	Teams            []Team
	Secrets          []Secret
	Runners          []Runner
}

// Team is a team of an organisation.
type Team struct {
	Name string
	// Permission is admin, or read or write for the units; Units say more where that is needed: repo.code -> write.
	Permission string
	Units      map[string]string
	All        bool // all repositories
	Members    []string
	Repos      []string
}

// Repo is a repository.
type Repo struct {
	Owner, Name                     string
	Public, Archived, Empty, Mirror bool
	NoActions                       bool
	Branch                          string            // the default branch; "": main
	Files                           map[string]string // path -> content, on the default branch
	Off                             []string          // workflows that are switched off, by the name of their file
	Collaborators                   map[string]string // name -> read, write, admin
	Keys                            []Key
	Protections                     []Protection
	Secrets                         []Secret
	Runners                         []Runner
	Created                         time.Time
}

// Key is a deploy key.
type Key struct {
	Title    string
	Key      string // as in an authorized_keys file
	ReadOnly bool
	Created  time.Time
}

// Secret is a secret of Actions. Its value is nowhere.
type Secret struct {
	Name    string
	Created time.Time
}

// Runner is a runner of Actions.
type Runner struct {
	Name      string
	Labels    []string
	Offline   bool
	Ephemeral bool
}
