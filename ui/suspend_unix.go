//go:build unix

package ui

import (
	"os"
	"os/signal"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/sys/unix"
)

// sleep stops this process group until somebody continues it. The group of the session's leader has no shell above it that
// would: there a terminal would be dead for good.
func sleep() error {
	if session, err := unix.Getsid(0); err != nil || session == syscall.Getpgrp() {
		return errNoShell
	}
	on := make(chan os.Signal, 1)
	signal.Notify(on, syscall.SIGCONT)
	defer signal.Stop(on)
	// Not SIGTSTP: the runtime keeps its handler for a signal that was ever asked for (os/signal of Go 1.26), and nap has.
	if err := syscall.Kill(0, syscall.SIGSTOP); err != nil {
		return err
	}
	<-on
	return nil
}

// nap sends the program to sleep when SIGTSTP comes from outside: the terminal must be given back first.
func nap(p *tea.Program, over <-chan struct{}) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTSTP)
	defer signal.Stop(asked)
	for {
		select {
		case <-asked:
			p.Send(sleepMsg{})
		case <-over:
			return
		}
	}
}
