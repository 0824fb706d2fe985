package githubsim

import (
	"fmt"
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

// Kill makes the revocations of an operation late, or lies. The operation is the pattern of its route, as in
// "DELETE /repos/{owner}/{repo}/keys/{key_id}"; "" is all of them. It panics for an operation that does not exist.
func (s *Sim) Kill(operation string, how Kill) {
	if operation != "" {
		known(operation)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills[operation] = how
}

func known(operation string) {
	for i := range routes {
		if routes[i].pattern == operation {
			return
		}
	}
	panic(fmt.Sprintf("githubsim: no operation %q", operation))
}

// kill does what a revocation says, now, later or never.
func (c *call) kill(do func()) {
	how, set := c.kills[c.rt.pattern]
	if !set {
		how = c.kills[""]
	}
	switch {
	case how.Lie:
	case how.After > 0:
		c.late = append(c.late, effect{c.now().Add(how.After), do})
	default:
		do()
	}
}

type effect struct {
	at time.Time
	do func()
}

// settle lets late revocations take effect whose time has come.
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
