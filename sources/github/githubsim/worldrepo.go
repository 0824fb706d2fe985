package githubsim

import "time"

// Repo is a repository.
type Repo struct {
	ID            int64
	Name          string
	Description   string
	Visibility    string // "public", "private", "internal"; empty: "private"
	DefaultBranch string // empty: "main"
	Language      string
	Topics        []string
	Archived      bool
	Fork          bool
	Created       time.Time
	Pushed        time.Time

	// Files of the default branch: path to text.
	Files    map[string]string
	Disabled []string // workflow files that are not run
	Branches []Branch // besides the default one, which may be named here for its protection

	Collaborators map[string]string // login to "read", "triage", "write", "maintain", "admin"
	Keys          []DeployKey
	Secrets       []Secret
	AgentSecrets  []Secret
	Environments  []Environment
	Rulesets      []Ruleset
	Runners       []Runner
	Alerts        []Alert
	Workflow      *Workflow // nil: as the organisation
	OIDC          *OIDC     // nil: the default
	Agent         *Agent    // configuration of Copilot's cloud agent; nil: as GitHub sets it
}

// Branch is a branch and its protection (nil: none).
type Branch struct {
	Name       string
	Protection *Protection
}

// Protection is a classic branch protection rule. Pattern is only told by GraphQL; empty: the branch's name.
type Protection struct {
	Pattern            string
	Reviews            *Reviews
	Checks             []string // contexts that must succeed; nil: none
	Strict             bool
	Admins             bool // enforced for administrators
	Restrict           *Actors
	LinearHistory      bool
	ForcePushes        bool
	Deletions          bool
	Signatures         bool
	Conversations      bool
	Locked             bool
	BlockCreations     bool
	ForcePushersBypass *Actors // GraphQL only
}

// Reviews that a protection asks for.
type Reviews struct {
	Count        int
	CodeOwners   bool
	DismissStale bool
	LastPush     bool
	Bypass       *Actors
	Dismissers   *Actors
}

// Actors are people, teams and apps by login and slug.
type Actors struct {
	Users []string
	Teams []string
	Apps  []string
}

// Ruleset of a repository or an organisation.
type Ruleset struct {
	ID          int64
	Name        string
	Target      string   // "branch" if empty
	Enforcement string   // "active" if empty; "disabled", "evaluate"
	Include     []string // ref patterns; nil: "~DEFAULT_BRANCH"
	Exclude     []string
	Repos       []string // of an organisation's: name patterns; nil: "~ALL"
	Bypass      []Bypass
	Rules       []Rule
	Created     time.Time
	Updated     time.Time
}

// Bypass is one entry of a bypass list. ID is the id of the app, team, user or role; 0 where the type needs none.
type Bypass struct {
	Type string // "Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey", "User"
	ID   int64
	Mode string // "always" if empty; "pull_request", "exempt"
}

// Rule of a ruleset: its type and parameters as the REST API spells them.
type Rule struct {
	Type       string
	Parameters map[string]any
}

// DeployKey of a repository.
type DeployKey struct {
	ID       int64
	Title    string
	Key      string // "ssh-ed25519 AAAA..."
	ReadOnly bool
	AddedBy  string
	Created  time.Time
	LastUsed time.Time
	Disabled bool
}

// Environment that jobs deploy to.
type Environment struct {
	ID                int64
	Name              string
	Created           time.Time
	Wait              int // minutes
	Users             []string
	Teams             []string
	PreventSelfReview bool
	ProtectedBranches bool     // only protected branches deploy
	Branches          []string // only branches of these patterns deploy
	Secrets           []Secret
}

// Alert of secret scanning.
type Alert struct {
	Number     int
	Type       string // "github_personal_access_token"
	Display    string
	Provider   string
	Secret     string // shown unless hide_secret is asked for, as GitHub does
	Resolution string // empty: open
	Validity   string // "active", "inactive", "unknown" if empty
	Public     bool   // publicly_leaked
	Multi      bool   // multi_repo
	Path       string
	Line       int
	Bypassed   string // login of who pushed it past the protection
	Assignee   string
	Created    time.Time
	Resolved   time.Time
}

// OIDC is the subject of a repository's job tokens.
type OIDC struct {
	Default   bool
	Claims    []string
	Immutable bool
}

// Agent configures Copilot's cloud agent in a repository.
type Agent struct {
	MCP                map[string]any
	Firewall           bool
	RecommendedList    bool
	Allowlist          []string
	WorkflowApproval   bool // a person must approve its workflow runs
	Automations        bool
	AutomationsByWrite bool // only who may write triggers them
}
