package inventory

// OwnerSign is one thing that speaks for somebody's answering for an assistant.
type OwnerSign struct {
	Owner  ID     `json:"owner"`
	Sign   string `json:"sign"`
	Source string `json:"source,omitempty"` // set by the Sink
	Path   string `json:"path,omitempty"`
	Line   int    `json:"line,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Signs, in the order in which they decide where the configuration names no other.
const (
	SignDecision   = "decision"   // an operator assigned it in nhitop
	SignCharter    = "charter"    // the configuration declares it
	SignStated     = "stated"     // a system of record says so: a file, a plugin
	SignTag        = "tag"        // a tag or label of the thing itself
	SignAccount    = "account"    // the account that is signed in
	SignCreator    = "creator"    // whom the provider names: who made, installed or holds it
	SignCodeowners = "codeowners" // CODEOWNERS, for the file that configures it
	SignGit        = "git"        // Git's identity, and who wrote the file that configures it
	SignOSUser     = "os-user"    // whose home it stands in
	SignOnCall     = "on-call"    // who is on call for the team that answers for it
)

// Signs lists all signs in the default order.
func Signs() []string {
	return []string{SignDecision, SignCharter, SignStated, SignTag, SignAccount, SignCreator, SignCodeowners, SignGit, SignOSUser, SignOnCall}
}

// Ownership is who answers for an assistant, as all signs together say.
type Ownership struct {
	Owner      ID       `json:"owner"`
	Confidence string   `json:"confidence"` // high, medium, low
	Why        string   `json:"why"`
	Signs      []string `json:"signs"`               // what speaks for Owner, what decides first
	Others     []Claim  `json:"others,omitempty"`    // who else is named, in the order in which they would be chosen
	Conflicts  []ID     `json:"conflicts,omitempty"` // those of Others whom a sign of the same weight, or nearly, names
	OnCall     []ID     `json:"on_call,omitempty"`   // whom to reach now
}

// Claim is somebody whom signs name.
type Claim struct {
	Owner ID       `json:"owner"`
	Signs []string `json:"signs"`
}
