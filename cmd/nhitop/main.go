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

func main() { os.Exit(run(os.Args[1:])) }

// run is the program; it returns the exit code.
func run(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			// What a panic says may hold what was read: only its type and the stack are shown.
			fmt.Fprintf(os.Stderr, "nhitop: internal error (%T)\n%s", p, debug.Stack())
			code = exitInternal
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := newCLI(os.Stdin, os.Stdout, os.Stderr)
	err := c.execute(ctx, args)
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "nhitop: "+err.Error())
	}
	return exitCode(err)
}
