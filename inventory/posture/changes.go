package posture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
)

// Changes tells what is different between the last stored collection at or before a time (the first one, where none is that
// old) and the newest, newest change first. [store.ErrNoCollection] is returned when nothing is stored yet.
func (s *Service) Changes(_ context.Context, since time.Time) ([]change.Change, error) {
	from, err := s.facts.CollectionAt(since)
	if err != nil {
		return nil, err
	}
	cs, _, err := s.ChangesFrom(from)
	return cs, err
}

// ChangesFrom is Changes from one stored collection to the newest, which it returns too.
func (s *Service) ChangesFrom(from store.Collection) ([]change.Change, store.Collection, error) {
	newest, err := s.facts.Collections(1)
	if err == nil && len(newest) == 0 {
		err = store.ErrNoCollection
	}
	if err != nil {
		return nil, store.Collection{}, err
	}
	to := newest[0]
	d, err := s.facts.Delta(from, to)
	if err != nil {
		return nil, to, err
	}
	look, err := s.Previous()
	if now := s.Snapshot(); now != nil {
		look, err = now, nil
	}
	if err != nil {
		return nil, to, err
	}
	in := change.Input{Before: d.Before, After: d.After, At: d.At, Known: d.Known, Sources: to.Sources, Look: look, By: s.takenAway(from.At)}
	return change.Compare(in), to, nil
}

// CollectionAt returns the last stored collection at or before a time, or the first one.
func (s *Service) CollectionAt(at time.Time) (store.Collection, error) {
	return s.facts.CollectionAt(at)
}

// Collection returns the stored collection of that number.
func (s *Service) Collection(id int64) (store.Collection, error) { return s.facts.Collection(id) }

// Collections returns the newest stored collections of this scope, oldest first, at most limit (0: all): when each was, how
// things stood, and how its sources ended.
func (s *Service) Collections(limit int) ([]store.Collection, error) {
	return s.facts.Collections(limit)
}

// takenAway says who took a record away since a time, by the runs whose step about it is done.
func (s *Service) takenAway(since time.Time) map[inventory.ID]string {
	runs, err := s.Runs()
	if err != nil {
		s.cfg.Log.Warn("runs", "err", err)
	}
	by := map[inventory.ID]string{}
	for _, r := range runs { // newest first
		if r.Undoes != "" || r.Ended.Before(since) {
			continue
		}
		for _, st := range r.Steps {
			if st.State == revoke.StateDone && by[st.Target] == "" {
				by[st.Target] = fmt.Sprintf("%s (run %s)", r.By, r.ID)
			}
		}
	}
	return by
}

// Close signs what was added to the audit log, where a key is configured, and gives the state folder's database back. The
// service must not be used while it is called.
func (s *Service) Close() error {
	s.end()
	s.following.Wait()
	s.sign()
	return errors.Join(s.acts.log.Close(), s.store.Close())
}
