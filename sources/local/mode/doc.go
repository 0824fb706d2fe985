// Package mode says what an assistant's settings come to in the end: mode, rules, trust, managed ceiling and the gaps of
// a start without a terminal together, with the reason.
//
// It is: the rows of the catalogue applied layer by layer ([Resolve]), and for products whose rule cannot be said in data
// one named function each (resolvers.go). It reads parsed documents only.
//
//   - A setting with one value: the strongest layer counts, the others are shown as overridden. Lists and maps of rules add
//     up, each rule a setting of its own. Files of one rank do not override each other: the freer counts.
//   - A wide allow rule raises the mode: who may run any command without asking is on auto, whatever the mode is called.
//   - What nothing says is the product's default, and the reason says so. A value that is not known makes the mode unknown.
//   - A project whose trust is not recorded is untrusted where the product's own record was read. Where it was not read,
//     [Trust].Assumed is set and the project's files are taken for what they come to at the first yes.
//   - A tool server is judged by its entry, the lists of names elsewhere, trust and ceilings. Where the answer to a
//     product's question is kept in a place that is not read, its approval is [Pending] and it stays enabled.
//
// It is not: a reader of files, or a judge of what is good. What makes an allow rule too wide is inventory/allowrule.
package mode
