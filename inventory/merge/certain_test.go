package merge

import (
	"testing"
	"time"

	"nhitop/inventory"
)

// A guess of one source neither widens nor narrows what another knows.
func TestCertainGoesBeforeAGuess(t *testing.T) {
	id := inventory.NewID(inventory.NounEntitlement, "x")
	batch := func(source string, es ...inventory.Entitlement) inventory.Batch {
		s := inventory.NewSink(source, inventory.Key{1}, func() time.Time { return time.Unix(1_790_000_000, 0) })
		for _, e := range es {
			e.ID, e.Assistant, e.Via, e.Origin = id, "ast-x", inventory.ViaDelegated, inventory.OriginDirect
			s.Entitlement(e)
		}
		return s.Batch()
	}
	guess := batch("local", inventory.Entitlement{Gate: inventory.GateOpen, Path: []string{"guess"}})
	knows := batch("github", inventory.Entitlement{Gate: inventory.GateAsks, Certain: true, Path: []string{"rule 12"}})
	for _, order := range [][]inventory.Batch{{guess, knows}, {knows, guess}} {
		e := Merge(order, nil).Entitlements[0]
		if e.Gate != inventory.GateAsks || !e.Certain || e.Path[0] != "rule 12" {
			t.Errorf("%+v", e)
		}
	}
	worse := batch("other", inventory.Entitlement{Gate: inventory.GateOpen, Certain: true, Path: []string{"bypass"}})
	if e := Merge([]inventory.Batch{knows, worse, guess}, nil).Entitlements[0]; e.Gate != inventory.GateOpen || e.Path[0] != "bypass" {
		t.Errorf("of two that are certain the worse holds: %+v", e)
	}
}
