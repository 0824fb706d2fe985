package linelog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAppendAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := Open(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"one", "two"} {
		if err := f.Append([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", "a\nb", strings.Repeat("x", MaxLine+1)} {
		if err := f.Append([]byte(bad)); !errors.Is(err, ErrLine) {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
	if _, err := Open(path, false); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	lines, torn, err := Read(path)
	if err != nil || torn || len(lines) != 2 || string(lines[1]) != "two" {
		t.Fatalf("%q %v %v", lines, torn, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestTornLineIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("one\ntw"), 0o644); err != nil {
		t.Fatal(err)
	}
	if lines, torn, _ := Read(path); !torn || len(lines) != 1 {
		t.Fatalf("%q %v", lines, torn)
	}
	f, err := Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Torn() != 2 {
		t.Errorf("torn %d", f.Torn())
	}
	if err := f.Append([]byte("three")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "one\nthree\n" {
		t.Errorf("%q", data)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("others can still read it: %v", info.Mode())
	}
	if last, n, err := f.Last(); string(last) != "three" || n != 2 || err != nil {
		t.Errorf("%q %d %v", last, n, err)
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	if _, err := Open(t.TempDir(), false); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing", "log"), false); err == nil {
		t.Error("a folder was made up")
	}
	if lines, torn, err := Read(filepath.Join(t.TempDir(), "none")); lines != nil || torn || err != nil {
		t.Errorf("%q %v %v", lines, torn, err)
	}
}

// Who looks keeps nobody from opening, nor another from looking.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	is := func(want bool) {
		t.Helper()
		if got, err := Locked(path); err != nil || got != want {
			t.Errorf("%v %v", got, err)
		}
	}
	is(false)
	f, err := Open(path, false)
	if err != nil {
		t.Fatal(err)
	}
	is(true)
	is(true)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	is(false)
	if f, err = Open(path, false); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
