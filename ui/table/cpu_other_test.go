//go:build !linux

package table

import "time"

var start = time.Now()

// cpu is the time that has passed: the processor time of a thread is not asked for here.
func cpu() time.Duration { return time.Since(start) }
