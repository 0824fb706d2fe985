package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

func TestGoodFacts(t *testing.T) {
	f := open(t).Facts("x")
	if g, err := f.LoadGood("local"); err != nil || !g.At.IsZero() {
		t.Fatalf("%+v %v", g, err)
	}
	for _, name := range []string{"local", "github:acme", "../../etc/passwd", "..", ".", "a/b", strings.Repeat("é", 10)} {
		g := Good{At: at, Batch: inventory.Batch{Source: name, Records: inventory.Records{Tools: []inventory.Tool{{ID: "tool-1", Name: name}}}}}
		if err := f.SaveGood(g); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		back, err := f.LoadGood(name)
		if err != nil || back.Batch.Records.Tools[0].Name != name || !back.At.Equal(at) || back.Batch.Source != name {
			t.Errorf("%q: %+v %v", name, back, err)
		}
	}
}

func TestOldScopesAreDropped(t *testing.T) {
	s := open(t)
	save := func(scope string, after time.Duration) {
		t.Helper()
		if err := s.Facts(scope).SaveSnapshot(inventory.NewSnapshot(at.Add(after), snapshot().Records(), false)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxScopes + 5 {
		save(strings.Repeat("x", i+1), time.Duration(i)*time.Minute)
	}
	save("newest", time.Hour)
	db, err := s.db()
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"scope": maxScopes, "collection": maxScopes, "record": 2 * maxScopes, "version": 2 * maxScopes} {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows in %s, want %d, %v", n, table, want, err)
		}
	}
	if got, err := s.Facts("newest").LoadSnapshot(); got == nil || err != nil {
		t.Errorf("the newest was dropped: %v", err)
	}
	if got, _ := s.Facts("x").LoadSnapshot(); got != nil {
		t.Error("the oldest was kept")
	}
}

func TestFactsThatAreNotAsWrittenAreDropped(t *testing.T) {
	s := open(t)
	f := s.Facts("x")
	for name, change := range map[string]string{
		"a byte": "UPDATE facts SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE list = 'assistants'",
		"cut":    "UPDATE facts SET data = substr(data, 1, 10) WHERE list = 'assistants'",
		"a list": "UPDATE facts SET list = 'other' WHERE list = 'assistants'",
	} {
		if err := f.SaveSnapshot(snapshot()); err != nil {
			t.Fatal(err)
		}
		db, err := s.db()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(change); err != nil {
			t.Fatal(err)
		}
		if got, err := f.LoadSnapshot(); got != nil || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, err := f.LoadSnapshot(); got != nil || err != nil {
			t.Errorf("%s: told again: %v, %v", name, got, err)
		}
	}
}

func TestNothingFoundIsStored(t *testing.T) {
	f := open(t).Facts("x")
	if err := f.SaveGood(Good{At: at, Batch: inventory.Batch{Source: "s"}}); err != nil {
		t.Fatal(err)
	}
	if g, err := f.LoadGood("s"); err != nil || !g.At.Equal(at) {
		t.Errorf("%+v %v", g, err)
	}
	if _, err := os.Stat(filepath.Join(f.store.dir, databaseFile)); err != nil {
		t.Error(err)
	}
}
