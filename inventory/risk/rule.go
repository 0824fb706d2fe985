package risk

import (
	"slices"

	"nhitop/inventory"
)

// Rule is one thing that should not be so. Check returns a hit for each way in which it is so for a subject; it reads
// only, and may be called from several goroutines.
type Rule struct {
	ID       string
	Title    string
	Why      string
	Fix      string
	Base     int      // points before the modifiers
	Mods     []string // codes of the modifiers that may raise the score
	Reduce   []string // codes of the modifiers that may lower it
	Of       inventory.Noun
	Parts    []string // a combination: the rules that it gathers
	Check    func(Subject, Policy) []Hit
	Controls []inventory.Control
	Custom   *Custom // a rule of the user's own; nil for a built-in one
}

// NounSource is the noun of a finding about a source itself. Its ids are made by [SourceID].
const NounSource inventory.Noun = "src"

// SourceID names a source as the subject of a finding.
func SourceID(name string) inventory.ID { return inventory.NewID(NounSource, name) }

// Hit is one way in which a rule holds for a subject.
type Hit struct {
	Key    string // tells several hits of one rule for one subject apart
	Group  string // hits of one rule with the same group have one cause and become one finding
	Detail string // one sentence: what made it hold here
	Known  string // the published incident or flaw that this is the pattern of; "" none
	// Assistants are those concerned beside the subject; Secrets those whose power counts beside the subject's own.
	Assistants []inventory.ID
	Secrets    []inventory.ID
	Evidence   []inventory.Evidence
	Changes    []Change // each of them alone closes the finding

	fault string // the condition of a rule of the user's own could not be evaluated: nothing holds, and that is told

	// tell fills in what is costly to put into words. It is called once for a finding, not for every hit of a group.
	tell func(*Hit)
}

// Change is something that one person can do in one go, and that closes findings.
type Change struct {
	Kind    string // secret, mode, sandbox, network, setting, server, file, job, owner, source, assistant, grant
	Key     string // with Kind: the same change in several findings
	Subject inventory.ID
	Title   string // short, imperative: revoke github-pat-classic …5wsT
	Do      string // imperative, one sentence: what to do for this finding
}

// rows is the code of each rule: whom it looks at, and when it holds. What it says about itself is in data/rules.json.
type row struct {
	id    string
	of    inventory.Noun
	check func(Subject, Policy) []Hit
}

// Rules returns every shipped rule, combinations last, in a stable order. The caller may change the slice.
func Rules() []Rule { return slices.Clone(shipped().rules) }

// rules returns every shipped rule and those of the user's own. The slice is not to be changed.
func (p *Policy) rules() []Rule {
	if len(p.Custom) == 0 {
		return shipped().rules
	}
	return slices.Concat(shipped().rules, p.Custom)
}

func allRows() []row {
	return charters(slices.Concat(secretRules, ownerRules, assertedRules, classRules, charterRules, autonomyRules, grantRules, environmentRules, serverRules,
		pipelineRules, providerRules, reuseRules, auditRules, metaRules, lifeRules, standingRules, leakRules, trailRules, advisoryRules, combinations,
		moreCombinations))
}
