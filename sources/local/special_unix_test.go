//go:build unix

package local

import (
	"net"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// makeSpecial puts a FIFO and a socket where files are expected.
func makeSpecial(t *testing.T, fifo, socket string) {
	t.Helper()
	must(t, unix.Mkfifo(fifo, 0o600))
	dir, err := os.MkdirTemp("", "s")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	short := dir + "/s" // the path of a socket must be short
	l, err := net.Listen("unix", short)
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	must(t, os.Rename(short, socket))
}

// peakMiB is the highest resident memory of this process so far.
func peakMiB() float64 {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return 0
	}
	kib := float64(r.Maxrss)
	if runtime.GOOS == "darwin" { // bytes there, KiB elsewhere (getrusage(2))
		kib /= 1024
	}
	return kib / 1024
}
