package risk

import (
	"slices"
	"time"

	"nhitop/inventory"
)

// Subject is what a rule looks at: exactly one of the pointers is set. Its methods lead to the neighbourhood.
type Subject struct {
	Assistant *inventory.Assistant
	Secret    *inventory.Secret
	Tool      *inventory.Tool
	Owner     *inventory.Owner
	Source    *inventory.SourceStatus

	w *world
	p *profile // of the assistant, or of the tool server's
	f *secretFacts
}

// ID is the subject's id.
func (s Subject) ID() inventory.ID {
	switch {
	case s.Assistant != nil:
		return s.Assistant.ID
	case s.Secret != nil:
		return s.Secret.ID
	case s.Tool != nil:
		return s.Tool.ID
	case s.Owner != nil:
		return s.Owner.ID
	}
	return SourceID(s.Source.Name)
}

// Snapshot is the whole inventory.
func (s Subject) Snapshot() *inventory.Snapshot { return s.w.s }

// Now is the time of the judgement.
func (s Subject) Now() time.Time { return s.w.now }

// Tools returns the enabled tool servers of the assistant.
func (s Subject) Tools() []*inventory.Tool { return s.profile().tools }

// Holders returns the assistants that hold or reach the secret, by id.
func (s Subject) Holders() []*inventory.Assistant { return s.secretFacts().holders }

// Holds reports whether a rule that is not a combination holds for the assistant or for something of it.
func (s Subject) Holds(rule string) bool {
	return s.w.part(rule, s.profile()) != nil
}

func (s Subject) profile() *profile {
	switch {
	case s.p != nil:
		return s.p
	case s.Tool != nil:
		return s.w.profile(s.Tool.Assistant)
	}
	return s.w.profile(s.Assistant.ID)
}

func (s Subject) secretFacts() *secretFacts {
	if s.f != nil {
		return s.f
	}
	if f := s.w.factsOf(s.Secret.ID); f != nil {
		return f
	}
	return newSecretFacts(s.w, s.Secret)
}

// users are the profiles of those that hold or reach the secret, in the order of [Subject.Holders].
func (s Subject) users() []*profile {
	f := s.secretFacts()
	d := s.w.desk
	if d.used != f || len(d.using) != len(f.holders) {
		d.used, d.using = f, d.using[:0]
		for _, a := range f.holders {
			d.using = append(d.using, s.w.profile(a.ID))
		}
	}
	return d.using
}

// called, placed, places and replace are those of the secret that a rule is asked about: its rules say them again and again.
// Only the goroutine that asks about the secret may call them.
func (s Subject) called() string { return s.secretFacts().called }

func (s Subject) placed() string { return s.secretFacts().placed }

func (s Subject) places() []inventory.Evidence {
	f := s.secretFacts()
	if f.evidence == nil {
		f.evidence = slices.Clip(placeEvidence(f.x, everywhere))
	}
	return f.evidence
}

func (s Subject) replace() Change {
	f := s.secretFacts()
	if f.change == nil {
		ch := replaceSecret(f.x)
		f.change = &ch
	}
	return *f.change
}
