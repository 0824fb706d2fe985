package posture

import (
	"os"
	"runtime/debug"
)

// largeInventory is the number of records from which memory is worth more than the collector's time.
const largeInventory = 100_000

// GCPercent is how much garbage, in percent of what is in use, may pile up while an inventory of so many records is merged
// and judged. A small one is done before it matters; a large one would ask the machine for as much again as it is.
func GCPercent(records int) int {
	if records < largeInventory {
		return 100
	}
	return 25
}

// spare sets the garbage collector to the size of the inventory, unless the user has set it.
func spare(records int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(GCPercent(records))
	}
}
