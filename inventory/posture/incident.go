package posture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// Incident is what is known of a credential that the operator has in hand. The value lives in Held, in memory alone; where
// only the id of a key was given that the inventory knows, Held has none, and it is read where the key stands when it is
// needed.
type Incident struct {
	Held      revoke.Held
	At        time.Time // when it came into hand: the clock to the proof starts here
	Hint      string
	Checksum  string // ok, bad; "" where the form has none
	LongLived inventory.Answer
	Created   time.Time
	Expires   time.Time
	Scopes    []string
	Note      string
	Secret    *inventory.Secret // as the inventory knows it; nil: it was not seen anywhere
	FoundBy   string            // how it was known again, in words
	Owners    []inventory.ID    // of the secret and of those who hold it
	Reach     []risk.Reach      // worst first; only what the inventory knows

	With     []*inventory.Secret // other secrets that stand in the files that it leaked with
	together bool
}

// Identify tells what a pasted credential is, where it was seen, who holds it and what it opens. It asks nobody and keeps
// nothing. Without a snapshot it says what the text itself tells.
func (s *Service) Identify(text inventory.Value) (*Incident, error) {
	at := s.cfg.Now()
	m, err := credential.Pasted(text)
	if err != nil {
		return nil, err
	}
	in := &Incident{At: at, Hint: m.Value.Hint(), Checksum: m.Checksum, LongLived: m.LongLived, Created: m.Created, Expires: m.Expires, Scopes: m.Scopes, Note: m.Note}
	in.Held = revoke.Held{ID: inventory.NewID(inventory.NounSecret, s.key.Fingerprint(m.Value)), Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, KeyID: m.KeyID, Value: m.Value}
	snap := s.Snapshot()
	if snap == nil {
		return in, nil
	}
	x, how := s.recognise(snap, in.Held)
	if x == nil {
		return in, nil
	}
	in.Secret, in.FoundBy = x, how
	in.Held.ID = x.ID
	if x.Kind != "" {
		in.Held.Kind = x.Kind
	}
	if in.Held.Issuer == "" {
		in.Held.Issuer = x.Issuer
	}
	if in.Held.Account == "" {
		in.Held.Account = x.Account
	}
	if in.Held.KeyID == "" {
		in.Held.KeyID = x.KeyID
	}
	if m.Kind == credential.AWSKeyIDAlone {
		in.Held.Value, in.Hint = inventory.Value{}, x.Hint // an id is no secret, and not what ends the key
	}
	in.Reach = risk.ReachOf(snap, x.ID)
	in.With = leakedWith(snap, x)
	in.Owners = slices.Clone(x.Owners)
	for _, a := range snap.AssistantsOf(x.ID) {
		for _, o := range a.Owners {
			if !slices.Contains(in.Owners, o) {
				in.Owners = append(in.Owners, o)
			}
		}
	}
	return in, nil
}

// recognise finds the credential in the inventory: by the value, or by what another source knows of it.
func (s *Service) recognise(snap *inventory.Snapshot, h revoke.Held) (*inventory.Secret, string) {
	if x := snap.Secret(h.ID); x != nil {
		return x, "its value"
	}
	if h.Kind == credential.AWSKeyIDAlone {
		return ofKeyID(snap, h.KeyID), inventory.ClueWords(inventory.ClueKeyID)
	}
	mine := s.key.Aliases(h.Value)
	var fits []*inventory.Secret
	how := ""
	r := snap.Records()
	for i := range r.Secrets {
		x := &r.Secrets[i]
		for _, a := range x.Aliases {
			if !slices.Contains(mine, a) || x.Issuer != "" && h.Issuer != "" && x.Issuer != h.Issuer {
				continue
			}
			by := inventory.AliasBy(a)
			if by != inventory.ClueTail8 && by != inventory.ClueEnds5 {
				return x, inventory.ClueWords(by)
			}
			fits, how = append(fits, x), inventory.ClueWords(by)
		}
	}
	if len(fits) != 1 {
		return nil, "" // an end that fits several is no answer
	}
	return fits[0], how
}

// ofKeyID finds the secret that goes with an id. An id has one secret: where several stand beside it, none is told.
func ofKeyID(snap *inventory.Snapshot, id string) (found *inventory.Secret) {
	r := snap.Records()
	for i := range r.Secrets {
		switch x := &r.Secrets[i]; {
		case x.KeyID != id:
		case found != nil:
			return nil
		default:
			found = x
		}
	}
	return found
}

// inHand is the credential of an incident. One of which only the id was given is read again where it stands; without a
// value where it stands there no more.
func (s *Service) inHand(ctx context.Context, in *Incident) revoke.Held {
	if h, ok := revoke.HeldFor(s.holding(ctx), in.Held.ID); ok && in.Held.Value.IsZero() {
		return h
	}
	return in.Held
}

// Ask asks the issuers of a credential in hand, by calls that change nothing. The credential is sent to its issuer, and to
// nobody else; the operator must have agreed to that. Sources that do not know the issuer say nothing; errors are joined.
func (s *Service) Ask(ctx context.Context, in *Incident) ([]revoke.Answer, error) {
	if err := s.acts.note("ask issuer", string(in.Held.ID), in.Held.Kind); err != nil {
		return nil, err
	}
	var answers []revoke.Answer
	var errs []error
	h := s.inHand(ctx, in)
	for _, f := range s.holders() {
		a, err := f.Revoker.(revoke.HeldRevoker).Ask(ctx, h) //nolint:forcetypeassert // holders has looked
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", f.Name, err))
		}
		if a != nil {
			a.Source = f.Name
			answers = append(answers, *a)
		}
		if a != nil && a.State != inventory.StateUnknown {
			break // one issuer has spoken
		}
	}
	return answers, errors.Join(errs...)
}

// holders are the sources that can do something with a credential in hand: those of one provider before those that know
// issuers in general.
func (s *Service) holders() []*Feed {
	var own, general []*Feed
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		if _, ok := f.Revoker.(revoke.HeldRevoker); !ok {
			continue
		}
		if g, ok := f.Revoker.(interface{ General() bool }); ok && g.General() {
			general = append(general, f)
			continue
		}
		own = append(own, f)
	}
	return append(own, general...)
}

// PlanIncident plans the end of a credential in hand: by itself where its issuer takes that, and by everything that the
// sources can do about it where the inventory knows it. It reads only.
func (s *Service) PlanIncident(ctx context.Context, in *Incident) (*revoke.Plan, error) {
	p, err := s.planIncident(ctx, in)
	s.planned("plan", []revoke.Target{{ID: in.Held.ID}}, p, err)
	return p, err
}

func (s *Service) planIncident(ctx context.Context, in *Incident) (*revoke.Plan, error) {
	snap := s.Snapshot()
	if snap == nil {
		snap = inventory.NewSnapshot(in.At, inventory.Records{}, false)
	}
	targets, names := in.targets(snap)
	for _, t := range targets {
		if why := s.protects(snap, t.ID); why != "" {
			return nil, fmt.Errorf("%w: %s", revoke.ErrProtected, why)
		}
	}
	held := s.inHand(ctx, in)
	steps, left, err := s.acts.held(ctx, snap, held)
	if err != nil {
		return nil, err
	}
	if in.Secret != nil {
		more, also, err := s.acts.steps(revoke.WithHeld(s.holding(ctx), held), snap, targets)
		if err != nil {
			return nil, err
		}
		ends, too, err := s.acts.ends(ctx, snap, targets[1:])
		if err != nil {
			return nil, err
		}
		ends = append(steps, ends...)
		grantsFirst(more, ends)
		steps, left = slices.Concat(ends, more), slices.Concat(left, also, too)
	}
	p, err := s.acts.made(targets, names, steps, left)
	if err != nil {
		return nil, err
	}
	return s.bind(p), s.protectedSteps(snap, p)
}

// ExecuteIncident carries such a plan out, under the conditions of [Service.Execute]. The time to the proof counts from
// when the credential came into hand. One that the plan is not about is refused with [revoke.ErrNotOfPlan].
func (s *Service) ExecuteIncident(ctx context.Context, in *Incident, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	if p != nil && !slices.ContainsFunc(p.Targets, func(t revoke.Target) bool { return t.ID == in.Held.ID }) {
		s.refused("revoke", p.ID, revoke.ErrNotOfPlan)
		return revoke.Run{}, revoke.ErrNotOfPlan
	}
	c.Since = in.At
	return s.Execute(revoke.WithHeld(ctx, s.inHand(ctx, in)), p, c, on)
}

// held asks the sources for the steps that end the credential by itself. The first source that has some that are not for
// a person to do is enough.
func (a acts) held(ctx context.Context, snap *inventory.Snapshot, h revoke.Held) (steps []revoke.Step, left []string, err error) {
	for _, f := range a.s.holders() {
		found, err := planHeld(ctx, f, h, snap)
		if err != nil {
			return nil, nil, fmt.Errorf("source %s: %w", f.Name, err)
		}
		ends := slices.ContainsFunc(found, func(st revoke.Step) bool { return st.Action != revoke.ActionManual })
		switch {
		case ends && f.MayRevoke:
			return found, nil, nil
		case ends:
			left = append(left, fmt.Sprintf("%s: source %s could do it and may not: it has revoke = false", found[0].Summary, f.Name))
			found = byHand(f, h)
		}
		steps = append(steps, found...)
	}
	return steps, left, nil
}

// byHand are the steps for a person, where a source knows them.
func byHand(f *Feed, h revoke.Held) []revoke.Step {
	a, ok := f.Revoker.(revoke.Adviser)
	if !ok {
		return nil
	}
	steps := a.ByHand(h)
	for i := range steps {
		steps[i].Source = f.Name
	}
	return steps
}

func planHeld(ctx context.Context, f *Feed, h revoke.Held, snap *inventory.Snapshot) (steps []revoke.Step, err error) {
	defer func() {
		if p := recover(); p != nil {
			steps, err = nil, fmt.Errorf("it crashed (%T)", p)
		}
	}()
	steps, err = f.Revoker.(revoke.HeldRevoker).PlanHeld(ctx, h, snap) //nolint:forcetypeassert // holders has looked
	for i := range steps {
		steps[i].Source, steps[i].Held = f.Name, steps[i].Action != revoke.ActionManual
	}
	return steps, err
}
