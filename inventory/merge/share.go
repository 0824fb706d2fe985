package merge

import (
	"maps"
	"slices"
	"sync"

	"nhitop/inventory"
)

// share lets records hold the texts and lists of the snapshot before where they are equal. Most of an inventory is as it was:
// two snapshots that stand beside each other need little more memory than one, and telling how they differ is quick.
// Nothing is written to a list.
func share(r *inventory.Records, before *inventory.Snapshot) {
	if before == nil {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		s := sharing{}
		each(r.Entitlements, before.Entitlement, func(x *inventory.Entitlement) inventory.ID { return x.ID }, s.entitlement)
		each(r.Resources, before.Resource, func(x *inventory.Resource) inventory.ID { return x.ID }, s.resource)
		each(r.Owners, before.Owner, func(x *inventory.Owner) inventory.ID { return x.ID }, s.owner)
	})
	s := sharing{}
	each(r.Assistants, before.Assistant, func(x *inventory.Assistant) inventory.ID { return x.ID }, s.assistant)
	each(r.Secrets, before.Secret, func(x *inventory.Secret) inventory.ID { return x.ID }, s.secret)
	each(r.Tools, before.Tool, func(x *inventory.Tool) inventory.ID { return x.ID }, s.tool)
	wg.Wait()
}

// each calls do with each record that was there before.
func each[T any](xs []T, before func(inventory.ID) *T, id func(*T) inventory.ID, do func(x, was *T)) {
	for i := range xs {
		if was := before(id(&xs[i])); was != nil {
			do(&xs[i], was)
		}
	}
}

func one[S ~string](p *S, was S) {
	if *p == was {
		*p = was
	}
}

func texts(ps ...[2]*string) {
	for _, p := range ps {
		one(p[0], *p[1])
	}
}

func list[T comparable](p *[]T, was []T) {
	if slices.Equal(*p, was) && *p != nil {
		*p = slices.Clip(was)
	}
}

func dict[K, V comparable](p *map[K]V, was map[K]V) {
	if len(*p) > 0 && maps.Equal(*p, was) {
		*p = was
	}
}

// sharing remembers the evidence that was looked at last: neighbours often have the same.
type sharing struct {
	is, was []inventory.Evidence
	shared  []inventory.Evidence
	room    []inventory.Evidence
}

// evidence shares the texts of evidence, and all of it where it was not seen again.
func (s *sharing) evidence(p *[]inventory.Evidence, was []inventory.Evidence) {
	is := *p
	if len(is) == 0 || len(is) != len(was) {
		return
	}
	if len(s.is) == len(is) && &s.is[0] == &is[0] && &s.was[0] == &was[0] {
		*p = s.shared
		return
	}
	s.is, s.was, s.shared = is, was, is
	again := false
	for i := range is {
		x, y := &is[i], &was[i]
		if x.Path != y.Path || x.Pointer != y.Pointer || x.Line != y.Line || x.Source != y.Source || x.Note != y.Note {
			return
		}
		again = again || x.ObservedAt != y.ObservedAt
	}
	if s.shared = slices.Clip(was); again {
		if len(s.room) < len(is) {
			s.room = make([]inventory.Evidence, max(1024, len(is)))
		}
		s.shared, s.room = s.room[:len(is):len(is)], s.room[len(is):]
		copy(s.shared, was)
		for i := range is {
			s.shared[i].ObservedAt = is[i].ObservedAt
		}
	}
	*p = s.shared
}

func (s *sharing) assistant(a, b *inventory.Assistant) {
	texts([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Name, &b.Name}, [2]*string{&a.Vendor, &b.Vendor}, [2]*string{&a.Version, &b.Version},
		[2]*string{&a.ClassReason, &b.ClassReason}, [2]*string{&a.AutonomyReason, &b.AutonomyReason}, [2]*string{&a.HeadlessReason, &b.HeadlessReason},
		[2]*string{&a.SandboxReason, &b.SandboxReason}, [2]*string{&a.Account, &b.Account}, [2]*string{&a.Host, &b.Host}, [2]*string{&a.Path, &b.Path},
		[2]*string{&a.Environment, &b.Environment}, [2]*string{&a.Status, &b.Status}, [2]*string{&a.Purpose, &b.Purpose})
	one(&a.ID, b.ID)
	list(&a.Owners, b.Owners)
	list(&a.Secrets, b.Secrets)
	list(&a.Tools, b.Tools)
	list(&a.Sources, b.Sources)
	list(&a.Settings, b.Settings)
	dict(&a.Capabilities, b.Capabilities)
	s.evidence(&a.Evidence, b.Evidence)
}

func (s *sharing) owner(a, b *inventory.Owner) {
	one(&a.ID, b.ID)
	texts([2]*string{&a.Name, &b.Name}, [2]*string{&a.Email, &b.Email}, [2]*string{&a.Manager, &b.Manager})
	list(&a.Sources, b.Sources)
	s.evidence(&a.Evidence, b.Evidence)
}

func (s *sharing) secret(a, b *inventory.Secret) {
	one(&a.ID, b.ID)
	texts([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Issuer, &b.Issuer}, [2]*string{&a.Account, &b.Account}, [2]*string{&a.Fingerprint, &b.Fingerprint},
		[2]*string{&a.Hint, &b.Hint}, [2]*string{&a.Note, &b.Note})
	list(&a.Assistants, b.Assistants)
	list(&a.Owners, b.Owners)
	list(&a.Locations, b.Locations)
	list(&a.Scopes, b.Scopes)
	list(&a.Sources, b.Sources)
	list(&a.Aliases, b.Aliases)
	list(&a.Same, b.Same)
}

func (s *sharing) entitlement(a, b *inventory.Entitlement) {
	one(&a.ID, b.ID)
	one(&a.Assistant, b.Assistant)
	one(&a.Resource, b.Resource)
	one(&a.Capability, b.Capability)
	texts([2]*string{&a.Via, &b.Via}, [2]*string{&a.Level, &b.Level}, [2]*string{&a.Environment, &b.Environment}, [2]*string{&a.GrantedBy, &b.GrantedBy})
	list(&a.Path, b.Path)
	s.evidence(&a.Evidence, b.Evidence)
}

func (s *sharing) tool(a, b *inventory.Tool) {
	one(&a.ID, b.ID)
	one(&a.Assistant, b.Assistant)
	texts([2]*string{&a.Name, &b.Name}, [2]*string{&a.Known, &b.Known}, [2]*string{&a.Command, &b.Command}, [2]*string{&a.URL, &b.URL},
		[2]*string{&a.PinReason, &b.PinReason}, [2]*string{&a.EnabledReason, &b.EnabledReason})
	list(&a.Args, b.Args)
	list(&a.EnvNames, b.EnvNames)
	list(&a.HeaderNames, b.HeaderNames)
	list(&a.ApprovedTools, b.ApprovedTools)
	list(&a.Secrets, b.Secrets)
	s.evidence(&a.Evidence, b.Evidence)
}

func (s *sharing) resource(a, b *inventory.Resource) {
	one(&a.ID, b.ID)
	texts([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Name, &b.Name})
	dict(&a.Guardrails, b.Guardrails)
	s.evidence(&a.Evidence, b.Evidence)
}
