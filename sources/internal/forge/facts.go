package forge

import "nhitop/inventory"

// Access is how far a grant goes.
type Access uint8

// The accesses, in increasing order.
const (
	None Access = iota
	Read
	Write
	Admin
)

// Scope is what a grant is about, in one form for all hosts.
type Scope string

// The scopes. What a host does not tell apart, its source grants together: who may push at GitLab may change the pipeline
// too, so that Contents comes with Workflows there.
const (
	Contents     Scope = "contents"      // code: read, push
	PullRequests Scope = "pull-requests" // open, review and merge; a merge needs Contents too
	Workflows    Scope = "workflows"     // change pipeline definitions, together with Contents
	Runs         Scope = "runs"          // start pipelines without a push
	Deployments  Scope = "deployments"   // report deployments
	Packages     Scope = "packages"      // Write publishes
	SecretValues Scope = "secret-values" // Read: the host hands the values out
	SecretStore  Scope = "secret-store"  // Write: set and replace; the values stay closed
	Checks       Scope = "checks"        // Write: report results that a rule may wait for
	RepoAdmin    Scope = "repo-admin"    // settings, rules, deploy keys, collaborators
	OrgAdmin     Scope = "org-admin"     // settings and rules of the organisation
	Members      Scope = "members"       // Write: invite and remove people, change teams
)

// Grant is one right as the host words it.
type Grant struct {
	Scope   Scope
	Access  Access
	Words   string // as the host writes it: contents:write
	Certain bool   // false: possible by the credential's class; what it comes to here is not known
}

// Kind is what an actor is: hosts treat them differently.
type Kind string

// The kinds of actors.
const (
	App       Kind = "app"        // acts in its own name through the API and by push
	UserToken Kind = "user-token" // acts as the person
	Bot       Kind = "bot"        // account or token of a project, group or service
	DeployKey Kind = "deploy-key" // pushes and pulls, and has no API
	Job       Kind = "job"        // the token of a pipeline run
)

// PrincipalKind is how a list of a rule names somebody.
type PrincipalKind string

// The kinds of entries in bypass and push lists.
const (
	ByApp       PrincipalKind = "app"
	ByUser      PrincipalKind = "user"
	ByTeam      PrincipalKind = "team"
	ByRole      PrincipalKind = "role"
	ByDeployKey PrincipalKind = "deploy key" // ID "" means every deploy key
	ByOrgOwner  PrincipalKind = "organisation owner"
)

// Principal is an entry of such a list, and one of the ways in which a list may name an actor.
type Principal struct {
	Kind PrincipalKind
	ID   string // as the host compares it
	Name string // for people; "" shows the ID
}

// Actor is who acts.
type Actor struct {
	Kind Kind
	Name string // begins every path: token …5wsT, app claude, deploy key ci
	// As are the names under which lists may know the actor; AsUnknown the kinds of which it is not known whether the actor
	// is among them (the teams of a person that were not read).
	As        []Principal
	AsUnknown []PrincipalKind
	Grants    []Grant
	// Unknown says why the grants could not be read; "" means that Grants is all of them.
	Unknown string
	// RepoAdminRole says whether the account is an administrator of the repository, whom some rules leave out. An app never
	// is. Here and in CodeOwner "" is Unknown.
	RepoAdminRole inventory.Answer
	CodeOwner     inventory.Answer // is it an owner of code, so that its approval counts as one
	// AsksForRuns says whether a person must let its pipelines run (GitHub's cloud agent); "" is No.
	AsksForRuns inventory.Answer
}

// Mode is how far an entry of a bypass list goes.
type Mode string

// The modes. Exempt is like always and leaves no entry in the audit log.
const (
	Always   Mode = "always"
	PullOnly Mode = "pull_request"
	Exempt   Mode = "exempt"
)

// Bypass is an entry of a rule's bypass list.
type Bypass struct {
	Principal
	Mode Mode
}

// Level is where a rule is set, and so who may take it away.
type Level string

// The levels.
const (
	OfRepo       Level = "repository"
	OfOrg        Level = "organisation"
	OfEnterprise Level = "enterprise"
)

// List is who may do something. A nil List means everybody who may write.
type List []Principal

// Rule is one rule for a branch. Rules add up: a change must satisfy each of them. A host's own rule whose parts have
// different bypass lists is several rules here.
type Rule struct {
	Name     string           // ruleset 12 "main", protection of main
	Level    Level            // "" is OfRepo
	Enforced inventory.Answer // No: it only reports; "" is Yes

	PullRequest bool // a change must come as a pull request
	Push        List // who may push; nil: everybody who may write
	Merge       List // who may merge; nil: everybody who may write
	Locked      bool // nobody may change the branch
	Approvals   int  // approvals needed of others
	Approvers   List // whose approval counts; nil: of everybody who may write
	CodeOwners  bool // an owner of the files must approve
	LastPush    bool // the approver must not be who pushed last
	Dismiss     bool // a new push takes approvals back
	AuthorMay   bool // an author's own approval counts
	Checks      []string
	Files       []string // patterns of files that may not be changed by a push

	Bypass        []Bypass
	BypassUnknown string // why the bypass list could not be read; "" means that it is all of it
	AdminsFree    bool   // administrators of the repository are left out
}

// Branch is a branch that matters: the default one, and those that rules protect. The name "*" stands for rules that
// hold for every branch.
type Branch struct {
	Name    string
	Default bool
	Rules   []Rule
	Unknown string // why the rules could not be read; "" means that Rules is all of them
}

// Reach is from which branches an environment may be deployed to.
type Reach string

// The reaches.
const (
	AnyBranch       Reach = "any"
	ProtectedBranch Reach = "protected"
	NamedBranches   Reach = "named"
)

// Environment is a deployment environment.
type Environment struct {
	Name       string
	Production bool
	Reviewers  int              // people or teams of whom one must approve a deployment
	NoSelf     bool             // who started it may not approve it
	AdminsFree inventory.Answer // may administrators go past the reviewers; "" is Unknown
	Reach      Reach
	Branches   []string // patterns, for NamedBranches
	Deployers  List     // who may deploy; nil: everybody whose pipeline reaches it
	Other      string   // a further gate that is not a person: a wait timer, an app's own check
	Secrets    int      // secrets that only its jobs get
	Unknown    string   // why its protection could not be read
}

// Workflow is a pipeline definition that matters: one that deploys, publishes, or can be started.
type Workflow struct {
	Name         string
	Triggers     []string // push, pull_request, workflow_dispatch ... as the host spells them
	Branches     []string // patterns of the branches whose push starts it; empty: every branch
	Environments []string // that its jobs name
	Publishes    bool
	Deploys      bool // deploys, in no environment
}

// Repo is where.
type Repo struct {
	Name     string // acme/web
	Host     string // GitHub: how the host is called in paths
	Archived bool
	Public   bool
	Branches []Branch

	Pipelines        inventory.Answer // may pipelines run at all; "" is Unknown
	Workflows        []Workflow
	WorkflowsUnknown string
	Environments     []Environment
	EnvUnknown       string
	// RunsApprove says whether a pipeline's own token may open and approve pull requests (GitHub:
	// can_approve_pull_request_reviews). Here and below "" is Unknown.
	RunsApprove inventory.Answer
	// RunsOpen is the same for opening alone, where a host tells the two apart; "" is as RunsApprove says.
	RunsOpen    inventory.Answer
	OwnersCover inventory.Answer // has every file an owner of code; No: some have none
	AutoMerge   inventory.Answer
	// Secrets is the number of secrets that a pipeline of any branch gets; -1: not known.
	Secrets int
	// Guarded is the number of those that only pipelines of protected branches get; -1: not known.
	Guarded int
}
