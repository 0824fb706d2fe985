package posture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/metrics"
	"nhitop/inventory/ownership"
	"nhitop/inventory/store"
	"nhitop/inventory/triage"
)

// grace is how long a source may take to end after its time is over, before it is left behind.
const grace = time.Second

var errHung = errors.New("it did not end in time and was left behind")

// intake is one source during one collection. Only the goroutine of Collect changes it.
type intake struct {
	feed    *Feed
	sink    inventory.Sink
	load    func() store.Good // reads its last good facts; the zero value if there are none
	good    *store.Good       // those, since they were asked for: a source that ends well needs none
	started time.Time
	ended   time.Time
	asked   bool
	done    bool
	err     error
}

type ending struct {
	at  int
	err error
}

// Collect asks all sources at once, publishes what is there so far while they work, and stores and returns the whole. A
// source that fails is told in its status, not by the error, which is about the collection itself: the state folder, or
// ctx. A second call waits for the first.
func (s *Service) Collect(ctx context.Context) (*inventory.Snapshot, error) {
	select {
	case s.collecting <- struct{}{}:
		defer func() { <-s.collecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	_, err := s.Previous()
	if blocked(err) {
		return nil, err
	}
	if err != nil {
		s.cfg.Log.Warn("state", "err", err)
	}
	at := s.cfg.Now().Truncate(time.Second)
	ins := s.intakes(at)
	first, open := s.start(ctx, ins, false)
	s.publish(nil, true, progress(ins), err)
	s.follow(ctx, at, ins, first, open)
	then, open := s.start(ctx, ins, true)
	s.follow(ctx, at, ins, then, open)
	if err = ctx.Err(); err == nil {
		err = s.keepGood(at, ins)
	}
	var changed []inventory.Exposure
	snap := s.present(func() (x *inventory.Snapshot) {
		x, changed = s.measure(s.build(at, ins, false))
		return x
	}, true, nil)
	if err = cmp.Or(err, ctx.Err()); err == nil {
		err = s.keep(snap, changed)
	}
	s.collected(ctx, ins, err)
	s.publish(nil, false, nil, err)
	return snap, err
}

// present publishes what build gives, with the decisions that were made while it worked.
func (s *Service) present(build func() *inventory.Snapshot, running bool, progress map[string]string) *inventory.Snapshot {
	s.deciding.Lock()
	before := s.decisions
	s.deciding.Unlock()
	snap := build()
	s.deciding.Lock()
	defer s.deciding.Unlock()
	if s.decisions != before {
		snap = s.redecide(snap, true)
	}
	s.publish(snap, running, progress, nil)
	return snap
}

// intakes opens a sink for every source. All facts of one collection bear its time.
func (s *Service) intakes(at time.Time) []*intake {
	ins := make([]*intake, len(s.cfg.Feeds))
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		ins[i] = &intake{feed: f, sink: inventory.NewSink(f.Name, s.key, func() time.Time { return at }), started: s.cfg.Now(), load: func() store.Good {
			good, err := s.facts.LoadGood(f.Name)
			if err != nil {
				s.cfg.Log.Warn("state", "source", f.Name, "err", err)
			}
			return good
		}}
		if f.Resolve != nil {
			ins[i].sink.Progress("waits for the other sources")
		}
	}
	return ins
}

// start sets sources off: the directories, or all others. It returns where they tell their end, and how many they are.
func (s *Service) start(ctx context.Context, ins []*intake, directories bool) (ends chan ending, open int) {
	ends = make(chan ending, len(ins))
	var who []inventory.Owner
	for i, in := range ins {
		if (in.feed.Resolve != nil) != directories {
			continue
		}
		if directories && open == 0 {
			who = s.whom(ins)
		}
		open++
		in.asked, in.started = true, s.cfg.Now()
		go func() {
			ctx, cancel := context.WithTimeout(ctx, s.cfg.Deadline)
			defer cancel()
			err := errors.New("it ended without a word")
			defer func() { ends <- ending{i, err} }()
			err = s.guard(ctx, in.feed, who, in.sink)
		}()
	}
	return ends, open
}

// guard calls a source and turns a panic into an error. A panic's text may hold what was read, so that only errors of the
// runtime itself are quoted.
func (s *Service) guard(ctx context.Context, f *Feed, who []inventory.Owner, sink inventory.Sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it crashed (%T)", p)
			if re, ok := p.(runtime.Error); ok {
				err = fmt.Errorf("it crashed: %s", re.Error())
			}
			s.cfg.Log.Error("source crashed", "source", f.Name, "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	if f.Resolve != nil {
		return f.Resolve(ctx, slices.Clone(who), sink)
	}
	return f.Collect(ctx, sink)
}

// follow waits for the sources that were asked, of which so many are at work, and publishes what they have so far. It returns when all have ended or are left behind.
func (s *Service) follow(ctx context.Context, at time.Time, ins []*intake, ends chan ending, open int) {
	limit := time.NewTimer(s.cfg.Deadline + grace)
	defer limit.Stop()
	tick := time.NewTimer(s.cfg.Every)
	defer tick.Stop()
	stop := ctx.Done()
	seen, said := -1, map[string]string(nil)
	for open > 0 {
		select {
		case e := <-ends:
			in := ins[e.at]
			in.done, in.err, in.ended = true, e.err, s.cfg.Now()
			open--
		case <-stop:
			stop = nil
			limit.Reset(grace)
		case <-limit.C:
			for _, in := range ins {
				if in.asked && !in.done {
					in.done, in.err, in.ended = true, errHung, s.cfg.Now()
				}
			}
			return
		case <-tick.C:
			began := time.Now()
			if v := version(ins); v != seen {
				seen, said = v, progress(ins)
				s.present(func() *inventory.Snapshot { return s.build(at, ins, true) }, true, said)
			} else if p := progress(ins); !maps.Equal(p, said) {
				said = p
				s.publish(nil, true, said, nil)
			}
			tick.Reset(max(s.cfg.Every, 4*time.Since(began))) // a large inventory is not rebuilt all the time
		}
	}
}

// version grows with every record and every source that ends.
func version(ins []*intake) int {
	n := 0
	for _, in := range ins {
		_, v := in.sink.State()
		if in.done {
			v++
		}
		n += v
	}
	return n
}

func progress(ins []*intake) map[string]string {
	m := make(map[string]string, len(ins))
	for _, in := range ins {
		if !in.done {
			m[in.feed.Name], _ = in.sink.State()
		}
	}
	return m
}

// build merges and judges what is there. What is no part of a collection under way is the last of it: the sinks are emptied.
func (s *Service) build(at time.Time, ins []*intake, partial bool) *inventory.Snapshot {
	batches := make([]inventory.Batch, 0, len(ins))
	states := make([]inventory.SourceStatus, 0, len(ins))
	for _, in := range ins {
		take := in.sink.Take
		if partial {
			take = in.sink.Batch
		}
		now := take()
		states = append(states, in.status(now, s.cfg.Now()))
		batches = append(batches, in.facts(now))
	}
	s.mu.Lock()
	previous := s.previous
	s.mu.Unlock()
	r := merge.Consume(batches, previous)
	spare(len(r.Assistants) + len(r.Secrets) + len(r.Entitlements) + len(r.Tools) + len(r.Owners) + len(r.Resources))
	r.Sources = states
	s.declare(&r, at)
	standing := s.standing()
	triage.Owners(&r, standing, s.acts.log.Path())
	ownership.Decide(&r, s.cfg.Ownership)
	snap := s.judge(previous.Next(at, r, partial), previous, standing, at)
	if partial && previous != nil { // what is measured is of the last whole one until there is another
		snap = snap.Measured(previous.Posture().Gauge)
	}
	return snap
}

// keepGood stores what each source that ended well said.
func (s *Service) keepGood(at time.Time, ins []*intake) error {
	for _, in := range ins {
		if in.err != nil && !in.partial() {
			continue
		}
		if err := s.facts.SaveGood(store.Good{At: at, Batch: in.facts(in.sink.Batch())}); err != nil {
			return err
		}
	}
	return nil
}

// keep stores the snapshot with what was measured of it.
func (s *Service) keep(snap *inventory.Snapshot, changed []inventory.Exposure) error {
	s.mu.Lock()
	s.previous = snap
	s.mu.Unlock()
	if s.cfg.Narrow {
		return nil
	}
	g := snap.Posture().Gauge
	return s.facts.SaveMeasured(snap, store.Measures{Values: metrics.Values(&g), Exposures: changed})
}
