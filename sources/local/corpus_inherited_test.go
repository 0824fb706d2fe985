package local_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

// TestCorpusInherited checks the credentials that an unsandboxed assistant inherits: aider makes one in this tree.
func TestCorpusInherited(t *testing.T) {
	tr := scanWith(t, "inherited", "", map[string]string{"home/.aider.conf.yml": "auto-commits: true\n"})
	for _, f := range tr.want.Facts {
		if !f.isNone() {
			tr.inherited(f)
		} else if s := tr.secretAt(f.File, deref(f.Pointer)); s != nil {
			t.Errorf("%s %s is none and is reported as a secret (%s)", f.File, deref(f.Pointer), s.Kind)
		}
	}
	tr.onlyFacts()
	tr.noLeak()
}

// isNone reports whether a fact is no secret: who somebody is, a reference, a program that gives one.
func (f expectedFact) isNone() bool {
	return f.Report != nil && !*f.Report || slices.Contains([]string{"identity-only", "exec-plugin", "credential-helper", "reference"}, f.Kind)
}

func (tr *tree) inherited(f expectedFact) {
	tr.t.Helper()
	s := tr.secret(f.expectedSecret)
	if s == nil {
		return
	}
	place := f.File + " " + deref(f.Pointer)
	if strings.HasPrefix(f.File, "home/") && !s.Ambient {
		tr.t.Errorf("%s is not told as inherited", place)
	}
	if len(s.Assistants) == 0 {
		tr.t.Errorf("%s is tied to no assistant", place)
	}
	if f.Expires != nil && !s.Expires.Equal(*f.Expires) {
		tr.t.Errorf("%s expires %v, want %v", place, s.Expires, *f.Expires)
	}
	if f.LongLived != nil {
		if want := map[bool]inventory.Answer{true: inventory.Yes, false: inventory.No}[*f.LongLived]; s.LongLived != want {
			tr.t.Errorf("%s: long lived is %q, want %q", place, s.LongLived, want)
		}
	}
	if f.Encrypted != nil {
		if want := map[bool]string{true: inventory.StorageEncrypted, false: inventory.StoragePlaintext}[*f.Encrypted]; s.Storage != want {
			tr.t.Errorf("%s is stored %s, want %s", place, s.Storage, want)
		}
	}
	if len(s.Locations) > 1 {
		return // each place may name another account, one is told
	}
	for _, key := range []string{"aws_account", "service_account", "user", "email", "upn", "comment"} {
		if want, ok := f.Owner[key]; ok && !strings.Contains(s.Account, fmt.Sprint(want)) {
			tr.t.Errorf("%s: account %q does not hold the %s %v", place, s.Account, key, want)
		}
	}
}

// onlyFacts checks that nothing else is taken for a secret.
func (tr *tree) onlyFacts() {
	tr.t.Helper()
	for _, s := range tr.got.Secrets {
		for _, l := range s.Locations {
			known := false
			for _, f := range tr.want.Facts {
				known = known || tr.shown(f.File) == l.Path && (samePointer(l.Pointer, deref(f.Pointer)) || filepath.Base(filepath.Dir(f.File)) == ".ssh")
			}
			if !known {
				tr.t.Errorf("%s%s is reported as a secret (%s) and is none", l.Path, l.Pointer, s.Kind)
			}
		}
	}
}
