package posture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
	"nhitop/inventory/store"
)

// Service collects, judges, publishes and revokes. Its methods may be called from several goroutines.
type Service struct {
	cfg   Config
	store *store.Store
	facts *store.Facts
	key   inventory.Key
	acts  acts

	collecting chan struct{}   // holds a token while a collection runs
	following  sync.WaitGroup  // collections that follow on one that was under way when something was changed
	life       context.Context //nolint:containedctx // of those: it ends with Close
	end        context.CancelFunc
	load       sync.Once // of the previous snapshot

	deciding  sync.Mutex // held while decisions change, and while what they come to is published
	decisions int        // grows with every change of decisions; guarded by deciding

	mu       sync.Mutex
	current  *inventory.Snapshot
	previous *inventory.Snapshot // the last whole one: the next follows on it

	judgement *risk.Judgement     // the last of a whole one
	judged    *inventory.Snapshot // that has its findings
	loadErr   error
	subs      map[int]*subscription
	nextSub   int
	running   bool
	progress  map[string]string
	armed     time.Time
}

// New opens the state folder and makes a service. It collects nothing yet.
func New(cfg Config) (*Service, error) {
	cfg.MaxSteps = cmp.Or(cfg.MaxSteps, DefaultMaxSteps)
	cfg.ArmFor = cmp.Or(cfg.ArmFor, DefaultArmFor)
	cfg.Deadline = cmp.Or(cfg.Deadline, DefaultDeadline)
	cfg.Every = cmp.Or(cfg.Every, DefaultEvery)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	now := cfg.Now
	cfg.Now = func() time.Time { return now().UTC() }
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	names := map[string]bool{}
	for _, f := range cfg.Feeds {
		if f.Name == "" || f.Collect == nil || names[f.Name] {
			return nil, fmt.Errorf("source %q: each source needs a name of its own and a way to collect", f.Name)
		}
		names[f.Name] = true
	}
	st, err := store.Open(cfg.StateDir)
	if err != nil {
		return nil, err
	}
	key, err := st.Key()
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, store: st, facts: st.Facts(cfg.Scope), key: key, collecting: make(chan struct{}, 1), subs: map[int]*subscription{}}
	s.acts = openActs(s)
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Previous returns what the last collection of this scope left in the state folder, its sources marked stale; nil, nil if
// there is none. It becomes the current snapshot when nothing was collected yet. An error says why it cannot be had; one
// that wraps [store.ErrDamaged] is told once and does not hinder a collection, one that wraps [store.ErrNewer] does.
func (s *Service) Previous() (*inventory.Snapshot, error) {
	s.load.Do(func() {
		prev, err := s.last() // takes time: Snapshot and Subscribe must not wait for it
		s.mu.Lock()
		defer s.mu.Unlock()
		s.previous, s.loadErr = prev, err
		if s.current == nil {
			s.current = prev
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.previous, s.loadErr
}

// LastStatus returns how the last collection from each source ended; nil if there was none.
func (s *Service) LastStatus() ([]inventory.SourceStatus, error) { return s.facts.Statuses() }

// Snapshot returns the newest published snapshot, nil if there is none.
func (s *Service) Snapshot() *inventory.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// ReadOnly reports whether nothing may be changed in this run of the program.
func (s *Service) ReadOnly() bool { return s.cfg.ReadOnly }

// Feeds returns the sources as they were given.
func (s *Service) Feeds() []Feed { return s.cfg.Feeds }

// subscription is one reader. pending is what it has not taken yet.
type subscription struct{ ch chan Event }

// Subscribe returns a channel on which the state arrives, beginning with the present one. A slow reader gets the newest
// and never blocks the service. cancel ends it and closes the channel; it may be called more than once.
func (s *Service) Subscribe() (<-chan Event, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextSub
	s.nextSub++
	sub := &subscription{ch: make(chan Event, 1)}
	s.subs[id] = sub
	if s.current != nil || s.running {
		sub.send(Event{Snapshot: s.current, Collecting: s.running, Progress: s.progress})
	}
	return sub.ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.subs[id] != nil {
			delete(s.subs, id)
			close(sub.ch)
		}
	}
}

// send replaces what the reader has not taken yet, without losing a snapshot or an error that came before. It is called
// with the service's lock held, so that there is one sender.
func (b *subscription) send(e Event) {
	select {
	case old := <-b.ch:
		if e.Snapshot == nil {
			e.Snapshot = old.Snapshot
		}
		if e.Err == nil {
			e.Err = old.Err
		}
	default:
	}
	b.ch <- e // there is room: only the reader could have come between, and it takes
}

// publish makes a change known. snap is nil if only progress changed.
func (s *Service) publish(snap *inventory.Snapshot, running bool, progress map[string]string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if snap != nil {
		s.current = snap
	}
	s.running, s.progress = running, maps.Clone(progress)
	for _, sub := range s.subs {
		sub.send(Event{Snapshot: snap, Collecting: running, Progress: s.progress, Err: err})
	}
}

// Arm allows revocations for [Config.ArmFor]. The word is "arm".
func (s *Service) Arm(word string) error {
	if s.cfg.ReadOnly {
		s.refused("arm", "", revoke.ErrReadOnly)
		return revoke.ErrReadOnly
	}
	if word != "arm" { // the word itself may be anything, and is not noted
		s.refused("arm", "", revoke.ErrNotArmed)
		return fmt.Errorf("%w: type arm", revoke.ErrNotArmed)
	}
	until := s.cfg.Now().Add(s.cfg.ArmFor)
	if err := s.acts.note("arm", "", "until "+until.UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("not armed, for the audit log cannot be written: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = until
	return nil
}

// Disarm ends what Arm began.
func (s *Service) Disarm() {
	s.mu.Lock()
	was := s.cfg.Now().Before(s.armed)
	s.armed = time.Time{}
	s.mu.Unlock()
	if was {
		if err := s.acts.note("disarm", "", ""); err != nil {
			s.cfg.Log.Error("audit log", "err", err)
		}
	}
}

// Armed reports until when revocations are allowed.
func (s *Service) Armed() (until time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed, s.cfg.Now().Before(s.armed)
}

// blocked reports whether an error of the state folder must stop a collection from storing what it found.
func blocked(err error) bool { return errors.Is(err, store.ErrNewer) }
