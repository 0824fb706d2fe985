package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"nhitop/inventory"
)

// Delta is what is different between two stored collections: the records that differ, as they were and as they are. The
// records are those of history, without lines, times of reading, and the words and scores of findings.
type Delta struct {
	From, To      Collection
	Before, After inventory.Records
	At            map[inventory.ID]time.Time // when the record came to be as it is, or went
	Known         map[inventory.ID]bool      // records of After only that were there at an earlier time than From
}

// Delta compares two collections of the scope. It costs what has changed, not what there is.
func (f *Facts) Delta(from, to Collection) (*Delta, error) {
	d := &Delta{From: from, To: to, At: map[inventory.ID]time.Time{}, Known: map[inventory.ID]bool{}}
	before := map[inventory.ID]bool{}
	err := f.versions(&d.Before, `SELECT name, first, at, data FROM version JOIN record ON record.id = record
		JOIN collection ON collection.id = until
		WHERE until > ?1 AND until <= ?2 AND since <= ?1 AND record.scope = (SELECT id FROM scope WHERE key = ?3) ORDER BY name`,
		from, to, func(id inventory.ID, first, at time.Time) {
			before[id] = true
			d.At[id] = at
		})
	if err != nil {
		return nil, err
	}
	err = f.versions(&d.After, `SELECT name, first, at, data FROM version JOIN record ON record.id = record
		JOIN collection ON collection.id = since
		WHERE since > ?1 AND since <= ?2 AND (until IS NULL OR until > ?2) AND record.scope = (SELECT id FROM scope WHERE key = ?3) ORDER BY name`,
		from, to, func(id inventory.ID, first, at time.Time) {
			d.At[id] = at
			if !before[id] && !first.After(from.At) {
				d.Known[id] = true
			}
		})
	return d, err
}

// RecordsAt returns every record of history as it was at a collection.
func (f *Facts) RecordsAt(c Collection) (inventory.Records, error) {
	var r inventory.Records
	err := f.versions(&r, `SELECT name, first, ?1, data FROM version JOIN record ON record.id = record
		WHERE since <= ?2 AND (until IS NULL OR until > ?2) AND record.scope = (SELECT id FROM scope WHERE key = ?3) ORDER BY name`,
		Collection{ID: c.At.UnixNano()}, c, func(inventory.ID, time.Time, time.Time) {})
	return r, err
}

// Seen says when history saw a record first, and when last: the time of the last collection in which it was. ok is false
// for one that it does not know.
func (f *Facts) Seen(id inventory.ID) (first, last time.Time, ok bool, err error) {
	db, err := f.store.db()
	if err != nil {
		return first, last, false, err
	}
	var a, b int64
	err = db.QueryRow(`SELECT record.first, (SELECT max(at) FROM collection WHERE collection.scope = record.scope
			AND collection.id < coalesce((SELECT CASE WHEN record.hash IS NULL THEN max(until) END FROM version WHERE record = record.id), 9223372036854775807))
		FROM record JOIN scope ON scope.id = record.scope WHERE scope.key = ? AND record.name = ?`, f.key, string(id)).Scan(&a, &b)
	if err == sql.ErrNoRows {
		return first, last, false, nil
	}
	return time.Unix(0, a).UTC(), time.Unix(0, b).UTC(), err == nil, f.store.fault(err)
}

// versions reads records of history into r.
func (f *Facts) versions(r *inventory.Records, query string, from, to Collection, each func(id inventory.ID, first, at time.Time)) error {
	db, err := f.store.db()
	if err != nil {
		return err
	}
	rows, err := db.Query(query, from.ID, to.ID, f.key)
	if err != nil {
		return f.store.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id inventory.ID
		var first, at int64
		var data sql.RawBytes
		if err := rows.Scan(&id, &first, &at, &data); err != nil {
			return f.store.fault(err)
		}
		if err := decodeVersion(r, id, data); err != nil {
			return fmt.Errorf("history of %s: %w", inventory.Clean(string(id)), err)
		}
		each(id, time.Unix(0, first).UTC(), time.Unix(0, at).UTC())
	}
	return f.store.fault(rows.Err())
}

func decodeVersion(r *inventory.Records, id inventory.ID, data []byte) error {
	text, err := unpack(data)
	if err != nil {
		return err
	}
	switch id.Noun() {
	case inventory.NounAssistant:
		r.Assistants, err = decoded(r.Assistants, text)
	case inventory.NounOwner:
		r.Owners, err = decoded(r.Owners, text)
	case inventory.NounSecret:
		r.Secrets, err = decoded(r.Secrets, text)
	case inventory.NounEntitlement:
		r.Entitlements, err = decoded(r.Entitlements, text)
	case inventory.NounTool:
		r.Tools, err = decoded(r.Tools, text)
	case inventory.NounResource:
		r.Resources, err = decoded(r.Resources, text)
	case inventory.NounFinding:
		r.Findings, err = decoded(r.Findings, text)
	}
	return err
}

func decoded[T any](xs []T, text []byte) ([]T, error) {
	var x T
	if json.Unmarshal(text, &x) != nil {
		return xs, ErrDamaged
	}
	return append(xs, x), nil
}
