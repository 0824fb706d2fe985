package posture

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// fleet is a source with n assistants, each with a secret, two tool servers and three entitlements. other, which may be nil,
// says which of them are not as they were.
func fleet(n int, other func(i int) bool) Feed {
	return feed("fleet", func(_ context.Context, s inventory.Sink) error {
		for i := range n {
			autonomy, version := inventory.AutonomyAuto, "x"
			if other != nil && other(i) {
				autonomy, version = inventory.AutonomyAsk, "x@2"
			}
			k := fmt.Sprintf("%06d", i)
			a, ev := inventory.ID("ast-"+k), []inventory.Evidence{{Path: "~/p/" + k, Pointer: "/a/b", Line: i}}
			one := s.Secret(inventory.Secret{Kind: "github-pat-classic", Assistants: []inventory.ID{a}, Storage: inventory.StoragePlaintext,
				Locations: []inventory.Location{{Path: "~/p/" + k, Line: 3, Scope: "user"}}}, inventory.NewValue("ghp_FAKE"+k+strings.Repeat("x", 20)))
			s.Assistant(inventory.Assistant{ID: a, Kind: "codex", Name: "Codex", Host: fmt.Sprint("host-", i/20), Path: "~/p/" + k, Class: inventory.ClassNHI, Autonomy: autonomy, Secrets: []inventory.ID{one},
				Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes}, Evidence: ev})
			for j := range 2 {
				s.Tool(inventory.Tool{ID: inventory.ID(fmt.Sprint("tool-", k, j)), Assistant: a, Name: "github", Transport: "stdio", Command: "npx", Args: []string{"-y", version}, Pinned: inventory.No, Enabled: true, Evidence: ev})
			}
			for j, c := range []inventory.Capability{inventory.ReadSource, inventory.WriteSource, inventory.OpenPR} {
				s.Entitlement(inventory.Entitlement{ID: inventory.ID(fmt.Sprint("ent-", k, j)), Assistant: a, Via: string(one), Capability: c, Gate: inventory.GateOpen, Evidence: ev})
			}
		}
		return nil
	})
}

func BenchmarkCollect(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := New(Config{StateDir: filepath.Join(b.TempDir(), "s"), Feeds: []Feed{fleet(n, nil)}, Policy: risk.DefaultPolicy()})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Collect(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPrevious(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "s")
	c := Config{StateDir: dir, Feeds: []Feed{fleet(10000, nil)}, Policy: risk.DefaultPolicy()}
	s, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Collect(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		next, err := New(c)
		if err != nil {
			b.Fatal(err)
		}
		if prev, err := next.Previous(); prev == nil || err != nil {
			b.Fatal(err)
		}
	}
}
