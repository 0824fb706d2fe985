package ldap

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// mostEach bounds the entries that one question may bring: somebody's address stands in a few entries at most.
const mostEach = 20

// term is one thing that is looked for: an attribute with a value.
type term struct{ attr, value string }

// String is the term as a filter. The value is escaped (RFC 4515): it comes from outside.
func (t term) String() string { return "(" + t.attr + "=" + ldap.EscapeFilter(t.value) + ")" }

// either is the filter for people that any of the terms finds.
func (s *Source) either(ts []term) string {
	var b strings.Builder
	b.WriteString("(&" + s.o.Filter + "(|")
	for _, t := range ts {
		b.WriteString(t.String())
	}
	b.WriteString("))")
	return b.String()
}

// find gives every entry below the base that any of the terms finds to each, in pages. Where the server gives too few for
// one search the terms are halved. referrals counts the branches that stand on other servers.
func (l *link) find(ctx context.Context, ts []term, each func(*ldap.Entry)) (referrals int, err error) {
	got := 0
	referrals, err = l.search(ctx, l.s.o.Base, ldap.ScopeWholeSubtree, l.s.either(ts), l.s.attrs, func(e *ldap.Entry) error {
		if got++; got > mostEach*len(ts) {
			return errMany
		}
		each(e)
		return nil
	})
	if len(ts) < 2 || !errors.Is(err, errSize) {
		return referrals, err
	}
	half := len(ts) / 2
	a, err := l.find(ctx, ts[:half], each)
	if err != nil {
		return a, err
	}
	b, err := l.find(ctx, ts[half:], each)
	return max(a, b), err
}

// search runs one search page by page (RFC 2696). Aliases are not followed, and neither are referrals.
func (l *link) search(ctx context.Context, base string, scope int, filter string, attrs []string, each func(*ldap.Entry) error) (referrals int, err error) {
	paging := ldap.NewControlPaging(uint32(l.s.o.Page))
	for {
		req := ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 0, l.s.o.Timeout, false, filter, attrs, []ldap.Control{paging})
		more, cookie, err := l.page(ctx, req, each)
		referrals += more
		if err != nil {
			return referrals, err
		}
		if len(cookie) == 0 {
			return referrals, nil
		}
		if bytes.Equal(cookie, paging.Cookie) {
			return referrals, errors.New("the server gives the same page again")
		}
		paging.SetCookie(cookie)
	}
}

// page reads one page. cookie leads to the next one.
func (l *link) page(ctx context.Context, req *ldap.SearchRequest, each func(*ldap.Entry) error) (referrals int, cookie []byte, err error) {
	limit, cancel := context.WithTimeout(ctx, l.s.patience())
	defer cancel()
	l.asks++
	got := 0
	r := l.conn.SearchAsync(limit, req, 64)
	for r.Next() {
		switch e := r.Entry(); {
		case r.Referral() != "":
			if referrals++; referrals > mostReferrals {
				return referrals, nil, errMany
			}
		case e != nil:
			if got++; got > 2*l.s.o.Page {
				return referrals, nil, errMany
			}
			if err := each(e); err != nil {
				return referrals, nil, err
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return referrals, nil, ctx.Err()
	case limit.Err() != nil:
		return referrals, nil, errTime
	case ldap.IsErrorAnyOf(r.Err(), ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded):
		return referrals, nil, errSize
	case ldap.IsErrorAnyOf(r.Err(), ldap.LDAPResultTimeLimitExceeded):
		return referrals, nil, errTime
	case r.Err() != nil:
		return referrals, nil, r.Err()
	case l.conn.GetLastError() != nil: // a search that the library gives up in its middle ends without a word
		return referrals, nil, l.conn.GetLastError()
	case l.conn.IsClosing():
		return referrals, nil, errors.New("the connection was cut")
	}
	if c, ok := ldap.FindControl(r.Controls(), ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
		cookie = c.Cookie
	}
	return referrals, cookie, nil
}

// mostReferrals bounds the branches that one page may name.
const mostReferrals = 1000
