package ledger

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// Need says what a credential must be to read a path, in words.
type Need func(path string) string

// Ledger is what was asked for and what became of it. Its methods may be called from several goroutines.
type Ledger struct {
	client *httpx.Client
	need   Need
	mu     sync.Mutex
	list   []inventory.Looked
	errs   []error // of places that were not read to their end, though they are there
}

// New makes an empty ledger.
func New(c *httpx.Client, need Need) *Ledger { return &Ledger{client: c, need: need} }

// Read notes a path that was read; whole says that it is a list that was read to its end, so that what stood in it and was
// not found again is gone.
func (l *Ledger) Read(path string, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, inventory.Looked{Path: l.client.URL(path), State: inventory.LookedRead, Whole: whole})
}

// Absent notes what the provider, or the plan that is paid for, does not have.
func (l *Ledger) Absent(path, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, inventory.Looked{Path: l.client.URL(path), State: inventory.LookedAbsent, Reason: reason})
}

// Denied notes a path that was not asked for, because the credential is known not to be enough.
func (l *Ledger) Denied(path, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, inventory.Looked{Path: l.client.URL(path), State: inventory.LookedDenied, Reason: reason})
	l.errs = append(l.errs, errors.New(inventory.Clean(l.client.Service()+": "+path+": "+reason)))
}

// Failed notes why a path was not read to its end.
func (l *Ledger) Failed(path string, err error) {
	x := inventory.Looked{Path: l.client.URL(path), State: inventory.LookedFailed, Reason: inventory.Clean(err.Error())}
	switch status := httpx.Status(err); {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		x.State, x.Reason = inventory.LookedDenied, l.need(path)
	case errors.Is(err, httpx.ErrTooLarge):
		x.State = inventory.LookedTooLarge
	case errors.Is(err, httpx.ErrAnswer):
		x.State = inventory.LookedUnparsed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		x.Reason = "the collection ended before"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, x)
	l.errs = append(l.errs, err)
}

// Err is everything that was not read to its end; nil where there is nothing.
func (l *Ledger) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.errs...)
}

// Flush writes the ledger in order.
func (l *Ledger) Flush(sink inventory.Sink) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.list, func(a, b inventory.Looked) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason))
	})
	for _, x := range slices.Compact(l.list) {
		sink.Looked(x)
	}
}

// All reads a list to its end. What came before an error holds; ok says that there was none.
func All[T any](ctx context.Context, l *Ledger, path string, q url.Values, p httpx.Pager) (items []T, ok bool) {
	for x, err := range httpx.Pages[T](ctx, l.client, path, q, p) {
		if err != nil {
			l.Failed(path, err)
			return items, false
		}
		items = append(items, x)
	}
	l.Read(path, true)
	return items, true
}

// One reads one object. A nil answer was noted.
func One[T any](ctx context.Context, l *Ledger, path string, q url.Values) *T {
	x := new(T)
	if _, err := l.client.Get(ctx, path, q, x); err != nil {
		l.Failed(path, err)
		return nil
	}
	l.Read(path, false)
	return x
}
