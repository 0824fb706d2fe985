package github

import (
	"fmt"
	"strings"
	"testing"
)

func TestPeek(t *testing.T) {
	s := scene{world: full()}
	b, err := s.read(t)
	fmt.Println(err)
	r := facts2(b)
	for _, a := range r.Assistants {
		fmt.Println("A", a.Kind, "|", a.Name, a.Scope, a.Status, a.Class, a.Autonomy, a.Sandbox, a.Network, a.Account, "guess", a.Guessed, a.LastUsed.Format("01-02"), "owners", len(a.Owners), "secrets", len(a.Secrets), "tools", len(a.Tools), a.Capabilities)
		for _, e := range a.Evidence {
			fmt.Println("    ", e.Path, e.Note)
		}
	}
	for _, x := range r.Secrets {
		fmt.Println("S", x.Kind, x.Account, x.State, x.Exposure, x.Scopes, "ass", len(x.Assistants), "own", len(x.Owners), x.Hint, x.Note, x.Aliases, "used", x.Used, x.LastUsed.Format("01-02"), x.Locations[0].Path)
	}
	for _, e := range r.Entitlements {
		fmt.Println("E", e.Assistant, e.Via[:8], e.Capability, e.Gate, e.Certain, strings.Join(e.Path, " > "))
	}
	for _, o := range r.Owners {
		fmt.Println("O", o.Kind, o.Name, o.Status, len(o.Evidence))
	}
	for _, x := range r.Resources {
		fmt.Println("R", x.Kind, x.Name, x.Guardrails)
	}
	for _, l := range b.Ledger {
		fmt.Println("L", l.Path, l.State, l.Reason, l.Whole)
	}
	for _, w := range b.Warnings {
		fmt.Println("W", w)
	}
}
