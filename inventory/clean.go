package inventory

import (
	"slices"
	"time"
)

// shelves hold the copies of the lists that come with records, many small ones in one piece of memory.
type shelves struct {
	ids       shelf[ID]
	words     shelf[string]
	places    shelf[Location]
	settings  shelf[Setting]
	evidence  shelf[Evidence]
	evidenced []Evidence // the last one; records that follow each other often stand in the same place
}

const (
	firstShelf = 32
	lastShelf  = 1024
)

type shelf[T any] struct {
	used []T
	size int
}

// copy returns a copy of the list that an append cannot spill out of. A nil list stays nil.
func (s *shelf[T]) copy(xs []T) []T {
	switch n := len(xs); {
	case n == 0:
		return xs[:0:0]
	case n > lastShelf/8:
		return slices.Clone(xs)
	case n > cap(s.used)-len(s.used):
		s.size = min(max(2*s.size, firstShelf, n), lastShelf)
		s.used = make([]T, 0, s.size)
	}
	at := len(s.used)
	s.used = append(s.used, xs...)
	return s.used[at:len(s.used):len(s.used)]
}

// drop takes back the copy that was made last.
func (s *shelf[T]) drop(xs []T) {
	if n := len(s.used) - len(xs); n >= 0 && len(xs) > 0 && &s.used[n] == &xs[0] {
		clear(xs)
		s.used = s.used[:n]
	}
}

// text cleans one field.
func text[S ~string](p *S) {
	if !plain(string(*p)) || len(*p) > maxText {
		*p = S(Clean(string(*p)))
	}
}

func texts(ps ...*string) {
	for _, p := range ps {
		text(p)
	}
}

func list[S ~string](s *shelf[S], p *[]S) {
	*p = s.copy(*p)
	for i := range *p {
		text(&(*p)[i])
	}
}

func dict[K, V ~string](p *map[K]V) {
	if *p == nil {
		return
	}
	m := make(map[K]V, len(*p))
	for k, v := range *p {
		text(&k)
		text(&v)
		m[k] = v
	}
	*p = m
}

func utc(ps ...*time.Time) {
	for _, p := range ps {
		if p.Location() != time.UTC {
			*p = p.UTC()
		}
	}
}

func (d *door) assistant(a *Assistant) {
	texts((*string)(&a.ID), &a.Kind, &a.Name, &a.Vendor, &a.Version, &a.Scope, (*string)(&a.Class), &a.ClassReason, (*string)(&a.Autonomy), &a.AutonomyReason,
		(*string)(&a.Headless), &a.HeadlessReason, (*string)(&a.Sandbox), &a.SandboxReason, &a.Network, &a.Trust, &a.Account, &a.Host, &a.Path, &a.Environment,
		&a.Status, &a.Purpose, &a.Charter)
	utc(&a.FirstSeen, &a.LastSeen, &a.LastUsed)
	list(&d.shelves.ids, &a.Owners)
	list(&d.shelves.ids, &a.OwnersAsserted)
	list(&d.shelves.ids, &a.Secrets)
	list(&d.shelves.ids, &a.Tools)
	dict(&a.Capabilities)
	dict(&a.Promised)
	a.Settings = d.shelves.settings.copy(a.Settings)
	for i := range a.Settings {
		x := &a.Settings[i]
		texts(&x.Kind, &x.Name, &x.Value, &x.Scope, &x.Why, &x.Path, &x.Pointer)
	}
	if a.Job != nil {
		j := *a.Job
		d.job(&j)
		a.Job = &j
	}
	if a.Standing != nil {
		st := *a.Standing
		d.standing(&st)
		a.Standing = &st
	}
	d.evidence(&a.Evidence)
}

func (d *door) standing(s *Standing) {
	texts(&s.Owner, &s.Deputy, &s.Conflict)
	utc(&s.Expires, &s.ReviewDue)
	s.Drift, s.Excess = slices.Clone(s.Drift), slices.Clone(s.Excess)
	for _, cs := range [][]Capability{s.Drift, s.Excess} {
		for i := range cs {
			texts((*string)(&cs[i]))
		}
	}
	list(&d.shelves.words, &s.Environments)
	list(&d.shelves.words, &s.Repositories)
}

func (d *door) job(j *Job) {
	texts(&j.System, &j.Workflow, &j.Name, (*string)(&j.Outsiders), &j.ActorFilter, &j.PermissionsSet, &j.Environment, &j.Runner, (*string)(&j.SelfHosted), (*string)(&j.Ephemeral))
	list(&d.shelves.words, &j.Triggers)
	list(&d.shelves.words, &j.Subject)
	list(&d.shelves.words, &j.Secrets)
	list(&d.shelves.words, &j.PromptInputs)
	dict(&j.Permissions)
	j.Uses = slices.Clone(j.Uses)
	for i := range j.Uses {
		text(&j.Uses[i].Ref)
	}
}

func (d *door) owner(o *Owner) {
	texts((*string)(&o.ID), &o.Kind, &o.Name, &o.Email, &o.Status, &o.Manager)
	d.evidence(&o.Evidence)
}

func (d *door) secret(x *Secret) {
	texts((*string)(&x.ID), &x.Kind, &x.Issuer, &x.Account, &x.Fingerprint, &x.Hint, &x.Storage, &x.Exposure, &x.State, &x.Checksum, (*string)(&x.LongLived), (*string)(&x.Used), &x.Note)
	utc(&x.Created, &x.Expires, &x.LastUsed, &x.Rotated, &x.Leaked)
	list(&d.shelves.ids, &x.Assistants)
	list(&d.shelves.ids, &x.Owners)
	list(&d.shelves.words, &x.Scopes)
	list(&d.shelves.words, &x.Aliases)
	x.Same = slices.Clone(x.Same)
	for i := range x.Same {
		texts((*string)(&x.Same[i].ID), &x.Same[i].Source, (*string)(&x.Same[i].By), &x.Same[i].Confidence)
	}
	x.Locations = d.shelves.places.copy(x.Locations)
	for i := range x.Locations {
		l := &x.Locations[i]
		texts(&l.Path, &l.Pointer, &l.Scope, &l.Form, &l.Mode, (*string)(&l.Committed), &l.Note)
	}
}

func (d *door) entitlement(e *Entitlement) {
	texts((*string)(&e.ID), (*string)(&e.Assistant), &e.Via, (*string)(&e.Capability), &e.Level, (*string)(&e.Resource), &e.Environment, &e.Origin, &e.Gate, &e.GrantedBy)
	utc(&e.GrantedAt, &e.Expires, &e.LastUsed)
	list(&d.shelves.words, &e.Path)
	d.evidence(&e.Evidence)
}

func (d *door) tool(t *Tool) {
	texts((*string)(&t.ID), (*string)(&t.Assistant), &t.Name, &t.Known, &t.Transport, &t.Command, &t.URL, (*string)(&t.Pinned), &t.PinReason, &t.EnabledReason,
		&t.Approval, &t.Scope)
	list(&d.shelves.words, &t.Args)
	list(&d.shelves.words, &t.EnvNames)
	list(&d.shelves.words, &t.HeaderNames)
	list(&d.shelves.words, &t.ApprovedTools)
	list(&d.shelves.ids, &t.Secrets)
	d.evidence(&t.Evidence)
}

func (d *door) resource(x *Resource) {
	texts((*string)(&x.ID), &x.Kind, &x.Name, &x.Environment, &x.Sensitivity)
	dict(&x.Guardrails)
	d.evidence(&x.Evidence)
}

func cleanReference(x *Reference) {
	texts((*string)(&x.ID), (*string)(&x.Assistant), &x.Kind, &x.Text, &x.Path, &x.Pointer)
}

// evidence copies, stamps and cleans a list.
func (d *door) evidence(p *[]Evidence) {
	xs := d.shelves.evidence.copy(*p)
	for i := range xs {
		e := &xs[i]
		if e.Source == "" {
			e.Source = d.source
		}
		if e.ObservedAt.IsZero() {
			e.ObservedAt = d.now()
		}
		texts(&e.Path, &e.Pointer, &e.Source, &e.Note)
		utc(&e.ObservedAt)
	}
	if len(xs) > 0 && slices.Equal(xs, d.shelves.evidenced) {
		d.shelves.evidence.drop(xs)
		xs = d.shelves.evidenced
	} else if len(xs) > 0 {
		d.shelves.evidenced = xs
	}
	*p = xs
}
