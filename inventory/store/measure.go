package store

import (
	"context"
	"database/sql"
	"time"

	"nhitop/inventory"
)

// Measures are what is stored beside a snapshot.
type Measures struct {
	Values    map[string]float64   // of the trend, by name
	Exposures []inventory.Exposure // those that began, ended or changed
}

// putMeasures stores what was measured at a collection.
func putMeasures(ctx context.Context, tx *sql.Tx, scope, collection int64, m Measures) error {
	for _, name := range inventory.SortedKeys(m.Values) {
		if _, err := tx.ExecContext(ctx, "INSERT INTO metric (collection, name, value) VALUES (?, ?, ?)", collection, name, m.Values[name]); err != nil {
			return err
		}
	}
	for _, e := range m.Exposures {
		var until any
		if !e.Until.IsZero() {
			until = e.Until.UnixNano()
		}
		// Another process may have stored the same one meanwhile: it is one, and not two.
		query, args := `INSERT INTO exposure (scope, name, since, until, how, leaked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT (scope, name) WHERE until IS NULL DO UPDATE SET since = min(since, excluded.since), until = excluded.until, how = excluded.how,
				leaked = max(leaked, excluded.leaked)`, []any{scope, string(e.Secret), e.Since.UnixNano(), until, e.How, e.Leaked}
		if e.ID != 0 {
			query, args = "UPDATE exposure SET name = ?1, since = ?2, until = ?3, how = ?4, leaked = ?5 WHERE id = ?6 AND scope = ?7",
				[]any{string(e.Secret), e.Since.UnixNano(), until, e.How, e.Leaked, e.ID, scope}
		}
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// Exposures returns the exposures of the scope that are open, and those that ended at or after a time, in the order in which
// they began to be stored.
func (f *Facts) Exposures(since time.Time) ([]inventory.Exposure, error) {
	db, err := f.store.db()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(`SELECT exposure.id, name, since, coalesce(until, 0), how, leaked FROM exposure JOIN scope ON scope.id = exposure.scope
		WHERE scope.key = ? AND (until IS NULL OR until >= ?) ORDER BY exposure.id`, f.key, since.UnixNano())
	if err != nil {
		return nil, f.store.fault(err)
	}
	defer rows.Close()
	var es []inventory.Exposure
	for rows.Next() {
		var e inventory.Exposure
		var from, until int64
		if err := rows.Scan(&e.ID, &e.Secret, &from, &until, &e.How, &e.Leaked); err != nil {
			return nil, f.store.fault(err)
		}
		e.Since = time.Unix(0, from).UTC()
		if until != 0 {
			e.Until = time.Unix(0, until).UTC()
		}
		es = append(es, e)
	}
	return es, f.store.fault(rows.Err())
}

// steps are how far apart the points of a trend are: the first that gives few enough of them is taken.
var steps = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}

// Trend returns the stored metrics of the scope, oldest first, and behind them now, which is not stored yet, unless it is
// empty: of each hour, day, week or four weeks the last, so that there are about as many points as wanted at most (more
// where the history is longer than that many times four weeks).
func (f *Facts) Trend(most int, now inventory.TrendPoint) ([]inventory.TrendPoint, error) {
	db, err := f.store.db()
	if err != nil {
		return nil, err
	}
	var first, last sql.NullInt64
	err = db.QueryRow("SELECT min(at), max(at) FROM collection JOIN scope ON scope.id = scope WHERE scope.key = ?", f.key).Scan(&first, &last)
	if err != nil {
		return nil, f.store.fault(err)
	}
	if !now.At.IsZero() {
		last.Int64 = now.At.UnixNano()
	}
	if !first.Valid {
		first = last
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (last.Int64-first.Int64)/int64(s) < int64(most) {
			step = s
			break
		}
	}
	rows, err := db.Query(`SELECT collection.id, collection.at, metric.name, metric.value FROM metric JOIN collection ON collection.id = metric.collection
		WHERE collection.id IN (SELECT max(collection.id) FROM collection JOIN scope ON scope.id = scope WHERE scope.key = ? GROUP BY at / ?)
		ORDER BY collection.at, collection.id, metric.name`, f.key, int64(step))
	if err != nil {
		return nil, f.store.fault(err)
	}
	defer rows.Close()
	points := []inventory.TrendPoint{}
	for rows.Next() {
		var id, at int64
		var name string
		var value float64
		if err := rows.Scan(&id, &at, &name, &value); err != nil {
			return nil, f.store.fault(err)
		}
		if n := len(points); n == 0 || points[n-1].Collection != id {
			points = append(points, inventory.TrendPoint{Collection: id, At: time.Unix(0, at).UTC(), Values: map[string]float64{}})
		}
		points[len(points)-1].Values[name] = value
	}
	if !now.At.IsZero() {
		if n := len(points); n > 0 && points[n-1].At.UnixNano()/int64(step) == last.Int64/int64(step) {
			points = points[:n-1]
		}
		points = append(points, now)
	}
	return points, f.store.fault(rows.Err())
}
