package posture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Plan asks every source that may revoke for the steps that would take the targets away. It reads only, and works on the
// newest snapshot. An owner as a target means all that the owner holds.
func (s *Service) Plan(ctx context.Context, targets []revoke.Target) (*revoke.Plan, error) {
	p, err := s.plan(ctx, targets)
	s.planned("plan", targets, p, err)
	return p, err
}

func (s *Service) plan(ctx context.Context, targets []revoke.Target) (*revoke.Plan, error) {
	snap := s.Snapshot()
	if snap == nil {
		return nil, ErrNoSnapshot
	}
	for _, t := range targets {
		if why := s.protects(snap, t.ID); why != "" {
			return nil, fmt.Errorf("%w: %s", revoke.ErrProtected, why)
		}
	}
	asked := targets
	targets = allOf(snap, asked)
	p, err := s.acts.plan(s.holding(ctx), snap, asked, targets)
	if err != nil {
		return nil, err
	}
	return s.bind(p), s.protectedSteps(snap, p)
}

// Execute carries a plan out. It refuses, before anything is changed, when the program is read-only or not armed, when the
// plan touches what is protected or has too many steps, and without a reason and the confirmation that the plan asks
// for; where another operator must confirm it, the plan is put down to wait ([revoke.ErrSecond]). Then it collects again,
// so that the inventory shows what is left; where a collection is under way, that follows without Execute waiting for it.
func (s *Service) Execute(ctx context.Context, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	if p == nil || len(p.Steps) == 0 {
		return revoke.Run{}, revoke.ErrNothing
	}
	plan := *p
	p = &plan
	err := s.permit(ctx, p, &c)
	if err == nil {
		err = s.unchanged(p)
	}
	if err == nil {
		err = s.second(ctx, p, "", &c)
	}
	if err != nil {
		s.refused("revoke", p.ID, err)
		return revoke.Run{}, err
	}
	if err := s.confirmed(p, p.ID, c); err != nil {
		return revoke.Run{}, err
	}
	c.Known, c.Reach = s.known(p), s.inReach(p)
	run, err := s.acts.exec.Execute(s.holding(ctx), p, c, on)
	s.ended(ctx, "revoke", p.ID, run, err)
	return run, err
}

// ended is what follows a run: that it was refused is noted, the log is signed, and what is left is read.
func (s *Service) ended(ctx context.Context, action, subject string, run revoke.Run, err error) {
	if err != nil && run.ID == "" {
		s.refused(action, subject, err)
	}
	s.again(ctx)
	s.sign()
}

// UndoPlan returns what can be taken back of a run. It reads only.
func (s *Service) UndoPlan(_ context.Context, runID string) (*revoke.Plan, error) {
	p, err := s.acts.exec.UndoPlan(runID)
	if err == nil {
		s.guarded(p, runID)
	}
	s.planned("plan-undo", nil, p, err)
	return p, err
}

// Undo takes back what can be taken back of a run, under the same conditions as Execute.
func (s *Service) Undo(ctx context.Context, runID string, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error) {
	p, err := s.acts.exec.UndoPlan(runID)
	if err != nil {
		return revoke.Run{}, err
	}
	if len(p.Steps) == 0 {
		return revoke.Run{}, revoke.ErrNothing
	}
	if c.Reason == "" {
		c.Reason = "undo of " + runID
	}
	err = s.permit(ctx, p, &c)
	if err == nil {
		err = s.second(ctx, s.guarded(p, runID), runID, &c)
	}
	if err != nil {
		s.refused("undo", runID, err)
		return revoke.Run{}, err
	}
	if err := s.confirmed(p, runID, c); err != nil {
		return revoke.Run{}, err
	}
	s.recall()
	run, err := s.acts.exec.Undo(s.holding(ctx), runID, c, on)
	s.ended(ctx, "undo", runID, run, err)
	return run, err
}

// LookAgain looks again at what a run did not prove, and at the steps that wait for a person; done are those of which the
// operator says that they are done. It changes nothing at any source. See [revoke.Executor.LookAgain].
func (s *Service) LookAgain(ctx context.Context, runID string, done []string, on func(revoke.Event)) (revoke.Run, error) {
	run, err := s.acts.exec.LookAgain(s.holding(ctx), runID, s.cfg.Operator, done, on)
	if err != nil && !errors.Is(err, revoke.ErrNothing) {
		s.refused("look", runID, err)
	}
	s.sign()
	return run, err
}

// again collects after something was changed. What it could not read is in the snapshot's sources. A collection that is under
// way is not waited for: what a run came to is told at once, and another collection follows on that one.
func (s *Service) again(ctx context.Context) {
	if len(s.collecting) == 0 {
		s.collectAgain(context.WithoutCancel(ctx))
		return
	}
	s.following.Go(func() { s.collectAgain(s.life) })
}

func (s *Service) collectAgain(ctx context.Context) {
	if _, err := s.Collect(ctx); err != nil {
		s.cfg.Log.Warn("collecting after a run", "err", err)
	}
}

func (s *Service) mayAct() error {
	if s.cfg.ReadOnly {
		return revoke.ErrReadOnly
	}
	if _, ok := s.Armed(); !ok {
		return revoke.ErrNotArmed
	}
	return nil
}

// permit asks everything that must hold before a plan is carried out. No credential stays in the reason, which is written down.
func (s *Service) permit(ctx context.Context, p *revoke.Plan, c *revoke.Consent) error {
	c.Reason = revoke.Mask(ctx, c.Reason)
	if err := s.mayAct(); err != nil {
		return err
	}
	if err := s.protectedSteps(s.Snapshot(), p); err != nil {
		return err
	}
	if n := len(p.Steps); n > s.cfg.MaxSteps {
		return fmt.Errorf("%w: %d steps, at most %d; split it, or change [revoke] max_steps", ErrTooMany, n, s.cfg.MaxSteps)
	}
	for _, st := range p.Steps {
		if st.Source != "" && st.Action != revoke.ActionManual && !s.allowed(st.Source) {
			return fmt.Errorf("%w: source %s may not revoke; set revoke = true in its table", revoke.ErrReadOnly, inventory.Clean(st.Source))
		}
	}
	if strings.TrimSpace(c.Reason) == "" {
		return revoke.ErrNoReason
	}
	if word := p.Word(); word != "" && c.Word != word {
		return fmt.Errorf("%w: type %s", revoke.ErrConfirm, word)
	} else if word == "" && !c.Yes {
		return revoke.ErrConfirm
	}
	if c.By == "" {
		c.By = s.cfg.Operator
	}
	return nil
}

// allowed reports whether a source exists that may revoke under that name.
func (s *Service) allowed(source string) bool {
	return slices.ContainsFunc(s.cfg.Feeds, func(f Feed) bool { return f.Name == source && f.Revoker != nil && f.MayRevoke })
}

// protectedSteps refuses a plan that touches what is protected.
func (s *Service) protectedSteps(snap *inventory.Snapshot, p *revoke.Plan) error {
	for _, st := range p.Steps {
		for _, id := range append([]inventory.ID{st.Target}, st.With...) {
			if why := s.protects(snap, id); why != "" {
				return fmt.Errorf("%w: %s", revoke.ErrProtected, why)
			}
		}
		for _, v := range append([]string{st.TargetName}, values(st.Params)...) {
			if s.named(v) {
				return fmt.Errorf("%w: %s", revoke.ErrProtected, inventory.Clean(st.TargetName))
			}
		}
	}
	return nil
}

func values(m map[string]string) []string {
	var vs []string
	for _, k := range inventory.SortedKeys(m) {
		vs = append(vs, m[k])
	}
	return vs
}

// protects says which protected thing a record is or belongs to; "" if none.
func (s *Service) protects(snap *inventory.Snapshot, id inventory.ID) string {
	if len(s.cfg.Protected) == 0 {
		return ""
	}
	if s.named(string(id)) {
		return string(id)
	}
	if snap == nil {
		return ""
	}
	for _, name := range namesOf(snap, id) {
		if s.named(name) {
			return inventory.Clean(name)
		}
	}
	return ""
}

func (s *Service) named(name string) bool {
	return name != "" && slices.ContainsFunc(s.cfg.Protected, func(p string) bool { return strings.EqualFold(p, name) })
}

// namesOf lists everything by which a record can be protected: what it is called, where it stands, and the same of the
// assistants and owners that it belongs to.
func namesOf(snap *inventory.Snapshot, id inventory.ID) []string {
	var names []string
	if x := snap.Secret(id); x != nil {
		names = append(names, x.Account, x.Fingerprint)
		for _, l := range x.Locations {
			names = append(names, l.Path)
		}
		for _, a := range snap.AssistantsOf(id) {
			names = append(names, assistantNames(snap, a)...)
		}
		for _, o := range x.Owners {
			names = append(names, ownerNames(snap, o)...)
		}
	}
	if r := snap.Resource(id); r != nil {
		names = append(names, r.Name)
		names = append(names, places(r.Evidence)...)
	}
	if t := snap.Tool(id); t != nil {
		names = append(names, t.Name)
		names = append(names, places(t.Evidence)...)
		if a := snap.Assistant(t.Assistant); a != nil {
			names = append(names, assistantNames(snap, a)...)
		}
	}
	if a := snap.Assistant(id); a != nil {
		names = append(names, assistantNames(snap, a)...)
	}
	return append(names, ownerNames(snap, id)...)
}

func places(es []inventory.Evidence) []string {
	var ps []string
	for _, e := range es {
		ps = append(ps, e.Path)
	}
	return ps
}

func assistantNames(snap *inventory.Snapshot, a *inventory.Assistant) []string {
	names := []string{string(a.ID), a.Name, a.Kind, a.Account, a.Path}
	for _, o := range a.Owners {
		names = append(names, ownerNames(snap, o)...)
	}
	return names
}

func ownerNames(snap *inventory.Snapshot, id inventory.ID) []string {
	if o := snap.Owner(id); o != nil {
		return []string{string(o.ID), o.Name, o.Email}
	}
	return nil
}
