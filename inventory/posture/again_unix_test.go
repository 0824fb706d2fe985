//go:build unix

package posture

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"nhitop/inventory/risk"
)

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCollectAgain collects twice, an hour apart, with one assistant in a hundred and its tool servers changed the second
// time. first-judge-cpu-ms and again-judge-cpu-ms are what the judgements cost in the service: with what people decided and
// with the index of the findings. asked-percent is of how many subjects anything was asked the
// second time. The largest needs NHITOP_SCALE=1.
func BenchmarkCollectAgain(b *testing.B) {
	sizes := []int{1000, 10000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var took [2]time.Duration
			var asked float64
			for b.Loop() {
				c := &clock{t: noon}
				turn := 0
				log := &judgements{Handler: slog.DiscardHandler, from: func() { took[turn] -= used() }, to: func() { took[turn] += used() }}
				s, err := New(Config{StateDir: filepath.Join(b.TempDir(), "s"), Now: c.now, Log: slog.New(log), Policy: risk.DefaultPolicy(),
					Every: time.Hour, Feeds: []Feed{fleet(n, func(i int) bool { return turn == 1 && i%100 == 7 })}})
				if err != nil {
					b.Fatal(err)
				}
				for turn = range took {
					if _, err := s.Collect(context.Background()); err != nil {
						b.Fatal(err)
					}
					c.move(time.Hour)
				}
				asked += float64(log.last().asked) / float64(log.last().of)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(took[0].Milliseconds())/float64(b.N), "first-judge-cpu-ms")
			b.ReportMetric(float64(took[1].Milliseconds())/float64(b.N), "again-judge-cpu-ms")
			b.ReportMetric(float64(took[0])/float64(max(1, took[1])), "times-cheaper")
			b.ReportMetric(100*asked/float64(b.N), "asked-percent")
		})
	}
}
