package demo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"nhitop/inventory"
)

// file is a file as it is to be.
type file struct {
	text string
	mode fs.FileMode
}

// tree is a folder that becomes what the calendar says. What was changed in it by others, a revocation say, is left alone
// until the calendar itself changes that file.
type tree struct {
	root string
	have map[string]file
}

// become makes the folder hold these files and no other that this tree wrote.
func (t *tree) become(files map[string]file) error {
	for _, path := range inventory.SortedKeys(t.have) {
		if _, stays := files[path]; !stays {
			if err := os.Remove(t.place(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			delete(t.have, path)
		}
	}
	for _, path := range inventory.SortedKeys(files) {
		if f := files[path]; t.have[path] != f {
			if err := t.write(path, f); err != nil {
				return err
			}
			t.have[path] = f
		}
	}
	return nil
}

func (t *tree) place(path string) string { return filepath.Join(t.root, filepath.FromSlash(path)) }

func (t *tree) write(path string, f file) error {
	at := t.place(path)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(at, []byte(f.text), f.mode); err != nil {
		return err
	}
	return os.Chmod(at, f.mode) // whatever the umask
}
