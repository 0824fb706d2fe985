// Package ledger notes what was asked of a provider and what became of it, for sources that read lists over HTTP, and reads
// those lists. What is missing where a list may not be read, the source says.
//
// It is not: a judgement of what was read.
package ledger
