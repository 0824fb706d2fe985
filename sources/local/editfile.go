package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nhitop/inventory/revoke"
)

// held is a file as it stands, before it is changed.
type held struct {
	path  string // links resolved
	data  []byte
	sum   string // SHA-256 in hex
	mode  fs.FileMode
	owner ownership
	mtime time.Time
}

// ownership is whose a file is; known is false where the system has no such numbers.
type ownership struct {
	known    bool
	uid, gid int
	links    uint64 // names of the file
	dev, ino uint64 // which file it is
}

// same reports whether two names are of one file.
func (o ownership) same(p ownership) bool { return o.known && o.dev == p.dev && o.ino == p.ino }

func sumOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// errNotRegular and the like are refusals: nothing was changed.
var (
	errNoFile     = errors.New("the file is not there")
	errNotRegular = errors.New("it is not a regular file that can be read, or a link leads out of the folders that are scanned")
)

// hold reads a file whose real place lies in the roots.
func hold(path string, in roots, limit int64) (*held, error) {
	c := readFile(path, in, limit)
	if c.Data == nil {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, errNoFile
		}
		return nil, fmt.Errorf("%w: %s", errNotRegular, c.Reason)
	}
	st, err := os.Lstat(c.Real)
	if err != nil {
		return nil, errNoFile
	}
	if !st.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return &held{path: c.Real, data: c.Data, sum: sumOf(c.Data), mode: st.Mode() & keptBits, owner: ownerOf(st), mtime: st.ModTime()}, nil
}

const keptBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// replace puts new content in a file's place in one piece: written beside it with its mode and owner, synced, renamed, and
// the folder synced. It refuses when the file is no longer what was held.
func (h *held) replace(data []byte) error {
	tmp, err := h.beside(data)
	if err != nil {
		return err
	}
	if err := h.unchanged(); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, h.path); err != nil {
		return errors.Join(errors.New("the file cannot be replaced: "+reason(err)), os.Remove(tmp))
	}
	return syncFolder(filepath.Dir(h.path))
}

// beside writes a file of the same mode and owner into the same folder.
func (h *held) beside(data []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".nhitop-*") // 0600
	if err != nil {
		return "", errors.New("the folder cannot be written: " + reason(err))
	}
	name := f.Name()
	_, err = f.Write(data)
	if err == nil && h.owner.known {
		if st, e := f.Stat(); e != nil {
			err = e
		} else if own := ownerOf(st); own.uid != h.owner.uid || own.gid != h.owner.gid {
			err = f.Chown(h.owner.uid, h.owner.gid)
		}
	}
	if err == nil { // after the owner: changing that takes bits away
		err = f.Chmod(h.mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(errors.New("the new file cannot be written as the old one was: "+reason(err)), os.Remove(name))
	}
	return name, nil
}

// unchanged looks once more, right before the change.
func (h *held) unchanged() error {
	again, err := os.ReadFile(h.path)
	if err != nil || sumOf(again) != h.sum {
		return revoke.ErrChanged
	}
	return nil
}

// reason is what the operating system says, without the path.
func reason(err error) string {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err.Error()
	case errors.As(err, &le):
		return le.Err.Error()
	}
	return err.Error()
}

// backup is what is kept of a file before it is changed: the content beside this description.
type backup struct {
	Step   string      `json:"step"`
	Path   string      `json:"path"`
	Before string      `json:"before"` // SHA-256 of the content that is kept
	After  string      `json:"after"`  // SHA-256 of what the step makes of it; "" when it deletes the file
	Mode   fs.FileMode `json:"mode"`
	Known  bool        `json:"owned"`
	UID    int         `json:"uid"`
	GID    int         `json:"gid"`
	MTime  time.Time   `json:"mtime"`
	At     time.Time   `json:"at"`

	id string
}

// backups is the folder of backups, one folder each, 0700, files 0600.
type backups struct{ dir string }

const (
	backupContent = "content"
	backupMeta    = "backup.json"
	maxBackups    = 100_000
)

// save keeps a file before a step changes it, durably. The same step on the same content keeps it once.
func (b backups) save(step string, h *held, after string, now time.Time) (*backup, error) {
	m := &backup{Step: step, Path: h.path, Before: h.sum, After: after, Mode: h.mode, Known: h.owner.known, UID: h.owner.uid, GID: h.owner.gid, MTime: h.mtime, At: now.UTC()}
	m.id = backupID(step, h.sum)
	err := b.write(m, h.data)
	if err != nil {
		return nil, errors.New("no backup can be kept, so nothing is changed: " + reason(err))
	}
	return m, nil
}

func backupID(step, sum string) string {
	return sumOf([]byte(step + " " + sum))[:20]
}

func (b backups) write(m *backup, data []byte) error {
	dir := filepath.Join(b.dir, m.id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	meta, err := json.Marshal(m)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{backupContent, data}, {backupMeta, meta}} { // the description last: where it is, the content is whole
		if err := writePrivate(filepath.Join(dir, f.name), f.data); err != nil {
			return err
		}
	}
	return errors.Join(syncFolder(dir), syncFolder(b.dir), syncFolder(filepath.Dir(b.dir)))
}

// writePrivate writes a 0600 file in one piece and syncs it.
func writePrivate(path string, data []byte) error {
	var salt [6]byte
	_, _ = rand.Read(salt[:])
	tmp := path + "." + hex.EncodeToString(salt[:])
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return nil
}

// load returns a backup's description, or nil.
func (b backups) load(id string) *backup {
	if id == "" || strings.Trim(id, "0123456789abcdef") != "" {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(b.dir, id, backupMeta))
	if err != nil {
		return nil
	}
	m := &backup{id: id}
	if json.Unmarshal(data, m) != nil || m.Before == "" {
		return nil
	}
	return m
}

// content returns what a backup keeps, or nil when it is not what was kept.
func (b backups) content(m *backup) []byte {
	data, err := os.ReadFile(filepath.Join(b.dir, m.id, backupContent))
	if err != nil || sumOf(data) != m.Before {
		return nil
	}
	return data
}

// lead looks whether nothing but nhitop's own steps changed a file from one content into another, and returns the first
// of these contents.
func (b backups) lead(path, from, to string) []byte {
	entries, err := os.ReadDir(b.dir)
	if err != nil || len(entries) > maxBackups {
		return nil
	}
	next := map[string][]*backup{}
	for _, e := range entries {
		if m := b.load(e.Name()); m != nil && m.Path == path && m.After != "" {
			next[m.Before] = append(next[m.Before], m)
		}
	}
	start := next[from]
	if len(start) == 0 {
		return nil
	}
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, m := range next[queue[0]] {
			if m.After == to {
				return b.content(start[0])
			}
			if !seen[m.After] {
				seen[m.After] = true
				queue = append(queue, m.After)
			}
		}
	}
	return nil
}
