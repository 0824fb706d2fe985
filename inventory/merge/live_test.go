package merge_test

import (
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/risk"
)

func TestLive(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("LIVE"))
	if n == 0 {
		t.Skip()
	}
	runtime.MemProfileRate = 4096
	base := live()
	say := func(what string) { t.Logf("%-22s %6.1f MiB", what, float64(live()-base)/(1<<20)) }
	sinks := company{n: n}.collect()
	say("sinks")
	bs := batches(sinks)
	say("batches")
	r := merge.Merge(bs, nil)
	say("merged")
	snap := inventory.NewSnapshot(noon, r, false)
	say("indexed")
	f, _ := os.Create("/tmp/live.prof")
	sinks, bs = nil, nil
	say("without sinks")
	pprof.Lookup("heap").WriteTo(f, 0)
	f.Close()
	r.Findings, r.Issues = risk.Judge(snap, risk.DefaultPolicy(), noon)
	say("judged")
	snap = snap.Judged(r.Findings, r.Issues)
	say("again")
	f, _ = os.Create("/tmp/live2.prof")
	pprof.Lookup("heap").WriteTo(f, 0)
	f.Close()
	t.Log(len(r.Findings), len(r.Issues))
	runtime.KeepAlive(snap)
}
