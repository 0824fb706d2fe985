package inventory

import "time"

// Metric is one number about the whole, with what it means and what of it nobody can tell.
type Metric struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Meaning string  `json:"meaning"` // one line
	Unit    string  `json:"unit"`    // what is counted: assistants, secrets ...; or days, places
	Value   float64 `json:"value"`
	Share   bool    `json:"share"`             // Value is a part of Of
	Of      int     `json:"of"`                // how many were looked at
	Unknown int     `json:"unknown"`           // of these cannot be told; they are not in Value
	Better  string  `json:"better"`            // more, less
	Target  string  `json:"target,omitempty"`  // where to start from, in words
	Details string  `json:"details,omitempty"` // what the number is made of
}

// TimeToRevoke is how long exposed secrets lived on from when they were known to be, over those that ended lately and those
// that are still there, which are counted up to now. All spans are seconds.
type TimeToRevoke struct {
	Mean       float64 `json:"mean_seconds"`
	Median     float64 `json:"median_seconds"`
	P90        float64 `json:"p90_seconds"`
	AtLeast    Bounds  `json:"at_least"` // which of the three are lower bounds, for open ones are among them
	Ended      int     `json:"ended"`
	Dead       int     `json:"dead"`      // of Ended: proven at the credential itself, or attested by its issuer
	TakenOut   int     `json:"taken_out"` // of Ended: no place that is read holds it any more; whether it still works is not known
	Open       int     `json:"open"`
	OldestOpen float64 `json:"oldest_open_seconds"`
	Reference  float64 `json:"reference_seconds"` // the mean that the field publishes
	Window     float64 `json:"window_seconds"`    // how long ago the ended ones may have ended
	Meaning    string  `json:"meaning"`
	// Responses are how long the runs took that ended proven within the window; nil: there was none.
	Responses *Responses `json:"responses,omitempty"`
}

// Responses are how long proven runs took until their last proof. Not every run has every start.
type Responses struct {
	Runs     int    `json:"runs"`
	Hand     Spread `json:"from_hand,omitzero"`       // since the credential came into somebody's hand
	Detected Spread `json:"from_detection,omitzero"`  // since it was known to be leaked or urgent
	Seen     Spread `json:"from_first_seen,omitzero"` // since a collection first saw it
}

// Spread is over the runs that have such a start. All spans are seconds.
type Spread struct {
	Runs   int     `json:"runs"`
	Median float64 `json:"median_seconds"`
	P90    float64 `json:"p90_seconds"`
}

// Bounds says of which numbers only a lower bound is known.
type Bounds struct {
	Mean   bool `json:"mean"`
	Median bool `json:"median"`
	P90    bool `json:"p90"`
}

// TrendPoint is how the metrics stood at one stored collection: shares as fractions from 0 to 1, everything else as it is,
// times to revoke in seconds. What could not be told then is absent.
type TrendPoint struct {
	Collection int64              `json:"collection,omitempty"` // its number; absent for the one that is not stored yet
	At         time.Time          `json:"at"`
	Values     map[string]float64 `json:"values"`
}

// Exposure is a secret that had to be revoked: from when that was known until it ended.
type Exposure struct {
	ID     int64 // given by the store; 0: not stored yet
	Secret ID
	Since  time.Time
	Until  time.Time // zero: it is still there
	How    string    // how it ended; "" while it is there
	Leaked bool      // it was seen outside its home; else a finding said ACT NOW
}

// How an exposure ends.
const (
	ExposureDead     = "dead"      // proven or attested that the credential is not accepted any more
	ExposureTakenOut = "taken-out" // no place that is read holds it any more
	ExposureLapsed   = "lapsed"    // what made it urgent is gone, and it was never out: it does not count
)

// RuleNote is what the configuration says of a rule.
type RuleNote struct {
	Rule   string `json:"rule"`
	Points int    `json:"points,omitempty"` // added to its base
	Reason string `json:"reason,omitempty"`
}

// Gauge is the part of a posture that does not follow from the records alone: measured with the policy and the history.
type Gauge struct {
	Metrics       []Metric      `json:"metrics"`
	TimeToRevoke  *TimeToRevoke `json:"time_to_revoke,omitempty"` // nil: it was not measured
	Trend         []TrendPoint  `json:"trend"`                    // oldest first, the last is this one
	RulesOff      []RuleNote    `json:"rules_off"`
	RulesWeighted []RuleNote    `json:"rules_weighted"`
	RulesYours    []string      `json:"rules_yours"`
}

// Measured returns a snapshot of the same records whose posture has this gauge.
func (s *Snapshot) Measured(g Gauge) *Snapshot {
	some(&g.Metrics)
	some(&g.Trend)
	some(&g.RulesOff)
	some(&g.RulesWeighted)
	some(&g.RulesYours)
	next := *s
	next.posture.Gauge = g
	return &next
}

// Metric returns the metric of that id, or nil.
func (g *Gauge) Metric(id string) *Metric {
	for i := range g.Metrics {
		if g.Metrics[i].ID == id {
			return &g.Metrics[i]
		}
	}
	return nil
}
