package posture

import (
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// What was committed in one file leaked together; what only stands beside it on the disk, or is ended, did not.
func TestLeakedWith(t *testing.T) {
	in := func(path string, committed inventory.Answer) []inventory.Location {
		return []inventory.Location{{Path: "/elsewhere"}, {Path: path, Committed: committed}}
	}
	snap := inventory.NewSnapshot(noon, inventory.Records{Secrets: []inventory.Secret{
		{ID: "sec-1", Kind: "a", Hint: "aaaa", Locations: in("/w/.mcp.json", inventory.Yes)},
		{ID: "sec-2", Kind: "b", Hint: "bbbb", Locations: in("/w/.mcp.json", inventory.Yes)},
		{ID: "sec-3", Kind: "c", Locations: in("/w/.mcp.json", inventory.Yes), State: inventory.StateRevoked},
		{ID: "sec-4", Kind: "d", Locations: in("/w/.env", inventory.No)},
		{ID: "sec-5", Kind: "e", Locations: in("/w/.env", inventory.No)},
		{ID: "sec-6", Kind: "f", Locations: in("/w/other", inventory.Yes)},
	}}, false)
	for id, want := range map[inventory.ID][]inventory.ID{"sec-1": {"sec-2"}, "sec-2": {"sec-1"}, "sec-4": nil, "sec-6": nil} {
		var got []inventory.ID
		for _, x := range leakedWith(snap, snap.Secret(id)) {
			got = append(got, x.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("with %s: %v, want %v", id, got, want)
		}
	}
	one := &Incident{Held: revoke.Held{ID: "sec-1", Kind: "a"}, Hint: "aaaa", With: leakedWith(snap, snap.Secret("sec-1"))}
	if ts, names := one.targets(snap); len(ts) != 1 || len(names) != 1 {
		t.Errorf("%v %v", ts, names)
	}
	if ts, names := one.Together().targets(snap); len(ts) != 2 || ts[1].ID != "sec-2" || !slices.Equal(names, []string{"a …aaaa", "b …bbbb"}) {
		t.Errorf("%v %v", ts, names)
	}
}
