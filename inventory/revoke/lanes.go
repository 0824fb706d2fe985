package revoke

import (
	"context"
	"errors"
	"sync"
)

// lane is the work of one source: its steps begin in the order of the plan, as many at once as the source can do.
type lane struct {
	steps []int
	slots chan struct{}
}

// all takes every step to its end. It returns when nothing is under way any more; an error stops what is not begun.
func (x *carrying) all(ctx context.Context) error {
	n := len(x.l.run.Steps)
	ended := make([]chan struct{}, n)
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	x.halt = make(chan struct{})
	lanes := x.lanes()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for _, ln := range lanes {
		wg.Go(func() {
			for _, i := range ln.steps {
				for _, j := range x.before(i) {
					<-ended[j]
				}
				ln.slots <- struct{}{}
				wg.Go(func() {
					defer close(ended[i])
					release := sync.OnceFunc(func() { <-ln.slots })
					defer release()
					if x.halted() {
						return
					}
					if errs[i] = x.step(ctx, i, ln.slots); errs[i] != nil {
						x.stop()
					}
				})
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// lanes sorts the steps by source. Looking at an effect takes a slot of the lane too, so that limits hold for it.
func (x *carrying) lanes() map[string]*lane {
	lanes := map[string]*lane{}
	for i, s := range x.l.run.Steps {
		ln := lanes[s.Source]
		if ln == nil {
			width := 1
			if p, ok := x.Revokers[s.Source].(Paralleler); ok && x.l.run.Undoes == "" {
				width = max(1, p.Parallel())
			}
			ln = &lane{slots: make(chan struct{}, width)}
			lanes[s.Source] = ln
		}
		ln.steps = append(ln.steps, i)
	}
	return lanes
}

// before lists the steps that must have ended before one may begin. Steps that stand later in the plan are not waited for:
// they need each other in a circle, and are skipped.
func (x *carrying) before(i int) []int {
	var js []int
	for _, ids := range [][]string{x.l.run.Steps[i].After, x.l.run.Steps[i].Behind} {
		for _, id := range ids {
			if j := x.index(id); j >= 0 && j < i {
				js = append(js, j)
			}
		}
	}
	return js
}

func (x *carrying) halted() bool {
	select {
	case <-x.halt:
		return true
	default:
		return false
	}
}

func (x *carrying) stop() { x.halting.Do(func() { close(x.halt) }) }
