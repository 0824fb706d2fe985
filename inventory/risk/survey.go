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

// Survey works out the traits of every assistant, in the order of the records. A judgement knows them; see
// [Judgement.Traits].
func Survey(s *inventory.Snapshot, p Policy, now time.Time) []Trait {
	w := newWorld(s, p, now)
	j := &judging{w: w}
	j.prepare(upTo(len(w.facts)), upTo(len(w.profiles)))
	return named(w.r.Assistants, j.traits())
}

// Traits are those of every assistant of a snapshot, in the order of the records, if that has the facts that were judged; nil
// if not.
func (j *Judgement) Traits(s *inventory.Snapshot) []Trait {
	if j == nil || !s.Same(j.w.s) {
		return nil
	}
	return named(s.Records().Assistants, j.traits)
}

// trait is a [Trait] in little memory.
type trait struct {
	is    uint8    // see traitFlags
	lamps [3]uint8 // the numbers of answers
}

// traitFlags are the places of what is true or not.
func traitFlags(t *Trait) [8]*bool {
	return [8]*bool{&t.Acts, &t.Alone, &t.Writes, &t.Controls, &t.Wide, &t.Production, &t.Restricted, &t.Armed}
}

func traitLamps(t *Trait) [3]*inventory.Answer {
	return [3]*inventory.Answer{&t.Lamps.Private, &t.Lamps.Untrusted, &t.Lamps.WayOut}
}

func (p *profile) trait() (out trait) {
	t := Trait{Acts: p.acts(), Alone: p.alone(), Writes: p.write != "", Controls: p.admin != "", Wide: p.orgwide != "", Production: p.prod != "",
		Restricted: p.restricted != "", Armed: len(p.held)+len(p.grants) > 0, Lamps: p.lamps}
	for i, is := range traitFlags(&t) {
		if *is {
			out.is |= 1 << i
		}
	}
	for i, lamp := range traitLamps(&t) {
		out.lamps[i] = answerCode(*lamp)
	}
	return out
}

// traits are those of the assistants that are worked out.
func (j *judging) traits() []trait {
	out := make([]trait, len(j.w.profiles))
	for i, p := range j.w.profiles {
		out[i] = p.trait()
	}
	return out
}

func named(assistants []inventory.Assistant, traits []trait) []Trait {
	out := make([]Trait, len(traits))
	for i, x := range traits {
		t := &out[i]
		t.Assistant = &assistants[i]
		for k, is := range traitFlags(t) {
			*is = x.is&(1<<k) != 0
		}
		for k, lamp := range traitLamps(t) {
			*lamp = answerCodes[x.lamps[k]]
		}
	}
	return out
}

// Weight is what a right weighs.
type Weight struct{ Writes, Controls, Production, System bool }

// Weigh says what a right weighs. A right on the machine that the assistant runs on is none in production.
func (p Policy) Weigh(s *inventory.Snapshot, e *inventory.Entitlement) Weight {
	r := s.Resource(e.Resource)
	return weigh(e, r, p.productionOf(e, r))
}

// WeighAll weighs all rights of a snapshot, in their order.
func (p Policy) WeighAll(s *inventory.Snapshot) []Weight {
	w := &world{s: s, p: p, desk: &desk{}}
	es := s.Records().Entitlements
	all := make([]Weight, len(es))
	for i := range es {
		r := w.resource(es[i].Resource)
		all[i] = weigh(&es[i], r, w.productionOf(&es[i], r))
	}
	return all
}

func weigh(e *inventory.Entitlement, r *inventory.Resource, production string) Weight {
	power := powerOf(e.Capability, e.Level)
	return Weight{Writes: power >= powerWrite, Controls: power == powerControl, System: system(e.Capability),
		Production: (r == nil || r.Kind != "machine") && production != ""}
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
