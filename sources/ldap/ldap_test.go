package ldap

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/people"
	"nhitop/sources/sourcetest"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// staff are people in every state that the source knows. %s stands for the branch.
const staff = `
dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: acmePerson
uid: alice
cn: Alice Example
sn: Example
mail: alice@example.com
mail: a.example@example.com
githubLogin: al-ice
manager: uid=boss,ou=people,dc=example,dc=com
departmentNumber: Payments

dn: uid=boss,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: boss
cn: The Boss
sn: Boss
mail: boss@example.com

dn: uid=locked,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: locked
cn: Locked
sn: Locked
mail: locked@example.com
userPassword: somethingFAKE
pwdAccountLockedTime: 000001010000Z

dn: uid=failed,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: failed
cn: Failed
sn: Failed
mail: failed@example.com
pwdAccountLockedTime: 20261101093000Z

dn: uid=shadow,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: shadowAccount
uid: shadow
cn: Shadow
sn: Shadow
mail: shadow@example.com
shadowExpire: 20700

dn: uid=later,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: shadowAccount
uid: later
cn: Later
sn: Later
mail: later@example.com
shadowExpire: 30000

dn: uid=dsee,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: acmePerson
uid: dsee
cn: Dsee
sn: Dsee
mail: dsee@example.com
nsAccountLock: TRUE

dn: uid=ended,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: acmePerson
uid: ended
cn: Ended
sn: Ended
mail: ended@example.com
employeeEndDate: 2026-10-31

dn: uid=type,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: type
cn: Type
sn: Type
mail: type@example.com
employeeType: Terminated

dn: uid=moved,ou=former,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: moved
cn: Moved
sn: Moved
mail: moved@example.com

dn: cn=disabled,ou=people,dc=example,dc=com
objectClass: user
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=person
cn: disabled
sn: Disabled
mail: disabled@example.com
userAccountControl: 514

dn: cn=expired,ou=people,dc=example,dc=com
objectClass: user
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=person
cn: expired
sn: Expired
mail: expired@example.com
userAccountControl: 512
accountExpires: 134000000000000000

dn: cn=never,ou=people,dc=example,dc=com
objectClass: user
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=person
cn: never
sn: Never
mail: never@example.com
proxyAddresses: SMTP:never@example.com
proxyAddresses: smtp:never.ever@example.com
userAccountControl: 512
accountExpires: 9223372036854775807
lockoutTime: 134084000000000000

dn: uid=back-old,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: back-old
cn: Back
sn: Back
mail: back@example.com
pwdAccountLockedTime: 000001010000Z

dn: uid=back,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: back
cn: Back
sn: Back
mail: back@example.com
`

// asked makes an owner as a source names one.
func asked(t testing.TB, source, name, mail string) inventory.Owner {
	t.Helper()
	p, ok := people.New(name, mail, "", inventory.Evidence{Path: "x"})
	if !ok {
		t.Fatalf("%q %q names nobody", name, mail)
	}
	o := p.Owner("")
	o.Sources = []string{source}
	return o
}

func options(s *slapd) Options {
	o := Defaults()
	o.URL, o.CAFile, o.BindDN, o.Base = s.tls, s.ca, readerDN, base
	o.Password.Env = "LDAP_PASSWORD"
	o.Mail = []string{"mail", "proxyAddresses"}
	o.Logins = map[string]string{"github": "githubLogin", "local": "uid"}
	o.Departed, o.LastDay, o.DepartedBelow = map[string][]string{"employeeType": {"terminated"}}, "employeeEndDate", "ou=Former,ou=people,dc=example,dc=com"
	return o
}

func env() sources.Env {
	return sources.Env{Now: func() time.Time { return today }, Getenv: func(string) string { return readerPw }}
}

func resolve(t testing.TB, o Options, who ...inventory.Owner) (map[string]inventory.Owner, inventory.Batch, error) {
	t.Helper()
	s, err := New(o, env())
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, func() time.Time { return today })
	err = s.(sources.Directory).Resolve(t.Context(), who, sink)
	b := sink.Batch()
	out := map[string]inventory.Owner{}
	for _, x := range b.Records.Owners {
		out[x.Name] = x
	}
	return out, b, err
}

func TestWhoIsStillThere(t *testing.T) {
	s := start(t, staff)
	var who []inventory.Owner
	for _, u := range []string{"alice", "locked", "failed", "shadow", "later", "dsee", "ended", "type", "moved", "disabled", "expired", "never", "back", "nobody"} {
		who = append(who, asked(t, "gitlab", u, u+"@example.com"))
	}
	got, _, err := resolve(t, options(s), who...)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ status, why, since string }{
		"Alice Example": {"active", "nothing says", ""},
		"Locked":        {"departed", "locked for good", ""},
		"Failed":        {"active", "failed logins on 2026-11-01", ""},
		"Shadow":        {"departed", "expired on 2026-09-04 (shadowExpire)", "2026-09-04"},
		"Later":         {"active", "nothing says", ""},
		"Dsee":          {"departed", "nsAccountLock", ""},
		"Ended":         {"departed", "last day was 2026-10-31", "2026-10-31"},
		"Type":          {"departed", "employeeType is terminated", ""},
		"Moved":         {"departed", "stands below ou=Former", ""},
		"disabled":      {"departed", "userAccountControl 514", ""},
		"expired":       {"departed", "expired on 2025-08-18 (accountExpires)", "2025-08-18"},
		"never":         {"active", "failed logins on 2025-11-23", ""},
		"Back":          {"active", "nothing says", ""},
	} {
		o, ok := got[name]
		since := ""
		if !o.StatusSince.IsZero() {
			since = o.StatusSince.Format(time.DateOnly)
		}
		if !ok || o.Status != want.status || !strings.Contains(o.StatusReason, want.why) || since != want.since || len(o.Evidence) != 1 || !strings.HasPrefix(o.Evidence[0].Path, s.tls+"/") {
			t.Errorf("%s: %+v, want %+v", name, o, want)
		}
	}
	if len(got) != 13 {
		t.Errorf("%d people, and nobody is not there", len(got))
	}
	if a := got["Alice Example"]; a.Manager != "boss@example.com" || a.Department != "Payments" {
		t.Errorf("manager and department: %+v", a)
	}
}

// An address, another address and the login at a forge are one person.
func TestOneEntryIsOnePerson(t *testing.T) {
	s := start(t, staff)
	login := asked(t, "github:acme", "al-ice", "")
	alias := asked(t, "local", "A. Example", "A.Example@example.com")
	main := asked(t, "gitlab", "Alice", "alice@example.com")
	got, _, err := resolve(t, options(s), login, alias, main, asked(t, "gitlab", "al-ice", ""), asked(t, "npm", "alice", ""))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %+v", err, got)
	}
	a := got["Alice Example"]
	slices.Sort(a.Same)
	want := []inventory.ID{login.ID, alias.ID}
	slices.Sort(want)
	if a.ID != main.ID || !slices.Equal(a.Same, want) {
		t.Errorf("%+v, want %s with %v", a, main.ID, want)
	}
}

// What is asked for comes from outside: it must find what it names and nothing else.
func TestFiltersAreEscaped(t *testing.T) {
	s := start(t, staff)
	for _, hostile := range []string{"*", "al*", "alice)(uid=*", "*)(|(mail=*", `al\2aice`, "alice\x00", "(objectClass=*)", "*)(objectClass=*))(|(uid=x"} {
		who := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "person", hostile), Kind: "person", Name: hostile, Sources: []string{"local"}}
		mail := who
		mail.Email = hostile + "@example.com"
		got, b, err := resolve(t, options(s), who, mail)
		if err != nil || len(got) != 0 {
			t.Errorf("%q: %v finds %+v; %+v", hostile, err, got, b.Ledger)
		}
	}
}

func TestWaysIn(t *testing.T) {
	s := start(t, staff)
	who := asked(t, "gitlab", "alice", "alice@example.com")
	for name, c := range map[string]struct {
		change func(*Options)
		fails  string
	}{
		"ldaps":                      {func(*Options) {}, ""},
		"StartTLS":                   {func(o *Options) { o.URL = s.plain }, ""},
		"plain on loopback":          {func(o *Options) { o.URL, o.StartTLS = s.plain, false }, ""},
		"an authority not trusted":   {func(o *Options) { o.CAFile = "" }, "the server's certificate is not trusted"},
		"the same with StartTLS":     {func(o *Options) { o.URL, o.CAFile = s.plain, "" }, "the server's certificate is not trusted"},
		"a name that is not there":   {func(o *Options) { o.BindDN = "cn=who,dc=example,dc=com" }, "the name or the password is wrong"},
		"a base that is not there":   {func(o *Options) { o.Base = "ou=none,dc=example,dc=com" }, "No Such Object"},
		"nobody, who may read none":  {func(o *Options) { o.BindDN, o.Password.Env = "", "" }, "No Such Object"},
		"nobody listens":             {func(o *Options) { o.URL = "ldap://" + address(t) }, "connect: "},
		"the plain port, with ldaps": {func(o *Options) { o.URL = "ldaps" + strings.TrimPrefix(s.plain, "ldap") }, "connect: "},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(s)
			c.change(&o)
			o.Timeout = 5
			got, b, err := resolve(t, o, who)
			if c.fails == "" {
				if err != nil || len(got) != 1 {
					t.Fatalf("%v: %+v", err, got)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), readerPw) {
				t.Errorf("error %q, want one with %q", err, c.fails)
			}
			if len(got) != 0 || len(b.Ledger) != 1 || b.Ledger[0].State != inventory.LookedFailed {
				t.Errorf("%+v %+v", got, b.Ledger)
			}
		})
	}
}

// A directory that hides the signs of an end looks like one where nobody ever left.
func TestControl(t *testing.T) {
	s := start(t, staff, `access to attrs=pwdAccountLockedTime by * none`)
	o := options(s)
	o.Control = "uid=locked,ou=people,dc=example,dc=com"
	got, b, err := resolve(t, o, asked(t, "gitlab", "alice", "alice@example.com"), asked(t, "gitlab", "dsee", "dsee@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if got["Alice Example"].Status != "unknown" || got["Dsee"].Status != "departed" {
		t.Errorf("%+v", got)
	}
	if !slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool {
		return l.State == inventory.LookedDenied && strings.Contains(l.Reason, "control")
	}) {
		t.Errorf("nobody says so: %+v", b.Ledger)
	}
	o.Control = "uid=dsee,ou=people,dc=example,dc=com"
	if got, _, _ = resolve(t, o, asked(t, "gitlab", "alice", "alice@example.com")); got["Alice Example"].Status != "active" {
		t.Errorf("the sign of the control account is seen: %+v", got)
	}
}

// The rights that the README gives the account are enough, and no more than it says.
func TestLeastPrivilege(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, _ := strings.Cut(string(text), "    access to attrs=userPassword by anonymous auth by * none\n")
	rules, _, ok := strings.Cut(rules, " by * break")
	if !ok {
		t.Fatal("the README shows no access rules")
	}
	rules = strings.ReplaceAll(rules, "\n  ", "\n\t")
	s := start(t, staff, "access to attrs=userPassword by anonymous auth by * none\n"+strings.TrimSpace(rules)+" by * none\naccess to * by * none")
	o := Defaults()
	o.URL, o.CAFile, o.BindDN, o.Base, o.Control = s.tls, s.ca, readerDN, base, "uid=locked,ou=people,dc=example,dc=com"
	o.Password.Env = "LDAP_PASSWORD"
	got, b, err := resolve(t, o, asked(t, "gitlab", "alice", "alice@example.com"), asked(t, "gitlab", "locked", "locked@example.com"))
	if err != nil || got["Alice Example"].Status != "active" || got["Alice Example"].Manager != "boss@example.com" || got["Locked"].Status != "departed" {
		t.Errorf("%v %+v %+v", err, got, b.Ledger)
	}
}

func TestAbsent(t *testing.T) {
	s := start(t, staff)
	o := options(s)
	o.Domains, o.Absent = []string{"example.com"}, "departed"
	nobody, other := asked(t, "gitlab", "nobody", "nobody@example.com"), asked(t, "gitlab", "x", "x@elsewhere.example")
	got, _, err := resolve(t, o, nobody, other)
	if err != nil || len(got) != 1 || got["nobody"].Status != "departed" || got["nobody"].ID != nobody.ID {
		t.Errorf("%v %+v", err, got)
	}
	o.Absent = "unknown"
	if got, _, _ = resolve(t, o, nobody); got["nobody"].Status != "unknown" || !strings.Contains(got["nobody"].StatusReason, "not in the directory") {
		t.Errorf("%+v", got)
	}
}

// The server gives at most five entries for one search: the questions are divided until they fit.
func TestSizeLimit(t *testing.T) {
	s := start(t, crowd(60), "limits dn.exact="+readerDN+" size.soft=5 size.hard=5 size.prtotal=5")
	o := options(s)
	var who []inventory.Owner
	for i := range 60 {
		who = append(who, asked(t, "gitlab", "x", fmt.Sprintf("u%d@example.com", i)))
	}
	got, b, err := resolve(t, o, who...)
	if err != nil || len(got) != 60 {
		t.Fatalf("%v: %d people: %+v", err, len(got), b.Ledger)
	}
	// Pages that are smaller than what is found.
	s = start(t, crowd(60))
	o = options(s)
	o.Page = 7
	if got, b, err = resolve(t, o, who...); err != nil || len(got) != 60 {
		t.Fatalf("%v: %d people", err, len(got))
	}
	if last := b.Ledger[len(b.Ledger)-1]; !strings.Contains(last.Reason, "60 people asked about with 9 searches, 60 there") {
		t.Errorf("one batch of nine pages: %s", last.Reason)
	}
}

// crowd is so many people.
func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "dn: uid=u%d,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: u%d\ncn: User %d\nsn: User\nmail: u%d@example.com\n\n", i, i, i, i)
	}
	return b.String()
}

func TestReferralsAreNotFollowed(t *testing.T) {
	asking := address(t)
	s := start(t, staff+"\ndn: ou=abroad,ou=people,dc=example,dc=com\nobjectClass: referral\nobjectClass: extensibleObject\nou: abroad\nref: ldap://"+asking+"/ou=abroad,dc=example,dc=com\n")
	got, b, err := resolve(t, options(s), asked(t, "gitlab", "alice", "alice@example.com"))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %+v", err, got)
	}
	if !slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool {
		return l.State == inventory.LookedSkipped && strings.Contains(l.Reason, "other servers")
	}) {
		t.Errorf("nobody says that a branch was left out: %+v", b.Ledger)
	}
}

func TestConformance(t *testing.T) {
	s := start(t, staff)
	table := fmt.Sprintf("url = %q\nca_file = %q\nbind_dn = %q\npassword = { env = \"LDAP_PASSWORD\" }\nbase = %q\ndomains = [\"example.com\"]\n", s.tls, s.ca, readerDN, base)
	e := env()
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "slapd", Env: e, Table: table, Planted: []string{readerPw},
		Who: []inventory.Owner{asked(t, "gitlab", "alice", "alice@example.com"), asked(t, "gitlab", "gone", "locked@example.com"), asked(t, "gitlab", "nobody", "nobody@example.com")}})
}

func TestOptions(t *testing.T) {
	good := Defaults()
	good.URL, good.Base = "ldaps://ldap.example.com", base
	for key, change := range map[string]func(*Options){
		"name":      func(o *Options) { o.Name = "a b" },
		"url":       func(o *Options) { o.URL = "http://x" },
		"start_tls": func(o *Options) { o.URL, o.StartTLS = "ldap://ldap.example.com", false },
		"bind_dn":   func(o *Options) { o.Password.Env = "X" },
		"password":  func(o *Options) { o.BindDN = "cn=x" },
		"base":      func(o *Options) { o.Base = "people" },
		"filter":    func(o *Options) { o.Filter = "objectClass=person)" },
		"mail":      func(o *Options) { o.Mail = []string{"mail)(x"} },
		"logins":    func(o *Options) { o.Logins = map[string]string{"local": "*"} },
		"absent":    func(o *Options) { o.Absent = "departed" },
		"batch":     func(o *Options) { o.Batch = 0 },
		"control":   func(o *Options) { o.Control = "nobody" },
	} {
		o := good
		change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), key+":") {
			t.Errorf("%s: %v", key, err)
		}
	}
	if _, err := New(good, sources.Env{}); err != nil {
		t.Error(err)
	}
}

func TestTheEndOfTheContext(t *testing.T) {
	s := start(t, staff)
	src, err := New(options(s), env())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sink := inventory.NewSink("ldap", inventory.Key{1}, func() time.Time { return today })
	if err := src.(sources.Directory).Resolve(ctx, []inventory.Owner{asked(t, "gitlab", "a", "alice@example.com")}, sink); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
