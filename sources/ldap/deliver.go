package ldap

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
	"nhitop/sources/internal/people"
)

// url names an entry (RFC 4516).
func (s *Source) url(dn string) string {
	return s.host + "/" + strings.ReplaceAll(url.PathEscape(dn), "%2C", ",")
}

// adCapability is what an Active Directory tells of itself in its root entry ([MS-ADTS] 3.1.1.3.4.3).
const adCapability = "1.2.840.113556.1.4.800"

// nameOf is the attribute by which a filter finds an entry by its DN: entryDN (RFC 5020), or distinguishedName in an Active
// Directory. The other one would make a server look at every entry.
func (l *link) nameOf(ctx context.Context) string {
	attr := "entryDN"
	_, err := l.search(ctx, "", ldap.ScopeBaseObject, "(objectClass=*)", []string{"supportedCapabilities"}, func(e *ldap.Entry) error {
		if slices.Contains(e.GetEqualFoldAttributeValues("supportedCapabilities"), adCapability) {
			attr = "distinguishedName"
		}
		return nil
	})
	if err != nil {
		return "entryDN" // a root entry may be hidden
	}
	return attr
}

// managers asks how those are called whom entries name, by their DN, as managers.
func (q *inquiry) managers(ctx context.Context, l *link) error {
	var ts []term
	asked := map[string]bool{}
	for _, key := range inventory.SortedKeys(q.persons) {
		dn := q.persons[key].manager
		k := strings.ToLower(dn)
		if dn == "" || asked[k] {
			continue
		}
		asked[k] = true
		if p := q.persons[k]; p != nil {
			q.bosses[k] = cmp.Or(p.mail, p.name)
			continue
		}
		if _, err := ldap.ParseDN(dn); err == nil {
			ts = append(ts, term{value: dn})
		}
	}
	if len(ts) == 0 {
		return nil
	}
	attr := l.nameOf(ctx)
	for i := range ts {
		ts[i].attr = attr
	}
	for i := 0; i < len(ts); i += q.s.o.Batch {
		some := ts[i:min(i+q.s.o.Batch, len(ts))]
		_, err := l.find(ctx, some, func(e *ldap.Entry) {
			p := q.person(e)
			q.bosses[strings.ToLower(e.DN)] = cmp.Or(p.mail, p.name)
		})
		if errors.Is(err, errSize) {
			return nil // they stay named by what their DN begins with
		}
		if err != nil {
			return q.s.failed(ctx, "look managers up", err)
		}
	}
	return nil
}

// boss is how a manager is called: as the directory says, else by what the DN begins with.
func (q *inquiry) boss(dn string) string {
	if name := q.bosses[strings.ToLower(dn)]; name != "" {
		return name
	}
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// deliver gives every person who was asked about once. seen says that signs of an end can be seen at all; whole, that
// everybody was looked up.
func (q *inquiry) deliver(qs []*question, seen, whole bool) {
	for _, x := range qs {
		switch p := q.chosen(x); {
		case p != nil:
			p.asked = append(p.asked, x.owner)
		case len(x.found) > 0:
			q.owner(x.owner, verdict{status: inventory.OwnerUnknown, why: "several entries of the directory have this login"})
		case whole && x.mail && len(q.s.o.Domains) > 0:
			q.owner(x.owner, verdict{status: q.s.o.Absent, why: "is not in the directory"})
		}
	}
	for _, key := range inventory.SortedKeys(q.persons) {
		p := q.persons[key]
		for _, kind := range []string{people.Human, people.Service} {
			asked := slices.DeleteFunc(slices.Clone(p.asked), func(o inventory.Owner) bool { return o.Kind != kind })
			if len(asked) > 0 {
				q.known(p, asked, seen)
			}
		}
	}
}

// chosen is the entry that a question means; nil for none, or for several of which none can be told to be meant. Of several
// with one address, one that is active: somebody who came back, or who has an account more.
func (q *inquiry) chosen(x *question) *person {
	switch {
	case len(x.found) == 0:
		return nil
	case len(x.found) == 1:
		return x.found[0]
	case !x.mail:
		return nil
	}
	found := slices.Clone(x.found)
	slices.SortFunc(found, func(a, b *person) int {
		return cmp.Or(cmp.Compare(rank(a.verdict.status), rank(b.verdict.status)), cmp.Compare(a.dn, b.dn))
	})
	return found[0]
}

func rank(status string) int {
	return slices.Index([]string{inventory.OwnerActive, inventory.OwnerUnknown, inventory.OwnerDeparted}, status)
}

// known delivers a person of the directory: under the id of the address where there is one, with the ids that were asked
// about.
func (q *inquiry) known(p *person, asked []inventory.Owner, seen bool) {
	first := asked[0]
	who := people.Person{Kind: first.Kind, Name: p.name, Email: cmp.Or(p.mail, first.Email)}
	if who.Name == "" {
		who.Name = first.Name
	}
	id := who.ID()
	if who.Email == "" {
		id = first.ID
	}
	o := inventory.Owner{ID: id, Kind: first.Kind, Name: who.Name, Email: who.Email, Manager: q.boss(p.manager), Department: p.department}
	v := p.verdict
	if !seen && v.status == inventory.OwnerActive {
		v = verdict{status: inventory.OwnerUnknown, why: "in the directory, which hides whether an account is disabled"}
	}
	o.Status, o.StatusReason, o.StatusSince = v.status, v.why, v.since
	for _, a := range asked {
		if a.ID != id && !slices.Contains(o.Same, a.ID) {
			o.Same = append(o.Same, a.ID)
		}
	}
	o.Evidence = []inventory.Evidence{{Path: q.s.url(p.dn), Note: v.status + ": " + v.why}}
	q.sink.Owner(o)
}

// owner delivers what is said of somebody who is no entry.
func (q *inquiry) owner(o inventory.Owner, v verdict) {
	q.sink.Owner(inventory.Owner{ID: o.ID, Kind: o.Kind, Name: o.Name, Email: o.Email, Status: v.status, StatusReason: v.why,
		Evidence: []inventory.Evidence{{Path: q.s.url(q.s.o.Base), Note: v.status + ": " + v.why}}})
}
