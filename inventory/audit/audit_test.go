package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func clock() func() time.Time {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time { at = at.Add(time.Second); return at }
}

func filled(t *testing.T) *Log {
	t.Helper()
	l := Open(filepath.Join(t.TempDir(), "audit.jsonl"), clock())
	for _, a := range []string{"arm", "remove-secret", "undo"} {
		if _, err := l.Append("ana", a, "sec-1", "detail \x1b[31mred"); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestAppendListVerify(t *testing.T) {
	l := filled(t)
	es, err := l.List()
	if err != nil || len(es) != 3 || es[2].Seq != 3 || es[2].Prev != es[1].Hash || es[1].Action != "remove-secret" {
		t.Fatalf("%+v %v", es, err)
	}
	if strings.ContainsRune(es[0].Detail, 0x1b) {
		t.Error("an escape sequence came through")
	}
	if n, err := l.Verify(); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	for _, p := range []string{l.path, l.headPath()} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", p, info, err)
		}
	}
	none := Open(filepath.Join(t.TempDir(), "none"), nil)
	if n, err := none.Verify(); n != 0 || err != nil {
		t.Error(n, err)
	}
}

func TestVerifyNamesTheBrokenEntry(t *testing.T) {
	for name, c := range map[string]struct {
		line   int
		tamper func(lines [][]byte) [][]byte
	}{
		"changed":        {2, func(ls [][]byte) [][]byte { ls[1] = bytes.Replace(ls[1], []byte("ana"), []byte("bob"), 1); return ls }},
		"taken out":      {2, func(ls [][]byte) [][]byte { return [][]byte{ls[0], ls[2]} }},
		"moved":          {1, func(ls [][]byte) [][]byte { return [][]byte{ls[1], ls[0], ls[2]} }},
		"put in":         {2, func(ls [][]byte) [][]byte { return [][]byte{ls[0], ls[0], ls[1], ls[2]} }},
		"not an entry":   {3, func(ls [][]byte) [][]byte { ls[2] = []byte("{}x"); return ls }},
		"last taken out": {3, func(ls [][]byte) [][]byte { return ls[:2] }},
		"all taken out":  {1, func(ls [][]byte) [][]byte { return nil }},
	} {
		l := filled(t)
		data, err := os.ReadFile(l.path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		out := bytes.Join(c.tamper(lines), []byte("\n"))
		if len(out) > 0 {
			out = append(out, '\n')
		}
		if err := os.WriteFile(l.path, out, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = l.Verify()
		var b *Broken
		if !errors.As(err, &b) || b.Line != c.line {
			t.Errorf("%s: %v, want line %d", name, err, c.line)
		}
		if _, err := l.Append("ana", "arm", "", ""); err != nil { // an incident must not be stopped by it
			t.Errorf("%s: %v", name, err)
		}
		if _, err := l.Verify(); err == nil {
			t.Errorf("%s: mended by a further entry", name)
		}
	}
}

func TestTruncatedLastLine(t *testing.T) {
	l := filled(t)
	data, _ := os.ReadFile(l.path)
	if err := os.WriteFile(l.path, data[:len(data)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	var b *Broken
	if n, err := l.Verify(); n != 2 || !errors.As(err, &b) || b.Line != 3 {
		t.Fatalf("%d %v", n, err)
	}
	if _, err := l.Append("ana", "arm", "", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Verify(); !errors.As(err, &b) || b.Line != 3 { // that entry had been written: its loss stays visible
		t.Errorf("%v", err)
	}
}

func TestCrashWhileWriting(t *testing.T) {
	l := filled(t)
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"seq":4,"at":"20`)
	_ = f.Close()
	if n, err := l.Verify(); n != 3 || err == nil {
		t.Errorf("%d %v", n, err)
	}
	if _, err := l.Append("ana", "arm", "", ""); err != nil {
		t.Fatal(err)
	}
	es, _ := l.List()
	if len(es) != 5 || es[3].Action != "audit-repair" || es[4].Action != "arm" {
		t.Fatalf("%+v", es)
	}
	if n, err := l.Verify(); n != 5 || err != nil {
		t.Errorf("%d %v", n, err)
	}
}

func TestTwoWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l := Open(path, nil)
			for range 10 {
				if _, err := l.Append("ana", "arm", "", ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := Open(path, nil).Verify(); n != 40 || err != nil {
		t.Fatal(n, err)
	}
}

func TestUnwritable(t *testing.T) {
	l := Open(filepath.Join(t.TempDir(), "missing", "audit.jsonl"), nil)
	if _, err := l.Append("ana", "arm", "", ""); err == nil {
		t.Error("written into a folder that is not there")
	}
}
