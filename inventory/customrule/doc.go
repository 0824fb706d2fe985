// Package customrule reads the rules that a user writes into the configuration, [[rule]], and makes of each a rule of
// inventory/risk: when it holds is an expression over the records of the JSON interface, by the field names that they have
// there.
//
// An expression is about one record of the noun that the rule says (of). Where the interface gives a list of ids, the
// expression has the records themselves: any(secrets, .exposure == "leaked"). What is absent there is "" here, an answer that
// is missing is "unknown". A time has no order of its own: days_since(created) is a number, and one of an unknown time is
// neither greater nor less than anything, so that what is not known never makes a rule hold by itself.
//
// The language is that of github.com/expr-lang/expr (v1.17.8, MIT), cut down to what ends soon and gives the same for the
// same records: no clock, no ranges, no variables, no text that grows; so many nodes, so many steps, so much memory. It was
// weighed against CEL (cel.dev/cel-go v0.32.0, Apache-2.0), which is a published standard: expr adds 3.1 MB and one module to
// the program where CEL adds 9.1 MB and eight, compiles in 24 µs and evaluates in 0.5 µs where CEL takes 121 µs and 0.7 µs
// (measured 2026-11 on one machine), and takes the records as they are. CEL bounds its cost by itself, here that is done by
// the steps counted in each evaluation. CEL would be the one to take if these rules had to be shared with other programs.
//
// It is not: a judge. What a rule says is scored, decided and shown by inventory/risk like every other rule. An error while
// one is evaluated is a finding about the configuration and ends nothing.
package customrule
