package posture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
)

// What [Config.SecondPerson] may ask another operator for.
const (
	SecondIrreversible = "irreversible" // plans with a step that cannot be undone
	SecondTier1        = "tier-1"       // plans about an assistant whose charter says tier 1, or about what it holds
)

// SecondPersons lists them.
func SecondPersons() []string { return []string{SecondIrreversible, SecondTier1} }

// How long a plan waits for another operator, and how long it may be carried out once they have confirmed it.
const (
	WaitFor      = time.Hour
	ConfirmedFor = 15 * time.Minute
)

// ErrSamePerson is returned to an operator who confirms their own plan.
var ErrSamePerson = errors.New("the one who asks cannot confirm it")

// Waiting is a plan that another operator must confirm, or has confirmed.
type Waiting struct {
	Plan           *revoke.Plan `json:"plan"`
	By             string       `json:"by"`
	Reason         string       `json:"reason"`
	At             time.Time    `json:"at"`
	Until          time.Time    `json:"until"`
	Undoes         string       `json:"undoes,omitempty"`
	ConfirmedBy    string       `json:"confirmed_by,omitempty"`
	ConfirmedAt    time.Time    `json:"confirmed_at,omitzero"`
	ConfirmedUntil time.Time    `json:"confirmed_until,omitzero"`
}

// Confirmed reports whether another operator's confirmation holds at a time.
func (w Waiting) Confirmed(at time.Time) bool { return at.Before(w.ConfirmedUntil) }

// wantsSecond says why a plan needs another operator, "" if it does not. undoes is the run that it takes back: what was
// taken away there is perhaps not in the inventory any more, so that the run must tell.
func (s *Service) wantsSecond(p *revoke.Plan, undoes string) string {
	var why []string
	if slices.Contains(s.cfg.SecondPerson, SecondIrreversible) &&
		slices.ContainsFunc(p.Steps, func(st revoke.Step) bool { return !st.Reversible && st.Action != revoke.ActionManual }) {
		why = append(why, "it has steps that cannot be undone")
	}
	if snap := s.Snapshot(); snap != nil && slices.Contains(s.cfg.SecondPerson, SecondTier1) {
		for _, id := range touched(p) {
			if a := tierOne(snap, id); a != nil {
				why = append(why, inventory.Clean(a.Name)+" is of tier 1")
				break
			}
		}
	}
	if undoes != "" && len(why) == 0 && slices.Contains(s.cfg.SecondPerson, SecondTier1) {
		runs, err := s.Runs()
		if i := slices.IndexFunc(runs, func(r revoke.Run) bool { return r.ID == undoes }); err != nil || i >= 0 && runs[i].Second != "" {
			why = append(why, "what it takes back was confirmed by another operator")
		}
	}
	return strings.Join(why, ", and ")
}

// tierOne returns the assistant of tier 1 that a record is or belongs to.
func tierOne(snap *inventory.Snapshot, id inventory.ID) *inventory.Assistant {
	as := snap.AssistantsOf(id)
	if a := snap.Assistant(id); a != nil {
		as = append(as, a)
	}
	if t := snap.Tool(id); t != nil {
		as = append(as, snap.Assistant(t.Assistant))
	}
	if e := snap.Entitlement(id); e != nil {
		as = append(as, snap.Assistant(e.Assistant))
	}
	for _, a := range as {
		if a != nil && a.Standing != nil && a.Standing.Tier == 1 {
			return a
		}
	}
	return nil
}

// guarded notes in a plan that another operator must confirm it, and gives it the time that this takes.
func (s *Service) guarded(p *revoke.Plan, undoes string) *revoke.Plan {
	if p.Second = s.wantsSecond(p, undoes); p.Second != "" {
		p.Expires = p.Created.Add(WaitFor)
	}
	return p
}

// person is who an operator is, on whatever machine: the same account elsewhere is no other person. An account that could
// not be told is nobody.
func person(operator string) string {
	name, _, _ := strings.Cut(operator, "@")
	if name = strings.ToLower(strings.TrimSpace(name)); name == "unknown" {
		return ""
	}
	return name
}

func others(a, b string) bool { return person(a) != "" && person(b) != "" && person(a) != person(b) }

// second takes the confirmation of another operator for a plan that needs one. Without it the plan is put down to wait,
// and nothing is done. It is asked last, for a confirmation is gone when it is taken.
func (s *Service) second(ctx context.Context, p *revoke.Plan, undoes string, c *revoke.Consent) error {
	if p.Second = s.wantsSecond(p, undoes); p.Second == "" {
		c.Second = ""
		return nil
	}
	now := s.cfg.Now()
	asked := *c
	asked.Second = "somebody" // everything else must hold already
	if err := p.Check(asked, now); err != nil {
		return err
	}
	if err := s.confirmable(ctx, p, undoes, *c, now); err != nil {
		return err
	}
	w, err := s.store.Use(ctx, p.Digest, now)
	if err == nil {
		c.Second = w.ConfirmedBy
		return nil
	}
	if !errors.Is(err, store.ErrNotWaiting) {
		return fmt.Errorf("nothing is done: %w", err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	w, err = s.store.Wait(ctx, store.Waiting{Plan: p.ID, Digest: p.Digest, At: now, By: c.By, Reason: c.Reason, Why: p.Second, Until: now.Add(WaitFor), Undoes: undoes, Data: data})
	if err != nil {
		return fmt.Errorf("nothing is done: %w", err)
	}
	if _, err := s.acts.log.Append(c.By, "wait", w.Plan, fmt.Sprintf("%d steps, digest %.16s, for another operator, for %s: %s", len(p.Steps), p.Digest, p.Second, c.Reason)); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s. Nothing is done; it waits until %s as plan %s, and nhitop confirm %s shows it to them", revoke.ErrSecond, p.Second, w.Until.Format("15:04 UTC"), w.Plan, w.Plan)
}

// confirmable refuses to carry a plan out under a confirmation that is no second person's, or that would be used up for nothing.
func (s *Service) confirmable(ctx context.Context, p *revoke.Plan, undoes string, c revoke.Consent, now time.Time) error {
	ws, err := s.store.Waitings(now)
	if err != nil {
		return fmt.Errorf("nothing is done: %w", err)
	}
	for _, w := range ws {
		if w.Digest != p.Digest || !w.ConfirmedUntil.After(now) {
			continue
		}
		if !others(w.ConfirmedBy, c.By) || !others(w.ConfirmedBy, w.By) {
			return fmt.Errorf("%w: %s has confirmed it, and another must carry it out", ErrSamePerson, inventory.Clean(w.ConfirmedBy))
		}
		if undoes == "" {
			return s.lacks(ctx, p)
		}
	}
	return nil
}

// Waiting returns the plans that wait for another operator, or are confirmed and not yet carried out, oldest first.
func (s *Service) Waiting() ([]Waiting, error) {
	ws, err := s.store.Waitings(s.cfg.Now())
	var out []Waiting
	for _, w := range ws {
		x := Waiting{Plan: &revoke.Plan{}, By: w.By, Reason: w.Reason, At: w.At, Until: w.Until, Undoes: w.Undoes,
			ConfirmedBy: w.ConfirmedBy, ConfirmedAt: w.ConfirmedAt, ConfirmedUntil: w.ConfirmedUntil}
		if json.Unmarshal(w.Data, x.Plan) != nil || x.Plan.Digest != w.Digest {
			err = errors.Join(err, fmt.Errorf("plan %s: %w", inventory.Clean(w.Plan), revoke.ErrTampered))
			continue
		}
		x.Plan.Second = w.Why
		out = append(out, x)
	}
	return out, err
}

// WaitingPlan returns a plan that waits, by its id. The error wraps [store.ErrNotWaiting] where there is none.
func (s *Service) WaitingPlan(id string) (Waiting, error) {
	ws, err := s.Waiting()
	if i := slices.IndexFunc(ws, func(w Waiting) bool { return w.Plan.ID == id }); i >= 0 {
		return ws[i], nil
	}
	return Waiting{}, errors.Join(store.ErrNotWaiting, err)
}

// Confirm is another operator's yes to a plan that waits, word being what the plan asks to be typed. It holds for
// [ConfirmedFor], for that plan alone and once. It refuses the one who asked, and a plan that is no longer sound; that its
// facts have not changed since is looked at when it is carried out. It changes nothing at any source.
func (s *Service) Confirm(ctx context.Context, id, word string) (Waiting, error) {
	w, err := s.confirm(ctx, id, word)
	if err != nil {
		s.refused("second confirm", id, err)
	}
	return w, err
}

func (s *Service) confirm(ctx context.Context, id, word string) (Waiting, error) {
	if s.cfg.ReadOnly {
		return Waiting{}, revoke.ErrReadOnly
	}
	w, err := s.WaitingPlan(id)
	if err != nil {
		return w, err
	}
	me, now := s.cfg.Operator, s.cfg.Now()
	switch {
	case person(me) == "":
		return w, fmt.Errorf("%w: your account is not known here", ErrSamePerson)
	case !others(me, w.By):
		return w, fmt.Errorf("%w: %s has asked, and you are %s", ErrSamePerson, inventory.Clean(w.By), me)
	}
	if err := w.Plan.Check(revoke.Consent{Reason: w.Reason, Word: word, Yes: true, Second: me}, now); err != nil {
		return w, err
	}
	w.ConfirmedBy, w.ConfirmedAt, w.ConfirmedUntil = me, now, now.Add(ConfirmedFor)
	if _, err := s.acts.log.Append(me, "second confirm", id, fmt.Sprintf("%d steps, digest %.16s, asked for by %s, until %s", len(w.Plan.Steps), w.Plan.Digest, w.By, w.ConfirmedUntil.Format(time.RFC3339))); err != nil {
		return w, fmt.Errorf("not confirmed, for the audit log cannot be written: %w", err)
	}
	return w, s.store.Confirm(ctx, id, me, now, w.ConfirmedUntil)
}
