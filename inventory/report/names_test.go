package report

import (
	"slices"
	"testing"
	"time"

	"nhitop/inventory"
)

// A responder may have an app's slug or a fingerprint only.
func TestFindBySlugAndFingerprint(t *testing.T) {
	s := inventory.NewSnapshot(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), inventory.Records{
		Assistants: []inventory.Assistant{{ID: "ast-1", Kind: "codex", Name: "Codex", Account: "chatgpt-codex-connector[bot]"}, {ID: "ast-2", Kind: "claude-code", Name: "Claude Code", Account: "alice"}},
		Secrets:    []inventory.Secret{{ID: "sec-1", Kind: "jwt", Fingerprint: "0badc0defa4e"}, {ID: "sec-2", Kind: "pem"}},
	}, false)
	for word, want := range map[string][]inventory.ID{
		"chatgpt-codex-connector": {"ast-1"}, "chatgpt-codex-connector[bot]": {"ast-1"}, "0badc0defa4e": {"sec-1"}, "alice": nil, "0badc0de": nil, "": nil,
	} {
		if got := Find(s, word); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}
