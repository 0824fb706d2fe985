package local

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"nhitop/inventory"
)

// content is one file as it was found. Data is nil unless State is [inventory.LookedRead].
type content struct {
	Data   []byte
	Mode   fs.FileMode
	UID    uint32
	HasUID bool
	Real   string // links resolved
	State  string // inventory.Looked…
	Reason string
	Dir    bool // a folder stands there
}

// roots are folders that links may lead into, with their own links resolved.
type roots []string

// newRoots resolves folders; one that is not there holds nothing.
func newRoots(dirs ...string) roots {
	var r roots
	for _, d := range dirs {
		if real, err := filepath.EvalSymlinks(d); err == nil {
			r = append(r, real)
		}
	}
	return r
}

// holds reports whether a path without links lies in one of the roots.
func (r roots) holds(real string) bool {
	for _, root := range r {
		if below(root, real) {
			return true
		}
	}
	return false
}

// below reports whether path is dir or lies in it. Both must be clean.
func below(dir, path string) bool {
	if path == dir {
		return true
	}
	if !strings.HasSuffix(dir, string(filepath.Separator)) {
		dir += string(filepath.Separator)
	}
	return strings.HasPrefix(path, dir)
}

// readFile reads a regular file of at most limit bytes whose real place lies in the roots. It never blocks on what is
// not a file, never follows a link out of the roots, and says in State what kept it from reading.
func readFile(path string, in roots, limit int64) content {
	c := locate(path, in)
	if c.State != "" {
		return c
	}
	f, err := openPlain(c.Real)
	if err != nil {
		c.State, c.Reason = whyNot(err, true)
		return c
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		c.State, c.Reason = whyNot(err, true)
		return c
	}
	if !st.Mode().IsRegular() {
		c.State, c.Reason = inventory.LookedNotRegular, typeName(st.Mode())
		return c
	}
	c.Mode = st.Mode().Perm()
	c.UID, c.HasUID = fileOwner(st)
	if st.Size() > limit {
		c.State, c.Reason = inventory.LookedTooLarge, tooLarge(limit)
		return c
	}
	buf := bytes.NewBuffer(make([]byte, 0, st.Size()+bytes.MinRead))
	n, err := io.Copy(buf, io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		c.State, c.Reason = whyNot(err, true)
	case n > limit: // it grew while it was read, or its size was a lie
		c.State, c.Reason = inventory.LookedTooLarge, tooLarge(limit)
	default:
		c.State, c.Data = inventory.LookedRead, buf.Bytes()
	}
	return c
}

// locate resolves the links of a path and says whether a regular file in the roots stands there.
func locate(path string, in roots) content {
	if _, err := os.Lstat(path); err != nil {
		state, reason := whyNot(err, false)
		return content{State: state, Reason: reason}
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		state, reason := whyNot(err, true)
		if errors.Is(err, fs.ErrNotExist) {
			state, reason = inventory.LookedAbsent, "a link to something that is not there"
		}
		return content{State: state, Reason: reason}
	}
	if !in.holds(real) {
		return content{Real: real, State: inventory.LookedLinkOut, Reason: "a link that leaves the folders that are scanned; add the folder it leads to as a path"}
	}
	st, err := os.Lstat(real)
	if err != nil {
		state, reason := whyNot(err, true)
		return content{Real: real, State: state, Reason: reason}
	}
	if !st.Mode().IsRegular() {
		return content{Real: real, State: inventory.LookedNotRegular, Reason: typeName(st.Mode()), Dir: st.IsDir()}
	}
	c := content{Real: real, Mode: st.Mode().Perm()}
	c.UID, c.HasUID = fileOwner(st)
	return c
}

// whyNot turns an error of the operating system into a ledger state. listed says that the file was there a moment ago.
func whyNot(err error, listed bool) (state, reason string) {
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		if listed {
			return inventory.LookedVanished, "was there when it was listed"
		}
		return inventory.LookedAbsent, ""
	case errors.Is(err, fs.ErrPermission):
		return inventory.LookedDenied, "no permission to read"
	case errors.Is(err, syscall.ELOOP), strings.HasSuffix(err.Error(), "too many links"):
		return inventory.LookedNotRegular, "a link that was put there while it was read, or that leads back to itself"
	case errors.Is(err, syscall.ENAMETOOLONG):
		return inventory.LookedAbsent, "the name is too long for this file system"
	}
	var n syscall.Errno
	if errors.As(err, &n) {
		return inventory.LookedDenied, "not readable: " + n.Error()
	}
	return inventory.LookedDenied, "not readable"
}

func typeName(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder stands there"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO stands there"
	case m&fs.ModeSocket != 0:
		return "a socket stands there"
	case m&fs.ModeDevice != 0:
		return "a device stands there"
	case m&fs.ModeSymlink != 0:
		return "a link stands there"
	}
	return "not a regular file"
}

func tooLarge(limit int64) string {
	return fmt.Sprintf("larger than max_file_bytes (%d)", limit)
}
