package review

import (
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"nhitop/inventory"
)

// What a reviewer decides about an assistant.
const (
	Keep      = "keep"      // needed as it is
	Reduce    = "reduce"    // what nobody uses goes
	Rotate    = "rotate"    // its secrets are replaced
	Transfer  = "transfer"  // somebody else answers for it
	Suspend   = "suspend"   // it is stopped, and can be started again
	Revoke    = "revoke"    // all that it holds is taken away
	Exception = "exception" // the risk is taken until a day
)

// Kinds lists the decisions in the order of their keys.
func Kinds() []string { return []string{Keep, Reduce, Rotate, Transfer, Suspend, Revoke, Exception} }

// Attestation is what keeping an assistant says; the day is the end of the decision.
const Attestation = "I confirm that these grants and credentials are needed for the stated purpose, are the least that works, and I answer for them until %s."

// Why something of a review is refused.
var (
	ErrKind     = errors.New("no such decision")
	ErrItem     = errors.New("that assistant is not in the review")
	ErrClosed   = errors.New("the review is closed")
	ErrNoReason = errors.New("a reason is needed")
	ErrUntil    = errors.New("an exception needs a day in the future on which it ends, at most a year from now")
	ErrOwner    = errors.New("say to whom it is transferred")
	ErrEmpty    = errors.New("no assistant is in that scope")
	ErrOpen     = errors.New("not everything is decided")
	ErrGone     = errors.New("no such review")
	ErrFolder   = errors.New("is there already; name a new folder")
	ErrOneByOne = errors.New("what is critical, urgent or unused is kept one by one, after a look at it")
)

// Scope says whose assistants are reviewed. Empty is everybody's.
type Scope struct {
	Owner string `json:"owner,omitempty"` // id, name or address of an owner
	Team  string `json:"team,omitempty"`  // a team, a department, or a manager: theirs and their people's
}

// Words says the scope.
func (s Scope) Words() string {
	switch {
	case s.Owner != "":
		return "assistants of " + s.Owner
	case s.Team != "":
		return "assistants of team " + s.Team
	}
	return "all assistants"
}

// Review is one campaign.
type Review struct {
	ID         string       `json:"id"`
	Scope      Scope        `json:"scope"`
	Opened     time.Time    `json:"opened_at"`
	By         string       `json:"opened_by"`
	Due        time.Time    `json:"due"`
	Closed     time.Time    `json:"closed_at,omitzero"`
	ClosedBy   string       `json:"closed_by,omitempty"`
	Facts      time.Time    `json:"facts_at"` // of the snapshot that it froze
	Sources    []SourceNote `json:"sources"`  // how completely the population is known
	Population Population   `json:"population"`
	Items      []Item       `json:"items"`
}

// NewID makes the id of a review.
func NewID() string { return "rev-" + strings.ToLower(rand.Text()[:10]) }

// SourceNote is how a source of the population was read.
type SourceNote struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason,omitempty"`
	Started    time.Time `json:"started_at,omitzero"`
	Assistants int       `json:"assistants"`
}

// Population reconciles what the sources found with what charters declare.
type Population struct {
	Known    int `json:"known"`    // assistants in the inventory
	InScope  int `json:"in_scope"` // of these, the items
	Matched  int `json:"matched"`  // items that a charter declares
	Orphans  int `json:"orphans"`  // items without an owner who is there
	NotRead  int `json:"not_read"` // sources that were not read to their end
	Promised int `json:"charters"` // charters that fit no assistant; 0 where none are in use
}

// Item is what was known of one assistant when the review was opened.
type Item struct {
	ID       inventory.ID       `json:"id"`
	Name     string             `json:"name"`
	Kind     string             `json:"kind"`
	Version  string             `json:"version,omitempty"`
	Where    string             `json:"where"`
	Class    inventory.Class    `json:"class"`
	Purpose  string             `json:"purpose,omitempty"`
	Tier     int                `json:"tier"`               // 1 (critical) to 3
	TierWhy  string             `json:"tier_why"`           // charter, or what makes it so
	Decision inventory.Decision `json:"decision,omitempty"` // the worst of its findings
	Autonomy inventory.Autonomy `json:"autonomy"`
	Sandbox  inventory.Sandbox  `json:"sandbox"`
	Network  string             `json:"network,omitempty"`
	Status   string             `json:"status,omitempty"`
	LastUsed time.Time          `json:"last_used,omitzero"`
	Owners   []Person           `json:"owners"`
	Deputy   string             `json:"deputy,omitempty"`
	Grants   []Grant            `json:"grants"`
	Secrets  []Secret           `json:"secrets"`
	Findings []Finding          `json:"findings"`
	Drift    []string           `json:"drift"`   // what its charter does not promise
	Changed  []string           `json:"changed"` // since the review before; "new" for one that was not in it
	Unused   int                `json:"unused"`  // grants that are known not to be used
	Last     *Decision          `json:"last_review,omitempty"`
	DueSince time.Time          `json:"due_since,omitzero"` // when its cycle ran out; zero: it has not, or it was never reviewed
}

// Person is an owner on that day.
type Person struct {
	ID      inventory.ID `json:"id"`
	Name    string       `json:"name"`
	Email   string       `json:"email,omitempty"`
	Status  string       `json:"status"`
	Manager string       `json:"manager,omitempty"`
	How     string       `json:"how,omitempty"` // how the ownership is known
}

// Grant is one entitlement on that day.
type Grant struct {
	ID          inventory.ID         `json:"id"`
	Capability  inventory.Capability `json:"capability"`
	Level       string               `json:"level,omitempty"`
	Resource    string               `json:"resource,omitempty"`
	Environment string               `json:"environment,omitempty"`
	Sensitivity string               `json:"sensitivity,omitempty"`
	Via         string               `json:"via,omitempty"`
	Origin      string               `json:"origin,omitempty"`
	Gate        string               `json:"gate"`
	Certain     bool                 `json:"certain"`
	GrantedAt   time.Time            `json:"granted_at,omitzero"`
	GrantedBy   string               `json:"granted_by,omitempty"`
	Expires     time.Time            `json:"expires,omitzero"`
	LastUsed    time.Time            `json:"last_used,omitzero"`
	Unused      bool                 `json:"unused"` // its last use is known, and long ago
}

// Secret is one credential on that day, without its value.
type Secret struct {
	ID          inventory.ID `json:"id"`
	Kind        string       `json:"kind"`
	Fingerprint string       `json:"fingerprint,omitempty"` // keyed
	Hint        string       `json:"hint,omitempty"`
	Storage     string       `json:"storage"`
	Exposure    string       `json:"exposure"`
	State       string       `json:"state"`
	Ambient     bool         `json:"ambient"`
	Holders     int          `json:"holders"` // assistants that have it
	Created     time.Time    `json:"created,omitzero"`
	Expires     time.Time    `json:"expires,omitzero"`
	Rotated     time.Time    `json:"rotated,omitzero"`
	LastUsed    time.Time    `json:"last_used,omitzero"`
}

// Finding is what was open on that day.
type Finding struct {
	ID       inventory.ID       `json:"id"`
	Rule     string             `json:"rule"`
	Title    string             `json:"title"`
	Decision inventory.Decision `json:"decision"`
	State    string             `json:"state"`
	Controls []string           `json:"controls"`
}

// Item finds an item; nil if the assistant is not in the review.
func (r *Review) Item(id inventory.ID) *Item {
	for i := range r.Items {
		if r.Items[i].ID == id {
			return &r.Items[i]
		}
	}
	return nil
}
