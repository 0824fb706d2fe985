package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"nhitop/inventory"
)

// Past returns every collection at which one of the records changed, oldest first: each as the difference from what was
// before, of these records alone. From is left out. It costs what these records have gone through, not what there is.
func (f *Facts) Past(ids []inventory.ID) ([]Delta, error) {
	by := map[int64]*Delta{}
	at := func(collection int64) *Delta {
		if by[collection] == nil {
			by[collection] = &Delta{At: map[inventory.ID]time.Time{}, Known: map[inventory.ID]bool{}}
		}
		return by[collection]
	}
	for _, id := range ids {
		if err := f.lives(id, at); err != nil {
			return nil, err
		}
	}
	out := make([]Delta, 0, len(by))
	for _, n := range slices.Sorted(maps.Keys(by)) {
		c, err := f.Collection(n)
		if errors.Is(err, ErrNoCollection) {
			continue
		}
		if err != nil {
			return nil, err
		}
		d := by[n]
		d.To = c
		for id := range d.At {
			d.At[id] = c.At
		}
		out = append(out, *d)
	}
	slices.SortStableFunc(out, func(a, b Delta) int { return cmp.Or(a.To.At.Compare(b.To.At), cmp.Compare(a.To.ID, b.To.ID)) })
	return out, nil
}

// lives puts each version of one record after the collection that it came with, and before the one that ended it.
func (f *Facts) lives(id inventory.ID, at func(int64) *Delta) error {
	db, err := f.store.db()
	if err != nil {
		return err
	}
	rows, err := db.Query(`SELECT since, coalesce(until, 0), data FROM version JOIN record ON record.id = record
		WHERE record.name = ? AND record.scope = (SELECT id FROM scope WHERE key = ?) ORDER BY since`, string(id), f.key)
	if err != nil {
		return f.store.fault(err)
	}
	defer rows.Close()
	for first := true; rows.Next(); first = false {
		var since, until int64
		var data sql.RawBytes
		if err := rows.Scan(&since, &until, &data); err != nil {
			return f.store.fault(err)
		}
		d := at(since)
		d.At[id] = time.Time{}
		if !first {
			d.Known[id] = true
		}
		if err := decodeVersion(&d.After, id, data); err != nil {
			return fmt.Errorf("history of %s: %w", inventory.Clean(string(id)), err)
		}
		if until == 0 {
			continue
		}
		d = at(until)
		d.At[id] = time.Time{}
		if err := decodeVersion(&d.Before, id, data); err != nil {
			return fmt.Errorf("history of %s: %w", inventory.Clean(string(id)), err)
		}
	}
	return f.store.fault(rows.Err())
}
