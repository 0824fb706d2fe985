package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

const (
	snapshotFile = "snapshot.json"
	scopesDir    = "facts"
	maxScopes    = 32
	maxFile      = 1 << 30 // bytes; more is not read back
)

// kept is the form in which facts are stored. The schema is that of the JSON interface, whose field names it uses.
type kept struct {
	Schema string    `json:"schema"`
	At     time.Time `json:"collected_at"`
	Source string    `json:"source,omitempty"`
	inventory.Records
}

// Facts are the stored facts of one scope: the same home, the same folders, the same accounts. What another scope says is
// neither shown nor taken for what is missing in this one.
type Facts struct{ dir string }

// Facts opens the facts of a scope. Those of scopes that were not used for longest are dropped beyond maxScopes.
func (s *Store) Facts(scope string) *Facts {
	sum := sha256.Sum256([]byte(scope))
	return &Facts{dir: filepath.Join(s.dir, scopesDir, hex.EncodeToString(sum[:8]))}
}

// SaveSnapshot stores the state that the next start begins with. A snapshot that a newer nhitop left is not overwritten.
func (s *Facts) SaveSnapshot(x *inventory.Snapshot) error {
	if err := s.save(filepath.Join(s.dir, snapshotFile), kept{Schema: inventory.Schema, At: x.At(), Records: x.Records()}); err != nil {
		return err
	}
	prune(filepath.Dir(s.dir))
	return nil
}

// LoadSnapshot returns what [Facts.SaveSnapshot] stored last, with every source marked stale; nil, nil if there is none.
// One that cannot be understood is set aside, and the error, which wraps [ErrDamaged], says where to.
func (s *Facts) LoadSnapshot() (*inventory.Snapshot, error) {
	k, err := s.load(filepath.Join(s.dir, snapshotFile))
	if k == nil || err != nil {
		return nil, err
	}
	for i := range k.Sources {
		src := &k.Sources[i]
		if src.Status == inventory.SourceOK || src.Status == inventory.SourcePartial {
			src.Reason = strings.TrimPrefix(src.Reason+"; from the last collection", "; ")
			src.Status = inventory.SourceStale
		}
	}
	return inventory.NewSnapshot(k.At, k.Records, false), nil
}

// Good is what one source said when it last ended well, and when that was.
type Good struct {
	At    time.Time
	Batch inventory.Batch
}

// SaveGood stores the last good facts of one source.
func (s *Facts) SaveGood(g Good) error {
	return s.save(s.goodFile(g.Batch.Source), kept{Schema: inventory.Schema, At: g.At, Source: g.Batch.Source, Records: g.Batch.Records})
}

// LoadGood returns the last good facts of one source; the zero value if there are none. Errors are those of LoadSnapshot.
func (s *Facts) LoadGood(source string) (Good, error) {
	k, err := s.load(s.goodFile(source))
	if k == nil || err != nil {
		return Good{}, err
	}
	return Good{At: k.At, Batch: inventory.Batch{Source: source, Records: k.Records}}, nil
}

// goodFile escapes a source's name, which an operator chose, into one path element.
func (s *Facts) goodFile(source string) string {
	return filepath.Join(s.dir, "source-"+strings.ReplaceAll(url.PathEscape(source), ".", "%2E")+".json")
}

func (s *Facts) save(path string, k kept) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if _, err := peek(path); errors.Is(err, ErrNewer) {
		return err
	}
	data, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := WriteFile(path, append(data, '\n')); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

func (s *Facts) load(path string) (*kept, error) {
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

// setAside renames a file that cannot be understood, so that the next one can be written and nothing is lost.
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

// peek reads no more than the schema, which stands first in the file.
func peek(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, 512))
	for i := range 3 {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		if v, ok := t.(string); ok && i == 2 {
			return v, known(path, v)
		}
	}
	return "", nil
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

// prune drops the scopes that were not used for longest. That it cannot is no reason to fail: only space is lost.
func prune(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= maxScopes {
		return
	}
	used := func(e fs.DirEntry) time.Time {
		info, err := os.Stat(filepath.Join(dir, e.Name(), snapshotFile))
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return used(b).Compare(used(a)) })
	for _, e := range entries[maxScopes:] {
		_ = os.RemoveAll(filepath.Join(dir, e.Name()))
	}
}
