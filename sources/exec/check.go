package exec

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/sourcetest/suite"
)

// Checking is what a plugin is checked with.
type Checking struct {
	Options Options // Command names the program; the digest is taken of it as it is
	Env     sources.Env
	// Act is TYPE/ID of a record that is really taken away: twice, and back again where that can be. "": nothing is changed.
	Act string
}

// Check runs the conformance suite over a plugin and reports each check as it ends.
func Check(ctx context.Context, c Checking, report suite.Report) {
	o := c.Options
	digest, err := Pin(o.Command)
	report("it can be pinned: nobody else can change it", said(err))
	if err != nil {
		return
	}
	o.SHA256, o.Revoke = digest, true
	s, err := New(o, c.Env)
	report("its table is right", said(err))
	if err != nil {
		return
	}
	info, err := s.describe(ctx)
	report("it says what it is", said(err))
	if err != nil {
		return
	}
	report("it refuses a verb that it does not know", s.checkVerb(ctx))
	report("it passes over what it does not know", s.checkLater(ctx, info))
	whole := true
	suite.Run(ctx, suite.Case{New: func() (sources.Source, error) { return New(o, c.Env) }, Kind: Kind, Secrets: s.values(ctx), Whole: true}, func(check string, faults []string) {
		whole = whole && len(faults) == 0
		report(check, faults)
	})
	if !whole || len(info.Actions) == 0 {
		return
	}
	snap, about := s.everything(ctx)
	report("it plans for what is there, and that lives", s.checkPlans(ctx, about))
	report("it plans nothing for what is not there, and does not say that it lives", s.checkStranger(ctx, about))
	if c.Act != "" {
		s.checkActs(ctx, c.Act, about, snap, report)
	}
}

func said(err error) []string {
	if err == nil {
		return nil
	}
	return []string{inventory.Clean(err.Error())}
}

// values are those of the secrets that the plugin is handed.
func (s *Source) values(ctx context.Context) []string {
	var out []string
	refs := s.secrets(verbRevoke)
	for _, k := range inventory.SortedKeys(refs) {
		if v, err := refs[k].Read(ctx, s.lookup); err == nil {
			out = append(out, strings.TrimSpace(v.Reveal()))
		}
	}
	return out
}

func (s *Source) checkVerb(ctx context.Context) []string {
	err := s.call(ctx, request{Verb: "no-such-verb"}, func(*run, []byte) error { return nil })
	var end exitError
	if errors.As(err, &end) && end.code == 2 {
		return nil
	}
	return []string{fmt.Sprintf("started as \"%s no-such-verb\" it must end with code 2; it ended so: %v", s.o.Command, err)}
}

func (s *Source) checkLater(ctx context.Context, info pluginInfo) []string {
	got, err := s.describeWith(ctx, request{Verb: verbDescribe, Later: "a field that no plugin knows"})
	switch {
	case err != nil:
		return said(fmt.Errorf("a request with a field more: it %w", err))
	case !reflect.DeepEqual(got, info):
		return []string{"a request with a field more: it describes itself in another way"}
	}
	return nil
}

// everything is what the plugin can be asked to take away.
func (s *Source) everything(ctx context.Context) (*inventory.Snapshot, []object) {
	sink := inventory.NewSink(s.name, inventory.Key{1}, s.now)
	_ = s.Collect(ctx, sink) // the suite has seen that it can be collected
	snap := inventory.NewSnapshot(s.now(), merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
	r := snap.Records()
	var out []object
	for i := range r.Assistants {
		out = append(out, s.objects(revoke.Target{ID: r.Assistants[i].ID}, snap)...)
	}
	for i := range r.Secrets {
		out = append(out, s.objects(revoke.Target{ID: r.Secrets[i].ID}, snap)...)
	}
	for i := range r.Entitlements {
		out = append(out, s.objects(revoke.Target{ID: r.Entitlements[i].ID}, snap)...)
	}
	for i := range r.Tools {
		out = append(out, s.objects(revoke.Target{ID: r.Tools[i].ID}, snap)...)
	}
	return snap, out
}

// mostLooks is how many records are planned for and looked at.
const mostLooks = 10

func (s *Source) checkPlans(ctx context.Context, about []object) []string {
	var faults []string
	planned := 0
	for _, o := range about {
		if planned == mostLooks {
			break
		}
		steps, err := s.ask(ctx, "", []object{o})
		if err != nil {
			faults = append(faults, said(fmt.Errorf("plan for %s: it %w", o, err))...)
			continue
		}
		for _, st := range steps {
			if st.Action == revoke.ActionManual {
				continue
			}
			planned++
			v, err := s.look(ctx, st, st.Action)
			switch {
			case err != nil:
				faults = append(faults, said(fmt.Errorf("verify of %s: %w", o, err))...)
			case v.State != standAlive && v.State != standContained:
				faults = append(faults, fmt.Sprintf("verify says %q of %s before anything was done, though it plans %s for it", inventory.Clean(v.State), o, st.Action))
			case v.Observed.Detail == "":
				faults = append(faults, fmt.Sprintf("verify does not say what it saw of %s: observed.detail", o))
			}
		}
	}
	if planned == 0 && len(faults) == 0 {
		faults = append(faults, "it declares actions, and plans no step for any record that it told of")
	}
	return faults
}

func (s *Source) checkStranger(ctx context.Context, about []object) []string {
	o := object{ref: ref{"secret", "nhitop-check-of-a-stranger"}}
	if len(about) > 0 {
		o.Type = about[0].Type
	}
	steps, err := s.ask(ctx, "", []object{o})
	switch {
	case err != nil:
		return said(fmt.Errorf("plan: it %w", err))
	case slices.ContainsFunc(steps, func(st revoke.Step) bool { return st.Action != revoke.ActionManual }):
		return []string{"it plans a step for an id that it never gave"}
	}
	st := revoke.Step{Action: revoke.ActionDelete, Params: map[string]string{paramType: o.Type, paramID: o.ID}}
	v, err := s.look(ctx, st, st.Action)
	if err == nil && (v.State == standAlive || v.State == standContained || v.Grade == string(revoke.Proven)) {
		return []string{fmt.Sprintf("verify says %q of an id that it never gave", inventory.Clean(v.State))}
	}
	return nil
}
