//go:build unix

package local

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func ownerOf(st fs.FileInfo) ownership {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return ownership{}
	}
	return ownership{known: true, uid: int(s.Uid), gid: int(s.Gid), links: uint64(s.Nlink), dev: uint64(s.Dev), ino: uint64(s.Ino)}
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
