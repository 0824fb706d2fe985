package inventory

import "time"

// Standing is how an assistant stands to its charter: what was declared for it against what is observed. Only what the
// facts prove is drift or excess; what is not known is in neither.
type Standing struct {
	Tier         int          `json:"tier,omitempty"` // 1 (critical) to 3; 0 unknown
	Owner        string       `json:"owner,omitempty"`
	Deputy       string       `json:"deputy,omitempty"`
	ReadOnly     bool         `json:"read_only,omitempty"` // it declares capabilities, and all of them only read
	Drift        []Capability `json:"drift"`               // observed, and not declared or not in this way
	Excess       []Capability `json:"excess"`              // granted, and known not to be used for a while
	Environments []string     `json:"environments"`        // reached, and not declared
	Repositories []string     `json:"repositories"`        // reached, and not declared
	Expires      time.Time    `json:"expires,omitzero"`    // the charter's end
	Expired      bool         `json:"expired,omitempty"`
	ReviewDue    time.Time    `json:"review_due,omitzero"` // zero: no cycle is declared, or no review is noted
	Overdue      bool         `json:"overdue,omitempty"`   // a review is due, or none was ever noted
	Conflict     string       `json:"conflict,omitempty"`  // two charters that fit it equally well; neither holds
}
