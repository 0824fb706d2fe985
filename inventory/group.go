package inventory

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Group runs functions at the same time, as [sync.WaitGroup] does, and raises a panic of one of them in Wait. In a goroutine
// of its own a panic ends the program at once, with the terminal as it is and the value of the panic, which may hold anything,
// on it; in the goroutine that waits there is somebody to deal with it.
type Group struct {
	wg    sync.WaitGroup
	once  sync.Once
	fault *Fault
}

// Fault is what a Group raises. Of the value of the panic it keeps the type alone, unless the runtime itself made it.
type Fault struct {
	What  string
	Stack []byte // of the goroutine that broke down
}

func (f *Fault) Error() string { return f.What }

// Go runs f in a goroutine.
func (g *Group) Go(f func()) {
	g.wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				g.once.Do(func() { g.fault = faultOf(p) })
			}
		}()
		f()
	})
}

// Wait waits for all, and panics with a *[Fault] if one of them did.
func (g *Group) Wait() {
	g.wg.Wait()
	if g.fault != nil {
		panic(g.fault)
	}
}

func faultOf(p any) *Fault {
	if f, ok := p.(*Fault); ok { // of a group within the group
		return f
	}
	f := &Fault{What: fmt.Sprintf("a %T", p), Stack: debug.Stack()}
	var made runtime.Error
	if err, ok := p.(error); ok && errors.As(err, &made) {
		f.What = made.Error()
	}
	return f
}
