//go:build !linux

package local

import (
	"io"
	"io/fs"
	"os"
)

const direntBatch = 512

// readNames calls yield for every entry of an open folder, in the order of the file system.
func readNames(dir *os.File, _ []byte, yield func(name []byte, typ fs.FileMode)) error {
	for {
		entries, err := dir.ReadDir(direntBatch)
		for _, e := range entries {
			yield([]byte(e.Name()), e.Type())
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
