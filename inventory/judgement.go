package inventory

import "time"

// Decision is what to do about a finding, and by when.
type Decision string

// The decisions, worst first.
const (
	ActNow Decision = "act-now"
	Attend Decision = "attend"
	Track  Decision = "track"
)

// Rank orders decisions: 0 is the worst. An unknown decision ranks after all known ones.
func (d Decision) Rank() int {
	switch d {
	case ActNow:
		return 0
	case Attend:
		return 1
	case Track:
		return 2
	}
	return 3
}

// ScorePart is one summand of a finding's score, with the fact behind it.
type ScorePart struct {
	Code   string `json:"code"` // base, or a modifier's code
	Points int    `json:"points"`
	Reason string `json:"reason"`
}

// Control is a requirement of a published framework that a finding bears on.
type Control struct {
	Framework string `json:"framework"`
	ID        string `json:"id"`
	Alias     string `json:"alias,omitempty"`
}

// Finding is a rule that holds for one subject.
type Finding struct {
	ID          ID          `json:"id"`
	Rule        string      `json:"rule"`
	Yours       bool        `json:"yours,omitempty"` // of a rule of the user's own
	Title       string      `json:"title"`
	Subject     ID          `json:"subject"`
	Assistants  []ID        `json:"assistants"` // the assistants it concerns, the subject's own included
	Score       int         `json:"score"`
	ScoreParts  []ScorePart `json:"score_parts"`
	Decision    Decision    `json:"decision"`
	DecisionWhy string      `json:"decision_why"`
	Due         time.Time   `json:"due,omitzero"`
	State       string      `json:"state"`            // open, flagged, accepted, fixed
	Detail      string      `json:"detail,omitempty"` // the fact that made it hold, in this case
	Why         string      `json:"why"`
	Fix         string      `json:"fix"`
	Evidence    []Evidence  `json:"evidence"`
	Controls    []Control   `json:"controls"`
	FirstSeen   time.Time   `json:"first_seen,omitzero"`

	AcceptedUntil time.Time `json:"accepted_until,omitzero"`
	AcceptedBy    string    `json:"accepted_by,omitempty"`
	Note          string    `json:"note,omitempty"` // what people say to it: a remark, or why it is flagged or accepted
}

// Issue is the one change that closes several findings.
type Issue struct {
	ID       ID       `json:"id"`
	Title    string   `json:"title"`
	Change   string   `json:"change"`
	Subject  ID       `json:"subject,omitempty"` // what to change
	Closes   []ID     `json:"closes"`
	Decision Decision `json:"decision"`
	Why      string   `json:"why,omitempty"`
}
