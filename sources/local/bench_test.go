package local

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
)

// BenchmarkScan measures a whole collection of trees that grow tenfold, with 60 assistant files in each. The metric
// x-of-stat is its time as a multiple of that of `find TREE -type f | xargs stat` on the same warm tree, ns/file its cost per
// file: it must not grow with the tree; peak-MiB is the highest memory of the process so far, the making of the trees included. NHITOP_BENCH_FILES=500000 adds one more size.
//
//	go test -run '^$' -bench Scan -benchtime 5x ./sources/local
func BenchmarkScan(b *testing.B) {
	sizes := []int{5_000, 50_000}
	if n, err := strconv.Atoi(os.Getenv("NHITOP_BENCH_FILES")); err == nil && n > 0 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("files=%d", n), func(b *testing.B) { benchmarkTree(b, n) })
	}
}

func benchmarkTree(b *testing.B, n int) {
	root, home := realTemp(b), realTemp(b)
	generate(b, root, n, 60)
	plant(b, home, map[string]string{".claude.json": `{"oauthAccount":{"emailAddress":"dev@example.com"}}`})
	src, err := New(testOptions(b), sources.Env{Home: home, Paths: []string{root}, Explicit: true})
	must(b, err)
	stat := statTime(b, root)
	b.ReportAllocs()
	var found int
	for b.Loop() {
		sink := inventory.NewSink("local", inventory.Key{}, time.Now)
		must(b, src.Collect(b.Context(), sink))
		found = len(sink.Batch().Records.Assistants)
	}
	if found < 20 {
		b.Fatalf("found %d assistants", found)
	}
	perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(perOp/float64(n), "ns/file")
	b.ReportMetric(peakMiB(), "peak-MiB")
	if stat > 0 {
		b.ReportMetric(perOp/float64(stat.Nanoseconds()), "x-of-stat")
	}
}

// statTime is the best of three runs, or 0 where the programs are missing.
func statTime(b *testing.B, root string) time.Duration {
	var best time.Duration
	for range 3 {
		start := time.Now()
		cmd := exec.Command("sh", "-c", `find "$1" -type f | xargs stat >/dev/null`, "sh", root)
		if cmd.Run() != nil {
			return 0
		}
		if d := time.Since(start); best == 0 || d < best {
			best = d
		}
	}
	return best
}
