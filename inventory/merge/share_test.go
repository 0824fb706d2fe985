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

// Holding what the snapshot before holds changes no record and no batch.
func TestSharingChangesNothing(t *testing.T) {
	before := inventory.NewSnapshot(noon, merge.Merge(batches(company{n: 200}.collect()), nil), false)
	was := text(t, before.Records())
	bs := batches(company{n: 210, version: 3, at: noon.Add(time.Hour)}.collect())
	said := text(t, bs)
	alone, shared := merge.Merge(bs, nil), merge.Merge(bs, before)
	for i := range shared.Assistants { // that is carried over on purpose
		shared.Assistants[i].FirstSeen, alone.Assistants[i].FirstSeen = time.Time{}, time.Time{}
	}
	if text(t, shared) != text(t, alone) {
		t.Error("other records")
	}
	if text(t, bs) != said {
		t.Error("a batch was written to")
	}
	if text(t, before.Records()) != was {
		t.Error("the snapshot before was written to")
	}
	s := inventory.NewSnapshot(noon, shared, false)
	n := 0
	for _, e := range s.Records().Entitlements {
		if b := before.Entitlement(e.ID); b != nil && unsafe.StringData(string(e.Assistant)) == unsafe.StringData(string(b.Assistant)) && &e.Path[0] == &b.Path[0] {
			n++
		}
	}
	if n != 1000 {
		t.Errorf("%d of 1000 entitlements share their texts", n)
	}
	if d := s.Since(before); len(d.Assistants.Changed) != 12 || len(d.Entitlements.Changed) != 50 || len(d.Assistants.Gone) != 0 {
		t.Errorf("%d assistants and %d entitlements are others", len(d.Assistants.Changed), len(d.Entitlements.Changed))
	}
}
