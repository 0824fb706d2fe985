package inventory

import (
	"strings"
	"testing"
)

// A panic arrives where somebody waits, without its value; the others are run to their end.
func TestGroup(t *testing.T) {
	for name, c := range map[string]struct {
		broken func()
		what   string
	}{
		"a value": {func() { panic("holds a secret: FAKE") }, "a string"},
		"runtime": {func() { var none []int; _ = none[len(t.Name())] }, "index out of range"},
		"nested":  {func() { var g Group; g.Go(func() { panic(3) }); g.Wait() }, "a int"},
	} {
		var g Group
		ran := make(chan bool, 1)
		g.Go(c.broken)
		g.Go(func() { ran <- true })
		got := func() (p any) {
			defer func() { p = recover() }()
			g.Wait()
			return nil
		}()
		f, ok := got.(*Fault)
		if !ok || !strings.Contains(f.Error(), c.what) || strings.Contains(f.Error(), "FAKE") || !strings.Contains(string(f.Stack), "TestGroup") || len(ran) != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
	var whole Group
	n := 0
	whole.Go(func() { n++ })
	whole.Wait()
	if n != 1 {
		t.Error("it was not run")
	}
}
