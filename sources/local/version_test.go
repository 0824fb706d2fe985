package local

import (
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
)

// A file of a version of its format that the catalogue does not know is read, and the ledger says that it may say more.
func TestFormatOfUnknownVersion(t *testing.T) {
	for text, state := range map[string]string{
		`{"$version":4,"mcpServers":{"a":{"command":"a"}}}`: inventory.LookedRead,
		`{"$version":5,"mcpServers":{"a":{"command":"a"}}}`: inventory.LookedVersion,
		`{"mcpServers":{"a":{"command":"a"}}}`:              inventory.LookedRead,
	} {
		home := realTemp(t)
		plant(t, home, map[string]string{".qwen/settings.json": text})
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{realTemp(t)}})
		got.lookedState(t, "~/.qwen/settings.json", state)
		if len(got.Records.Tools) != 1 {
			t.Errorf("%s: %d servers", text, len(got.Records.Tools))
		}
	}
}
