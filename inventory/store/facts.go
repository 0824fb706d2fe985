package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"nhitop/inventory"
)

const maxScopes = 32

// Facts are the stored facts of one scope: the same home, the same folders, the same accounts. What another scope says is
// neither shown nor taken for what is missing in this one.
type Facts struct {
	store  *Store
	key    []byte
	legacy string // the folder of the JSON files of before
}

// Facts opens the facts of a scope. Those of scopes that were not used for longest are dropped beyond maxScopes, their
// history too.
func (s *Store) Facts(scope string) *Facts {
	sum := sha256.Sum256([]byte(scope))
	return &Facts{store: s, key: sum[:16], legacy: filepath.Join(s.dir, legacyDir, hex.EncodeToString(sum[:8]))}
}

// SaveSnapshot stores the state that the next start begins with, and what is different in it as history. It is durable, all
// of it or nothing, when SaveSnapshot returns.
func (f *Facts) SaveSnapshot(x *inventory.Snapshot) error { return f.SaveMeasured(x, Measures{}) }

// SaveMeasured is SaveSnapshot with what was measured of the snapshot.
func (f *Facts) SaveMeasured(x *inventory.Snapshot, m Measures) error {
	records := x.Records()
	parts, err := encodeParts(records)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	vs, err := versions(&records)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	ctx := context.Background()
	err = f.store.within(ctx, func(tx *sql.Tx) error {
		scope, err := f.use(ctx, tx, x.At())
		if err != nil {
			return err
		}
		if err := putParts(ctx, tx, scope, "", x.At(), parts); err != nil {
			return err
		}
		collection, err := remember(ctx, tx, scope, x, vs)
		if err != nil {
			return err
		}
		if err := putMeasures(ctx, tx, scope, collection, m); err != nil {
			return err
		}
		return forgetScopes(ctx, tx)
	})
	if err == nil {
		f.dropLegacy()
	}
	return err
}

// LoadSnapshot returns what [Facts.SaveSnapshot] stored last, with every source marked stale; nil, nil if there is none.
// What cannot be understood is set aside or dropped, and told once by an error that wraps [ErrDamaged].
func (f *Facts) LoadSnapshot() (*inventory.Snapshot, error) {
	at, r, err := f.LoadRecords()
	if err != nil || at.IsZero() {
		return nil, err
	}
	return inventory.NewSnapshot(at, r, false), nil
}

// LoadRecords is LoadSnapshot for a caller that adds to the records; the zero time if there are none.
func (f *Facts) LoadRecords() (time.Time, inventory.Records, error) {
	at, r, err := f.load("")
	if err != nil || at.IsZero() {
		return time.Time{}, inventory.Records{}, err
	}
	for i := range r.Sources {
		src := &r.Sources[i]
		if src.Status == inventory.SourceOK || src.Status == inventory.SourcePartial {
			src.Reason = strings.TrimPrefix(src.Reason+"; from the last collection", "; ")
			src.Status = inventory.SourceStale
		}
	}
	return at, r, nil
}

// Statuses returns how the last collection from each source ended, as it was; nil if there was none.
func (f *Facts) Statuses() ([]inventory.SourceStatus, error) {
	_, r, err := f.load("")
	return r.Sources, err
}

// Good is what one source said when it last ended well, and when that was.
type Good struct {
	At    time.Time
	Batch inventory.Batch
}

// SaveGood stores the last good facts of one source.
func (f *Facts) SaveGood(g Good) error {
	parts, err := encodeParts(g.Batch.Records)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	ctx := context.Background()
	return f.store.within(ctx, func(tx *sql.Tx) error {
		scope, err := f.use(ctx, tx, g.At)
		if err != nil {
			return err
		}
		return putParts(ctx, tx, scope, g.Batch.Source, g.At, parts)
	})
}

// LoadGood returns the last good facts of one source; the zero value if there are none. Errors are those of LoadSnapshot.
func (f *Facts) LoadGood(source string) (Good, error) {
	at, r, err := f.load(source)
	if err != nil || at.IsZero() {
		return Good{}, err
	}
	return Good{At: at, Batch: inventory.Batch{Source: source, Records: r}}, nil
}

// use returns the number of the scope, which it makes where it is new.
func (f *Facts) use(ctx context.Context, tx *sql.Tx, at time.Time) (scope int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO scope (key, used) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET used = max(used, excluded.used) RETURNING id`, f.key, at.UnixNano()).Scan(&scope)
	return scope, err
}

// putParts replaces what is stored under a source's name. There is always one part, so that nothing found is not nothing
// stored.
func putParts(ctx context.Context, tx *sql.Tx, scope int64, source string, at time.Time, parts []part) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM facts WHERE scope = ? AND source = ?", scope, source); err != nil {
		return err
	}
	put, err := tx.PrepareContext(ctx, "INSERT INTO facts (scope, source, part, at, list, sum, data) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer put.Close()
	parts = append([]part{{list: noList, sum: []byte{}, data: []byte{}}}, parts...)
	for i, p := range parts {
		if _, err := put.ExecContext(ctx, scope, source, i, at.UnixNano(), p.list, p.sum, p.data); err != nil {
			return err
		}
	}
	return nil
}

const noList = "" // the part that is always there

// load reads what is stored under a source's name, or else what a file of before says; the zero time if neither is there.
func (f *Facts) load(source string) (time.Time, inventory.Records, error) {
	at, parts, err := f.parts(source)
	if told := f.store.said(); told != nil {
		return time.Time{}, inventory.Records{}, told
	}
	if err != nil {
		return time.Time{}, inventory.Records{}, err
	}
	if at.IsZero() {
		k, err := loadLegacy(f.legacyFile(source))
		if k == nil || err != nil {
			return time.Time{}, inventory.Records{}, err
		}
		return k.At, k.Records, nil
	}
	r, err := decodeParts(parts)
	if err != nil {
		return time.Time{}, inventory.Records{}, errors.Join(f.drop(source, err))
	}
	return at, r, nil
}

func (f *Facts) parts(source string) (at time.Time, parts []part, err error) {
	db, err := f.store.db()
	if err != nil {
		return at, nil, err
	}
	rows, err := db.Query(`SELECT facts.at, facts.list, facts.sum, facts.data FROM facts JOIN scope ON scope.id = facts.scope
		WHERE scope.key = ? AND facts.source = ? ORDER BY facts.part`, f.key, source)
	if err != nil {
		return at, nil, f.store.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p part
		var nano int64
		if err := rows.Scan(&nano, &p.list, &p.sum, &p.data); err != nil {
			return at, nil, f.store.fault(err)
		}
		at = time.Unix(0, nano).UTC()
		if p.list != noList {
			parts = append(parts, p)
		}
	}
	return at, parts, f.store.fault(rows.Err())
}

// drop removes facts that cannot be understood: the next collection writes them again.
func (f *Facts) drop(source string, why error) error {
	name := "the last snapshot"
	if source != "" {
		name = "the last facts of source " + inventory.Clean(source)
	}
	ctx := context.Background()
	err := f.store.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM facts WHERE source = ? AND scope = (SELECT id FROM scope WHERE key = ?)", source, f.key)
		return err
	})
	return errors.Join(fmt.Errorf("%s: %s: %w; they were dropped, and the next collection writes them again", filepath.Join(f.store.dir, databaseFile), name, why), err)
}

// forgetScopes drops the scopes that were not used for longest.
func forgetScopes(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM scope WHERE id IN (SELECT id FROM scope ORDER BY used DESC, id DESC LIMIT -1 OFFSET ?)", maxScopes)
	return err
}
