package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nhitop/cmd/internal/demo"
	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// openDemo opens the program on the made-up company: the same sources, store and executor, on a temporary folder and on
// providers that are simulated in the process.
func openDemo(o Options) (*App, error) {
	if o.Config != "" || o.Home != "" || len(o.Paths) > 0 {
		return nil, errors.New("--demo brings its own configuration and homes; leave --config, --home and --path out")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	company, err := demo.New(o.State, o.Now)
	if err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	o.Config, o.State, o.Getenv, o.Now = company.Config(), company.State(), company.Getenv, company.Now
	o.paths, o.scope, o.Operator = []string{company.Home()}, demo.Scope, cmp.Or(o.Operator, demo.Operator)
	o.transport = company.Transport
	app, err := open(o)
	if err != nil {
		return nil, errors.Join(err, company.Close())
	}
	app.company, app.player = company, app.Service
	if o.ReadOnly || len(o.Sources) > 0 { // what limits this run did not limit the past
		o.ReadOnly, o.Sources = false, nil
		all, err := open(o)
		if err != nil {
			return nil, errors.Join(err, app.Close())
		}
		app.player = all.Service
	}
	return app, nil
}

// Ready waits until there is something to be read. In real life there always is; the demo's company is made first, and say
// is told how far it is.
func (a *App) Ready(ctx context.Context, say func(string)) error {
	if a.company == nil {
		return nil
	}
	return a.company.Play(ctx, a.player, say)
}

// Close closes the service, and takes the demo's folder away.
func (a *App) Close() error {
	err := a.Service.Close()
	if a.company == nil {
		return err
	}
	if a.player != nil && a.player != a.Service {
		err = errors.Join(err, a.player.Close())
	}
	return errors.Join(err, a.company.Close())
}

// staged is the service as the screen sees it while the demo's past is played behind the first frame: busy, and with
// nothing to show yet.
type staged struct {
	*posture.Service
	app   *App
	ready chan struct{} // closed when the past was played
	err   error         // of playing; read after ready

	mu   sync.Mutex
	said string
	subs []chan posture.Event
}

// stage begins to play and returns at once.
func stage(ctx context.Context, a *App) *staged {
	s := &staged{Service: a.Service, app: a, ready: make(chan struct{})}
	go func() {
		defer close(s.ready)
		s.err = a.Ready(ctx, s.say)
	}()
	return s
}

// say tells those who subscribed how far it is; who has not taken the last word gets the new one in its place.
func (s *staged) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = text
	for _, ch := range s.subs {
		select {
		case <-ch:
		default:
		}
		ch <- s.event()
	}
}

func (s *staged) event() posture.Event {
	return posture.Event{Collecting: true, Progress: map[string]string{"demo": s.said}}
}

func (s *staged) wait() error { <-s.ready; return s.err }

func (s *staged) isReady() bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// Previous waits for the past.
func (s *staged) Previous() (*inventory.Snapshot, error) {
	if err := s.wait(); err != nil {
		return nil, err
	}
	return s.Service.Previous()
}

// Runs waits for the past: a run of it is under way while it is played.
func (s *staged) Runs() ([]revoke.Run, error) {
	if err := s.wait(); err != nil {
		return nil, err
	}
	return s.Service.Runs()
}

// Collect waits for the past.
func (s *staged) Collect(ctx context.Context) (*inventory.Snapshot, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	return s.Service.Collect(ctx)
}

// Snapshot is what is known of today; of the past nothing is shown as if it were now.
func (s *staged) Snapshot() *inventory.Snapshot {
	if !s.isReady() {
		return nil
	}
	return s.Service.Snapshot()
}

// Subscribe tells how far the past is, then what the service says.
func (s *staged) Subscribe() (<-chan posture.Event, func()) {
	out, played, over := make(chan posture.Event), make(chan posture.Event, 1), make(chan struct{})
	s.mu.Lock()
	s.subs = append(s.subs, played)
	s.mu.Unlock()
	go func() {
		defer close(out)
		for {
			select {
			case e := <-played:
				if !pass(out, e, over) {
					return
				}
				continue
			case <-s.ready:
			case <-over:
				return
			}
			break
		}
		events, cancel := s.Service.Subscribe()
		defer cancel()
		for {
			select {
			case e := <-events:
				if !pass(out, e, over) {
					return
				}
			case <-over:
				return
			}
		}
	}()
	return out, sync.OnceFunc(func() { close(over) })
}

func pass(out chan<- posture.Event, e posture.Event, over <-chan struct{}) bool {
	select {
	case out <- e:
		return true
	case <-over:
		return false
	}
}
