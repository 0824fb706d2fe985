package table

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpu is the processor time that this thread has taken: what else the machine does is not in it.
func cpu() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}
