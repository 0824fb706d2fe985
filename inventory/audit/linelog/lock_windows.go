package linelog

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes an exclusive lock on a byte far behind the end of the file, so that readers are not kept out. It ends with
// the file handle and so with the process.
func lock(f *os.File, wait bool) error {
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK)
	if !wait {
		flags |= windows.LOCKFILE_FAIL_IMMEDIATELY
	}
	return lockByte(f, flags)
}

// locked tries a lock that others may have at the same time; it ends when the file is closed.
func locked(f *os.File) (bool, error) {
	err := lockByte(f, windows.LOCKFILE_FAIL_IMMEDIATELY)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

func lockByte(f *os.File, flags uint32) error {
	at := windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &at)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrLocked
	}
	return fmt.Errorf("%s cannot be locked: %w", f.Name(), err)
}
