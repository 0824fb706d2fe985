package store

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestAPlanWaitsForAnother(t *testing.T) {
	s := open(t)
	defer s.Close()
	ctx := t.Context()
	w := Waiting{Plan: "planone", Digest: "d1", At: at, By: "alice@a", Reason: "leaked", Why: "it cannot be undone", Until: at.Add(time.Hour), Data: []byte(`{}`)}
	if _, err := s.Wait(ctx, w); err != nil {
		t.Fatal(err)
	}
	again := w
	again.Plan, again.By = "plantwo", "carol@a"
	if got, err := s.Wait(ctx, again); err != nil || got.Plan != "planone" || got.By != "alice@a" {
		t.Errorf("asking twice is not asking once: %+v %v", got, err)
	}
	if _, err := s.Use(ctx, "d1", at); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("used without a confirmation: %v", err)
	}
	if err := s.Confirm(ctx, "planone", "bob@a", at.Add(time.Minute), at.Add(16*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := s.Confirm(ctx, "planone", "carol@a", at.Add(2*time.Minute), at.Add(17*time.Minute)); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("confirmed twice: %v", err)
	}
	if _, err := s.Use(ctx, "d1", at.Add(16*time.Minute)); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("a confirmation whose time is over was used: %v", err)
	}
	if _, err := s.Use(ctx, "d2", at.Add(2*time.Minute)); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("that of another plan was used: %v", err)
	}
	ws, err := s.Waitings(at.Add(2 * time.Minute))
	if err != nil || len(ws) != 1 || ws[0].ConfirmedBy != "bob@a" || !ws[0].ConfirmedUntil.Equal(at.Add(16*time.Minute)) || string(ws[0].Data) != "{}" {
		t.Errorf("%+v %v", ws, err)
	}
	// Two at once: one gets it.
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 4 {
		wg.Go(func() {
			if u, err := s.Use(ctx, "d1", at.Add(3*time.Minute)); err == nil && u.ConfirmedBy == "bob@a" {
				mu.Lock()
				got++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got != 1 {
		t.Errorf("one confirmation was used %d times", got)
	}
	if ws, err := s.Waitings(at.Add(3 * time.Minute)); err != nil || len(ws) != 0 {
		t.Errorf("%+v %v", ws, err)
	}
	if err := s.Confirm(ctx, "planone", "bob@a", at.Add(4*time.Minute), at.Add(9*time.Minute)); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("what was carried out is confirmed again: %v", err)
	}
	over := Waiting{Plan: "planthree", Digest: "d3", At: at, By: "alice@a", Until: at.Add(time.Minute), Data: []byte(`{}`)}
	if _, err := s.Wait(ctx, over); err != nil {
		t.Fatal(err)
	}
	if err := s.Confirm(ctx, "planthree", "bob@a", at.Add(time.Minute), at.Add(time.Hour)); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("confirmed when its time was over: %v", err)
	}
}
