package risk

import (
	"cmp"
	"fmt"
	"slices"

	"nhitop/inventory"
)

// States of a control. "met" says no more than that every rule that bears on it was asked of facts that could answer,
// and none holds.
const (
	ControlMet     = "met"
	ControlBroken  = "broken"
	ControlUnknown = "unknown"
)

// Alias is a label that the mission uses for controls, and how sure it is that these are meant (facts of 2026-11-22).
type Alias struct {
	Label      string   `json:"label"`
	Primary    string   `json:"primary"`
	Controls   []string `json:"controls"`
	Confidence string   `json:"confidence"`
}

// Aliases returns the mission's labels. The caller may change the slice.
func Aliases() []Alias { return slices.Clone(shipped().aliases) }

// ControlState is how one control of a published framework stands in a snapshot.
type ControlState struct {
	Framework string         `json:"framework"` // with its version
	Version   string         `json:"version,omitempty"`
	ID        string         `json:"id"`
	Title     string         `json:"title"`
	URL       string         `json:"url"`
	Alias     string         `json:"alias,omitempty"`
	State     string         `json:"state"`    // met, broken, unknown
	Findings  []inventory.ID `json:"findings"` // those that break it, worst first
	Subjects  []inventory.ID `json:"subjects"` // whom they are about, in the order of the findings
	Rules     []string       `json:"rules"`    // those that bear on it
	Why       string         `json:"why"`
}

// ByControl says of every control of the table how it stands: broken (and by what), met, or unknown: no rule bears on
// it, a rule is switched off, the facts that a rule needs were not seen, or a source was not read to its end. A finding
// that was accepted breaks a control all the same; one that is fixed does not.
//
// The result is in the order of the table, the same for the same snapshot and policy.
func ByControl(s *inventory.Snapshot, p Policy) []ControlState {
	reg, rules := shipped(), p.rules()
	bearing, builtIn := map[string][]string{}, map[string]int{}
	for i := range rules {
		for _, c := range rules[i].Controls {
			bearing[c.ID] = append(bearing[c.ID], rules[i].ID)
			if rules[i].Custom == nil {
				builtIn[c.ID]++
			}
		}
	}
	broken := map[string][]*inventory.Finding{}
	findings := s.Records().Findings
	for i := range findings {
		f := &findings[i]
		if f.State == stateFixed {
			continue
		}
		for _, c := range f.Controls {
			broken[c.ID] = append(broken[c.ID], f)
		}
	}
	silent := silence(s, p)
	out := make([]ControlState, 0, len(reg.frameworks))
	for _, f := range reg.frameworks {
		c := ControlState{Framework: f.Framework, Version: reg.versions[f.Framework], ID: f.ID, Title: f.Title, URL: f.URL, Alias: f.Alias,
			Findings: []inventory.ID{}, Subjects: []inventory.ID{}, Rules: bearing[f.ID]}
		if c.Rules == nil {
			c.Rules = []string{}
		}
		c.judge(broken[f.ID], silent)
		if c.State == ControlMet && builtIn[f.ID] == 0 {
			c.State, c.Why = ControlUnknown, "only rules of yours bear on it: which facts they need is not known"
		}
		out = append(out, c)
	}
	return out
}

func (c *ControlState) judge(fs []*inventory.Finding, silent func(rule string) string) {
	accepted := 0
	rules := map[string]bool{}
	seen := map[inventory.ID]bool{}
	for _, f := range fs {
		c.Findings = append(c.Findings, f.ID)
		rules[f.Rule] = true
		if !seen[f.Subject] {
			seen[f.Subject] = true
			c.Subjects = append(c.Subjects, f.Subject)
		}
		if f.State == "accepted" {
			accepted++
		}
	}
	var dumb, why []string
	for _, r := range c.Rules {
		if w := silent(r); w != "" {
			dumb, why = append(dumb, r), append(why, w)
		}
	}
	slices.Sort(why)
	why = slices.Compact(why)
	switch {
	case len(fs) > 0:
		c.State = ControlBroken
		c.Why = fmt.Sprintf("%s of %s", count(len(fs), "finding", "findings"), list(inventory.SortedKeys(rules)))
		if accepted > 0 {
			c.Why += fmt.Sprintf(", %d accepted", accepted)
		}
	case len(c.Rules) == 0:
		c.State, c.Why = ControlUnknown, "no rule bears on it"
	case len(dumb) > 0:
		c.State = ControlUnknown
		c.Why = fmt.Sprintf("%d of %s cannot be told (%s): %s", len(dumb), count(len(c.Rules), "rule", "rules"), list(dumb), list(why))
	default:
		c.State, c.Why = ControlMet, fmt.Sprintf("%s asked, none holds", count(len(c.Rules), "rule", "rules"))
	}
}

// fact is something that a record may or may not say.
type fact uint8

const (
	factAssistants fact = iota
	factLive
	factUsed
	factAge
	factOwners
	factOwnerState
	factGrants
	factGrantUse
	factGrantEnd
	factGroups
	factZones
	factJobs
	factLogs
	factUpdates
	factVersions
	factLastUse
	factApproved
)

var factWords = [...]string{factAssistants: "no assistant was found", factLive: "whether secrets still work is not known", factUsed: "when secrets were used is not known",
	factAge: "when secrets were made is not known", factOwners: "no owner is known", factOwnerState: "whether owners are still there is not known",
	factGrants: "what is really granted is not known", factGrantUse: "which rights are used is not known", factGrantEnd: "when rights end is not known",
	factGroups: "through which groups rights come is not known", factZones: "which resources are public is not known", factJobs: "no pipeline with an assistant was seen",
	factLogs: "no setting of logs was seen", factUpdates: "no setting of updates was seen", factVersions: "no version is known",
	factLastUse: "when assistants were used is not known", factApproved: "no list of approved servers is kept"}

// needs are the facts without which a rule that does not hold says nothing.
var needs = map[string][]fact{
	"SEC-01": {factLive}, "SEC-06": {factAge}, "SEC-07": {factAge}, "SEC-12": {factUsed}, "OWN-02": {factOwnerState}, "OWN-03": {factOwners},
	"OWN-07": {factOwners}, "LIF-01": {factLastUse}, "LIF-03": {factOwnerState}, "LIF-04": {factGrantEnd}, "ENT-01": {factGrants}, "ENT-02": {factGrants},
	"ENT-03": {factGrants, factGrantUse}, "ENT-04": {factGrants, factGrantUse}, "ENT-05": {factGrants}, "ENT-06": {factGrants}, "ENT-08": {factGrants},
	"ENT-10": {factGroups}, "ENT-11": {factZones}, "ENT-12": {factGrants}, "AUT-03": {factGrants}, "ENV-03": {factGrants}, "AUD-01": {factLogs},
	"AUD-04": {factLogs}, "MCP-10": {factUpdates}, "CLS-06": {factVersions}, "MCP-01": {factApproved}, "SEC-10": {factJobs},
}

// silence returns why a rule that does not hold says nothing, or "" where it was asked and the facts could answer. A
// combination says as much as the parts that it gathers.
func silence(s *inventory.Snapshot, p Policy) func(string) string {
	known := factsOf(s, p)
	all := ""
	for _, src := range s.Records().Sources {
		if src.Status != inventory.SourceOK {
			all = "source " + quote(src.Name) + " is " + cmp.Or(src.Status, inventory.SourceNever)
			break
		}
	}
	if s.Partial() {
		all = "a collection is still running"
	}
	parts := map[string][]string{}
	for _, r := range shipped().rules {
		parts[r.ID] = r.Parts
	}
	var why func(string) string
	why = func(rule string) string {
		if reason, off := p.Off[rule]; off {
			return rule + " is switched off" + because(reason)
		}
		if all != "" {
			return all
		}
		want := append([]fact{factAssistants}, needs[rule]...)
		if len(rule) > 3 && rule[:3] == "CIC" {
			want = append(want, factJobs)
		}
		for _, f := range want {
			if !known[f] {
				return factWords[f]
			}
		}
		for _, part := range parts[rule] {
			if w := why(part); w != "" {
				return w
			}
		}
		return ""
	}
	return why
}

func factsOf(s *inventory.Snapshot, p Policy) map[fact]bool {
	r := s.Records()
	k := map[fact]bool{factAssistants: len(r.Assistants) > 0, factOwners: len(r.Owners) > 0, factApproved: len(p.ApprovedServers) > 0}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		k[factJobs] = k[factJobs] || a.Job != nil
		k[factVersions] = k[factVersions] || a.Version != ""
		k[factLastUse] = k[factLastUse] || !a.LastUsed.IsZero()
		for j := range a.Settings {
			k[factLogs] = k[factLogs] || a.Settings[j].Kind == inventory.SettingLog
			k[factUpdates] = k[factUpdates] || a.Settings[j].Kind == inventory.SettingUpdate
		}
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		k[factLive] = k[factLive] || x.State == inventory.StateLive || x.State == inventory.StateRevoked || x.State == inventory.StateDisabled
		k[factUsed] = k[factUsed] || !x.LastUsed.IsZero()
		k[factAge] = k[factAge] || !x.Created.IsZero() || !x.Rotated.IsZero()
	}
	for i := range r.Owners {
		k[factOwnerState] = k[factOwnerState] || r.Owners[i].Status == "active" || r.Owners[i].Status == departed
	}
	for i := range r.Entitlements {
		e := &r.Entitlements[i]
		k[factGrants] = k[factGrants] || e.Certain && system(e.Capability)
		k[factGrantUse] = k[factGrantUse] || !e.LastUsed.IsZero()
		k[factGrantEnd] = k[factGrantEnd] || !e.Expires.IsZero()
		k[factGroups] = k[factGroups] || e.Origin == "group" || e.Origin == "role"
	}
	for i := range r.Resources {
		k[factZones] = k[factZones] || r.Resources[i].Sensitivity != "" || r.Resources[i].Guardrails["visibility"] != ""
	}
	return k
}
