package inventory

import (
	"maps"
	"reflect"
	"slices"
)

// The comparisons of records for [Snapshot.Since]: every field but those that say when something was seen. The longest way
// is taken last, and what is one piece of memory is not looked at.

func sameList[T comparable](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

func sameMap[K, V comparable](a, b map[K]V) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer() || maps.Equal(a, b))
}

func (s *sightings) assistant(a, b *Assistant) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.Vendor == b.Vendor && a.Version == b.Version && a.Scope == b.Scope &&
		a.Class == b.Class && a.ClassReason == b.ClassReason && a.Autonomy == b.Autonomy && a.AutonomyReason == b.AutonomyReason &&
		a.Headless == b.Headless && a.HeadlessReason == b.HeadlessReason && a.Sandbox == b.Sandbox && a.SandboxReason == b.SandboxReason &&
		a.Network == b.Network && a.Trust == b.Trust && a.Account == b.Account && a.Host == b.Host && a.Path == b.Path &&
		a.Environment == b.Environment && a.Status == b.Status && a.Purpose == b.Purpose && a.Charter == b.Charter && a.LastUsed == b.LastUsed && a.Guessed == b.Guessed &&
		sameList(a.Owners, b.Owners) && sameList(a.OwnersAsserted, b.OwnersAsserted) && sameList(a.Secrets, b.Secrets) && sameList(a.Tools, b.Tools) &&
		sameList(a.Sources, b.Sources) && sameMap(a.Capabilities, b.Capabilities) && sameMap(a.Promised, b.Promised) && sameList(a.Settings, b.Settings) &&
		sameStanding(a.Standing, b.Standing) && sameJob(a.Job, b.Job) && s.evidence(a.Evidence, b.Evidence)
}

func sameStanding(a, b *Standing) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	return a.Tier == b.Tier && a.Owner == b.Owner && a.Deputy == b.Deputy && a.ReadOnly == b.ReadOnly && a.Expires == b.Expires && a.Expired == b.Expired &&
		a.ReviewDue == b.ReviewDue && a.Overdue == b.Overdue && a.Conflict == b.Conflict && sameList(a.Drift, b.Drift) && sameList(a.Excess, b.Excess) &&
		sameList(a.Environments, b.Environments) && sameList(a.Repositories, b.Repositories)
}

func sameJob(a, b *Job) bool { return a == b || a != nil && b != nil && reflect.DeepEqual(a, b) }

func (s *sightings) owner(a, b *Owner) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.Email == b.Email && a.Status == b.Status && a.StatusReason == b.StatusReason && a.StatusSince == b.StatusSince &&
		a.Manager == b.Manager && a.Department == b.Department && sameList(a.Same, b.Same) && sameList(a.OnCall, b.OnCall) && sameList(a.Sources, b.Sources) && s.evidence(a.Evidence, b.Evidence)
}

func sameSecret(a, b *Secret) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Issuer == b.Issuer && a.Account == b.Account && a.Fingerprint == b.Fingerprint && a.Hint == b.Hint &&
		a.Storage == b.Storage && a.Exposure == b.Exposure && a.Ambient == b.Ambient && a.State == b.State && a.Checksum == b.Checksum &&
		a.Broad == b.Broad && a.LongLived == b.LongLived && a.Note == b.Note && a.Created == b.Created && a.Expires == b.Expires &&
		a.LastUsed == b.LastUsed && a.Used == b.Used && a.Rotated == b.Rotated && a.Leaked == b.Leaked && sameList(a.Assistants, b.Assistants) && sameList(a.Owners, b.Owners) &&
		sameList(a.Sources, b.Sources) && sameList(a.Scopes, b.Scopes) && sameList(a.Aliases, b.Aliases) && sameList(a.Clues, b.Clues) &&
		sameList(a.Same, b.Same) && sameList(a.Locations, b.Locations)
}

func (s *sightings) entitlement(a, b *Entitlement) bool {
	return a.ID == b.ID && a.Assistant == b.Assistant && a.Via == b.Via && a.Capability == b.Capability && a.Level == b.Level && a.Resource == b.Resource &&
		a.Environment == b.Environment && a.Origin == b.Origin && a.Gate == b.Gate && a.Certain == b.Certain && a.GrantedAt == b.GrantedAt &&
		a.GrantedBy == b.GrantedBy && a.Expires == b.Expires && a.LastUsed == b.LastUsed && sameList(a.Path, b.Path) && s.evidence(a.Evidence, b.Evidence)
}

func (s *sightings) tool(a, b *Tool) bool {
	return a.ID == b.ID && a.Assistant == b.Assistant && a.Name == b.Name && a.Known == b.Known && a.Transport == b.Transport && a.Command == b.Command &&
		a.URL == b.URL && a.Pinned == b.Pinned && a.PinReason == b.PinReason && a.AutoApproved == b.AutoApproved && a.Enabled == b.Enabled &&
		a.EnabledReason == b.EnabledReason && a.Approval == b.Approval && a.Scope == b.Scope && sameList(a.Args, b.Args) &&
		sameList(a.EnvNames, b.EnvNames) && sameList(a.HeaderNames, b.HeaderNames) && sameList(a.ApprovedTools, b.ApprovedTools) &&
		sameList(a.Secrets, b.Secrets) && s.evidence(a.Evidence, b.Evidence)
}

func (s *sightings) resource(a, b *Resource) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.Environment == b.Environment && a.Sensitivity == b.Sensitivity &&
		a.EnvironmentAssumed == b.EnvironmentAssumed && sameMap(a.Guardrails, b.Guardrails) && s.evidence(a.Evidence, b.Evidence)
}
