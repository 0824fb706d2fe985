package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/review"
)

// OpenReview keeps a review that was opened.
func (s *Store) OpenReview(ctx context.Context, r review.Review) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO review (id, data) VALUES (?, ?)", r.ID, data)
		return err
	})
}

// CloseReview ends a review, once.
func (s *Store) CloseReview(ctx context.Context, id, by string, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		return closing(tx.ExecContext(ctx, "UPDATE review SET closed_at = ?, closed_by = ? WHERE id = ? AND closed_at IS NULL", at.UnixNano(), by, id))
	})
}

func closing(done sql.Result, err error) error {
	if err = once(done, err); errors.Is(err, ErrNotWaiting) {
		return review.ErrClosed
	}
	return err
}

// DecideReview keeps decisions of reviews, all or none; none where a review of theirs is closed by then.
func (s *Store) DecideReview(ctx context.Context, ds []review.Decision) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, d := range ds {
			data, err := json.Marshal(d)
			if err != nil {
				return err
			}
			err = closing(tx.ExecContext(ctx, "INSERT INTO review_decision (id, review, data) SELECT ?1, id, ?3 FROM review WHERE id = ?2 AND closed_at IS NULL", d.ID, d.Review, data))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// UndoReviewDecision takes a decision back; the row stays.
func (s *Store) UndoReviewDecision(ctx context.Context, id string) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		return closing(tx.ExecContext(ctx, `UPDATE review_decision SET undone = 1 WHERE id = ? AND undone = 0
			AND EXISTS (SELECT 1 FROM review WHERE review.id = review_decision.review AND closed_at IS NULL)`, id))
	})
}

// Reviews returns the review of an id, or all for "", newest first, with their decisions.
func (s *Store) Reviews(ctx context.Context, id string) ([]review.State, error) {
	db, err := s.db()
	if err != nil {
		return nil, err
	}
	decided, err := reviewDecisions(ctx, db, id)
	if err != nil {
		return nil, s.fault(err)
	}
	rows, err := db.QueryContext(ctx, "SELECT data, coalesce(closed_at, 0), coalesce(closed_by, '') FROM review WHERE ?1 = '' OR id = ?1 ORDER BY seq DESC", id)
	if err != nil {
		return nil, s.fault(err)
	}
	defer rows.Close()
	out := []review.State{}
	for rows.Next() {
		var r review.Review
		var data []byte
		var closed int64
		if err := rows.Scan(&data, &closed, &r.ClosedBy); err != nil {
			return nil, s.fault(err)
		}
		by := r.ClosedBy
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("a stored review cannot be read: %w", err)
		}
		if closed != 0 {
			r.Closed, r.ClosedBy = time.Unix(0, closed).UTC(), by
		}
		out = append(out, review.NewState(r, decided[r.ID]))
	}
	if err := rows.Err(); err != nil {
		return nil, s.fault(err)
	}
	if id != "" && len(out) == 0 {
		return nil, fmt.Errorf("%w: %s", review.ErrGone, inventory.Clean(id))
	}
	return out, nil
}

func reviewDecisions(ctx context.Context, db *sql.DB, id string) (map[string][]review.Decision, error) {
	rows, err := db.QueryContext(ctx, "SELECT data, undone FROM review_decision WHERE ?1 = '' OR review = ?1 ORDER BY seq", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string][]review.Decision{}
	for rows.Next() {
		var d review.Decision
		var data []byte
		var undone bool
		if err := rows.Scan(&data, &undone); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &d); err != nil {
			return nil, err
		}
		d.Undone = undone
		out[d.Review] = append(out[d.Review], d)
	}
	return out, rows.Err()
}
