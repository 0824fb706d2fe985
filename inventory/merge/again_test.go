package merge_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/risk"
)

// BenchmarkAgain judges a second collection, an hour later, in which one assistant in a hundred is another and all the rest
// is seen again: once everything, once that alone which is different.
func BenchmarkAgain(b *testing.B) {
	sizes := []int{1_000, 10_000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100_000)
	}
	later := noon.Add(time.Hour)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("records=%d", 10*n), func(b *testing.B) {
			p := risk.DefaultPolicy()
			snapshot := func(c company, before *inventory.Snapshot) *inventory.Snapshot {
				return inventory.NewSnapshot(c.time(), merge.Merge(batches(c.collect()), before), false)
			}
			first := snapshot(company{n: n}, nil)
			second := snapshot(company{n: n, version: 7, at: later}, first)
			judged := risk.Since(nil, first, p, noon, nil)
			ph := &phases{b: b, took: map[string]time.Duration{}, cpu: map[string]time.Duration{}, bytes: map[string]uint64{}}
			for b.Loop() {
				var all, some *risk.Judgement
				runtime.GC()
				ph.run("all", func() { all = risk.Since(nil, second, p, later, nil) })
				runtime.GC()
				ph.run("changed", func() { some = risk.Since(judged, second, p, later, nil) })
				if len(all.Findings) != len(some.Findings) || len(all.Issues) != len(some.Issues) {
					b.Fatal("another judgement")
				}
			}
			ph.report()
			b.ReportMetric(float64(ph.cpu["all"])/float64(max(1, ph.cpu["changed"])), "times-cheaper")
		})
	}
}
