// Package suite holds what every source must keep, built in or a plugin: it describes itself, stops when it is told to, does
// not panic, finds the same things under the same ids twice, says what it looked at, makes records that can be looked up,
// lets no secret out, and plans without changing anything.
//
// It is not: a test of what a source finds, and no test at all: sourcetest runs it for the sources of this program, "nhitop
// plugin check" for those of others.
package suite
