package catalogue

import (
	"io/fs"
	"testing/fstest"
)

// oneFile is a file system with one file named x.
func oneFile(text string) fs.FS { return fstest.MapFS{"x": {Data: []byte(text)}} }
