package inventory

import (
	"slices"
	"time"
)

// shelves hold the copies of the lists that come with records, many small ones in one piece of memory.
type shelves struct {
	ids      shelf[ID]
	words    shelf[string]
	places   shelf[Location]
	settings shelf[Setting]
	evidence shelf[Evidence]

	sameIDs      recent[ID]
	sameWords    recent[string]
	sameEvidence recent[Evidence]
	sameAnswers  recentMaps[Capability, Answer]
	sameTexts    recentMaps[string, string]
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

func list[S ~string](s *shelf[S], r *recent[S], p *[]S) {
	*p = r.of(*p, markTexts(*p), func(xs []S) []S {
		own := s.copy(xs)
		for i := range own {
			text(&own[i])
		}
		return own
	})
}

func (d *door) ids(p *[]ID) { list(&d.shelves.ids, &d.shelves.sameIDs, p) }

func (d *door) words(p *[]string) { list(&d.shelves.words, &d.shelves.sameWords, p) }

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
	d.ids(&a.Owners)
	d.ids(&a.OwnersAsserted)
	d.signs(a)
	d.ids(&a.Secrets)
	d.ids(&a.Tools)
	a.Capabilities, a.Promised = d.shelves.sameAnswers.of(a.Capabilities), d.shelves.sameAnswers.of(a.Promised)
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
	d.words(&s.Environments)
	d.words(&s.Repositories)
}

func (d *door) job(j *Job) {
	texts(&j.System, &j.Workflow, &j.Name, (*string)(&j.Outsiders), &j.ActorFilter, &j.PermissionsSet, &j.Environment, &j.Runner, (*string)(&j.SelfHosted), (*string)(&j.Ephemeral))
	d.words(&j.Triggers)
	d.words(&j.Subject)
	d.words(&j.Secrets)
	d.words(&j.PromptInputs)
	j.Permissions = d.shelves.sameTexts.of(j.Permissions)
	j.Uses = slices.Clone(j.Uses)
	for i := range j.Uses {
		text(&j.Uses[i].Ref)
	}
}

// signs cleans what speaks for owners, and stamps it. What is decided from it is not taken from a source.
func (d *door) signs(a *Assistant) {
	a.Ownership = nil
	if len(a.OwnerSigns) == 0 {
		a.OwnerSigns = nil
		return
	}
	a.OwnerSigns = slices.Clone(a.OwnerSigns)
	for i := range a.OwnerSigns {
		x := &a.OwnerSigns[i]
		x.Source = d.source
		texts((*string)(&x.Owner), &x.Sign, &x.Path, &x.Note)
	}
}

func (d *door) owner(o *Owner) {
	texts((*string)(&o.ID), &o.Kind, &o.Name, &o.Email, &o.Status, &o.StatusReason, &o.Manager, &o.Department)
	utc(&o.StatusSince)
	d.ids(&o.Same)
	d.ids(&o.OnCall)
	d.evidence(&o.Evidence)
}

func (d *door) secret(x *Secret) {
	texts((*string)(&x.ID), &x.Kind, &x.Issuer, &x.Account, &x.KeyID, &x.Fingerprint, &x.Hint, &x.Storage, &x.Exposure, &x.State, &x.Checksum, (*string)(&x.LongLived), (*string)(&x.Used), &x.Note)
	utc(&x.Created, &x.Expires, &x.LastUsed, &x.Rotated, &x.Leaked)
	d.ids(&x.Assistants)
	d.ids(&x.Owners)
	d.words(&x.Scopes)
	d.words(&x.Aliases)
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
	d.words(&e.Path)
	d.evidence(&e.Evidence)
}

func (d *door) tool(t *Tool) {
	texts((*string)(&t.ID), (*string)(&t.Assistant), &t.Name, &t.Known, &t.Transport, &t.Command, &t.URL, (*string)(&t.Pinned), &t.PinReason, &t.EnabledReason,
		&t.Approval, &t.Scope)
	d.words(&t.Args)
	d.words(&t.EnvNames)
	d.words(&t.HeaderNames)
	d.words(&t.ApprovedTools)
	d.ids(&t.Secrets)
	d.evidence(&t.Evidence)
}

func (d *door) resource(x *Resource) {
	texts((*string)(&x.ID), &x.Kind, &x.Name, &x.Environment, &x.Sensitivity)
	x.Guardrails = d.shelves.sameTexts.of(x.Guardrails)
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
	if len(xs) > 0 {
		own := xs
		mark := markText(markText(uint(len(xs)+xs[0].Line), xs[0].Path), xs[0].Pointer)
		if xs = d.shelves.sameEvidence.of(own, mark, func(es []Evidence) []Evidence { return es }); &xs[0] != &own[0] {
			d.shelves.evidence.drop(own)
		}
	}
	*p = xs
}
