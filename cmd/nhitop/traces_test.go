//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
)

// traces finds parts of secrets. Five characters in a row are a part where they have letters of both cases, as no id and
// no hash of ours has; seven are one whatever they are.
type traces struct {
	parts map[string]bool
	heads [1 << 16]bool // the first two characters of all parts
	sizes []int
}

// newTraces takes secrets as they are; prefix is what their kind begins with, which is no secret, and the last four
// characters are the hint that is shown.
func newTraces(prefix string, secrets ...string) *traces {
	x := &traces{parts: map[string]bool{}, sizes: []int{5, 7}}
	for _, s := range secrets {
		s = strings.TrimPrefix(s, prefix)
		for _, n := range x.sizes {
			for i := 0; i+n <= len(s)-4; i++ {
				p := s[i : i+n]
				if n > 5 || strings.ContainsFunc(p, unicode.IsUpper) && strings.ContainsFunc(p, unicode.IsLower) {
					x.parts[p] = true
					x.heads[int(p[0])<<8|int(p[1])] = true
				}
			}
		}
	}
	return x
}

// in returns what stands before the first part in a text; false if there is none.
func (x *traces) in(text []byte) (before string, found bool) {
	for i := 0; i+5 <= len(text); i++ {
		if !x.heads[int(text[i])<<8|int(text[i+1])] {
			continue
		}
		for _, n := range x.sizes {
			if i+n <= len(text) && x.parts[string(text[i:i+n])] {
				return string(text[max(0, i-160):i]), true
			}
		}
	}
	return "", false
}

// watch looks for traces of a secret while the program runs: in all that others can see of the processes, in every file
// below the console's folder, on the screen.
type watch struct {
	c      *console
	traces *traces
	skip   []string // files that may hold it, by the end of the path, or folders, by their name
	over   chan struct{}
	done   sync.WaitGroup

	mu    sync.Mutex
	seen  map[string]time.Time // files as they were looked at
	found []string
	looks int
	read  int // files that were looked into
}

// mayHold are places that are not nhitop's: the disk of the made-up company and its providers, which nhitop reads; and
// what a revocation took out, kept for its owner alone so that it can be undone.
var mayHold = []string{"/disk/", "/providers.jsonl", "/backups/", "/given"}

func (c *console) watch(secret string) *watch {
	w := &watch{c: c, traces: newTraces("github_pat_", secret), skip: mayHold, over: make(chan struct{}), seen: map[string]time.Time{}}
	w.done.Go(func() {
		for {
			w.look()
			select {
			case <-w.over:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	return w
}

func (w *watch) report(where string, text []byte) {
	if before, found := w.traces.in(text); found {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.found = append(w.found, fmt.Sprintf("%s holds a part of the secret, after %q", where, before))
	}
}

func (w *watch) look() {
	w.looks++
	for _, p := range below(processes(), w.c.shell) {
		w.report(fmt.Sprintf("what the system shows of process %d", p.id), p.shown)
	}
	if s, err := w.c.try("capture-pane", "-p", "-J"); err == nil {
		w.report("the screen", []byte(s))
	}
	_ = filepath.WalkDir(w.c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.ContainsFunc(w.skip, func(s string) bool { return strings.Contains(path, s) }) {
			return nil // what went away meanwhile was looked at before, or is looked at under its new name
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() && !info.ModTime().Equal(w.seen[path]) {
			text, err := os.ReadFile(path)
			if err == nil {
				w.seen[path] = info.ModTime()
				w.read++
				w.report(path, text)
			} else if !errors.Is(err, fs.ErrNotExist) {
				w.report(path, []byte(err.Error()))
			}
		}
		return nil
	})
}

// end looks a last time, at the scroll-back too, and fails the test where something was found.
func (w *watch) end(t *testing.T) {
	t.Helper()
	close(w.over)
	w.done.Wait()
	clear(w.seen)
	w.look()
	w.report("the scroll-back", []byte(w.c.everything()))
	for _, f := range w.found {
		t.Error(f)
	}
	if w.read < 20 || w.looks < 3 {
		t.Errorf("%d files were read, %d looks: that shows nothing", w.read, w.looks)
	}
}

func TestTracesAreFound(t *testing.T) {
	secret := "gh" + "p_" + "FAKEaB3dE5gH7jK9mN1pQ3sT5vW7yZ9xYz"
	x := newTraces("ghp_", secret)
	for text, want := range map[string]bool{
		"nothing of it": false, "ghp_": false, "…9xYz": false, "Z9xYz": false, "the hint 9xYz alone": false,
		"a part: aB3dE": true, "in " + secret + " whole": true, "cut \x00gH7jK\x00": true, "aB3d\nE5gH": false,
	} {
		if _, found := x.in([]byte(text)); found != want {
			t.Errorf("%q: %v", text, found)
		}
	}
	if !bytes.Contains([]byte(secret), []byte("FAKE")) {
		t.Error("the secret is not marked as made up")
	}
}
