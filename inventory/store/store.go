package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Errors that callers tell apart. All are about the state folder and name the file and what to do.
var (
	ErrNewer   = errors.New("written by a newer nhitop")
	ErrExposed = errors.New("others can reach it")
	ErrDamaged = errors.New("cannot be understood")
)

// Store is an open state folder. Its methods may be called from several goroutines, and by several processes at once.
type Store struct {
	dir  string
	base database
}

// Open opens the state folder and creates it where it is missing. A folder that others can reach is closed (0700) when it
// is empty or already nhitop's; else it is refused, for what it holds may be meant for others.
func Open(dir string) (*Store, error) {
	if dir == "" {
		return nil, errors.New("no state folder is given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("state folder cannot be created (choose another with --state): %w", err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := closeFolder(abs); err != nil {
			return nil, err
		}
	}
	return &Store{dir: abs}, nil
}

// closeFolder takes the rights of others away from a folder that is empty or nhitop's own.
func closeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	own := len(entries) == 0
	for _, e := range entries {
		own = own || e.Name() == keyFile
	}
	if !own {
		return fmt.Errorf("state folder %s: %w, and it holds other things; choose another with --state, or chmod 700 it", dir, ErrExposed)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("state folder %s: %w: %w", dir, ErrExposed, err)
	}
	return nil
}

// Dir is the folder's absolute path.
func (s *Store) Dir() string { return s.dir }

// WriteFile writes a file of mode 0600 in one piece: beside its place, synced, renamed, and the folder synced.
func WriteFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".nhitop-*") // 0600
	if err != nil {
		return err
	}
	tmp := f.Name()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	syncDir(dir)
	return nil
}

// syncDir makes a rename durable. Not every system can sync a folder; the file itself is synced in any case.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
