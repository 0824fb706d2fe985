package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/triage"
)

// Decide stores decisions, all or none. They are durable when it returns nil.
func (s *Store) Decide(ctx context.Context, ds []triage.Decision) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, d := range ds {
			var until any
			if !d.Until.IsZero() {
				until = d.Until.UnixNano()
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO decision (id, at, by, kind, reason, owner, target, until, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				d.ID, d.At.UnixNano(), d.By, d.Kind, d.Reason, d.Owner, string(d.Target), until, d.Digest)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Undo marks a decision as undone.
func (s *Store) Undo(ctx context.Context, id, by string, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE decision SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL", at.UnixNano(), by, id)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %s", triage.ErrGone, inventory.Clean(id))
		}
		return err
	})
}

// Decisions returns the decisions about a record, or all for "", oldest first, those that are undone too.
func (s *Store) Decisions(target inventory.ID) ([]triage.Decision, error) {
	db, err := s.db()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(`SELECT id, at, by, kind, reason, owner, target, coalesce(until, 0), digest, undone_at IS NOT NULL
		FROM decision WHERE ?1 = '' OR target = ?1 ORDER BY seq`, string(target))
	if err != nil {
		return nil, s.fault(err)
	}
	defer rows.Close()
	ds := []triage.Decision{}
	for rows.Next() {
		var d triage.Decision
		var at, until int64
		if err := rows.Scan(&d.ID, &at, &d.By, &d.Kind, &d.Reason, &d.Owner, &d.Target, &until, &d.Digest, &d.Undone); err != nil {
			return nil, s.fault(err)
		}
		d.At = time.Unix(0, at).UTC()
		if until != 0 {
			d.Until = time.Unix(0, until).UTC()
		}
		ds = append(ds, d)
	}
	return ds, s.fault(rows.Err())
}
