package revoke

import (
	"context"
	"slices"
	"time"

	"nhitop/inventory"
)

// Layer is what a step kills. One "revoke" kills one layer; what hangs on another survives it.
type Layer string

// The layers, and LayerCopy for one place where a credential stands: removing a copy does not end the credential.
const (
	LayerPrincipal  Layer = "principal"
	LayerGrant      Layer = "grant"
	LayerCredential Layer = "credential"
	LayerSession    Layer = "session"
	LayerSetting    Layer = "setting" // how the assistant behaves on this machine
	LayerCopy       Layer = "copy"
)

// Grade is how sure a proof is.
type Grade string

// The grades, best first.
const (
	Proven   Grade = "proven"   // the thing itself is refused or gone, and a control shows that the question was fair
	Attested Grade = "attested" // the provider's read-back says so
	Accepted Grade = "accepted" // only the request was accepted
	Unproven Grade = "unknown"
	// Alive says that what was to end was looked for until the step's horizon and still works. It is no proof but its
	// opposite, and never to be overlooked.
	Alive Grade = "alive"
)

// Grades lists the grades, best first.
func Grades() []Grade { return []Grade{Proven, Attested, Accepted, Unproven, Alive} }

// Reaches reports whether a grade is as good as the one that was promised. What is promised to be unknown is reached by
// everything but what is seen to live.
func (g Grade) Reaches(promised Grade) bool {
	got, want := slices.Index(Grades(), g), slices.Index(Grades(), promised)
	return got >= 0 && g != Alive && (want < 0 || got <= want)
}

// Actions that a step can be, spelled for the journal and the interface.
const (
	ActionRemoveSecret  = "remove-secret"  // take one copy of a secret out of a file
	ActionRemoveServer  = "remove-server"  // take a tool server out of a file
	ActionDisableServer = "disable-server" // switch a tool server off, keep its entry
	ActionSetMode       = "set-mode"       // turn an unattended mode back to asking
	ActionDeleteFile    = "delete-file"    // delete a credential file
	ActionManual        = "manual"         // something that a person must do, with the words for it

	ActionNarrow    = "narrow"    // leave a grant fewer repositories or rights; can be widened again
	ActionSuspend   = "suspend"   // block an account, an installation or an agent; can be lifted
	ActionDisable   = "disable"   // switch a credential off; can be switched on again
	ActionRevoke    = "revoke"    // end a credential, for good
	ActionUninstall = "uninstall" // end a grant or an installation, for good
	ActionEndSeat   = "end-seat"  // take a licence away
	ActionDelete    = "delete"    // delete an object of a provider: a key, a runner, a stored secret
)

// Step is one change. It is plain data: it can be written to the journal and read back by another process. It never
// holds a secret's value.
type Step struct {
	ID         string            `json:"id"` // unique in the plan
	Source     string            `json:"source"`
	Action     string            `json:"action"`
	Layer      Layer             `json:"layer"`
	Target     inventory.ID      `json:"target"`
	TargetName string            `json:"target_name"`
	Summary    string            `json:"summary"` // imperative, one line: take it out of ~/.claude.json
	Request    string            `json:"request"` // the exact change: a diff or a request, secrets masked
	Effect     string            `json:"effect"`
	Path       string            `json:"path,omitempty"`   // absolute: the file that the step changes, where Request is a diff of it
	Git        *InGit            `json:"git,omitempty"`    // where Git has the file of the step
	Auth       string            `json:"auth,omitempty"`   // how the request is authorised, in a command: see [Step.Command]
	Breaks     string            `json:"breaks,omitempty"` // who stops working
	Tells      string            `json:"tells,omitempty"`  // whom the provider writes to of its own accord because of it
	Held       bool              `json:"held,omitempty"`   // planned for the credential itself, in hand or where it stands: see [HeldFor]
	Reversible bool              `json:"reversible"`
	Residual   string            `json:"residual,omitempty"` // what survives this step
	Unended    string            `json:"unended,omitempty"`  // what survives it too, unless another step ends the credential of the same target
	Ends       []Ending          `json:"ends,omitempty"`     // which of them end by themselves, and when
	Ties       []Tie             `json:"ties,omitempty"`     // which of what survives is over with the end of something else
	Horizon    time.Duration     `json:"horizon,omitempty"`  // how long it may take until the proof can be had
	Promises   Grade             `json:"promises"`           // the grade that Verify can reach
	After      []string          `json:"after,omitempty"`    // steps that must be done first
	Behind     []string          `json:"behind,omitempty"`   // steps that must have ended first, well or not
	Params     map[string]string `json:"params"`             // what the source needs to apply, verify and undo it
	// Holds are the secrets that can no longer be read where they stand once the step is done, because it takes their place
	// away or moves it: it comes behind their ends, and is not done while one of them may be alive. A step on LayerCopy
	// holds its target without saying so.
	Holds []inventory.ID `json:"holds,omitempty"`
	// Own are the sources that read or act with what the step takes away: nhitop's own access. It comes last of all their steps.
	Own []string `json:"own,omitempty"`
	// With are other targets that the same request is about.
	With []inventory.ID `json:"with,omitempty"`
}

// takes lists the secrets of which the step takes a place away.
func (s Step) takes() []inventory.ID {
	if s.Layer != LayerCopy || slices.Contains(s.Holds, s.Target) {
		return s.Holds
	}
	return append([]inventory.ID{s.Target}, s.Holds...)
}

// Receipt is what a source says after applying a step: what it needs to undo it.
type Receipt struct {
	At     time.Time         `json:"at"`
	Detail string            `json:"detail"`
	Undo   map[string]string `json:"undo,omitempty"` // e.g. the name of the backup
	// Seen is what the source saw while it applied the step and Verify builds on: that it was accepted before, say.
	Seen map[string]string `json:"seen,omitempty"`
	// Already says that what the step asks for was so before it came.
	Already bool `json:"already,omitempty"`
}

// Proof is what was seen after a step.
type Proof struct {
	Grade  Grade     `json:"grade"`
	Detail string    `json:"detail"`
	At     time.Time `json:"at"`
}

// Target is what to take away. Action narrows it to one kind of step; empty means what fits the record: for a secret every
// copy, for a tool server removing it, for an assistant turning its mode back to asking, and for an assistant with
// ActionAll everything that it holds here, what can be taken back first.
type Target struct {
	ID     inventory.ID
	Action string
}

// ActionAll, as a Target's action, asks for all that an assistant holds.
const ActionAll = "all"

// Revoker is a source that can take away. Its methods may be called from several goroutines, for different steps.
type Revoker interface {
	// Plan returns the steps that would take the target away. It only reads. A target that the source knows nothing of
	// gives no steps and no error.
	Plan(ctx context.Context, target Target, s *inventory.Snapshot) ([]Step, error)
	// Apply does one step. It refuses, with ErrChanged, when what it would change is no longer what was planned.
	Apply(ctx context.Context, s Step) (Receipt, error)
	// Verify says what can be seen of the step's effect now. It only reads.
	Verify(ctx context.Context, s Step, r Receipt) (Proof, error)
}

// Authorizer is a Revoker whose requests are not authorised as "Authorization: Bearer". Authorization gives what
// [Step.Auth] may be.
type Authorizer interface{ Authorization() string }

// Paralleler is a Revoker that can do several steps at once. Without it a source does one after the other.
type Paralleler interface{ Parallel() int }

// Undoer is a Revoker that can take a step back.
type Undoer interface {
	Undo(ctx context.Context, s Step, r Receipt) (Receipt, error)
}
