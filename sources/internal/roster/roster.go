package roster

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/people"
)

// Rules say about whom a directory is asked, and what it says by silence.
type Rules struct {
	Logins  map[string]string // kind of a source -> attribute that holds the login there
	Domains []string          // of addresses that the directory is asked about; empty: all
	Absent  string            // status of who is not there, of one of Domains: unknown, departed
}

// Check says what is wrong, as an error that begins with the key.
func (r Rules) Check() error {
	switch {
	case r.Absent != inventory.OwnerUnknown && r.Absent != inventory.OwnerDeparted:
		return errors.New("absent: unknown or departed")
	case r.Absent == inventory.OwnerDeparted && len(r.Domains) == 0:
		return errors.New("absent: whoever is not in the directory has left only where it holds everybody of a domain; name those in domains")
	}
	return nil
}

// Question is one owner that a directory is asked about: by an address, or by a login where no address is known.
type Question struct {
	Owner  inventory.Owner
	Mail   string   // in lower case; "" where it is asked for by login
	Login  string   // in lower case
	Attrs  []string // that may hold Login
	People []*Person
}

// Person is an entry of a directory.
type Person struct {
	Key                 string // unique in the directory
	Path                string // where it stands, for the evidence
	Name, Mail          string
	Manager, Department string
	Status, Reason      string
	Since               time.Time
}

// Called is how the person is called by others: by the address, else the name.
func (p *Person) Called() string { return cmp.Or(p.Mail, p.Name) }

// Plain makes name and address fit to be an owner's.
func (p *Person) Plain() {
	if who, ok := people.New(p.Name, p.Mail, "", inventory.Evidence{}); ok {
		p.Name, p.Mail = who.Name, who.Email
	}
}

// Questions sorts out who can be asked about, in the order in which they are given. Nobody asks about a team.
func (r Rules) Questions(who []inventory.Owner) []*Question {
	var out []*Question
	for _, o := range who {
		if o.Kind == people.Team {
			continue
		}
		q := &Question{Owner: o}
		switch {
		case o.Email != "" && r.covers(o.Email):
			q.Mail = strings.ToLower(o.Email)
		case o.Email == "" && !strings.ContainsAny(o.Name, " /"):
			q.Login = strings.ToLower(o.Name)
			for _, src := range o.Sources {
				kind, _, _ := strings.Cut(src, ":")
				if a := r.Logins[kind]; a != "" && !slices.Contains(q.Attrs, a) {
					q.Attrs = append(q.Attrs, a)
				}
			}
		}
		if q.Mail != "" || len(q.Attrs) > 0 {
			out = append(out, q)
		}
	}
	return out
}

// covers reports whether an address is of one of the domains.
func (r Rules) covers(mail string) bool {
	_, domain, ok := strings.Cut(mail, "@")
	return ok && (len(r.Domains) == 0 || slices.ContainsFunc(r.Domains, func(d string) bool { return strings.EqualFold(d, domain) }))
}

// Found notes that a question finds an entry.
func (q *Question) Found(p *Person) {
	if !slices.Contains(q.People, p) {
		q.People = append(q.People, p)
	}
}

// There counts the questions that find somebody.
func There(qs []*Question) int {
	n := 0
	for _, q := range qs {
		if len(q.People) > 0 {
			n++
		}
	}
	return n
}

// Deliver gives every person who was asked about once. place is the directory, for what it says by silence. seen says that
// signs of an end can be seen there at all; whole, that everybody was looked up.
func (r Rules) Deliver(sink inventory.Sink, qs []*Question, place string, seen, whole bool) {
	asked := map[*Person][]inventory.Owner{}
	var ps []*Person
	say := func(o inventory.Owner, status, why string) {
		sink.Owner(inventory.Owner{ID: o.ID, Kind: o.Kind, Name: o.Name, Email: o.Email, Status: status, StatusReason: why,
			Evidence: []inventory.Evidence{{Path: place, Note: status + ": " + why}}})
	}
	for _, q := range qs {
		switch p := q.chosen(); {
		case p != nil:
			if asked[p] == nil {
				ps = append(ps, p)
			}
			asked[p] = append(asked[p], q.Owner)
		case len(q.People) > 0:
			say(q.Owner, inventory.OwnerUnknown, "several entries of the directory have this login")
		case whole && q.Mail != "" && len(r.Domains) > 0:
			say(q.Owner, r.Absent, "is not in the directory")
		}
	}
	slices.SortFunc(ps, func(a, b *Person) int { return cmp.Compare(a.Key, b.Key) })
	for _, p := range ps {
		for _, kind := range []string{people.Human, people.Service} {
			of := slices.DeleteFunc(slices.Clone(asked[p]), func(o inventory.Owner) bool { return o.Kind != kind })
			if len(of) > 0 {
				sink.Owner(p.owner(of, seen))
			}
		}
	}
}

// chosen is the entry that a question means; nil for none, or for several of which none can be told to be meant. Of several
// with one address, one that is active: somebody who came back, or who has an account more.
func (q *Question) chosen() *Person {
	switch {
	case len(q.People) == 0 || len(q.People) > 1 && q.Mail == "":
		return nil
	}
	rank := func(p *Person) int {
		return slices.Index([]string{inventory.OwnerActive, inventory.OwnerUnknown, inventory.OwnerDeparted}, p.Status)
	}
	return slices.MinFunc(q.People, func(a, b *Person) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Key, b.Key)) })
}

// owner is the record of a person: under the id of the address where there is one, with the ids that were asked about.
func (p *Person) owner(asked []inventory.Owner, seen bool) inventory.Owner {
	first := asked[0]
	who := people.Person{Kind: first.Kind, Name: cmp.Or(p.Name, first.Name), Email: cmp.Or(p.Mail, first.Email)}
	id := first.ID
	if who.Email != "" {
		id = who.ID()
	}
	o := inventory.Owner{ID: id, Kind: first.Kind, Name: who.Name, Email: who.Email, Manager: p.Manager, Department: p.Department,
		Status: p.Status, StatusReason: p.Reason, StatusSince: p.Since}
	if !seen && o.Status == inventory.OwnerActive {
		o.Status, o.StatusReason, o.StatusSince = inventory.OwnerUnknown, "in the directory, which hides whether an account is disabled", time.Time{}
	}
	for _, a := range asked {
		if a.ID != id && !slices.Contains(o.Same, a.ID) {
			o.Same = append(o.Same, a.ID)
		}
	}
	o.Evidence = []inventory.Evidence{{Path: p.Path, Note: o.Status + ": " + o.StatusReason}}
	return o
}
