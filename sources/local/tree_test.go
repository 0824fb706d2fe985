package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fakeToken makes a well-formed value that is marked as fake, with the checksum left wrong.
func fakeToken(n int) string { return "ghp" + "_" + fmt.Sprintf("FAKEnotARealSecretFAKE%014d", n) }

// plant writes files below dir. A name that ends in a slash is a folder.
func plant(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// realTemp is a temporary folder without links in its path, as some systems have them.
func realTemp(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	return dir
}

type ran struct {
	inventory.Batch
	status inventory.SourceStatus
}

// collect runs the source over a home and a path of the test, as if the operator had named them.
func collect(t testing.TB, o Options, env sources.Env) ran {
	t.Helper()
	env.Explicit = true
	if env.Now == nil {
		env.Now = func() time.Time { return testNow }
	}
	src, err := New(o, env)
	must(t, err)
	return collectWith(t, src)
}

func collectWith(t testing.TB, src sources.Source) ran {
	t.Helper()
	sink := inventory.NewSink("local", inventory.Key{1}, func() time.Time { return testNow })
	st := sources.Collector{Now: func() time.Time { return testNow }}.Collect(t.Context(), src, sink)
	return ran{Batch: sink.Batch(), status: st}
}

// testOptions look for managed files in an empty folder, so that the machine of the test does not matter.
func testOptions(t testing.TB) Options {
	o := Defaults()
	o.Root = realTemp(t)
	return o
}

func (r ran) assistant(t testing.TB, kind, scope string) inventory.Assistant {
	t.Helper()
	for _, a := range r.Records.Assistants {
		if a.Kind == kind && a.Scope == scope {
			return a
		}
	}
	t.Fatalf("no %s assistant of scope %s; there are %v", kind, scope, r.names())
	return inventory.Assistant{}
}

func (r ran) names() []string {
	var out []string
	for _, a := range r.Records.Assistants {
		out = append(out, a.Kind+" "+a.Scope+" "+a.Path)
	}
	return out
}

func (r ran) looked(path string) []inventory.Looked {
	var out []inventory.Looked
	for _, l := range r.Ledger {
		if l.Path == path {
			out = append(out, l)
		}
	}
	return out
}

func (r ran) lookedState(t testing.TB, path, state string) {
	t.Helper()
	for _, l := range r.looked(path) {
		if l.State == state {
			return
		}
	}
	t.Errorf("ledger of %s: want a line %q, have %v", path, state, r.looked(path))
}

func (r ran) secretAt(path, pointer string) *inventory.Secret {
	for i, s := range r.Records.Secrets {
		for _, l := range s.Locations {
			if l.Path == path && l.Pointer == pointer {
				return &r.Records.Secrets[i]
			}
		}
	}
	return nil
}
