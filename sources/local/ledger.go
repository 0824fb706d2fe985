package local

import (
	"cmp"
	"slices"
	"sync"

	"nhitop/inventory"
)

// ledger gathers what was looked at and what went wrong, so that both come out in the same order on every run.
type ledger struct {
	mu       sync.Mutex
	looked   []inventory.Looked
	warnings []inventory.Warning
}

func (l *ledger) look(x inventory.Looked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looked = append(l.looked, x)
}

func (l *ledger) warn(w inventory.Warning) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warnings = append(l.warnings, w)
}

// flush writes everything to the sink, sorted and without doubles, and starts anew.
func (l *ledger) flush(sink inventory.Sink) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.looked, func(a, b inventory.Looked) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Assistant, b.Assistant), cmp.Compare(a.State, b.State),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	for _, x := range slices.Compact(l.looked) {
		sink.Looked(x)
	}
	slices.SortFunc(l.warnings, func(a, b inventory.Warning) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	for _, w := range slices.Compact(l.warnings) {
		sink.Warn(w)
	}
	l.looked, l.warnings = nil, nil
}
