package ldap

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
)

// verdict is what one attribute, or all of them, say of a person.
type verdict struct {
	status string // "": nothing
	why    string
	since  time.Time
}

// sign is an attribute that may say that an account is no longer used.
type sign struct {
	attr string
	says func(value string, now time.Time) verdict
}

// known are the signs of directories that are used widely; see the package comment for where they are described. They are
// asked in this order, and the first that says departed holds.
var known = []sign{
	{"userAccountControl", accountControl},
	{"nsAccountLock", whether("nsAccountLock")},
	{"loginDisabled", whether("loginDisabled")},
	{"pwdAccountLockedTime", policyLock},
	{"accountExpires", accountExpires},
	{"shadowExpire", shadowExpire},
	{"pwdEndTime", pastTime("pwdEndTime")},
	{"krbPrincipalExpiration", pastTime("krbPrincipalExpiration")},
	{"lockoutTime", lockout},
	{"pwdStartTime", notYet},
}

// own are the signs that the configuration names.
func (s *Source) own() []sign {
	var out []sign
	for _, a := range inventory.SortedKeys(s.o.Departed) {
		values := s.o.Departed[a]
		out = append(out, sign{a, func(v string, _ time.Time) verdict {
			for _, w := range values {
				if strings.EqualFold(v, w) {
					return verdict{status: inventory.OwnerDeparted, why: a + " is " + w}
				}
			}
			return verdict{}
		}})
	}
	if s.o.LastDay != "" {
		out = append(out, sign{s.o.LastDay, func(v string, now time.Time) verdict {
			day, ok := anyDay(v)
			if !ok {
				return verdict{status: inventory.OwnerUnknown, why: s.o.LastDay + " holds what is no date"}
			}
			if end := day.AddDate(0, 0, 1); !now.Before(end) {
				return verdict{inventory.OwnerDeparted, "the last day was " + day.Format(time.DateOnly) + " (" + s.o.LastDay + ")", day}
			}
			return verdict{}
		}})
	}
	return out
}

// judge says what an entry's attributes come to. An entry without a sign of an end is active.
func (s *Source) judge(e *ldap.Entry, now time.Time) verdict {
	var unsure verdict
	note := ""
	for _, g := range s.signs {
		for _, value := range e.GetEqualFoldAttributeValues(g.attr) {
			switch v := g.says(value, now); v.status {
			case inventory.OwnerDeparted:
				return v
			case inventory.OwnerUnknown:
				if unsure.status == "" {
					unsure = v
				}
			case inventory.OwnerActive:
				note = v.why
			}
		}
	}
	if s.below != nil {
		if dn, err := ldap.ParseDN(e.DN); err == nil && s.below.AncestorOfFold(dn) {
			return verdict{status: inventory.OwnerDeparted, why: "stands below " + s.o.DepartedBelow}
		}
	}
	if unsure.status != "" {
		return unsure
	}
	if note == "" {
		note = "in the directory, and nothing says that the account ended"
	}
	return verdict{status: inventory.OwnerActive, why: note}
}

// accountControl reads the bits of Active Directory: ACCOUNTDISABLE is 2.
func accountControl(v string, _ time.Time) verdict {
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil:
		return verdict{status: inventory.OwnerUnknown, why: "userAccountControl cannot be read"}
	case n&2 != 0:
		return verdict{status: inventory.OwnerDeparted, why: fmt.Sprintf("the account is disabled (userAccountControl %d)", n)}
	}
	return verdict{}
}

func whether(attr string) func(string, time.Time) verdict {
	return func(v string, _ time.Time) verdict {
		if strings.EqualFold(v, "true") {
			return verdict{status: inventory.OwnerDeparted, why: "the account is locked by an administrator (" + attr + ")"}
		}
		return verdict{}
	}
}

// lockedForGood is what an administrator sets; a time is set by failed logins, and ends by itself or by an unlocking.
const lockedForGood = "000001010000Z"

func policyLock(v string, _ time.Time) verdict {
	if v == lockedForGood {
		return verdict{status: inventory.OwnerDeparted, why: "the account is locked for good (pwdAccountLockedTime)"}
	}
	at, ok := generalizedTime(v)
	if !ok {
		return verdict{status: inventory.OwnerUnknown, why: "pwdAccountLockedTime cannot be read"}
	}
	return verdict{status: inventory.OwnerActive, why: "locked after failed logins on " + at.Format(time.DateOnly)}
}

// accountExpires is a FILETIME; 0 and the largest number say never.
func accountExpires(v string, now time.Time) verdict {
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil || n < 0:
		return verdict{status: inventory.OwnerUnknown, why: "accountExpires cannot be read"}
	case n == 0 || n == math.MaxInt64:
		return verdict{}
	}
	if at := fileTime(n); !now.Before(at) {
		return verdict{inventory.OwnerDeparted, "the account expired on " + at.Format(time.DateOnly) + " (accountExpires)", at}
	}
	return verdict{}
}

func lockout(v string, _ time.Time) verdict {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 {
		return verdict{status: inventory.OwnerActive, why: "locked after failed logins on " + fileTime(n).Format(time.DateOnly)}
	}
	return verdict{}
}

// fileTime counts units of 100 ns from 1601-01-01.
func fileTime(n int64) time.Time {
	const to1970 = 11_644_473_600
	return time.Unix(n/10_000_000-to1970, n%10_000_000*100).UTC()
}

// shadowExpire counts days from 1970-01-01. Below 0 it is never; 0 is read in two ways (shadow(5)).
func shadowExpire(v string, now time.Time) verdict {
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil || n > 1<<31:
		return verdict{status: inventory.OwnerUnknown, why: "shadowExpire cannot be read"}
	case n == 0:
		return verdict{status: inventory.OwnerUnknown, why: "shadowExpire is 0, which systems read in two ways"}
	case n < 0:
		return verdict{}
	}
	if at := time.Unix(n*86400, 0).UTC(); !now.Before(at) {
		return verdict{inventory.OwnerDeparted, "the account expired on " + at.Format(time.DateOnly) + " (shadowExpire)", at}
	}
	return verdict{}
}

func pastTime(attr string) func(string, time.Time) verdict {
	return func(v string, now time.Time) verdict {
		at, ok := generalizedTime(v)
		switch {
		case !ok:
			return verdict{status: inventory.OwnerUnknown, why: attr + " cannot be read"}
		case !now.Before(at):
			return verdict{inventory.OwnerDeparted, "the account ended on " + at.Format(time.DateOnly) + " (" + attr + ")", at}
		}
		return verdict{}
	}
}

func notYet(v string, now time.Time) verdict {
	if at, ok := generalizedTime(v); ok && now.Before(at) {
		return verdict{status: inventory.OwnerUnknown, why: "the account begins on " + at.Format(time.DateOnly) + " (pwdStartTime)"}
	}
	return verdict{}
}

// generalizedTime reads the form of RFC 4517 3.3.13.
func generalizedTime(v string) (time.Time, bool) {
	for _, form := range []string{"20060102150405Z0700", "200601021504Z0700", "2006010215Z0700", "20060102150405.999999999Z0700", "20060102150405,999999999Z0700"} {
		if t, err := time.Parse(form, v); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// anyDay reads a day as directories hold it: generalized time, FILETIME, or as people write it.
func anyDay(v string) (time.Time, bool) {
	if t, ok := generalizedTime(v); ok {
		return t.Truncate(24 * time.Hour), true
	}
	for _, form := range []string{time.DateOnly, "20060102", time.RFC3339} {
		if t, err := time.Parse(form, v); err == nil {
			return t.UTC().Truncate(24 * time.Hour), true
		}
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 1e16 && n < math.MaxInt64 {
		return fileTime(n).Truncate(24 * time.Hour), true
	}
	return time.Time{}, false
}
