package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

const day = 24 * time.Hour

// Cycle is after how long an assistant of a tier is due again: monthly, quarterly, twice a year. Sources: NIST SP 800-53
// AC-6(7) and PCI DSS 7.2.5.1 for what is critical, CIS Controls 5.1 and 5.5 (quarterly), PCI DSS 7.2.4 (six months).
func Cycle(tier int) time.Duration {
	switch tier {
	case 1:
		return 30 * day
	case 2:
		return 91 * day
	}
	return 182 * day
}

// DefaultDays is how long a review is open where nobody says otherwise.
const DefaultDays = 14

// Opening is what a review is opened with.
type Opening struct {
	Scope  Scope
	By     string
	Now    time.Time
	Due    time.Time     // zero: DefaultDays from now
	Unused time.Duration // a grant whose last use is longer ago is unused
	Past   []State       // reviews before, newest first
	Weigh  func(*inventory.Entitlement) (production, controls bool)
}

// Open makes a review of what is known now.
func Open(s *inventory.Snapshot, o Opening) (Review, error) {
	r := Review{ID: NewID(), Scope: o.Scope, Opened: o.Now.UTC(), By: o.By, Due: o.Due.UTC(), Facts: s.At(), Items: []Item{}, Sources: []SourceNote{}}
	if o.Due.IsZero() {
		r.Due = r.Opened.AddDate(0, 0, DefaultDays)
	}
	all := s.Records()
	for i := range all.Assistants {
		a := &all.Assistants[i]
		if a.Class == inventory.ClassTextOnly || !o.Scope.has(s, a) {
			continue
		}
		r.Items = append(r.Items, o.item(s, a))
	}
	if len(r.Items) == 0 {
		return r, fmt.Errorf("%w: %s", ErrEmpty, r.Scope.Words())
	}
	slices.SortStableFunc(r.Items, before)
	r.population(s)
	return r, nil
}

// before puts first what is to be acted on, then what is critical, unused, changed, and in the order of names.
func before(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), cmp.Compare(a.Tier, b.Tier), cmp.Compare(min(b.Unused, 1), min(a.Unused, 1)),
		cmp.Compare(min(len(b.Changed), 1), min(len(a.Changed), 1)), strings.Compare(a.Name, b.Name), strings.Compare(a.Where, b.Where), strings.Compare(string(a.ID), string(b.ID)))
}

func (r *Review) population(s *inventory.Snapshot) {
	all := s.Records()
	p := Population{Known: len(all.Assistants), InScope: len(r.Items)}
	for i := range r.Items {
		x := &r.Items[i]
		if a := s.Assistant(x.ID); a.Charter != "" {
			p.Matched++
		}
		if !slices.ContainsFunc(x.Owners, func(o Person) bool { return o.Status != inventory.OwnerDeparted }) {
			p.Orphans++
		}
	}
	for _, x := range all.Sources {
		if x.Status != inventory.SourceOK {
			p.NotRead++
		}
		r.Sources = append(r.Sources, SourceNote{Name: x.Name, Kind: x.Kind, Status: x.Status, Reason: x.Reason, Started: x.StartedAt, Assistants: x.Counts["assistants"]})
	}
	r.Population = p
}

// has reports whether an assistant is in the scope.
func (sc Scope) has(s *inventory.Snapshot, a *inventory.Assistant) bool {
	if sc.Owner == "" && sc.Team == "" {
		return true
	}
	return slices.ContainsFunc(a.Owners, func(id inventory.ID) bool {
		o := s.Owner(id)
		if o == nil {
			return false
		}
		if sc.Owner != "" {
			return means(o, sc.Owner)
		}
		return means(o, sc.Team) || same(o.Department, sc.Team) || same(o.Manager, sc.Team)
	})
}

// means reports whether a word names an owner: by id, name, address, or the login before the address's host.
func means(o *inventory.Owner, word string) bool {
	login, _, _ := strings.Cut(o.Email, "@")
	return string(o.ID) == word || same(o.Name, word) || same(o.Email, word) || same(login, word)
}

func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

func (o *Opening) item(s *inventory.Snapshot, a *inventory.Assistant) Item {
	x := Item{ID: a.ID, Name: a.Name, Kind: a.Kind, Version: a.Version, Where: cmp.Or(a.Path, a.Host), Class: a.Class, Purpose: a.Purpose, Autonomy: a.Autonomy,
		Sandbox: a.Sandbox, Network: a.Network, Status: a.Status, LastUsed: a.LastUsed, Owners: []Person{}, Grants: []Grant{}, Secrets: []Secret{}, Findings: []Finding{}, Drift: []string{}, Changed: []string{}}
	if a.Host != "" && a.Path != "" && !strings.Contains(a.Path, a.Host) {
		x.Where = a.Path + " on " + a.Host
	}
	for _, id := range a.Owners {
		if w := s.Owner(id); w != nil {
			how := ""
			if i := slices.IndexFunc(w.Evidence, func(e inventory.Evidence) bool { return e.Note != "" }); i >= 0 {
				how = w.Evidence[i].Note
			}
			if slices.Contains(a.OwnersAsserted, id) {
				how = "asserted"
			}
			x.Owners = append(x.Owners, Person{ID: id, Name: w.Name, Email: w.Email, Status: w.Status, Manager: w.Manager, How: how})
		}
	}
	for _, e := range s.EntitlementsOf(a.ID) {
		x.Grants = append(x.Grants, o.grant(s, e))
		if x.Grants[len(x.Grants)-1].Unused {
			x.Unused++
		}
	}
	for _, id := range a.Secrets {
		if k := s.Secret(id); k != nil {
			x.Secrets = append(x.Secrets, Secret{ID: id, Kind: k.Kind, Fingerprint: k.Fingerprint, Hint: k.Hint, Storage: k.Storage, Exposure: k.Exposure, State: k.State, Ambient: k.Ambient,
				Holders: len(k.Assistants), Created: k.Created, Expires: k.Expires, Rotated: k.Rotated, LastUsed: k.LastUsed})
		}
	}
	for _, f := range s.FindingsOf(a.ID) {
		n := Finding{ID: f.ID, Rule: f.Rule, Title: f.Title, Decision: f.Decision, State: f.State, Controls: []string{}}
		for _, c := range f.Controls {
			n.Controls = append(n.Controls, c.Framework+" "+c.ID)
		}
		x.Findings = append(x.Findings, n)
		if (f.State == "open" || f.State == "flagged") && (x.Decision == "" || f.Decision.Rank() < x.Decision.Rank()) {
			x.Decision = f.Decision
		}
	}
	if st := a.Standing; st != nil {
		x.Deputy = st.Deputy
		for _, c := range st.Drift {
			x.Drift = append(x.Drift, string(c))
		}
	}
	o.tier(s, a, &x)
	o.past(&x)
	return x
}

func (o *Opening) grant(s *inventory.Snapshot, e *inventory.Entitlement) Grant {
	g := Grant{ID: e.ID, Capability: e.Capability, Level: e.Level, Environment: e.Environment, Via: e.Via, Origin: e.Origin, Gate: e.Gate, Certain: e.Certain, GrantedAt: e.GrantedAt,
		GrantedBy: e.GrantedBy, Expires: e.Expires, LastUsed: e.LastUsed, Unused: unused(s, e, o.Now, o.Unused)}
	if r := s.Resource(e.Resource); r != nil {
		g.Resource, g.Sensitivity, g.Environment = r.Name, r.Sensitivity, cmp.Or(e.Environment, r.Environment)
	}
	return g
}

// unused reports whether a grant is known not to be used: its own last use or that of the secret it comes through is long
// ago, or the issuer says that the secret never was. What is not known is not unused.
func unused(s *inventory.Snapshot, e *inventory.Entitlement, now time.Time, after time.Duration) bool {
	last := e.LastUsed
	if x := s.Secret(inventory.ID(e.Via)); x != nil {
		if x.Used == inventory.No && last.IsZero() {
			return x.Created.IsZero() || now.Sub(x.Created) > after
		}
		if last.IsZero() {
			last = x.LastUsed
		}
	}
	return !last.IsZero() && now.Sub(last) > after
}

// tier is what the charter says, else 1 for what reaches production or hands out access, 2 for what changes code or
// anything shared, 3 for the rest.
func (o *Opening) tier(s *inventory.Snapshot, a *inventory.Assistant, x *Item) {
	if a.Standing != nil && a.Standing.Tier > 0 {
		x.Tier, x.TierWhy = a.Standing.Tier, "its charter"
		return
	}
	x.Tier, x.TierWhy = 3, "it only reads, as far as is known"
	for _, e := range s.EntitlementsOf(a.ID) {
		if e.Gate == inventory.GateBlocked || !e.Certain {
			continue
		}
		production, controls := o.Weigh(e)
		switch {
		case production && e.Level != "read":
			x.Tier, x.TierWhy = 1, string(e.Capability)+" in production"
			return
		case controls && e.Capability != inventory.ExecLocal:
			x.Tier, x.TierWhy = 1, string(e.Capability)
			return
		case e.Level == "write" && x.Tier > 2:
			x.Tier, x.TierWhy = 2, string(e.Capability)
		}
	}
	if a.Autonomy == inventory.AutonomyUnattended && x.Tier > 2 {
		x.Tier, x.TierWhy = 2, "it runs unattended"
	}
}

// past holds the item against the newest closed or decided review that it was in.
func (o *Opening) past(x *Item) {
	for i := range o.Past {
		st := &o.Past[i]
		was := st.Review.Item(x.ID)
		if was == nil {
			continue
		}
		x.Changed = differ(was, x)
		if d, ok := st.Standing[x.ID]; ok {
			x.Last = &d
			if due := d.At.Add(Cycle(x.Tier)); !due.After(o.Now) {
				x.DueSince = due
			}
		}
		return
	}
	if len(o.Past) > 0 {
		x.Changed = []string{"new since the last review"}
	}
}

// differ says in words what is another since the review before.
func differ(was, is *Item) []string {
	out := []string{}
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if was.Autonomy != is.Autonomy {
		add("autonomy %s, was %s", is.Autonomy, was.Autonomy)
	}
	if was.Sandbox != is.Sandbox {
		add("sandbox %s, was %s", is.Sandbox, was.Sandbox)
	}
	if a, b := names(was.Owners), names(is.Owners); a != b {
		add("owner %s, was %s", cmp.Or(b, "nobody"), cmp.Or(a, "nobody"))
	}
	more, less := diff(grants(was), grants(is))
	for _, g := range more {
		add("may now %s", g)
	}
	for _, g := range less {
		add("may no longer %s", g)
	}
	keys := func(x *Item) (ids []string) {
		for _, k := range x.Secrets {
			ids = append(ids, string(k.ID))
		}
		return ids
	}
	more, less = diff(keys(was), keys(is))
	if len(more) > 0 {
		add("%d more secrets", len(more))
	}
	if len(less) > 0 {
		add("%d secrets less", len(less))
	}
	return out
}

func names(ps []Person) string {
	var out []string
	for _, p := range ps {
		n := p.Name
		if p.Status == inventory.OwnerDeparted {
			n += " (left)"
		}
		out = append(out, n)
	}
	return strings.Join(out, ", ")
}

func grants(x *Item) []string {
	var out []string
	for _, g := range x.Grants {
		if g.Gate != inventory.GateBlocked {
			out = append(out, strings.TrimSpace(string(g.Capability)+" "+g.Resource))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func diff(was, is []string) (more, less []string) {
	for _, x := range is {
		if !slices.Contains(was, x) {
			more = append(more, x)
		}
	}
	for _, x := range was {
		if !slices.Contains(is, x) {
			less = append(less, x)
		}
	}
	return more, less
}
