package inventory

import (
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"
)

// birth tells sets of facts apart. It keeps no snapshot alive.
type birth struct{ _ byte }

// Next makes the snapshot that comes after s, of records that it takes over; of a nil s it is [NewSnapshot]. Most of an
// inventory is as it was: records hold the texts and lists of s where they are equal, so that two snapshots that stand
// beside each other need little more memory than one. How the two differ is noted on the way; see [Snapshot.Since]. The
// records are not written to where a list of them is that of s.
func (s *Snapshot) Next(at time.Time, r Records, partial bool) *Snapshot {
	next := &Snapshot{at: at, records: r, partial: partial, born: new(birth)}
	next.takeFacts(s)
	next.takeJudgement()
	next.posture = summarise(next)
	return next
}

// follow makes the records hold what those before hold, and notes what is different. do starts a part of the work.
func (s *Snapshot) follow(before *Snapshot, do func(func())) {
	if before == nil {
		return
	}
	d := &Delta{seen: sightings{now: s.seenSince(before), met: map[sighting]bool{}}}
	s.follows, s.delta = before.born, d
	a, b := &before.records, &s.records
	still := len(d.seen.now) == 0
	own(&b.Assistants, a.Assistants, still)
	own(&b.Owners, a.Owners, still)
	own(&b.Secrets, a.Secrets, still)
	own(&b.Entitlements, a.Entitlements, still)
	own(&b.Tools, a.Tools, still)
	own(&b.Resources, a.Resources, still)
	var mu sync.Mutex
	part := func(work func(x *sightings)) {
		do(func() {
			x := &sightings{now: d.seen.now, met: map[sighting]bool{}}
			work(x)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(d.seen.met, x.met)
		})
	}
	part(func(x *sightings) {
		d.Entitlements = moves(a.Entitlements, b.Entitlements, still, func(x *Entitlement) ID { return x.ID }, compareEntitlements, x.entitlement, func(xs []Entitlement) { readAhead(xs, entitlementTexts, entitlementLists) })
	})
	part(func(x *sightings) {
		d.Assistants = moves(a.Assistants, b.Assistants, still, func(x *Assistant) ID { return x.ID }, compareAssistants, x.assistant, func(xs []Assistant) { readAhead(xs, assistantTexts, assistantLists) })
		d.Secrets = moves(a.Secrets, b.Secrets, still, func(x *Secret) ID { return x.ID }, compareSecrets, likeSecret, func(xs []Secret) { readAhead(xs, secretTexts, secretLists) })
		d.Tools = moves(a.Tools, b.Tools, still, func(x *Tool) ID { return x.ID }, compareTools, x.tool, func(xs []Tool) { readAhead(xs, toolTexts, toolLists) })
		d.Owners = moves(a.Owners, b.Owners, still, func(x *Owner) ID { return x.ID }, compareOwners, x.owner, func([]Owner) {})
		d.Resources = moves(a.Resources, b.Resources, still, func(x *Resource) ID { return x.ID }, compareResources, x.resource, func([]Resource) {})
	})
}

// own copies a list that is the one before, unless it is taken for the same anyway.
func own[T any](p *[]T, before []T, still bool) {
	if !still && len(*p) > 0 && len(before) > 0 && &(*p)[0] == &before[0] {
		*p = slices.Clone(*p)
	}
}

// The comparisons of records: every field but those that say when something was seen. What is equal becomes one piece of
// memory, also where the records differ in something else; nothing is written to a list.

func like[T ~string](p *T, was T) bool {
	if *p != was {
		return false
	}
	*p = was
	return true
}

// words are texts of any kind, as they are and as they were.
func words(ps ...[2]*string) bool {
	all := true
	for _, p := range ps {
		all = like(p[0], *p[1]) && all
	}
	return all
}

func likeList[T comparable](p *[]T, was []T) bool {
	switch {
	case len(*p) != len(was):
		return false
	case len(was) == 0 || &(*p)[0] == &was[0]:
		return true
	case !slices.Equal(*p, was):
		return false
	}
	*p = slices.Clip(was)
	return true
}

func likeMap[K, V comparable](p *map[K]V, was map[K]V) bool {
	switch {
	case len(*p) != len(was):
		return false
	case len(was) == 0 || reflect.ValueOf(*p).UnsafePointer() == reflect.ValueOf(was).UnsafePointer():
		return true
	case !maps.Equal(*p, was):
		return false
	}
	*p = was
	return true
}

func (s *sightings) assistant(a, b *Assistant) bool {
	same := a.Guessed == b.Guessed && a.LastUsed == b.LastUsed
	same = words([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Name, &b.Name}, [2]*string{&a.Vendor, &b.Vendor}, [2]*string{&a.Version, &b.Version},
		[2]*string{&a.Scope, &b.Scope}, [2]*string{&a.ClassReason, &b.ClassReason}, [2]*string{&a.AutonomyReason, &b.AutonomyReason},
		[2]*string{&a.HeadlessReason, &b.HeadlessReason}, [2]*string{&a.SandboxReason, &b.SandboxReason}, [2]*string{&a.Network, &b.Network},
		[2]*string{&a.Trust, &b.Trust}, [2]*string{&a.Account, &b.Account}, [2]*string{&a.Host, &b.Host}, [2]*string{&a.Path, &b.Path},
		[2]*string{&a.Environment, &b.Environment}, [2]*string{&a.Status, &b.Status}, [2]*string{&a.Purpose, &b.Purpose}, [2]*string{&a.Charter, &b.Charter}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), like(&a.Class, b.Class), like(&a.Autonomy, b.Autonomy), like(&a.Headless, b.Headless), like(&a.Sandbox, b.Sandbox),
		likeList(&a.Owners, b.Owners), likeList(&a.OwnersAsserted, b.OwnersAsserted), likeList(&a.Secrets, b.Secrets), likeList(&a.Tools, b.Tools),
		likeList(&a.Sources, b.Sources), likeList(&a.Settings, b.Settings), likeMap(&a.Capabilities, b.Capabilities), likeMap(&a.Promised, b.Promised),
		likeStanding(&a.Standing, b.Standing), likeList(&a.OwnerSigns, b.OwnerSigns), likeDeep(&a.Ownership, b.Ownership), likeDeep(&a.Job, b.Job), s.evidence(&a.Evidence, b.Evidence)} {
		same = same && ok
	}
	return same
}

func likeStanding(p **Standing, b *Standing) bool {
	a := *p
	switch {
	case a == b:
		return true
	case a == nil || b == nil:
		return false
	}
	same := a.Tier == b.Tier && a.Owner == b.Owner && a.Deputy == b.Deputy && a.ReadOnly == b.ReadOnly && a.Expires == b.Expires && a.Expired == b.Expired &&
		a.ReviewDue == b.ReviewDue && a.Overdue == b.Overdue && a.Conflict == b.Conflict && slices.Equal(a.Drift, b.Drift) && slices.Equal(a.Excess, b.Excess) &&
		slices.Equal(a.Environments, b.Environments) && slices.Equal(a.Repositories, b.Repositories)
	if same {
		*p = b
	}
	return same
}

func likeDeep[T any](p **T, b *T) bool {
	if *p == b {
		return true
	}
	if *p == nil || b == nil || !reflect.DeepEqual(*p, b) {
		return false
	}
	*p = b
	return true
}

func (s *sightings) owner(a, b *Owner) bool {
	same := a.StatusSince == b.StatusSince
	same = words([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Name, &b.Name}, [2]*string{&a.Email, &b.Email}, [2]*string{&a.Status, &b.Status},
		[2]*string{&a.StatusReason, &b.StatusReason}, [2]*string{&a.Manager, &b.Manager}, [2]*string{&a.Department, &b.Department}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), likeList(&a.Same, b.Same), likeList(&a.OnCall, b.OnCall), likeList(&a.Sources, b.Sources),
		s.evidence(&a.Evidence, b.Evidence)} {
		same = same && ok
	}
	return same
}

func likeSecret(a, b *Secret) bool {
	same := a.Ambient == b.Ambient && a.Broad == b.Broad && a.Created == b.Created && a.Expires == b.Expires && a.LastUsed == b.LastUsed && a.Rotated == b.Rotated &&
		a.Leaked == b.Leaked
	same = words([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Issuer, &b.Issuer}, [2]*string{&a.Account, &b.Account}, [2]*string{&a.Fingerprint, &b.Fingerprint},
		[2]*string{&a.Hint, &b.Hint}, [2]*string{&a.Storage, &b.Storage}, [2]*string{&a.Exposure, &b.Exposure}, [2]*string{&a.State, &b.State},
		[2]*string{&a.Checksum, &b.Checksum}, [2]*string{&a.Note, &b.Note}, [2]*string{&a.KeyID, &b.KeyID}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), like(&a.LongLived, b.LongLived), like(&a.Used, b.Used), likeList(&a.Assistants, b.Assistants), likeList(&a.Owners, b.Owners),
		likeList(&a.Locations, b.Locations), likeList(&a.Scopes, b.Scopes), likeList(&a.Sources, b.Sources), likeList(&a.Aliases, b.Aliases),
		likeList(&a.Clues, b.Clues), likeList(&a.Same, b.Same)} {
		same = same && ok
	}
	return same
}

func (s *sightings) entitlement(a, b *Entitlement) bool {
	same := a.Certain == b.Certain && a.GrantedAt == b.GrantedAt && a.Expires == b.Expires && a.LastUsed == b.LastUsed
	same = words([2]*string{&a.Via, &b.Via}, [2]*string{&a.Level, &b.Level}, [2]*string{&a.Environment, &b.Environment}, [2]*string{&a.Origin, &b.Origin},
		[2]*string{&a.Gate, &b.Gate}, [2]*string{&a.GrantedBy, &b.GrantedBy}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), like(&a.Assistant, b.Assistant), like(&a.Resource, b.Resource), like(&a.Capability, b.Capability),
		likeList(&a.Path, b.Path), s.evidence(&a.Evidence, b.Evidence)} {
		same = same && ok
	}
	return same
}

func (s *sightings) tool(a, b *Tool) bool {
	same := a.AutoApproved == b.AutoApproved && a.Enabled == b.Enabled
	same = words([2]*string{&a.Name, &b.Name}, [2]*string{&a.Known, &b.Known}, [2]*string{&a.Transport, &b.Transport}, [2]*string{&a.Command, &b.Command},
		[2]*string{&a.URL, &b.URL}, [2]*string{&a.PinReason, &b.PinReason}, [2]*string{&a.EnabledReason, &b.EnabledReason}, [2]*string{&a.Approval, &b.Approval},
		[2]*string{&a.Scope, &b.Scope}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), like(&a.Assistant, b.Assistant), like(&a.Pinned, b.Pinned), likeList(&a.Args, b.Args), likeList(&a.EnvNames, b.EnvNames),
		likeList(&a.HeaderNames, b.HeaderNames), likeList(&a.ApprovedTools, b.ApprovedTools), likeList(&a.Secrets, b.Secrets), s.evidence(&a.Evidence, b.Evidence)} {
		same = same && ok
	}
	return same
}

func (s *sightings) resource(a, b *Resource) bool {
	same := a.EnvironmentAssumed == b.EnvironmentAssumed
	same = words([2]*string{&a.Kind, &b.Kind}, [2]*string{&a.Name, &b.Name}, [2]*string{&a.Environment, &b.Environment}, [2]*string{&a.Sensitivity, &b.Sensitivity}) && same
	for _, ok := range [...]bool{like(&a.ID, b.ID), likeMap(&a.Guardrails, b.Guardrails), s.evidence(&a.Evidence, b.Evidence)} {
		same = same && ok
	}
	return same
}
