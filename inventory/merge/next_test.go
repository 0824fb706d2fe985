package merge_test

import (
	"encoding/json"
	"testing"
	"time"
	"unsafe"

	"nhitop/inventory"
	"nhitop/inventory/merge"
)

func text(t *testing.T, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Following on the snapshot before changes no record and no batch.
func TestFollowingChangesNothing(t *testing.T) {
	before := inventory.NewSnapshot(noon, merge.Merge(batches(company{n: 200}.collect()), nil), false)
	was := text(t, before.Records())
	bs := batches(company{n: 210, version: 3, at: noon.Add(time.Hour)}.collect())
	said := text(t, bs)
	s := before.Next(noon, merge.Merge(bs, before), false)
	if text(t, s.Records()) != text(t, inventory.NewSnapshot(noon, merge.Merge(bs, before), false).Records()) {
		t.Error("other records")
	}
	if text(t, bs) != said {
		t.Error("a batch was written to")
	}
	if text(t, before.Records()) != was {
		t.Error("the snapshot before was written to")
	}
	n := 0
	for _, e := range s.Records().Entitlements {
		if b := before.Entitlement(e.ID); b != nil && unsafe.StringData(string(e.Assistant)) == unsafe.StringData(string(b.Assistant)) && &e.Path[0] == &b.Path[0] {
			n++
		}
	}
	if n != 1000 {
		t.Errorf("%d of 1000 entitlements share their texts", n)
	}
	if d := s.Since(before); len(d.Assistants.Changed) != 12 || len(d.Entitlements.Changed) != 60 || len(d.Assistants.Gone) != 0 {
		t.Errorf("%d assistants and %d entitlements are others", len(d.Assistants.Changed), len(d.Entitlements.Changed))
	}
}
