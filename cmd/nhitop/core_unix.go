//go:build unix

package main

import "syscall"

// leaveNoCore forbids an image of the memory when the program crashes: a pasted secret is in the memory.
func leaveNoCore() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &l) == nil {
		l.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &l) // only ever lower: allowed to everybody
	}
}
