package local_test

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// What the scan found is found again, as the same secret, whatever the form in which it stands.
func TestValuesAreReadAgain(t *testing.T) {
	found, lost := 0, map[string]int{}
	for _, tree := range corpusTrees {
		b := newBench(t, tree)
		snap := b.snapshot()
		before := b.files()
		sink := inventory.NewSink("x", inventory.Key{1}, time.Now)
		for _, x := range snap.Records().Secrets {
			if x.Fingerprint == "" {
				continue
			}
			ok := false
			for _, v := range b.src.(revoke.Keeper).Values(t.Context(), &x, snap) {
				ok = ok || sink.SecretID(v) == x.ID
			}
			if ok {
				found++
			} else {
				lost[x.Kind+" "+x.Locations[0].Form+" "+tree]++
			}
		}
		b.sameFiles("reading "+tree, before)
	}
	t.Logf("%d found again; not: %v", found, lost)
	if found < 70 {
		t.Errorf("only %d", found)
	}
	for what := range lost {
		if !strings.HasPrefix(what, "basic-auth") { // a password is told by the account beside it, which its reader knows
			t.Errorf("not found again: %s", what)
		}
	}
}
