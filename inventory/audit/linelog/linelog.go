package linelog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// MaxLine bounds one line, in bytes.
const MaxLine = 16 << 20

// maxFile bounds what Read takes into memory.
const maxFile = 256 << 20

// Errors that callers tell apart.
var (
	ErrLocked = errors.New("another nhitop is using it")
	ErrLine   = errors.New("not a line that can be written")
)

// File is a line log that is open for appending, with its lock held. It is not for use by several goroutines.
type File struct {
	f    *os.File
	path string
	torn int64 // bytes of a last line without an end that Open cut off
}

// Open opens a line log for appending, creates it (0600, in an existing folder) where it is missing, and locks it. With
// wait it waits for the lock; else it returns [ErrLocked] when another holds it. A last line without its line end was
// never confirmed to its writer: it is cut off, and [File.Torn] says so.
func Open(path string, wait bool) (*File, error) {
	_, statErr := os.Lstat(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = lock(f, wait)
	for i := 0; i < instants && errors.Is(err, ErrLocked); i++ { // perhaps it is only looked at: see Locked
		time.Sleep(instant)
		err = lock(f, wait)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &File{f: f, path: path}
	if err := l.prepare(errors.Is(statErr, os.ErrNotExist)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// A look whether a log is locked holds a lock itself, for less than this.
const (
	instant  = 5 * time.Millisecond
	instants = 4
)

// Locked reports whether somebody, this process or another, has a log open for appending now. A file that is not there is
// not locked.
func Locked(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	is, err := locked(f)
	return is, errors.Join(err, f.Close())
}

func (l *File) prepare(created bool) error {
	info, err := l.f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a regular file", l.path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := l.f.Chmod(0o600); err != nil {
			return err
		}
	}
	if created {
		if err := SyncDir(filepath.Dir(l.path)); err != nil {
			return err
		}
	}
	end, err := lastLineEnd(l.f, info.Size())
	if err != nil {
		return err
	}
	if l.torn = info.Size() - end; l.torn > 0 {
		if err := l.f.Truncate(end); err != nil {
			return err
		}
		return l.f.Sync()
	}
	return nil
}

// lastLineEnd returns the offset behind the last line end of a file.
func lastLineEnd(f *os.File, size int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for at := size; at > 0; {
		n := min(int64(len(buf)), at)
		if _, err := f.ReadAt(buf[:n], at-n); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return at - n + int64(i) + 1, nil
		}
		at -= n
	}
	return 0, nil
}

// Torn is the length of the unfinished last line that Open cut off, 0 if there was none.
func (l *File) Torn() int64 { return l.torn }

// Tail returns the last line without reading those before it; nil if there is none.
func (l *File) Tail() ([]byte, error) {
	info, err := l.f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	end := info.Size() - 1 // the last byte is a line end: Open has seen to that
	start, err := lastLineEnd(l.f, end)
	if err != nil || end-start > MaxLine {
		return nil, errors.Join(err, errTooLong(l.path, end-start))
	}
	line := make([]byte, end-start)
	if _, err := l.f.ReadAt(line, start); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return line, nil
}

func errTooLong(path string, n int64) error {
	if n <= MaxLine {
		return nil
	}
	return fmt.Errorf("%s: its last line is longer than %d bytes", path, MaxLine)
}

// Last returns the last line and how many lines there are.
func (l *File) Last() (line []byte, count int, err error) {
	lines, err := readAll(io.NewSectionReader(l.f, 0, maxFile+1))
	if err != nil || len(lines) == 0 {
		return nil, 0, err
	}
	return lines[len(lines)-1], len(lines), nil
}

// Append writes one line and syncs it. After an error the file is as it was before, as far as that can be done.
func (l *File) Append(line []byte) error {
	if len(line) == 0 || len(line) > MaxLine || bytes.IndexByte(line, '\n') >= 0 {
		return ErrLine
	}
	end, err := l.f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	out := append(append(make([]byte, 0, len(line)+1), line...), '\n')
	if _, err = l.f.Write(out); err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		return errors.Join(err, l.f.Truncate(end))
	}
	return nil
}

// Close gives up the lock.
func (l *File) Close() error { return l.f.Close() }

// Read returns the lines of a log without locking it. torn reports that the last line has no end; it is not among the
// lines. A file that is not there has no lines.
func Read(path string) (lines [][]byte, torn bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, false, err
	}
	if len(data) > maxFile {
		return nil, false, fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return split(data), len(data) > 0 && data[len(data)-1] != '\n', nil
}

func readAll(r io.Reader) ([][]byte, error) {
	data, err := io.ReadAll(r)
	return split(data), err
}

func split(data []byte) [][]byte {
	var lines [][]byte
	for {
		n := bytes.IndexByte(data, '\n')
		if n < 0 {
			return lines
		}
		lines = append(lines, data[:n:n])
		data = data[n+1:]
	}
}

// SyncDir makes what was created or renamed in a folder durable. Windows cannot and need not.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
