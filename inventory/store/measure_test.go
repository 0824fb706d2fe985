package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nhitop/inventory"
)

func facts(t *testing.T, dir string) *Facts {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Facts("home")
}

func empty(at time.Time) *inventory.Snapshot {
	return inventory.NewSnapshot(at, inventory.Records{Sources: []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK}}}, false)
}

func TestTrend(t *testing.T) {
	f := facts(t, filepath.Join(t.TempDir(), "s"))
	if ps, err := f.Trend(5, inventory.TrendPoint{}); err != nil || len(ps) != 0 {
		t.Fatalf("of nothing: %v %v", ps, err)
	}
	now := inventory.TrendPoint{At: at, Values: map[string]float64{"x": 9}}
	if ps, err := f.Trend(5, now); err != nil || len(ps) != 1 || ps[0].Values["x"] != 9 {
		t.Fatalf("the first: %v %v", ps, err)
	}
	save := func(when time.Time, v float64) {
		t.Helper()
		if err := f.SaveMeasured(empty(when), Measures{Values: map[string]float64{"x": v, "y": 1}}); err != nil {
			t.Fatal(err)
		}
	}
	// Three a day for ten days: few points are wanted, and each is the last of its day.
	for d := range 10 {
		for h := range 3 {
			save(at.AddDate(0, 0, d).Add(time.Duration(h)*time.Hour), float64(10*d+h))
		}
	}
	ps, err := f.Trend(12, inventory.TrendPoint{})
	if err != nil || len(ps) != 10 {
		t.Fatalf("%d points, %v", len(ps), err)
	}
	for d, p := range ps {
		if p.Values["x"] != float64(10*d+2) || p.Values["y"] != 1 || p.Collection == 0 || !p.At.Equal(at.AddDate(0, 0, d).Add(2*time.Hour)) {
			t.Errorf("day %d: %+v", d, p)
		}
	}
	if ps, err = f.Trend(3, inventory.TrendPoint{}); err != nil || len(ps) > 3 || ps[len(ps)-1].Values["x"] != 92 {
		t.Errorf("by week: %+v %v", ps, err)
	}
	if ps, err = f.Trend(1000, inventory.TrendPoint{}); err != nil || len(ps) != 30 {
		t.Errorf("by hour: %d %v", len(ps), err)
	}
	// What is not stored yet takes the place of the last of its day.
	now = inventory.TrendPoint{At: at.AddDate(0, 0, 9).Add(5 * time.Hour), Values: map[string]float64{"x": 1}}
	if ps, err = f.Trend(12, now); err != nil || len(ps) != 10 || ps[9].Collection != 0 || ps[9].Values["x"] != 1 || ps[8].Values["x"] != 82 {
		t.Errorf("%+v %v", ps, err)
	}
	if ps, err = f.store.Facts("another home").Trend(12, inventory.TrendPoint{}); err != nil || len(ps) != 0 {
		t.Errorf("of another scope: %+v %v", ps, err)
	}
}

func TestExposuresAreFollowed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	f := facts(t, dir)
	save := func(es ...inventory.Exposure) {
		t.Helper()
		if err := f.SaveMeasured(empty(at), Measures{Exposures: es}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(since time.Time) []inventory.Exposure {
		t.Helper()
		es, err := f.Exposures(since)
		if err != nil {
			t.Fatal(err)
		}
		return es
	}
	if es := get(at); len(es) != 0 {
		t.Fatal(es)
	}
	save(inventory.Exposure{Secret: "sec-1", Since: at}, inventory.Exposure{Secret: "sec-2", Since: at, Leaked: true})
	// Another dashboard saw the same, a little later: it is one.
	save(inventory.Exposure{Secret: "sec-1", Since: at.Add(time.Hour), Leaked: true})
	es := get(at)
	if len(es) != 2 || es[0].Secret != "sec-1" || !es[0].Since.Equal(at) || !es[0].Leaked || !es[0].Until.IsZero() || es[0].ID == 0 {
		t.Fatalf("%+v", es)
	}
	es[0].Until, es[0].How = at.Add(2*time.Hour), inventory.ExposureDead
	save(es[0])
	again := get(at)
	if len(again) != 2 || again[0] != es[0] {
		t.Errorf("%+v, want %+v", again, es[0])
	}
	if es := get(at.Add(3 * time.Hour)); len(es) != 1 || es[0].Secret != "sec-2" {
		t.Errorf("ended before, and told: %+v", es)
	}
	save(inventory.Exposure{Secret: "sec-1", Since: at.Add(5 * time.Hour)})
	if es := get(at); len(es) != 3 {
		t.Errorf("it came back: %+v", es)
	}
	if es, err := f.store.Facts("another home").Exposures(at); err != nil || len(es) != 0 {
		t.Errorf("of another scope: %+v %v", es, err)
	}
}

// A database of the first schema is copied and brought up; what its collections knew of metrics is in the trend.
func TestTheFirstSchemaIsBroughtUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, databaseFile)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	if err := migrateTo(context.Background(), db, path, steps[:1]); err != nil {
		t.Fatal(err)
	}
	old := (&Store{}).Facts("home")
	for _, q := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO scope (key, used) VALUES (?, 1)", []any{old.key}},
		{"INSERT INTO collection (scope, at, posture, sources) VALUES (1, ?, ?, '{}')", []any{at.UnixNano(), `{"owners_known":3,"owners_of":4,"gated":1,"inherited":2,"secrets_of":8}`}},
		{"INSERT INTO collection (scope, at, posture, sources) VALUES (1, ?, ?, '{}')", []any{at.AddDate(0, 0, 1).UnixNano(), `{"owners_known":0,"owners_of":0}`}},
		{"INSERT INTO collection (scope, at, posture, sources) VALUES (1, ?, 'no json', '{}')", []any{at.AddDate(0, 0, 2).UnixNano()}},
	} {
		if _, err := db.Exec(q.text, q.args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ps, err := facts(t, dir).Trend(12, inventory.TrendPoint{})
	if err != nil || len(ps) != 1 || fmt.Sprint(ps[0].Values) != "map[approval:0.25 inherited:0.25 owner-known:0.75]" {
		t.Errorf("%+v %v", ps, err)
	}
	if info, err := os.Stat(path + ".v1.bak"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("no copy of before: %v", err)
	}
}
