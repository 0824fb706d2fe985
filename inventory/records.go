package inventory

import "time"

// Schema names the JSON interface that these types are the fields of. Adding a field is free; changing or dropping one
// needs a new schema name.
const Schema = "nhitop/v1"

// Class tells an assistant that acts (a non-human identity) from one that only returns text.
type Class string

// The classes.
const (
	ClassTextOnly Class = "text-only"
	ClassNHI      Class = "nhi"
	ClassUnknown  Class = "unknown"
)

// Autonomy is how far an assistant goes without a person, in increasing order.
type Autonomy string

// The grades of autonomy: from proposing text only to acting with nobody asked.
const (
	AutonomySuggest    Autonomy = "suggest"
	AutonomyAsk        Autonomy = "ask"
	AutonomyAutoEdit   Autonomy = "auto-edit"
	AutonomyAuto       Autonomy = "auto"
	AutonomyUnattended Autonomy = "unattended"
	AutonomyUnknown    Autonomy = "unknown"
)

// Sandbox is what confines the assistant's commands.
type Sandbox string

// The sandboxes. SandboxWorkspace confines writes to the work tree by means of the operating system.
const (
	SandboxNone      Sandbox = "none"
	SandboxWorkspace Sandbox = "workspace"
	SandboxContainer Sandbox = "container"
	SandboxVM        Sandbox = "vm"
	SandboxUnknown   Sandbox = "unknown"
)

// Answer is one cell of the capability matrix.
type Answer string

// The answers. "asks" means that a person must approve each time and cannot be by-passed.
const (
	No      Answer = "no"
	Asks    Answer = "asks"
	Yes     Answer = "yes"
	Unknown Answer = "unknown"
)

// Capability is the normal form of what an entitlement allows.
type Capability string

// The capabilities, in the order in which they are shown.
const (
	ReadSource     Capability = "read-source"
	WriteSource    Capability = "write-source"
	OpenPR         Capability = "open-pr"
	ApprovePR      Capability = "approve-pr"
	MergeProtected Capability = "merge-protected"
	BypassReview   Capability = "bypass-review"
	EditWorkflow   Capability = "edit-workflow"
	RunCI          Capability = "run-ci"
	DeployProd     Capability = "deploy-prod"
	PublishPackage Capability = "publish-package"
	ReadSecrets    Capability = "read-secrets"
	WriteSecrets   Capability = "write-secrets"
	MintIdentity   Capability = "mint-identity"
	AdminRepo      Capability = "admin-repo"
	AdminOrg       Capability = "admin-org"
	CloudRead      Capability = "cloud-read"
	CloudWrite     Capability = "cloud-write"
	CloudAdmin     Capability = "cloud-admin"
	ClusterRead    Capability = "cluster-read"
	ClusterWrite   Capability = "cluster-write"
	DataRead       Capability = "data-read"
	DataWrite      Capability = "data-write"
	TicketWrite    Capability = "ticket-write"
	ChatPost       Capability = "chat-post"
	ExecLocal      Capability = "exec-local"
	NetworkOut     Capability = "network-out"
)

// Capabilities lists every capability in the order in which they are shown.
func Capabilities() []Capability {
	return []Capability{ReadSource, WriteSource, OpenPR, ApprovePR, MergeProtected, BypassReview, EditWorkflow, RunCI,
		DeployProd, PublishPackage, ReadSecrets, WriteSecrets, MintIdentity, AdminRepo, AdminOrg, CloudRead, CloudWrite,
		CloudAdmin, ClusterRead, ClusterWrite, DataRead, DataWrite, TicketWrite, ChatPost, ExecLocal, NetworkOut}
}

// Evidence says where a fact was read, so that anybody can look it up.
type Evidence struct {
	Path       string    `json:"path"`              // absolute, "~/" for the scanned home; or a provider's URL
	Pointer    string    `json:"pointer,omitempty"` // JSON pointer (RFC 6901) over the parsed document
	Line       int       `json:"line,omitempty"`    // 1-based
	Source     string    `json:"source,omitempty"`
	ObservedAt time.Time `json:"observed_at,omitzero"`
	Note       string    `json:"note,omitempty"` // what it shows, in a few words
}

// Assistant is one AI code assistant as an identity: a product in the hands of one user, in one project, or in one CI job.
type Assistant struct {
	ID             ID                    `json:"id"`
	Kind           string                `json:"kind"` // catalogue id, or "custom"
	Name           string                `json:"name"`
	Vendor         string                `json:"vendor,omitempty"`
	Version        string                `json:"version,omitempty"`
	Scope          string                `json:"scope,omitempty"` // user, project, ci
	Class          Class                 `json:"class"`
	ClassReason    string                `json:"class_reason,omitempty"`
	Autonomy       Autonomy              `json:"autonomy"`
	AutonomyReason string                `json:"autonomy_reason,omitempty"`
	Headless       Autonomy              `json:"headless,omitempty"` // what it comes to when started without a terminal, if that differs
	HeadlessReason string                `json:"headless_reason,omitempty"`
	Sandbox        Sandbox               `json:"sandbox"`
	SandboxReason  string                `json:"sandbox_reason,omitempty"`
	Network        string                `json:"network,omitempty"` // open, allowlist, none; "" unknown
	Trust          string                `json:"trust,omitempty"`   // trusted, untrusted; "" unknown or not a notion of the product
	Account        string                `json:"account,omitempty"`
	Host           string                `json:"host,omitempty"`
	Path           string                `json:"path,omitempty"` // home or project root
	Environment    string                `json:"environment,omitempty"`
	Status         string                `json:"status,omitempty"`
	Guessed        bool                  `json:"guessed,omitempty"` // only a name speaks for it: of an app or a token
	Purpose        string                `json:"purpose,omitempty"`
	Owners         []ID                  `json:"owners"`                    // the one who answers first
	OwnersAsserted []ID                  `json:"owners_asserted,omitempty"` // those of Owners that only a person's word stands behind
	OwnerSigns     []OwnerSign           `json:"owner_signs,omitempty"`     // what speaks for each of Owners
	Ownership      *Ownership            `json:"ownership,omitempty"`       // who of Owners answers for it; nil where nobody is known
	Secrets        []ID                  `json:"secrets"`
	Tools          []ID                  `json:"tools"`
	Capabilities   map[Capability]Answer `json:"capabilities"`
	Charter        string                `json:"charter,omitempty"`
	Promised       map[Capability]Answer `json:"promised,omitempty"` // what its charter allows; empty without a charter
	Standing       *Standing             `json:"standing,omitempty"` // how it stands to its charter; nil where charters are not in use
	Sources        []string              `json:"sources"`
	FirstSeen      time.Time             `json:"first_seen,omitzero"`
	LastSeen       time.Time             `json:"last_seen,omitzero"`
	LastUsed       time.Time             `json:"last_used,omitzero"`
	Settings       []Setting             `json:"settings"`
	Job            *Job                  `json:"job,omitempty"` // only for scope "ci"
	Evidence       []Evidence            `json:"evidence"`
}

// Setting kinds. A rule asks for the kind; the name is the product's own.
const (
	SettingMode     = "mode"     // approval mode, auto-run switches
	SettingAllow    = "allow"    // runs without asking
	SettingAsk      = "ask"      // always asks
	SettingDeny     = "deny"     // never
	SettingSandbox  = "sandbox"  // isolation of commands
	SettingNetwork  = "network"  // way out: allow and deny lists
	SettingTrust    = "trust"    // is this project trusted
	SettingServers  = "servers"  // which tool servers may start
	SettingHook     = "hook"     // command that the assistant's own events start
	SettingHelper   = "helper"   // command that prints a credential or headers
	SettingManaged  = "managed"  // ceiling that an administrator sets
	SettingEndpoint = "endpoint" // where model requests and their key go
	SettingUpdate   = "update"   // self-update
	SettingLog      = "log"      // telemetry, transcripts
	SettingPlugin   = "plugin"   // extension, plugin, marketplace
	SettingRule     = "rule"     // instruction file or command rule
	SettingOther    = "other"
)

// Setting is one line of an assistant's configuration that says what it may do, as written, with what it comes to.
type Setting struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`            // as the product spells it, dotted: permissions.defaultMode
	Value     string `json:"value,omitempty"` // scalar or compact JSON, secrets taken out
	Scope     string `json:"scope,omitempty"` // user, project, local, managed, system, ci, default
	Effective bool   `json:"effective"`
	Why       string `json:"why,omitempty"` // why effective or not
	Path      string `json:"path,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
	Line      int    `json:"line,omitempty"`
}

// Job is what a CI definition says of the job in which an assistant runs.
type Job struct {
	System         string            `json:"system"` // github-actions, gitlab-ci
	Workflow       string            `json:"workflow"`
	Name           string            `json:"name"`
	Triggers       []string          `json:"triggers"`
	Outsiders      Answer            `json:"outsiders"`              // can somebody without write access start it with their text
	ActorFilter    string            `json:"actor_filter,omitempty"` // the check on who may start it, as written
	Permissions    map[string]string `json:"permissions"`            // scopes of the job token: contents -> write
	PermissionsSet string            `json:"permissions_set"`        // job, workflow, unset, write-all, read-all; default-read, default-write where the forge tells its default
	Secrets        []string          `json:"secrets"`                // names given to the job; "*" for inherit or toJSON
	OIDC           bool              `json:"oidc"`
	Environment    string            `json:"environment,omitempty"`
	Uses           []Uses            `json:"uses"`
	Runner         string            `json:"runner,omitempty"`
	SelfHosted     Answer            `json:"self_hosted"`
	Ephemeral      Answer            `json:"ephemeral,omitempty"` // is every machine that may run it thrown away after a job
	Subject        []string          `json:"subject,omitempty"`   // claims that its OIDC subject is made of; empty: not known
	PromptInputs   []string          `json:"prompt_inputs"`       // outsider-controlled expressions placed into the prompt
	PersistToken   bool              `json:"persist_token"`       // checkout leaves the job token in the work tree's git config
	Publishes      bool              `json:"publishes"`           // the job releases or deploys
	UsesCache      bool              `json:"uses_cache"`
}

// Uses is an action, image, template or package that a job runs.
type Uses struct {
	Ref    string `json:"ref"`
	Pinned bool   `json:"pinned"` // by commit or digest
	AI     bool   `json:"ai"`     // it is the assistant itself
	Line   int    `json:"line,omitempty"`
}

// Owner answers for assistants.
type Owner struct {
	ID           ID         `json:"id"`
	Kind         string     `json:"kind"` // person, team, service
	Name         string     `json:"name"`
	Email        string     `json:"email,omitempty"`
	Status       string     `json:"status"`                  // active, departed, unknown
	StatusReason string     `json:"status_reason,omitempty"` // what says so: "disabled (userAccountControl 514)"
	StatusSince  time.Time  `json:"status_since,omitzero"`   // since when, where that is told
	Manager      string     `json:"manager,omitempty"`
	Department   string     `json:"department,omitempty"`
	Same         []ID       `json:"same,omitempty"`    // other ids of this owner: a directory knows the address and the login as one person
	OnCall       []ID       `json:"on_call,omitempty"` // of a team: who is on call for it now
	Sources      []string   `json:"sources"`
	Evidence     []Evidence `json:"evidence"`
}

// Values of Owner.Status.
const (
	OwnerActive   = "active"
	OwnerDeparted = "departed"
	OwnerUnknown  = "unknown"
)

// Secret is a credential that an assistant holds or reaches. It never holds the value.
type Secret struct {
	ID          ID         `json:"id"`
	Kind        string     `json:"kind"`
	Issuer      string     `json:"issuer,omitempty"`
	Account     string     `json:"account,omitempty"`     // whom the token says it belongs to, told offline
	KeyID       string     `json:"key_id,omitempty"`      // the id that goes with it where it takes both: an AWS access key id; no secret
	Fingerprint string     `json:"fingerprint,omitempty"` // keyed; set by the Sink
	Hint        string     `json:"hint,omitempty"`        // set by the Sink
	Clues       []Clue     `json:"-"`                     // what tells it again where its value is not known; the Sink makes Aliases of it
	Aliases     []string   `json:"aliases,omitempty"`     // keyed; set by the Sink: by these, merge knows it again in what another source says
	Same        []Same     `json:"same,omitempty"`        // the records of other sources that were found to be this secret
	Assistants  []ID       `json:"assistants"`
	Owners      []ID       `json:"owners"`
	Locations   []Location `json:"locations"`
	Storage     string     `json:"storage"`
	Exposure    string     `json:"exposure"`
	Ambient     bool       `json:"ambient"`
	State       string     `json:"state"`
	Checksum    string     `json:"checksum,omitempty"` // ok, bad; "" where the shape has none
	Scopes      []string   `json:"scopes"`
	Broad       bool       `json:"broad,omitempty"` // a class of credential that cannot be narrowed
	LongLived   Answer     `json:"long_lived,omitempty"`
	Note        string     `json:"note,omitempty"`
	Created     time.Time  `json:"created,omitzero"`
	Expires     time.Time  `json:"expires,omitzero"`
	LastUsed    time.Time  `json:"last_used,omitzero"`
	Used        Answer     `json:"used,omitempty"` // no: its issuer says that it was never used; "" where nobody says
	Rotated     time.Time  `json:"rotated,omitzero"`
	Leaked      time.Time  `json:"leaked,omitzero"` // since when it is known to be exposed
	Sources     []string   `json:"sources"`
}

// Same is a record of another source that was found to be the same secret, and how sure that is.
type Same struct {
	ID         ID     `json:"id"` // its id in that source
	Source     string `json:"source,omitempty"`
	By         ClueBy `json:"by"`
	Confidence string `json:"confidence"` // certain: a hash of the whole value, or a key's fingerprint; high: its end, issuer and dates
}

// Values of Same.Confidence.
const (
	ConfidenceCertain = "certain"
	ConfidenceHigh    = "high"
)

// Values of Secret.Storage, Secret.Exposure, Secret.State and Location.Scope.
const (
	StoragePlaintext = "plaintext"
	StorageEnv       = "environment"
	StorageKeyring   = "keyring"
	StorageManager   = "secrets-manager"
	StorageCI        = "ci-secret"
	StorageProvider  = "provider"
	StorageEncrypted = "encrypted" // with a passphrase that is not beside it

	ExposureNone      = "none"
	ExposureLocal     = "local"
	ExposureCommitted = "committed"
	ExposureShared    = "shared"
	ExposureLeaked    = "leaked"

	StateLive     = "live"
	StateDisabled = "disabled"
	StateRevoked  = "revoked"
	StateExpired  = "expired"
	StateUnknown  = "unknown"

	ScopeUser     = "user"
	ScopeRepo     = "repo"
	ScopeCI       = "ci"
	ScopeProvider = "provider"
	ScopeVault    = "vault"
)

// Location is one place where a secret stands.
type Location struct {
	Path      string `json:"path"`
	Pointer   string `json:"pointer,omitempty"`
	Line      int    `json:"line,omitempty"`
	Scope     string `json:"scope"`
	Form      string `json:"form,omitempty"` // whole, header, url-userinfo, url-query, argument, base64, json, pem
	Mode      string `json:"mode,omitempty"` // permission bits, octal: 0644
	Committed Answer `json:"committed,omitempty"`
	Backup    bool   `json:"backup,omitempty"` // a backup file that an assistant left behind
	Note      string `json:"note,omitempty"`
}

// Entitlement is one thing that an assistant may do, through what, and what stands in the way.
type Entitlement struct {
	ID          ID         `json:"id"`
	Assistant   ID         `json:"assistant"` // "" where only the secret is known that gives it: merge gives it to all who hold that
	Via         string     `json:"via"`       // a secret's id, "ambient" or "delegated"
	Capability  Capability `json:"capability"`
	Level       string     `json:"level,omitempty"` // read, write, admin
	Resource    ID         `json:"resource,omitempty"`
	Environment string     `json:"environment,omitempty"`
	Origin      string     `json:"origin"`  // direct, inherited, role, group, tool
	Gate        string     `json:"gate"`    // open, asks, blocked
	Certain     bool       `json:"certain"` // false: possible by the credential's class, its real scope is not known here
	GrantedAt   time.Time  `json:"granted_at,omitzero"`
	GrantedBy   string     `json:"granted_by,omitempty"`
	Expires     time.Time  `json:"expires,omitzero"`
	LastUsed    time.Time  `json:"last_used,omitzero"`
	Path        []string   `json:"path"` // the proof, step by step, in words
	Evidence    []Evidence `json:"evidence"`
}

// Values of Entitlement.Gate, Entitlement.Origin and Entitlement.Via.
const (
	GateOpen    = "open"
	GateAsks    = "asks"
	GateBlocked = "blocked"

	OriginDirect    = "direct"
	OriginInherited = "inherited"
	OriginTool      = "tool"

	ViaAmbient   = "ambient"
	ViaDelegated = "delegated"
)

// Tool is a tool server (MCP) or a built-in tool of one assistant.
type Tool struct {
	ID            ID         `json:"id"`
	Assistant     ID         `json:"assistant"`
	Name          string     `json:"name"`
	Known         string     `json:"known,omitempty"` // catalogue id of the server
	Transport     string     `json:"transport"`       // stdio, http, sse, builtin
	Command       string     `json:"command,omitempty"`
	Args          []string   `json:"args"`
	URL           string     `json:"url,omitempty"`
	EnvNames      []string   `json:"env_names"`
	HeaderNames   []string   `json:"header_names"`
	Pinned        Answer     `json:"pinned"` // unknown where there is nothing to pin (a remote server)
	PinReason     string     `json:"pin_reason,omitempty"`
	AutoApproved  bool       `json:"auto_approved"`
	ApprovedTools []string   `json:"approved_tools"` // the ones that run without asking; "*" for all
	Enabled       bool       `json:"enabled"`
	EnabledReason string     `json:"enabled_reason,omitempty"`
	Approval      string     `json:"approval,omitempty"` // approved, rejected, pending
	Scope         string     `json:"scope,omitempty"`    // user, project, local, managed
	Secrets       []ID       `json:"secrets"`
	Evidence      []Evidence `json:"evidence"`
}

// Resource is something that an assistant acts on.
type Resource struct {
	ID          ID     `json:"id"`
	Kind        string `json:"kind"` // repository, cloud-account, cluster, database, registry, ticketing, chat, machine ...
	Name        string `json:"name"`
	Environment string `json:"environment,omitempty"`
	Sensitivity string `json:"sensitivity,omitempty"`
	// EnvironmentAssumed says that nobody declared the environment: a word of the name did.
	EnvironmentAssumed bool              `json:"environment_assumed,omitempty"`
	Guardrails         map[string]string `json:"guardrails"`
	Evidence           []Evidence        `json:"evidence"`
}

// Reference is a place where a secret could stand and only its name does: a variable, a keyring entry, a helper command.
type Reference struct {
	ID        ID     `json:"id"`
	Assistant ID     `json:"assistant,omitempty"`
	Kind      string `json:"kind"` // env, prompt, file, command, keyring, ci-secret, helper, placeholder
	Text      string `json:"text"`
	Path      string `json:"path,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
	Line      int    `json:"line,omitempty"`
}
