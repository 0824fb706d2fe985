package githubsim

import "time"

// Org is an organisation.
type Org struct {
	ID         int64
	Login      string
	Name       string
	Email      string
	Enterprise string // slug of the enterprise that owns it, or empty
	Plan       string // "free", "team", "enterprise"; empty: "enterprise"
	SSO        bool   // SAML single sign-on is enforced
	TwoFactor  bool   // required of members
	Created    time.Time

	// BasePermission is what every member may do with every repository: "none", "read", "write", "admin"; empty: "read".
	BasePermission string
	Members        []Member
	Outside        []string // outside collaborators
	Teams          []Team

	Repos          []Repo
	Installations  []Installation
	Grants         []Grant
	Requests       []Grant // of fine-grained tokens, not answered yet; Granted is when it was asked
	Authorizations []Authorization
	Copilot        *Copilot // nil: the organisation has no Copilot
	Secrets        []Secret // of Actions
	AgentSecrets   []Secret
	Actions        Actions
	Runners        []Runner
	Rulesets       []Ruleset
	Audit          []AuditEvent
}

// Member is a person in an organisation.
type Member struct {
	Login string
	Owner bool
}

// Team of an organisation.
type Team struct {
	ID          int64
	Slug        string
	Name        string
	Parent      string // slug
	Members     []string
	Maintainers []string
	Repos       map[string]string // repository to "pull", "triage", "push", "maintain", "admin"
}

// Grant is what an organisation lets a fine-grained personal access token do.
type Grant struct {
	ID           int64
	TokenID      int64
	TokenName    string
	Owner        string
	Reason       string
	Repositories []string // names; nil: all; empty and not nil: none
	Organization map[string]string
	Repository   map[string]string
	Other        map[string]string
	Granted      time.Time
	Expires      time.Time
	LastUsed     time.Time
}

// Authorization is a credential that was authorised for single sign-on.
type Authorization struct {
	ID       int64
	Login    string
	Type     string // "personal access token", "SSH key", "OAuth app token", "GitHub app token"
	Token    string // the value; its last eight characters are shown. A token of the world dies for this organisation with it
	Scopes   []string
	Print    string // fingerprint of an SSH key
	Title    string
	Note     string
	Granted  time.Time
	Accessed time.Time
	Expires  time.Time
}

// Copilot is what an organisation bought and set.
type Copilot struct {
	Plan          string // "business", "enterprise"
	CLI           string // "enabled", "disabled", "unconfigured"
	IDEChat       string
	PlatformChat  string
	PublicCode    string // "allow", "block", "unconfigured"
	SeatSetting   string // "assign_all", "assign_selected", "disabled", "unconfigured"
	Seats         []Seat
	AgentEnabled  string   // of the cloud agent: "all", "selected", "none"
	AgentSelected []string // names of repositories
}

// Seat is a person's Copilot licence.
type Seat struct {
	Login             string
	Team              string // slug of the team that it comes from, or empty
	Created           time.Time
	LastActivity      time.Time
	LastEditor        string
	LastAuthenticated time.Time
	Pending           time.Time // the day on which it ends, zero if it does not
}

// Secret is the name of a stored secret. Its value is nowhere.
type Secret struct {
	Name       string
	Created    time.Time
	Updated    time.Time
	Visibility string   // of an organisation's: "all", "private", "selected"
	Selected   []string // names of repositories
}

// Actions are the settings of GitHub Actions of an organisation.
type Actions struct {
	Enabled   string // "all", "none", "selected"; empty: "all"
	Allowed   string // "all", "local_only", "selected"; empty: "all"
	SHAPinned bool
	Workflow  Workflow
	OIDC      []string // claim keys; nil: the default subject
	Immutable bool     // use_immutable_subject
}

// Workflow is what a job's token may do by default.
type Workflow struct {
	Write      bool
	CanApprove bool
}

// Runner is a self-hosted runner.
type Runner struct {
	ID        int64
	Name      string
	OS        string
	Offline   bool
	Busy      bool
	Labels    []string
	Ephemeral bool
	Version   string
}

// AuditEvent is a line of the audit log.
type AuditEvent struct {
	At     time.Time
	Action string
	Actor  string
	User   string
	Repo   string // full name
	Token  string // the value of the token that it was done with: hashed_token is made from it
	Access string // programmatic_access_type, as GitHub words it
	Fields map[string]any
}
