//go:build !linux && !darwin

package exec

import "nhitop/sources/exec/cage"

// pinned refuses: who may change a file is not told here.
func pinned(string, string) error { return cage.ErrSystem }

// Pin refuses too.
func Pin(string) (string, error) { return "", cage.ErrSystem }
