// Package sourcetest holds what every source must keep: it describes itself, stops when it is told to, does not panic,
// finds the same things under the same ids twice, says what it looked at, and lets no secret out.
//
// It is not: a test of what a source finds. That is the source's own.
package sourcetest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/inventory"
	"nhitop/sources"
)

// Case is one surrounding in which a source must keep the rules.
type Case struct {
	Name    string
	Env     sources.Env
	Table   string   // the source's table as TOML; "" for the defaults
	Planted []string // secret values that stand where the source reads; each must be found, and none may come out
}

// part is the length of a piece of a secret that must not come out: one more than the longest hint.
const part = 5

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Run checks a source in each surrounding.
func Run(t *testing.T, f sources.Factory, cases ...Case) {
	t.Helper()
	t.Run("sample", func(t *testing.T) { sample(t, f) })
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			s := make1(t, f, c)
			info(t, s, f)
			first := collect(t, s, 1)
			again := collect(t, make1(t, f, c), 1)
			stable(t, first, again)
			ledger(t, first)
			complete(t, first.batch.Records)
			planted(t, first, c.Planted)
			cancelled(t, s)
		})
	}
}

func make1(t *testing.T, f sources.Factory, c Case) sources.Source {
	t.Helper()
	if c.Env.Now == nil {
		c.Env.Now = func() time.Time { return at }
	}
	var table struct{ T toml.Primitive }
	md, err := toml.Decode("[T]\n"+c.Table, &table)
	if err != nil {
		t.Fatalf("the table of the test: %v", err)
	}
	s, err := f.New(&md, &table.T, c.Env)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// sample checks that what the configuration shows, with its comment signs taken off, is a table of the source.
func sample(t *testing.T, f sources.Factory) {
	if f.Kind == "" || strings.TrimSpace(f.Sample) == "" {
		t.Fatal("a factory needs a kind and a sample")
	}
	var b strings.Builder
	for line := range strings.Lines(f.Sample) {
		if !strings.HasPrefix(line, "##") {
			b.WriteString(strings.TrimPrefix(line, "# "))
		}
	}
	md, err := toml.Decode(b.String(), f.Options())
	if err != nil {
		t.Fatalf("the sample is not a table of %s: %v", f.Kind, err)
	}
	if left := md.Undecoded(); len(left) > 0 {
		t.Errorf("the sample shows what is no option: %v", left)
	}
}

func info(t *testing.T, s sources.Source, f sources.Factory) {
	i := s.Info()
	if i.Name == "" || i.Kind != f.Kind || len(i.Reads) == 0 || len(i.Needs) == 0 {
		t.Errorf("Info leaves something out: %+v", i)
	}
}

type result struct {
	batch  inventory.Batch
	status inventory.SourceStatus
}

func collect(t *testing.T, s sources.Source, key byte) result {
	t.Helper()
	sink := inventory.NewSink(s.Info().Name, inventory.Key{key}, func() time.Time { return at })
	now := func() time.Time { return at }
	st := sources.Collector{Now: now, Deadline: time.Minute}.Collect(t.Context(), s, sink)
	if st.Status != inventory.SourceOK && st.Status != inventory.SourcePartial {
		t.Fatalf("status %s: %s", st.Status, st.Reason)
	}
	return result{sink.Batch(), st}
}

// text is everything that came out of one collection.
func (r result) text(t *testing.T) string {
	t.Helper()
	all, err := json.Marshal(struct {
		Records  inventory.Records
		Status   inventory.SourceStatus
		Progress string
	}{r.batch.Records, r.status, r.batch.Progress})
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func stable(t *testing.T, a, b result) {
	t.Helper()
	if x, y := a.text(t), b.text(t); x != y {
		i := 0
		for i < min(len(x), len(y)) && x[i] == y[i] {
			i++
		}
		t.Errorf("two collections differ from byte %d: …%s… and …%s…", i, x[max(0, i-80):min(len(x), i+80)], y[max(0, i-80):min(len(y), i+80)])
	}
}

func ledger(t *testing.T, r result) {
	t.Helper()
	known := []string{
		inventory.LookedRead, inventory.LookedAbsent, inventory.LookedDenied, inventory.LookedTooLarge,
		inventory.LookedUnparsed, inventory.LookedVersion, inventory.LookedNotOpened, inventory.LookedLinkOut,
		inventory.LookedNotRegular, inventory.LookedVanished, inventory.LookedSkipped, inventory.LookedFailed,
	}
	if len(r.status.Ledger) == 0 {
		t.Error("the ledger says nothing")
	}
	for _, l := range r.status.Ledger {
		if l.Path == "" || !slices.Contains(known, l.State) {
			t.Errorf("a line of the ledger without a place or with an unknown state: %+v", l)
		}
		if l.State != inventory.LookedRead && l.State != inventory.LookedAbsent && l.Reason == "" {
			t.Errorf("%s is %s, and nobody says why", l.Path, l.State)
		}
	}
}

// complete checks that each record can be told apart and looked up.
func complete(t *testing.T, r inventory.Records) {
	t.Helper()
	for _, a := range r.Assistants {
		if a.ID.Noun() != inventory.NounAssistant || a.Kind == "" || a.Class == "" || a.Autonomy == "" || a.Sandbox == "" || len(a.Evidence) == 0 {
			t.Errorf("an assistant that is not complete: %+v", a)
		}
	}
	for _, s := range r.Secrets {
		if s.ID.Noun() != inventory.NounSecret || s.Kind == "" || s.Storage == "" || s.Exposure == "" || s.State == "" || len(s.Locations) == 0 {
			t.Errorf("a secret that is not complete: %+v", s)
		}
	}
	for _, x := range r.Tools {
		if x.ID.Noun() != inventory.NounTool || x.Assistant == "" || x.Name == "" || x.Transport == "" || x.Pinned == "" || len(x.Evidence) == 0 {
			t.Errorf("a tool server that is not complete: %+v", x)
		}
	}
	for _, e := range r.Entitlements {
		if e.ID.Noun() != inventory.NounEntitlement || e.Assistant == "" && inventory.ID(e.Via).Noun() != inventory.NounSecret || e.Via == "" || e.Capability == "" || e.Gate == "" || e.Origin == "" || len(e.Path) == 0 {
			t.Errorf("an entitlement that is not complete: %+v", e)
		}
	}
	for _, o := range r.Owners {
		if o.ID.Noun() != inventory.NounOwner || o.Name == "" || len(o.Evidence) == 0 {
			t.Errorf("an owner that is not complete: %+v", o)
		}
	}
}

// planted checks that each value was found and that no piece of it came out.
func planted(t *testing.T, r result, values []string) {
	t.Helper()
	prints := map[string]bool{}
	for _, s := range r.batch.Records.Secrets {
		prints[s.Fingerprint] = true
	}
	out := r.text(t)
	for i, v := range values {
		if !prints[inventory.Key{1}.Fingerprint(inventory.NewValue(v))] {
			t.Errorf("planted value %d was not found", i)
		}
		if from := leaks(out, v); from >= 0 {
			t.Errorf("a piece of planted value %d came out, from its character %d on", i, from)
		}
	}
}

// leaks returns where a piece of the value begins that stands in the text, or -1. Pieces that say nothing, such as a
// prefix that every token of the kind has, are told by what comes before the first digit or after the marker FAKE.
func leaks(out, v string) int {
	start := 0
	if i := strings.Index(v, "FAKE"); i >= 0 {
		start = i
	}
	for from := start; from+2*part <= len(v); from++ {
		if strings.Contains(out, v[from:from+2*part]) {
			return from
		}
	}
	return -1
}

func cancelled(t *testing.T, s sources.Source) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, func() time.Time { return at })
	done := make(chan error, 1)
	go func() { done <- s.Collect(ctx, sink) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("Collect says that all is well although its context had ended")
		}
	case <-time.After(10 * time.Second):
		t.Error("Collect did not return after its context had ended")
	}
}
