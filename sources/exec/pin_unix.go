//go:build linux || darwin

package exec

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	maxProgram = 256 << 20 // bytes
	othersMay  = 0o022
)

// pinned returns what keeps a program from being the one that the configuration names: it and every folder above it may be
// changed by its owner and root alone, and its content has the digest.
func pinned(path, digest string) error {
	got, err := Pin(path)
	if err == nil && !strings.EqualFold(got, digest) {
		err = fmt.Errorf("%s is not the program that was pinned: its SHA-256 is %s. Look at it, and pin it anew if it is right", path, got)
	}
	return err
}

// Pin returns the digest that a program is pinned by, or why it cannot be: because others may change it, say.
func Pin(path string) (string, error) {
	for p := path; ; p = filepath.Dir(p) {
		st, err := os.Lstat(p)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s cannot be looked at: %w", p, errors.Unwrap(err))
		case p == path && !st.Mode().IsRegular():
			return "", fmt.Errorf("%s is no regular file; name the program itself, no link to it", p)
		case p != path && st.Mode()&os.ModeSymlink != 0:
			return "", fmt.Errorf("%s is a link; name the program by the path without it", p)
		case st.Mode().Perm()&othersMay != 0 && !(st.IsDir() && st.Mode()&os.ModeSticky != 0):
			return "", fmt.Errorf("others may write to %s: chmod go-w %s", p, p)
		}
		if u, ok := st.Sys().(*syscall.Stat_t); ok && u.Uid != 0 && int(u.Uid) != os.Getuid() {
			return "", fmt.Errorf("%s belongs to another user, who may change it", p)
		}
		if p == filepath.Dir(p) {
			break
		}
	}
	return digestOf(path)
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", path, errors.Unwrap(err))
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(f, maxProgram+1)); err != nil || n > maxProgram {
		return "", fmt.Errorf("%s cannot be read, or is larger than %d MiB", path, maxProgram>>20)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
