package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nhitop/inventory"
)

// ErrNoCollection is returned for a collection that is not stored.
var ErrNoCollection = errors.New("no such collection is stored")

// Collection is one that is stored: when it was, how things stood, and how each source ended (source states by name).
type Collection struct {
	ID      int64
	At      time.Time
	Posture inventory.Posture
	Sources map[string]string
}

// remember adds a collection to the history, and returns its number: of each record that differs from what holds, the
// version that holds from now.
func remember(ctx context.Context, tx *sql.Tx, scope int64, x *inventory.Snapshot, vs []version) (int64, error) {
	id, err := addCollection(ctx, tx, scope, x)
	if err != nil {
		return 0, err
	}
	held, err := holding(ctx, tx, scope)
	if err != nil {
		return 0, err
	}
	w, err := newWriter(ctx, tx, scope, id, x.At())
	if err != nil {
		return 0, err
	}
	defer w.close()
	for i := range vs {
		h, ok := held[vs[i].name]
		if !ok {
			h.record, err = w.add(ctx, &vs[i])
			held[vs[i].name] = heldRecord{seen: true}
		} else {
			if h.seen {
				continue // an id twice: the first stands for both
			}
			h.seen = true
			held[vs[i].name] = h
		}
		if err == nil && !bytes.Equal(h.hash, vs[i].hash) {
			err = w.version(ctx, h, &vs[i])
		}
		if err != nil {
			return 0, err
		}
	}
	for _, h := range held {
		if !h.seen && h.hash != nil {
			if err := w.end(ctx, h); err != nil {
				return 0, err
			}
		}
	}
	return id, nil
}

func addCollection(ctx context.Context, tx *sql.Tx, scope int64, x *inventory.Snapshot) (int64, error) {
	states := map[string]string{}
	for _, s := range x.Records().Sources {
		states[s.Name] = s.Status
	}
	p := x.Posture()
	p.Gauge = inventory.Gauge{} // it is kept by its numbers
	posture, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	sources, err := json.Marshal(states)
	if err != nil {
		return 0, err
	}
	done, err := tx.ExecContext(ctx, "INSERT INTO collection (scope, at, posture, sources) VALUES (?, ?, ?, ?)", scope, x.At().UnixNano(), string(posture), string(sources))
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// heldRecord is a record that history knows, and the hash of the version that holds; nil if it is not there.
type heldRecord struct {
	record int64
	hash   []byte
	seen   bool
}

func holding(ctx context.Context, tx *sql.Tx, scope int64) (map[string]heldRecord, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, name, hash FROM record WHERE scope = ?", scope)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[string]heldRecord{}
	for rows.Next() {
		var h heldRecord
		var name string
		if err := rows.Scan(&h.record, &name, &h.hash); err != nil {
			return nil, err
		}
		held[name] = h
	}
	return held, rows.Err()
}

// writer writes the versions of one collection.
type writer struct {
	scope, collection int64
	at                time.Time
	record, put, stop *sql.Stmt
	hash              *sql.Stmt
}

func newWriter(ctx context.Context, tx *sql.Tx, scope, collection int64, at time.Time) (*writer, error) {
	w := &writer{scope: scope, collection: collection, at: at}
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&w.record, "INSERT INTO record (scope, name, first, hash) VALUES (?, ?, ?, ?)"},
		{&w.put, "INSERT INTO version (record, since, data) VALUES (?, ?, ?)"},
		{&w.stop, "UPDATE version SET until = ? WHERE record = ? AND until IS NULL"},
		{&w.hash, "UPDATE record SET hash = ? WHERE id = ?"},
	} {
		s, err := tx.PrepareContext(ctx, p.text)
		if err != nil {
			w.close()
			return nil, err
		}
		*p.to = s
	}
	return w, nil
}

func (w *writer) close() {
	for _, s := range []*sql.Stmt{w.record, w.put, w.stop, w.hash} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// add makes a record known. Its version is written by the caller.
func (w *writer) add(ctx context.Context, v *version) (int64, error) {
	first := v.first
	if first.IsZero() || first.After(w.at) {
		first = w.at
	}
	done, err := w.record.ExecContext(ctx, w.scope, v.name, first.UnixNano(), v.hash)
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// version writes the version that holds from now, and ends the one before.
func (w *writer) version(ctx context.Context, h heldRecord, v *version) error {
	if h.hash != nil {
		if _, err := w.stop.ExecContext(ctx, w.collection, h.record); err != nil {
			return err
		}
	}
	if h.seen { // it was known before: its hash is another one now
		if _, err := w.hash.ExecContext(ctx, v.hash, h.record); err != nil {
			return err
		}
	}
	data, err := pack(v.json)
	if err != nil {
		return err
	}
	_, err = w.put.ExecContext(ctx, h.record, w.collection, data)
	return err
}

// end says that a record is not there from now.
func (w *writer) end(ctx context.Context, h heldRecord) error {
	if _, err := w.stop.ExecContext(ctx, w.collection, h.record); err != nil {
		return err
	}
	_, err := w.hash.ExecContext(ctx, nil, h.record)
	return err
}

// Collections returns the newest stored collections of the scope, oldest first, at most limit (0: all).
func (f *Facts) Collections(limit int) ([]Collection, error) {
	if limit <= 0 {
		limit = -1
	}
	return f.collections(`SELECT * FROM (SELECT collection.id, at, posture, sources FROM collection JOIN scope ON scope.id = scope
		WHERE scope.key = ? ORDER BY at DESC, collection.id DESC LIMIT ?) ORDER BY at, id`, f.key, limit)
}

// CollectionAt returns the last collection at or before a time, or the first of all if there is none before.
func (f *Facts) CollectionAt(at time.Time) (Collection, error) {
	const head = "SELECT collection.id, at, posture, sources FROM collection JOIN scope ON scope.id = scope WHERE scope.key = ?"
	cs, err := f.collections(head+" AND at <= ? ORDER BY at DESC, collection.id DESC LIMIT 1", f.key, at.UnixNano())
	if err == nil && len(cs) == 0 {
		cs, err = f.collections(head+" ORDER BY at, collection.id LIMIT 1", f.key)
	}
	return one(cs, err)
}

// Collection returns the collection of that id.
func (f *Facts) Collection(id int64) (Collection, error) {
	cs, err := f.collections("SELECT collection.id, at, posture, sources FROM collection JOIN scope ON scope.id = scope WHERE scope.key = ? AND collection.id = ?", f.key, id)
	return one(cs, err)
}

func one(cs []Collection, err error) (Collection, error) {
	if err == nil && len(cs) == 0 {
		err = ErrNoCollection
	}
	if err != nil {
		return Collection{}, err
	}
	return cs[0], nil
}

func (f *Facts) collections(query string, args ...any) ([]Collection, error) {
	db, err := f.store.db()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(query, args...)
	if err != nil {
		return nil, f.store.fault(err)
	}
	defer rows.Close()
	cs := []Collection{}
	for rows.Next() {
		var c Collection
		var at int64
		var posture, sources string
		if err := rows.Scan(&c.ID, &at, &posture, &sources); err != nil {
			return nil, f.store.fault(err)
		}
		c.At = time.Unix(0, at).UTC()
		if err := errors.Join(json.Unmarshal([]byte(posture), &c.Posture), json.Unmarshal([]byte(sources), &c.Sources)); err != nil {
			return nil, fmt.Errorf("collection %d: %w", c.ID, ErrDamaged)
		}
		cs = append(cs, c)
	}
	return cs, f.store.fault(rows.Err())
}
