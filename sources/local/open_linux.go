package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openPlain opens a path whose links were resolved before, and fails when a link has since taken the place of any part
// of it. It waits for nobody: a FIFO without a writer opens at once and is told apart by its type.
func openPlain(path string) (*os.File, error) {
	const flags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOFOLLOW | unix.O_NOCTTY | unix.O_CLOEXEC
	how := unix.OpenHow{Flags: flags, Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &how)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EAGAIN) {
		// Kernels before 5.6 and some container filters have no openat2: the last part is still held to be no link.
		fd, err = unix.Open(path, flags, 0)
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}
