package posture

import (
	"testing"
	"time"

	"nhitop/inventory"
)

// A state that is shown while a source is at work takes nothing from what the source goes on writing.
func TestALedgerThatIsShownStaysAsItIs(t *testing.T) {
	s := inventory.NewSink("local", inventory.Key{1}, time.Now)
	for _, path := range []string{"~/c", "~/a", "~/a", "~/b"} {
		s.Looked(inventory.Looked{Path: path, State: inventory.LookedRead})
		s.Warn(inventory.Warning{Path: path, Text: "x"})
	}
	b := s.Batch()
	if n, w := len(ledger(b.Ledger)), len(warnings(b.Warnings)); n != 3 || w != 3 {
		t.Errorf("%d lines, %d warnings", n, w)
	}
	for i, want := range []string{"~/c", "~/a", "~/a", "~/b"} {
		if again := s.Batch(); again.Ledger[i].Path != want || again.Warnings[i].Path != want {
			t.Errorf("line %d is another: %q", i, again.Ledger[i].Path)
		}
	}
}
