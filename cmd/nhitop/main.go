package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(newCLI(os.Stdin, os.Stdout, os.Stderr).run(os.Args[1:])) }

// run is the program; it returns the exit code.
func (c *cli) run(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			// What a panic says may hold what was read: only its type and the stack are shown.
			fmt.Fprintf(os.Stderr, "nhitop: internal error (%T)\n%s", p, debug.Stack())
			_ = c.close() // what went wrong first is told
			code = exitInternal
		}
	}()
	leaveNoCore()
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup stays what it is
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	err := c.execute(ctx, args)
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "nhitop: "+err.Error())
	}
	return exitCode(err)
}
