package posture

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
)

var (
	pastedToken = "glpat-" + "fa4eR7xKq2Wn9ZtL3bVh"
	otherToken  = "glpat-" + "fa4eM5pTj8Yc2HsQ6wGd"
)

// alone is an issuer at which a token can be ended by itself, and by nothing else.
type alone struct {
	*shelf
	ended *atomic.Int32
}

func newAlone() alone { return alone{newShelf(), &atomic.Int32{}} }

func (a alone) feed() Feed {
	return Feed{Name: "issuer", Kind: "fake", Collect: func(context.Context, inventory.Sink) error { return nil }, Revoker: a, MayRevoke: true}
}

func (a alone) Plan(context.Context, revoke.Target, *inventory.Snapshot) ([]revoke.Step, error) {
	return nil, nil
}

func (a alone) PlanHeld(_ context.Context, h revoke.Held, _ *inventory.Snapshot) ([]revoke.Step, error) {
	return []revoke.Step{{Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: h.ID, Summary: "end it by itself", Promises: revoke.Proven, Params: map[string]string{}}}, nil
}

func (a alone) Ask(context.Context, revoke.Held) (*revoke.Answer, error) { return nil, nil }

func (a alone) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if _, ok := revoke.HeldFor(ctx, st.Target); !ok {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	a.ended.Add(1)
	return revoke.Receipt{Detail: "ended"}, nil
}

func (a alone) Recover(ctx context.Context, st revoke.Step) (revoke.Receipt, string, error) {
	if _, ok := revoke.HeldFor(ctx, st.Target); !ok {
		return revoke.Receipt{}, revoke.StateUnknown, revoke.ErrNotHeld
	}
	return revoke.Receipt{}, revoke.StatePlanned, nil
}

func (a alone) Verify(ctx context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	if _, ok := revoke.HeldFor(ctx, st.Target); !ok {
		return revoke.Proof{}, revoke.ErrNotHeld
	}
	return revoke.Proof{Grade: revoke.Proven}, nil
}

// tearing is the file of a run that takes so many records and then no more: as if the process had ended there.
type tearing struct {
	revoke.Appender
	left int
}

func (a *tearing) Append(line []byte) error {
	if a.left--; a.left < 0 {
		return errors.New("the process has ended")
	}
	return a.Appender.Append(line)
}

func held(t *testing.T, s *Service, text string) (*Incident, *revoke.Plan) {
	t.Helper()
	in, err := s.Identify(inventory.NewValue(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.PlanIncident(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return in, p
}

// One run that was cut off goes on: not unarmed, not without its secret, not with another, and then once.
func TestOneRunGoesOnWithItsSecret(t *testing.T) {
	a := newAlone()
	s, _ := ready(t, nil, Config{Feeds: []Feed{a.feed()}})
	in, p := held(t, s, pastedToken)
	s.acts.exec.Wrap = func(f revoke.Appender) revoke.Appender { return &tearing{f, 2} } // the run and its first intent
	if _, err := s.ExecuteIncident(t.Context(), in, p, with(p), nil); err == nil {
		t.Fatal("it was not cut off")
	}
	s.acts.exec.Wrap = nil
	a.ended.Store(0)
	resume := func(text string) (revoke.Run, error) {
		var v inventory.Value
		if text != "" {
			v = inventory.NewValue(text)
		}
		return s.ResumeRun(t.Context(), p.ID, v, nil)
	}
	s.Disarm()
	if _, err := resume(""); !errors.Is(err, revoke.ErrNotArmed) {
		t.Error(err)
	}
	if err := s.Arm("arm"); err != nil {
		t.Fatal(err)
	}
	if run, err := resume(""); !errors.Is(err, revoke.ErrNotHeld) || run.State != revoke.StateRunning {
		t.Errorf("%v %s", err, run.State)
	}
	if run, err := resume(otherToken); !errors.Is(err, revoke.ErrNotOfRun) || run.ID != "" {
		t.Errorf("%v %+v", err, run)
	}
	if a.ended.Load() != 0 {
		t.Fatal("it was ended without its secret")
	}
	if run, err := resume(pastedToken); err != nil || run.State != revoke.StateDone || run.Steps[0].Proof.Grade != revoke.Proven || a.ended.Load() != 1 {
		t.Errorf("%v %+v, ended %d times", err, run, a.ended.Load())
	}
	if _, err := resume(""); !errors.Is(err, revoke.ErrEnded) {
		t.Error(err)
	}
}

// What was forbidden since a run was cut off is not done when it goes on, and the log names who went on with it.
func TestTheGuardsOfNowHoldForARunOfBefore(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config, *revoke.Plan)
		want   string
	}{
		"as before":          {func(*Config, *revoke.Plan) {}, ""},
		"protected":          {func(c *Config, p *revoke.Plan) { c.Protected = []string{string(p.Steps[0].Target)} }, "protected by the configuration"},
		"too many steps":     {func(c *Config, _ *revoke.Plan) { c.MaxSteps = 0 }, "max_steps"},
		"another must agree": {func(c *Config, _ *revoke.Plan) { c.SecondPerson = []string{SecondIrreversible} }, "another operator"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAlone()
			s, _ := ready(t, nil, Config{Feeds: []Feed{a.feed()}})
			in, p := held(t, s, pastedToken)
			s.acts.exec.Wrap = func(f revoke.Appender) revoke.Appender { return &tearing{f, 1} } // the run alone
			if _, err := s.ExecuteIncident(t.Context(), in, p, with(p), nil); err == nil || a.ended.Load() != 0 {
				t.Fatal("it was not cut off", err)
			}
			s.acts.exec.Wrap, s.acts.exec.Operator = nil, "dana@vm"
			c.change(&s.cfg, p)
			run, err := s.ResumeRun(t.Context(), p.ID, inventory.NewValue(pastedToken), nil)
			if err != nil || (a.ended.Load() == 1) != (c.want == "") || !strings.Contains(run.Steps[0].Error, c.want) {
				t.Errorf("%v %+v, ended %d times", err, run.Steps[0], a.ended.Load())
			}
			entries, err := s.acts.log.List()
			if err != nil || !slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.By == "dana@vm" && e.Action == "revoke-end" }) {
				t.Errorf("the log does not say who went on with it: %v", err)
			}
		})
	}
}
