package ui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/review"
)

func (f *fakeEngine) Reviews(context.Context) ([]review.State, error) { return f.reviews, nil }

func (f *fakeEngine) ReviewRecords(_ context.Context, id string) (review.State, []review.Record, error) {
	for _, st := range f.reviews {
		if st.Review.ID == id {
			return st, review.Records(&st, f.snap, nil), nil
		}
	}
	return review.State{}, nil, review.ErrGone
}

func (f *fakeEngine) OpenReview(_ context.Context, scope review.Scope, due time.Time) (review.State, error) {
	r, err := review.Open(f.snap, review.Opening{Scope: scope, By: "alice", Now: f.now(), Due: due, Unused: 90 * 24 * time.Hour,
		Weigh: func(*inventory.Entitlement) (bool, bool) { return false, false }})
	if err != nil {
		return review.State{}, err
	}
	r.ID = "rev-1"
	f.reviews = append([]review.State{review.NewState(r, nil)}, f.reviews...)
	return f.reviews[0], nil
}

func (f *fakeEngine) DecideReview(_ context.Context, _ string, ds []review.Decision) error {
	st := f.reviews[0]
	for _, d := range ds {
		d, err := st.Prepare(d, d.By, f.now())
		if err != nil {
			return err
		}
		st.Decisions = append(st.Decisions, d)
	}
	f.reviews[0] = review.NewState(st.Review, st.Decisions)
	return nil
}

func (f *fakeEngine) UndoReviewDecision(_ context.Context, _ string, item inventory.ID) error {
	st := f.reviews[0]
	for i := range st.Decisions {
		if st.Decisions[i].Item == item {
			st.Decisions[i].Undone = true
		}
	}
	f.reviews[0] = review.NewState(st.Review, st.Decisions)
	return nil
}

func (f *fakeEngine) CloseReview(context.Context, string, bool) (review.State, error) {
	f.reviews[0].Review.Closed = f.now()
	return f.reviews[0], nil
}

func (f *fakeEngine) ReviewEffects(x *review.Item) []review.Effect {
	return review.Effects(f.snap, x, 90*24*time.Hour, func(s *inventory.Snapshot) []inventory.Finding { return nil })
}

func (f *fakeEngine) ExportReview(_ context.Context, _, dir, _ string) ([]review.File, error) {
	f.exported = dir
	return make([]review.File, 13), nil
}

// A lead reviews with one key a decision where nothing speaks against it, and the next item comes.
func TestReviewByKeys(t *testing.T) {
	d := shown(t)
	d.keys(":", "review", "enter")
	d.want("No ownership review is there")
	d.keys("O", "mine", "enter")
	d.want("rev-1 is open: 1 item")
	d.e.reviews = nil
	d.keys("O", "enter")
	d.want("rev-1 is open", "0/3 decided", "1 keep", "7 exception", "closes")
	first := d.m.picked()
	d.keys("6")
	d.want("Why:")
	d.keys("nobody needs it", "enter")
	d.want("1/3 decided", "R on the item plans it")
	if d.m.picked() == first {
		t.Error("the decided item stays under the cursor")
	}
	if st := d.e.reviews[0]; st.Standing[first].Kind != review.Revoke || st.Standing[first].By != "alice" {
		t.Errorf("%+v", st.Standing)
	}
	d.keys("4", "bob", "enter", "moved", "enter")
	d.want("2/3 decided")
	d.keys("G", "U")
	d.want("1/3 decided")
	d.keys("E", "/tmp/pack", "enter")
	d.want("13 files in /tmp/pack")
	d.keys("Z", "no", "enter")
	d.want("left open")
	d.keys("Z", "close", "enter")
	d.want("closed, 1/3 decided")
	d.keys("1")
	d.want("that review is closed")
	d.keys("esc", "2")
	d.want("assistants 4") // elsewhere a digit goes to a view
}

func TestReviewRefusedReadOnly(t *testing.T) {
	d := shown(t)
	d.e.hard = true
	d.keys(":", "review", "enter")
	for _, k := range []string{"O", "1", "6", "Z", "U"} {
		d.keys(k)
		d.want("read-only")
	}
	if len(d.e.reviews) != 0 {
		t.Error("something was opened")
	}
}

// The queue has what nobody has decided, the most urgent first, and what is decided leaves it.
func TestTriageQueue(t *testing.T) {
	d := shown(t)
	q := triageQueue(d.m.snap)
	for i := 1; i < len(q); i++ {
		if q[i-1].Decision.Rank() > q[i].Decision.Rank() {
			t.Errorf("%s comes before %s", q[i-1].Decision, q[i].Decision)
		}
	}
	d.keys(":", "triage", "enter")
	first := d.m.picked()
	d.keys("a", "14", "enter", "known", "enter")
	if len(d.e.decisions) != 1 || d.e.decisions[0].Target != first {
		t.Fatalf("%+v", d.e.decisions)
	}
	r := company()
	for i := range r.Findings {
		if r.Findings[i].ID == first {
			r.Findings[i].State = "accepted"
		}
	}
	d.m.snap = snapshot(r)
	d.do(d.m.show(d.m.snap))
	if d.m.picked() == first || d.m.picked() == "" {
		t.Errorf("under the cursor: %q", d.m.picked())
	}
}

func TestReviewFrames(t *testing.T) {
	for _, size := range sizes {
		d := newDriver(t, snapshot(company()), size.w, size.h)
		d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
		d.keys(":", "triage", "enter")
		fits(t, d)
		name := func(n string) string { return n + "-" + fmt.Sprintf("%dx%d", size.w, size.h) }
		golden(t, d, name("triage"))
		d.keys(":", "review", "enter")
		golden(t, d, name("review-none"))
		d.keys("O", "enter", "6", "nobody needs it", "enter")
		d.send(tea.KeyMsg{Type: tea.KeyDown})
		fits(t, d)
		golden(t, d, name("review"))
	}
}
