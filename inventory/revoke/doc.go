// Package revoke takes things away and proves that they are gone: plan, journal, execute, verify, undo.
//
// A [Plan] is immutable, has a digest and an expiry and is used once. The journal holds the intent of each step before
// the step is tried and its result after, both durable; if that cannot be written, nothing is done. Every step names the
// layer that it kills, whether it can be undone and what survives it. Every proof has a grade, and only what was seen is
// claimed.
//
// It is not: a client of any provider. Sources implement [Revoker] for what they can take away.
package revoke
