package posture

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// A leaver's assistants inherit what stands in their home. It goes with them where nobody else's assistant reaches it, and what
// the plan leaves is named.
func TestALeaverHoldsWhatTheirAssistantsInherit(t *testing.T) {
	r := inventory.Records{
		Owners: []inventory.Owner{{ID: "own-alice", Kind: "person", Name: "Alice"}, {ID: "own-bob", Kind: "person", Name: "Bob"}},
		Assistants: []inventory.Assistant{
			{ID: "ast-a", Name: "Claude Code", Owners: []inventory.ID{"own-alice"}, Secrets: []inventory.ID{"sec-own", "sec-home", "sec-shared"}},
			{ID: "ast-b", Name: "Codex", Owners: []inventory.ID{"own-bob"}, Secrets: []inventory.ID{"sec-shared"}},
		},
		Secrets: []inventory.Secret{
			{ID: "sec-own", Kind: "github-pat-classic", Assistants: []inventory.ID{"ast-a"}},
			{ID: "sec-home", Kind: "aws-secret-key", Ambient: true, Assistants: []inventory.ID{"ast-a"}, Locations: []inventory.Location{{Path: "~/.aws/credentials"}}},
			{ID: "sec-shared", Kind: "docker-token", Ambient: true, Assistants: []inventory.ID{"ast-a", "ast-b"}},
		},
	}
	snap := inventory.NewSnapshot(noon, r, false)
	targets := allOf(snap, []revoke.Target{{ID: "own-alice"}})
	want := []revoke.Target{{ID: "own-alice"}, {ID: "ast-a", Action: revoke.ActionAll}, {ID: "sec-home"}}
	if !slices.Equal(targets, want) {
		t.Errorf("%v, want %v", targets, want)
	}
	left := strings.Join(untaken(snap, targets, []revoke.Step{{Target: "sec-own"}}), "\n")
	if left != "not in this plan: aws-secret-key in ~/.aws/credentials, which no source here can end\nnot in this plan: docker-token, which it inherits from the account that it runs as" {
		t.Error(left)
	}
	if left := untaken(snap, targets, []revoke.Step{{Target: "sec-own", Holds: []inventory.ID{"sec-home"}}, {Target: "x", With: []inventory.ID{"sec-shared"}}}); len(left) != 0 {
		t.Error(left)
	}
	if left := untaken(snap, []revoke.Target{{ID: "sec-home", Action: revoke.ActionRemoveSecret}}, nil); len(left) != 0 {
		t.Error(left)
	}
}
