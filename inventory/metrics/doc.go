// Package metrics measures an inventory: how many owners are known, what is standing, idle, shared or out of hand, and how
// long exposed secrets live on. Each metric is a row of one table with its meaning in a line, what it counts, and what of it
// nobody can tell: an unknown is never counted as good.
//
// It works out what [Of] says from a snapshot and the policy alone, and follows exposures ([Follow]) from one collection to
// the next by what the snapshot and the journal of runs say. The metrics are those of posture reports in the field (facts of
// 2026-11-22); one whose facts no source delivers is not here.
//
// It is not: a judge (inventory/risk), and it keeps nothing (inventory/store). The same input gives the same numbers.
package metrics
