//go:build !unix

package local

import "os"

// openPlain opens a path whose links were resolved before.
func openPlain(path string) (*os.File, error) { return os.Open(path) }
