// Package review is the ownership review (attestation, recertification) of assistants: who answers for each one confirms
// that it is still wanted and holds no more than it needs, or says what is to be done.
//
// A [Review] freezes its population when it is opened, with what was known of each assistant then: a list that could change
// under the reviewer proves nothing. What changed since is told beside it. Each [Decision] is one person's word about one
// item, never changed, only followed by another; silence is no consent, and stays in the record as silence. What became of a
// decision is not a matter of record but of the facts: [Outcome] looks at the newest snapshot and at the runs, and says done
// only where a source was read again.
//
// [Effects] says what each choice would come to, by judging the inventory as it would be then. [Pack] makes the evidence for
// an auditor: the same review and the same facts give the same bytes.
//
// It is not: the place where reviews are kept (inventory/store), nor what carries a decision out: reduce, rotate, suspend
// and revoke become plans of inventory/revoke, which somebody confirms.
package review
