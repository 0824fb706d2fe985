package change

import (
	"time"

	"nhitop/inventory"
)

// The kinds of change.
const (
	New      = "new"
	Gone     = "gone"
	Grown    = "grown"
	Shrunk   = "shrunk"
	Fixed    = "fixed"    // a finding that no longer holds
	Reopened = "reopened" // a finding that was fixed before and holds again
)

// Kinds lists them in the order in which they are shown.
func Kinds() []string { return []string{New, Reopened, Grown, Shrunk, Fixed, Gone} }

// Change is one difference of one record.
type Change struct {
	At   time.Time    `json:"at"` // of the collection that saw it last
	Kind string       `json:"kind"`
	Noun string       `json:"noun"` // assistant, secret, tool, owner, resource, finding
	Name string       `json:"name"`
	ID   inventory.ID `json:"id"`
	What string       `json:"what,omitempty"` // in words: what it has more or less of
	By   string       `json:"by,omitempty"`   // "" unknown
}
