package catalogue

import "time"

// Assistant is one known product.
type Assistant struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	Vendor   string   `toml:"vendor"`
	Surfaces []string `toml:"surfaces"` // cli ide desktop ci cloud
	Acts     bool     `toml:"acts"`     // can act by design: edits, runs commands, calls tools
	Facts    string   `toml:"facts"`    // where the facts come from
	Checked  string   `toml:"checked"`  // when, YYYY-MM-DD
	Resolver string   `toml:"resolver"` // function of sources/local/mode; "" where the rows below say it all

	Default Default `toml:"default"`
	Files   []File  `toml:"file"`
	CI      CI      `toml:"ci"`
	Apps    []App   `toml:"app"`

	EnvSecrets   []string `toml:"env_secrets"`  // environment variables that carry its credentials
	Instructions []string `toml:"instructions"` // files in a repository that steer it; they prove use, not permission
}

// Default is what holds when no file says otherwise.
type Default struct {
	Autonomy string `toml:"autonomy"` // inventory.Autonomy
	Sandbox  string `toml:"sandbox"`  // inventory.Sandbox
	Network  string `toml:"network"`  // open, allowlist, none
	Headless string `toml:"headless"` // autonomy when started without a terminal, if that differs
	Why      string `toml:"why"`
	// Capabilities are the built-in ones: exec-local = "asks", read-source = "yes" ...; "asks" follows the autonomy:
	// it becomes "yes" where the resolved mode no longer asks for that kind of action.
	Capabilities map[string]string `toml:"capabilities"`
}

// File is one place where a product keeps something.
type File struct {
	ID     string `toml:"id"`
	Scope  string `toml:"scope"`  // user, project, local (of one person in a project), managed, system
	Format string `toml:"format"` // doc.Format; "sqlite", "keyring", "binary" are never opened
	Role   string `toml:"role"`   // settings, servers, credentials, state, agents, hooks, plugin, instructions, transcript, backup

	// Paths hold for every system, Linux, MacOS and Windows for one. User paths start with "~/"; managed and system
	// paths are absolute; project paths are relative to the project. "*" matches within one path element. A Windows
	// %APPDATA% is written ~/AppData/Roaming, %LOCALAPPDATA% ~/AppData/Local, %ProgramData% C:/ProgramData.
	Paths   []string `toml:"paths"`
	Linux   []string `toml:"linux"`
	MacOS   []string `toml:"macos"`
	Windows []string `toml:"windows"`
	EnvDir  string   `toml:"env_dir"`  // a variable that moves the folder of a user file (CODEX_HOME)
	EnvBase string   `toml:"env_base"` // the folder that EnvDir replaces: ~/.codex

	Rank   int   `toml:"rank"`   // precedence, higher wins; 0: by scope (system 10, user 20, project 30, local 40, managed 90)
	Proves *bool `toml:"proves"` // its presence makes the assistant exist; default true except instructions and system
	// ProvesBy narrows that for a file that an editor has without any assistant: it proves the assistant only where one of
	// these pointers is there. A last element that ends in "*" matches every key that begins so: /chat.*
	ProvesBy []string `toml:"proves_by"`

	Schema  Schema `toml:"schema"`  // versions of the file's own format that these rows were made for
	Sealed  string `toml:"sealed"`  // encrypted: "derivable" (any process of the user can derive the key: judged as plain text) or "os" (keyring)
	Kind    string `toml:"kind"`    // secret kind of a sealed or whole-file credential
	Issuer  string `toml:"issuer"`  // of that
	Reason  string `toml:"reason"`  // why it is not opened
	Backups bool   `toml:"backups"` // NAME.orig, NAME.bak, NAME.backup* beside it are looked for too
	// As names another file of this assistant that looks the same inside: each list of rows below that this file leaves
	// out is taken from there when the catalogue is loaded.
	As string `toml:"as"`

	Accounts []Pick    `toml:"account"`
	Versions []Pick    `toml:"version"`
	Used     []Pick    `toml:"used"`     // last use: RFC 3339 or epoch in ms or s
	Projects []Pick    `toml:"projects"` // pointers whose "*" is a project path known to the product
	Servers  []Servers `toml:"servers"`
	Secrets  []Secret  `toml:"secret"`
	Settings []Setting `toml:"setting"`
	Ignore   []string  `toml:"ignore"` // pointers that are never secrets although they look so (hashes, ids)
}

// Schema says where a file writes the version of its format. A file of another one is read as far as it is understood,
// and the ledger says so.
type Schema struct {
	Pointer string   `toml:"pointer"`
	Known   []string `toml:"known"`
}

// Pick names a value. In pointers "*" stands for any one key or index.
type Pick struct {
	Pointer string `toml:"pointer"`
	Claim   string `toml:"claim"` // the value is a JWT: take the claim of this name, or MEMBER of an object claim: NAME/MEMBER
	What    string `toml:"what"`  // email, login, org, plan, id
}

// Servers says where tool servers stand.
type Servers struct {
	Pointer string `toml:"pointer"` // of the object or list that holds them: /mcpServers
	Shape   string `toml:"shape"`   // "" the common one in all its variants; "goose", "opencode", "openhands" ... where a product differs
	Scope   string `toml:"scope"`   // if it differs from the file's: "local" for servers of one project in a user file
	Default string `toml:"default"` // transport of an entry with a url and no type: http or sse
	Repo    bool   `toml:"repo"`    // comes from a repository and waits for an approval stored elsewhere
}

// Secret says where a secret stands.
type Secret struct {
	Pointer string `toml:"pointer"`
	Kind    string `toml:"kind"` // used where the value's own shape does not say; "": a secret only if its shape or its key's name says so
	Issuer  string `toml:"issuer"`
	Expires string `toml:"expires"` // pointer of the expiry, relative to the parent object: expiresAt
	Account string `toml:"account"` // pointer of the account, relative to the parent object or absolute
	Scopes  string `toml:"scopes"`  // pointer of the scopes, likewise
	Low     bool   `toml:"low"`     // of little worth: a public client's secret
}

// Setting says where a setting stands and what its values mean.
type Setting struct {
	Pointer string            `toml:"pointer"`
	Name    string            `toml:"name"`   // as the product spells it; default: the pointer, dotted
	Kind    string            `toml:"kind"`   // inventory.Setting kinds: mode allow ask deny sandbox network trust servers hook helper managed endpoint ...
	Means   string            `toml:"means"`  // what Values speak of: autonomy, sandbox, network, headless, trust
	Values  map[string]string `toml:"values"` // product's value -> normal form; "*" for any other; not listed or "": says nothing
	Safe    string            `toml:"safe"`   // the value that turns it back to asking, for revocation
	Ask     bool              `toml:"ask"`    // removing the entry turns it back to asking
	Default string            `toml:"default"`
	Why     string            `toml:"why"`
}

// CI says how the product is recognised in a pipeline.
type CI struct {
	Actions  []string  `toml:"actions"`  // owner/repo[/path] of actions that are the assistant
	Images   []string  `toml:"images"`   // container images that are the assistant
	Commands []string  `toml:"commands"` // RE2 over a shell line: the assistant's CLI is run
	Packages []string  `toml:"packages"` // npm or PyPI packages that install it
	Inputs   []CIInput `toml:"input"`
	Flags    []CIFlag  `toml:"flag"`
	Bots     []string  `toml:"bots"` // forge logins and app slugs
	Default  Default   `toml:"default"`
}

// App is how the product stands at a code host: an app that is installed there and acts by its own account.
type App struct {
	Slug    string  `toml:"slug"`    // of the app, or the login of its account; a name alone, without [bot]
	ID      int64   `toml:"id"`      // of the app, where it is known: a slug can be renamed
	Account int64   `toml:"account"` // of its bot account
	Host    string  `toml:"host"`    // github, gitlab, gitea; "" is github
	Default Default `toml:"default"` // how it works there; "" of a field: not known
}

// CIInput is an input of an action that says what the assistant gets or may do.
type CIInput struct {
	Name   string            `toml:"name"`
	Kind   string            `toml:"kind"` // credential, mode, allow, sandbox, actors, prompt, servers, settings, args
	Means  string            `toml:"means"`
	Values map[string]string `toml:"values"`
	Why    string            `toml:"why"`
}

// CIFlag is a command-line flag that says the same.
type CIFlag struct {
	Match string `toml:"match"` // RE2 over the command line
	Means string `toml:"means"` // autonomy, sandbox, network
	Value string `toml:"value"`
	Why   string `toml:"why"`
}

// Server is a known tool server.
type Server struct {
	ID        string   `toml:"id"`
	Name      string   `toml:"name"`
	Vendor    string   `toml:"vendor"`
	Packages  []string `toml:"packages"` // npm, PyPI, module, image or program names without version; HOST/OWNER/REPO for git
	Hosts     []string `toml:"hosts"`    // of its remote URL: HOST, HOST/PATH-PREFIX or *.DOMAIN
	Official  bool     `toml:"official"`
	Resource  string   `toml:"resource"` // inventory.Resource kind that it acts on
	Grants    []Grant  `toml:"grant"`
	Untrusted bool     `toml:"untrusted"` // brings text of strangers to the model: issues, mail, web pages, chat
	Private   bool     `toml:"private"`   // reads private data
	Egress    bool     `toml:"egress"`    // can post outside
}

// Grant is one capability that something gives.
type Grant struct {
	Capability string `toml:"capability"` // inventory.Capability
	Level      string `toml:"level"`      // read, write, admin
	When       string `toml:"when"`       // RE2 over "command args...": only if it matches
	Unless     string `toml:"unless"`     // RE2: not if it matches
	Certain    bool   `toml:"certain"`    // else: possible by class, the real scope is not known here
}

// CredentialFile is a place whose credentials an unsandboxed assistant inherits.
type CredentialFile struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	Paths    []string `toml:"paths"` // as in File
	Linux    []string `toml:"linux"`
	MacOS    []string `toml:"macos"`
	Windows  []string `toml:"windows"`
	Repo     []string `toml:"repo"`   // names and globs looked for in repositories: .env, .env.*, *.tfvars
	Format   string   `toml:"format"` // doc.Format or sqlite, keyring, binary
	Reader   string   `toml:"reader"` // named function of sources/local for what rows cannot say (aws, docker, kube, ssh ...)
	Kind     string   `toml:"kind"`
	Issuer   string   `toml:"issuer"`
	Reason   string   `toml:"reason"`
	EnvFile  string   `toml:"env_file"` // a variable that names the file instead
	Resource string   `toml:"resource"` // inventory.Resource kind that it opens
	Secrets  []Secret `toml:"secret"`
	Accounts []Pick   `toml:"account"`
}

// CredentialKind says what a kind of credential can reach at most, told by its class alone.
type CredentialKind struct {
	Kind     string  `toml:"kind"`
	Name     string  `toml:"name"` // for people: GitHub personal access token (classic)
	Issuer   string  `toml:"issuer"`
	Resource string  `toml:"resource"`
	Broad    bool    `toml:"broad"`
	Grants   []Grant `toml:"grant"`
	Revoke   string  `toml:"revoke"` // where a person ends it at the issuer: a sentence, with the address
	Lives    string  `toml:"lives"`  // one ends by itself at most so long after it was made, as time.ParseDuration reads it; "": not known, or never
}

// Lifetime is Lives as a duration; 0: not known, or it does not end by itself.
func (k *CredentialKind) Lifetime() time.Duration {
	d, _ := time.ParseDuration(k.Lives) // checked when the catalogue was read
	return d
}
