package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Waiting is a plan that must not be carried out before another operator has confirmed it.
type Waiting struct {
	Plan   string // its id
	Digest string // what was asked for, and what a confirmation is about
	At     time.Time
	By     string // who asks
	Reason string
	Why    string    // it needs a second person
	Until  time.Time // it can be confirmed and carried out
	Undoes string    // the run that it takes back; "" for a revocation
	Data   []byte    // the plan, as JSON

	ConfirmedAt    time.Time // zero: nobody has
	ConfirmedBy    string
	ConfirmedUntil time.Time
}

// ErrNotWaiting says that no such plan waits (any more).
var ErrNotWaiting = errors.New("no such plan waits for a confirmation; it was carried out, or its time is over")

const waitingColumns = `plan, digest, at, by, reason, why, until, undoes, data, coalesce(confirmed_at, 0), coalesce(confirmed_by, ''), coalesce(confirmed_until, 0)`

// Wait keeps a plan until another operator has confirmed it. One of the same digest that waits already, or is confirmed,
// stays as it is and is returned in its place: asking twice is asking once.
func (s *Store) Wait(ctx context.Context, w Waiting) (Waiting, error) {
	err := s.within(ctx, func(tx *sql.Tx) error {
		switch open, err := openWaiting(ctx, tx, w.Digest, w.At); {
		case err != nil:
			return err
		case len(open) > 0:
			w = open[0]
			return nil
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO waiting (plan, digest, at, by, reason, why, until, undoes, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.Plan, w.Digest, w.At.UnixNano(), w.By, w.Reason, w.Why, w.Until.UnixNano(), w.Undoes, w.Data)
		return err
	})
	return w, err
}

// Confirm puts a name under a plan that waits. It returns [ErrNotWaiting] where none does, or somebody else was faster.
func (s *Store) Confirm(ctx context.Context, plan, by string, at, until time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		return once(tx.ExecContext(ctx, `UPDATE waiting SET confirmed_at = ?1, confirmed_by = ?2, confirmed_until = ?3
			WHERE plan = ?4 AND used_at IS NULL AND until > ?1 AND (confirmed_at IS NULL OR confirmed_until <= ?1)`, at.UnixNano(), by, until.UnixNano(), plan))
	})
}

// Use takes the confirmation of a plan of that digest, which is gone then. It returns [ErrNotWaiting] where there is none
// that holds.
func (s *Store) Use(ctx context.Context, digest string, at time.Time) (Waiting, error) {
	var w Waiting
	err := s.within(ctx, func(tx *sql.Tx) error {
		open, err := openWaiting(ctx, tx, digest, at)
		if err != nil {
			return err
		}
		if len(open) == 0 || !open[0].ConfirmedUntil.After(at) {
			return ErrNotWaiting
		}
		w = open[0]
		return once(tx.ExecContext(ctx, "UPDATE waiting SET used_at = ? WHERE plan = ? AND used_at IS NULL", at.UnixNano(), w.Plan))
	})
	return w, err
}

func once(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotWaiting
	}
	return err
}

// Waitings returns the plans that wait or are confirmed and not yet carried out, oldest first.
func (s *Store) Waitings(at time.Time) ([]Waiting, error) {
	db, err := s.db()
	if err != nil {
		return nil, err
	}
	ws, err := openWaiting(context.Background(), db, "", at)
	return ws, s.fault(err)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// openWaiting reads the plans of a digest, or all for "", that wait or are confirmed.
func openWaiting(ctx context.Context, q querier, digest string, at time.Time) ([]Waiting, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+waitingColumns+" FROM waiting WHERE used_at IS NULL AND until > ?1 AND (?2 = '' OR digest = ?2) ORDER BY seq", at.UnixNano(), digest)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ws []Waiting
	for rows.Next() {
		var w Waiting
		var at, until, confirmed, lasts int64
		if err := rows.Scan(&w.Plan, &w.Digest, &at, &w.By, &w.Reason, &w.Why, &until, &w.Undoes, &w.Data, &confirmed, &w.ConfirmedBy, &lasts); err != nil {
			return nil, err
		}
		w.At, w.Until = time.Unix(0, at).UTC(), time.Unix(0, until).UTC()
		if confirmed != 0 {
			w.ConfirmedAt, w.ConfirmedUntil = time.Unix(0, confirmed).UTC(), time.Unix(0, lasts).UTC()
		}
		ws = append(ws, w)
	}
	return ws, rows.Err()
}
