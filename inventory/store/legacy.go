package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

// The JSON files that stood in the state folder before the database. They are read while the database has nothing of their
// scope, and taken away by the first snapshot that it gets.
const (
	legacySnapshot = "snapshot.json"
	legacyDir      = "facts"
	maxFile        = 1 << 30 // bytes; more is not read back
)

// kept is the form in which facts stand in a file. The schema is that of the JSON interface, whose field names it uses.
type kept struct {
	Schema string    `json:"schema"`
	At     time.Time `json:"collected_at"`
	Source string    `json:"source,omitempty"`
	inventory.Records
}

// legacyFile is the file of the snapshot (source "") or of the last good facts of a source, whose name an operator chose and
// is escaped into one path element.
func (f *Facts) legacyFile(source string) string {
	if source == "" {
		return filepath.Join(f.legacy, legacySnapshot)
	}
	return filepath.Join(f.legacy, "source-"+strings.ReplaceAll(url.PathEscape(source), ".", "%2E")+".json")
}

// loadLegacy reads one such file; nil, nil if there is none. One that cannot be understood is set aside, one that a newer
// nhitop wrote is refused.
func loadLegacy(path string) (*kept, error) {
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	k := new(kept)
	if err = json.Unmarshal(data, k); err == nil {
		err = known(path, k.Schema)
	} else if json.Unmarshal(data, &head) == nil && errors.Is(known(path, head.Schema), ErrNewer) {
		err = known(path, head.Schema) // a field that changed its type since
	}
	switch {
	case err == nil:
		return k, nil
	case errors.Is(err, ErrNewer):
		return nil, err
	}
	return nil, setAside(path)
}

// setAside renames a file that cannot be understood, so that it is told once and nothing is lost.
func setAside(path string) error {
	aside := path + ".damaged"
	if err := os.Rename(path, aside); err != nil {
		return fmt.Errorf("%s: %w, and it cannot be set aside: %w", path, ErrDamaged, err)
	}
	return fmt.Errorf("%s: %w; it was set aside as %s", path, ErrDamaged, filepath.Base(aside))
}

// known checks the schema of a stored file.
func known(path, schema string) error {
	if schema == inventory.Schema {
		return nil
	}
	name, version, _ := strings.Cut(schema, "/v")
	ours, current, _ := strings.Cut(inventory.Schema, "/v")
	n, err := strconv.Atoi(version)
	m, _ := strconv.Atoi(current)
	if name == ours && err == nil && n > m {
		return fmt.Errorf("%s: %w (schema %s, this one knows %s); update nhitop, or use another --state", path, ErrNewer, ours+"/v"+strconv.Itoa(n), inventory.Schema)
	}
	return fmt.Errorf("%s: %w: no schema that is known", path, ErrDamaged)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %w: not a regular file of at most %d bytes", path, ErrDamaged, maxFile)
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// dropLegacy takes away what the database now has. A file that was set aside stays, and with it the folder.
func (f *Facts) dropLegacy() {
	files, err := filepath.Glob(filepath.Join(f.legacy, "*.json"))
	if err != nil || len(files) == 0 {
		return
	}
	for _, file := range files {
		_ = os.Remove(file) // what is left is not read again
	}
	_ = os.Remove(f.legacy)
	_ = os.Remove(filepath.Dir(f.legacy))
}
