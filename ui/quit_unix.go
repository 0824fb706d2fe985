//go:build unix

package ui

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// leave undoes what the dashboard asked of the terminal: pasting in brackets, the mouse, colours, the hidden cursor, its screen.
const leave = "\x1b[?2004l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[0m\x1b[?25h\x1b[?1049l"

// dropping gives the terminal back when SIGQUIT comes, and then lets the signal do what it does: the runtime writes the stacks of
// all goroutines and ends the process with code 2. The program is asked nothing, for who sends that signal believes that it hangs.
// Of a fatal error of the runtime, and of SIGKILL, nobody is told: there the terminal stays as it is. stop ends it.
func dropping(in io.Reader, out io.Writer) (stop func()) {
	f, ok := in.(*os.File)
	if in == nil {
		f, ok = os.Stdin, true
	}
	if !ok {
		return func() {}
	}
	was, err := term.GetState(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	asked, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGQUIT)
	go func() {
		select {
		case <-asked:
			signal.Reset(syscall.SIGQUIT)
			_ = term.Restore(int(f.Fd()), was)
			_, _ = io.WriteString(out, leave)
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGQUIT)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(asked)
		close(over)
	}
}
