package gitlabsim

import "time"

// World is what a simulated GitLab holds at its start. Things are named by their path or username; ids are given in the
// order of the lists. A name that is not there is an error of the test, and [New] panics.
type World struct {
	Version string // as /metadata says it; "" : 19.1.0-ee
	Plan    Plan   // what the licence allows; default Ultimate
	SaaS    bool   // gitlab.com: groups manage the credentials of their users, nobody is administrator

	Users        []User
	Groups       []Group
	Projects     []Project
	Tokens       []Token
	DeployTokens []DeployToken
	DeployKeys   []DeployKey
	SSHKeys      []SSHKey
	Triggers     []Trigger
	Runners      []Runner
	Applications []Application
	Agents       []Agent

	RateLimit int // requests a minute for each user; 0: none
	// OldSelf makes /personal_access_tokens/self ask for a scope, as GitLab did before 15.4.
	OldSelf bool
	// NoAdminToken leaves /admin/token out: GitLab before 17.5.
	NoAdminToken bool
}

// Plan is a tier of GitLab.
type Plan int

// The tiers. The zero value of a [World] is the highest, so that a world says it only where it lacks something.
const (
	Ultimate Plan = iota
	Premium
	Free
)

// Access is a role on a group or project.
type Access int

// The roles, with GitLab's numbers.
const (
	NoAccess   Access = 0
	Guest      Access = 10
	Planner    Access = 15
	Reporter   Access = 20
	Developer  Access = 30
	Maintainer Access = 40
	Owner      Access = 50
	AdminOnly  Access = 60
)

// User is a person, a bot or a service account.
type User struct {
	Username     string
	Name         string
	Email        string
	State        string // "" : active; blocked, deactivated, banned, ldap_blocked
	Admin        bool
	Service      string // a service account: "instance", "group:PATH" or "project:PATH"
	Created      time.Time
	LastActivity time.Time
}

// Group is a group or, with a slash in its path, a subgroup; the groups above it come before it in the list.
type Group struct {
	Path         string
	Members      map[string]Access
	Branches     []Branch
	Environments []ProtectedEnvironment
	Variables    []Variable
	DuoOff       bool // Duo is switched off for the group and what is below it
}

// Project is a project with its repository's files.
type Project struct {
	Path          string
	Visibility    string // "" : private
	DefaultBranch string // "" : main
	Archived      bool
	Empty         bool // no repository yet
	Created       time.Time
	Members       map[string]Access
	Files         map[string]string // of the default branch
	CIConfigPath  string
	Branches      []Branch // protected
	Environments  []Environment
	Protected     []ProtectedEnvironment
	Rules         []ApprovalRule
	Approvals     Approvals
	Variables     []Variable
	SharedWith    map[string]Access // groups that are invited, with the most that their members get
	PipelineMust  bool              // only_allow_merge_if_pipeline_succeeds
	JobTokenPush  bool              // a job's token may push
	NoFlows       bool              // duo_remote_flows_enabled is false
}

// Branch is a protected branch or a pattern of such.
type Branch struct {
	Name       string
	Push       []Allowed
	Merge      []Allowed
	ForcePush  bool
	CodeOwners bool
}

// Allowed is who may do something to a protected branch or environment: a role, or one user, group or deploy key.
type Allowed struct {
	Level     Access // 0 with nothing else: nobody
	User      string
	Group     string
	DeployKey string
}

// Environment is an environment of a project.
type Environment struct {
	Name string
	Tier string // production, staging, testing, development, other
}

// ProtectedEnvironment says who may deploy, and who must agree.
type ProtectedEnvironment struct {
	Name      string
	Deploy    []Allowed
	Approvals []Allowed // each must agree once
}

// ApprovalRule is a rule for merge requests.
type ApprovalRule struct {
	Name      string
	Required  int
	Users     []string
	Branches  []string // names of protected branches; none: all branches
	Protected bool     // holds for all protected branches
	AnyOne    bool     // anybody with the role may approve
}

// Variable is a CI/CD variable. The API sends its value to every Maintainer, unless it is hidden.
type Variable struct {
	Key         string
	Value       string
	Protected   bool // only for jobs of protected branches
	Masked      bool
	Hidden      bool
	Environment string // "" : all
}

// Application is an OAuth application of the instance.
type Application struct {
	Name         string
	Callback     string
	Confidential bool
	Scopes       []string
}

// Agent connects a cluster to a project.
type Agent struct {
	Name      string
	Project   string
	CreatedBy string
	Created   time.Time
	Tokens    []AgentToken
}

// AgentToken is what the agent in the cluster signs in with.
type AgentToken struct {
	Name     string
	Created  time.Time
	LastUsed time.Time
}

// Approvals are a project's settings for approvals.
type Approvals struct {
	AuthorMay     bool // may approve the own merge request
	CommittersMay bool
	ResetOnPush   bool
	OverrideMay   bool // rules may be changed in the merge request
}

// Token is a personal, project or group access token, or one of a service account.
type Token struct {
	Name          string // tests name it by this; unique
	Title         string // what GitLab shows as its name; "" : Name
	Description   string
	User          string // whose: a username; "" with On
	On            string // "group:PATH" or "project:PATH": GitLab makes a bot for it
	Level         Access // of the bot; with On
	Scopes        []string
	Impersonation bool // made by an administrator
	Created       time.Time
	Expires       time.Time // 0: none
	LastUsed      time.Time
	Revoked       bool
	CreatedBy     string // with On: who made it, as the list of members shows
	Value         string // "" : one is made up
}

// DeployToken is a deploy token.
type DeployToken struct {
	Name     string
	Username string // "" : gitlab+deploy-token-ID
	On       string // "group:PATH" or "project:PATH"
	Scopes   []string
	Expires  time.Time
	Revoked  bool
}

// DeployKey is an SSH key that opens projects.
type DeployKey struct {
	Title    string
	Key      string // authorized_keys form; "" : one is made up
	Projects []string
	CanPush  []string // those of Projects that it may push to
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time
}

// SSHKey is a user's key.
type SSHKey struct {
	Title    string
	User     string
	Key      string
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time
}

// Trigger is a pipeline trigger token.
type Trigger struct {
	Description string
	Project     string
	Owner       string
	Created     time.Time
	LastUsed    time.Time
}

// Runner is a runner of the instance, a group or projects.
type Runner struct {
	Description string
	On          string // "instance", "group:PATH" or "project:PATH"
	Tags        []string
	Untagged    bool // takes jobs without tags
	Protected   bool // takes jobs of protected branches only
	Locked      bool
	Paused      bool
	CreatedBy   string
	Created     time.Time
	Contacted   time.Time
}
