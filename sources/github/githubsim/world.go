package githubsim

import (
	"context"
	"crypto/rsa"
	"time"
)

// World is what a simulator starts from. It is plain data: names refer to names (a login, an app's slug, a repository's
// name), ids that are 0 are given out in the order of the slices, so that the same world has the same ids. [New] copies
// what it changes; a World may be used again.
type World struct {
	// Now is the simulator's clock: tokens expire, limits are reset and late kills take effect by it. Nil: a clock that
	// stands still at [Noon].
	Now func() time.Time
	// Sleep is how a slow answer waits. Nil: the real clock, and the request's context.
	Sleep func(ctx context.Context, d time.Duration) error

	// Server makes it a GitHub Enterprise Server of this version ("3.19.0"): what only the cloud has is not found there.
	Server string

	Users       []User
	Apps        []App
	Enterprises []Enterprise
	Orgs        []Org
	Tokens      []Token
	Limits      Limits
}

// Noon is the time of a world that has no clock.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// User is an account: a person, a machine user or (Type "Bot") the account of an app.
type User struct {
	ID      int64
	Login   string
	Name    string
	Email   string
	Type    string // "User" if empty; "Bot"
	Created time.Time
}

// App is a GitHub App.
type App struct {
	ID          int64
	Slug        string
	Name        string // the slug if empty
	ClientID    string
	Secret      string // of the client id; empty: nobody can act as the owner of the app
	Owner       string // login of a user or an organisation
	Description string
	Permissions map[string]string // what it asks for
	Events      []string
	Created     time.Time
	Key         *rsa.PublicKey // verifies the app's JWT; nil: nobody can act as the app itself
}

// Enterprise owns organisations.
type Enterprise struct {
	ID   int64
	Slug string
	Name string
	// Owners are the logins that own it. Managed says that it manages its people's accounts (EMU): it can destroy their
	// credentials.
	Owners  []string
	Managed bool
	// Installations are the apps on the enterprise itself: only they may list and change the apps of its organisations.
	Installations []Installation
}

// Installation is an app on an organisation or an enterprise.
type Installation struct {
	ID           int64
	App          string            // slug
	Permissions  map[string]string // what was granted; nil: all that the app asks for
	Events       []string
	Repositories []string // names; nil: all repositories
	Created      time.Time
	Updated      time.Time
	SuspendedAt  time.Time
	SuspendedBy  string
	Contact      string // e-mail
}

// Kind of a credential, told by the prefix of its value.
type Kind string

// The kinds. An app's JWT is no token of the world: it is verified with the app's key.
const (
	Classic    Kind = "ghp"
	FineGrain  Kind = "github_pat"
	OAuth      Kind = "gho"
	AppUser    Kind = "ghu"
	AppRefresh Kind = "ghr"
	AppToken   Kind = "ghs"
)

// Token is a credential that the simulator accepts, by its value. The values of a world are made up.
type Token struct {
	Value string
	Kind  Kind   // told from the prefix of the value if empty
	Login string // whose it is; empty for an installation token
	// Scopes of a classic or OAuth token.
	Scopes []string
	// ID ties a fine-grained token to the grants of organisations ([Grant].TokenID). What it may do there is theirs to say.
	ID int64
	// App and Installation: of a token that an app was given by its user (gho_, ghu_, ghr_) the slug, of an installation token the id of the installation.
	App          string
	Installation int64
	Created      time.Time
	Expires      time.Time // zero: does not
}

// Limits are those of the primary rate limit, in requests an hour and credential. A zero takes what GitHub documents.
type Limits struct {
	User         int // 5,000
	Installation int // 5,000
	Anonymous    int // 60
	GraphQL      int // 5,000
	AuditLog     int // 1,750
}
