package risk

import (
	"slices"

	"nhitop/inventory"
)

// States of a rule.
const (
	RuleOn       = "on"
	RuleOff      = "off"
	RuleWeighted = "weighted" // on, with points added to its base or taken from it
)

// RuleState is one rule as it is in use: switched off or re-weighted by whom and why, and what it found.
type RuleState struct {
	ID       string              `json:"id"`
	Title    string              `json:"title"`
	Of       string              `json:"of"`
	Base     int                 `json:"base"`
	Yours    bool                `json:"yours"` // it stands in the configuration
	State    string              `json:"state"`
	Reason   string              `json:"reason,omitempty"` // why it is off or weighted
	Points   int                 `json:"points,omitempty"` // that the configuration adds to its base
	Findings int                 `json:"findings"`         // open or flagged
	Accepted int                 `json:"accepted"`
	Silent   string              `json:"silent,omitempty"` // why it could not tell, where it found nothing
	Why      string              `json:"why"`
	Fix      string              `json:"fix"`
	When     string              `json:"when,omitempty"`  // the condition of one of yours
	Place    string              `json:"place,omitempty"` // where one of yours stands
	Line     int                 `json:"line,omitempty"`
	Gathers  []string            `json:"gathers,omitempty"` // a combination: the rules that it gathers
	Modify   []string            `json:"modifiers"`
	Controls []inventory.Control `json:"controls"`
}

var nounWords = map[inventory.Noun]string{inventory.NounAssistant: "assistant", inventory.NounSecret: "secret", inventory.NounTool: "tool",
	inventory.NounOwner: "owner", NounSource: "source"}

// RuleStates says of every rule, the user's own last, how it is in use and what it found in a snapshot, which may be nil.
func RuleStates(s *inventory.Snapshot, p Policy) []RuleState {
	open, accepted := map[string]int{}, map[string]int{}
	silent := func(string) string { return "" }
	if s != nil {
		for i := range s.Records().Findings {
			switch f := &s.Records().Findings[i]; f.State {
			case stateAccepted:
				accepted[f.Rule]++
			case stateFixed:
			default:
				open[f.Rule]++
			}
		}
		silent = silence(s, p)
	}
	rules := p.rules()
	out := make([]RuleState, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		x := RuleState{ID: r.ID, Title: r.Title, Of: nounWords[r.Of], Base: r.Base, State: RuleOn, Findings: open[r.ID], Accepted: accepted[r.ID],
			Why: r.Why, Fix: r.Fix, Gathers: r.Parts, Modify: slices.Concat([]string{}, r.Mods, r.Reduce), Controls: slices.Concat([]inventory.Control{}, r.Controls)}
		if c := r.Custom; c != nil {
			x.Yours, x.Of, x.When, x.Place, x.Line = true, c.Of, c.Text, c.Place.Path, c.Place.Line
		}
		if n := p.Weights[r.ID]; n != 0 {
			x.State, x.Points, x.Reason = RuleWeighted, n, p.Because[r.ID]
		}
		if why, off := p.Off[r.ID]; off {
			x.State, x.Reason = RuleOff, why
		} else if x.Findings+x.Accepted == 0 && r.Custom == nil {
			x.Silent = silent(r.ID)
		}
		out = append(out, x)
	}
	return out
}
