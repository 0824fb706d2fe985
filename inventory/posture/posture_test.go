package posture

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/inventory/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func service(t *testing.T, c Config) *Service {
	t.Helper()
	if c.StateDir == "" {
		c.StateDir = filepath.Join(t.TempDir(), "state")
	}
	if c.Now == nil {
		c.Now = (&clock{t: noon}).now
	}
	if c.Operator == "" {
		c.Operator = "tester"
	}
	c.Policy = risk.DefaultPolicy()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func feed(name string, collect func(context.Context, inventory.Sink) error) Feed {
	return Feed{Name: name, Kind: "fake", Collect: collect, Partial: func(err error) bool { return errors.Is(err, errPart) }}
}

var errPart = errors.New("a part")

func give(ids ...string) func(context.Context, inventory.Sink) error {
	return func(_ context.Context, s inventory.Sink) error {
		for _, id := range ids {
			s.Assistant(inventory.Assistant{ID: inventory.ID("ast-" + id), Kind: "codex", Name: id, Evidence: []inventory.Evidence{{Path: "~/" + id}}})
			s.Looked(inventory.Looked{Path: "~/" + id, State: inventory.LookedRead})
		}
		return nil
	}
}

func collect(t *testing.T, s *Service) *inventory.Snapshot {
	t.Helper()
	snap, err := s.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func names(s *inventory.Snapshot) string {
	var ns []string
	for _, a := range s.Records().Assistants {
		ns = append(ns, a.Name)
	}
	return strings.Join(ns, " ")
}

func status(t *testing.T, s *inventory.Snapshot, name string) inventory.SourceStatus {
	t.Helper()
	for _, x := range s.Records().Sources {
		if x.Name == name {
			return x
		}
	}
	t.Fatalf("source %s is not there", name)
	return inventory.SourceStatus{}
}

func TestOneSourceCostsOnlyItself(t *testing.T) {
	value := "ghp_" + "FAKE" + strings.Repeat("Zq81", 8)
	hang := make(chan struct{})
	defer close(hang)
	log, logText := logger()
	s := service(t, Config{Log: log, Deadline: 20 * time.Millisecond, Feeds: []Feed{
		feed("good", give("a", "b")),
		feed("fails", func(_ context.Context, s inventory.Sink) error {
			_ = give("c")(nil, s)
			return errors.New("no network")
		}),
		feed("panics", func(context.Context, inventory.Sink) error { panic("with " + value) }),
		feed("index", func(context.Context, inventory.Sink) error { var x []int; _ = x[len(os.Args)]; return nil }),
		feed("quits", func(context.Context, inventory.Sink) error { runtimeGoexit(); return nil }),
		feed("hangs", func(_ context.Context, s inventory.Sink) error { _ = give("d")(nil, s); <-hang; return nil }),
		feed("slow", func(ctx context.Context, _ inventory.Sink) error { <-ctx.Done(); return ctx.Err() }),
	}})
	snap := collect(t, s)
	if got := names(snap); got != "a b c d" {
		t.Errorf("assistants %q", got)
	}
	for name, want := range map[string][2]string{
		"good": {"ok", ""}, "fails": {"failed", "no network"}, "panics": {"failed", "it crashed (string)"}, "index": {"failed", "index out of range"},
		"quits": {"failed", "without a word"}, "hangs": {"failed", "left behind"}, "slow": {"failed", "deadline"},
	} {
		if got := status(t, snap, name); got.Status != want[0] || !strings.Contains(got.Reason, want[1]) {
			t.Errorf("%s: %s, %q; want %v", name, got.Status, got.Reason, want)
		}
	}
	data, _ := json.Marshal(snap.Records())
	for _, text := range []string{string(data), logText()} {
		if strings.Contains(text, value[4:12]) {
			t.Error("what the panic said came through")
		}
	}
	if !strings.Contains(logText(), "source crashed") {
		t.Error("the crash is not in the log")
	}
}

func TestLastGoodFactsStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	now := give("a", "b")
	open := func() *Service {
		return service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", func(ctx context.Context, s inventory.Sink) error { return now(ctx, s) }), feed("y", give("z"))}})
	}
	if got := names(collect(t, open())); got != "a b z" {
		t.Fatalf("first %q", got)
	}
	c.move(time.Hour)

	now = func(_ context.Context, s inventory.Sink) error { _ = give("b", "c")(nil, s); return errors.New("401") }
	snap := collect(t, open())
	if got := names(snap); got != "a b c z" {
		t.Errorf("after a failure %q", got)
	}
	if got := status(t, snap, "x"); got.Status != inventory.SourceStale || !strings.Contains(got.Reason, "401") || !strings.Contains(got.Reason, "2026-11-23T12:00:00Z") {
		t.Errorf("%+v", got)
	}
	if a := snap.Assistant("ast-a"); !a.LastSeen.Equal(noon) {
		t.Errorf("last seen %v, but it was not seen now", a.LastSeen)
	}

	now = func(_ context.Context, s inventory.Sink) error {
		_ = give("b")(nil, s)
		s.Looked(inventory.Looked{Path: "~/a", State: inventory.LookedDenied})
		return fmt.Errorf("home: %w", errPart)
	}
	snap = collect(t, open())
	if got := names(snap); got != "a b z" {
		t.Errorf("a was not read, and is %q", got)
	}
	if got := status(t, snap, "x"); got.Status != inventory.SourcePartial {
		t.Errorf("%+v", got)
	}

	now = func(_ context.Context, s inventory.Sink) error {
		s.Looked(inventory.Looked{Path: "~/a", State: inventory.LookedAbsent})
		s.Looked(inventory.Looked{Path: "~/b", State: inventory.LookedRead})
		return errPart
	}
	if got := names(collect(t, open())); got != "z" {
		t.Errorf("both were looked at and are gone, and it shows %q", got)
	}

	now = give("b")
	if got := names(collect(t, open())); got != "b z" {
		t.Errorf("in the end %q", got)
	}
}

func TestGoneOnlyWhereItEndedWell(t *testing.T) {
	n := 0
	s := service(t, Config{Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		n++
		if n == 1 {
			return give("a")(ctx, sink)
		}
		return nil
	})}})
	collect(t, s)
	if got := names(collect(t, s)); got != "" {
		t.Errorf("it was read to its end and still shows %q", got)
	}
}

func TestPreviousAndFirstSeen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	unowned := func(_ context.Context, s inventory.Sink) error {
		s.Assistant(inventory.Assistant{ID: "ast-a", Kind: "codex", Name: "a", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyUnattended, Sandbox: inventory.SandboxNone,
			Scope: "user", Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes}})
		return nil
	}
	first := service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", unowned)}})
	if prev, err := first.Previous(); prev != nil || err != nil {
		t.Fatalf("%v %v", prev, err)
	}
	one := collect(t, first)
	if len(one.Records().Findings) == 0 {
		t.Fatal("an unattended assistant without sandbox and owner gives no finding: the test shows nothing")
	}
	c.move(48 * time.Hour)
	second := service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", unowned)}})
	prev, err := second.Previous()
	if err != nil || prev == nil || status(t, prev, "x").Status != inventory.SourceStale || second.Snapshot() != prev {
		t.Fatalf("%v %v", prev, err)
	}
	two := collect(t, second)
	if a := two.Assistant("ast-a"); !a.FirstSeen.Equal(noon) || !a.LastSeen.Equal(noon.Add(48*time.Hour)) {
		t.Errorf("first %v last %v", a.FirstSeen, a.LastSeen)
	}
	for _, f := range two.Records().Findings {
		if one.Finding(f.ID) != nil && !f.FirstSeen.Equal(noon) {
			t.Errorf("%s first seen %v", f.Rule, f.FirstSeen)
		}
	}
	other := service(t, Config{StateDir: dir, Scope: "elsewhere", Now: c.now, Feeds: []Feed{feed("x", unowned)}})
	if prev, err := other.Previous(); prev != nil || err != nil {
		t.Errorf("facts of another scope: %v %v", prev, err)
	}
}

func TestNarrowLeavesTheSnapshot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	collect(t, service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", give("a")), feed("y", give("b"))}}))
	collect(t, service(t, Config{StateDir: dir, Narrow: true, Feeds: []Feed{feed("x", give("c"))}}))
	prev, err := service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", give())}}).Previous()
	if err != nil || names(prev) != "a b" {
		t.Errorf("%q %v", names(prev), err)
	}
}

func TestDamagedStateIsNoEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	first := service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", give("a"))}})
	collect(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nhitop.db")
	if err := os.WriteFile(file, []byte("this is no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", give("a"))}})
	if _, err := s.Previous(); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("not told: %v", err)
	}
	if got := names(collect(t, s)); got != "a" {
		t.Errorf("%q", got)
	}

	newer, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newer.Exec("PRAGMA user_version = 9000"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(newer.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", give("a"))}})
	if _, err := s.Collect(t.Context()); !errors.Is(err, store.ErrNewer) {
		t.Errorf("a newer state was written over: %v", err)
	}
}

func TestSubscribe(t *testing.T) {
	step := make(chan struct{})
	s := service(t, Config{Every: time.Millisecond, Feeds: []Feed{
		feed("x", give("a")),
		feed("y", func(ctx context.Context, sink inventory.Sink) error {
			sink.Progress("reading b")
			<-step
			return give("b")(ctx, sink)
		}),
	}})
	events, cancel := s.Subscribe()
	slow, cancelSlow := s.Subscribe() // never read until the end: it must block nobody
	done := make(chan error, 1)
	go func() { _, err := s.Collect(context.Background()); done <- err }()

	sawPartial, sawProgress := false, false
	for e := range events {
		if e.Snapshot != nil && e.Snapshot.Partial() && names(e.Snapshot) == "a" && e.Collecting {
			sawPartial = true
		}
		sawProgress = sawProgress || e.Progress["y"] == "reading b"
		if sawPartial && sawProgress {
			break
		}
	}
	close(step)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, ch := range []<-chan Event{events, slow} {
		e := <-ch
		if e.Snapshot == nil || e.Collecting || e.Snapshot.Partial() || names(e.Snapshot) != "a b" || e.Snapshot != s.Snapshot() {
			t.Errorf("the last state did not arrive: %+v", e)
		}
	}
	late, cancelLate := s.Subscribe()
	if e := <-late; e.Snapshot != s.Snapshot() {
		t.Error("a new reader does not get the present state")
	}
	for _, c := range []func(){cancel, cancel, cancelSlow, cancelLate} {
		c()
	}
	if _, open := <-events; open {
		t.Error("the channel is not closed")
	}
}

func TestRunningSourceShowsWhatItKnew(t *testing.T) {
	step, reached := make(chan struct{}), make(chan struct{})
	n := 0
	s := service(t, Config{Every: time.Millisecond, Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		if n++; n == 2 {
			sink.Assistant(inventory.Assistant{ID: "ast-c", Name: "c"})
			close(reached)
			<-step
		}
		return give("a", "b")(ctx, sink)
	})}})
	collect(t, s)
	events, cancel := s.Subscribe()
	defer cancel()
	go func() { _, _ = s.Collect(context.Background()) }()
	<-reached
	for e := range events {
		if e.Snapshot != nil && e.Snapshot.Assistant("ast-c") != nil && e.Collecting {
			if len(e.Snapshot.Records().Assistants) != 3 || status(t, e.Snapshot, "x").Status != inventory.SourceRunning {
				t.Errorf("%d assistants while it runs", len(e.Snapshot.Records().Assistants))
			}
			break
		}
	}
	close(step)
	for e := range events {
		if !e.Collecting {
			return
		}
	}
}

func TestCancel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	ctx, cancel := context.WithCancel(t.Context())
	s := service(t, Config{StateDir: dir, Feeds: []Feed{feed("x", func(ctx context.Context, sink inventory.Sink) error {
		_ = give("a")(ctx, sink)
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})}})
	if _, err := s.Collect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "facts", "*", "*")); len(files) > 0 {
		t.Errorf("an interrupted collection was stored: %v", files)
	}
}

func TestSameFactsSameDocument(t *testing.T) {
	want := ""
	for range 5 {
		s := service(t, Config{Feeds: []Feed{feed("x", give("a", "b")), feed("y", give("b", "c")), feed("z", give("d"))}})
		data, err := json.Marshal(collect(t, s).Records())
		if err != nil || want != "" && string(data) != want {
			t.Fatalf("another document\n%s\n%s", data, want)
		}
		want = string(data)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	s := service(t, Config{Every: time.Millisecond, Feeds: []Feed{feed("x", give("a", "b")), feed("y", give("c"))}})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := s.Collect(context.Background()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			ch, cancel := s.Subscribe()
			defer cancel()
			select {
			case <-ch:
			default:
			}
			if snap := s.Snapshot(); snap != nil {
				_, _ = json.Marshal(snap.Records())
			}
			s.MayRevoke("ast-a")
			_ = s.Arm("arm")
			s.Armed()
			s.Disarm()
		})
	}
	wg.Wait()
	if got := names(s.Snapshot()); got != "a b c" {
		t.Errorf("%q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"no state folder":  {},
		"two of one name":  {StateDir: t.TempDir(), Feeds: []Feed{feed("x", give()), feed("x", give())}},
		"no name":          {StateDir: t.TempDir(), Feeds: []Feed{feed("", give())}},
		"cannot collect":   {StateDir: t.TempDir(), Feeds: []Feed{{Name: "x"}}},
		"state in a file":  {StateDir: "/dev/null/x"},
		"open to everyone": {StateDir: "/"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
