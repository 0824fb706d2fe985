package mode

import (
	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// Layer is one parsed file of an assistant, in the role the catalogue gives it.
type Layer struct {
	File  *catalogue.File
	Scope string // user, project, local, managed, system
	Path  string // as shown: ~/.claude/settings.json
	Doc   *doc.Doc
}

// Trust is what is known of the project's trust.
type Trust struct {
	State    string // trusted, untrusted; "" unknown or no such notion
	Evidence inventory.Evidence
	Assumed  bool
}

// Input is one assistant with everything that was read about it. The layers of a project assistant include those of the
// user and the machine that apply to it.
type Input struct {
	Entry   *catalogue.Assistant
	Scope   string // user or project
	Project string // the project's path as the product's own files spell it; "" for user scope
	Layers  []Layer
	Env     map[string]string // environment that bears on the mode; nil where it is not that of this machine
	// ProjectKey finds the member of an object whose key is this project's path, in spite of a home that was moved.
	ProjectKey func(object *doc.Node) *doc.Node
}

// Result is what it comes to.
type Result struct {
	Autonomy       inventory.Autonomy
	AutonomyReason string
	Headless       inventory.Autonomy // "" where it does not differ
	HeadlessReason string
	Sandbox        inventory.Sandbox
	SandboxReason  string
	Network        string // open, allowlist, none; "" unknown
	Trust          Trust
	Settings       []inventory.Setting // every setting that bears on it, effective or not, with why; secrets taken out
	Capabilities   map[inventory.Capability]inventory.Answer
	// Server decides about one tool server, which stands at pointer in the layer at index layer.
	Server func(layer int, name string, node *doc.Node, scope string) ServerState
}

// ServerState is whether a tool server may start, and which of its tools run without asking.
type ServerState struct {
	Enabled       bool
	Reason        string
	Approval      string // approved, rejected, pending; "" no such notion
	AutoApproved  bool
	ApprovedTools []string // "*" for all
}
