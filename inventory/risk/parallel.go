package risk

import (
	"runtime"
	"sync"
	"sync/atomic"

	"nhitop/inventory"
)

const chunk = 256 // pieces of work that one goroutine takes at a time

// parallel calls do for 0 to n-1 on all processors, in no order.
func parallel(n int, do func(int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}

// prepare works out every secret and assistant, so that the rules only read. From then on the world's maps stay as they
// are, and it may be used from several goroutines.
func (w *world) prepare() {
	r := w.s.Records()
	facts := make([]*secretFacts, len(r.Secrets))
	parallel(len(facts), func(i int) { facts[i] = newSecretFacts(w, &r.Secrets[i]) })
	for _, f := range facts {
		w.secrets[f.x.ID] = f
	}
	w.facts = facts
	w.ordered = make([]*profile, len(r.Assistants))
	parallel(len(w.ordered), func(i int) { w.ordered[i] = newProfile(w, &r.Assistants[i]) })
	for _, p := range w.ordered {
		w.profiles[p.a.ID] = p
	}
	parallel(len(facts), func(i int) {
		for _, a := range facts[i].holders {
			facts[i].users = append(facts[i].users, w.profiles[a.ID])
		}
	})
	w.ready = true
	w.serving = make([]*profile, len(r.Tools))
	for i := range r.Tools {
		w.serving[i] = w.profile(r.Tools[i].Assistant)
	}
}

// ask asks some of the rules that are not switched off, and notes for whom each holds, for the combinations. The cases
// are in the order of the rules.
func (w *world) ask(which func(*Rule) bool) []*found {
	var asked []*Rule
	rules := w.p.rules()
	for i := range rules {
		if _, off := w.p.Off[rules[i].ID]; !off && which(&rules[i]) {
			asked = append(asked, &rules[i])
		}
	}
	cases := make([][]*found, len(asked))
	notes := make([]map[inventory.ID]*Hit, len(asked))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(asked)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(asked); i = int(next.Add(1)) - 1 {
				cases[i] = w.check(asked[i])
				if len(asked[i].Parts) == 0 {
					notes[i] = noted(cases[i])
				}
			}
		})
	}
	wg.Wait()
	var all []*found
	for i, r := range asked {
		if notes[i] != nil {
			w.holds[r.ID] = notes[i]
		}
		all = append(all, cases[i]...)
	}
	return all
}
