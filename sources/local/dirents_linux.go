package local

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// direntHeader is what stands before the name in a linux_dirent64: inode, offset, length and type (getdents64(2)).
const direntHeader = 8 + 8 + 2 + 1

// readNames calls yield for every entry of an open folder, in the order of the file system. The name is valid during the
// call only. It makes no call per entry to the operating system and no allocation, except on a file system that does not
// tell types.
func readNames(dir *os.File, buf []byte, yield func(name []byte, typ fs.FileMode)) error {
	for {
		n, err := unix.ReadDirent(int(dir.Fd()), buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return err
		}
		for b := buf[:n]; len(b) > direntHeader; {
			size := int(binary.NativeEndian.Uint16(b[16:18]))
			if size <= direntHeader || size > len(b) {
				break
			}
			name, typ := b[direntHeader:size], b[18]
			if i := bytes.IndexByte(name, 0); i >= 0 {
				name = name[:i]
			}
			if len(name) > 0 && string(name) != "." && string(name) != ".." {
				yield(name, direntType(dir, name, typ))
			}
			b = b[size:]
		}
	}
}

func direntType(dir *os.File, name []byte, typ byte) fs.FileMode {
	switch typ {
	case unix.DT_REG:
		return 0
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_LNK:
		return fs.ModeSymlink
	case unix.DT_UNKNOWN:
		var st unix.Stat_t
		if unix.Fstatat(int(dir.Fd()), string(name), &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
			return fs.ModeIrregular
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			return 0
		case unix.S_IFDIR:
			return fs.ModeDir
		case unix.S_IFLNK:
			return fs.ModeSymlink
		}
	}
	return fs.ModeIrregular
}
