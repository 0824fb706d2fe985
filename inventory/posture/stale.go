package posture

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/store"
)

func (in *intake) partial() bool {
	return in.err != nil && in.feed.Partial != nil && in.feed.Partial(in.err)
}

// last returns the last good facts of the source. They are read when they are asked for.
func (in *intake) last() *store.Good {
	if in.good == nil {
		good := in.load()
		in.good = &good
	}
	return in.good
}

// facts returns what is to be shown of a source: what it said now, and of its last good facts what it did not get to.
func (in *intake) facts(now inventory.Batch) inventory.Batch {
	if in.done && in.err == nil {
		in.good = nil
		return now
	}
	good := in.last()
	if good.At.IsZero() {
		return now
	}
	read := func(string) bool { return false }
	if in.done && in.partial() {
		// The source came to its end: what it read, or found missing, it has said everything about.
		read = readBy(now.Ledger)
	}
	old := good.Batch.Records
	r := &now.Records
	r.Assistants = rest(r.Assistants, old.Assistants, read, func(x *inventory.Assistant) (inventory.ID, []string) { return x.ID, paths(x.Evidence) })
	r.Owners = rest(r.Owners, old.Owners, read, func(x *inventory.Owner) (inventory.ID, []string) { return x.ID, paths(x.Evidence) })
	r.Secrets = rest(r.Secrets, old.Secrets, read, func(x *inventory.Secret) (inventory.ID, []string) {
		var ps []string
		for _, l := range x.Locations {
			ps = append(ps, l.Path)
		}
		return x.ID, ps
	})
	r.Entitlements = rest(r.Entitlements, old.Entitlements, read, func(x *inventory.Entitlement) (inventory.ID, []string) { return x.ID, paths(x.Evidence) })
	r.Tools = rest(r.Tools, old.Tools, read, func(x *inventory.Tool) (inventory.ID, []string) { return x.ID, paths(x.Evidence) })
	r.Resources = rest(r.Resources, old.Resources, read, func(x *inventory.Resource) (inventory.ID, []string) { return x.ID, paths(x.Evidence) })
	r.References = rest(r.References, old.References, read, func(x *inventory.Reference) (inventory.ID, []string) { return x.ID, []string{x.Path} })
	return now
}

// rest adds to what was said now the old records that were not said again and of which some place was not read again.
func rest[T any](now, old []T, read func(string) bool, of func(*T) (inventory.ID, []string)) []T {
	said := make(map[inventory.ID]bool, len(now))
	for i := range now {
		id, _ := of(&now[i])
		said[id] = true
	}
	out := slices.Clip(now)
	for i := range old {
		id, places := of(&old[i])
		gone := len(places) > 0 && !slices.ContainsFunc(places, func(p string) bool { return !read(p) })
		if !said[id] && !gone {
			out = append(out, old[i])
		}
	}
	return out
}

// readBy tells of a place whether a ledger covers it: the place itself was read, or one above it with all that is below.
// The nearest line decides.
func readBy(ledger []inventory.Looked) func(string) bool {
	type line struct{ read, whole bool }
	lines := make(map[string]line, len(ledger))
	for _, l := range ledger {
		read := l.State == inventory.LookedRead || l.State == inventory.LookedAbsent
		was, seen := lines[l.Path]
		lines[l.Path] = line{read && (!seen || was.read), read && l.Whole || was.whole}
	}
	return func(p string) bool {
		l, seen := lines[p]
		if seen {
			return l.read
		}
		for i := strings.LastIndexByte(p, '/'); i > 0; i = strings.LastIndexByte(p[:i], '/') {
			if l, seen := lines[p[:i]]; seen && (l.whole || !l.read) {
				return l.read && l.whole
			}
		}
		return false
	}
}

func paths(es []inventory.Evidence) []string {
	ps := make([]string, len(es))
	for i, e := range es {
		ps[i] = e.Path
	}
	return ps
}

// status says how it went. now is the time if the source is still at work.
func (in *intake) status(b inventory.Batch, now time.Time) inventory.SourceStatus {
	st := inventory.SourceStatus{
		Name: in.feed.Name, Kind: in.feed.Kind, Status: inventory.SourceOK, StartedAt: in.started,
		Counts: counts(b.Records), Ledger: ledger(b.Ledger), Warnings: warnings(b.Warnings),
	}
	end := in.ended
	switch {
	case !in.done:
		st.Status, end = inventory.SourceRunning, now
	case in.err == nil:
	case in.partial():
		st.Status = inventory.SourcePartial
	case in.last().At.IsZero():
		st.Status = inventory.SourceFailed
	default:
		st.Status = inventory.SourceStale
	}
	if in.err != nil {
		st.Reason = inventory.Clean(in.err.Error())
	}
	if st.Status == inventory.SourceStale {
		st.Reason += "; shown with its facts of " + in.last().At.UTC().Format(time.RFC3339)
	}
	st.DurationMS = max(0, end.Sub(in.started).Milliseconds())
	return st
}

// counts says how many of each noun a source delivered, each id once.
func counts(r inventory.Records) map[string]int {
	m := map[string]int{}
	count(m, "assistants", r.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID })
	count(m, "owners", r.Owners, func(x *inventory.Owner) inventory.ID { return x.ID })
	count(m, "secrets", r.Secrets, func(x *inventory.Secret) inventory.ID { return x.ID })
	count(m, "entitlements", r.Entitlements, func(x *inventory.Entitlement) inventory.ID { return x.ID })
	count(m, "tools", r.Tools, func(x *inventory.Tool) inventory.ID { return x.ID })
	count(m, "resources", r.Resources, func(x *inventory.Resource) inventory.ID { return x.ID })
	count(m, "references", r.References, func(x *inventory.Reference) inventory.ID { return x.ID })
	return m
}

func count[T any](m map[string]int, name string, xs []T, id func(*T) inventory.ID) {
	seen := make(map[inventory.ID]bool, len(xs))
	for i := range xs {
		seen[id(&xs[i])] = true
	}
	m[name] = len(seen)
}

// ledger and warnings sort a copy: the source may still be adding to the list that a batch shows.
func ledger(ls []inventory.Looked) []inventory.Looked {
	ls = slices.Clone(ls)
	slices.SortFunc(ls, func(a, b inventory.Looked) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.State, b.State), cmp.Compare(a.Assistant, b.Assistant),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(ls)
}

func warnings(ws []inventory.Warning) []inventory.Warning {
	ws = slices.Clone(ws)
	slices.SortFunc(ws, func(a, b inventory.Warning) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(ws)
}
