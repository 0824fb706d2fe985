package charter

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// DefaultUnused is after how long without use a grant is excess.
const DefaultUnused = 90 * day

// facts are the records by what they are looked up by.
type facts struct {
	now          time.Time
	unused       time.Duration
	entitlements map[inventory.ID][]*inventory.Entitlement
	secrets      map[inventory.ID]*inventory.Secret
	resources    map[inventory.ID]*inventory.Resource
}

func newFacts(r *inventory.Records, unused time.Duration, now time.Time) *facts {
	f := &facts{now: now, unused: cmp.Or(unused, DefaultUnused), entitlements: map[inventory.ID][]*inventory.Entitlement{},
		secrets: map[inventory.ID]*inventory.Secret{}, resources: map[inventory.ID]*inventory.Resource{}}
	for i := range r.Entitlements {
		e := &r.Entitlements[i]
		f.entitlements[e.Assistant] = append(f.entitlements[e.Assistant], e)
	}
	for i := range r.Secrets {
		f.secrets[r.Secrets[i].ID] = &r.Secrets[i]
	}
	for i := range r.Resources {
		f.resources[r.Resources[i].ID] = &r.Resources[i]
	}
	return f
}

// Apply writes into the records what the charters say: purpose, owner (as an assertion), promise and standing of each
// assistant. Without charters it changes nothing. It changes no slice or map that the records share with others, and
// gives the same for the same records in any order. Each error names two charters that fit one assistant equally well.
func Apply(r *inventory.Records, set Set, now time.Time) []error {
	if len(set.Charters) == 0 {
		return nil
	}
	f := newFacts(r, set.Unused, now)
	owners := newOwners(r)
	var errs []error
	for i := range r.Assistants {
		a := &r.Assistants[i]
		st := &inventory.Standing{Excess: f.excess(a)}
		a.Standing, a.Charter, a.Promised = st, "", nil
		c, err := set.For(a)
		if err != nil {
			st.Conflict = inventory.Clean(err.Error())
			errs = append(errs, err)
		}
		if c == nil {
			continue
		}
		a.Charter, a.Promised = c.Label(), c.Promised
		a.Purpose = cmp.Or(inventory.Clean(strings.TrimSpace(c.Purpose)), a.Purpose)
		proof := c.Place
		proof.Source, proof.ObservedAt, proof.Note = "config", now, "its charter"
		a.Evidence = append(slices.Clip(a.Evidence), proof)
		if id := owners.of(c.Owner, proof); id != "" {
			a.OwnerSigns = append(slices.Clip(a.OwnerSigns), inventory.OwnerSign{Owner: id, Sign: inventory.SignCharter, Source: "config", Path: proof.Path, Line: proof.Line})
			if !slices.Contains(a.Owners, id) {
				a.Owners = append(slices.Clip(a.Owners), id)
			}
		}
		st.Tier, st.Owner, st.Deputy, st.ReadOnly = c.Tier, inventory.Clean(c.Owner), inventory.Clean(c.Deputy), c.readOnly()
		f.compare(a, c, st)
		dates(st, c, now)
	}
	r.Owners = owners.list
	return errs
}

// reading are the capabilities that change nothing.
var reading = []inventory.Capability{inventory.ReadSource, inventory.CloudRead, inventory.ClusterRead, inventory.DataRead}

func (c *Charter) readOnly() bool {
	some := false
	for cp, v := range c.Promised {
		if v != inventory.No && cp != inventory.NetworkOut {
			if !slices.Contains(reading, cp) {
				return false
			}
			some = true
		}
	}
	return some
}

// observed is what an assistant may do for certain: by its own capability, or by a grant that nothing blocks. A
// capability that is known to be no stays so: a guard rail decided it.
func (f *facts) observed(a *inventory.Assistant) map[inventory.Capability]inventory.Answer {
	m := map[inventory.Capability]inventory.Answer{}
	for c, v := range a.Capabilities {
		if v == inventory.Yes || v == inventory.Asks {
			m[c] = v
		}
	}
	for _, e := range f.entitlements[a.ID] {
		if !e.Certain || e.Gate == inventory.GateBlocked || a.Capabilities[e.Capability] == inventory.No {
			continue
		}
		switch {
		case e.Gate == inventory.GateAsks && m[e.Capability] == "":
			m[e.Capability] = inventory.Asks
		case e.Gate == inventory.GateOpen && a.Capabilities[e.Capability] != inventory.Asks:
			m[e.Capability] = inventory.Yes
		}
	}
	return m
}

// compare works out observed minus declared.
func (f *facts) compare(a *inventory.Assistant, c *Charter, st *inventory.Standing) {
	seen := f.observed(a)
	if c.Promised != nil {
		for _, cp := range inventory.Capabilities() {
			said := c.Promised[cp]
			if seen[cp] == inventory.Yes && said != inventory.Yes || seen[cp] == inventory.Asks && said == inventory.No {
				st.Drift = append(st.Drift, cp)
			}
		}
	}
	for _, e := range f.entitlements[a.ID] {
		if !e.Certain || e.Gate == inventory.GateBlocked {
			continue
		}
		x := f.resources[e.Resource]
		env := e.Environment
		if x != nil {
			if x.Kind == "machine" {
				continue // where it runs, not what it was given
			}
			env = cmp.Or(env, x.Environment)
			if x.Kind == "repository" && c.Repositories != nil && !c.covers(x.Name) {
				st.Repositories = append(st.Repositories, x.Name)
			}
		}
		if c.Environments != nil && env != "" && env != "unknown" && !slices.Contains(c.Environments, env) {
			st.Environments = append(st.Environments, env)
		}
	}
	slices.Sort(st.Environments)
	slices.Sort(st.Repositories)
	st.Environments, st.Repositories = slices.Compact(st.Environments), slices.Compact(st.Repositories)
}

func (c *Charter) covers(repository string) bool {
	for _, re := range c.repos {
		if re.MatchString(repository) {
			return true
		}
	}
	return false
}

// used says when a grant was last used: its own time, or that of the secret that it comes through where that is long
// ago. A secret that was used lately says nothing of one of its rights. Zero: not known.
func (f *facts) used(e *inventory.Entitlement) time.Time {
	if !e.LastUsed.IsZero() {
		return e.LastUsed
	}
	if x := f.secrets[inventory.ID(e.Via)]; x != nil && !x.LastUsed.IsZero() && f.now.Sub(x.LastUsed) > f.unused {
		return x.LastUsed
	}
	return time.Time{}
}

// excess are the capabilities of which every grant is known not to be used for a while.
func (f *facts) excess(a *inventory.Assistant) []inventory.Capability {
	idle, needed := map[inventory.Capability]bool{}, map[inventory.Capability]bool{}
	for _, e := range f.entitlements[a.ID] {
		if !e.Certain || e.Gate == inventory.GateBlocked {
			continue
		}
		if u := f.used(e); !u.IsZero() && f.now.Sub(u) > f.unused {
			idle[e.Capability] = true
		} else {
			needed[e.Capability] = true
		}
	}
	var out []inventory.Capability
	for _, c := range inventory.Capabilities() {
		if idle[c] && !needed[c] {
			out = append(out, c)
		}
	}
	return out
}

// dates works out end and review.
func dates(st *inventory.Standing, c *Charter, now time.Time) {
	st.Expires = c.end
	st.Expired = !c.end.IsZero() && !now.Before(c.end)
	if c.cycle == 0 {
		return
	}
	if c.reviewed.IsZero() {
		st.Overdue = true
		return
	}
	st.ReviewDue = c.reviewed.Add(c.cycle)
	st.Overdue = !now.Before(st.ReviewDue)
}
