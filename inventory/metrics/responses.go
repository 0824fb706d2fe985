package metrics

import (
	"math"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Responses measures the runs that ended proven within the window; nil where there is none. An undo is no response.
func Responses(runs []revoke.Run, now time.Time) *inventory.Responses {
	var hand, detected, seen []float64
	r := &inventory.Responses{}
	for i := range runs {
		s, ok := runs[i].Spans()
		if at := runs[i].ProvenAt(); !ok || runs[i].Undoes != "" || now.Sub(at) > Window || at.After(now) {
			continue
		}
		r.Runs++
		for _, x := range []struct {
			to *[]float64
			d  time.Duration
		}{{&hand, s.Hand}, {&detected, s.Detected}, {&seen, s.Seen}} {
			if x.d > 0 {
				*x.to = append(*x.to, x.d.Seconds())
			}
		}
	}
	if r.Runs == 0 {
		return nil
	}
	r.Hand, r.Detected, r.Seen = spread(hand), spread(detected), spread(seen)
	return r
}

// spread is over spans in seconds: the q-th part of them is at most so long.
func spread(xs []float64) inventory.Spread {
	if len(xs) == 0 {
		return inventory.Spread{}
	}
	slices.Sort(xs)
	at := func(q float64) float64 { return round(xs[int(math.Ceil(float64(len(xs))*q))-1]) }
	return inventory.Spread{Runs: len(xs), Median: at(0.5), P90: at(0.9)}
}
