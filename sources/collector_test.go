package sources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

type fake func(ctx context.Context, s inventory.Sink) error

func (fake) Info() Info { return Info{Name: "fake", Kind: "fake"} }
func (f fake) Collect(ctx context.Context, s inventory.Sink) error {
	return f(ctx, s)
}

func deliver(s inventory.Sink) {
	s.Owner(inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "x"), Name: "x"})
}

func TestCollector(t *testing.T) {
	hidden := "pass" + "word-FAKE-in-a-panic"
	for name, c := range map[string]struct {
		run            fake
		deadline       time.Duration
		status, reason string
		owners         int
	}{
		"well":    {run: func(_ context.Context, s inventory.Sink) error { deliver(s); deliver(s); return nil }, status: inventory.SourceOK, owners: 1},
		"failed":  {run: func(context.Context, inventory.Sink) error { return errors.New("no network") }, status: inventory.SourceFailed, reason: "no network"},
		"partial": {run: func(context.Context, inventory.Sink) error { return fmt.Errorf("%w: one home", ErrPartial) }, status: inventory.SourcePartial, reason: "read in part: one home"},
		"some":    {run: func(_ context.Context, s inventory.Sink) error { deliver(s); return errors.New("cut off") }, status: inventory.SourcePartial, reason: "cut off", owners: 1},
		"panic":   {run: func(_ context.Context, s inventory.Sink) error { deliver(s); panic(hidden) }, status: inventory.SourcePartial, reason: "sources/collector_test.go:", owners: 1},
		"hangs": {run: func(ctx context.Context, _ inventory.Sink) error { <-ctx.Done(); return ctx.Err() }, deadline: time.Millisecond,
			status: inventory.SourceFailed, reason: "took longer than 1ms"},
		"escapes": {run: func(context.Context, inventory.Sink) error { return errors.New("a\x1b[2Jb") }, status: inventory.SourceFailed, reason: "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			sink := inventory.NewSink("fake", inventory.Key{}, time.Now)
			st := Collector{Deadline: c.deadline}.Collect(t.Context(), c.run, sink)
			if st.Status != c.status || !strings.Contains(st.Reason, c.reason) || st.Counts["owners"] != c.owners {
				t.Errorf("%s (%s), %v", st.Status, st.Reason, st.Counts)
			}
			if strings.Contains(st.Reason, hidden) {
				t.Error("the reason quotes what the panic said")
			}
		})
	}
}

func TestCollectorGivesUp(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stuck := fake(func(context.Context, inventory.Sink) error { <-release; return nil })
	st := Collector{Grace: time.Millisecond}.Collect(ctx, stuck, inventory.NewSink("fake", inventory.Key{}, time.Now))
	if st.Status != inventory.SourceFailed || !strings.Contains(st.Reason, ErrAbandoned.Error()) {
		t.Errorf("%s: %s", st.Status, st.Reason)
	}
}
