package ldap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/roster"
	"nhitop/sources/internal/self"
)

// inquiry is one run.
type inquiry struct {
	s       *Source
	sink    inventory.Sink
	now     time.Time
	persons map[string]*roster.Person // by DN in lower case
	led     map[*roster.Person]string // DN of the manager
	bosses  map[string]string         // DN in lower case -> how the manager is called
}

// Collect implements [sources.Source]: it signs in, and asks about nobody.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	return s.Resolve(ctx, nil, sink)
}

// Resolve implements [sources.Directory].
func (s *Source) Resolve(ctx context.Context, who []inventory.Owner, sink inventory.Sink) error {
	q := &inquiry{s: s, sink: sink, now: s.env.Now(), persons: map[string]*roster.Person{}, led: map[*roster.Person]string{}, bosses: map[string]string{}}
	err := q.run(ctx, who)
	if err != nil && ctx.Err() == nil {
		sink.Looked(inventory.Looked{Path: s.host, State: inventory.LookedFailed, Reason: inventory.Clean(err.Error())})
	}
	return err
}

func (q *inquiry) run(ctx context.Context, who []inventory.Owner) error {
	l, err := q.s.open(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	if q.s.o.BindDN != "" {
		self.Deliver(q.sink, self.Credential{Service: "LDAP", URL: q.s.url(q.s.o.BindDN), Use: "reads", Ref: q.s.o.Password, Value: l.password,
			Secret: inventory.Secret{Kind: "opaque", Issuer: Kind, Account: q.s.o.BindDN, State: inventory.StateLive}})
	}
	seen, err := q.control(ctx, l)
	if err != nil {
		return err
	}
	qs := q.s.rules.Questions(who)
	if err := q.ask(ctx, l, qs); err != nil {
		q.s.rules.Deliver(q.sink, qs, q.s.url(q.s.o.Base), seen, false)
		return part(err)
	}
	err = q.managers(ctx, l)
	q.s.rules.Deliver(q.sink, qs, q.s.url(q.s.o.Base), seen, true)
	if err != nil {
		return part(err)
	}
	q.sink.Looked(inventory.Looked{Path: q.s.host, State: inventory.LookedRead, Whole: true,
		Reason: fmt.Sprintf("below %s: %d people asked about with %d searches, %d there", q.s.o.Base, len(qs), l.asks, roster.There(qs))})
	return ctx.Err()
}

// part says that what was delivered before an error holds; the end of the context is none of the directory's.
func part(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", sources.ErrPartial, err)
}

// control looks whether the sign of an account that is known to be disabled can be seen.
func (q *inquiry) control(ctx context.Context, l *link) (seen bool, err error) {
	if q.s.o.Control == "" {
		return true, nil
	}
	_, err = l.search(ctx, q.s.o.Control, ldap.ScopeBaseObject, "(objectClass=*)", q.s.attrs, func(e *ldap.Entry) error {
		seen = q.s.judge(e, q.now).status == inventory.OwnerDeparted
		return nil
	})
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject) {
		err = nil
	}
	if err != nil {
		return false, q.s.failed(ctx, "read the account of control", err)
	}
	if !seen {
		q.sink.Looked(inventory.Looked{Path: q.s.url(q.s.o.Control), State: inventory.LookedDenied,
			Reason: "control: this account is known to be disabled, and nothing that may be read says so: nobody is called active"})
	}
	return seen, nil
}

// terms are what finds somebody.
func (s *Source) terms(q *roster.Question) []term {
	var ts []term
	if q.Mail != "" {
		for _, a := range s.o.Mail {
			ts = append(ts, term{a, onWire(a, q.Mail)})
		}
	}
	for _, a := range q.Attrs {
		ts = append(ts, term{a, q.Login})
	}
	return ts
}

// proxyPrefix stands before each address in the attribute proxyAddresses.
const proxyPrefix = "smtp:"

func onWire(attr, value string) string {
	if strings.EqualFold(attr, "proxyAddresses") {
		return proxyPrefix + value
	}
	return value
}

// ask looks everybody up, many with one search. What came before an error holds.
func (q *inquiry) ask(ctx context.Context, l *link, qs []*roster.Question) error {
	by := map[term][]*roster.Question{}
	var ts []term
	for _, x := range qs {
		for _, t := range q.s.terms(x) {
			if by[t] == nil {
				ts = append(ts, t)
			}
			by[t] = append(by[t], x)
		}
	}
	for i := 0; i < len(ts); i += q.s.o.Batch {
		q.sink.Progress(fmt.Sprintf("%d of %d people looked up", i, len(ts)))
		some := ts[i:min(i+q.s.o.Batch, len(ts))]
		referrals, err := l.find(ctx, some, func(e *ldap.Entry) { q.take(e, by) })
		if err != nil {
			return q.s.failed(ctx, "search below "+q.s.o.Base, err)
		}
		if referrals > 0 && i == 0 {
			q.sink.Looked(inventory.Looked{Path: q.s.url(q.s.o.Base), State: inventory.LookedSkipped,
				Reason: "branches of it stand on other servers, which are not asked; give each a table of its own"})
		}
	}
	return nil
}

// take notes an entry with those who asked for it.
func (q *inquiry) take(e *ldap.Entry, by map[term][]*roster.Question) {
	key := strings.ToLower(e.DN)
	p := q.persons[key]
	if p == nil {
		p = q.person(e)
		q.persons[key] = p
	}
	for t := range q.s.holds(e) {
		for _, x := range by[t] {
			x.Found(p)
		}
	}
}

// holds are the terms that would find an entry.
func (s *Source) holds(e *ldap.Entry) map[term]bool {
	m := map[term]bool{}
	attrs := slices.Clone(s.o.Mail)
	for _, a := range s.o.Logins {
		attrs = append(attrs, a)
	}
	for _, a := range attrs {
		for _, v := range e.GetEqualFoldAttributeValues(a) {
			m[term{a, strings.ToLower(v)}] = true
		}
	}
	return m
}

func (q *inquiry) person(e *ldap.Entry) *roster.Person {
	v := q.s.judge(e, q.now)
	p := &roster.Person{Key: strings.ToLower(e.DN), Path: q.s.url(e.DN), Status: v.status, Reason: v.why, Since: v.since}
	p.Name = cmp.Or(e.GetEqualFoldAttributeValue("displayName"), e.GetEqualFoldAttributeValue("cn"))
	p.Department = cmp.Or(e.GetEqualFoldAttributeValue("department"), e.GetEqualFoldAttributeValue("departmentNumber"), e.GetEqualFoldAttributeValue("ou"))
	for _, a := range q.s.o.Mail {
		for _, v := range e.GetEqualFoldAttributeValues(a) {
			v, _ = strings.CutPrefix(v, "SMTP:") // the first address of proxyAddresses is written large
			if p.Mail == "" && strings.Contains(v, "@") && !strings.HasPrefix(v, proxyPrefix) {
				p.Mail = v
			}
		}
	}
	p.Plain()
	q.led[p] = e.GetEqualFoldAttributeValue("manager")
	return p
}
