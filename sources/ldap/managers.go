package ldap

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
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
		dn := q.led[q.persons[key]]
		k := strings.ToLower(dn)
		if dn == "" || asked[k] {
			continue
		}
		asked[k] = true
		if p := q.persons[k]; p != nil {
			q.bosses[k] = p.Called()
			continue
		}
		if _, err := ldap.ParseDN(dn); err == nil {
			ts = append(ts, term{value: dn})
		}
	}
	defer func() {
		for p, dn := range q.led {
			p.Manager = q.boss(dn)
		}
	}()
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
			q.bosses[strings.ToLower(e.DN)] = p.Called()
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
	if dn == "" {
		return ""
	}
	if name := q.bosses[strings.ToLower(dn)]; name != "" {
		return name
	}
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return ""
	}
	return parsed.RDNs[0].Attributes[0].Value
}
