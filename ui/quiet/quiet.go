// Package quiet keeps the terminal from being asked for its background colour before the first frame.
//
// Bubble Tea v1 (tea_init.go of v1.3.10) asks for it while the program is initialised, so that every verb, the dashboard or
// not, writes a query to the terminal and waits for the answer: up to five seconds where none comes (a recorder, a slow
// line, a terminal that knows no such query). nhitop draws with the terminal's own sixteen colours and does not need to
// know. termenv does not ask where it believes to run in a pipeline, and that is what this package lets it believe until
// [Restore].
//
// It works by the order of initialisation that the language lays down (The Go Programming Language Specification, "Program
// initialization", since Go 1.21): of the packages whose imports are ready, the one with the lowest path comes first. This
// one imports only syscall, and "nhitop/..." comes before "time", which Bubble Tea needs. It must import nothing else.
package quiet

import "syscall"

const key = "CI"

var before, was = syscall.Getenv(key)

func init() { _ = syscall.Setenv(key, "1") }

// Restore gives the environment back as it was. It is called once, when Bubble Tea is initialised.
func Restore() {
	if was {
		_ = syscall.Setenv(key, before)
		return
	}
	_ = syscall.Unsetenv(key)
}
