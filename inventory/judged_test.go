package inventory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// court makes lists of findings that follow on each other.
type court struct {
	rnd            *rand.Rand
	made, subjects int
}

// finding is about a secret and concerns some assistants.
func (c *court) finding() Finding {
	c.made++
	f := Finding{ID: ID(fmt.Sprintf("find-%016d", c.made)), Rule: fmt.Sprint("r", c.rnd.IntN(4)), State: []string{"open", "flagged", "accepted"}[c.rnd.IntN(3)]}
	return c.about(f)
}

// about gives a finding another subject and weight.
func (c *court) about(f Finding) Finding {
	f.Decision, f.Score = []Decision{ActNow, Attend, Track}[c.rnd.IntN(3)], c.rnd.IntN(5)
	f.Subject, f.Assistants = ID(fmt.Sprint("sec-", c.rnd.IntN(c.subjects))), nil
	for range c.rnd.IntN(4) {
		f.Assistants = append(f.Assistants, ID(fmt.Sprint("ast-", c.rnd.IntN(c.subjects))))
	}
	return f
}

// next changes about one of so many findings, drops as many, makes as many new, and tells where each stood.
func (c *court) next(fs []Finding, one int) ([]Finding, []int32) {
	type stood struct {
		f    Finding
		from int32
	}
	var all []stood
	for i, f := range fs {
		switch c.rnd.IntN(3 * one) {
		case 0:
		case 1:
			all = append(all, stood{c.about(f), -1}) // its id is that of one that is gone
		case 2:
			all = append(all, stood{f, int32(i)}, stood{c.finding(), -1})
		default:
			all = append(all, stood{f, int32(i)})
		}
	}
	for range c.rnd.IntN(1 + len(fs)/(2*one)) {
		all = append(all, stood{c.finding(), -1})
	}
	slices.SortFunc(all, func(a, b stood) int { return compareFindings(&a.f, &b.f) })
	next, from := make([]Finding, len(all)), make([]int32, len(all))
	for i, x := range all {
		next[i], from[i] = x.f, x.from
	}
	return next, from
}

// What is looked up in findings that follow on others is what is looked up in them alone, however many rounds.
func TestJudgedAfterIsJudged(t *testing.T) {
	for seed := range uint64(5) {
		c := &court{rnd: rand.New(rand.NewPCG(seed, 7)), subjects: 40 + 30*int(seed)}
		plain := NewSnapshot(noon, company(3), false)
		var fs []Finding
		for range 5 + 12*int(seed*seed) {
			fs = append(fs, c.finding())
		}
		slices.SortFunc(fs, func(a, b Finding) int { return compareFindings(&a, &b) })
		before := plain.Judged(fs, nil)
		for round := range 28 {
			if round%10 == 9 { // other records have other numbers
				c.subjects *= 2
			}
			next, from := c.next(before.Records().Findings, []int{50, 5, 1, 200}[round%4])
			want := plain.Judged(slices.Clone(next), nil)
			got := plain.JudgedAfter(before, from, next, nil)
			sameFindings(t, fmt.Sprintf("seed %d, round %d", seed, round), got, want, c)
			before = got
		}
	}
}

func sameFindings(t *testing.T, when string, got, want *Snapshot, c *court) {
	t.Helper()
	ids := func(fs []*Finding) (ids []ID) {
		for _, f := range fs {
			ids = append(ids, f.ID)
		}
		return ids
	}
	for i := range c.made + 2 {
		id := ID(fmt.Sprintf("find-%016d", i))
		if a, b := got.Place(NounFinding, id), want.Place(NounFinding, id); a != b {
			t.Fatalf("%s: %s stands at %d, should be %d", when, id, a, b)
		}
	}
	for i := range c.subjects + 2 {
		for _, noun := range []string{"sec-", "ast-"} {
			id := ID(fmt.Sprint(noun, i))
			a, b := got.FindingsOf(id), want.FindingsOf(id)
			if !slices.Equal(ids(a), ids(b)) || (a == nil) != (b == nil) {
				t.Fatalf("%s: findings of %s are %v, should be %v", when, id, ids(a), ids(b))
			}
			for _, f := range a {
				if f != got.Finding(f.ID) {
					t.Fatalf("%s: %s of %s is not that of the list", when, f.ID, id)
				}
			}
		}
	}
	if a, b := fmt.Sprint(got.Posture()), fmt.Sprint(want.Posture()); a != b {
		t.Fatalf("%s: posture %s, should be %s", when, a, b)
	}
	if n := len(got.findings.slots); n < 2*len(got.Records().Findings) {
		t.Fatalf("%s: %d slots for %d findings", when, n, len(got.Records().Findings))
	}
	if n := len(got.findingsOf.keys); n > 2*len(want.findingsOf.keys)+4 {
		t.Fatalf("%s: %d keys, of which %d are needed", when, n, len(want.findingsOf.keys))
	}
}

// Where one finding in a hundred is another, ids are looked at for those alone and for what stands beside them.
func TestJudgedAfterLooksAtFew(t *testing.T) {
	c := &court{rnd: rand.New(rand.NewPCG(1, 7)), subjects: 4000}
	var fs []Finding
	for range 10_000 {
		fs = append(fs, c.finding())
	}
	slices.SortFunc(fs, func(a, b Finding) int { return compareFindings(&a, &b) })
	asked := 0
	id := func(f *Finding) ID { asked++; return f.ID }
	x := index(fs, id)
	g, l := grouped(fs, 3, linkFinding)
	next, from := c.next(fs, 100)
	asked = 0
	x.moved(next, from)
	linked := 0
	regroup(&g, &l, next, from, func(l *linker, f *Finding) { linked++; linkFinding(l, f) })
	if asked == 0 || asked > 1500 || linked == 0 || linked > 300 {
		t.Errorf("of %d findings, %d ids were looked at and %d were linked", len(next), asked, linked)
	}
	s := NewSnapshot(noon, company(3), false)
	before := s.Judged(fs, nil)
	if got := testing.AllocsPerRun(3, func() { s.JudgedAfter(before, from, next, nil) }); got > 40 {
		t.Errorf("%.0f allocations", got)
	}
}
