package merge

import (
	"testing"
	"time"

	"nhitop/inventory"
)

// An assistant that only a token's name spoke for gives way to the one that turns out to hold the token, and leaves it
// what the token opens.
func TestAGuessGivesWayToTheHolder(t *testing.T) {
	now := func() time.Time { return time.Unix(1_790_000_000, 0) }
	value := inventory.NewValue("gh" + "p_FAKEagent0000000000000000000000005wsT")
	forge := func() inventory.Batch {
		s := inventory.NewSink("github", inventory.Key{1}, now)
		x := inventory.NewID(inventory.NounSecret, "told")
		s.Secret(inventory.Secret{ID: x, Kind: "github-pat-classic", Issuer: "github", Assistants: []inventory.ID{"ast-guess"}, Clues: []inventory.Clue{{By: inventory.ClueTail8, Text: "00005wsT"}}}, inventory.Value{})
		s.Assistant(inventory.Assistant{ID: "ast-guess", Kind: "cursor", Name: "cursor agent", Guessed: true, Secrets: []inventory.ID{x}})
		s.Entitlement(inventory.Entitlement{ID: "ent-a", Assistant: "ast-guess", Via: string(x), Capability: inventory.WriteSource, Gate: inventory.GateOpen, Certain: true, Path: []string{"scope repo"}})
		return s.Batch()
	}
	machine := func(ambient bool) inventory.Batch {
		s := inventory.NewSink("local", inventory.Key{1}, now)
		x := s.Secret(inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Ambient: ambient, Assistants: []inventory.ID{"ast-real"}, Locations: []inventory.Location{{Path: "~/.cursor/mcp.json"}}}, value)
		s.Assistant(inventory.Assistant{ID: "ast-real", Kind: "cursor", Name: "Cursor", Secrets: []inventory.ID{x}})
		return s.Batch()
	}
	r := Merge([]inventory.Batch{forge(), machine(false)}, nil)
	if len(r.Assistants) != 1 || r.Assistants[0].ID != "ast-real" || len(r.Secrets) != 1 || len(r.Secrets[0].Assistants) != 1 {
		t.Fatalf("%+v %+v", r.Assistants, r.Secrets)
	}
	if len(r.Entitlements) != 1 || r.Entitlements[0].Assistant != "ast-real" || !r.Entitlements[0].Certain {
		t.Errorf("%+v", r.Entitlements)
	}
	if alone := Merge([]inventory.Batch{forge()}, nil); len(alone.Assistants) != 1 || !alone.Assistants[0].Guessed {
		t.Errorf("a guess that nothing speaks against: %+v", alone.Assistants)
	}
	if both := Merge([]inventory.Batch{forge(), machine(true)}, nil); len(both.Assistants) != 2 {
		t.Errorf("who only inherits a token is not whom it was made for: %+v", both.Assistants)
	}
}
