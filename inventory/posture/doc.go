// Package posture is the service that the screen and the commands stand on: it collects from every source, merges what
// they say, judges it, keeps it and publishes it; and it is the only way to a revocation, so that read-only, arming,
// protection, limits and confirmation are asked in one place.
//
// A source that fails, hangs or panics costs only itself: the others are published, and its own last good facts stay,
// marked stale with the reason. That something is gone is said only where the source read that place to its end.
//
// What follows on a collection is judged for what is different alone (risk.Since), partial states and decisions too. An inventory
// of some size is worth more than the garbage collector's time: the service sets that to its size ([GCPercent]), unless GOGC
// is set. Of the sources nothing is held between collections: a source's last good facts are read from the store if it fails.
//
// Each whole collection is measured too (inventory/metrics), and the numbers are stored with it, so that the posture has a
// trend; decisions change at once what is to be done first.
//
// It is not: a source, a screen, or a scheduler. It collects when it is told to.
package posture
