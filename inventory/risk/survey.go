package risk

import (
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// Trait is what is asked of an assistant when a whole inventory is measured.
type Trait struct {
	Assistant  *inventory.Assistant
	Acts       bool // it can do more than return text
	Alone      bool // it runs without asking
	Writes     bool // it can change something, proven
	Controls   bool // it can administer, merge, deploy or hand out access, proven
	Wide       bool // a scope of it covers a whole organisation
	Production bool // it reaches production
	Restricted bool // it reaches what is confidential or restricted
	Armed      bool // it holds a secret, or has a right
	Lamps      LampSet
}

// Survey works out the traits of every assistant, in the order of the records.
func Survey(s *inventory.Snapshot, p Policy, now time.Time) []Trait {
	w := newWorld(s, p, now)
	j := &judging{w: w}
	j.prepare(upTo(len(w.facts)), upTo(len(w.profiles)))
	out := make([]Trait, len(w.profiles))
	for i, x := range w.profiles {
		out[i] = Trait{Assistant: x.a, Acts: x.acts(), Alone: x.alone(), Writes: x.write != "", Controls: x.admin != "", Wide: x.orgwide != "", Production: x.prod != "",
			Restricted: x.restricted != "", Armed: len(x.held)+len(x.grants) > 0, Lamps: x.lamps}
	}
	return out
}

// Weight is what a right weighs.
type Weight struct{ Writes, Controls, Production, System bool }

// Weigh says what a right weighs. A right on the machine that the assistant runs on is none in production.
func (p Policy) Weigh(s *inventory.Snapshot, e *inventory.Entitlement) Weight {
	r := s.Resource(e.Resource)
	power := powerOf(e.Capability, e.Level)
	return Weight{Writes: power >= powerWrite, Controls: power == powerControl, System: system(e.Capability),
		Production: (r == nil || r.Kind != "machine") && p.productionOf(e, r) != ""}
}

// Lasting reports whether a right has no near end, neither of its own nor of the secret that it comes through.
func (p Policy) Lasting(s *inventory.Snapshot, e *inventory.Entitlement, now time.Time) bool {
	soon := now.Add(p.ShortLived)
	if !e.Expires.IsZero() && !e.Expires.After(soon) {
		return false
	}
	x := s.Secret(inventory.ID(e.Via))
	return x == nil || x.Expires.IsZero() || x.Expires.After(soon)
}

// Approved says whether a tool server is on the list of approved ones; unknown where no list is kept.
func (p Policy) Approved(t *inventory.Tool) inventory.Answer {
	if len(p.ApprovedServers) == 0 || t.Transport == "builtin" {
		return inventory.Unknown
	}
	for _, ok := range p.ApprovedServers {
		if ok == t.Known || ok == t.Name || ok == hostOf(t.URL) || slices.ContainsFunc(t.Args, func(a string) bool { return a == ok || strings.HasPrefix(a, ok+"@") }) {
			return inventory.Yes
		}
	}
	return inventory.No
}

// Alive reports whether a secret may still be accepted by its issuer at a time, as far as can be told.
func Alive(x *inventory.Secret, now time.Time) bool {
	switch x.State {
	case inventory.StateRevoked, inventory.StateDisabled, inventory.StateExpired:
		return false
	}
	return x.Expires.IsZero() || x.Expires.After(now)
}

// Leaked reports whether a secret is known to have left its home.
func Leaked(x *inventory.Secret) bool { return (&secretFacts{x: x}).leaked() != "" }
