package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory/report"
)

// scan --filter knows every key and every rank that the list of findings is filtered by.
func TestScanFiltersByTheKeysOfTheList(t *testing.T) {
	for _, c := range findingList(nil).cols {
		if !slices.Contains(report.FilterKeys(), c.Key) {
			t.Errorf("the list of findings has the key %s, and scan --filter has not", c.Key)
		}
	}
	for _, rank := range decisionRanks {
		for name := range strings.SplitSeq(rank, "|") {
			if _, err := report.ParseFilter("risk>="+name, time.Time{}); err != nil {
				t.Error(err)
			}
		}
	}
}
