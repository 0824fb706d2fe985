package merge

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

func assistantLists(a *inventory.Assistant) {
	a.OwnerSigns = distinct(a.OwnerSigns)
	a.Owners, a.Secrets, a.Tools = distinct(a.Owners), distinct(a.Secrets), distinct(a.Tools)
	a.Sources, a.Settings, a.Evidence = ordered(a.Sources), distinct(a.Settings), evidence(a.Evidence)
}

func ownerLists(o *inventory.Owner) {
	o.Sources, o.Evidence, o.Same, o.OnCall = ordered(o.Sources), evidence(o.Evidence), distinct(o.Same), distinct(o.OnCall)
}

func secretLists(x *inventory.Secret) {
	x.Assistants, x.Owners = distinct(x.Assistants), distinct(x.Owners)
	x.Scopes, x.Sources, x.Locations = ordered(x.Scopes), ordered(x.Sources), locations(x.Locations)
	if !slices.IsSorted(x.Aliases) {
		x.Aliases = ordered(x.Aliases)
	}
}

func entitlementLists(e *inventory.Entitlement) { e.Evidence = evidence(e.Evidence) }

func toolLists(t *inventory.Tool) {
	t.EnvNames, t.HeaderNames = ordered(t.EnvNames), ordered(t.HeaderNames)
	t.ApprovedTools, t.Secrets, t.Evidence = ordered(t.ApprovedTools), distinct(t.Secrets), evidence(t.Evidence)
}

func resourceLists(x *inventory.Resource) { x.Evidence = evidence(x.Evidence) }

// distinct drops doubles and keeps the order.
func distinct[T comparable](xs []T) []T {
	seen := make(map[T]bool, len(xs))
	out := make([]T, 0, len(xs))
	for _, x := range xs {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

// ordered sorts and drops doubles.
func ordered(xs []string) []string {
	out := slices.Clone(xs)
	slices.Sort(out)
	return slices.Compact(out)
}

// evidence drops doubles and keeps the order; of one place seen twice the newer time holds.
func evidence(xs []inventory.Evidence) []inventory.Evidence {
	at := make(map[inventory.Evidence]int, len(xs))
	out := make([]inventory.Evidence, 0, len(xs))
	for _, e := range xs {
		key := e
		key.ObservedAt = inventory.Evidence{}.ObservedAt
		if i, ok := at[key]; ok {
			out[i].ObservedAt = latest(out[i].ObservedAt, e.ObservedAt)
			continue
		}
		at[key] = len(out)
		out = append(out, e)
	}
	return out
}

// locations makes one of each place: what one source knows of it is added to what another knows.
func locations(xs []inventory.Location) []inventory.Location {
	at := make(map[inventory.Location]int, len(xs))
	out := make([]inventory.Location, 0, len(xs))
	for _, l := range xs {
		key := inventory.Location{Path: l.Path, Pointer: l.Pointer, Line: l.Line, Scope: l.Scope}
		i, ok := at[key]
		if !ok {
			at[key] = len(out)
			out = append(out, l)
			continue
		}
		known(&out[i].Form, l.Form)
		known(&out[i].Mode, l.Mode)
		known(&out[i].Note, l.Note)
		pick(answers, &out[i].Committed, l.Committed)
		out[i].Backup = out[i].Backup || l.Backup
	}
	return out
}

func byPlace(a, b inventory.Location) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Scope, b.Scope))
}
