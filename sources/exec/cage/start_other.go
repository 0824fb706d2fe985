//go:build !linux && !darwin

package cage

import (
	"context"
	"os"
	"time"
)

// Proc is a program that runs; there is none here.
type Proc struct{}

// Start refuses.
func Start(context.Context, Spec, []string, time.Duration, *os.File, *os.File, *os.File, []*os.File) (*Proc, error) {
	return nil, ErrSystem
}

// End does nothing.
func (*Proc) End(error, time.Duration) {}

// Wait has nothing to wait for.
func (*Proc) Wait() (int, error) { return -1, ErrSystem }
