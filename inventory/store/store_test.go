package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFolderIsClosed(t *testing.T) {
	empty := t.TempDir()
	mode(t, empty, 0o755)
	if _, err := Open(empty); err != nil {
		t.Fatalf("an empty folder: %v", err)
	}
	if got := perm(t, empty); got != 0o700 {
		t.Errorf("mode %o", got)
	}
	foreign := t.TempDir()
	mode(t, foreign, 0o755)
	put(t, filepath.Join(foreign, "thesis.txt"), "x")
	if _, err := Open(foreign); !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "--state") {
		t.Errorf("a folder of others: %v", err)
	}
	if got := perm(t, foreign); got != 0o755 {
		t.Errorf("the folder of others is now %o", got)
	}
	own := open(t)
	if _, err := own.Key(); err != nil {
		t.Fatal(err)
	}
	mode(t, own.Dir(), 0o755)
	if _, err := Open(own.Dir()); err != nil || perm(t, own.Dir()) != 0o700 {
		t.Errorf("our own folder: %v, mode %o", err, perm(t, own.Dir()))
	}
	if _, err := Open(""); err == nil {
		t.Error("no folder is taken")
	}
	put(t, filepath.Join(own.Dir(), "file"), "x")
	if _, err := Open(filepath.Join(own.Dir(), "file", "below")); err == nil {
		t.Error("a folder below a file is taken")
	}
}

func TestKey(t *testing.T) {
	s := open(t)
	k, err := s.Key()
	if err != nil {
		t.Fatal(err)
	}
	if k == (inventory.Key{}) {
		t.Fatal("the key is empty")
	}
	again, err := s.Key()
	if err != nil || again != k {
		t.Errorf("another key the second time: %v", err)
	}
	file := filepath.Join(s.Dir(), keyFile)
	if got := perm(t, file); got != 0o600 {
		t.Errorf("mode %o", got)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir(), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	mode(t, file, 0o640)
	if _, err := s.Key(); !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), file) {
		t.Errorf("a key that others can read: %v", err)
	}
	for name, prepare := range map[string]func(){
		"short":   func() { put(t, file, "abc") },
		"long":    func() { put(t, file, strings.Repeat("a", 33)) },
		"empty":   func() { put(t, file, "") },
		"link":    func() { link(t, "/dev/zero", file) },
		"missing": func() { link(t, filepath.Join(s.Dir(), "none"), file) },
		"folder": func() {
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		if err := os.RemoveAll(file); err != nil {
			t.Fatal(err)
		}
		prepare()
		if _, err := s.Key(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s key: %v", name, err)
		}
	}
}

func TestKeyOfTwoStartsAtOnce(t *testing.T) {
	s := open(t)
	keys := make([]inventory.Key, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			k, err := s.Key()
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Fatal("two keys were given out")
		}
	}
}

func snapshot() *inventory.Snapshot {
	return inventory.NewSnapshot(at, inventory.Records{
		Sources:    []inventory.SourceStatus{{Name: "a", Status: inventory.SourceOK}, {Name: "b", Status: inventory.SourceFailed, Reason: "why"}},
		Assistants: []inventory.Assistant{{ID: "ast-1", Kind: "codex", FirstSeen: at, Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes}}},
		Findings:   []inventory.Finding{{ID: "find-1", Subject: "ast-1"}},
	}, false)
}

func TestSnapshotComesBackStale(t *testing.T) {
	s := open(t)
	f := s.Facts("here")
	if got, err := f.LoadSnapshot(); got != nil || err != nil {
		t.Fatalf("before the first: %v %v", got, err)
	}
	if err := f.SaveSnapshot(snapshot()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Facts("here").LoadSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	a := got.Assistant("ast-1")
	if a == nil || a.Capabilities[inventory.ExecLocal] != inventory.Yes || !a.FirstSeen.Equal(at) || got.Finding("find-1") == nil || !got.At().Equal(at) {
		t.Errorf("came back as %+v at %v", a, got.At())
	}
	src := got.Records().Sources
	if src[0].Status != inventory.SourceStale || src[0].Reason == "" || src[1].Status != inventory.SourceFailed || src[1].Reason != "why" {
		t.Errorf("sources %+v", src)
	}
	if other, err := s.Facts("there").LoadSnapshot(); other != nil || err != nil {
		t.Errorf("facts of another scope are shown: %v %v", other, err)
	}
	err = filepath.WalkDir(s.Dir(), func(path string, d os.DirEntry, err error) error {
		if want := os.FileMode(0o600); err == nil && !d.IsDir() && perm(t, path) != want {
			t.Errorf("%s has mode %o", path, perm(t, path))
		} else if err == nil && d.IsDir() && perm(t, path) != 0o700 {
			t.Errorf("%s has mode %o", path, perm(t, path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDamagedIsToldAndSetAside(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "half": `{"schema":"nhitop/v1","sources":[{"na`, "not JSON": "hello", "another program's": `{"schema":"other/v1"}`,
		"no schema": `{"sources":[]}`, "wrong type": `{"schema":"nhitop/v1","sources":7}`, "old": `{"schema":"nhitop/v0"}`, "a list": `[1,2]`,
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t).Facts("x")
			if err := f.SaveSnapshot(snapshot()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(f.dir, snapshotFile)
			put(t, path, text)
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
			if err := f.SaveSnapshot(snapshot()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(f.dir, snapshotFile)
			put(t, path, text)
			if got, err := f.LoadSnapshot(); got != nil || !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "update nhitop") {
				t.Errorf("%v, %v", got, err)
			}
			if err := f.SaveSnapshot(snapshot()); !errors.Is(err, ErrNewer) {
				t.Errorf("written over: %v", err)
			}
			if kept, _ := os.ReadFile(path); string(kept) != text {
				t.Error("it was changed")
			}
		})
	}
}

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
	files, err := os.ReadDir(f.dir)
	if err != nil || len(files) != 7 {
		t.Errorf("%d files: a name left its folder, %v", len(files), err)
	}
}

func TestOldScopesAreDropped(t *testing.T) {
	s := open(t)
	for i := range maxScopes + 5 {
		f := s.Facts(strings.Repeat("x", i+1))
		if err := f.SaveSnapshot(snapshot()); err != nil {
			t.Fatal(err)
		}
		when := at.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(filepath.Join(f.dir, snapshotFile), when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Facts("newest").SaveSnapshot(snapshot()); err != nil {
		t.Fatal(err)
	}
	dirs, err := os.ReadDir(filepath.Join(s.Dir(), scopesDir))
	if err != nil || len(dirs) != maxScopes {
		t.Errorf("%d scopes, %v", len(dirs), err)
	}
	if got, err := s.Facts("newest").LoadSnapshot(); got == nil || err != nil {
		t.Errorf("the newest was dropped: %v", err)
	}
	if got, _ := s.Facts("x").LoadSnapshot(); got != nil {
		t.Error("the oldest was kept")
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(target, []byte("x")); err == nil {
		t.Error("a folder was written over")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"schema":"nhitop/v1","collected_at":"2026-11-23T12:00:00Z","assistants":[{"id":"ast-1","job":{}}]}`))
	f.Add([]byte(`{"schema":"nhitop/v99999999999999999999"}`))
	f.Add([]byte(`{"schema":"nhitop/v2"}`))
	f.Add([]byte(`{"schema":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := open(t).Facts("x")
		if err := os.MkdirAll(x.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(x.dir, snapshotFile), string(data))
		s, err := x.LoadSnapshot()
		if (s == nil) == (err == nil) {
			t.Fatalf("snapshot %v, error %v", s != nil, err)
		}
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Fatalf("error %v", err)
		}
	})
}

func perm(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func mode(t *testing.T, path string, m os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, m); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}
