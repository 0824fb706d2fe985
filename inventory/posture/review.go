package posture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/review"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
)

// OpenReview freezes what is known now of the assistants in a scope. due is its day; zero: two weeks from now.
func (s *Service) OpenReview(ctx context.Context, scope review.Scope, due time.Time) (review.State, error) {
	st, err := s.openReview(ctx, scope, due)
	if err != nil {
		s.refused("review", "", err)
	}
	return st, err
}

func (s *Service) openReview(ctx context.Context, scope review.Scope, due time.Time) (review.State, error) {
	var none review.State
	if s.cfg.ReadOnly {
		return none, revoke.ErrReadOnly
	}
	snap := s.Snapshot()
	if snap == nil {
		return none, ErrNoSnapshot
	}
	past, err := s.store.Reviews(ctx, "")
	if err != nil {
		return none, err
	}
	now := s.cfg.Now()
	if !due.IsZero() && !due.After(now) {
		return none, errors.New("the day of a review must be to come")
	}
	r, err := review.Open(snap, review.Opening{Scope: scope, By: s.cfg.Operator, Now: now, Due: due, Unused: s.cfg.Policy.Idle, Past: past,
		Weigh: func(e *inventory.Entitlement) (production, controls bool) {
			w := s.cfg.Policy.Weigh(snap, e)
			return w.Production, w.Controls
		}})
	if err != nil {
		return none, err
	}
	if err := s.acts.note("review opened", r.ID, fmt.Sprintf("%s, %d items, due %s", scope.Words(), len(r.Items), r.Due.Format(time.DateOnly))); err != nil {
		return none, fmt.Errorf("not opened, for the audit log cannot be written: %w", err)
	}
	if err := s.store.OpenReview(ctx, r); err != nil {
		return none, err
	}
	return review.NewState(r, nil), nil
}

// Reviews returns all reviews, newest first.
func (s *Service) Reviews(ctx context.Context) ([]review.State, error) {
	return s.store.Reviews(ctx, "")
}

// Review returns one review, by its id.
func (s *Service) Review(ctx context.Context, id string) (review.State, error) {
	if id == "" {
		return review.State{}, review.ErrGone
	}
	all, err := s.store.Reviews(ctx, id)
	if err != nil {
		return review.State{}, err
	}
	return all[0], nil
}

// DecideReview keeps decisions about items of one review, all or none. A transfer assigns the owner too, and an exception
// accepts what is open about the assistant until its end. Reduce, rotate, suspend and revoke change nothing by themselves:
// they become plans. Each decision is in the audit log before it is in the store.
func (s *Service) DecideReview(ctx context.Context, id string, ds []review.Decision) error {
	err := s.decideReview(ctx, id, ds)
	if err != nil {
		s.refused("review decision", id, err)
	}
	return err
}

func (s *Service) decideReview(ctx context.Context, id string, ds []review.Decision) error {
	if s.cfg.ReadOnly {
		return revoke.ErrReadOnly
	}
	st, err := s.Review(ctx, id)
	if err != nil {
		return err
	}
	var also []triage.Decision
	ready := make([]review.Decision, 0, len(ds))
	for _, d := range ds {
		if x := st.Review.Item(d.Item); x != nil && len(ds) > 1 && d.Kind == review.Keep && x.NeedsReason(d.Kind) {
			return fmt.Errorf("%s: %w", x.Name, review.ErrOneByOne)
		}
		if d, err = st.Prepare(d, s.cfg.Operator, s.cfg.Now()); err != nil {
			return err
		}
		ready = append(ready, d)
		also = append(also, s.follows(d)...)
	}
	for _, d := range ready {
		text := fmt.Sprintf("%s in %s, until %s, independence: %s", d.ID, d.Review, d.Until.Format(time.DateOnly), d.Conflict)
		if d.Owner != "" {
			text += ", to " + d.Owner
		}
		if d.Reason != "" {
			text += ": " + d.Reason
		}
		if _, err := s.acts.log.Append(d.By, "review "+d.Kind, string(d.Item), text); err != nil {
			return fmt.Errorf("not decided, for the audit log cannot be written: %w", err)
		}
	}
	if err := s.store.DecideReview(ctx, ready); err != nil {
		return err
	}
	if len(also) == 0 {
		return nil
	}
	if err := s.Decide(ctx, also); err != nil {
		return fmt.Errorf("the review has the decision; what follows from it was not done: %w", err)
	}
	return nil
}

// follows are the decisions of triage that one of a review brings.
func (s *Service) follows(d review.Decision) []triage.Decision {
	snap := s.Snapshot()
	if snap == nil || snap.Assistant(d.Item) == nil {
		return nil
	}
	var out []triage.Decision
	switch d.Kind {
	case review.Transfer:
		out = append(out, triage.Decision{Kind: triage.Assign, Target: d.Item, Owner: d.Owner, Reason: cmp.Or(d.Reason, "review "+d.Review), By: d.By})
	case review.Exception:
		for _, f := range snap.FindingsOf(d.Item) {
			if f.Subject == d.Item && f.State != triage.StateAccepted {
				out = append(out, triage.Decision{Kind: triage.Accept, Target: f.ID, Until: d.Until, Reason: d.Reason, By: d.By})
			}
		}
	}
	return out
}

// UndoReviewDecision takes the standing decision about an item back. What followed from it, an owner or an acceptance, is
// taken back by its own undo.
func (s *Service) UndoReviewDecision(ctx context.Context, id string, item inventory.ID) error {
	if s.cfg.ReadOnly {
		return revoke.ErrReadOnly
	}
	st, err := s.Review(ctx, id)
	if err != nil {
		return err
	}
	d, ok := st.Standing[item]
	if !ok {
		return fmt.Errorf("%s: nothing is decided about it", inventory.Clean(string(item)))
	}
	if err := s.acts.note("undo review "+d.Kind, string(item), d.ID); err != nil {
		return fmt.Errorf("not undone, for the audit log cannot be written: %w", err)
	}
	return s.store.UndoReviewDecision(ctx, d.ID)
}

// CloseReview ends a review. While items are undecided it refuses with [review.ErrOpen], unless silent says that they are
// to stay on record as silent.
func (s *Service) CloseReview(ctx context.Context, id string, silent bool) (review.State, error) {
	if s.cfg.ReadOnly {
		return review.State{}, revoke.ErrReadOnly
	}
	st, err := s.Review(ctx, id)
	if err != nil {
		return st, err
	}
	open := len(st.Open())
	if open > 0 && !silent {
		return st, fmt.Errorf("%w: %d of %d items of %s", review.ErrOpen, open, len(st.Review.Items), id)
	}
	if err := s.acts.note("review closed", id, fmt.Sprintf("%d of %d items decided, %d silent", len(st.Review.Items)-open, len(st.Review.Items), open)); err != nil {
		return st, fmt.Errorf("not closed, for the audit log cannot be written: %w", err)
	}
	if err := s.store.CloseReview(ctx, id, s.cfg.Operator, s.cfg.Now()); err != nil {
		return st, err
	}
	return s.Review(ctx, id)
}

// ReviewEffects works out what each decision about an item would come to. It judges the inventory several times.
func (s *Service) ReviewEffects(x *review.Item) []review.Effect {
	snap := s.Snapshot()
	if snap == nil {
		return nil
	}
	standing, now := s.standing(), s.cfg.Now()
	return review.Effects(snap, x, s.cfg.Policy.Idle, func(next *inventory.Snapshot) []inventory.Finding {
		fs, _ := risk.Settled(next, s.cfg.Policy, next.At(), func(fs []inventory.Finding) { triage.Judged(fs, standing, now) })
		return fs
	})
}

// ReviewRecords are the decisions of a review with what became of them, by the newest facts.
func (s *Service) ReviewRecords(ctx context.Context, id string) (review.State, []review.Record, error) {
	st, err := s.Review(ctx, id)
	if err != nil {
		return st, nil, err
	}
	runs, err := s.Runs()
	return st, review.Records(&st, s.Snapshot(), runs), err
}

// ExportReview writes the evidence of a review into a new folder, 0700 with files of 0600, and notes it in the audit log.
// exporter is the program and its version.
func (s *Service) ExportReview(ctx context.Context, id, dir, exporter string) ([]review.File, error) {
	st, err := s.Review(ctx, id)
	if err != nil {
		return nil, err
	}
	runs, err := s.Runs()
	if err != nil {
		return nil, err
	}
	entries, err := s.Audit()
	if err != nil {
		return nil, err
	}
	e := review.Evidence{State: st, Now: s.Snapshot(), At: s.cfg.Now(), By: s.cfg.Operator, Exporter: exporter, Runs: runs, Audit: review.AuditHead{Entries: len(entries)}}
	if n := len(entries); n > 0 {
		last := slices.MaxFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
		e.Audit.Hash = last.Hash
	}
	files, err := review.Pack(e)
	if err != nil {
		return nil, err
	}
	if err := writeFolder(dir, files); err != nil {
		return nil, err
	}
	return files, s.Exported("evidence of review "+id, dir)
}

func writeFolder(dir string, files []review.File) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s %w", dir, review.ErrFolder)
		}
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
