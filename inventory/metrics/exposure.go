package metrics

import (
	"cmp"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// leakRules are the rules that say of a secret that it is out.
var leakRules = []string{"SEC-01", "SEC-02", "SEC-17"}

// Exposed are the secrets that have to be revoked, by id: those that are leaked and those with a finding that says ACT NOW.
// A leaked one counts from when a provider found the leak or a finding first told of it, whichever was earlier: what else
// is found of it may be older, and was no reason to revoke it. Any other counts from the first sight of the first finding
// that is urgent now. Whether somebody accepted the finding changes nothing.
func Exposed(s *inventory.Snapshot, now time.Time) map[inventory.ID]inventory.Exposure {
	m := map[inventory.ID]inventory.Exposure{}
	xs := s.Records().Secrets
	for i := range xs {
		x := &xs[i]
		if !risk.Alive(x, now) {
			continue
		}
		e := inventory.Exposure{Secret: x.ID, Leaked: risk.Leaked(x) || !x.Leaked.IsZero()}
		urgent, told, seen := false, x.Leaked, time.Time{}
		for _, f := range s.FindingsOf(x.ID) {
			leak := slices.Contains(leakRules, f.Rule)
			if f.Subject != x.ID || f.State == "fixed" || f.Decision != inventory.ActNow && !leak {
				continue
			}
			urgent = urgent || f.Decision == inventory.ActNow
			if leak {
				told = earlier(told, f.FirstSeen)
			} else {
				seen = earlier(seen, f.FirstSeen)
			}
		}
		if e.Since = told; !e.Leaked || told.IsZero() {
			e.Since = earlier(told, seen)
		}
		if e.Leaked || urgent {
			if e.Since.IsZero() {
				e.Since = s.At()
			}
			m[x.ID] = e
		}
	}
	return m
}

// earlier is the earlier of two times; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Follow brings exposures up to a snapshot: it returns those that began, ended or changed, to be stored. stored are those
// that are open, and those that ended lately; runs are all runs, since the time of the collection
// before. That a secret is in no place any more can be said because a snapshot keeps what was not read again.
func Follow(stored []inventory.Exposure, s *inventory.Snapshot, runs []revoke.Run, since time.Time) []inventory.Exposure {
	now := s.At()
	exposed := Exposed(s, now)
	var changed []inventory.Exposure
	followed := map[inventory.ID]bool{}
	named := names(s, stored)
	for _, e := range stored {
		was := e
		if id := named[e.Secret]; id != "" && e.Until.IsZero() { // two sources know it now, and one record stands for both
			e.Secret = id
		}
		if !e.Until.IsZero() {
			if at := deadBy(runs, e.Secret, e.Since); e.How == inventory.ExposureTakenOut && !at.IsZero() { // proven later
				e.Until, e.How = at, inventory.ExposureDead
				changed = append(changed, e)
			}
			continue
		}
		if followed[e.Secret] {
			e.Until, e.How = now, inventory.ExposureLapsed // the other record of it goes on
			changed = append(changed, e)
			continue
		}
		followed[e.Secret] = true
		x := s.Secret(e.Secret)
		cur, still := exposed[e.Secret]
		switch at := deadBy(runs, e.Secret, e.Since); {
		case !at.IsZero():
			e.Until, e.How = at, inventory.ExposureDead
		case x == nil:
			e.Until, e.How = cmp.Or(takenBy(runs, e.Secret, e.Since), now), inventory.ExposureTakenOut
		case !risk.Alive(x, now):
			e.Until, e.How = endOf(x, e.Since, now), inventory.ExposureDead
		case still:
			e.Leaked = e.Leaked || cur.Leaked
			if cur.Since.Before(e.Since) {
				e.Since = cur.Since
			}
		case !e.Leaked:
			e.Until, e.How = now, inventory.ExposureLapsed
		}
		if e != was {
			changed = append(changed, e)
		}
	}
	for _, id := range inventory.SortedKeys(exposed) {
		e := exposed[id]
		if followed[id] || !deadBy(runs, id, e.Since).IsZero() { // it is told as dead before it was ever stored as open
			continue
		}
		changed = append(changed, e)
	}
	return append(changed, inHand(s, runs, followed, since)...)
}

// names tells of exposed secrets that are no record any more which record they are found in.
func names(s *inventory.Snapshot, stored []inventory.Exposure) map[inventory.ID]inventory.ID {
	gone := map[inventory.ID]bool{}
	for _, e := range stored {
		if e.Until.IsZero() && s.Secret(e.Secret) == nil {
			gone[e.Secret] = true
		}
	}
	m := map[inventory.ID]inventory.ID{}
	if len(gone) == 0 {
		return m
	}
	xs := s.Records().Secrets
	for i := range xs {
		for _, same := range xs[i].Same {
			if gone[same.ID] {
				m[same.ID] = xs[i].ID
			}
		}
	}
	return m
}

// inHand are the secrets that came into somebody's hand, were never seen by a collection as exposed, and were ended by a run
// since the collection before.
func inHand(s *inventory.Snapshot, runs []revoke.Run, followed map[inventory.ID]bool, since time.Time) []inventory.Exposure {
	var out []inventory.Exposure
	seen := map[inventory.ID]bool{}
	for i := range runs {
		r := &runs[i]
		if r.Since.IsZero() || r.Undoes != "" {
			continue
		}
		for _, id := range r.TargetOf() {
			how, at := inventory.ExposureDead, deadBy(runs[i:i+1], id, r.Since)
			if at.IsZero() && s.Secret(id) == nil {
				how, at = inventory.ExposureTakenOut, takenBy(runs[i:i+1], id, r.Since)
			}
			if id.Noun() == inventory.NounSecret && at.After(since) && !followed[id] && !seen[id] {
				seen[id] = true
				out = append(out, inventory.Exposure{Secret: id, Since: r.Since, Until: at, How: how, Leaked: true})
			}
		}
	}
	return out
}

// deadBy is when a run first proved that the credential itself is not accepted any more; zero if none did. Taking a copy out
// of a file is no such proof.
func deadBy(runs []revoke.Run, id inventory.ID, since time.Time) time.Time {
	return firstProof(runs, id, since, func(s *revoke.StepRun) bool {
		return s.Layer != revoke.LayerCopy && s.Layer != revoke.LayerSetting && (s.Proof.Grade == revoke.Proven || s.Proof.Grade == revoke.Attested)
	}, slices.Min[[]int64])
}

// takenBy is when the last copy was proven to be gone by a run.
func takenBy(runs []revoke.Run, id inventory.ID, since time.Time) time.Time {
	return firstProof(runs, id, since, func(s *revoke.StepRun) bool {
		return s.Layer == revoke.LayerCopy && s.Proof.Grade == revoke.Proven
	}, slices.Max[[]int64])
}

func firstProof(runs []revoke.Run, id inventory.ID, since time.Time, is func(*revoke.StepRun) bool, choose func([]int64) int64) time.Time {
	var at []int64
	for i := range runs {
		for j := range runs[i].Steps {
			s := &runs[i].Steps[j]
			if s.Target == id && s.State == revoke.StateDone && runs[i].Undoes == "" && is(s) && !s.Proof.At.Before(since) {
				at = append(at, s.Proof.At.UnixNano())
			}
		}
	}
	if len(at) == 0 {
		return time.Time{}
	}
	return time.Unix(0, choose(at)).UTC()
}

// endOf is when a secret ended that its issuer, or its own end date, says is over.
func endOf(x *inventory.Secret, since, now time.Time) time.Time {
	if x.Expires.After(since) && x.Expires.Before(now) {
		return x.Expires
	}
	return now
}

// Field is the mean that the field publishes for a leaked secret (GitGuardian and CyberArk research, reported in 2024-11).
const Field = 27 * 24 * time.Hour

// Window is how long ago an exposure may have ended to count.
const Window = 90 * 24 * time.Hour

const meaning = "from when a secret was first known to be leaked or urgent to the proof that it is dead, or until it was taken out; open ones count up to now"

// Revocations measures exposures at a time: those that ended within the window, and those that are open, up to now.
func Revocations(es []inventory.Exposure, now time.Time) *inventory.TimeToRevoke {
	t := &inventory.TimeToRevoke{Reference: Field.Seconds(), Window: Window.Seconds(), Meaning: meaning}
	type span struct {
		seconds float64
		open    bool
	}
	var spans []span
	for _, e := range es {
		switch {
		case e.How == inventory.ExposureLapsed:
		case e.Until.IsZero():
			age := max(0, now.Sub(e.Since).Seconds())
			t.Open++
			t.OldestOpen = max(t.OldestOpen, age)
			spans = append(spans, span{age, true})
		case now.Sub(e.Until) <= Window:
			t.Ended++
			if e.How == inventory.ExposureDead {
				t.Dead++
			} else {
				t.TakenOut++
			}
			spans = append(spans, span{max(0, e.Until.Sub(e.Since).Seconds()), false})
		}
	}
	if len(spans) == 0 {
		return t
	}
	// Of two equal spans the ended one comes first: the other is longer than it looks.
	slices.SortFunc(spans, func(a, b span) int {
		if c := cmp.Compare(a.seconds, b.seconds); c != 0 {
			return c
		}
		return cmp.Compare(map[bool]int{true: 1}[a.open], map[bool]int{true: 1}[b.open])
	})
	sum := 0.0
	for _, x := range spans {
		sum += x.seconds
	}
	t.Mean, t.AtLeast.Mean = round(sum/float64(len(spans))), t.Open > 0
	// The q-th part of the spans is at most this long. An open one below it may yet grow beyond it.
	at := func(q float64) (float64, bool) {
		i := min(len(spans)-1, max(0, int(float64(len(spans))*q+0.999999)-1))
		bound := slices.ContainsFunc(spans[:i+1], func(x span) bool { return x.open })
		return round(spans[i].seconds), bound
	}
	t.Median, t.AtLeast.Median = at(0.5)
	t.P90, t.AtLeast.P90 = at(0.9)
	t.OldestOpen = round(t.OldestOpen)
	return t
}
