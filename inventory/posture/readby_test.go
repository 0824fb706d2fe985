package posture

import (
	"testing"

	"nhitop/inventory"
)

func TestWhatALedgerCovers(t *testing.T) {
	read := readBy([]inventory.Looked{
		{Path: "https://a.example/orgs/acme", State: inventory.LookedRead},
		{Path: "https://a.example/orgs/acme/installations", State: inventory.LookedRead, Whole: true},
		{Path: "https://a.example/orgs/acme/tokens", State: inventory.LookedDenied, Reason: "no permission"},
		{Path: "https://a.example/repos/acme", State: inventory.LookedRead, Whole: true},
		{Path: "https://a.example/repos/acme/web/keys", State: inventory.LookedFailed, Reason: "500"},
		{Path: "~/gone", State: inventory.LookedAbsent},
		{Path: "~/twice", State: inventory.LookedRead},
		{Path: "~/twice", State: inventory.LookedUnparsed},
	})
	for path, want := range map[string]bool{
		"https://a.example/orgs/acme":                      true,
		"https://a.example/orgs/acme/installations/7":      true,
		"https://a.example/orgs/acme/tokens":               false,
		"https://a.example/orgs/acme/tokens/7":             false,
		"https://a.example/orgs/acme/other/7":              false, // one object that was read says nothing of what is below it
		"https://a.example/repos/acme/web/contents/a.yml":  true,
		"https://a.example/repos/acme/web/keys/7":          false, // the nearest line decides
		"https://a.example/repos/other/web/contents/a.yml": false,
		"~/gone":      true,
		"~/gone/file": false,
		"~/twice":     false,
		"~/never":     false,
	} {
		if got := read(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
