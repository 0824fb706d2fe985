package githubsim

import (
	"net/http"
	"time"
)

// Kill is how a revocation goes wrong.
type Kill struct {
	// After is how long the revoked thing lives on, by the simulator's clock, after the answer that says it is done.
	After time.Duration
	// Lie answers as if it were done, and does nothing.
	Lie bool
}

type effect struct {
	at time.Time
	do func()
}

// settle lets late kills take effect whose time has come.
func (s *Sim) settle() {
	now := s.now()
	rest := s.late[:0]
	for _, e := range s.late {
		if now.Before(e.at) {
			rest = append(rest, e)
			continue
		}
		e.do()
	}
	s.late = rest
}

type fault struct{}

func (s *Sim) plan(*http.Request) *fault { return nil }

func (s *Sim) suffer(*fault, http.ResponseWriter, *http.Request) {}
