package inventory

import (
	"fmt"
	"strings"
	"testing"
)

// What is clean comes in for nearly nothing: a million records must not cost millions of small pieces of memory.
func TestSinkAllocations(t *testing.T) {
	ev := []Evidence{{Path: "~/work/repo/.claude/settings.json", Pointer: "/permissions", Line: 3}}
	v := NewValue("gh" + "p_FAKE" + strings.Repeat("x", 30))
	e := Entitlement{ID: "ent-1", Assistant: "ast-1", Via: "sec-1", Capability: ReadSource, Path: []string{"a token", "may write"}, Evidence: ev}
	tl := Tool{ID: "tool-1", Assistant: "ast-1", Name: "github", Args: []string{"-y", "x"}, EnvNames: []string{"TOKEN"}, Secrets: []ID{"sec-1"}, Evidence: ev}
	a := Assistant{ID: "ast-1", Kind: "codex", Path: "~/work/repo", Secrets: []ID{"sec-1"}, Settings: []Setting{{Kind: SettingMode, Name: "mode"}}, Evidence: ev}
	x := Secret{Kind: "github-pat-classic", Assistants: []ID{"ast-1"}, Locations: []Location{{Path: "~/x"}}}
	for name, c := range map[string]struct {
		put  func(Sink)
		most float64 // for each record
	}{
		"entitlement": {func(s Sink) { s.Entitlement(e) }, 0.1},
		"tool":        {func(s Sink) { s.Tool(tl) }, 0.1},
		"assistant":   {func(s Sink) { s.Assistant(a) }, 0.1},
		"reference":   {func(s Sink) { s.Reference(Reference{ID: "ref-1", Kind: "env", Text: "TOKEN"}) }, 0.1},
		// Its fingerprint and aliases are made by hashes that are used again; under the race detector a pool forgets some of them.
		"secret": {func(s Sink) { s.Secret(x, v) }, 20},
	} {
		s := NewSink("local", Key{}, clock)
		const each = 2000
		got := testing.AllocsPerRun(3, func() {
			for range each {
				c.put(s)
			}
		}) / each
		if got > c.most {
			t.Errorf("%s: %.2f allocations for one, at most %.2f", name, got, c.most)
		}
	}
}

func TestSnapshotAllocations(t *testing.T) {
	for _, n := range []int{1000, 10000} {
		r := company(n)
		got := testing.AllocsPerRun(1, func() { NewSnapshot(noon, r, false) })
		// Each new key of a map of lists would be one at least; a guardrail that is not set is an empty map.
		if most := float64(2*n + 500); got > most {
			t.Errorf("%d assistants with their records: %.0f allocations, at most %.0f", n, got, most)
		}
		s := NewSnapshot(noon, r, false)
		if got := testing.AllocsPerRun(1, func() { s.Judged(r.Findings, r.Issues) }); got > 300 {
			t.Errorf("findings taken in: %.0f allocations", got)
		}
		if got := testing.AllocsPerRun(5, func() { s.EntitlementsOf("sec-004"); s.Assistant("ast-004"); s.FindingsOf("none") }); got != 0 {
			t.Errorf("looking up: %.0f allocations", got)
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	for _, n := range []int{8, 21, 64} {
		s := strings.Repeat("a", n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if !plain(s) {
					b.Fatal("it is plain")
				}
			}
		})
	}
}

func TestPlainLooksAtEveryByte(t *testing.T) {
	for n := 1; n < 40; n++ {
		for at := range n {
			for c := range 256 {
				s := []byte(strings.Repeat("~", n))
				s[at] = byte(c)
				if got, want := plain(string(s)), c >= ' ' && c <= '~'; got != want {
					t.Fatalf("%q: %v, want %v", s, got, want)
				}
			}
		}
	}
}
