package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
)

// legacyFile puts a snapshot file of before into the place where it stood.
func legacyFile(t *testing.T, f *Facts, text string) string {
	t.Helper()
	path := f.legacyFile("")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, path, text)
	return path
}

func TestFilesOfBeforeAreReadOnceAndReplaced(t *testing.T) {
	s := open(t)
	f := s.Facts("x")
	x := snapshot()
	text, err := json.Marshal(kept{Schema: inventory.Schema, At: x.At(), Records: x.Records()})
	if err != nil {
		t.Fatal(err)
	}
	path := legacyFile(t, f, string(text))
	put(t, f.legacyFile("a/b"), string(text))
	got, err := f.LoadSnapshot()
	if err != nil || got.Assistant("ast-1") == nil || !got.At().Equal(at) {
		t.Fatalf("%v %v", got, err)
	}
	if g, err := f.LoadGood("a/b"); err != nil || len(g.Batch.Records.Assistants) != 1 || g.Batch.Source != "a/b" {
		t.Errorf("%+v %v", g, err)
	}
	if err := f.SaveSnapshot(inventory.NewSnapshot(at, inventory.Records{}, false)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(filepath.Dir(path))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the files stay: %v", err)
	}
	if got, err := f.LoadSnapshot(); err != nil || got.Assistant("ast-1") != nil {
		t.Errorf("read again: %v", err)
	}
}

func TestDamagedIsToldAndSetAside(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "half": `{"schema":"nhitop/v1","sources":[{"na`, "not JSON": "hello", "another program's": `{"schema":"other/v1"}`,
		"no schema": `{"sources":[]}`, "wrong type": `{"schema":"nhitop/v1","sources":7}`, "old": `{"schema":"nhitop/v0"}`, "a list": `[1,2]`,
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t).Facts("x")
			path := legacyFile(t, f, text)
			got, err := f.LoadSnapshot()
			if got != nil || !errors.Is(err, ErrDamaged) {
				t.Fatalf("%v, %v", got, err)
			}
			kept, err := os.ReadFile(path + ".damaged")
			if err != nil || string(kept) != text {
				t.Errorf("set aside as %q, %v", kept, err)
			}
			if got, err := f.LoadSnapshot(); got != nil || err != nil {
				t.Errorf("told again: %v, %v", got, err)
			}
			if err := f.SaveSnapshot(snapshot()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNewerIsRefusedAndLeft(t *testing.T) {
	for name, text := range map[string]string{
		"newer":                   `{"schema":"nhitop/v2","sources":[]}`,
		"newer with other fields": `{"schema":"nhitop/v12","sources":{"a":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t).Facts("x")
			path := legacyFile(t, f, text)
			if got, err := f.LoadSnapshot(); got != nil || !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "update nhitop") {
				t.Errorf("%v, %v", got, err)
			}
			if kept, _ := os.ReadFile(path); string(kept) != text {
				t.Error("it was changed")
			}
		})
	}
}

func FuzzLegacy(f *testing.F) {
	f.Add([]byte(`{"schema":"nhitop/v1","collected_at":"2026-11-23T12:00:00Z","assistants":[{"id":"ast-1","job":{}}]}`))
	f.Add([]byte(`{"schema":"nhitop/v99999999999999999999"}`))
	f.Add([]byte(`{"schema":"nhitop/v2"}`))
	f.Add([]byte(`{"schema":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := open(t).Facts("x")
		path := legacyFile(t, x, string(data))
		k, err := loadLegacy(path)
		if (k == nil) == (err == nil) {
			t.Fatalf("facts %v, error %v", k != nil, err)
		}
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Fatalf("error %v", err)
		}
	})
}
