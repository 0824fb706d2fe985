package inventory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Numbers must decide as the comparison of the records does.
func TestArrangeIsSorting(t *testing.T) {
	words := []string{"", "a", "aa", "ab", "b", "claude-code", "claude-codex", "claude", "\x00", "é", "zz"}
	for seed := range uint64(200) {
		g := rand.New(rand.NewPCG(seed, 3))
		word := func() string { return words[g.IntN(len(words))] + words[g.IntN(len(words))] }
		var as []Assistant
		var es []Entitlement
		var fs []Finding
		for i := range g.IntN(40) {
			as = append(as, Assistant{Kind: words[g.IntN(len(words))], Host: "host-" + word(), Path: word(), ID: ID(fmt.Sprint(i))})
			es = append(es, Entitlement{Assistant: ID("ast-" + word()), Capability: Capability(word()), ID: ID(fmt.Sprint(i))})
			fs = append(fs, Finding{Decision: []Decision{ActNow, Attend, Track, ""}[g.IntN(4)], Score: g.IntN(4)*(1<<22) - (1 << 22) + g.IntN(3), Rule: word(), ID: ID(fmt.Sprint(i))})
		}
		arranged(t, as, compareAssistants, byWord(func(x *Assistant) string { return x.Kind }, func(x *Assistant) string { return x.Host }), func(x *Assistant) ID { return x.ID })
		arranged(t, es, compareEntitlements, byText(func(x *Entitlement) string { return string(x.Assistant) }), func(x *Entitlement) ID { return x.ID })
		arranged(t, fs, compareFindings, byUrgency, func(x *Finding) ID { return x.ID })
	}
}

func arranged[T any](t *testing.T, xs []T, compare func(a, b *T) int, keys func([]T) []ref, id func(*T) ID) {
	t.Helper()
	want := slices.Clone(xs)
	slices.SortFunc(want, func(a, b T) int { return compare(&a, &b) }) // ids make the order total
	arrange(xs, compare, keys)
	for i := range xs {
		if id(&xs[i]) != id(&want[i]) {
			t.Fatalf("place %d of %d holds %+v, want %+v", i, len(xs), xs[i], want[i])
		}
	}
}

func TestManyWords(t *testing.T) {
	var xs []Owner
	const n = 1<<16 + 10
	for i := range n {
		xs = append(xs, Owner{Name: fmt.Sprintf("name-%05x", i*7919%n), ID: ID(fmt.Sprint(i))})
	}
	arranged(t, xs, compareOwners, byWord(func(x *Owner) string { return x.Name }, func(x *Owner) string { return x.Email }), func(x *Owner) ID { return x.ID })
}

// Links of many ids and records: what a map of lists would hold.
func TestGroupIsAMapOfLists(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 1))
	var xs []Entitlement
	want := map[ID][]*Entitlement{}
	for range 3000 {
		some := func(noun string) ID { return ID(fmt.Sprint(noun, g.IntN(400))) }
		xs = append(xs, Entitlement{Assistant: some("ast-"), Resource: some("res-"), Via: string(some([]string{"sec-", "res-", ""}[g.IntN(3)]))})
	}
	for i := range xs {
		for _, id := range slices.Compact(slices.Sorted(slices.Values([]ID{xs[i].Assistant, xs[i].Resource, ID(xs[i].Via)}))) {
			want[id] = append(want[id], &xs[i])
		}
	}
	got := group(xs, 3, func(l *linker, x *Entitlement) { l.link(x.Assistant, x.Resource, ID(x.Via)) })
	for id, w := range want {
		if list := got.get(id); !slices.Equal(list, w) || cap(list) != len(list) {
			t.Errorf("%s: %d of capacity %d, want %d", id, len(list), cap(list), len(w))
		}
	}
	if len(got.keys) != len(want) || got.get("res-none") != nil || got.get("") != nil {
		t.Errorf("%d keys, want %d", len(got.keys), len(want))
	}
}

func TestJudgedIsANewSnapshotOfTheSameFacts(t *testing.T) {
	r := company(50)
	fs, is := r.Findings, []Issue{{ID: "iss-1"}}
	r.Findings = nil
	plain := NewSnapshot(noon, r, true)
	judged := plain.Judged(slices.Clone(fs), is)
	full := r
	full.Findings, full.Issues = slices.Clone(fs), is
	want := NewSnapshot(noon, full, true)
	if len(plain.Records().Findings) != 0 || plain.Finding("find-001") != nil || plain.Posture().Decisions[ActNow] != 0 {
		t.Error("the snapshot that was judged has changed")
	}
	if !slices.EqualFunc(judged.Records().Findings, want.Records().Findings, func(a, b Finding) bool { return a.ID == b.ID }) ||
		len(judged.FindingsOf("ast-004")) != 1 || judged.Finding("find-004") == nil || judged.Posture().Decisions[ActNow] != want.Posture().Decisions[ActNow] ||
		judged.Records().Issues[0].Closes == nil || !judged.Partial() || judged.Assistant("ast-004") != plain.Assistant("ast-004") {
		t.Error("it is not the snapshot that NewSnapshot makes of all")
	}
}
