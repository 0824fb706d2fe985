package ldap

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
)

// staffed is a directory of a large company: every tenth has a manager of their own, every twentieth has left.
func staffed(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "dn: uid=u%d,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nobjectClass: acmePerson\nuid: u%d\ncn: User %d\nsn: User\nmail: u%d@example.com\ngithubLogin: gh-%d\nmanager: uid=u%d,ou=people,dc=example,dc=com\ndepartmentNumber: D%d\n",
			i, i, i, i, i, i/10, i%40)
		if i%20 == 0 {
			b.WriteString("pwdAccountLockedTime: 000001010000Z\n")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ownersOf are whom n assistants name: two of three by address, one by the login at a forge.
func ownersOf(t testing.TB, n, people int) []inventory.Owner {
	var who []inventory.Owner
	for i := range n {
		k := i * 7 % people
		if i%3 == 2 {
			who = append(who, asked(t, "github:acme", fmt.Sprintf("gh-%d", k), ""))
			continue
		}
		who = append(who, asked(t, "local", fmt.Sprintf("User %d", k), fmt.Sprintf("u%d@example.com", k)))
	}
	return who
}

// The owners of 10,000 assistants in a directory of 50,000 people cost what they are, not what the directory is.
func TestOwnersOfTenThousandAssistants(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a directory with 50,000 people")
	}
	s := start(t, staffed(50_000))
	who := ownersOf(t, 10_000, 50_000)
	got, b, err := resolve(t, options(s), who...)
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, o := range got {
		if o.Status == inventory.OwnerDeparted {
			left++
		}
	}
	if len(got) != 10_000 || left != 500 {
		t.Errorf("%d people, of whom %d have left", len(got), left)
	}
	// 6,667 by two attributes of an address and 3,333 by a login: 16,667 terms in 84 searches; one for what the server is, 18 for the managers.
	if last := b.Ledger[len(b.Ledger)-1]; !strings.Contains(last.Reason, "10000 people asked about with 103 searches, 10000 there") {
		t.Errorf("searches: %s", last.Reason)
	}
	o := options(s)
	o.URL = "ldap://" + address(t)
	if got, _, err = resolve(t, o, who...); err == nil || len(got) != 0 {
		t.Errorf("a directory that is down: %v, %d people", err, len(got))
	}
}

func BenchmarkTenThousandAssistants(b *testing.B) {
	s := start(b, staffed(50_000))
	who := ownersOf(b, 10_000, 50_000)
	src, err := New(options(s), env())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var most uint64
	for b.Loop() {
		runtime.GC()
		sink := inventory.NewSink("ldap", inventory.Key{1}, env().Now)
		if err := src.(sources.Directory).Resolve(b.Context(), who, sink); err != nil {
			b.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapSys)
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
}
