package sources

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"nhitop/inventory"
)

// Collector runs one source at a time, so that one that panics, hangs or fails costs only itself.
type Collector struct {
	Deadline time.Duration // of one collection; 0: none but that of the context
	// Grace is how long after the end of its context a source may still take to return before it is given up. 0: 5 s.
	Grace time.Duration
	Now   func() time.Time // nil: time.Now
}

// ErrAbandoned says that a source did not return after its context had ended.
var ErrAbandoned = errors.New("did not stop when it was told to")

const defaultGrace = 5 * time.Second

// Collect runs a source and says how it went. What the source delivered to the sink stays, whatever its end. Counts,
// Ledger and Warnings are those of the sink.
func (c Collector) Collect(ctx context.Context, s Source, sink inventory.Sink) inventory.SourceStatus {
	now := c.Now
	if now == nil {
		now = time.Now
	}
	info := s.Info()
	started := now()
	if c.Deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Deadline)
		defer cancel()
	}
	err := c.run(ctx, s, sink)
	st := inventory.SourceStatus{
		Name: info.Name, Kind: info.Kind, StartedAt: started, DurationMS: now().Sub(started).Milliseconds(),
	}
	b := sink.Batch()
	st.Counts, st.Ledger, st.Warnings = counts(b.Records), b.Ledger, b.Warnings
	st.Status, st.Reason = c.verdict(err, b)
	return st
}

// run calls the source and waits for it, but not for ever.
func (c Collector) run(ctx context.Context, s Source, sink inventory.Sink) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				// The value of a panic may quote what was being read: only where it happened is told.
				done <- fmt.Errorf("stopped by a fault in the program at %s; please report it", where(debug.Stack()))
			}
		}()
		done <- s.Collect(ctx, sink)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace := c.Grace
	if grace <= 0 {
		grace = defaultGrace
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return fmt.Errorf("%w (%w)", ErrAbandoned, ctx.Err())
	}
}

// verdict turns the end of a collection into a state of the interface.
func (c Collector) verdict(err error, b inventory.Batch) (status, reason string) {
	switch {
	case err == nil:
		return inventory.SourceOK, ""
	case errors.Is(err, ErrPartial):
		return inventory.SourcePartial, inventory.Clean(err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		reason = "took longer than its time limit"
		if c.Deadline > 0 {
			reason = fmt.Sprintf("took longer than %s", c.Deadline)
		}
	case errors.Is(err, context.Canceled):
		reason = "cancelled"
	default:
		reason = inventory.Clean(err.Error())
	}
	if errors.Is(err, ErrAbandoned) {
		reason += "; " + ErrAbandoned.Error()
	}
	if b.Version > 0 {
		return inventory.SourcePartial, reason
	}
	return inventory.SourceFailed, reason
}

func counts(r inventory.Records) map[string]int {
	return map[string]int{
		"assistants": distinct(r.Assistants, func(x inventory.Assistant) inventory.ID { return x.ID }),
		"owners":     distinct(r.Owners, func(x inventory.Owner) inventory.ID { return x.ID }),
		"secrets":    distinct(r.Secrets, func(x inventory.Secret) inventory.ID { return x.ID }),
		"tools":      distinct(r.Tools, func(x inventory.Tool) inventory.ID { return x.ID }),
		"entitlements": distinct(r.Entitlements, func(x inventory.Entitlement) inventory.ID {
			return x.ID
		}),
		"resources": distinct(r.Resources, func(x inventory.Resource) inventory.ID { return x.ID }),
	}
}

func distinct[T any](xs []T, id func(T) inventory.ID) int {
	ids := make([]inventory.ID, len(xs))
	for i := range xs {
		ids[i] = id(xs[i])
	}
	slices.Sort(ids)
	return len(slices.Compact(ids))
}
