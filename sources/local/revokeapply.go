package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// undoBackup is the key of [revoke.Receipt.Undo].
const undoBackup = "backup"

// Apply implements revoke.Revoker. It refuses with revoke.ErrChanged when anybody but nhitop has changed the file since
// the plan, and does nothing before a backup of the file is durable.
func (r *Revoker) Apply(ctx context.Context, s revoke.Step) (revoke.Receipt, error) {
	if !r.o.Enabled {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return revoke.Receipt{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := decodeChange(s.Params[paramChange])
	if err != nil {
		return revoke.Receipt{}, err
	}
	h, err := r.hold(s)
	if errors.Is(err, errNoFile) && c.Delete {
		return revoke.Receipt{At: r.o.Now(), Detail: "the file was already gone", Already: true}, nil
	}
	if err != nil {
		return revoke.Receipt{}, fmt.Errorf("%w (%w)", revoke.ErrChanged, err)
	}
	planned, err := r.planned(s, h)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if c.Delete {
		return r.remove(s, h)
	}
	before, now, err := parseBoth(s, planned, h.data)
	if err != nil {
		return revoke.Receipt{}, err
	}
	out, already, err := c.apply(before, now)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if already {
		return revoke.Receipt{At: r.o.Now(), Detail: "an earlier step had already done it", Already: true}, nil
	}
	m, err := r.backup.save(s.ID, h, sumOf(out), r.o.Now())
	if err != nil {
		return revoke.Receipt{}, err
	}
	if err := h.replace(out); err != nil {
		return revoke.Receipt{}, err
	}
	return r.receipt(m, fmt.Sprintf("%d bytes before, %d now", len(h.data), len(out))), nil
}

func (r *Revoker) receipt(m *backup, detail string) revoke.Receipt {
	return revoke.Receipt{At: r.o.Now(), Detail: detail, Undo: map[string]string{undoBackup: m.id}}
}

// remove deletes a file.
func (r *Revoker) remove(s revoke.Step, h *held) (revoke.Receipt, error) {
	m, err := r.backup.save(s.ID, h, "", r.o.Now())
	if err != nil {
		return revoke.Receipt{}, err
	}
	if err := h.unchanged(); err != nil {
		return revoke.Receipt{}, err
	}
	if err := os.Remove(h.path); err != nil {
		return revoke.Receipt{}, errors.New("the file cannot be deleted: " + reason(err))
	}
	if err := syncFolder(filepath.Dir(h.path)); err != nil {
		return revoke.Receipt{}, errors.New("the folder cannot be synced: " + reason(err))
	}
	return r.receipt(m, "deleted"), nil
}

// hold reads the file of a step, which must still be where the plan found it: no link, in the same folder.
func (r *Revoker) hold(s revoke.Step) (*held, error) {
	path, root := s.Params[paramPath], s.Params[paramRoot]
	if !filepath.IsAbs(path) || !filepath.IsAbs(root) || !below(filepath.Clean(root), filepath.Clean(path)) {
		return nil, errNotRegular
	}
	h, err := hold(path, roots{filepath.Clean(root)}, r.o.MaxBytes+(1<<20))
	if err == nil && h.path != path { // a link was put into the way
		return nil, errNotRegular
	}
	return h, err
}

// planned returns the content that the step was planned for: the file's own, or that of a backup when only nhitop's own
// steps lead from it to what stands there now.
func (r *Revoker) planned(s revoke.Step, h *held) ([]byte, error) {
	if h.sum == s.Params[paramSum] {
		return h.data, nil
	}
	if data := r.backup.lead(h.path, s.Params[paramSum], h.sum); data != nil {
		return data, nil
	}
	return nil, revoke.ErrChanged
}

func parseBoth(s revoke.Step, planned, now []byte) (before, cur *doc.Doc, err error) {
	f := doc.Format(s.Params[paramFormat])
	if before, err = doc.ParseLimits(f, planned, docLimits); err != nil {
		return nil, nil, revoke.ErrChanged
	}
	if string(planned) == string(now) {
		return before, before, nil
	}
	if cur, err = doc.ParseLimits(f, now, docLimits); err != nil {
		return nil, nil, revoke.ErrChanged
	}
	return before, cur, nil
}

// Recover implements revoke.Recoverer: the backup that every change leaves tells before which and after which the
// process ended.
func (r *Revoker) Recover(_ context.Context, s revoke.Step) (revoke.Receipt, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := decodeChange(s.Params[paramChange])
	if err != nil {
		return revoke.Receipt{}, revoke.StateUnknown, err
	}
	h, err := r.hold(s)
	sum := ""
	switch {
	case err == nil:
		sum = h.sum
	case !errors.Is(err, errNoFile):
		return revoke.Receipt{}, revoke.StateUnknown, nil
	}
	for _, m := range r.ofStep(s) {
		switch {
		case m.After == sum:
			return r.receipt(m, "found done after nhitop had been cut off"), revoke.StateDone, nil
		case m.Before == sum:
			return revoke.Receipt{}, revoke.StatePlanned, nil
		}
	}
	if sum == "" && c.Delete {
		return revoke.Receipt{}, revoke.StateUnknown, nil
	}
	if len(r.ofStep(s)) == 0 { // no backup, so nothing was changed
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}

// ofStep returns the backups that a step left, on whatever content it came.
func (r *Revoker) ofStep(s revoke.Step) []*backup {
	if m := r.backup.load(backupID(s.ID, s.Params[paramSum])); m != nil && m.Step == s.ID {
		return []*backup{m}
	}
	entries, err := os.ReadDir(r.backup.dir)
	if err != nil || len(entries) > maxBackups {
		return nil
	}
	var ms []*backup
	for _, e := range entries {
		if m := r.backup.load(e.Name()); m != nil && m.Step == s.ID && m.Path == s.Params[paramPath] {
			ms = append(ms, m)
		}
	}
	return ms
}

// Undo implements revoke.Undoer: the file is put back byte for byte, with its mode, its owner and its time. It refuses
// with revoke.ErrChanged when the file was changed since. Calling it again is no error.
func (r *Revoker) Undo(ctx context.Context, s revoke.Step, receipt revoke.Receipt) (revoke.Receipt, error) {
	if !r.o.Enabled {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return revoke.Receipt{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.backup.load(receipt.Undo[undoBackup])
	if m == nil || m.Path != s.Params[paramPath] {
		return revoke.Receipt{}, errors.New("the backup is not there any more")
	}
	data := r.backup.content(m)
	if data == nil {
		return revoke.Receipt{}, errors.New("the backup is not what was kept; it is left alone")
	}
	h, err := r.hold(s)
	switch {
	case errors.Is(err, errNoFile) && m.After == "":
		return r.putBack(m, data)
	case err != nil:
		return revoke.Receipt{}, fmt.Errorf("%w (%w)", revoke.ErrChanged, err)
	case h.sum == m.Before:
		return revoke.Receipt{At: r.o.Now(), Detail: "it was already put back", Already: true}, nil
	case h.sum != m.After:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	h.mode, h.owner = m.Mode, ownership{known: m.Known, uid: m.UID, gid: m.GID}
	if err := h.replace(data); err != nil {
		return revoke.Receipt{}, err
	}
	r.restoreTime(m)
	return revoke.Receipt{At: r.o.Now(), Detail: "put back byte for byte"}, nil
}

// putBack makes a deleted file again, unless something stands in its place.
func (r *Revoker) putBack(m *backup, data []byte) (revoke.Receipt, error) {
	h := &held{path: m.Path, mode: m.Mode, owner: ownership{known: m.Known, uid: m.UID, gid: m.GID}}
	tmp, err := h.beside(data)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if _, err := os.Lstat(m.Path); !errors.Is(err, fs.ErrNotExist) {
		return revoke.Receipt{}, errors.Join(revoke.ErrChanged, os.Remove(tmp))
	}
	if err := os.Rename(tmp, m.Path); err != nil {
		return revoke.Receipt{}, errors.Join(errors.New("the file cannot be put back: "+reason(err)), os.Remove(tmp))
	}
	if err := syncFolder(filepath.Dir(m.Path)); err != nil {
		return revoke.Receipt{}, errors.New("the folder cannot be synced: " + reason(err))
	}
	r.restoreTime(m)
	return revoke.Receipt{At: r.o.Now(), Detail: "put back byte for byte"}, nil
}

// restoreTime is best effort: a time that cannot be set back hides nothing.
func (r *Revoker) restoreTime(m *backup) {
	if !m.MTime.IsZero() {
		_ = os.Chtimes(m.Path, m.MTime, m.MTime)
	}
}
