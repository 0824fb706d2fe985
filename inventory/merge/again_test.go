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
	"nhitop/inventory/triage"
)

// BenchmarkAgain judges a second collection, an hour later, in which one assistant in a hundred is another, with nearly all
// of its records, and all the rest is seen again: once everything (all), once that alone which is different (changed).
// Once more where those that are others are all of teams in bad order (worst): there most findings are, and each shares a
// token with nine others, so that ten times as many are looked at.
//
// Measured is the judgement as a service has it, from the snapshot to that which has its findings, with what people decided. How the two snapshots differ is noted where the
// second is put together and takes over the memory of the first: next, beside index, which is the same without a first.
func BenchmarkAgain(b *testing.B) {
	sizes := []int{1_000, 10_000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100_000)
	}
	later := noon.Add(time.Hour)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("records=%d", 10*n), func(b *testing.B) {
			first := inventory.NewSnapshot(noon, merge.Merge(batches(company{n: n}.collect()), nil), false)
			shown, judged := judgedAgain(nil, first, nil)
			once := map[string]time.Duration{}
			put := func(name string, c company, before *inventory.Snapshot) *inventory.Snapshot {
				r := merge.Merge(batches(c.collect()), first)
				runtime.GC()
				used := cpu()
				defer func() { once[name] = cpu() - used }()
				return before.Next(later, r, false)
			}
			put("index", company{n: n, version: 7, at: later}, nil)
			second := put("next", company{n: n, version: 7, at: later}, first)
			worst := put("worst-next", company{n: n, version: 7, at: later, worst: true}, first)
			ph := &phases{b: b, took: map[string]time.Duration{}, cpu: map[string]time.Duration{}, bytes: map[string]uint64{}}
			for b.Loop() {
				var s [3]*inventory.Snapshot
				runtime.GC()
				ph.run("all", func() { s[0], _ = judgedAgain(nil, second, nil) })
				runtime.GC()
				ph.run("changed", func() { s[1], _ = judgedAgain(judged, second, shown) })
				runtime.GC()
				ph.run("worst", func() { s[2], _ = judgedAgain(judged, worst, shown) })
				all, some := s[0].Records(), s[1].Records()
				if len(s[2].Records().Findings) == 0 || len(all.Findings) != len(some.Findings) || len(all.Issues) != len(some.Issues) {
					b.Fatal("another judgement")
				}
			}
			ph.report()
			for name, took := range once {
				b.ReportMetric(float64(took.Milliseconds()), name+"-cpu-ms")
			}
			b.ReportMetric(float64(ph.cpu["all"])/float64(max(1, ph.cpu["changed"])), "times-cheaper")
			b.ReportMetric(float64(ph.cpu["all"])/float64(max(1, ph.cpu["worst"])), "times-cheaper-worst")
		})
	}
}

// judgedAgain judges a snapshot as a service does, after another one, of which it has the judgement and the snapshot that was
// judged.
func judgedAgain(prev *risk.Judgement, s, shown *inventory.Snapshot) (*inventory.Snapshot, *risk.Judgement) {
	j := risk.Since(prev, s, risk.DefaultPolicy(), s.At(), func(fs []inventory.Finding) { triage.Judged(fs, nil, s.At()) })
	return s.JudgedAfter(shown, j.From(), j.Findings, j.Issues), j
}

// cost is what a piece of work takes whatever the machine.
type cost struct{ bytes, mallocs uint64 }

func costOf(work func()) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return cost{after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs}
}

// A judgement for which one assistant in a hundred is another asks about at most one subject in thirty, one in twenty where those
// are of the teams that share most; it allocates less than a twentieth as often, and less than a third as much: findings are
// copied. That grows as the records do.
func TestJudgingAgainIsLittle(t *testing.T) {
	later := noon.Add(time.Hour)
	again := func(n int, c company, most int) (whole, some cost) {
		first := inventory.NewSnapshot(noon, merge.Merge(batches(company{n: n}.collect()), nil), false)
		second := first.Next(later, merge.Merge(batches(c.collect()), first), false)
		shown, judged := judgedAgain(nil, first, nil)
		var j *risk.Judgement
		whole = costOf(func() { judgedAgain(nil, second, nil) })
		some = costOf(func() { _, j = judgedAgain(judged, second, shown) })
		asked, of := j.Asked()
		if asked == 0 || most*asked > of {
			t.Errorf("%+v: asked about %d of %d subjects", c, asked, of)
		}
		return whole, some
	}
	again(100, company{n: 100, version: 7, at: later}, 1) // what is set up once
	_, small := again(1000, company{n: 1000, version: 7, at: later}, 30)
	whole, some := again(10000, company{n: 10000, version: 7, at: later}, 30)
	if 20*some.mallocs > whole.mallocs || 3*some.bytes > whole.bytes {
		t.Errorf("%+v, and judging everything %+v", some, whole)
	}
	if some.bytes > 12*small.bytes || some.mallocs > 12*small.mallocs+1000 {
		t.Errorf("ten times the records cost %+v, were %+v", some, small)
	}
	again(1000, company{n: 1000, version: 7, at: later, worst: true}, 20)
}
