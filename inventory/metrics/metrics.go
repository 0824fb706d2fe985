package metrics

import (
	"math"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// tally is what one metric comes to.
type tally struct {
	value   float64
	of      int
	unknown int
	details string
}

// count adds one that was looked at: an answer of yes is counted, one that is neither yes nor no is unknown.
func (t *tally) count(a inventory.Answer) {
	t.of++
	switch a {
	case inventory.Yes:
		t.value++
	case inventory.No:
	default:
		t.unknown++
	}
}

func answer(yes bool) inventory.Answer {
	if yes {
		return inventory.Yes
	}
	return inventory.No
}

// whole is the inventory while it is measured.
type whole struct {
	s       *inventory.Snapshot
	p       risk.Policy
	now     time.Time
	acts    []risk.Trait  // of assistants that do more than return text
	weights []risk.Weight // of the entitlements
}

// row is one metric.
type row struct {
	id, title, meaning, unit string
	share                    bool
	better, target           string
	measure                  func(*whole) tally
}

const (
	more = "more"
	less = "less"
)

// Of measures a snapshot, in the order of the table.
func Of(s *inventory.Snapshot, p risk.Policy, now time.Time) []inventory.Metric {
	return Known(s, p, now, risk.Survey(s, p, now))
}

// Known is [Of] for a caller who has the traits of all assistants already; see [risk.Judgement.Traits].
func Known(s *inventory.Snapshot, p risk.Policy, now time.Time, traits []risk.Trait) []inventory.Metric {
	w := &whole{s: s, p: p, now: now, weights: p.WeighAll(s)}
	for _, t := range traits {
		if t.Acts {
			w.acts = append(w.acts, t)
		}
	}
	out := make([]inventory.Metric, 0, len(table))
	for _, r := range table {
		t := r.measure(w)
		out = append(out, inventory.Metric{ID: r.id, Title: r.title, Meaning: r.meaning, Unit: r.unit, Value: round(t.value), Share: r.share, Of: t.of,
			Unknown: t.unknown, Better: r.better, Target: r.target, Details: t.details})
	}
	return out
}

// round keeps three digits behind the point: more would be noise in a report.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// Values are the numbers of a gauge as a trend keeps them. A share of nothing, or of which nothing is known, has none.
func Values(g *inventory.Gauge) map[string]float64 {
	vs := map[string]float64{}
	for i := range g.Metrics {
		m := &g.Metrics[i]
		switch {
		case !m.Share && (m.Value > 0 || m.Of > m.Unknown):
			vs[m.ID] = m.Value
		case m.Share && m.Of > m.Unknown:
			vs[m.ID] = math.Round(m.Value/float64(m.Of)*10000) / 10000
		}
	}
	if t := g.TimeToRevoke; t != nil {
		vs[OpenExposures] = float64(t.Open)
		if t.Ended+t.Open > 0 {
			vs[MeanToRevoke], vs[MedianToRevoke], vs[P90ToRevoke] = t.Mean, t.Median, t.P90
		}
		if r := t.Responses; r != nil {
			for _, x := range []struct {
				name string
				s    inventory.Spread
			}{{HandToProof, r.Hand}, {DetectionToProof, r.Detected}, {SeenToProof, r.Seen}} {
				if x.s.Runs > 0 {
					vs[x.name] = x.s.Median
				}
			}
		}
	}
	return vs
}

// The names in a trend that are no metric of the table.
const (
	MeanToRevoke   = "time-to-revoke-mean"
	MedianToRevoke = "time-to-revoke-median"
	P90ToRevoke    = "time-to-revoke-p90"
	OpenExposures  = "exposures-open"

	HandToProof      = "hand-to-proof-median"
	DetectionToProof = "detection-to-proof-median"
	SeenToProof      = "first-seen-to-proof-median"
)

// The metrics by which the overview knows them.
const (
	OwnerKnown    = "owner-known"
	SecretEnd     = "secret-end"
	Approval      = "approval"
	AutoOpen      = "auto-no-sandbox"
	IdleArmed     = "idle-armed"
	Inherited     = "inherited"
	Managers      = "secrets-managers"
	Copies        = "copies-per-secret"
	Trifecta      = "trifecta"
	StandingWrite = "standing-production-write"
	Pinned        = "servers-pinned"
)

var table = []row{
	{OwnerKnown, "owner known", "acting assistants that somebody who has not left answers for; unknown: only asserted, by a decision or a charter", "assistants", true, more, "all", ownerKnown},
	{"owner-active", "owner known to be there", "acting assistants with a named person whom a source knows as active", "assistants", true, more, "all", ownerActive},
	{"registered", "registered", "acting assistants with a charter; unknown while no charter is kept", "assistants", true, more, "98 %", registered},
	{Approval, "a person must approve", "acting assistants that propose or ask before each act", "assistants", true, more, "", approval},
	{AutoOpen, "alone, no sandbox", "acting assistants that run without asking and that nothing confines", "assistants", true, less, "0", autoOpen},
	{Trifecta, "lethal trifecta", "acting assistants with private data, untrusted input and a way out", "assistants", true, less, "0", trifecta},
	{"rule-of-two", "rule of two broken", "acting assistants that take untrusted input, reach private data and change things or send them out, with nobody asked", "assistants", true, less, "0", ruleOfTwo},
	{IdleArmed, "idle, still armed", "acting assistants that hold secrets or rights and were not used for longer than the policy says", "assistants", true, less, "0", idleArmed},
	{"reach-production", "reach production", "acting assistants with a path to production or to restricted data", "assistants", true, less, "", reachProduction},
	{"admin", "control rights", "acting assistants proven to administer, merge, deploy or hand out access", "assistants", true, less, "0 without exception", controls},
	{"org-wide", "organisation-wide scope", "acting assistants with a wildcard scope, or a credential that cannot be narrowed", "assistants", true, less, "0 without exception", wide},
	{"logged", "acts on record", "acting assistants whose record of what they did is kept; unknown: no setting says so", "assistants", true, more, "all", logged},
	{SecretEnd, "secrets with an end", "secrets that may still be accepted and are known to end", "secrets", true, more, "95 %", secretEnd},
	{"secret-lifetime", "median lifetime", "days from making to end of a secret, the middle one of those of which both are known", "days", false, less, "90", secretLifetime},
	{"rotation", "rotated in time", "secrets made or rotated within the age that the policy allows", "secrets", true, more, "95 %", rotation},
	{"leaked-live", "leaked and still accepted", "of the secrets seen outside their home, those that their issuer still accepts", "secrets", true, less, "0", leakedLive},
	{"secret-kept", "secrets in a store", "secrets given to assistants that stand in a keyring, a manager, a CI store or encrypted", "secrets", true, more, "", secretKept},
	{Managers, "secrets managers", "different keyrings, managers and CI stores that secrets or references name; unknown: references to a store by a name that is not known", "managers", false, less, "1 or 2", managers},
	{Copies, "copies per secret", "places where one secret stands, on average", "places", false, less, "1", copies},
	{Inherited, "inherited credentials", "secrets that assistants reach only because of the account that they run as", "secrets", true, less, "", inherited},
	{StandingWrite, "standing production write", "rights to change production that have no near end, of all rights to change it; unknown: possible by the kind of credential", "rights", true, less, "0", standingWrite},
	{"privilege-gap", "granted, not used", "rights that were not used for longer than the policy says", "rights", true, less, "10 %", privilegeGap},
	{"verbs-gated", "irreversible acts gated", "rights to administer, merge, deploy or hand out access that a person must approve", "rights", true, more, "all", verbsGated},
	{Pinned, "tool servers pinned", "enabled tool servers that start one fixed version", "servers", true, more, "all", pinned},
	{"servers-approved", "tool servers approved", "enabled tool servers that are on the list of approved ones; unknown while no list is kept", "servers", true, more, "all", approved},
	{"ci-outsiders", "AI jobs open to outsiders", "pipeline jobs with an assistant that somebody without write access can start", "jobs", true, less, "0", outsiders},
	{"ci-pinned", "actions pinned", "actions, images and packages of these jobs that are pinned by digest or commit", "actions", true, more, "all", actionsPinned},
	{"review-on-time", "reviewed in time", "acting assistants with a charter whose review is not overdue; unknown: no review cycle is declared", "assistants", true, more, "all", reviewed},
	{"overdue", "findings past deadline", "open findings whose deadline is over", "findings", true, less, "10 %", overdue},
	{"sources-fresh", "sources read in full", "sources that were read to their end, no longer ago than the policy says", "sources", true, more, "all", fresh},
}
