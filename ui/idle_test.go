//go:build unix

package ui

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// BenchmarkIdle is the whole program in a pseudo-terminal with nothing to do: cpu-% is of one core, over some seconds.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		s := newScreen(b)
		ctx, cancel := context.WithCancel(b.Context())
		over := make(chan error, 1)
		all := snapshot(many(1000))
		e := &fakeEngine{snap: all, previous: all, now: time.Now}
		go func() { over <- Run(ctx, e, Options{Stdin: s.tty, Stdout: s.tty}) }()
		s.until(b, "ASSISTANTS")
		const idle = 10 * time.Second
		time.Sleep(time.Second) // what starting left to do
		before := spent(b)
		time.Sleep(idle)
		b.ReportMetric(100*float64(spent(b)-before)/float64(idle), "cpu-%")
		cancel()
		if err := <-over; err != nil {
			b.Fatal(err)
		}
	}
}

// spent is the processor time of this process.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
