package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"nhitop/inventory"
)

// company is n identities on a day, each with a secret, two tool servers, three entitlements and two findings. Every day one
// of a hundred is another one in all of its records; times of reading, lines and ages change for all.
func company(n, day int) *inventory.Snapshot {
	now := at.AddDate(0, 0, day)
	r := inventory.Records{Sources: []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK}}}
	for i := range n {
		v := (day + 100 - i%100) / 100 // how often it changed
		k, word := fmt.Sprintf("%06d", i), fmt.Sprintf("%x", (i+1)*7919+v*104729)
		id := func(noun inventory.Noun, j int) inventory.ID {
			return inventory.NewID(noun, "company", k, strconv.Itoa(j))
		}
		ev := []inventory.Evidence{{Path: "~/src/" + k + "/.claude/settings.json", Pointer: "/permissions/defaultMode", Line: day + 3, Source: "local", ObservedAt: now}}
		a := inventory.Assistant{ID: id(inventory.NounAssistant, 0), Kind: "claude-code", Name: "Claude Code", Version: "2." + word, Scope: "project", Class: inventory.ClassNHI,
			ClassReason: "it runs commands", Autonomy: inventory.AutonomyAuto, AutonomyReason: "permissions.defaultMode is " + word, Sandbox: inventory.SandboxNone, Path: "~/src/" + k,
			Host: "host-" + k, Account: "user-" + k + "@example.com", Secrets: []inventory.ID{id(inventory.NounSecret, 0)}, Sources: []string{"local"}, FirstSeen: at, LastSeen: now,
			LastUsed: now, Evidence: ev, Capabilities: map[inventory.Capability]inventory.Answer{}}
		for j, c := range inventory.Capabilities() {
			a.Capabilities[c] = []inventory.Answer{inventory.Yes, inventory.No, inventory.Unknown}[(i+j+v)%3]
		}
		r.Assistants = append(r.Assistants, a)
		r.Secrets = append(r.Secrets, inventory.Secret{ID: id(inventory.NounSecret, 0), Kind: "github-pat-classic", Issuer: "github", Fingerprint: word + word + word + word, Hint: "fa4e",
			Assistants: []inventory.ID{a.ID}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal, Scopes: []string{"repo", word}, Sources: []string{"local"},
			Locations: []inventory.Location{{Path: "~/src/" + k + "/.mcp.json", Pointer: "/mcpServers/github/env/GITHUB_TOKEN", Line: day, Scope: "repo"}}})
		for j := range 2 {
			r.Tools = append(r.Tools, inventory.Tool{ID: id(inventory.NounTool, j), Assistant: a.ID, Name: "github", Transport: "stdio", Command: "npx", Args: []string{"-y", "server-" + word}, Pinned: inventory.No, Enabled: true, Evidence: ev})
			r.Findings = append(r.Findings, inventory.Finding{ID: id(inventory.NounFinding, j), Rule: "SEC-0" + strconv.Itoa(j+1), Title: "Secret in plain text", Subject: a.ID, Decision: inventory.Attend,
				State: []string{"open", "flagged"}[v%2], Detail: fmt.Sprintf("It is %d days old.", day), Score: day, FirstSeen: at, Evidence: ev})
		}
		for j, c := range []inventory.Capability{inventory.ReadSource, inventory.WriteSource, inventory.OpenPR} {
			r.Entitlements = append(r.Entitlements, inventory.Entitlement{ID: id(inventory.NounEntitlement, j), Assistant: a.ID, Via: string(a.Secrets[0]), Capability: c, Origin: inventory.OriginDirect,
				Gate: inventory.GateOpen, Path: []string{"Claude Code on ~/src/" + k, "github-pat-classic …fa4e", "repository " + word}, Evidence: ev})
		}
	}
	return inventory.NewSnapshot(now, r, false)
}

// size is what the database takes on the disk, after what is in the log beside it came in.
func size(t testing.TB, s *Store) int64 {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var sum int64
	files, err := filepath.Glob(filepath.Join(s.Dir(), databaseFile+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

// Ten thousand identities, daily, for two years, of which one of a hundred changes every day, take less than 1 GiB.
// What a part of them takes over part of the time is measured, and the growth is shown not to depend on the whole.
func TestHistoryIsCheap(t *testing.T) {
	const n, days = 400, 30
	s := open(t)
	f := s.Facts("x")
	if err := f.SaveSnapshot(company(n, 0)); err != nil {
		t.Fatal(err)
	}
	first := size(t, s)
	for day := 1; day <= days; day++ {
		if err := f.SaveSnapshot(company(n, day)); err != nil {
			t.Fatal(err)
		}
	}
	daily := float64(size(t, s)-first) / days
	total := (float64(first) + daily*730) * 10000 / n
	t.Logf("%d identities: %d bytes at first, %.0f a day; 10,000 for 730 days: %.0f MiB", n, first, daily, total/(1<<20))
	if total > 1<<30 {
		t.Errorf("10,000 identities for two years would take %.0f MiB", total/(1<<20))
	}
	db, err := s.db()
	if err != nil {
		t.Fatal(err)
	}
	var versions int
	if err := db.QueryRow("SELECT count(*) FROM version").Scan(&versions); err != nil {
		t.Fatal(err)
	}
	if want := n*9 + days*n/100*9; versions != want {
		t.Errorf("%d versions are kept of records of which %d differ", versions, want)
	}
}

// BenchmarkHistory keeps NHITOP_DAYS days of 10,000 identities: a few unless told, since the 730 of two years take the better
// part of an hour.
func BenchmarkHistory(b *testing.B) {
	days := 5
	if n, err := strconv.Atoi(os.Getenv("NHITOP_DAYS")); err == nil {
		days = n
	}
	for b.Loop() {
		s, err := Open(filepath.Join(b.TempDir(), "s"))
		if err != nil {
			b.Fatal(err)
		}
		f := s.Facts("x")
		var first int64
		for day := range days {
			x := company(10000, day)
			if err := f.SaveSnapshot(x); err != nil {
				b.Fatal(err)
			}
			if day == 0 {
				first = size(b, s)
			}
		}
		last := size(b, s)
		b.ReportMetric(float64(last)/(1<<20), "MiB")
		b.ReportMetric(float64(last-first)/float64(max(1, days-1))/1024, "KiB/day")
	}
}

func BenchmarkSaveSnapshot(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	f := s.Facts("x")
	if err := f.SaveSnapshot(company(10000, 0)); err != nil {
		b.Fatal(err)
	}
	next := company(10000, 1)
	for b.Loop() {
		if err := f.SaveSnapshot(next); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadRecords(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Facts("x").SaveSnapshot(company(10000, 0)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := s.Facts("x").LoadRecords(); err != nil {
			b.Fatal(err)
		}
	}
}

// save stores assistants by name and returns the collection.
func save(t *testing.T, f *Facts, day int, names map[string]string) Collection {
	t.Helper()
	var r inventory.Records
	for k, version := range names {
		r.Assistants = append(r.Assistants, inventory.Assistant{ID: inventory.ID("ast-" + k), Kind: "codex", Version: version, LastSeen: at.AddDate(0, 0, day)})
	}
	if err := f.SaveSnapshot(inventory.NewSnapshot(at.AddDate(0, 0, day), r, false)); err != nil {
		t.Fatal(err)
	}
	cs, err := f.Collections(1)
	if err != nil || len(cs) != 1 {
		t.Fatalf("%v %v", cs, err)
	}
	return cs[0]
}

func told(as []inventory.Assistant) map[string]string {
	m := map[string]string{}
	for _, a := range as {
		m[string(a.ID[4:])] = a.Version
	}
	return m
}

func TestHistory(t *testing.T) {
	s := open(t)
	f := s.Facts("x")
	save(t, s.Facts("other"), 0, map[string]string{"z": "9"})
	if _, err := f.CollectionAt(at); !errors.Is(err, ErrNoCollection) {
		t.Errorf("before the first: %v", err)
	}
	states := []map[string]string{
		{"a": "1", "b": "1", "c": "1"},
		{"a": "1", "b": "2", "d": "1"},
		{"a": "1", "b": "1", "d": "1", "c": "1"},
		{"a": "1", "b": "1", "d": "1", "c": "1"},
	}
	var cs []Collection
	for day, m := range states {
		cs = append(cs, save(t, f, day, m))
	}
	for i, c := range cs {
		r, err := f.RecordsAt(c)
		if err != nil || !reflect.DeepEqual(told(r.Assistants), states[i]) {
			t.Errorf("collection %d comes back as %v, want %v, %v", i, told(r.Assistants), states[i], err)
		}
	}
	for _, c := range []struct {
		from, to      int
		before, after map[string]string
		known         string
	}{
		{0, 1, map[string]string{"b": "1", "c": "1"}, map[string]string{"b": "2", "d": "1"}, ""},
		{1, 2, map[string]string{"b": "2"}, map[string]string{"b": "1", "c": "1"}, "ast-c"},
		{0, 2, map[string]string{"b": "1", "c": "1"}, map[string]string{"b": "1", "c": "1", "d": "1"}, ""},
		{2, 3, map[string]string{}, map[string]string{}, ""},
		{3, 3, map[string]string{}, map[string]string{}, ""},
	} {
		d, err := f.Delta(cs[c.from], cs[c.to])
		if err != nil || !reflect.DeepEqual(told(d.Before.Assistants), c.before) || !reflect.DeepEqual(told(d.After.Assistants), c.after) {
			t.Errorf("%d to %d: %v, %v, %v", c.from, c.to, told(d.Before.Assistants), told(d.After.Assistants), err)
		}
		if len(d.Known) > 1 || c.known != "" && !d.Known[inventory.ID(c.known)] || c.known == "" && len(d.Known) > 0 {
			t.Errorf("%d to %d: known before: %v, want %s", c.from, c.to, d.Known, c.known)
		}
	}
	d, err := f.Delta(cs[0], cs[1])
	if err != nil || !d.At["ast-c"].Equal(cs[1].At) || !d.At["ast-d"].Equal(cs[1].At) {
		t.Errorf("times %v %v", d.At, err)
	}
	for when, want := range map[time.Duration]int{-time.Hour: 0, 0: 0, 25 * time.Hour: 1, 1000 * time.Hour: 3} {
		if c, err := f.CollectionAt(at.Add(when)); err != nil || c.ID != cs[want].ID {
			t.Errorf("at %v: collection %d, want %d, %v", when, c.ID, cs[want].ID, err)
		}
	}
	if _, err := f.Collection(cs[0].ID - 1); !errors.Is(err, ErrNoCollection) {
		t.Errorf("the collection of another scope is shown: %v", err)
	}
}

func TestSeen(t *testing.T) {
	f := open(t).Facts("x")
	for day, m := range []map[string]string{{"a": "1", "b": "1"}, {"a": "2"}, {"a": "2", "c": "1"}} {
		save(t, f, day, m)
	}
	for name, want := range map[string][2]int{"a": {0, 2}, "b": {0, 0}, "c": {2, 2}} {
		first, last, ok, err := f.Seen(inventory.ID("ast-" + name))
		if err != nil || !ok || !first.Equal(at.AddDate(0, 0, want[0])) || !last.Equal(at.AddDate(0, 0, want[1])) {
			t.Errorf("%s: %v to %v, %v %v", name, first, last, ok, err)
		}
	}
	if _, _, ok, err := f.Seen("ast-none"); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}

func TestHistoryComesBackAsItWent(t *testing.T) {
	f := open(t).Facts("x")
	x := company(3, 5)
	if err := f.SaveSnapshot(x); err != nil {
		t.Fatal(err)
	}
	c, err := f.CollectionAt(x.At())
	if err != nil || c.Sources["local"] != inventory.SourceOK || c.Posture.SecretsOf != 3 {
		t.Fatalf("%+v %v", c, err)
	}
	r, err := f.RecordsAt(c)
	if err != nil {
		t.Fatal(err)
	}
	got := inventory.NewSnapshot(x.At(), r, false).Records()
	if len(got.Assistants) != 3 || len(got.Secrets) != 3 || len(got.Tools) != 6 || len(got.Entitlements) != 9 || len(got.Findings) != 6 {
		t.Fatalf("%d %d %d %d %d", len(got.Assistants), len(got.Secrets), len(got.Tools), len(got.Entitlements), len(got.Findings))
	}
	want := x.Records().Assistants[1]
	if a := got.Assistants[1]; a.ID != want.ID || a.Version != want.Version || !reflect.DeepEqual(a.Capabilities, want.Capabilities) || a.Evidence[0].Source != "local" || !a.LastSeen.IsZero() {
		t.Errorf("%+v", a)
	}
}

func FuzzUnpack(f *testing.F) {
	for _, text := range []string{"", "{}", `{"id":"ast-1"}`} {
		data, err := pack([]byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r inventory.Records
		for _, id := range []inventory.ID{"ast-1", "sec-1", "find-1", "x"} {
			if err := decodeVersion(&r, id, data); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("error %v", err)
			}
		}
		if _, err := decodeParts([]part{{list: "assistants", sum: []byte{}, data: data}}); err == nil {
			t.Fatal("parts without their sum are taken")
		}
	})
}
