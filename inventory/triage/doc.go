// Package triage holds what people decide about findings and identities: flag, accept, assign an owner, note.
//
// It is: the form of a decision, what makes one fit to be kept, and what decisions come to on a set of records. The same
// records and decisions at the same time give the same result, in any order.
//
// An acceptance ends by itself: when its time is over, and when the facts of its finding are no longer those that were
// accepted ([Digest]). An owner that somebody asserted is shown as asserted until a source says the same.
//
// It is not: a place where decisions are kept (inventory/store), or the log of who decided (inventory/audit).
package triage
