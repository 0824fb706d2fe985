// Package risk judges an inventory: which rules hold for whom ([Rules]), how bad each finding is (a visible sum), what to
// do about it by when (a decision from four questions and a table), and which single change closes most ([inventory.Issue]).
//
// A rule is a value with a function. The function sees one subject and its neighbourhood, never another finding, except
// for a combination, which sees the rules that hold for its assistant. Titles, reasons, fixes, base points and the
// controls of published frameworks are data (data/rules.json, data/frameworks.json, as of 2026-11-22), and so is the
// decision table (data/decision_table.csv, 81 rows).
//
// Only what the facts prove raises a score. What is not known is not good: the question of the gate takes its worst
// answer then, that of the reach its middle one, and what a credential may do by its class alone counts as writing.
//
// Rules of the user's own ([Custom], made of the configuration by inventory/customrule) are judged like all others; one whose
// condition cannot be evaluated is a finding about the configuration (RUL-01). [RuleStates] says of every rule whether it is
// switched off or re-weighted and why. [Survey] works out what posture metrics ask of each assistant.
//
// [Since] judges what follows on a snapshot that was judged: it asks about those alone for whom something that rules look at is
// another, or a time has come, and takes the rest over. What the rules look at, and where they look at the time, stands with
// the code (touched); a new rule that looks further must be added there. The result is that of judging everything.
//
// [ByControl] turns findings round: how each control of the published frameworks stands. Met is said only where every rule
// that bears on it was asked of facts that could answer. Known flaws of products and components are data too
// (data/advisories.json); a test lists each rule of the catalogue that is not shipped, with the fact that no record carries.
//
// It is not: a collector, a store or a screen, and it holds no model: the same facts, in any order, give the same
// findings, ids and order. A rule that no source's facts can fulfil is not here.
package risk
