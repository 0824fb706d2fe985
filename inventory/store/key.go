package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"nhitop/inventory"
)

const keyFile = "key"

// Key returns the key that fingerprints are made with, and makes one when there is none. A key that others can read, or
// that has not its length, is refused: with it a list of guesses could be tried against the fingerprints.
func (s *Store) Key() (inventory.Key, error) {
	path := filepath.Join(s.dir, keyFile)
	k, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := makeKey(s.dir, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return inventory.Key{}, fmt.Errorf("fingerprint key cannot be made: %w", err)
	}
	return readKey(path) // what stands there now, even if another process was first
}

func readKey(path string) (inventory.Key, error) {
	var k inventory.Key
	info, err := os.Lstat(path)
	if err != nil {
		return k, err
	}
	if !info.Mode().IsRegular() {
		return k, fmt.Errorf("%s: %w: not a regular file; remove it", path, ErrDamaged)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return k, fmt.Errorf("%s: %w (mode %04o); remove it to get a new one, for this one may be known: all fingerprints change", path, ErrExposed, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return k, err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, k[:]); err != nil || info.Size() != int64(len(k)) {
		return inventory.Key{}, fmt.Errorf("%s: %w: not %d bytes; remove it to get a new one: all fingerprints change", path, ErrDamaged, len(k))
	}
	return k, nil
}

// makeKey puts a whole key in place or nothing. A link does not replace what another process put there first.
func makeKey(dir, path string) error {
	var k inventory.Key
	if _, err := rand.Read(k[:]); err != nil {
		return err
	}
	tmp := filepath.Join(dir, ".key-"+rand.Text())
	if err := WriteFile(tmp, k[:]); err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, path); err == nil || errors.Is(err, fs.ErrExist) {
		syncDir(dir)
		return err
	}
	// A file system without links: a rename is whole too, and only two first starts at once could still meet here.
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(tmp, path)
}
