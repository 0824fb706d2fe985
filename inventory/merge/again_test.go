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
// is seen again: once everything, once that alone which is different. Those that are others are all of teams in bad order,
// where most findings are, and share a token with nine others each, so that ten times as many are looked at. Measured is
// the judgement, from the snapshot to its findings and issues; how the two snapshots differ is noted where the second is
// put together and takes over the memory of the first (next, beside index, which is the same without a first).
func BenchmarkAgain(b *testing.B) {
	sizes := []int{1_000, 10_000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100_000)
	}
	later := noon.Add(time.Hour)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("records=%d", 10*n), func(b *testing.B) {
			p := risk.DefaultPolicy()
			c, again := company{n: n}, company{n: n, version: 7, at: later}
			first := inventory.NewSnapshot(noon, merge.Merge(batches(c.collect()), nil), false)
			judged := risk.Since(nil, first, p, noon, nil)
			ph := &phases{b: b, took: map[string]time.Duration{}, cpu: map[string]time.Duration{}, bytes: map[string]uint64{}}
			var second *inventory.Snapshot
			once := map[string]time.Duration{}
			for name, before := range map[string]*inventory.Snapshot{"index": nil, "next": first} {
				r := merge.Merge(batches(again.collect()), first)
				runtime.GC()
				used := cpu()
				next := before.Next(later, r, false)
				if once[name] = cpu() - used; before != nil {
					second = next
				}
			}
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
			for name, took := range once {
				b.ReportMetric(float64(took.Milliseconds()), name+"-cpu-ms")
			}
			b.ReportMetric(float64(ph.cpu["all"])/float64(max(1, ph.cpu["changed"])), "times-cheaper")
		})
	}
}
