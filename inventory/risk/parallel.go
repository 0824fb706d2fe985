package risk

import (
	"runtime"
	"sync/atomic"

	"nhitop/inventory"
)

const chunk = 128 // pieces of work that one goroutine takes at a time

// workers is how many goroutines share n pieces of work.
func workers(n int) int { return max(1, min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk)) }

// parallel calls do for 0 to n-1 on all processors, in no order. worker, below workers(n), is the same for calls that
// follow each other in one goroutine.
func parallel(n int, do func(worker, i int)) {
	if workers(n) < 2 {
		for i := range n {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var wg inventory.Group
	for worker := range workers(n) {
		wg.Go(func() {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					do(worker, i)
				}
			}
		})
	}
	wg.Wait()
}
