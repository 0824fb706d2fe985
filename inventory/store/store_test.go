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
