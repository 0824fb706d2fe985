package posture

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
)

// MostExcerpts is how many places of one record are read again at most.
const MostExcerpts = 60

// Excerpts reads the places of a record again and returns what stands there now, every secret masked by the source that
// read it, in the order of [inventory.Snapshot.Places]. Only places that the newest snapshot names are read. A place that no
// source can show has the reason; what comes after the first [MostExcerpts] is left out. Nothing is changed.
func (s *Service) Excerpts(ctx context.Context, id inventory.ID) ([]inventory.Excerpt, error) {
	snap := s.Snapshot()
	if snap == nil {
		return nil, ErrNoSnapshot
	}
	places := snap.Places(id)
	places = places[:min(len(places), MostExcerpts)]
	out := make([]inventory.Excerpt, 0, len(places))
	for _, at := range places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, s.excerpt(ctx, at, snap))
	}
	return out, nil
}

// excerpt asks the source that a place is from; where none is named, each.
func (s *Service) excerpt(ctx context.Context, at inventory.Evidence, snap *inventory.Snapshot) inventory.Excerpt {
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		if f.Excerpt == nil || at.Source != "" && at.Source != f.Name {
			continue
		}
		if x, ok := shown(ctx, f, at, snap); ok {
			x.Reason = inventory.Clean(x.Reason)
			for k := range x.Lines {
				x.Lines[k] = inventory.Clean(x.Lines[k])
			}
			x.Changed = x.Modified.After(readAt(snap, f.Name, at))
			return x
		}
	}
	why := "no source shows what stands there"
	if strings.Contains(at.Path, "://") {
		why = "a record at its provider: it has no lines"
	}
	return inventory.Excerpt{At: at, State: inventory.LookedSkipped, Reason: why}
}

// shown asks one source. One that panics costs only this excerpt; what it says may hold anything and is not told.
func shown(ctx context.Context, f *Feed, at inventory.Evidence, snap *inventory.Snapshot) (x inventory.Excerpt, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			x, ok = inventory.Excerpt{At: at, State: inventory.LookedFailed, Reason: fmt.Sprintf("source %s crashed (%T)", f.Name, p)}, true
		}
	}()
	return f.Excerpt(ctx, at, snap)
}

// readAt is when a place was read for the snapshot: never later than it was.
func readAt(snap *inventory.Snapshot, source string, at inventory.Evidence) time.Time {
	for _, st := range snap.Records().Sources {
		if st.Name == source && !st.StartedAt.IsZero() {
			return st.StartedAt
		}
	}
	if !at.ObservedAt.IsZero() {
		return at.ObservedAt
	}
	return snap.At()
}
